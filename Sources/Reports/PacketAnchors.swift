import LedgerService
import PumpCore
import Supplies

/// Names of places in the page, made of kind and number and never of text from a file.
struct PacketAnchors {
    private let containers: [String: Int]
    private let records: [RecordKey: Int]
    private let deliveries: [String: Int]
    private let downloads: [String: Int]
    private let lines: [String: Int]
    private let pumps: [String: Int]
    private let rules: [RuleName: Int]

    private struct RuleName: Hashable {
        let id: String
        let set: String
    }

    init(_ answer: PacketAnswer) {
        func numbers<Key: Hashable>(_ keys: [Key]) -> [Key: Int] {
            Dictionary(keys.enumerated().map { ($1, $0 + 1) }, uniquingKeysWith: { first, _ in first })
        }
        containers = numbers((answer.containers + answer.strays).map(\.id))
        records = numbers(answer.records.map(\.line.record.key))
        deliveries = numbers(answer.deliveries.map(\.id))
        downloads = numbers(answer.downloads.map(\.id))
        lines = numbers(answer.counts.map(\.id))
        pumps = numbers(answer.pumps.map(\.serial))
        rules = numbers(answer.rules.map { RuleName(id: $0.id, set: $0.set) })
    }

    func number(ofContainer id: String) -> Int? { containers[id] }
    func number(ofRecord key: RecordKey) -> Int? { records[key] }
    func number(ofDownload id: String) -> Int? { downloads[id] }

    func rule(_ id: String, set: String) -> String? { rules[RuleName(id: id, set: set)].map { "rule\($0)" } }
    /// The rule as any set of this packet has it: for holds, which name no date.
    func rule(_ id: String, near set: String) -> String? {
        rule(id, set: set) ?? rules.filter { $0.key.id == id }.map(\.value).min().map { "rule\($0)" }
    }
    func container(_ id: String) -> String? { containers[id].map { "c\($0)" } }
    func record(_ key: RecordKey) -> String? { records[key].map { "r\($0)" } }
    func pump(_ serial: String) -> String? { pumps[serial].map { "p\($0)" } }
    func line(_ id: String) -> String? { lines[id].map { "n\($0)" } }
    func download(_ id: String) -> String? { downloads[id].map { "s\($0)" } }

    /// Nil where nothing of that name is in the packet.
    func place(of reference: PacketReference) -> String? {
        switch reference.kind {
        case .line: line(reference.id)
        case .container: container(reference.id)
        case .delivery: deliveries[reference.id].map { "d\($0)" }
        case .refill: "refills"
        case .disposition: number(reference).map { "w\($0)" }
        case .billed: number(reference).map { "b\($0)" }
        case .stay: number(reference).map { "t\($0)" }
        case .gap: number(reference).map { "g\($0)" }
        case .finding: number(reference).map { "f\($0)" }
        case .excused: number(reference).map { "x\($0)" }
        case .adjustment: number(reference).map { "a\($0)" }
        case .pump: pump(reference.id)
        case .order: "order"
        case .slots: "slots"
        case .weeks: "weeks"
        case .shelf: "shelf"
        }
    }

    private func number(_ reference: PacketReference) -> Int? { Int(reference.id) }
}
