import Foundation
import PumpCore
import PumpDrivers
import Station
import TestSupport
import Testing

/// The driver and the simulator share no code but the words for what they mean.
@Suite("A MIVA on a tty line", .timeLimit(.minutes(5)))
struct MivaLogTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        var firmware: String
        var clock: String
        var testDescription: String { "\(firmware) firmware, \(clock)" }
        static let all = ["newer", "older"].flatMap { firmware in
            ["counter", "calendar"].map { Kind(firmware: firmware, clock: $0) }
        }
        var options: [String] { ["--firmware", firmware, "--clock", clock] }
    }

    @Test("is read to its end, and every record is what was played", arguments: Kind.all)
    func month(kind: Kind) async throws {
        let pump = try await Pumpsim(
            ["miva", "--scenario", "antibiotic-q12h", "--from", "2026-10-01", "--ends-at", "2026-10-20T08:00"]
                + kind.options)
        let plugged = Plugged(.miva, at: pump.link)
        #expect(await plugged.readAll(), "\(plugged.station.reports)")
        let log = await plugged.sink.log
        try compare(log, with: try pump.acts(), kind)
        #expect(log.count == pump.ready.events)
        #expect(await plugged.sink.openings.map(\.pump.serial) == [pump.ready.serial])
        #expect(await plugged.sink.gaps.isEmpty)
        #expect(await plugged.sink.outcomes == [.complete])
        try clock(await plugged.sink.clocks, last: log.last, pump)
    }

    /// So many older events that the seam lies among the newest thousand.
    @Test(
        "whose ring has gone round: the newest events first, across the seam, and the seam leaves no trace",
        arguments: [
            (Kind(firmware: "newer", clock: "counter"), 43_264), (Kind(firmware: "older", clock: "calendar"), 42_600),
        ])
    func wrapped(kind: Kind, olderEvents: Int) async throws {
        let isWhole = ProcessInfo.processInfo.environment["PUMPLEDGER_WHOLE_RING"] != nil
        let pump = try await Pumpsim(
            ["miva", "--ends-at", "2026-11-01T08:00"] + kind.options,
            scenario: #"{"like": "antibiotic-q12h", "from": "2026-10-01", "olderEvents": \#(olderEvents)}"#)
        let plugged = Plugged(.miva, at: pump.link)
        let held =
            isWhole
            ? await plugged.readAll(seconds: 280)
            : await plugged.run(until: \.mayUnplug)
        #expect(held, "\(plugged.station.reports)")
        let log = await plugged.sink.log
        #expect(log.count >= 1_000)
        if isWhole { #expect(log.count == pump.ready.events) }
        let positions = log.compactMap(\.devicePosition)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { ($0 + 1) % 43_264 == $1 })
        #expect(positions.contains(0) && positions.contains(43_263), "the seam is among them")
        #expect(await plugged.sink.ledger.runCount == 1)
        try compare(log, with: try pump.acts(), kind)
    }

    // MARK: What was played

    /// Record by record, from the newest back as far as `log` goes.
    private func compare(_ log: [RawRecord], with acts: [PlayedAct], _ kind: Kind) throws {
        var expected = expectations(acts, kind).suffix(log.count)
        try #require(expected.count == log.count)
        /// Seconds since 1970 at which the counter began.
        var counterBegan: Int?
        for (index, record) in log.enumerated() {
            let played = expected.removeFirst()
            let said = Comment(rawValue: "record \(index): \(played)")
            try #require(record.raw == played.raw, said)
            if let meaning = played.kind { try #require(record.event.kind == meaning, said) }
            if let total = played.total { try #require(record.event.amount == total, said) }
            guard played.isEvent else { continue }
            switch record.deviceTime {
            case .civil(let time): try #require(time == played.civil, said)
            case .counter(let seconds):
                let began = (played.at?.secondsSince1970 ?? 0) - seconds
                try #require(began == counterBegan ?? began, said)
                counterBegan = began
            case nil: Issue.record(said)
            }
            #expect((record.deviceTime?.civil != nil) == (kind.clock == "calendar"), said)
        }
    }

    private struct Expected {
        var raw: [UInt8]
        var kind: EventKind?
        /// What the pump's counter of volume shows.
        var total: Quantity?
        var at: Instant?
        var civil: CivilDateTime?
        /// False for a raw block of a program.
        var isEvent = true
    }

    private func expectations(_ acts: [PlayedAct], _ kind: Kind) -> [Expected] {
        var ofProgram = 0.0
        var counter = 0.0
        var all: [Expected] = []
        for act in acts {
            switch act.act {
            case "setting": ofProgram = 0
            case "shift-total-cleared": counter = 0
            case "delivery-stopped", "completed":
                let infused = act.infused ?? 0
                counter += max(0, infused - ofProgram)
                ofProgram = infused
            default: break
            }
            let records = act.records
            for (index, raw) in records.enumerated() {
                var expected = Expected(
                    raw: raw, kind: meaning(act, index, of: records.count, kind), at: act.instant,
                    civil: CivilDateTime(act.civil))
                // Above a few liters a float of 24 bits still holds every tenth of a milliliter, as the pump doses.
                if act.act == "delivery-stopped" {
                    expected.total = Quantity(Double(Float(counter)), .milliliters)
                }
                expected.isEvent = !isBlock(act, index, of: records.count, kind)
                all.append(expected)
            }
        }
        return all
    }

    private func blocks(_ kind: Kind) -> Int { kind.firmware == "newer" ? 2 : 16 }

    /// A raw block of a program: before the last slot of a setting, which is its end.
    private func isBlock(_ act: PlayedAct, _ index: Int, of count: Int, _ kind: Kind) -> Bool {
        act.act == "setting" && (count - 1 - blocks(kind)..<count - 1).contains(index)
    }

    private func meaning(_ act: PlayedAct, _ index: Int, of count: Int, _ kind: Kind) -> EventKind? {
        switch act.act {
        case "delivery-started": return .deliveryStarted
        case "delivery-stopped", "completed": return .deliveryStopped
        case "container-empty": return .containerEmpty
        case "container-detached": return .containerDetached
        case "dose-granted", "dose-finished": return .bolus
        case "dose-denied", "alarm": return .alarm
        case "alarm-cleared": return .alarmCleared
        case "power-on": return kind.firmware == "newer" ? .powerOn : .battery
        case "power-off": return .powerOff
        case "battery-low": return .battery
        case "time-stamp", "shift-total-cleared": return .note
        case "setting":
            // Where the program is new, who allowed it and what changed; then begin, blocks, end.
            let isChange = count > blocks(kind) + 2 && index == 1
            return isChange || isBlock(act, index, of: count, kind) ? .setting : .note
        default:
            Issue.record("no expectation is written for the act \(act.act)")
            return nil
        }
    }

    /// The pump's clock at ready, less its clock at the last event, is the time between the two.
    private func clock(_ readings: [ClockReading], last: RawRecord?, _ pump: Pumpsim) throws {
        #expect(readings.count == 1)
        let acts = try pump.acts()
        let happened = try #require(acts.last { !$0.raw.isEmpty }?.instant)
        let between = try #require(Instant(pump.ready.at)).seconds(since: happened)
        let shown: Int
        switch (readings.first?.device, last?.deviceTime) {
        case (.counter(let now), .counter(let then)): shown = now - then
        case (.civil(let now), .civil(let then)): shown = now.wallSeconds - then.wallSeconds
        default:
            Issue.record("the clock and the events are of two kinds")
            return
        }
        // It was read a little after the pump was ready.
        #expect((0...30).contains(shown - between))
    }
}
