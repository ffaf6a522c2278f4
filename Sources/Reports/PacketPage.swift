package import LedgerService
import PumpCore
import Supplies

/// The packet as one page that needs nothing else: no network, no script, no font, no picture from elsewhere.
///
/// Every number leads somewhere: from the summary to the count, to its containers, to their records, to the raw bytes,
/// and to the rule with its citation.
package struct PacketPage {
    let answer: PacketAnswer
    let anchors: PacketAnchors
    let time: ReportTime
    private let jsonName: String
    private let jsonDigest: String

    /// `jsonDigest`: SHA-256 of the JSON file beside this page, in hexadecimal.
    package init(_ answer: PacketAnswer, jsonName: String, jsonDigest: String) {
        self.answer = answer
        self.jsonName = jsonName
        self.jsonDigest = jsonDigest
        anchors = PacketAnchors(answer)
        time = ReportTime(zone: answer.heading.zone)
    }

    package var html: String {
        var out = "<!DOCTYPE html>\n"
        PageParts.element("html", [("lang", "en")], [head, body]).write(to: &out)
        return out + "\n"
    }

    private var title: String {
        "Audit packet, order \(answer.orderID), \(answer.heading.period.from) to \(answer.heading.period.to)"
    }

    private var head: Markup {
        let running =
            (answer.isSimulated ? "SIMULATED. " : "") + title + ". JSON sha256 " + jsonDigest.prefix(16) + "…"
        return PageParts.element(
            "head", [],
            [
                PageParts.element("meta", [("charset", "utf-8")]),
                PageParts.element(
                    "meta",
                    [
                        ("http-equiv", "Content-Security-Policy"),
                        ("content", "default-src 'none'; style-src 'unsafe-inline'"),
                    ]),
                PageParts.element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
                PageParts.element("meta", [("name", "color-scheme"), ("content", "light")]),
                PageParts.element("title", [], [.text((answer.isSimulated ? "SIMULATED: " : "") + title)]),
                .style(PacketStyle.sheet(running: running)),
            ])
    }

    private var body: Markup {
        PageParts.element(
            "body", [],
            [
                PageParts.element("a", [("class", "skip"), ("href", "#summary")], ["To the summary"]),
                header,
                PageParts.element(
                    "main", [],
                    sections.enumerated().map { place, section in
                        // The answer first; then where everything else is.
                        PageParts.section(
                            section.id, section.title, section.content + (place == 0 ? [contents] : []))
                    }),
                footer,
            ])
    }

    struct Section {
        var id: String
        var title: String
        var content: [Markup]
    }

    private var sections: [Section] {
        let plain: [Section] =
            [summarySection, orderSection, pumpSection, deliverySection, useSection, countSection]
            + [slotSection, shelfSection, billedSection, coverageSection].compactMap { $0 }
            + (answer.adjustments.isEmpty ? [] : [adjustmentSection]) + [recordSection, ruleSection, formSection]
        let all = plain + [checkSection]
        return all.enumerated().map { place, section in
            Section(id: section.id, title: "\(place + 1). \(section.title)", content: section.content)
        }
    }

    private var header: Markup {
        let plan = Dictionary(
            (answer.order + answer.plan).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        func fact(_ name: String, _ value: Markup...) -> Markup {
            PageParts.element(
                "div", [],
                [PageParts.element("dt", [], [.text(name)]), PageParts.element("dd", [], value)])
        }
        func known(_ name: String) -> Markup { (plan[name] ?? nil).map(Markup.text) ?? PageParts.blank }
        let banner: Markup =
            answer.isSimulated
            ? PageParts.paragraph(
                .text(
                    "SIMULATED. A pump of this order is a simulator: nothing here belongs to a patient, and nothing here "
                        + "may be billed."), kind: "simulated") : .nothing
        return PageParts.element(
            "header", [],
            [
                PageParts.paragraph("PumpLedger · audit packet", kind: "kicker"),
                PageParts.element("h1", [], [.text("Order \(answer.orderID)")]),
                PageParts.paragraph(.text("\(answer.heading.period)")), banner,
                PageParts.element(
                    "dl", [("class", "facts")],
                    [
                        fact("Patient (pseudonym)", .text(answer.patient)), fact("Payer", known("payer")),
                        fact("Drug", known("drug")),
                        fact("Mode and container", known("mode"), ", ", known("container")),
                        fact(
                            answer.pumps.count == 1 ? "Pump" : "Pumps",
                            .several(
                                PageParts.commas(
                                    answer.pumps.map { pump in
                                        PageParts.link(
                                            pump.serial + (pump.hcpcs.map { " (\($0))" } ?? ""),
                                            to: anchors.pump(pump.serial))
                                    }))),
                        fact("Made", .text("\(time.text(answer.made.at)) by \(answer.made.by)")),
                    ]),
            ])
    }

    private var contents: Markup {
        PageParts.element(
            "nav", [("aria-label", "Contents")],
            [
                PageParts.element(
                    "ol", [],
                    sections.map { section in
                        let words = section.title.drop { $0 != " " }.dropFirst()
                        return PageParts.element("li", [], [PageParts.link(String(words), to: section.id)])
                    })
            ])
    }

    private var footer: Markup {
        PageParts.element(
            "footer", [],
            [
                PageParts.paragraph(
                    .text(
                        "PumpLedger counts and explains; it makes no claim and asserts no modifier. Made by "
                            + "\(answer.made.program) \(answer.made.version) at \(answer.made.at) by \(answer.made.by)."
                    ),
                    kind: "muted")
            ])
    }

    // MARK: How it can be checked

    private var checkSection: Section {
        Section(
            id: "check", title: "How this can be checked",
            content: [
                PageParts.table(
                    "What this packet was made from, and with",
                    [.text("What", 28), .text("Value")],
                    [
                        PageParts.Row([.head("Same content for programs"), .of(PageParts.code(jsonName))]),
                        PageParts.Row([.head("SHA-256 of that file"), .of(PageParts.code(jsonDigest))]),
                        PageParts.Row([.head("Rule set in force on the last day"), .text(answer.heading.rules)]),
                        PageParts.Row([
                            .head("Digest of all rule files"), .of(PageParts.code(answer.heading.rulesDigest)),
                        ]),
                        PageParts.Row([
                            .head("Program"), .text("\(answer.made.program) \(answer.made.version)"),
                        ]),
                        PageParts.Row([.head("Made"), .text("\(answer.made.at) by \(answer.made.by)")]),
                        PageParts.Row([.head("Zone of printed moments"), .text(answer.heading.zone)]),
                    ]),
                PageParts.paragraph(
                    .text(
                        "A record's key is r: and the first 20 hexadecimal digits of the SHA-256 over driver, zero byte, pump "
                            + "serial, zero byte, the pump's own position for it (if it has one), zero byte, raw bytes; "
                            + "equal records are told apart by a number behind a point. Whoever has the raw bytes can make "
                            + "the key again.")),
                PageParts.paragraph(
                    .text(
                        "Raw bytes and device times are never rewritten. Corrected times are worked out from the pump's "
                            + "clock beside the reader's clock, and each says how and how far off it may be: clock-reading, "
                            + "both clocks were read together; home-zone, the pump's clock is taken for the patient's wall "
                            + "clock; clock-change, as one of these, moved by the changes that the log records; none, nothing "
                            + "corrects it. A clock that only counts shows a plus sign and seconds.")),
                PageParts.paragraph(
                    .text(
                        "A dash is \"does not apply\" or \"cannot be assessed\"; in the second case a hold says which input "
                            + "is missing. Rules say who says them: the payer, or derived where no payer states it.")),
            ])
    }
}
