import Foundation
import PumpCore
import PumpDrivers
import PumpSimulator
import Station
import TestSupport
import Testing

/// Wherever the cable comes out, nothing is lost, nothing is stored twice, and the next plug goes on.
@Suite("Unplugged", .timeLimit(.minutes(10)))
struct UnpluggedTests {
    struct Family: CustomTestStringConvertible, Sendable {
        var driver: PumpDriver
        var pump: PumpFamily
        /// Every so many offsets are tried in memory, and on a terminal line; more of them where the environment asks for
        /// it. (A pump behind a stick takes a second for each: the stick is asked for answers twenty times a second.)
        var inMemory: Int
        var onALine: Int
        var mostOnALine: Int
        var testDescription: String { driver.name }
        static let all = [
            Family(driver: .miva, pump: .miva, inMemory: 1, onALine: 29, mostOnALine: 1),
            Family(driver: .paradigm, pump: .paradigm, inMemory: 3, onALine: 601, mostOnALine: 17),
        ]
        static let isEvery = ProcessInfo.processInfo.environment["PUMPLEDGER_EVERY_OFFSET"] != nil
    }

    private func download(
        _ family: Family, _ pump: SimulatedPump, _ ledger: FakeLedger = FakeLedger(), endsAfter: Int? = nil
    ) throws -> Conversation {
        let makeSession = try #require(family.driver.makeSession)
        var conversation = Conversation(
            makeSession(DecodingHints(serial: pump.serial)), pump, ledger, line: FakeLine(endsAfter: endsAfter))
        conversation.run()
        return conversation
    }

    @Test("at every byte of a short download, in memory", arguments: Family.all)
    func everyByte(family: Family) throws {
        let pump = try SimulatedPump(family.pump)
        let whole = try download(family, pump)
        #expect(whole.isFinished && whole.ledger.log.map(\.raw) == pump.truth)
        #expect(pump.truth.count >= 8)
        for end in stride(from: 1, through: whole.bytes, by: Family.isEvery ? 1 : family.inMemory) {
            let at = Comment(rawValue: "unplugged after byte \(end) of \(whole.bytes)")
            let torn = try download(family, pump, endsAfter: end)
            try #require(torn.bytes == end, at)
            try #require(torn.fatal?.kind == .linkEnded || torn.isFinished, at)
            let mended = try download(family, pump, torn.ledger)
            try #require(mended.isFinished, at)
            try #require(mended.ledger.log.map(\.raw) == pump.truth, at)
            try #require(mended.ledger.receipts.reduce(0) { $0 + $1.added } == pump.truth.count, at)
            try #require(mended.ledger.runCount == 1 && mended.ledger.gaps.isEmpty, at)
        }
    }

    @Test("here and there in a download of several batches: what was stored is not read again", arguments: Family.all)
    func several(family: Family) throws {
        let isMiva = family.pump == .miva
        let pump = try SimulatedPump(
            family.pump, endsAt: isMiva ? "2026-10-05T09:00" : "2026-10-20T09:00", olderEvents: isMiva ? 600 : 0)
        let whole = try download(family, pump)
        #expect(whole.ledger.receipts.count >= 3)
        for end in stride(from: 1, through: whole.bytes, by: Family.isEvery ? 97 : whole.bytes / 23) {
            let at = Comment(rawValue: "unplugged after byte \(end) of \(whole.bytes)")
            let torn = try download(family, pump, endsAfter: end)
            let mended = try download(family, pump, torn.ledger)
            try #require(mended.isFinished, at)
            try #require(mended.ledger.log.map(\.raw) == pump.truth, at)
            try #require(mended.ledger.receipts.reduce(0) { $0 + $1.added } == pump.truth.count, at)
            try #require(mended.ledger.runCount == 1 && mended.ledger.gaps.isEmpty, at)
            // A batch that was under way, and some overlap, is all that is read again.
            if isMiva { try #require(torn.bytes + mended.bytes < whole.bytes + 2 * 256 * 60 + 8_000, at) }
        }
    }

    @Test("on a tty line: the descriptor is let go of, and the next plug goes on", arguments: Family.all)
    func onALine(family: Family) async throws {
        let pump = try SimulatedPump(family.pump)
        let whole = try download(family, pump)
        for end in stride(from: 1, through: whole.bytes, by: Family.isEvery ? family.mostOnALine : family.onALine) {
            let at = Comment(rawValue: "unplugged after byte \(end) of \(whole.bytes)")
            let cable = try SimulatedCable(pump, cutAfter: end)
            let plugged = Plugged(family.driver, at: cable.link, expecting: pump.serial)
            let hasRead = await plugged.run { $0.state.name == "caught up" && cable.wasCut }
            try #require(hasRead, "\(at): \(plugged.station.reports)")
            try #require(await plugged.sink.raw == pump.truth, at)
            let ledger = await plugged.sink.ledger
            try #require(ledger.receipts.reduce(0) { $0 + $1.added } == pump.truth.count, at)
            try #require(ledger.runCount == 1, at)
            let outcomes = await plugged.sink.outcomes
            // Cut in the middle of a session, before one began, or with its last byte.
            try #require([[.interrupted, .complete], [.complete], [.complete, .complete]].contains(outcomes), at)
            try #require(cable.violation == nil, at)
        }
        // Lines of other suites come and go beside this one; what is leaked stays.
        var dangling = danglingTerminals()
        for _ in 0..<200 where dangling > 0 {
            try await Task.sleep(for: .milliseconds(10))
            dangling = danglingTerminals()
        }
        #expect(dangling == 0)
    }
}
