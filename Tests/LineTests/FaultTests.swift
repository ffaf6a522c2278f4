import PumpCore
import PumpDrivers
import Station
import TestSupport
import Testing

/// Each fault verb of the simulator, as the program does it, and what our driver makes of it.
@Suite("Faults on a tty line", .timeLimit(.minutes(3)))
struct FaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var family: String
        var fault: String
        /// What the simulator says that it did.
        var said: String
        var testDescription: String { "\(family) \(fault)" }
        var driver: PumpDriver { family == "miva" ? .miva : .paradigm }
    }

    private func pump(_ family: String, _ fault: String) async throws -> Pumpsim {
        try await Pumpsim([
            family, "--from", "2026-10-01", "--ends-at", family == "miva" ? "2026-10-04T08:00" : "2026-10-09T08:00",
            "--fault", fault,
        ])
    }

    private func played(_ pump: Pumpsim) throws -> [[UInt8]] { try pump.acts().flatMap(\.records) }

    @Test(
        "is survived: everything is read, and nothing else",
        arguments: [
            Case(family: "miva", fault: "drop:1500:1", said: #""fault":"drop""#),
            Case(family: "miva", fault: "corrupt:0.0005", said: #""fault":"corrupt""#),
            Case(family: "miva", fault: "stall:1500:1", said: #""fault":"stall""#),
            Case(family: "miva", fault: "duplicate:0.5", said: #""fault":"duplicate""#),
            Case(family: "miva", fault: "babble:60", said: #""fault":"babble""#),
            Case(family: "paradigm", fault: "drop:1500:1", said: #""fault":"drop""#),
            Case(family: "paradigm", fault: "corrupt:0.00005", said: #""fault":"corrupt""#),
            Case(family: "paradigm", fault: "stall:1500:1", said: #""fault":"stall""#),
            Case(family: "paradigm", fault: "duplicate:0.2", said: #""fault":"duplicate""#),
        ])
    func survived(fault: Case) async throws {
        let pump = try await pump(fault.family, fault.fault)
        let plugged = Plugged(fault.driver, at: pump.link, expecting: pump.ready.serial)
        #expect(await plugged.readAll(), "\(plugged.station.reports)")
        #expect(pump.said.contains { $0.contains(fault.said) }, "the simulator did nothing of the kind")
        #expect(await plugged.sink.raw == (try played(pump)))
        #expect(await plugged.sink.ledger.runCount == 1)
    }

    @Test(
        "babble at line rate: nothing of it is believed, and the port is left alone", arguments: ["miva", "paradigm"])
    func babble(family: String) async throws {
        let pump = try await pump(family, "babble:40000")
        var policy = StationPolicy.prompt
        policy.babbleBytes = 16_384
        let driver: PumpDriver = family == "miva" ? .miva : .paradigm
        let plugged = Plugged(driver, at: pump.link, expecting: pump.ready.serial, policy: policy)
        // A stick has a name for itself; what babbles in its place is another device.
        let states = ["quarantined", "wrong device"]
        #expect(await plugged.run { states.contains($0.state.name) }, "\(plugged.station.reports)")
        let truth = Set(try played(pump))
        #expect(await plugged.sink.raw.allSatisfy(truth.contains))
    }

    @Test("a line that damages every other page: what is read is true, and a hole is never called the end")
    func manyFlips() async throws {
        let pump = try await pump("paradigm", "corrupt:0.0001")
        let plugged = Plugged(.paradigm, at: pump.link, expecting: pump.ready.serial)
        #expect(
            await plugged.run { ["caught up", "quarantined"].contains($0.state.name) }, "\(plugged.station.reports)")
        let truth = try played(pump)
        let (raw, outcomes) = (await plugged.sink.raw, await plugged.sink.outcomes)
        #expect(Set(raw).isSubset(of: Set(truth)))
        if outcomes.contains(.complete) { #expect(raw.count == truth.count) }
    }

    /// Mishaps are played before ready, in the middle of the time that is played.
    @Test(
        "mishaps leave in the log what a pump leaves, and the driver reads it",
        arguments: [
            Case(family: "miva", fault: "reset-clock", said: "clock-lost"),
            Case(family: "miva", fault: "refit", said: "container-detached"),
            Case(family: "miva", fault: "battery-pull", said: "power-on"),
            Case(family: "paradigm", fault: "reset-clock", said: "clock-lost"),
            Case(family: "paradigm", fault: "refit", said: "primed"),
            Case(family: "paradigm", fault: "cancel-prime", said: "primed"),
            Case(family: "paradigm", fault: "battery-pull", said: "power-on"),
        ])
    func mishaps(mishap: Case) async throws {
        let pump = try await pump(mishap.family, mishap.fault)
        let plain = try await self.pump(mishap.family, "duplicate:0")
        let acts = try pump.acts()
        func count(_ acts: [PlayedAct]) -> Int { acts.count { $0.act.hasPrefix(mishap.said) } }
        #expect(count(acts) > count(try plain.acts()), "the simulator did nothing of the kind")
        let plugged = Plugged(mishap.driver, at: pump.link, expecting: pump.ready.serial)
        #expect(await plugged.readAll(), "\(plugged.station.reports)")
        let log = await plugged.sink.log
        #expect(log.map(\.raw) == acts.flatMap(\.records))
        let kinds = log.map(\.event.kind)
        switch (mishap.family, mishap.fault) {
        case ("miva", "reset-clock"):
            // The counter begins anew.
            let stamps = log.compactMap(\.deviceTime?.counterSeconds)
            #expect(zip(stamps, stamps.dropFirst()).count { $0 > $1 } == 1)
        case ("miva", "refit"):
            // Off and on again, and nothing was emptied between.
            let off = kinds.indices.filter { kinds[$0] == .containerDetached }
            #expect(
                off.contains {
                    kinds[..<$0].last { $0 == .containerEmpty || $0 == .deliveryStarted } == .deliveryStarted
                })
        case ("paradigm", "reset-clock"):
            #expect(log.contains { $0.event.alarm != nil && ($0.deviceTime?.civil?.date.components.year ?? 0) < 2026 })
            #expect(kinds.contains(.clockChanged))
        case ("paradigm", "cancel-prime"):
            // A manual prime and no fixed one between two rewinds: the first was broken off.
            let steps = log.compactMap { $0.event.kind == .rewind ? "rewind" : $0.event.primeType?.rawValue }
            #expect(zip(steps, steps.dropFirst()).contains { $0 == "manual" && $1 == "rewind" })
        case ("paradigm", "refit"):
            // Nothing but a fixed prime that no rewind goes before.
            let steps = log.compactMap { $0.event.kind == .rewind ? "rewind" : $0.event.primeType?.rawValue }
            #expect(zip(steps, steps.dropFirst()).contains { $0 == "fixed" && $1 == "fixed" })
        default: break
        }
    }
}
