import PumpCore
import PumpLinks
import TestSupport
import Testing

@Suite("Recorded sessions")
struct RecordedSessionTests {
    func read(_ text: String) throws(RecordedSessionError) -> RecordedSession {
        try RecordedSession(csv: Array(text.utf8))
    }

    @Test("digits may stand with or without blanks, and comments, blank lines and Windows line ends are passed over")
    func tolerance() throws {
        let text = "\u{FEFF}# a pump\r\n\r\nout,04 00\r\nin,0155000b\r\n   \n#in,zz\nout,0C 00 00 4e 95"
        #expect(
            try read(text).transfers == [
                .init(.hostToDevice, [4, 0]), .init(.deviceToHost, [1, 0x55, 0, 0x0B]),
                .init(.hostToDevice, [0x0C, 0, 0, 0x4E, 0x95]),
            ])
    }

    @Test("what is written is read back", arguments: UInt64(1)...20)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let session = RecordedSession(
            (0..<50).map { _ in
                .init(
                    Bool.random(using: &random) ? .hostToDevice : .deviceToHost,
                    (0..<Int.random(in: 1...80, using: &random)).map { _ in .random(in: 0...255, using: &random) })
            })
        #expect(try read(session.csv) == session, "seed \(seed)")
    }

    @Test(
        "a bad line is named, shown and mended",
        arguments: [
            (
                "out,04 00\ninn,01\n",
                "line 2: “inn,01” must begin with “out,” (host to device) or “in,” (device to host)"
            ),
            (
                "# x\n\nout,04 0\n",
                "line 3: “out,04 0” must hold hexadecimal digits in pairs after the comma, such as “01 55 00” or “015500”"
            ),
            ("in,\n", "line 1: “in,” has no bytes after the comma; leave the line out if nothing was sent"),
            ("01 55\n", "line 1: “01 55” must begin with “out,” (host to device) or “in,” (device to host)"),
            (
                "out,\u{1B}[31m\n",
                "line 1: “out,?[31m” must hold hexadecimal digits in pairs after the comma, such as “01 55 00” or “015500”"
            ),
            ("", "the file has no line that begins with “out,” or “in,”; is it a recorded session?"),
            ("# nothing\n", "the file has no line that begins with “out,” or “in,”; is it a recorded session?"),
        ])
    func badLines(text: String, message: String) {
        let error = #expect(throws: RecordedSessionError.self) { try read(text) }
        #expect(error?.description == message)
    }

    @Test("a transfer and a file have a largest size")
    func caps() throws {
        let longest = String(repeating: "00", count: RecordedSession.longestTransfer)
        #expect(try read("in," + longest).transfers.first?.bytes.count == RecordedSession.longestTransfer)
        let error = #expect(throws: RecordedSessionError.self) { try read("in," + longest + "00") }
        #expect(error?.description.contains("line 1: “in,0000") == true)
        #expect(error?.description.contains("more than 65536 bytes") == true)
        let huge = [UInt8](repeating: 10, count: RecordedSession.largestFile + 1)
        #expect(throws: RecordedSessionError.tooLarge(bytes: huge.count)) { try RecordedSession(csv: huge) }
    }

    @Test(
        "the recorded sessions of the maker's software are read whole",
        .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)), arguments: ["first_run", "third_run"])
    func recorded(run: String) throws {
        let bytes = try Vectors.bytes("minimed_carelink/usb_sessions/\(run).csv")
        let session = try RecordedSession(csv: bytes)
        #expect(session.transfers.count == 371)
        #expect(try read(session.csv) == session)
    }
}
