import PumpCore

/// What went wrong, in sentences for the person who holds the pump, each with what to do.
extension SessionFault {
    init(_ failure: CareLinkExchange.Failure, address: RadioAddress?) {
        let pump = "Pump \(address?.text ?? "")"
        switch failure {
        case .stickSilent:
            self.init(
                .silent, "The CareLink stick does not answer. Pull it out, plug it in again, and try once more.",
                isFatal: true)
        case .stickGarbled:
            self.init(
                .wrongDevice,
                "What is plugged in here does not speak like a CareLink stick, or the line is very noisy. Check that it "
                    + "is the stick, and plug it in without an extension cable.", isFatal: true)
        case .pumpSilent:
            self.init(
                .silent,
                "\(pump) does not answer by radio; the stick does. Lay the pump beside the stick, check that it is this "
                    + "pump and that its battery is good, and try again.", isFatal: true)
        case .pumpGarbled:
            self.init(
                .garbled,
                "\(pump) answers, but the answers arrive broken. Lay it beside the stick, away from telephones and metal, "
                    + "and try again.", isFatal: true)
        case .pumpRefused:
            self.init(
                .refused, "\(pump) refused a question. Leave its menus, wait until it rests, and try again.",
                isFatal: true)
        case .otherPump(let other):
            self.init(
                .wrongDevice,
                "\(pump) was called and pump \(other.text) answered. Take the other pump away, and try again.",
                isFatal: true)
        }
    }

    /// A page that holds a record type without a row.
    static func undecoded(page: Int, _ undecoded: LogBatch.Undecoded) -> SessionFault {
        SessionFault(
            .undecoded,
            "History page \(page) is not fully decoded: record type \(undecoded.bytes.prefix(1).hex) at offset "
                + "\(undecoded.offset) is unknown or cut off. Its bytes are kept.", isFatal: false)
    }
}
