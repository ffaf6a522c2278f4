package import PumpCore

/// A conversation with a device, as a file: one line a transfer, `out,HEX` from host to device and `in,HEX` the other
/// way. Hexadecimal digits stand in pairs, with or without blanks between the pairs. Blank lines, lines that begin with
/// `#`, and Windows line ends are allowed.
package struct RecordedSession: Hashable, Sendable {
    package struct Transfer: Hashable, Sendable {
        package var direction: Direction
        package var bytes: [UInt8]

        package init(_ direction: Direction, _ bytes: [UInt8]) {
            self.direction = direction
            self.bytes = bytes
        }

        /// The transfer as a line of the file, without its end.
        package var line: String {
            direction.rawValue + "," + bytes.map { [$0].hex.uppercased() }.joined(separator: " ")
        }
    }

    /// A whole download of the largest log that a driver knows is below 20 MB.
    package static let largestFile = 64 * 1024 * 1024
    /// Far above one USB or serial read.
    package static let longestTransfer = 65_536

    package var transfers: [Transfer]

    package init(_ transfers: [Transfer]) { self.transfers = transfers }

    /// Reads a recording.
    package init(csv: [UInt8]) throws(RecordedSessionError) {
        guard csv.count <= Self.largestFile else { throw .tooLarge(bytes: csv.count) }
        transfers = []
        var number = 0
        for line in csv.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var line = line
            if number == 1, line.starts(with: Self.byteOrderMark) { line = line.dropFirst(Self.byteOrderMark.count) }
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            let isBlank = line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if isBlank || line.first == UInt8(ascii: "#") { continue }
            switch Self.read(line) {
            case .success(let transfer): transfers.append(transfer)
            case .failure(let problem):
                throw .badLine(number: number, excerpt: RecordedSessionError.excerpt(line), problem)
            }
        }
        if transfers.isEmpty { throw .empty }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func read(_ line: ArraySlice<UInt8>) -> Result<Transfer, RecordedSessionError.Problem> {
        guard let comma = line.firstIndex(of: UInt8(ascii: ",")),
            let direction = Direction(rawValue: String(decoding: line[..<comma], as: UTF8.self))
        else { return .failure(.direction) }
        let digits = line[(comma + 1)...]
        // Two digits and a blank a byte, and some room.
        guard digits.count <= longestTransfer * 4 else { return .failure(.tooLong) }
        guard let bytes = bytes(fromHex: String(decoding: digits, as: UTF8.self)) else { return .failure(.digits) }
        if bytes.isEmpty { return .failure(.noBytes) }
        return bytes.count <= longestTransfer ? .success(Transfer(direction, bytes)) : .failure(.tooLong)
    }

    /// The whole file.
    package var csv: String { transfers.map { $0.line + "\n" }.joined() }
}

/// Why a file is no recorded session.
package enum RecordedSessionError: Error, Hashable, Sendable {
    case badLine(number: Int, excerpt: String, Problem)
    case tooLarge(bytes: Int)
    case empty

    package enum Problem: Error, Hashable, Sendable {
        case direction
        case digits
        case noBytes
        case tooLong
    }

    /// The first 40 characters, harmless on a terminal.
    fileprivate static func excerpt(_ line: ArraySlice<UInt8>) -> String {
        let shown = line.prefix(40).map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: shown, as: UTF8.self) + (line.count > 40 ? "…" : "")
    }
}

extension RecordedSessionError: CustomStringConvertible {
    /// Place, excerpt, why, and what to do.
    package var description: String {
        switch self {
        case .badLine(let number, let excerpt, let problem): "line \(number): “\(excerpt)” \(problem.sentence)"
        case .tooLarge(let bytes):
            "the file has \(bytes) bytes, and a recorded session has at most \(RecordedSession.largestFile); is it another file?"
        case .empty: "the file has no line that begins with “out,” or “in,”; is it a recorded session?"
        }
    }
}

extension RecordedSessionError.Problem {
    fileprivate var sentence: String {
        switch self {
        case .direction: "must begin with “out,” (host to device) or “in,” (device to host)"
        case .digits: "must hold hexadecimal digits in pairs after the comma, such as “01 55 00” or “015500”"
        case .noBytes: "has no bytes after the comma; leave the line out if nothing was sent"
        case .tooLong: "holds more than \(RecordedSession.longestTransfer) bytes; a line is one transfer, so split it"
        }
    }
}
