import PumpCore
import PumpDrivers
import Station
import TestSupport
import Testing

/// What becomes of a port whose device brings down the process that reads it.
@Suite("A port whose reader fails")
struct ReaderFailureTests {
    private static func driver(_ kind: SessionFault.Kind) -> PumpDriver {
        var driver = PumpDriver.miva
        driver.makeSession = { Poisoned(fault: SessionFault(kind, "The reader is gone.", isFatal: true), inner: $0) }
        return driver
    }

    @Test("is shut at the first time, rests longer each time, and is tried at once when something is plugged in")
    func quarantine() {
        var bench = Bench(FakeMiva(records: 40), driver: Self.driver(.readerFailed))
        bench.tell(.start)
        for (openings, minutes) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 120), (6, 120)] {
            guard case .quarantined(let why, _) = bench.life.state else {
                Issue.record("\(bench.life.state)")
                return
            }
            #expect(why == "The reader is gone." && bench.openings == openings)
            bench.pass(milliseconds: minutes * 60_000 - 1)
            #expect(bench.openings == openings)
            bench.pass(milliseconds: 1)
        }
        let before = bench.openings
        bench.tell(.deviceAppeared)
        #expect(bench.openings == before + 1)
        let fault = SessionFault(.readerFailed, "The reader is gone.", isFatal: true)
        #expect(bench.outcomes.allSatisfy { $0 == .failed(fault) } && bench.outcomes.count == bench.openings)
        // What it had stored stays, and no session counts as read to its end.
        #expect(bench.life.currentReport.lastCompleteAt == nil)
    }

    @Test("that could not be started is tried again soon: it is no fault of the pump's")
    func noReader() {
        var bench = Bench(FakeMiva(records: 40), driver: Self.driver(.noReader))
        bench.tell(.start)
        guard case .troubled(let why, let remedy) = bench.life.state else {
            Issue.record("\(bench.life.state)")
            return
        }
        #expect(why == "The reader is gone." && remedy.contains("Nothing is lost"))
        bench.pass(milliseconds: 1_000)
        #expect(bench.openings == 2)
    }
}

/// Names its pump, and fails at the first records.
private struct Poisoned: DownloadSession {
    private let fault: SessionFault
    private var session: (any DownloadSession)?

    init(fault: SessionFault, inner hints: DecodingHints) {
        self.fault = fault
        session = PumpDriver.miva.makeSession?(hints)
    }

    private func poisoned(_ outputs: [SessionOutput]) -> [SessionOutput] {
        let hasRecords = outputs.contains { if case .batch = $0 { true } else { false } }
        return hasRecords ? [.fault(fault)] : outputs
    }

    mutating func start() -> [SessionOutput] { session?.start() ?? [] }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] { poisoned(session?.receive(bytes) ?? []) }
    mutating func deadlinePassed() -> [SessionOutput] { session?.deadlinePassed() ?? [] }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { session?.known(log) ?? [] }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { session?.stored(receipt) ?? [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}
