package import PumpCore

/// What `--fault` takes: `VERB[:ARGUMENT[:ARGUMENT]]`.
///
/// A fault of the line happens to bytes, once the simulator is ready. A mishap happens to pump or patient while the
/// scenario is played; without a time it falls in the middle of what is played before ready.
package enum FaultVerb: Equatable, Sendable {
    case line(LineFault)
    case mishap(Incident.Kind, at: CivilDateTime?)

    /// The verbs, as help and errors show them.
    package static let grammar = [
        "drop:BYTES[:SECONDS]     after BYTES sent, the cable comes out; back in after SECONDS, or by the control `plug`",
        "corrupt:RATE             bit error rate of what the pump sends, such as 1e-5",
        "stall:BYTES:SECONDS      after BYTES sent, silence for SECONDS",
        "babble[:RATE]            RATE random bytes a second that nobody asked for (default 960, a full line)",
        "duplicate[:PROBABILITY]  a reply is sent twice (default 0.01)",
        "reset-clock[:TIME]       the pump loses its clock; TIME is civil, YYYY-MM-DDTHH:MM",
        "refit[:TIME]             the same container is taken off and put back",
        "cancel-prime[:TIME]      a manual prime is broken off and repeated (Paradigm)",
        "battery-pull[:TIME]      the battery is pulled while the pump runs",
    ]

    private static let mishaps: [Incident.Kind] = [.clockReset, .refit, .cancelPrime, .batteryPull]

    /// Nil for anything else.
    package init?(_ text: String) {
        let verb = String(text.prefix { $0 != ":" })
        let rest = text.dropFirst(verb.count + 1)
        let parts = rest.isEmpty ? [] : rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func count(_ index: Int) -> Int? {
            parts.indices.contains(index) ? Int(parts[index]).flatMap { $0 >= 0 ? $0 : nil } : nil
        }
        func probability(_ index: Int) -> Double? {
            parts.indices.contains(index) ? Double(parts[index]).flatMap { (0...1).contains($0) ? $0 : nil } : nil
        }
        switch (verb, parts.count) {
        case ("drop", 1), ("drop", 2):
            guard let bytes = count(0), parts.count == 1 || count(1) != nil else { return nil }
            self = .line(.drop(afterBytes: bytes, backAfterSeconds: count(1)))
        case ("corrupt", 1):
            guard let rate = probability(0) else { return nil }
            self = .line(.corrupt(bitErrorRate: rate))
        case ("stall", 2):
            guard let bytes = count(0), let seconds = count(1) else { return nil }
            self = .line(.stall(afterBytes: bytes, seconds: seconds))
        case ("babble", 0): self = .line(.babble(bytesPerSecond: 960))
        case ("babble", 1):
            guard let rate = count(0), rate > 0 else { return nil }
            self = .line(.babble(bytesPerSecond: rate))
        case ("duplicate", 0): self = .line(.duplicate(probability: 0.01))
        case ("duplicate", 1):
            guard let chance = probability(0) else { return nil }
            self = .line(.duplicate(probability: chance))
        default:
            guard let kind = Self.mishaps.first(where: { $0.rawValue == verb }) else { return nil }
            // The time has colons of its own.
            let at = rest.isEmpty ? nil : CivilDateTime(rest)
            guard rest.isEmpty || at != nil else { return nil }
            self = .mishap(kind, at: at)
        }
    }
}
