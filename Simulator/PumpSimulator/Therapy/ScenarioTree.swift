import Foundation

/// A value of a scenario file, with the path that leads to it, so that an error can name the place.
struct ScenarioTree {
    let path: String
    private let value: Value

    fileprivate indirect enum Value: Decodable {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        case list([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            if let keyed = try? decoder.container(keyedBy: AnyKey.self) {
                var fields: [String: Value] = [:]
                for key in keyed.allKeys { fields[key.stringValue] = try keyed.decode(Value.self, forKey: key) }
                self = .object(fields)
                return
            }
            if var list = try? decoder.unkeyedContainer() {
                var values: [Value] = []
                while !list.isAtEnd { values.append(try list.decode(Value.self)) }
                self = .list(values)
                return
            }
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let bool = try? single.decode(Bool.self) {
                self = .bool(bool)
            } else if let number = try? single.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try single.decode(String.self))
            }
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// Reads JSON5: comments and trailing commas are welcome.
    init(json: [UInt8]) throws(ScenarioError) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            value = try decoder.decode(Value.self, from: Data(json))
        } catch {
            throw ScenarioError(path: "", problem: "it is not JSON: \(Self.plain(error))")
        }
        path = ""
    }

    private static func plain(_ error: any Error) -> String {
        if case DecodingError.dataCorrupted(let context) = error {
            if let under = context.underlyingError { return "\(under)" }
            return context.debugDescription
        }
        return "\(error)"
    }

    private init(path: String, value: Value) {
        self.path = path
        self.value = value
    }

    // MARK: Reading

    private func wrong(_ expected: String) -> ScenarioError {
        ScenarioError(path: path, problem: "expected \(expected)")
    }

    /// The fields of an object, after a check that it has no other than these.
    func fields(_ known: [String]) throws(ScenarioError) -> [String: ScenarioTree] {
        guard case .object(let fields) = value else { throw wrong("an object { … }") }
        if let stranger = fields.keys.sorted().first(where: { !known.contains($0) }) {
            throw ScenarioError(
                path: path, problem: "there is no field \"\(stranger)\"; there are \(known.joined(separator: ", "))")
        }
        return fields.reduce(into: [:]) { result, field in
            result[field.key] = ScenarioTree(
                path: path.isEmpty ? field.key : path + "." + field.key, value: field.value)
        }
    }

    var isNull: Bool { if case .null = value { true } else { false } }

    func text() throws(ScenarioError) -> String {
        guard case .text(let text) = value else { throw wrong("a text in quotes") }
        return text
    }

    func number(_ range: ClosedRange<Double>) throws(ScenarioError) -> Double {
        guard case .number(let number) = value, range.contains(number) else {
            throw wrong("a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))")
        }
        return number
    }

    func whole(_ range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        let number = try number(Double(range.lowerBound)...Double(range.upperBound))
        guard number == number.rounded() else { throw wrong("a whole number") }
        return Int(number)
    }

    /// `[from, to]`.
    func range(_ range: ClosedRange<Int>) throws(ScenarioError) -> ClosedRange<Int> {
        let ends = try list()
        guard ends.count == 2 else { throw wrong("two whole numbers [from, to]") }
        let (low, high) = (try ends[0].whole(range), try ends[1].whole(range))
        guard low <= high else { throw wrong("two whole numbers [from, to], the smaller one first") }
        return low...high
    }

    func list() throws(ScenarioError) -> [ScenarioTree] {
        guard case .list(let values) = value else { throw wrong("a list [ … ]") }
        return values.enumerated().map { ScenarioTree(path: "\(path)[\($0.offset)]", value: $0.element) }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

/// What is wrong with a scenario file, and where.
package struct ScenarioError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    package var description: String { path.isEmpty ? problem : "\(path): \(problem)" }
}
