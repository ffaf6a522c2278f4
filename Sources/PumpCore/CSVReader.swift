/// How much of a CSV file is believed before it is refused.
package struct CSVLimits: Hashable, Sendable {
    package var fileBytes: Int
    package var fieldBytes: Int
    package var fieldsInRow: Int
    /// Rows with the header.
    package var rows: Int

    package init(fileBytes: Int, fieldBytes: Int, fieldsInRow: Int, rows: Int) {
        self.fileBytes = fileBytes
        self.fieldBytes = fieldBytes
        self.fieldsInRow = fieldsInRow
        self.rows = rows
    }

    /// 64 MiB a file, 64 KiB a field, 256 fields a row, a million rows: ten times what the largest agency writes.
    package static let standard = CSVLimits(
        fileBytes: 64 << 20, fieldBytes: 64 << 10, fieldsInRow: 256, rows: 1_000_000)
}

/// One field, as places in the file. Its text is made on demand.
package struct CSVField: Hashable, Sendable {
    /// Bytes of the field with its surrounding quotes.
    package let extent: Range<Int>
    /// Bytes between the quotes, or the whole field where it has none.
    package let content: Range<Int>
    /// The line on which it begins, from 1. A quoted field may hold line ends.
    package let line: Int
    let hasDoubledQuotes: Bool
}

package struct CSVRow: Hashable, Sendable {
    /// Never empty.
    package let fields: [CSVField]
    /// The line on which it begins, from 1.
    package let line: Int
}

/// What makes bytes no CSV file, and where.
package struct CSVFault: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case fileTooLong(limit: Int)
        case notUTF8
        case nul
        case quoteInPlainField
        case textAfterQuote
        case unterminatedQuote
        case bareCarriageReturn
        case fieldTooLong(limit: Int)
        case tooManyFields(limit: Int)
        case tooManyRows(limit: Int)
    }

    package let kind: Kind
    /// The bytes at fault; for an unterminated or overlong field its first byte.
    package let extent: Range<Int>
    /// From 1.
    package let line: Int

    package init(kind: Kind, extent: Range<Int>, line: Int) {
        self.kind = kind
        self.extent = extent
        self.line = line
    }
}

