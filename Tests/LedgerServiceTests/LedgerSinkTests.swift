import Foundation
import Ledger
import LedgerService
import PumpCore
import PumpDrivers
import Station
import TestSupport
import Testing

/// Visits to a pump, each a download through the sink into one real ledger.
private struct Visits {
    let driver: PumpDriver
    /// The command that fetches a slot or a page.
    let reads: String
    var pump: any FakePump
    let ledger: Ledger
    let sink: LedgerSink
    private let folder: URL
    private var number = 0

    init(_ driver: PumpDriver, reads: String, _ pump: any FakePump) throws {
        self.driver = driver
        self.reads = reads
        self.pump = pump
        folder = FileManager.default.temporaryDirectory.appending(path: "sink-\(UUID().uuidString)")
        ledger = try Ledger.open(at: folder.path + "/ledger.db")
        sink = LedgerSink(ledger)
    }

    func remove() {
        ledger.close()
        try? FileManager.default.removeItem(at: folder)
    }

    struct Outcome {
        /// How many slots or pages the pump was asked for.
        var asked = 0
        var added = 0
        var mayUnplug = false
    }

    /// - Parameter pulledAfter: The cable comes out after so many stored batches.
    mutating func visit(pulledAfter batches: Int? = nil) async throws -> Outcome {
        number += 1
        let now = Instant(secondsSince1970: 1_790_000_000 + number * 3_600)
        let before = pump.heard.count
        let makeSession = try #require(driver.makeSession)
        var session = makeSession(DecodingHints(serial: pump.serial))
        var outcome = Outcome()
        var id: SessionID?
        var stored = 0
        var queue = session.start()[...]
        var ending = SessionOutcome.interrupted
        var hasDeadline = false
        talk: while true {
            if queue.isEmpty, hasDeadline {
                hasDeadline = false
                queue += session.deadlinePassed()
            }
            guard let output = queue.popFirst() else { break }
            switch output {
            case .send(let bytes):
                let reply = pump.receive(bytes)
                if !reply.isEmpty { queue += session.receive(reply) }
            case .identity(let identity):
                let begun = try await sink.begin(
                    SessionOpening(port: "test", pump: identity, decoderVersion: driver.decoderVersion, begunAt: now))
                id = begun.id
                queue += session.known(begun.known)
            case .batch(var batch):
                if let batches, stored >= batches { break talk }
                batch.readAt = now
                let receipt = try await sink.append(batch, to: try #require(id))
                stored += 1
                outcome.added += receipt.added
                queue += session.stored(receipt)
            case .clock(let time): try await sink.note(ClockReading(session: try #require(id), device: time, host: now))
            case .gap(let gap): try await sink.note(gap, in: try #require(id))
            case .mayUnplug:
                outcome.mayUnplug = true
                try await sink.noteNewestStored(in: try #require(id))
            case .finished: ending = .complete
            case .fault(let fault): Issue.record("\(fault)")
            case .deadline: hasDeadline = true
            case .noDeadline: hasDeadline = false
            case .progress: break
            }
        }
        #expect((ending == .complete) == (batches == nil))
        try await sink.end(try #require(id), ending, at: now.adding(seconds: 600))
        outcome.asked = pump.heard[before...].count { $0 == reads }
        return outcome
    }

    var log: PumpLog? { get throws { try ledger.log(of: PumpIdentity(serial: pump.serial, driver: driver.name)) } }
    var stored: [[UInt8]] { get throws { try log?.records.map(\.record.raw) ?? [] } }
}

@Suite("The station's writer over a ledger")
struct LedgerSinkTests {
    private func miva(records: Int, first: Int = 0) throws -> Visits {
        try Visits(.miva, reads: "RE", FakeMiva(first: first, records: records))
    }

    private func paradigm(records: Int) throws -> Visits {
        try Visits(.paradigm, reads: "128", FakeParadigm(records: records))
    }

    @Test("a second read of an unchanged ring asks for its newest slot only and adds nothing")
    func unchangedRing() async throws {
        var visits = try miva(records: 700)
        defer { visits.remove() }
        let first = try await visits.visit()
        #expect(first.added == 700)
        #expect(first.asked == 1_400)
        let second = try await visits.visit()
        #expect(second.added == 0)
        #expect(second.asked == 2)
        #expect(second.mayUnplug)
        #expect(try visits.stored == visits.pump.truth)
        #expect(try visits.log?.gaps == [])
    }

    @Test("a second read of unchanged pages asks for the newest page only")
    func unchangedPages() async throws {
        var visits = try paradigm(records: 400)
        defer { visits.remove() }
        #expect(try await visits.visit().asked == 7)
        let second = try await visits.visit()
        #expect(second.added == 0)
        #expect(second.asked == 1)
        visits.pump.live(records: 5)
        let third = try await visits.visit()
        #expect(third.added == 5)
        #expect(third.asked <= 2)
        #expect(try visits.stored == visits.pump.truth)
    }

    @Test("a download that was cut short goes on where it stopped, and says since when the newest is known")
    func cutShort() async throws {
        var visits = try miva(records: 3_000)
        defer { visits.remove() }
        let first = try await visits.visit(pulledAfter: 5)
        // Five batches, but for slots that only the next one could have told from raw data.
        #expect((4 * 256...5 * 256).contains(first.added))
        #expect(first.mayUnplug)
        // The nurse was told that she may unplug: what is new is known, though the session is not complete.
        #expect(try visits.log?.lastReadAt == Instant(secondsSince1970: 1_790_003_600))
        visits.pump.live(records: 10)
        let second = try await visits.visit()
        // Twice each of what was left, of the ten, and of the overlaps.
        #expect(second.asked >= 2 * (3_000 - first.added + 10))
        #expect(second.asked < 2 * (3_000 - first.added + 10 + 200))
        #expect(try visits.stored == visits.pump.truth)
        #expect(try visits.log?.gaps == [])
        #expect(try await visits.visit().asked == 2)
    }

    @Test("a download cut before the newest is stored does not count as a reading")
    func cutEarly() async throws {
        var visits = try miva(records: 3_000)
        defer { visits.remove() }
        #expect(try await visits.visit(pulledAfter: 2).mayUnplug == false)
        #expect(try visits.log?.lastReadAt == nil)
    }

    @Test("pages that were cut short are read again down to the first complete reading")
    func pagesCutShort() async throws {
        var visits = try paradigm(records: 400)
        defer { visits.remove() }
        _ = try await visits.visit(pulledAfter: 3)
        #expect(try await visits.visit().asked == 7)
        #expect(try visits.stored == visits.pump.truth)
        #expect(try visits.log?.gaps == [])
        #expect(try await visits.visit().asked == 1)
    }

    @Test("the ring goes over its end while nobody reads: the runs join, and only what is new is asked for")
    func wrap() async throws {
        var visits = try miva(records: 300, first: FakeMiva.ringSize - 320)
        defer { visits.remove() }
        _ = try await visits.visit()
        visits.pump.live(records: 500)
        let second = try await visits.visit()
        #expect(second.added == 500)
        #expect(second.asked < 2 * (500 + 100))
        #expect(try visits.stored == visits.pump.truth)
        #expect(try visits.log?.gaps == [])
        #expect(try await visits.visit().asked == 2)
    }

    @Test("the ring was written over as a whole: a gap stands between what was stored and what is there now")
    func overwritten() async throws {
        var visits = try miva(records: 300)
        defer { visits.remove() }
        _ = try await visits.visit()
        let old = visits.pump.truth
        var pump = try #require(visits.pump as? FakeMiva)
        pump.outlive()
        visits.pump = pump
        let kept = pump.truth.filter { $0.contains { $0 != 0xFF } }
        // The slots in between answer as empty ones; what matters is that nothing is taken for known.
        _ = try await visits.visit()
        let stored = try visits.stored
        #expect(stored.starts(with: old))
        #expect(stored.suffix(kept.count) == kept[...])
        let gaps = try #require(try visits.log?.gaps)
        #expect(gaps.contains { $0.reason == .overwritten })
        #expect(try visits.log?.records.first { $0.stretch == 1 } != nil)
        let again = try await visits.visit()
        #expect(again.added == 0)
        #expect(again.asked == 2)
    }
}
