import TestSupport
import Testing

@testable import SystemService

@Suite("Spans of time as a person writes them")
struct TimeSpanTextTests {
    @Test("units, ISO 8601, and a bare number of minutes")
    func spans() {
        let table: [(String, Int64?)] = [
            ("15m", 900), ("90s", 90), ("2h", 7200), ("1h30m", 5400), ("1d", 86_400), ("1d2h3m4s", 93_784), ("15", 900),
            ("PT15M", 900), ("PT1H30M", 5400), ("P1D", 86_400), ("P1DT1H", 90_000), ("0", 0), ("007m", 420),
            ("", nil), ("m", nil), ("15x", nil), ("-15m", nil), ("+15m", nil), ("15 m", nil), ("1.5h", nil),
            ("30m1h", nil),
            ("15m15m", nil), ("P15M", nil), ("PT", nil), ("P", nil), ("P1DT", nil), ("PT1D", nil), ("15mm", nil),
            ("m15", nil),
            ("15m3", nil), ("99999999", nil), ("٣m", nil), ("15M", nil),
        ]
        for (text, seconds) in table {
            #expect(TimeSpanText.read(text) == seconds.map { Duration.seconds($0) }, "\(text)")
        }
    }

    @Test("noise never traps", arguments: UInt64(1)...10)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let letters = Array("0123456789dhmsPTx. -")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                    letters.randomElement(using: &generator)
                })
            if let span = TimeSpanText.read(text) { #expect(span >= .zero, "seed \(seed): \(text)") }
        }
    }
}
