package import LedgerService
import PumpCore
import Supplies

/// One line an order and code: what moved on the shelf, against what was counted and billed.
package struct ReconcileReport: Sendable {
    private let answer: ReconcileAnswer

    package init(_ answer: ReconcileAnswer) { self.answer = answer }

    private func id(_ line: ReconcileLine) -> String {
        StockLineID(period: answer.heading.period, order: line.order, hcpcs: line.hcpcs).description
    }

    package var json: JSONValue {
        .object(
            [.init("schema", "pumpledger.reconcile/1")] + HeadingLines.json(answer.heading) + [
                .init("lines", .array(answer.lines.map(json))),
                .init("totals", .array(answer.totals.map(Self.json))),
            ])
    }

    private func json(_ line: ReconcileLine) -> JSONValue {
        let moves: [JSONValue.Field] = [
            .init("id", .string(id(line))), .init("order", .string(line.order)),
            .init("patient", .string(line.patient)), .init("hcpcs", .string(line.hcpcs)),
            .init("opening", .integer(line.opening)), .init("delivered", .integer(line.delivered)),
            .init("used", .integer(line.used)), .init("attested", .integer(line.attested)),
            .init("wasted", .integer(line.wasted)), .init("returned", .integer(line.returned)),
            .init("lost", .integer(line.lost)), .init("expected", .integer(line.expected)),
        ]
        return .object(
            moves + [
                .init("counted", .optional(line.counted)),
                .init("countedOn", .optional(line.countedOn?.description)),
                .init("variance", .optional(line.variance)),
                .init("billed", .integer(line.billed)),
                .init("billedMinusSupported", .optional(line.billedMinusSupported)),
                .init("status", .string(line.status.rawValue)),
                .init("onShelf", .bool(line.isOnShelf)),
                .init("notes", .strings(line.notes)),
            ])
    }

    private static func json(_ total: ReconcileAnswer.Total) -> JSONValue {
        .object([
            .init("hcpcs", .string(total.hcpcs)), .init("lines", .integer(total.lines)),
            .init("opening", .integer(total.opening)), .init("delivered", .integer(total.delivered)),
            .init("used", .integer(total.used)), .init("attested", .integer(total.attested)),
            .init("wasted", .integer(total.wasted)), .init("returned", .integer(total.returned)),
            .init("lost", .integer(total.lost)), .init("expected", .integer(total.expected)),
            .init("counted", .optional(total.counted)), .init("variance", .optional(total.variance)),
            .init("billed", .integer(total.billed)),
            .init("billedMinusSupported", .optional(total.billedMinusSupported)),
        ])
    }

    package var sheet: Sheet {
        Sheet(
            heading: HeadingLines.above(answer.heading, title: "Supply reconciliation")
                + (answer.lines.isEmpty ? ["No order in this period. Is the register imported?"] : []),
            columns: [
                .init("order"), .init("patient"), .init("code"), .init("opening", number: true),
                .init("delivered", number: true), .init("used", number: true), .init("attested", number: true),
                .init("wasted", number: true), .init("returned", number: true), .init("lost", number: true),
                .init("expected", number: true), .init("counted", number: true), .init("counted on"),
                .init("variance", number: true), .init("billed", number: true),
                .init("billed−supported", number: true), .init("status"), .init("notes", inText: false),
                .init("id", inText: false),
            ],
            rows: answer.lines.map { line in
                [
                    .text(line.order), .text(line.patient), .text(line.hcpcs), .integer(line.opening),
                    .integer(line.delivered), .integer(line.used), .integer(line.attested), .integer(line.wasted),
                    .integer(line.returned), .integer(line.lost), .integer(line.expected), .optional(line.counted),
                    .optional(line.countedOn?.description), .optional(line.variance), .integer(line.billed),
                    .optional(line.billedMinusSupported), .text(line.status.rawValue),
                    .text(line.notes.joined(separator: "; ")), .text(id(line)),
                ]
            },
            totals: (answer.totals.contains { $0.lines > 1 } ? answer.totals : []).map { total in
                [
                    .text("total"), .text(counted(total.lines, "line")), .text(total.hcpcs), .integer(total.opening),
                    .integer(total.delivered), .integer(total.used), .integer(total.attested),
                    .integer(total.wasted), .integer(total.returned), .integer(total.lost), .integer(total.expected),
                    .optional(total.counted), .text(""), .optional(total.variance), .integer(total.billed),
                    .optional(total.billedMinusSupported),
                ]
            },
            footing: below)
    }

    private var below: [String] {
        var lines = answer.lines.flatMap { line in line.notes.map { "order \(line.order), \(line.hcpcs): \($0)" } }
        if let first = answer.lines.first(where: { $0.status == .notCounted && $0.isOnShelf }) {
            lines.append(
                "NOT COUNTED is not 0. Count the shelf: pumpledger count \(first.order) QUANTITY --on "
                    + "\(answer.heading.period.to)")
        }
        if answer.lines.contains(where: { !$0.isOnShelf && $0.status == .notCounted }) {
            lines.append("Weekly codes and days lie on no shelf: nobody has to count them.")
        }
        if !answer.lines.isEmpty {
            lines.append(
                "opening + delivered − used − attested − wasted − returned − lost = expected; variance = counted − "
                    + "expected on the day of the count")
        }
        lines += HeadingLines.below(answer.heading)
        if let first = answer.lines.first {
            lines.append("Why (so for each order and code): pumpledger explain \(id(first))")
        }
        return lines
    }
}
