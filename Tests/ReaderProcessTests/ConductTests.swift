import PumpCore
import PumpDrivers
import ReaderProcess
import Testing

/// What a session may not say, in a driver's place or its process's.
@Suite("The rules that a reader is held to")
struct ConductTests {
    private static let pump = PumpIdentity(serial: "SIM00042", driver: "miva")
    /// `RC`, the question for the clock.
    private static let clockQuestion: [UInt8] = [0x02, 0x52, 0x43, 0x39, 0x35, 0x03]

    private static func batch(_ records: RawRecord...) -> SessionOutput { .batch(LogBatch(records: records)) }

    private static func record(_ raw: [UInt8] = [1], at position: Int? = 0) -> RawRecord {
        RawRecord(raw: raw, devicePosition: position, event: PumpEvent(.unknown))
    }

    /// A conversation as far as the log.
    private static func begun() throws -> ReaderConduct {
        var conduct = ReaderConduct(.miva)
        try conduct.admit([.send(clockQuestion), .deadline(milliseconds: 100)], to: .start)
        try conduct.admit([.identity(pump), .clock(.counter(seconds: 5)), .noDeadline], to: .receive(count: 20))
        return conduct
    }

    private static func atTheLog() throws -> ReaderConduct {
        var conduct = try begun()
        try conduct.admit([.send(clockQuestion)], to: .known)
        return conduct
    }

    @Test("an honest download breaks none")
    func honest() throws {
        var conduct = try Self.atTheLog()
        try conduct.admit([.progress(done: 1, total: 2), Self.batch(Self.record())], to: .receive(count: 30))
        try conduct.admit([.mayUnplug, .send(Self.clockQuestion)], to: .stored)
        try conduct.admit([Self.batch(Self.record(at: 1)), .noDeadline], to: .receive(count: 30))
        try conduct.admit([.finished], to: .stored)
        #expect(conduct.isOver)
    }

    @Test(
        "each of these ends the session",
        arguments: [
            ("a name of another driver", [.identity(PumpIdentity(serial: "1", driver: "paradigm"))]),
            ("an empty name", [.identity(PumpIdentity(serial: "", driver: "miva"))]),
            ("an endless name", [.identity(PumpIdentity(serial: String(repeating: "1", count: 129), driver: "miva"))]),
            ("a second name", [.identity(pump), .identity(pump)]),
            ("a clock before a name", [.clock(.counter(seconds: 1))]),
            ("records before a name", [batch(record())]), ("a gap before a name", [.gap(gap)]),
            ("an early all-clear", [.mayUnplug]), ("an early end", [.finished]),
            ("the daemon's own words", [.fault(SessionFault(.readerFailed, "x", isFatal: true))]),
            ("a flood", Array(repeating: .send(clockQuestion), count: 65)),
        ] as [(String, [SessionOutput])])
    func early(what: String, outputs: [SessionOutput]) {
        var conduct = ReaderConduct(.miva)
        #expect(throws: ReaderConduct.Breach.self, "\(what)") { try conduct.admit(outputs, to: .start) }
    }

    private static let gap = LogGap(after: nil, before: nil, from: nil, to: nil, reason: .unread)

    @Test(
        "each of these ends it in the middle of the log",
        arguments: [
            ("a command before the receipt", [batch(record()), .send(clockQuestion)]),
            ("two batches at once", [batch(record()), batch(record())]),
            ("an end before the receipt", [batch(record()), .finished]),
            ("a position off the ring", [batch(record(at: 1 << 20))]),
            ("a record without bytes", [batch(record([]))]), ("a batch without a record", [batch()]),
            ("more records than bytes", [batch(record([UInt8](repeating: 0, count: 100_000)))]),
        ] as [(String, [SessionOutput])])
    func late(what: String, outputs: [SessionOutput]) throws {
        var conduct = try Self.atTheLog()
        #expect(throws: ReaderConduct.Breach.self, "\(what)") { try conduct.admit(outputs, to: .receive(count: 10)) }
    }

    @Test("nobody hears what stands behind the last word")
    func afterTheEnd() throws {
        var conduct = try Self.atTheLog()
        let fault = SessionOutput.fault(SessionFault(.silent, "x", isFatal: true))
        #expect(try conduct.admit([fault, .send([1, 2, 3])], to: .deadlinePassed) == [fault])
        #expect(conduct.isOver)
    }

    @Test("a session that only waits on is ended at last, one that hears something is not")
    func circles() throws {
        var conduct = try Self.begun()
        for round in 0..<30_000 {
            let heard = round % 9_000 == 0
            try conduct.admit([.deadline(milliseconds: 0)], to: heard ? .receive(count: 1) : .deadlinePassed)
        }
        #expect(throws: ReaderConduct.Breach.self) {
            for _ in 0..<20_000 { try conduct.admit([.deadline(milliseconds: 0)], to: .deadlinePassed) }
        }
    }

    /// Frames that a pump would take, and that are not on the list: writing, keys, a wrong sum, two at once.
    @Test(
        "what is not on the driver's list is not sent",
        arguments: [
            (PumpDriver.miva, "02573039370 3"), (.miva, "0252433936 03"), (.miva, "02524339350302524339 3503"),
            (.miva, "02 4B30 3742 03"), (.miva, ""), (.miva, "0253 39 3843 03"), (.miva, "02 52454646 00 03"),
            // The stick: a bolus (66), the alarm cleared (a flag of another command), a page number of two bytes, noise behind.
            (.paradigm, "0100a7012088508000000201004200"), (.paradigm, "030000ff"), (.paradigm, "0300"),
            (.paradigm, "0c000040 00"),
        ] as [(PumpDriver, String)])
    func notAllowed(driver: PumpDriver, hex: String) throws {
        var conduct = ReaderConduct(driver)
        let frame = bytes(fromHex: hex.filter { $0 != " " }) ?? []
        #expect(throws: ReaderConduct.Breach.self) { try conduct.admit([.send(frame)], to: .start) }
    }
}
