import LedgerService
import PumpCore
import Supplies

/// Shelf and stays, what was billed, coverage, the records down to the raw bytes, the rules, the form.
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

    // MARK: Coverage

    var coverageSection: Section? {
        Section(id: "coverage", title: "What the logs cover", content: [coverageTable, unreadTable])
    }

    private var coverageTable: Markup {
        guard !answer.heading.coverage.isEmpty else { return PageParts.paragraph("No pump is assigned to this order.") }
        return PageParts.table(
            "Logs and their gaps",
            [.text("Pump", 24), .text("Complete through", 30), .text("Gaps that touch the period")],
            answer.heading.coverage.map { line in
                PageParts.Row([
                    .head(
                        PageParts.link(line.pump, to: anchors.pump(line.pump)),
                        .text(line.isSimulated ? " SIMULATED" : "")),
                    .text(line.completeThrough.map { time.text($0) } ?? "never read with a known clock"),
                    .text(line.gaps.isEmpty ? "none" : line.gaps.map(HeadingLines.words).joined(separator: "; ")),
                ])
            })
    }

    private var unreadTable: Markup {
        guard !answer.witness.unread.isEmpty else {
            return PageParts.paragraph(
                "Every assigned hour of the period lies in a log that was read.", kind: "settled")
        }
        return PageParts.table(
            "Assigned time of which no log says anything: unknown, never \"not given\"",
            [.number("No.", 6), .text("Pump", 22), .text("From"), .text("To"), .text("Why", 32)],
            answer.witness.unread.enumerated().map { place, stretch in
                PageParts.Row(
                    [
                        .number(place + 1), .text(stretch.pump), .text(ReportTime.text(stretch.from)),
                        .text(ReportTime.text(stretch.to)), .text(stretch.reason),
                    ], id: anchors.place(of: PacketReference(.gap, place + 1)))
            })
    }

    // MARK: Records

    var recordSection: Section {
        Section(
            id: "records", title: "Records of the logs, down to the raw bytes", content: [recordTable, downloadTable])
    }

    private var recordTable: Markup {
        guard !answer.records.isEmpty else { return PageParts.paragraph("No container rests on a record.") }
        let columns: [PageParts.Column] = [
            .number("No.", 5), .text("Pump's clock", 17), .text("Corrected, UTC", 17), .text("How, ± seconds", 17),
            .text("Record"), .text("Read by", 11),
        ]
        var groups: [[PageParts.Row]] = []
        var current: [String] = []
        for (place, record) in answer.records.enumerated() {
            if place == 0 || record.containers != current {
                current = record.containers
                groups.append([
                    PageParts.Row(
                        [
                            PageParts.Cell(
                                content: current.isEmpty
                                    ? ["of an adjustment"]
                                    : PageParts.commas(links(current.map { PacketReference(.container, $0) })),
                                span: columns.count, isHead: true)
                        ], kind: "group")
                ])
            }
            groups[groups.count - 1] += recordRows(record, place + 1, columns.count)
        }
        return PageParts.table(
            "Every record behind a container, in the order of the log", columns, groups: groups, kind: "wide")
    }

    private func recordRows(_ record: PacketRecord, _ number: Int, _ width: Int) -> [PageParts.Row] {
        let line = record.line
        let raw = line.record.record
        let session = line.record.session.text
        let words = Self.words(line.record.event)
        var below: [Markup] = [PageParts.muted("bytes "), PageParts.code(raw.raw.hex)]
        if let text = Self.plainText(raw.raw) { below += [.text(" = "), PageParts.code(text)] }
        below.append(PageParts.muted(" · key "))
        below.append(PageParts.code(line.record.key.text))
        if let older = line.record.supersedes { below.append(.text(" · replaces \(older.text)")) }
        return [
            PageParts.Row(
                [
                    PageParts.Cell(content: [.text("\(number)")], isHead: true, kind: "number"),
                    PageParts.Cell(
                        content: [
                            raw.deviceTime.map { $0.civil.map(PageParts.time) ?? .text($0.description) }
                                ?? PageParts.dash
                        ]),
                    .time(line.correctedAt?.utc),
                    .text(
                        line.clockMethod + (line.correctedAt == nil ? "" : ", ± \(line.uncertaintySeconds)")
                            + (line.isDoubtful ? ", doubtful" : "")),
                    .text(line.record.event.kind.rawValue + (words.isEmpty ? "" : ": \(words)")),
                    .of(
                        PageParts.link(
                            anchors.number(ofDownload: session).map { "download \($0)" } ?? session,
                            to: anchors.download(session))),
                ], id: "r\(number)", kind: "joined"),
            PageParts.Row(
                [PageParts.Cell(content: []), PageParts.Cell(content: below, span: width - 1)], kind: "detail"),
        ]
    }

    /// Without the record's own name where it says no more than the kind.
    private static func words(_ event: PumpEvent) -> String {
        var event = event
        if let label = event.label, event.kind.rawValue.hasPrefix(label) { event.label = nil }
        return EventFields.words(event)
    }

    /// What a person attested is text, and shown as text too.
    private static func plainText(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 12, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private var downloadTable: Markup {
        guard !answer.downloads.isEmpty else { return .nothing }
        return PageParts.table(
            "Downloads that first read these records",
            [
                .number("No.", 6), .text("Id"), .text("Pump", 14), .text("From where", 24), .text("Read at", 18),
                .text("Decoder", 9), .number("Records seen", 10), .text("End", 10),
            ],
            answer.downloads.enumerated().map { place, row in
                PageParts.Row(
                    [
                        PageParts.Cell(content: [.text("\(place + 1)")], isHead: true, kind: "number"),
                        .of(PageParts.code(row.id)), .text(row.pump), .text("\(row.origin): \(row.link)"),
                        .text(row.readAt?.description ?? "not said"), .text("version \(row.decoderVersion)"),
                        .number(row.recordsSeen), .text(row.outcome ?? "cut short"),
                    ], id: anchors.download(row.id))
            }, kind: "wide")
    }

    // MARK: Rules

    var ruleSection: Section {
        Section(
            id: "rules", title: "Rules, and who says them",
            content: answer.rules.enumerated().map { place, rule in
                PageParts.element(
                    "div", [("class", "rule"), ("id", "rule\(place + 1)")],
                    [
                        PageParts.element("h3", [], [.text("\(rule.id) of \(rule.set)")]),
                        PageParts.paragraph(
                            .text(rule.text.isEmpty ? "No text of this rule is in the rule set." : rule.text)),
                        PageParts.paragraph(
                            .text(
                                (rule.mark == .payer ? "The payer says so. " : "Derived: no payer states it. ")
                                    + (rule.citation.isEmpty ? "" : "Source: \(rule.citation)")), kind: "muted"),
                    ])
            })
    }

    // MARK: The form

    var formSection: Section {
        Section(
            id: "form", title: "Fields of the Maryland form",
            content: [
                PageParts.paragraph(.text("\"\(PacketForm.title)\" (Maryland Medicaid Pharmacy Program)."))
            ] + answer.form.remarks.map { PageParts.paragraph(.text($0), kind: "muted") } + [formTable, formSupplies])
    }

    private var formTable: Markup {
        PageParts.table(
            "First page of the form, as far as the register fills it",
            [.text("Field", 36), .text("Value"), .text("Register row", 24)],
            groups: answer.form.sections.map { section in
                [
                    PageParts.Row(
                        [
                            PageParts.Cell(
                                content: [.text("\(section.number). \(section.title)")], span: 3, isHead: true)
                        ], kind: "group")
                ]
                    + section.fields.map {
                        PageParts.Row([.head(.text($0.name)), .held($0.value), .text($0.source ?? "")])
                    }
            })
    }

    private var formSupplies: Markup {
        let rows = answer.deliveries.filter { $0.isInPeriod && $0.order == answer.orderID }
        guard !rows.isEmpty else { return PageParts.paragraph("No supplies were dispensed in the period.") }
        return PageParts.table(
            "Supplies dispensed in the period",
            [.text("Date of service"), .text("HCPCS", 12), .number("Quantity", 12), .text("Lot"), .text("Delivery")],
            rows.map { row in
                PageParts.Row([
                    .head(.text(row.date.description)), .text(row.hcpcs), .number(row.quantity), .held(row.lot),
                    .of(PageParts.link(row.id, to: anchors.place(of: PacketReference(.delivery, row.id)))),
                ])
            })
    }
}
