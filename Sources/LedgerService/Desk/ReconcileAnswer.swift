package import Supplies

/// One line an order and code: what moved, what was counted, what was billed.
package struct ReconcileAnswer: Codable, Sendable {
    /// The sum of all lines of one code. What one of them does not know, the sum does not know.
    package struct Total: Codable, Hashable, Sendable {
        package var hcpcs: String
        package var lines: Int
        package var opening = 0
        package var delivered = 0
        package var used = 0
        package var attested = 0
        package var wasted = 0
        package var returned = 0
        package var lost = 0
        package var expected = 0
        package var counted: Int?
        package var variance: Int?
        package var billed = 0
        package var billedMinusSupported: Int?

        init(_ hcpcs: String, _ lines: [ReconcileLine]) {
            self.hcpcs = hcpcs
            self.lines = lines.count
            for line in lines {
                opening += line.opening
                delivered += line.delivered
                used += line.used
                attested += line.attested
                wasted += line.wasted
                returned += line.returned
                lost += line.lost
                expected += line.expected
                billed += line.billed
            }
            func sum(_ value: (ReconcileLine) -> Int?) -> Int? {
                lines.reduce(Int?.some(0)) { sum, line in sum.flatMap { sum in value(line).map { sum + $0 } } }
            }
            counted = sum(\.counted)
            variance = sum(\.variance)
            billedMinusSupported = sum(\.billedMinusSupported)
        }
    }

    package var heading: ReportHeading
    package var lines: [ReconcileLine]
    /// One a code, in the order of the codes.
    package var totals: [Total]

    init(heading: ReportHeading, lines: [ReconcileLine]) {
        self.heading = heading
        self.lines = lines.attentionFirst()
        totals = Dictionary(grouping: lines, by: \.hcpcs).sorted { $0.key < $1.key }.map { Total($0, $1) }
    }

    /// Whether a person has to do something before the month can be closed.
    package var hasFindings: Bool { lines.contains(where: \.isFinding) }
}

extension [ReconcileLine] {
    /// Orders about which a person has to do something come first; the lines of one order stay together.
    fileprivate func attentionFirst() -> [ReconcileLine] {
        func rank(_ line: ReconcileLine) -> Int {
            line.status == .review || line.isOnShelf && !line.notes.isEmpty ? 0 : line.isFinding ? 1 : 2
        }
        let best = Dictionary(grouping: self, by: \.order).mapValues { $0.map(rank).min() ?? 2 }
        return enumerated().sorted {
            ((best[$0.element.order] ?? 2), $0.offset) < ((best[$1.element.order] ?? 2), $1.offset)
        }.map(\.element)
    }
}
