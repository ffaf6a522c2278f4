import PumpCore

/// Reads what `EventText` wrote, straight from the bytes that SQLite holds: a month has millions of events, and each
/// array or text in between can be measured.
struct EventReader {
    /// What of an event is wanted.
    enum Depth: Sendable {
        case everything
        /// What counting rules read: not labels, makers' codes, programmed quantities and who asked.
        case counting
    }

    let depth: Depth

    /// Nil for a kind, a field or a value that this build does not write. `details` nil: the event is its kind alone.
    func event(kind: Span<UInt8>, details: Span<UInt8>) -> PumpEvent? {
        guard let kind = Self.kinds.value(of: kind, 0..<kind.count) else { return nil }
        var event = PumpEvent(kind)
        var cursor = Cursor(at: 0)
        return cursor.object(details, depth, into: &event) ? event : nil
    }

    func event(kind: Span<UInt8>) -> PumpEvent? {
        Self.kinds.value(of: kind, 0..<kind.count).map { PumpEvent($0) }
    }

    private static let kinds = NameTable(EventKind.allCases)
    private static let alarms = NameTable(PumpEvent.Alarm.allCases)
    private static let primeTypes = NameTable(PumpEvent.PrimeType.allCases)
    private static let requesters = NameTable(PumpEvent.Requester.allCases)

    private enum Field {
        case label, programmedMicroliters, programmedMilliunits, deliveredMicroliters, deliveredMilliunits
        case amountMicroliters, amountMilliunits, prime, code, alarm, newTime, requestedBy, channel, doseSlot, container
        case by, note
    }

    private struct Cursor {
        var at: Int

        mutating func object(_ bytes: Span<UInt8>, _ depth: Depth, into event: inout PumpEvent) -> Bool {
            guard take(UInt8(ascii: "{"), bytes) else { return false }
            if take(UInt8(ascii: "}"), bytes) { return at == bytes.count }
            repeat {
                guard let name = plainText(bytes), take(UInt8(ascii: ":"), bytes),
                    let field = Self.field(bytes, name), value(of: field, bytes, depth, into: &event)
                else { return false }
            } while take(UInt8(ascii: ","), bytes)
            return take(UInt8(ascii: "}"), bytes) && at == bytes.count
        }

        private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
            guard at < bytes.count, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        /// Where a text without escapes stands, between its quotation marks.
        private mutating func plainText(_ bytes: Span<UInt8>) -> Range<Int>? {
            guard take(UInt8(ascii: "\""), bytes) else { return nil }
            let begin = at
            while at < bytes.count {
                let byte = bytes[at]
                if byte == UInt8(ascii: "\"") {
                    at += 1
                    return begin..<(at - 1)
                }
                if byte == UInt8(ascii: "\\") { return nil }
                at += 1
            }
            return nil
        }

        private static func field(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Field? {
            func stands(_ text: StaticString) -> Bool {
                guard text.utf8CodeUnitCount == name.count else { return false }
                return text.withUTF8Buffer { buffer in
                    for place in 0..<buffer.count where buffer[place] != bytes[name.lowerBound + place] { return false }
                    return true
                }
            }
            switch name.count {
            case 2: return stands("by") ? .by : nil
            case 4: return stands("code") ? .code : stands("note") ? .note : nil
            case 5: return stands("label") ? .label : stands("alarm") ? .alarm : stands("prime") ? .prime : nil
            case 7: return stands("channel") ? .channel : nil
            case 8: return stands("new_time") ? .newTime : nil
            case 9:
                return stands("amount_uL")
                    ? .amountMicroliters
                    : stands("amount_mU")
                        ? .amountMilliunits : stands("container") ? .container : stands("dose_slot") ? .doseSlot : nil
            case 12:
                return stands("delivered_uL")
                    ? .deliveredMicroliters
                    : stands("delivered_mU") ? .deliveredMilliunits : stands("requested_by") ? .requestedBy : nil
            case 13:
                return stands("programmed_uL")
                    ? .programmedMicroliters : stands("programmed_mU") ? .programmedMilliunits : nil
            default: return nil
            }
        }

        private mutating func value(
            of field: Field, _ bytes: Span<UInt8>, _ depth: Depth, into event: inout PumpEvent
        ) -> Bool {
            let isWanted = depth == .everything
            switch field {
            case .label:
                guard isWanted else { return skipText(bytes) }
                event.label = text(bytes)
                return event.label != nil
            case .programmedMicroliters, .programmedMilliunits:
                guard let number = number(bytes) else { return false }
                let unit: Quantity.Unit = field == .programmedMicroliters ? .milliliters : .units
                if isWanted { event.programmed = Quantity(thousandths: number, unit) }
                return true
            case .deliveredMicroliters, .deliveredMilliunits:
                guard let number = number(bytes) else { return false }
                event.delivered = Quantity(
                    thousandths: number, field == .deliveredMicroliters ? .milliliters : .units)
                return true
            case .amountMicroliters, .amountMilliunits:
                guard let number = number(bytes) else { return false }
                event.amount = Quantity(thousandths: number, field == .amountMicroliters ? .milliliters : .units)
                return true
            case .prime:
                event.primeType = plainText(bytes).flatMap { EventReader.primeTypes.value(of: bytes, $0) }
                return event.primeType != nil
            case .code:
                guard let number = number(bytes) else { return false }
                if isWanted { event.code = number }
                return true
            case .alarm:
                event.alarm = plainText(bytes).flatMap { EventReader.alarms.value(of: bytes, $0) }
                return event.alarm != nil
            case .newTime:
                event.newTime = time(bytes)
                return event.newTime != nil
            case .requestedBy:
                guard let name = plainText(bytes), let requester = EventReader.requesters.value(of: bytes, name) else {
                    return false
                }
                if isWanted { event.requestedBy = requester }
                return true
            case .channel:
                event.channel = number(bytes)
                return event.channel != nil
            case .doseSlot:
                event.doseSlot = time(bytes)
                return event.doseSlot != nil
            case .container:
                event.containerID = text(bytes)
                return event.containerID != nil
            case .by:
                event.by = text(bytes)
                return event.by != nil
            case .note:
                event.note = text(bytes)
                return event.note != nil
            }
        }

        // MARK: - Values

        private mutating func number(_ bytes: Span<UInt8>) -> Int? {
            let isNegative = take(UInt8(ascii: "-"), bytes)
            var value = 0
            let begin = at
            while at < bytes.count, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
                // Towards the negative side there is one number more.
                let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLow) = tens.subtractingReportingOverflow(Int(digit))
                guard !tooMany, !tooLow else { return nil }
                value = sum
                at += 1
            }
            guard at > begin else { return nil }
            if isNegative { return value }
            return value == Int.min ? nil : -value
        }

