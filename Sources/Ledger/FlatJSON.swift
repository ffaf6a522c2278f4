import PumpCore

/// A JSON object of strings and whole numbers, written and read by hand: a log has tens of thousands of events, and a
/// general coder takes longer over them than the disk does.
enum FlatJSON {
    enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
    }

    struct Writer {
        private(set) var bytes: [UInt8] = []

        mutating func add(_ key: StaticString, _ value: String) {
            begin(key)
            quote(value)
        }

        mutating func add(_ key: StaticString, _ value: Int) {
            begin(key)
            bytes.append(contentsOf: String(value).utf8)
        }

        mutating func add(named key: String, _ value: String) {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            quote(key)
            bytes.append(UInt8(ascii: ":"))
            quote(value)
        }

        /// The object, or nil where nothing was added.
        func finished() -> [UInt8]? { bytes.isEmpty ? nil : bytes + [UInt8(ascii: "}")] }

        /// Keys of our own need no escapes.
        private mutating func begin(_ key: StaticString) {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes.append(UInt8(ascii: "\""))
            key.withUTF8Buffer { bytes.append(contentsOf: $0) }
            bytes.append(UInt8(ascii: "\""))
            bytes.append(UInt8(ascii: ":"))
        }

        private mutating func quote(_ text: String) {
            bytes.append(UInt8(ascii: "\""))
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    bytes.append(UInt8(ascii: "\\"))
                    bytes.append(byte)
                case 0..<0x20: bytes.append(contentsOf: ("\\u00" + [byte].hex).utf8)
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// The members in their order; nil for anything that the writer does not write.
    static func read(_ bytes: [UInt8]) -> [(key: String, value: Value)]? {
        var reader = Reader(bytes: bytes)
        return reader.object()
    }

    /// The text of one member, without reading the others; nil where there is none. `name` is the member's name in
    /// quotation marks, a colon and the text's own mark: in a text that bears these bytes its marks would be escaped.
    static func text(behind name: [UInt8], in bytes: Span<UInt8>) -> String? {
        guard bytes.count > name.count else { return nil }
        search: for start in 0..<(bytes.count - name.count) {
            for place in 0..<name.count where bytes[start + place] != name[place] { continue search }
            let begin = start + name.count
            var end = begin
            var hasEscapes = false
            while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
                if bytes[end] == UInt8(ascii: "\\") {
                    hasEscapes = true
                    end += 1
                }
                end += 1
            }
            guard end < bytes.count else { return nil }
            // Back to the first quotation mark, where a text begins.
            if hasEscapes {
                var reader = Reader(bytes: (begin - 1...end).map { bytes[$0] })
                return reader.string()
            }
            return String(validating: (begin..<end).map { bytes[$0] }, as: UTF8.self)
        }
        return nil
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        mutating func object() -> [(key: String, value: Value)]? {
            var members: [(key: String, value: Value)] = []
            guard take(UInt8(ascii: "{")) else { return nil }
            if take(UInt8(ascii: "}")) { return at == bytes.count ? members : nil }
            repeat {
                guard let key = string(), take(UInt8(ascii: ":")), let value = value() else { return nil }
                members.append((key, value))
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "}")) && at == bytes.count ? members : nil
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard at < bytes.count, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        private mutating func value() -> Value? {
            guard at < bytes.count else { return nil }
            if bytes[at] == UInt8(ascii: "\"") { return string().map(Value.text) }
            let begin = at
            while at < bytes.count, bytes[at] == UInt8(ascii: "-") || (0x30...0x39).contains(bytes[at]) { at += 1 }
            return Int(String(decoding: bytes[begin..<at], as: UTF8.self)).map(Value.number)
        }

        mutating func string() -> String? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            var text: [UInt8] = []
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                switch byte {
                case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let unescaped = escape() else { return nil }
                    text.append(unescaped)
                default: text.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> UInt8? {
            guard at < bytes.count else { return nil }
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "u") else {
                return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? byte : nil
            }
            guard at + 4 <= bytes.count,
                let code = UInt8(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16), code < 0x20
            else { return nil }
            at += 4
            return code
        }
    }
}
