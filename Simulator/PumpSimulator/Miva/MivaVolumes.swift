/// What a MIVA counts of the fluid that went through it, in thousandths of a milliliter.
struct MivaVolumes: Sendable {
    /// Since the pump was made: `R3`.
    private(set) var life = 0
    /// Since the shift total was cleared: VINF, in events and long questions.
    private(set) var shift = 0
    /// Since the pump was set to its present program; never shown.
    private var program = 0

    /// A pause or an end tells what went in since the program began; the counters grow by what is new of it.
    mutating func book(ofProgram infused: Int) {
        let more = max(0, infused - program)
        life += more
        shift += more
        program = infused
    }

    mutating func beginProgram() { program = 0 }
    mutating func clearShift() { shift = 0 }
}
