/// The simulator's only source of chance (SplitMix64). The same seed and stream throw the same numbers on any machine,
/// so a scenario repeats byte for byte.
package struct Dice: Sendable {
    private var state: UInt64

    /// `stream` keeps two uses of one seed apart: a change in one does not shift the other.
    package init(seed: UInt64, stream: String) {
        var mixed = seed
        for byte in stream.utf8 {
            // FNV-1a's prime: any odd constant that spreads bits would do.
            mixed = (mixed ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        state = mixed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 up to, and without, 1.
    package mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    package mutating func happens(_ probability: Double) -> Bool { fraction() < probability }

    /// A whole number of the range, both ends included.
    package mutating func roll(_ range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next() % width)
    }

    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 32) }
}
