import Foundation
import LedgerService
import PumpCore
import PumpSimulator
import Supplies
import Testing

/// A handful of simulated months on the whole road: register and recordings as files into a ledger on disk, and
/// `billable` out of it.
@Suite("Simulated patient-months through the ledger")
struct WholeWayTests {
    private static func desk(_ month: PatientMonth) throws -> Desk {
        let desk = Desk(now: month.now, zone: month.scenario.zone.identifier)
        let files = try month.simulation(endsAt: month.now).register.files.map {
            InputFile(name: $0.name, bytes: Array($0.text.utf8))
        }
        try desk.ask(.importRegister(RegisterFiles(files: files, dryRun: false)))
        return desk
    }

    private static func replay(_ recording: SessionRecording, _ month: PatientMonth, at moment: Instant, on desk: Desk)
        throws
    {
        try desk.ask(
            .replay(
                RecordingToReplay(
                    driver: month.scenario.family.rawValue,
                    file: InputFile(name: "recording.csv", bytes: Array(recording.text.utf8)), readAt: moment)))
    }

    private static func billable(_ month: PatientMonth, on desk: Desk) throws -> BillableAnswer {
        let answer = try desk.ask(.billable(period: "\(month.period.lowerBound)..\(month.period.upperBound)"))
        guard case .billable(let billable) = answer else { throw Unexpected() }
        return billable
    }

    private struct Unexpected: Error {}

    private static func isContainers(_ line: BillableLine) -> Bool { ["A4222", "K0552", "A4225"].contains(line.hcpcs) }

    /// The first month from a seed on in which something was used.
    private static func month(
        from seed: Int, _ kind: PatientMonth.Kind, where isWanted: (PatientMonth) -> Bool = { _ in true }
    ) throws -> PatientMonth {
        let months = (UInt64(seed)..<UInt64(seed) + 200).lazy.compactMap { PatientMonth(seed: $0, kind: kind) }
        return try #require(
            months.first { month in
                isWanted(month) && month.scenario.until.map { month.period.contains($0) } ?? true
            })
    }

    @Test("billable says the truth of a plain month, and that the pump is a simulated one", arguments: 100..<106)
    func plain(seed: Int) throws {
        let month = try Self.month(from: seed, .plain) { ($0.scenario.family == .paradigm) == (seed == 105) }
        let simulation = try month.simulation(endsAt: month.readAt)
        let desk = try Self.desk(month)
        try Self.replay(simulation.recordDownload(), month, at: month.readAt, on: desk)
        let found = try Self.billable(month, on: desk)
        let truth = TruthCount(simulation.truth, month.scenario, period: month.period)
        let line = try #require(found.lines.first(where: Self.isContainers), "\(month)")
        #expect(line.supported == truth.supported, "\(month)")
        #expect(line.used == truth.used, "\(month)")
        #expect(line.unknown.isZero && line.review == 0, "\(month)")
        #expect(found.heading.coverage.map(\.isSimulated) == [true])
        #expect(line.pump?.hasPrefix("SIM") == true)
    }

    @Test("a pump that was read every week counts as one that was read once", arguments: [100, 110])
    func visits(seed: Int) throws {
        let month = try Self.month(from: seed, .mishaps) { $0.visits.count > 3 }
        let weekly = try Self.desk(month)
        for visit in month.visits + [month.readAt] {
            try Self.replay(month.simulation(endsAt: visit).recordDownload(), month, at: visit, on: weekly)
        }
        let outcome = try Outcome(month, rules: try RuleBook.shipped)
        let line = try #require(try Self.billable(month, on: weekly).lines.first(where: Self.isContainers), "\(month)")
        #expect(line.supported == outcome.line?.supported, "\(month)")
        #expect(line.unknown == outcome.line?.unknown, "\(month)")
        #expect(line.review == outcome.line?.review, "\(month)")
    }

    @Test(
        "a link that dropped, a damaged reply and doubled replies: the next download makes the month whole",
        arguments: 120..<124)
    func troubledLine(seed: Int) throws {
        let month = try Self.month(from: seed, .plain) { $0.scenario.family == .miva && $0.scenario.olderEvents == 0 }
        let simulation = try month.simulation(endsAt: month.readAt)
        let whole = try simulation.recordDownload()
        let events = (whole.lines.count - 12) / 2
        try #require(events > 8, "\(month)")
        var first = SessionRecording()
        // Six questions and answers, then the newest three quarters of the events; every ninth answer comes damaged.
        for (index, line) in whole.lines.prefix(12 + events / 4 * 3 * 2).enumerated() {
            var bytes = line.bytes
            if index > 12, index % 18 == 1, bytes.count > 20 { bytes[18] ^= 0x04 }
            first.add(line.direction, bytes)
        }
        var second = SessionRecording()
        for (index, line) in whole.lines.enumerated() {
            second.add(line.direction, line.bytes)
            if index > 12, index % 14 == 1 { second.add(line.direction, line.bytes) }
        }
        let desk = try Self.desk(month)
        try Self.replay(first, month, at: month.readAt, on: desk)
        let truth = TruthCount(simulation.truth, month.scenario, period: month.period)
        let partly = try #require(try Self.billable(month, on: desk).lines.first(where: Self.isContainers), "\(month)")
        let least = try #require(partly.supported, "\(month)")
        #expect(
            least + partly.unknown.low <= truth.supported
                && truth.supported <= least + partly.unknown.high + partly.review,
            "\(month): \(least) \(partly.unknown) \(partly.review), truly \(truth.supported)")
        try Self.replay(second, month, at: month.readAt, on: desk)
        let line = try #require(try Self.billable(month, on: desk).lines.first(where: Self.isContainers), "\(month)")
        #expect(line.supported == truth.supported, "\(month)")
        #expect(line.used == truth.used, "\(month)")
        #expect(line.unknown.isZero && line.review == 0, "\(month)")
    }

    @Test("of a recording with a hole the range holds the truth", arguments: 100..<103)
    func hole(seed: Int) throws {
        let month = try Self.month(from: seed, .gap) { $0.scenario.family == .miva && $0.scenario.olderEvents == 0 }
        let simulation = try month.simulation(endsAt: month.readAt)
        let whole = try simulation.recordDownload()
        var recording = SessionRecording()
        // Six questions, then the events from the newest on, each a question and an answer.
        let events = (whole.lines.count - 12) / 2
        let lost = (12 + events / 3 * 2)..<(12 + events / 2 * 2)
        for (index, line) in whole.lines.enumerated() where !lost.contains(index) {
            recording.add(line.direction, line.bytes)
        }
        let desk = try Self.desk(month)
        try Self.replay(recording, month, at: month.readAt, on: desk)
        let found = try Self.billable(month, on: desk)
        let truth = TruthCount(simulation.truth, month.scenario, period: month.period).supported
        let line = try #require(found.lines.first(where: Self.isContainers), "\(month)")
        let supported = try #require(line.supported, "\(month)")
        #expect(supported + line.unknown.low <= truth && truth <= supported + line.unknown.high, "\(month)")
        #expect(line.unknown.high > 0, "\(month)")
        #expect(found.heading.coverage.contains { !$0.gaps.isEmpty })
    }
}
