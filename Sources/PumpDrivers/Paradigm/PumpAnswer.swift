import PumpCore

/// What the payload of a pump's answer says. Behind the meaningful bytes the 64-byte payload holds anything.
enum PumpAnswer {
    /// Command 141: a length, then that many ASCII characters.
    static func model(_ payload: [UInt8]) -> String? {
        guard let length = payload.first, length > 0, Int(length) < payload.count else { return nil }
        return text(payload.dropFirst().prefix(Int(length)))
    }

    /// Command 113: six ASCII characters.
    static func serial(_ payload: [UInt8]) -> String? { text(payload.prefix { $0 != 0 }.prefix(16)) }

    /// Command 116: `VER 2.1A1.1`, filled up with blanks and control characters.
    static func firmware(_ payload: [UInt8]) -> String? {
        text(payload.prefix { (32...126).contains($0) })
    }

    /// Command 112: hour, minute, second, year (two bytes), month, day. Nil for a moment that no calendar has.
    static func clock(_ payload: [UInt8]) -> CivilDateTime? {
        var reader = ByteReader(payload)
        guard let hour = reader.byte(), let minute = reader.byte(), let second = reader.byte(),
            let year = reader.uint16(), let month = reader.byte(), let day = reader.byte()
        else { return nil }
        return CivilDateTime(
            year: Int(year), month: Int(month), day: Int(day), hour: Int(hour), minute: Int(minute),
            second: Int(second))
    }

    /// Command 157: the number of the oldest history page, four bytes; the newest is 0. In the recordings it is 0 while
    /// the pump has one page, and 1 when it has two.
    static func oldestPage(_ payload: [UInt8]) -> Int? {
        var reader = ByteReader(payload)
        // The page goes back to the pump as one byte.
        guard let number = reader.uint32(), number <= 0xFF else { return nil }
        return Int(number)
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        guard bytes.allSatisfy({ (32...126).contains($0) }) else { return nil }
        let trimmed = String(decoding: bytes, as: UTF8.self).split(separator: " ").joined(separator: " ")
        return trimmed.isEmpty ? nil : trimmed
    }
}

/// What a pump has said about itself so far. Both sessions fill it.
struct SelfReport: Sendable {
    let address: RadioAddress
    var serial: String?
    var model: String?
    var firmware: String?

    private let given: DecodingHints

    init(_ address: RadioAddress, _ hints: DecodingHints) {
        self.address = address
        given = hints
    }

    /// Takes over what an answer says. False where the pump names a serial that its own packets do not carry.
    mutating func take(_ command: ParadigmCommand, _ payload: [UInt8]) -> Bool {
        switch command {
        case .model: model = PumpAnswer.model(payload) ?? model
        case .firmware: firmware = PumpAnswer.firmware(payload) ?? firmware
        case .pumpID:
            guard let named = PumpAnswer.serial(payload), RadioAddress(serial: named) == address else { return false }
            serial = named
        default: break
        }
        return true
    }

    /// The model by which to read pages: the pump's own word, or a person's where the pump's is none that is known.
    var readableModel: String? { model.flatMap { RecordSize(model: $0) } == nil ? given.model ?? model : model }

    var identity: PumpIdentity {
        PumpIdentity(
            serial: serial ?? address.text, driver: PumpDriver.paradigmName, model: model ?? given.model,
            firmware: firmware ?? given.firmware)
    }
}
