import PumpLinks
import TestSupport
import Testing

@Suite("Links as a person writes them")
struct LinkSpecTests {
    @Test("every kind of link, with and without its options")
    func table() throws {
        let byID = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
        let byPath = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0"
        let table: [(String, LinkSpec)] = [
            ("serial:/dev/ttyUSB0?driver=miva", LinkSpec(.serial(path: "/dev/ttyUSB0"), driver: "miva")),
            ("serial:\(byID)?driver=miva&baud=9600", LinkSpec(.serial(path: byID), driver: "miva", baud: 9600)),
            (
                "serial:\(byPath)?serial=0012&driver=paradigm&model=722",
                LinkSpec(.serial(path: byPath), driver: "paradigm", expectedSerial: "0012", model: "722")
            ),
            ("usb:driver=phd", LinkSpec(.usb, driver: "phd")),
            (
                "usb:driver=miva&adapter=A50285BI&baud=4800",
                LinkSpec(.usb, driver: "miva", baud: 4800, adapter: "A50285BI")
            ),
            (
                "usb:driver=miva&path=pci-0000:00:14.0-usb-0:2:1.0",
                LinkSpec(.usb, driver: "miva", path: "pci-0000:00:14.0-usb-0:2:1.0")
            ),
            ("usb:driver=phd&serial=AB=1", LinkSpec(.usb, driver: "phd", expectedSerial: "AB=1")),
            (
                "tcp:pump.example:6024?driver=phd",
                LinkSpec(.tcp(host: "pump.example", port: 6024), driver: "phd")
            ),
            ("tcp:192.0.2.7:1?driver=phd", LinkSpec(.tcp(host: "192.0.2.7", port: 1), driver: "phd")),
            ("tcp:[2001:db8::7]:6024?driver=phd", LinkSpec(.tcp(host: "2001:db8::7", port: 6024), driver: "phd")),
            (
                "tcp-listen:127.0.0.1:6024?driver=phd",
                LinkSpec(.tcpListen(host: "127.0.0.1", port: 6024), driver: "phd")
            ),
            ("tcp-listen:[::1]:65535?driver=phd", LinkSpec(.tcpListen(host: "::1", port: 65_535), driver: "phd")),
            (
                "tcp-listen:[::]:6024?driver=phd&anywhere=yes",
                LinkSpec(.tcpListen(host: "::", port: 6024), driver: "phd", isForAnywhere: true)
            ),
        ]
        for (text, link) in table {
            #expect(try LinkSpec(text) == link, "\(text)")
            #expect(try LinkSpec(link.description) == link, "\(link)")
        }
        #expect(
            LinkSpec(.serial(path: "/dev/ttyS0"), driver: "miva", expectedSerial: "M1", model: "A", baud: 9600)
                .description
                == "serial:/dev/ttyS0?driver=miva&serial=M1&model=A&baud=9600")
        #expect(LinkSpec(.tcp(host: "::1", port: 5), driver: "phd").description == "tcp:[::1]:5?driver=phd")
    }

    @Test(
        "who listens for this machine alone",
        arguments: [
            "localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
        ])
    func loopback(host: String) throws {
        #expect(throws: Never.self) { try LinkSpec("tcp-listen:\(host):6024?driver=phd") }
    }

    @Test(
        "who would listen for others is asked whether that is meant",
        arguments: [
            "0.0.0.0", "192.0.2.7", "[::]", "[2001:db8::1]", "[::ffff:192.0.2.7]", "hub", "127.1", "localhost.example",
            "128.0.0.1", "127.0.0.1.example",
        ])
    func others(host: String) throws {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let error = #expect(throws: LinkSpec.Malformed.self) { try LinkSpec("tcp-listen:\(host):6024?driver=phd") }
        #expect(
            error?.description
                == "link \"tcp-listen:\(host):6024?driver=phd\": \(bare) lets other machines connect. "
                + "Listen on 127.0.0.1, or add &anywhere=yes if that is meant")
        #expect(throws: Never.self) { try LinkSpec("tcp-listen:\(host):6024?driver=phd&anywhere=yes") }
    }

    @Test("each mistake is named, with what to write instead")
    func mistakes() {
        let names = "pumpledger drivers lists the names"
        let table: [(String, String)] = [
            ("", "there is nothing in it. Write for example serial:/dev/ttyUSB0?driver=miva"),
            ("/dev/ttyUSB0", "\"/dev/ttyUSB0\" is no kind of link. Begin with serial:, usb:, tcp: or tcp-listen:"),
            ("com:3?driver=miva", "\"com\" is no kind of link. Begin with serial:, usb:, tcp: or tcp-listen:"),
            ("serial:/dev/ttyUSB0", "the driver is missing. Add driver=NAME; \(names)"),
            ("usb:", "the driver is missing. Add driver=NAME; \(names)"),
            ("serial:/dev/ttyUSB0?driver=Miva!", "\"Miva!\" cannot be a driver's name. \(names)"),
            ("serial:ttyUSB0?driver=miva", "the device's path must begin with /. Write serial:/dev/ttyUSB0?…"),
            ("serial:?driver=miva", "the device's path must begin with /. Write serial:/dev/ttyUSB0?…"),
            (
                "serial:/dev/ttyUSB0?driver=miva&speed=9600",
                "it has no option \"speed\". Here it may have driver, serial, model, baud"
            ),
            (
                "usb:driver=phd&speed=9600",
                "it has no option \"speed\". Here it may have driver, serial, model, adapter, path, baud"
            ),
            (
                "usb:?driver=phd",
                "\"?driver=phd\" is not of the form name=value. Join options with &, and write usb:driver=NAME "
                    + "without a question mark"
            ),
            (
                "serial:/dev/ttyUSB0?driver=miva&driver=phd",
                "driver stands there twice. Leave one"
            ),
            ("serial:/dev/ttyUSB0?driver=miva&serial=", "serial has no value. Write serial=VALUE, or leave it out"),
            (
                "serial:/dev/ttyUSB0?driver=miva&baud=9601",
                "baud=9601 is no rate of a serial port. Take one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, "
                    + "115200"
            ),
            ("tcp:?driver=phd", "host and port are missing. Write tcp:HOST:PORT?driver=NAME"),
            ("tcp-listen:6024?driver=phd", "host and port are missing. Write tcp-listen:HOST:PORT?driver=NAME"),
            ("tcp::6024?driver=phd", "host and port are missing. Write tcp:HOST:PORT?driver=NAME"),
            ("tcp:::1:6024?driver=phd", "an IPv6 address stands in brackets. Write [::1:6024]:PORT"),
            ("tcp:fe80::1?driver=phd", "an IPv6 address stands in brackets. Write [fe80::1]:PORT"),
            ("tcp:[::g]:6024?driver=phd", "\"::g\" is neither a host's name nor an address. Correct it"),
            ("tcp:a b:6024?driver=phd", "\"a b\" is neither a host's name nor an address. Correct it"),
            ("tcp:a..b:6024?driver=phd", "\"a..b\" is neither a host's name nor an address. Correct it"),
            ("tcp:hub:0?driver=phd", "\"0\" is not a port. Take a number from 1 to 65535"),
            ("tcp:hub:65536?driver=phd", "\"65536\" is not a port. Take a number from 1 to 65535"),
            ("tcp:hub:+1?driver=phd", "\"+1\" is not a port. Take a number from 1 to 65535"),
            (
                "tcp-listen:127.0.0.1:6024?driver=phd&anywhere=no",
                "anywhere=no is not understood. Write anywhere=yes, or leave it out"
            ),
        ]
        for (text, message) in table {
            let error = #expect(throws: LinkSpec.Malformed.self, "\(text)") { try LinkSpec(text) }
            #expect(error?.description == "link \"\(text)\": \(message)")
        }
    }

    @Test("what a terminal would obey is shown as an escape, and what is long is cut")
    func hostileText() {
        let escape = #expect(throws: LinkSpec.Malformed.self) { try LinkSpec("serial:/dev/\u{1B}[2J?driver=miva") }
        #expect(
            escape?.description
                == "link \"serial:/dev/\\u{1b}[2J?driver=miva\": there is a control character in it. Type it anew")
        let turned = #expect(throws: LinkSpec.Malformed.self) { try LinkSpec("se\u{202E}rial:x") }
        #expect(turned?.description.contains("\u{202E}") == false)
        let long = #expect(throws: LinkSpec.Malformed.self) { try LinkSpec(String(repeating: "x", count: 5000)) }
        #expect((long?.description.count ?? 9999) < 250)
    }

    @Test("noise never traps, and what is accepted reads back as itself", arguments: UInt64(1)...40)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "serial:", "usb:", "tcp:", "tcp-listen:", "/dev/ttyUSB0", "127.0.0.1", "[::1]", "hub", ":", "?", "&", "=",
            "driver=", "miva", "phd", "baud=9600", "serial=", "model=", "anywhere=yes", "6024", "0", "99999", "é",
            "\u{0}",
            "[", "]", "..", "%", " ",
        ]
        var accepted = 0
        for _ in 0..<2000 {
            let text: String
            if Bool.random(using: &generator) {
                text = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator) ?? ""
                }.joined()
            } else {
                // A good link with one piece put somewhere.
                var good = Array("tcp-listen:127.0.0.1:6024?driver=phd&serial=A1")
                good.insert(
                    contentsOf: pieces.randomElement(using: &generator) ?? "",
                    at: Int.random(in: 0...good.count, using: &generator))
                text = String(good)
            }
            guard let link = try? LinkSpec(text) else { continue }
            accepted += 1
            #expect((try? LinkSpec(link.description)) == link, "seed \(seed): \(text)")
            if case .tcpListen(let host, _) = link.place, !link.isForAnywhere {
                #expect(HostText.isLoopback(host), "seed \(seed): \(text)")
            }
        }
        // The generator must reach both sides, or it proves nothing.
        #expect(accepted > 50 && accepted < 1950, "seed \(seed)")
    }

    @Test("what a person writes names a link, or the message says how to")
    func specs() throws {
        let serial = try LinkSpec("serial:/dev/ttyUSB0?driver=miva&serial=MV000123&baud=9600")
        #expect(serial.place == .serial(path: "/dev/ttyUSB0"))
        #expect(serial.driver == "miva" && serial.expectedSerial == "MV000123" && serial.baud == 9600)
        #expect(try LinkSpec("usb:driver=phd").place == .usb)
        #expect(try LinkSpec("tcp:[::1]:6024?driver=phd").place == .tcp(host: "::1", port: 6024))
        #expect(try LinkSpec("tcp-listen:127.0.0.1:6024?driver=phd").place == .tcpListen(host: "127.0.0.1", port: 6024))
        for wrong in [
            "", "serial", "serial:ttyUSB0?driver=miva", "serial:/dev/ttyUSB0", "tcp:host?driver=phd",
            "tcp:host:0?driver=phd", "floppy:/dev/fd0?driver=miva", "serial:/dev/ttyS0?driver=miva&colour=red",
            "serial:/dev/ttyS0?driver=miva&baud=9601", "tcp::99?driver=phd",
        ] {
            #expect(throws: LinkSpec.Malformed.self, "\(wrong)") { try LinkSpec(wrong) }
        }
    }
}