        /// As text, or as wall seconds where the calendar of texts has no such year.
        private mutating func time(_ bytes: Span<UInt8>) -> CivilDateTime? {
            guard at < bytes.count else { return nil }
            if bytes[at] == UInt8(ascii: "\"") { return text(bytes).flatMap { CivilDateTime($0) } }
            return number(bytes).map { CivilDateTime(wallSeconds: $0) }
        }

        private mutating func skipText(_ bytes: Span<UInt8>) -> Bool {
            guard take(UInt8(ascii: "\""), bytes) else { return false }
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") { return true }
                if byte == UInt8(ascii: "\\"), escape(bytes) == nil { return false }
            }
            return false
        }

        private mutating func text(_ bytes: Span<UInt8>) -> String? {
            let begin = at
            if let plain = plainText(bytes) {
                guard let text = try? UTF8Span(validating: bytes.extracting(plain)) else { return nil }
                return String(copying: text)
            }
            at = begin
            guard take(UInt8(ascii: "\""), bytes) else { return nil }
            var unescaped: [UInt8] = []
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                switch byte {
                case UInt8(ascii: "\""): return String(validating: unescaped, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let byte = escape(bytes) else { return nil }
                    unescaped.append(byte)
                default: unescaped.append(byte)
                }
            }
            return nil
        }

        /// What stands behind a backslash.
        private mutating func escape(_ bytes: Span<UInt8>) -> UInt8? {
            guard at < bytes.count else { return nil }
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "u") else {
                return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? byte : nil
            }
            guard at + 4 <= bytes.count else { return nil }
            let digits = String(decoding: (at..<(at + 4)).map { bytes[$0] }, as: UTF8.self)
            guard let code = UInt8(digits, radix: 16), code < 0x20 else { return nil }
            at += 4
            return code
        }
    }
}

/// The raw values of an enumeration, found by their bytes.
private struct NameTable<Value: RawRepresentable<String> & Sendable>: Sendable {
    private struct Name: Sendable {
        var begin: Int
        var count: Int
        var value: Value
    }

    private var bytes: [UInt8] = []
    /// By length.
    private var names: [Name] = []
    /// For each length, the first of `names` that is as long or longer.
    private var firsts: [Int] = []

    init(_ values: [Value]) {
        for value in values.sorted(by: { $0.rawValue.utf8.count < $1.rawValue.utf8.count }) {
            let name = Array(value.rawValue.utf8)
            while firsts.count <= name.count { firsts.append(names.count) }
            names.append(Name(begin: bytes.count, count: name.count, value: value))
            bytes += name
        }
    }

    func value(of text: Span<UInt8>, _ range: Range<Int>) -> Value? {
        guard range.count < firsts.count else { return nil }
        var place = firsts[range.count]
        search: while place < names.count, names[place].count == range.count {
            let begin = names[place].begin
            place += 1
            for offset in 0..<range.count where bytes[begin + offset] != text[range.lowerBound + offset] {
                continue search
            }
            return names[place - 1].value
        }
        return nil
    }
}
