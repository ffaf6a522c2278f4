import PumpCore
import PumpDrivers
import Station
import TestSupport
import Testing

@Suite("A Paradigm on a tty line", .timeLimit(.minutes(2)))
struct ParadigmLogTests {
    @Test("is read to its end, and every record is what was played", arguments: ["515", "522", "723"])
    func month(model: String) async throws {
        let pump = try await Pumpsim([
            "paradigm", "--model", model, "--from", "2026-10-01", "--ends-at", "2026-10-16T08:00",
            "--fault", "cancel-prime", "--fault", "refit",
        ])
        let plugged = Plugged(.paradigm, at: pump.link, expecting: pump.ready.serial)
        #expect(await plugged.readAll(), "\(plugged.station.reports)")
        #expect(await plugged.sink.openings.map(\.pump.model) == [model])
        #expect(await plugged.sink.gaps.isEmpty)
        #expect(await plugged.sink.ledger.runCount == 1)
        #expect((pump.ready.pages ?? 0) > 1)
        try compare(await plugged.sink.log, with: try pump.acts())
        let shown = try #require(await plugged.sink.clocks.first?.device.civil)
        let ready = try #require(CivilDateTime("2026-10-16T08:00"))
        #expect((0...60).contains(shown.wallSeconds - ready.wallSeconds))
    }

    private func compare(_ log: [RawRecord], with acts: [PlayedAct]) throws {
        let expected = try acts.flatMap(expectations)
        #expect(log.map(\.raw) == expected.map(\.raw))
        #expect(expected.count { $0.kind == .primed } >= 4 && expected.count { $0.kind == .bolus } >= 30)
        for (record, played) in zip(log, expected) {
            let said = Comment(rawValue: "\(played) read as \(record)")
            guard let kind = played.kind else { continue }
            try #require(record.event.kind == kind, said)
            try #require(record.deviceTime == played.time.map { .civil($0) }, said)
            try #require(record.event.delivered == played.delivered, said)
            try #require(played.programmed == nil || record.event.programmed == played.programmed, said)
            try #require(record.event.amount == played.amount, said)
            try #require(record.event.primeType == played.prime, said)
        }
    }

    private struct Expected {
        var raw: [UInt8]
        /// Nil for what only the bytes are compared of.
        var kind: EventKind?
        var time: CivilDateTime?
        var programmed: Quantity?
        var delivered: Quantity?
        var amount: Quantity?
        var prime: PumpEvent.PrimeType?
    }

    private func expectations(_ act: PlayedAct) throws -> [Expected] {
        var all = act.records.map { Expected(raw: $0, kind: nil, time: CivilDateTime(act.civil)) }
        guard let last = all.indices.last else { return [] }
        func units(_ number: Double?) -> Quantity? { number.flatMap { Quantity($0, .units) } }
        switch act.act {
        case "rewind": all[last].kind = .rewind
        case "suspended": all[last].kind = .deliveryStopped
        case "resumed": all[last].kind = .deliveryStarted
        case "battery-changed", "power-on", "power-off": for index in all.indices { all[index].kind = .battery }
        case "container-low":
            all[last].kind = .containerLow
            all[last].amount = units(act.left)
        case "primed":
            all[last].kind = .primed
            all[last].amount = units(act.amount)
            all[last].prime = act.primeType.flatMap { PumpEvent.PrimeType(rawValue: $0) }
        case "bolus":
            all[last].kind = .bolus
            all[last].programmed = units(act.programmed)
            all[last].delivered = units(act.delivered)
            // It is logged when it ends and stamped when it began.
            let ended = try #require(act.instant)
            let began = try #require(act.beganAt.flatMap { Instant($0) })
            all[last].time = all[last].time?.adding(seconds: -ended.seconds(since: began))
        default: break
        }
        return all
    }
}
