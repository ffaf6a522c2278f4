import LedgerService
import PumpCore
import Supplies

/// What lay on the shelf and went from it, what was billed, found and adjusted.
extension PacketPage {
    // MARK: Shelf

    var shelfSection: Section? {
        Section(
            id: "shelf", title: "Shelf, dispositions and stays",
            content: [shelfTable, countTable, dispositionTable, stayTable])
    }

    private var shelfTable: Markup {
        guard !answer.shelf.isEmpty else { return PageParts.paragraph("Nothing to reconcile in this period.") }
        let columns: [PageParts.Column] = [
            .text("Code", 8), .number("Opening"), .number("Delivered"), .number("Used"), .number("Attested"),
            .number("Wasted"), .number("Returned"), .number("Lost"), .number("Expected"), .number("Counted"),
            .number("Variance"), .text("Status", 13),
        ]
        return PageParts.table(
            "Opening + delivered − used − attested − wasted − returned − lost = expected, moves on their own days",
            columns,
            groups: answer.shelf.map { line in
                let numbers = PageParts.Row(
                    [
                        .head(.text(line.hcpcs)), .number(line.opening), .number(line.delivered), .number(line.used),
                        .number(line.attested), .number(line.wasted), .number(line.returned), .number(line.lost),
                        .number(line.expected), .number(line.counted),
                        PageParts.Cell(
                            content: [.text(line.variance.map(PageParts.signed) ?? "–")], kind: "number"),
                        .text(line.status.rawValue),
                    ], kind: line.notes.isEmpty ? nil : "joined")
                guard !line.notes.isEmpty else { return [numbers] }
                return [
                    numbers,
                    PageParts.Row(
                        [PageParts.Cell(content: [.text(line.notes.joined(separator: "; "))], span: columns.count)],
                        kind: "detail"),
                ]
            }, kind: "wide")
    }

    private var countTable: Markup {
        guard !answer.shelfCounts.isEmpty else { return PageParts.paragraph("Nobody counted the shelf: NOT COUNTED.") }
        return PageParts.table(
            "Counts of the shelf",
            [.text("Counted on"), .number("Quantity", 14), .text("By"), .text("Register row", 24)],
            answer.shelfCounts.map {
                PageParts.Row([
                    .head(.text($0.countedOn.description)), .number($0.quantity), .text($0.by), .text($0.source),
                ])
            })
    }

    private var dispositionTable: Markup {
        guard !answer.dispositions.isEmpty else {
            return PageParts.paragraph("No disposition of unused containers is on record.")
        }
        return PageParts.table(
            "Containers that were not used, and why; grey ones lie before the period",
            [
                .number("No.", 6), .text("Date", 12), .number("Quantity", 10), .text("Reason", 20), .text("Note"),
                .text("By", 14), .text("Register row", 18),
            ],
            answer.dispositions.enumerated().map { place, row in
                PageParts.Row(
                    [
                        .number(place + 1), .head(.text(row.date.description)), .number(row.quantity),
                        .text(row.reason),
                        .held(row.note), .text(row.by), .text(row.source),
                    ], id: anchors.place(of: PacketReference(.disposition, place + 1)),
                    kind: row.isInPeriod ? nil : "outside")
            })
    }

    private var stayTable: Markup {
        guard !answer.stays.isEmpty else { return PageParts.paragraph("No stay in a hospital is on record.") }
        return PageParts.table(
            "Stays in hospital",
            [.text("Admitted"), .text("Discharged"), .text("Kind", 14), .text("Facility"), .text("Register row", 20)],
            answer.stays.enumerated().map { place, row in
                PageParts.Row(
                    [
                        .head(.text(row.admitted)), .text(row.discharged ?? "still there"), .text(row.kind),
                        .held(row.facility), .text(row.source),
                    ], id: anchors.place(of: PacketReference(.stay, place + 1)))
            })
    }

    // MARK: Billed, findings, adjustments

    var billedSection: Section? {
        Section(id: "billed", title: "What was billed, and what was found", content: [billedTable, findingTable])
    }

    private var billedTable: Markup {
        guard !answer.billed.isEmpty else {
            return PageParts.paragraph("No billed line of this order begins in the period.")
        }
        return PageParts.table(
            "Billed lines whose first day lies in the period",
            [
                .text("Code", 10), .text("From", 13), .text("To", 13), .number("Units", 9), .text("Modifiers", 13),
                .text("Claim"), .text("Line", 9), .text("Register row", 20),
            ],
            answer.billed.enumerated().map { place, row in
                PageParts.Row(
                    [
                        .head(.text(row.hcpcs)), .text(row.from.description), .text(row.to.description),
                        .number(row.units),
                        .text(row.modifiers.isEmpty ? "none" : row.modifiers.joined(separator: " ")), .held(row.claim),
                        .held(row.line), .text(row.source),
                    ], id: anchors.place(of: PacketReference(.billed, place + 1)))
            })
    }

    private var findingTable: Markup {
        guard !answer.findings.isEmpty else { return PageParts.paragraph("The scrub found nothing about this order.") }
        let columns: [PageParts.Column] = [
            .text("Weight", 12), .text("Rule", 8), .text("About"), .text("Finding", 36), .text("Row", 17),
        ]
        return PageParts.table(
            "Findings of the scrub", columns,
            groups: answer.findings.enumerated().map { place, finding in
                [
                    PageParts.Row(
                        [
                            .head(.text(Self.severity(finding.severity))),
                            .of(
                                PageParts.link(finding.rule, to: anchors.rule(finding.rule, set: finding.citation.set))),
                            .text(finding.line), .text(finding.message), .text(finding.source),
                        ], id: anchors.place(of: PacketReference(.finding, place + 1)), kind: "joined"),
                    PageParts.Row(
                        [
                            PageParts.Cell(content: []),
                            PageParts.Cell(content: [.text("To do: \(finding.fix)")], span: columns.count - 1),
                        ], kind: "detail"),
                ]
            })
    }

    private static func severity(_ severity: ScrubFinding.Severity) -> String {
        switch severity {
        case .error: "■ error"
        case .warning: "◆ warning"
        case .note: "○ note"
        }
    }

    var adjustmentSection: Section {
        Section(
            id: "adjustments", title: "Adjustments after the period was closed",
            content: [
                PageParts.table(
                    "Signed changes; the closed numbers above stay as they are",
                    [
                        .text("On", 12), .text("Code", 9), .number("Used", 8), .number("Supported", 10),
                        .number("Payable", 9), .text("Reason"), .text("Records", 16),
                    ],
                    answer.adjustments.enumerated().map { place, row in
                        func signed(_ number: Int?) -> PageParts.Cell {
                            PageParts.Cell(content: [.text(number.map(PageParts.signed) ?? "–")], kind: "number")
                        }
                        return PageParts.Row(
                            [
                                .head(.text(row.on.description)), .text(row.hcpcs), signed(row.used),
                                signed(row.supported), signed(row.payable), .text(row.reason),
                                PageParts.Cell(
                                    content: PageParts.commas(
                                        row.records.map { key in
                                            PageParts.link(
                                                anchors.number(ofRecord: key).map(String.init) ?? key.text,
                                                to: anchors.record(key))
                                        })),
                            ], id: anchors.place(of: PacketReference(.adjustment, place + 1)))
                    })
            ])
    }
}
