import PumpCore
import PumpDrivers
import Station
import Synchronization
import TestSupport
import Testing

/// Downloads that come to their end and leave something behind.
@Suite("What could not be read reliably")
struct UnreadableTests {
    private func gap(_ reason: LogGap.Reason, missing: Int? = nil) -> LogGap {
        LogGap(after: nil, before: nil, from: nil, to: nil, reason: reason, missing: missing)
    }

    private func bench(_ gaps: [LogGap]) -> Bench {
        var driver: PumpDriver = .miva
        driver.makeSession = { _ in Skipper(gaps: gaps) }
        return Bench(FakeMiva(records: 1), driver: driver)
    }

    @Test(
        "a download with a hole that can be tried again is never caught up",
        arguments: [
            ([(LogGap.Reason.failedCheck, 3)], "3 events of pump SIM00021 could"),
            ([(.unread, 1)], "1 event of pump SIM00021 could"),
            ([(.failedCheck, 3), (.unread, 2)], "5 events of pump SIM00021 could"),
            ([(.failedCheck, 3), (.unread, nil)], "Part of the log of pump SIM00021 could"),
            ([(.overwritten, 7), (.failedCheck, 1)], "1 event of pump SIM00021 could"),
        ] as [([(LogGap.Reason, Int?)], String)])
    func holes(gaps: [(LogGap.Reason, Int?)], says: String) {
        var bench = bench(gaps.map { gap($0.0, missing: $0.1) })
        bench.tell(.start)
        let report = bench.life.currentReport
        #expect(report.state.name == "troubled")
        #expect(report.state.message.hasPrefix(says), "\(report.state.message)")
        #expect(report.state.remedy.hasPrefix("Leave the data cable in"))
        #expect(report.lastFault == "Something failed its check.")
        #expect(report.lastCompleteAt == nil)
        #expect(report.newestStoredAt == nil)
        #expect(!bench.states.contains { $0.saysMayUnplug })
    }

    @Test(
        "what is gone for good, or stored as bytes, keeps nobody waiting",
        arguments: [LogGap.Reason.overwritten, .undecoded, .missingSequence])
    func gone(reason: LogGap.Reason) {
        var bench = bench([gap(reason, missing: 4)])
        bench.tell(.start)
        #expect(bench.life.state.name == "caught up")
        #expect(bench.life.currentReport.lastCompleteAt == Bench.start)
        #expect(bench.life.currentReport.lastFault == nil)
    }

    @Test("it is read again after 1, 2, 4 … seconds, at most as seldom as ever, over the open line")
    func again() {
        var bench = bench([gap(.failedCheck, missing: 3)])
        bench.tell(.start)
        var readings = 1
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            #expect(bench.life.currentReport.nextReadAt == bench.now.wall.adding(seconds: wait))
            bench.pass(milliseconds: wait * 1000 - 1)
            #expect(bench.outcomes.count == readings, "before \(wait) s")
            bench.pass(milliseconds: 1)
            readings += 1
            #expect(bench.outcomes.count == readings, "after \(wait) s")
        }
        #expect(bench.openings == 1)
    }

    @Test("when the second try reads it, all is well, and the fault is forgotten")
    func mended() {
        var driver: PumpDriver = .miva
        let tries = Tries()
        driver.makeSession = { [gap = gap(.failedCheck, missing: 2)] _ in
            Skipper(gaps: tries.count.withLock { $0 } == 0 ? [gap] : [])
        }
        var bench = Bench(FakeMiva(records: 1), driver: driver)
        bench.tell(.start)
        #expect(bench.life.state.name == "troubled")
        tries.count.withLock { $0 += 1 }
        bench.pass(milliseconds: 1_000)
        #expect(bench.life.state.name == "caught up")
        #expect(bench.life.currentReport.lastFault == nil)
        #expect(bench.life.currentReport.lastCompleteAt == Bench.start.adding(seconds: 1))
    }
}

private final class Tries: Sendable {
    let count = Mutex(0)
}

/// A session that names a pump, skips what it was told to skip, and ends.
private struct Skipper: DownloadSession {
    var gaps: [LogGap]
    mutating func start() -> [SessionOutput] { [.identity(PumpIdentity(serial: "SIM00021", driver: "miva"))] }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] { [] }
    mutating func deadlinePassed() -> [SessionOutput] { [] }
    mutating func known(_ log: KnownLog) -> [SessionOutput] {
        let faults: [SessionOutput] = [.fault(SessionFault(.garbled, "Something failed its check.", isFatal: false))]
        return gaps.map(SessionOutput.gap) + faults + [.mayUnplug, .finished]
    }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}
