import LedgerService
import PumpCore
import Supplies

/// What the logs cover, their records down to the raw bytes, the rules, the form.
extension PacketPage {
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
