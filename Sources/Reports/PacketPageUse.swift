import LedgerService
import PumpCore
import Register
import Supplies

/// Container use, the counts, ordered doses and hang times.
extension PacketPage {
    var useSection: Section {
        Section(
            id: "use", title: "Use, container by container",
            content: [
                containerTable("Containers of the period", answer.containers),
                answer.strays.isEmpty
                    ? .nothing
                    : containerTable("In the logs of these pumps, and of no order", answer.strays),
                PageParts.paragraph(
                    .text(
                        "Times are the patient's wall clock; the records below give the pump's own clock, the corrected UTC "
                            + "and how far off it may be."), kind: "muted"),
            ])
    }

    private func containerTable(_ caption: String, _ containers: [ContainerUse]) -> Markup {
        guard !containers.isEmpty else { return PageParts.paragraph("No container in this period.") }
        let columns: [PageParts.Column] = [
            .number("No.", 5), .text("Attached", 18), .text("First flow", 18), .text("Ended", 18),
            .number("Volume", 12), .text("Counted", 11), .text("Rule", 6), .text("Records"),
        ]
        return PageParts.table(
            caption, columns, groups: containers.map { containerRows($0, columns.count) }, kind: "wide")
    }

    private func containerRows(_ use: ContainerUse, _ width: Int) -> [PageParts.Row] {
        let set = use.date.map { date in answer.rules.first { $0.id == use.rule && isInForce($0, date) }?.set ?? "" }
        var details: [Markup] = [.text(use.reason + ". ")]
        if use.slots.count > 1 {
            details.append(.text("Doses of " + use.slots.map { ReportTime.text($0) }.joined(separator: ", ") + ". "))
        }
        if use.pumps.count > 1 { details.append(.text("On pumps " + use.pumps.joined(separator: ", ") + ". ")) }
        if answer.pumps.count > 1 || use.channel > 1 {
            details.append(.text("Pump \(use.pump), channel \(use.channel). "))
        }
        if let own = use.containerID { details.append(.text("Its own id is \(own). ")) }
        if use.isUncorrected { details.append(.text("Times are the pump's own: nothing corrects them. ")) }
        if use.isTimeDoubtful { details.append(.text("The pump's clock had jumped: its time is doubtful. ")) }
        details.append(PageParts.code(use.id))
        return [
            PageParts.Row(
                [
                    PageParts.Cell(
                        content: [.text(anchors.number(ofContainer: use.id).map(String.init) ?? "")], isHead: true,
                        kind: "number"),
                    .time(use.attached?.civil),
                    .time(use.firstFlow?.civil),
                    .time(use.ended?.civil),
                    PageParts.Cell(content: [.text(use.volume?.description ?? "–")], kind: "number"),
                    .text(Self.counted(use.counted)),
                    .of(PageParts.link(use.rule, to: anchors.rule(use.rule, near: set ?? ""))), .of(recordLinks(use)),
                ], id: anchors.container(use.id), kind: "joined"),
            PageParts.Row(
                [PageParts.Cell(content: []), PageParts.Cell(content: details, span: width - 1)], kind: "detail"),
        ]
    }

    private func isInForce(_ rule: RuleReference, _ date: CivilDate) -> Bool {
        // The set's name ends with the day from which it holds.
        rule.set.split(separator: "@").last.flatMap { CivilDate(String($0)) }.map { $0 <= date } ?? true
    }

    private static func counted(_ counted: Counted) -> String {
        switch counted {
        case .yes: "● yes"
        case .no: "○ no"
        case .review: "◆ review"
        }
    }

    private func recordLinks(_ use: ContainerUse) -> Markup {
        let numbers = use.records.compactMap { anchors.number(ofRecord: $0) }
        guard let first = numbers.min(), let last = numbers.max() else { return PageParts.dash }
        if first == last { return PageParts.link("\(first)", to: "r\(first)") }
        if last - first + 1 == numbers.count {
            return .several([
                PageParts.link("\(first)", to: "r\(first)"), "–", PageParts.link("\(last)", to: "r\(last)"),
            ])
        }
        return .several(PageParts.commas(numbers.sorted().map { PageParts.link("\($0)", to: "r\($0)") }))
    }

    // MARK: Counts

    var countSection: Section {
        Section(
            id: "counts", title: "Counts, and what each number is made of",
            content: answer.counts.isEmpty
                ? [PageParts.paragraph("The order has no line in this period.")] : answer.counts.flatMap(countParts))
    }

