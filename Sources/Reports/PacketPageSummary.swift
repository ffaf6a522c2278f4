import LedgerService
import PumpCore
import Supplies

/// What is answered in ten seconds: delivered, used, supported, over, payable, billed, and what is open.
extension PacketPage {
    var summarySection: Section {
        Section(
            id: "summary", title: "Summary",
            content: [
                closingNote, summaryTable, PageParts.element("h3", [], [.text(openTitle)]), openList,
                PacketChart(answer, anchors).figure,
            ])
    }

    private var closingNote: Markup {
        guard let note = answer.heading.closing else { return .nothing }
        let words = ClosingLines.above(note, zone: answer.heading.zone).joined(separator: " ")
        return PageParts.paragraph(
            .text(
                words
                    + ". Counts, containers and shelf are as frozen then; doses, deliveries, findings and records are as "
                    + "the ledger has them now. Digest of what was frozen: "), PageParts.code(note.digest))
    }

    private var summaryTable: Markup {
        let columns: [PageParts.Column] = [
            .text("Code", 9), .number("Delivered"), .number("Prepared"), .number("Used"), .number("Supported"),
            .number("Over"), .number("Payable"), .number("Billed"), .number("Billed − supported"), .text("Open"),
        ]
        let groups = answer.summary.map { row -> [PageParts.Row] in
            var numbers = PageParts.Row(
                [
                    .head(PageParts.unbroken(PageParts.link(row.hcpcs, to: row.line.flatMap(anchors.line)))),
                    .number(row.delivered),
                    .number(row.prepared), .number(row.used), .number(row.supported), .number(row.over),
                    .number(row.payable), .number(row.billed),
                    PageParts.Cell(
                        content: [.text(row.difference.map(PageParts.signed) ?? "–")], kind: "number"),
                    .text(row.open == 0 ? "none" : "\(row.open)"),
                ], kind: "joined")
            numbers.cells[7].content = [PageParts.link(PageParts.number(row.billed), to: "billed")]
            return [
                numbers,
                PageParts.Row(
                    [PageParts.Cell(content: [.text(verdict(row))], span: columns.count)], kind: "detail"),
            ]
        }
        guard !groups.isEmpty else {
            return PageParts.paragraph("The order has no line in this period, and nothing was billed for it.")
        }
        return PageParts.table("Counts by supply code", columns, groups: groups, kind: "summary")
    }

    /// One sentence a code.
    private func verdict(_ row: PacketSummaryRow) -> String {
        var parts: [String] = []
        if let descriptor = row.descriptor { parts.append(descriptor + ".") }
        guard row.line != nil else {
            return (parts + ["Billed, and nothing of this code is counted."]).joined(separator: " ")
        }
        if let supported = row.supported {
            if !row.unknown.isZero {
                parts.append(
                    "Between \(supported + row.unknown.low) and \(supported + row.unknown.high) are supported: the log "
                        + "has holes.")
            }
            if let over = row.over, over > 0 { parts.append("\(over) prepared are beyond support.") }
            if row.review > 0 { parts.append("\(row.review) need a person.") }
            if row.payable == 0, supported > 0 { parts.append("Nothing is payable: see the holds.") }
        } else {
            parts.append("Support cannot be assessed: see the holds.")
        }
        switch row.difference {
        case let more? where more > 0: parts.append("Billed \(more) more than is supported.")
        case let less? where less < 0: parts.append("Billed \(-less) fewer than are supported.")
        case 0?: parts.append("Billed as supported.")
        default: break
        }
        return parts.joined(separator: " ")
    }

    private var openTitle: String {
        answer.open.isEmpty ? "Nothing is open" : "What is open (\(answer.open.count))"
    }

    private var openList: Markup {
        guard !answer.open.isEmpty else {
            return PageParts.paragraph("No hold, no finding, no hole in the logs, no missing proof.", kind: "settled")
        }
        return PageParts.list(
            answer.open.map { item in
                let (mark, words) = Self.weight(item.weight)
                return [
                    PageParts.element(
                        "span", [("class", "weight \(item.weight.rawValue)")], [.text("\(mark) \(words)")]),
                    .text((item.hcpcs.map { "\($0): " } ?? "") + item.sentence + " "), places(item.about),
                ]
            }, kind: "open")
    }

    private static func weight(_ weight: PacketOpenItem.Weight) -> (String, String) {
        switch weight {
        case .stops: ("■", "stops payment")
        case .review: ("◆", "needs a person")
        case .incomplete: ("○", "incomplete")
        }
    }

    private func places(_ about: [PacketReference]) -> Markup {
        let found = links(about)
        return found.isEmpty ? .nothing : .several([.text("(")] + PageParts.commas(found) + [.text(")")])
    }

    /// A link a reference; containers in runs.
    func links(_ references: [PacketReference]) -> [Markup] {
        var links: [Markup] = []
        var run: [Int] = []
        func close() {
            guard let first = run.first, let last = run.last else { return }
            if first == last {
                links.append(PageParts.link("container \(first)", to: "c\(first)"))
            } else {
                links.append(
                    .several([
                        PageParts.link("containers \(first)", to: "c\(first)"),
                        .text(last == first + 1 ? " and " : " to "),
                        PageParts.link("\(last)", to: "c\(last)"),
                    ]))
            }
            run = []
        }
        for reference in references {
            if reference.kind == .container, let number = anchors.number(ofContainer: reference.id) {
                if let last = run.last, number != last + 1 { close() }
                run.append(number)
                continue
            }
            close()
            links.append(PageParts.link(words(reference), to: anchors.place(of: reference)))
        }
        close()
        return links
    }

    private func words(_ reference: PacketReference) -> String {
        switch reference.kind {
        case .line: "count"
        case .container: "container \(reference.id)"
        case .delivery: "delivery \(reference.id)"
        case .disposition: "disposition \(reference.id)"
        case .billed: "billed line \(reference.id)"
        case .stay: "stay \(reference.id)"
        case .gap: "unread stretch \(reference.id)"
        case .finding: "finding \(reference.id)"
        case .pump: "pump \(reference.id)"
        case .order: "order"
        case .slots: answer.account?.slots.isEmpty == false ? "ordered doses" : "hang times"
        case .weeks: "weeks"
        case .shelf: "shelf"
        case .adjustment: "adjustment \(reference.id)"
        case .excused: "excused \(reference.id)"
        case .refill: "refills"
        }
    }
}
