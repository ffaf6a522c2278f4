/// Something of a patient: a name, a number, an order's text. Printed, interpolated, dumped or logged, it shows that it
/// is there and nothing of what it is. Whoever needs the value asks for it by name.
package struct PatientValue<Value: Sendable>: Sendable {
    private let value: Value

    package init(_ value: Value) { self.value = value }

    /// The value itself. It goes to the ledger, or to a person who may see it; never to a log.
    package func revealed() -> Value { value }
}

/// What stands in the place of something of a patient.
package let redaction = "‹redacted›"

extension PatientValue: CustomStringConvertible, CustomDebugStringConvertible, CustomLeafReflectable {
    package var description: String { redaction }
    package var debugDescription: String { redaction }
    package var customMirror: Mirror { Mirror(reflecting: redaction) }
}

extension PatientValue where Value: Hashable {
    /// The same for the same value for as long as this process runs, and different in the next: lines of one log can be
    /// told apart, and nobody can go back from it to the patient.
    package var pseudonym: Pseudonym { Pseudonym(of: value) }
}

/// A name that stands for a patient in one run of the program.
package struct Pseudonym: Hashable, Sendable, CustomStringConvertible {
    private let number: UInt32

    /// Swift keys its hashing with random numbers that it draws when the process starts.
    fileprivate init(of value: some Hashable) {
        var hasher = Hasher()
        hasher.combine(value)
        number = UInt32(truncatingIfNeeded: hasher.finalize())
    }

    package var description: String {
        let digits = String(number, radix: 16)
        return "p-" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
