import Foundation

/// The daemon's file, as far as it must be known beforehand: which keys it has, of which type their values are, and in
/// which lines they stand. The values are read elsewhere; a key that nobody knows would be passed over there.
struct SettingsFile {
    let path: String
    private let lines: [Substring]
    private let values: [String: Shape]

    /// No settings are as long.
    static let largest = 1 << 20

    /// Nil where there is no such file.
    init?(path: String) throws(DaemonSettingsError) {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
            let failure = error as NSError
            if failure.domain == NSCocoaErrorDomain, failure.code == CocoaError.fileReadNoSuchFile.rawValue {
                return nil
            }
            throw DaemonSettingsError(.file(path, line: nil, excerpt: nil), .unreadable(failure.localizedDescription))
        }
        try self.init(path: path, bytes: bytes)
    }

    init(path: String, bytes: Data) throws(DaemonSettingsError) {
        self.path = path
        guard bytes.count <= Self.largest else {
            throw DaemonSettingsError(.file(path, line: nil, excerpt: nil), .tooLarge)
        }
        lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        do {
            guard case .object(let values) = try JSONDecoder().decode(Shape.self, from: bytes) else {
                throw DaemonSettingsError(.file(path, line: 1, excerpt: nil), .notAnObject)
            }
            self.values = values
        } catch let error as DaemonSettingsError {
            throw error
        } catch {
            let (why, offset) = Self.reason(bytes)
            let line = offset.map { bytes.prefix($0).count { $0 == UInt8(ascii: "\n") } + 1 }
            throw DaemonSettingsError(.file(path, line: line, excerpt: Self.excerpt(lines, line)), .notJSON(why))
        }
        try check()
    }

    func has(_ key: SettingKey) -> Bool {
        switch values[key.rawValue] {
        case nil, .null: false
        default: true
        }
    }

    func isNumber(_ key: SettingKey) -> Bool { values[key.rawValue] == .number }

    func place(of key: String) -> DaemonSettingsError.Place {
        let index = lines.firstIndex { line in
            guard let name = line.firstRange(of: "\"\(key)\"") else { return false }
            return line[name.upperBound...].drop { $0 == " " || $0 == "\t" }.first == ":"
        }
        let line = index.map { $0 + 1 }
        return .file(path, line: line, excerpt: Self.excerpt(lines, line))
    }

    private func check() throws(DaemonSettingsError) {
        for name in values.keys.sorted() {
            guard let key = SettingKey(rawValue: name) else {
                throw DaemonSettingsError(place(of: name), .unknownKey(name, meant: SettingKey.meant(by: name)))
            }
            let shape = values[name] ?? .null
            switch (key, shape) {
            case (_, .null), (.links, .strings), (.roles, .strings), (.readEvery, .number): continue
            case (let key, .string) where key != .links && key != .roles: continue
            default: throw DaemonSettingsError(place(of: name), .wrongType(key, expected: Self.expectation(key)))
            }
        }
    }

    static func expectation(_ key: SettingKey) -> String {
        switch key {
        case .roles: "a list of texts: [\"nurse=@ward-3\", \"auditor=maria\"]"
        case .links: "a list of texts: [\"serial:/dev/ttyUSB0?driver=miva\"]"
        case .readEvery: "a number of minutes, or a text such as \"15m\""
        default: "a text"
        }
    }

    private static func excerpt(_ lines: [Substring], _ line: Int?) -> String? {
        guard let line, lines.indices.contains(line - 1) else { return nil }
        let text = String(lines[line - 1]).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    /// Why the bytes are not JSON, and from which byte on. The decoder does not say; its older sister names the place in
    /// words (`… around character 13`), counted in bytes from 0.
    private static func reason(_ bytes: Data) -> (why: String, offset: Int?) {
        do { _ = try JSONSerialization.jsonObject(with: bytes) } catch {
            let said = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? ""
            if let place = said.split(separator: "around character ").last,
                let offset = Int(place.prefix { $0.isNumber })
            {
                return ("something is missing or too much here", offset)
            }
            if said.contains("end of file") { return ("it ends too early", bytes.count) }
        }
        return ("it cannot be read as that", nil)
    }
}

/// The type of a JSON value.
private enum Shape: Decodable, Equatable {
    case null
    case bool
    case number
    case string
    case strings
    case list
    case object([String: Shape])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if (try? container.decode(Bool.self)) != nil {
            self = .bool
        } else if (try? container.decode(String.self)) != nil {
            self = .string
        } else if (try? container.decode(Double.self)) != nil {
            self = .number
        } else if (try? container.decode([String].self)) != nil {
            self = .strings
        } else if let values = try? container.decode([String: Shape].self) {
            self = .object(values)
        } else {
            self = .list
        }
    }
}

extension SettingKey {
    /// The key that a misspelt one stands for: the same letters in another case or with other separators, or at most two
    /// letters off.
    static func meant(by name: String) -> SettingKey? {
        func plain(_ text: String) -> [Character] {
            text.lowercased().filter { $0.isLetter || $0.isNumber }.map(\.self)
        }
        let wanted = plain(name)
        let byDistance = allCases.map { (key: $0, distance: editDistance(plain($0.rawValue), wanted)) }
        guard let nearest = byDistance.min(by: { $0.distance < $1.distance }), nearest.distance <= 2 else { return nil }
        return nearest.key
    }
}

/// How many letters must be put in, taken out or changed to make one word the other (Levenshtein).
private func editDistance(_ one: [Character], _ other: [Character]) -> Int {
    // Nobody misspells a key by more than it has letters.
    if abs(one.count - other.count) > 8 { return abs(one.count - other.count) }
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, against) in other.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == against ? 0 : 1))
            diagonal = above
        }
    }
    return row.last ?? one.count
}