/// Reads RFC 4180: fields separated by commas, rows by CRLF or LF, quotes doubled inside quotes. A UTF-8 byte order
/// mark is skipped, and so are lines without a byte. Anything else that the RFC does not have is a fault with its
/// place; after a fault the reader gives no more rows, for it cannot know where the next one begins.
package struct CSVReader: Sendable {
    package let bytes: [UInt8]
    private let limits: CSVLimits
    private var offset: Int
    private var line = 1
    private var rows = 0
    private var width = 0

    package init(_ bytes: [UInt8], limits: CSVLimits = .standard) throws(CSVFault) {
        self.bytes = bytes
        self.limits = limits
        offset = Self.bodyStart(in: bytes)
        guard bytes.count <= limits.fileBytes else {
            throw CSVFault(kind: .fileTooLong(limit: limits.fileBytes), extent: 0..<0, line: 1)
        }
        if let bad = Self.firstInvalidUTF8(in: bytes) {
            let before = bytes[..<bad]
            throw CSVFault(kind: .notUTF8, extent: bad..<(bad + 1), line: 1 + before.count { $0 == Byte.lineFeed })
        }
    }

    /// Where the text begins: behind the byte order mark, if there is one.
    package static func bodyStart(in bytes: [UInt8]) -> Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// The next row, or nil at the end.
    package mutating func next() throws(CSVFault) -> CSVRow? {
        skipBlankLines()
        guard offset < bytes.count else { return nil }
        let rowLine = line
        rows += 1
        guard rows <= limits.rows else { throw fault(.tooManyRows(limit: limits.rows), offset..<offset, rowLine) }
        var fields: [CSVField] = []
        fields.reserveCapacity(width)
        repeat {
            guard fields.count < limits.fieldsInRow else {
                throw fault(.tooManyFields(limit: limits.fieldsInRow), offset..<offset, line)
            }
            fields.append(byte(at: offset) == Byte.quote ? try quotedField() : try plainField())
        } while takeComma()
        takeLineEnd()
        width = fields.count
        return CSVRow(fields: fields, line: rowLine)
    }

    package func text(_ field: CSVField) -> String {
        guard field.hasDoubledQuotes else { return String(decoding: bytes[field.content], as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(field.content.count)
        var previousWasQuote = false
        for byte in bytes[field.content] {
            let drops = byte == Byte.quote && previousWasQuote
            if !drops { out.append(byte) }
            previousWasQuote = byte == Byte.quote && !drops
        }
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func plainField() throws(CSVFault) -> CSVField {
        let start = offset
        var end = start
        scan: while let next = byte(at: end) {
            switch next {
            case Byte.comma, Byte.lineFeed: break scan
            case Byte.carriageReturn:
                guard byte(at: end + 1) == Byte.lineFeed else {
                    throw fault(.bareCarriageReturn, end..<(end + 1), line)
                }
                break scan
            case Byte.quote: throw fault(.quoteInPlainField, end..<(end + 1), line)
            case Byte.nul: throw fault(.nul, end..<(end + 1), line)
            default: end += 1
            }
        }
        guard end - start <= limits.fieldBytes else {
            throw fault(.fieldTooLong(limit: limits.fieldBytes), start..<(start + 1), line)
        }
        offset = end
        return CSVField(extent: start..<end, content: start..<end, line: line, hasDoubledQuotes: false)
    }

    private mutating func quotedField() throws(CSVFault) -> CSVField {
        let start = offset
        let firstLine = line
        var end = start + 1
        var hasDoubledQuotes = false
        while true {
            guard let next = byte(at: end) else { throw fault(.unterminatedQuote, start..<(start + 1), firstLine) }
            if next == Byte.nul { throw fault(.nul, end..<(end + 1), line) }
            if next == Byte.quote {
                guard byte(at: end + 1) == Byte.quote else { break }
                hasDoubledQuotes = true
                end += 1
            }
            if next == Byte.lineFeed { line += 1 }
            end += 1
            guard end - start <= limits.fieldBytes else {
                throw fault(.fieldTooLong(limit: limits.fieldBytes), start..<(start + 1), firstLine)
            }
        }
        let closing = end + 1
        let isAtLineEnd = byte(at: closing) == Byte.carriageReturn && byte(at: closing + 1) == Byte.lineFeed
        switch byte(at: closing) {
        case nil, Byte.comma?, Byte.lineFeed?: break
        default: if !isAtLineEnd { throw fault(.textAfterQuote, closing..<(closing + 1), line) }
        }
        offset = closing
        return CSVField(
            extent: start..<closing, content: (start + 1)..<end, line: firstLine, hasDoubledQuotes: hasDoubledQuotes)
    }

    private mutating func takeComma() -> Bool {
        guard byte(at: offset) == Byte.comma else { return false }
        offset += 1
        return true
    }

    private mutating func takeLineEnd() {
        if byte(at: offset) == Byte.carriageReturn { offset += 1 }
        if byte(at: offset) == Byte.lineFeed {
            offset += 1
            line += 1
        }
    }

    private mutating func skipBlankLines() {
        while true {
            if byte(at: offset) == Byte.lineFeed {
                offset += 1
            } else if byte(at: offset) == Byte.carriageReturn, byte(at: offset + 1) == Byte.lineFeed {
                offset += 2
            } else {
                return
            }
            line += 1
        }
    }

    private mutating func fault(_ kind: CSVFault.Kind, _ extent: Range<Int>, _ line: Int) -> CSVFault {
        offset = bytes.count
        return CSVFault(kind: kind, extent: extent, line: line)
    }

    private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private static func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    private enum Byte {
        static let nul: UInt8 = 0
        static let lineFeed = UInt8(ascii: "\n")
        static let carriageReturn = UInt8(ascii: "\r")
        static let quote = UInt8(ascii: "\"")
        static let comma = UInt8(ascii: ",")
    }
}

/// One row of CSV without its line end: quotes only where the RFC needs them, so that equal fields give equal bytes.
package func csvRow(_ fields: [String]) -> String {
    fields.map { field in
        let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return needsQuotes
            ? "\""
                + field.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\"" : field
    }.joined(separator: ",")
}
