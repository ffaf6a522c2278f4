import PumpCore
import Testing

@Suite("Text from elsewhere")
struct PrintableTextTests {
    @Test("the serial numbers of all links of a line are taken out, the rest stays")
    func serials() {
        #expect(
            withoutSerials("serial:/dev/ttyUSB0?driver=paradigm&serial=208850&baud=9600")
                == "serial:/dev/ttyUSB0?driver=paradigm&serial=…&baud=9600")
        #expect(
            withoutSerials("\"links\": [\"a?serial=SIM000001\", \"b?serial=208850\"]")
                == "\"links\": [\"a?serial=…\", \"b?serial=…\"]")
        #expect(withoutSerials("nothing of that kind") == "nothing of that kind")
    }
}