    private func countParts(_ count: PacketCount) -> [Markup] {
        let line = count.line
        var parts: [Markup] = [
            PageParts.element(
                "h3", PageParts.attribute("id", anchors.line(count.id)),
                [.text("\(line.hcpcs)" + (count.descriptor.map { ": \($0)" } ?? ""))]),
            PageParts.paragraph(
                .text(
                    "Pump \(line.pump ?? "none") (\(line.pumpHcpcs ?? "no code")), \(line.mode.rawValue); payable on the "
                        + "basis of what was \(line.basis.rawValue); rules \(line.ruleSet). "),
                PageParts.code(count.id)),
            PageParts.table(
                "Numbers of \(line.hcpcs)",
                [.text("Number", 14), .number("Value", 8), .text("What it is", 42), .text("Rests on")],
                count.figures.map { figure in
                    PageParts.Row([
                        .head(.text(figure.name)),
                        figure.name == "difference" ? .signed(figure.value) : .number(figure.value),
                        .text(figure.meaning),
                        PageParts.Cell(content: PageParts.commas(links(figure.restsOn))),
                    ])
                }),
        ]
        if !line.holds.isEmpty {
            parts.append(
                PageParts.list(
                    line.holds.map { hold in
                        [
                            PageParts.element("strong", [("class", "stops")], ["■ Hold "]),
                            PageParts.link(hold.rule, to: anchors.rule(hold.rule, near: line.ruleSet)),
                            .text(": \(hold.reason)" + (hold.column.map { " (column \($0))" } ?? "")),
                        ]
                    }))
        }
        if !line.notes.isEmpty { parts.append(PageParts.list(line.notes.map { [.text($0)] })) }
        parts.append(
            PageParts.paragraph(
                .several(
                    ["Rules that touched this line: "]
                        + PageParts.commas(
                            line.rules.map { PageParts.link($0.id, to: anchors.rule($0.id, set: $0.set)) })
                        + ["."])))
        return parts
    }

    // MARK: Doses, hang times, weeks

    var slotSection: Section? {
        let slots = answer.account?.slots ?? []
        let hangs = answer.account?.hangTimes ?? []
        var content: [Markup] = []
        if !slots.isEmpty { content.append(slotTable(slots)) }
        if !hangs.isEmpty || slots.isEmpty { content.append(hangParagraph(hangs)) }
        content.append(weekParagraph)
        if !answer.witness.excused.isEmpty { content.append(excusedTable) }
        return Section(id: "slots", title: "Ordered doses, hang times and weeks", content: content)
    }

    private func slotTable(_ slots: [OrderAccount.Slot]) -> Markup {
        let fates = Dictionary(grouping: slots, by: \.fate).mapValues(\.count)
        let total = fates.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        return PageParts.table(
            "Ordered doses of the period: \(slots.count), of them " + total.joined(separator: ", "),
            [.text("Ordered for", 24), .text("What became of it", 24), .text("Given from", 30), .text("Upholds")],
            slots.map { slot in
                PageParts.Row([
                    .head(.text(ReportTime.text(slot.at))), .text(Self.fate(slot.fate)),
                    PageParts.Cell(
                        content: PageParts.commas(links(slot.containers.map { PacketReference(.container, $0) }))),
                    PageParts.Cell(
                        content: slot.upholds.map { links([PacketReference(.container, $0)]) } ?? [PageParts.dash]),
                ])
            })
    }

    private static func fate(_ fate: OrderAccount.Fate) -> String {
        switch fate {
        case .given: "● given"
        case .missed: "× not given"
        case .unknown: "? unread time"
        case .inpatient: "○ in hospital"
        case .excused: "× not given, excused"
        }
    }

    private func hangParagraph(_ hangs: [CivilDateTime]) -> Markup {
        guard let account = answer.account else { return .nothing }
        if !account.missingInputs.isEmpty {
            return PageParts.paragraph(
                .text(
                    "Hang times cannot be assessed: missing in orders.csv: "
                        + account.missingInputs.joined(separator: ", ")))
        }
        guard let life = account.containerLifeHours, !hangs.isEmpty else { return .nothing }
        return PageParts.paragraph(
            .text(
                "One container may hang \(PacketJSON.plain(life)) h; hang times of the period, \(hangs.count): "
                    + hangs.map { ReportTime.text($0) }.joined(separator: ", ") + "."))
    }

    private var weekParagraph: Markup {
        let weeks = answer.witness.weeks
        let possible = answer.witness.possibleWeeks.filter { !weeks.contains($0) }
        guard answer.counts.contains(where: { $0.line.used == nil }), !(weeks + possible).isEmpty else {
            return PageParts.element("div", [("id", "weeks")])
        }
        return PageParts.element(
            "div", [("id", "weeks")],
            [
                PageParts.paragraph(
                    .text(
                        "Weeks of 7 days that count, by their first day, \(weeks.count): "
                            + weeks.map(\.description).joined(separator: ", ") + "."
                            + (possible.isEmpty
                                ? ""
                                : " In unread time, and so not certain: "
                                    + possible.map(\.description).joined(separator: ", ")
                                    + ".")))
            ])
    }

    private var excusedTable: Markup {
        PageParts.table(
            "Containers that nobody used and that count all the same (rule R8)",
            [.number("No.", 8), .text("Was for"), .text("Disposition")],
            answer.witness.excused.enumerated().map { place, excused in
                let source = "\(excused.file):\(excused.line)"
                let row = answer.dispositions.firstIndex { $0.source == source }
                return PageParts.Row(
                    [
                        .number(place + 1), .text(excused.day.description),
                        .of(
                            PageParts.link(
                                source, to: row.flatMap { anchors.place(of: PacketReference(.disposition, $0 + 1)) })),
                    ], id: anchors.place(of: PacketReference(.excused, place + 1)))
            })
    }
}
