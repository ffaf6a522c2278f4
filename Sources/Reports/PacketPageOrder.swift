import LedgerService
import PumpCore
import Supplies

/// Order, plan of care, pump and pairing, deliveries and refills.
extension PacketPage {
    var orderSection: Section {
        Section(
            id: "order", title: "Order and plan of care",
            content: [
                fieldTable("The order", answer.order),
                fieldTable("The plan of care, as the order states it", answer.plan),
            ])
    }

    func fieldTable(_ caption: String, _ fields: [PacketField]) -> Markup {
        PageParts.table(
            caption, [.text("Field", 32), .text("Value"), .text("Register row", 24)],
            fields.map { field in
                PageParts.Row([.head(.text(Self.words(field.name))), .held(field.value), .text(field.source ?? "")])
            })
    }

    /// A column's name for a reader: `max_concentration_mg_per_ml` is `Max concentration mg per mL`.
    private static func words(_ column: String) -> String {
        let words = column.split(separator: "_").map { word in
            switch word {
            case "hcpcs": "HCPCS"
            case "npi": "NPI"
            case "ml": "mL"
            default: String(word)
            }
        }.joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    // MARK: Pump and pairing

    var pumpSection: Section {
        Section(
            id: "pumps", title: "Pump and supply pairing",
            content: [pairingTable, pumpTable, assignmentTable] + answer.pumps.filter { $0.driver != nil }.map(tells))
    }

    private var pairingTable: Markup {
        guard !answer.pairings.isEmpty else { return PageParts.paragraph("No supply code to pair in this period.") }
        return PageParts.table(
            "Which supply code goes with which pump (rule R4)",
            [.text("Supply", 12), .text("Pump", 22), .text("Goes together", 16), .text("Source")],
            answer.pairings.map { row in
                PageParts.Row([
                    .head(.text(row.hcpcs)),
                    .of(
                        PageParts.link(row.pump ?? "none assigned", to: row.pump.flatMap(anchors.pump)),
                        .text(row.pumpHcpcs.map { " (\($0))" } ?? "")),
                    .text(
                        row.isAllowed
                            ? "yes"
                            : "no" + (row.allowed.isEmpty ? "" : "; with it: " + row.allowed.joined(separator: ", "))),
                    .text(
                        row.citation.map { "\($0) (\(row.saidByPayer ? "the payer says so" : "derived"))" }),
                ])
            })
    }

    private var pumpTable: Markup {
        guard !answer.pumps.isEmpty else { return PageParts.paragraph("No pump was ever assigned to this order.") }
        return PageParts.table(
            "Pumps of the order",
            [
                .text("Serial", 17), .text("Code", 9), .text("Ownership", 16), .text("Make of log", 24),
                .text("Read through"), .number("Clock ahead", 12),
            ],
            answer.pumps.map { pump in
                PageParts.Row(
                    [
                        .head(.text(pump.serial + (pump.isSimulated ? " SIMULATED" : ""))), .held(pump.hcpcs),
                        .held(
                            pump.ownership.map {
                                $0 + (pump.since.map { " since \($0)" } ?? "; since: not in the register")
                            }),
                        .text(
                            [pump.driver, pump.model.map { "model \($0)" }, pump.firmware.map { "firmware \($0)" }]
                                .compactMap { $0 }.joined(separator: ", ").nilIfEmpty),
                        .text(pump.completeThrough.map { time.text($0) } ?? "never, with a known clock"),
                        PageParts.Cell(
                            content: [.text(pump.clockAheadSeconds.map { "\(PageParts.signed($0)) s" } ?? "–")],
                            kind: "number"),
                    ], id: anchors.pump(pump.serial))
            })
    }

    private var assignmentTable: Markup {
        guard !answer.assignments.isEmpty else { return .nothing }
        return PageParts.table(
            "Assignments of pumps to the order",
            [.text("Pump"), .number("Channel", 10), .text("From"), .text("To"), .text("Register row", 24)],
            answer.assignments.map { row in
                PageParts.Row([
                    .head(PageParts.link(row.pump, to: anchors.pump(row.pump))), .number(row.channel), .text(row.from),
                    .text(row.to ?? "still"), .text(row.source),
                ])
            })
    }

    private func tells(_ pump: PacketPump) -> Markup {
        let serial = pump.serial
        var items: [[Markup]] = []
        if let evidence = pump.evidence { items.append([.text("The reading of this family's log is \(evidence).")]) }
        if let integrity = pump.integrity { items.append([.text("Integrity of the bytes: \(integrity).")]) }
        items += pump.tells.map { [.text("It tells: \($0).")] }
        items += pump.cannotTell.map { [.text("It cannot tell: \($0).")] }
        return .several([
            PageParts.element("h3", [], [.text("What the log of pump \(serial) can and cannot tell")]),
            PageParts.list(items),
        ])
    }

    // MARK: Deliveries and refills

    var deliverySection: Section {
        Section(
            id: "deliveries", title: "Deliveries and refills",
            content: [deliveryTable, refillTable, nextRefill])
    }

    private var deliveryTable: Markup {
        guard !answer.deliveries.isEmpty else {
            return PageParts.paragraph("No delivery is on record for this order up to the end of the period.")
        }
        return PageParts.table(
            "Deliveries with their proof; grey ones lie before the period",
            [
                .text("Delivery", 12), .text("Code", 8), .text("Date", 11), .number("Quantity", 8), .text("Lot", 15),
                .text("Tracking", 15), .text("Received by", 14), .text("Register row"),
            ],
            answer.deliveries.map { row in
                PageParts.Row(
                    [
                        .head(.text(row.id + (row.order == answer.orderID ? "" : " (order \(row.order))"))),
                        .text(row.hcpcs), .text(row.date.description), .number(row.quantity), .held(row.lot),
                        .held(row.tracking), .held(row.receivedBy), .text(row.source),
                    ], id: anchors.place(of: PacketReference(.delivery, row.id)), kind: row.isInPeriod ? nil : "outside"
                )
            })
    }

    private var refillTable: Markup {
        let refills = answer.deliveries.filter { $0.refill != nil }
        guard !refills.isEmpty else { return .nothing }
        return PageParts.element(
            "div", [("id", "refills")],
            [
                PageParts.table(
                    "Refill record: each delivery against the supply before it (rule R9)",
                    [
                        .text("Delivery", 13), .text("Contacted on", 12), .text("Affirmed by", 12),
                        .number("Said to remain", 10), .number("On hand by log", 10), .text("Supply to last to", 12),
                        .text("Earliest contact", 12), .text("Earliest delivery"),
                    ],
                    refills.map { row in
                        let refill = row.refill
                        func window(_ date: CivilDate?) -> PageParts.Cell {
                            .text(
                                date?.description
                                    ?? (refill?.isFirst == true
                                        ? "first delivery"
                                        : refill?.missing.isEmpty == false
                                            ? "not known: \(refill?.missing.joined(separator: ", ") ?? "") missing"
                                            : nil))
                        }
                        return PageParts.Row([
                            .head(
                                PageParts.link(row.id, to: anchors.place(of: PacketReference(.delivery, row.id))),
                                .text(" on \(row.date)")),
                            .held(row.contactedOn?.description), .held(row.affirmedBy),
                            row.quantityRemaining == nil ? .held(nil) : .number(row.quantityRemaining),
                            .number(refill?.onHandBefore), window(refill?.expectedEnd), window(refill?.earliestContact),
                            window(refill?.earliestDelivery),
                        ])
                    })
            ])
    }

    private var nextRefill: Markup {
        guard let next = answer.nextRefill else { return .nothing }
        var words =
            "On \(answer.heading.period.to.adding(days: 1)), with that day's deliveries, \(next.onHand) are on hand"
        if let days = next.daysLeft, let end = next.expectedEnd, let contact = next.earliestContact,
            let delivery = next.earliestDelivery
        {
            words +=
                ", enough for \(days) days, to \(end): the next contact from \(contact) on, the next delivery from "
                + "\(delivery) on."
        } else {
            words += "; how long they last cannot be assessed."
        }
        return PageParts.paragraph(
            .text(words + " "), PageParts.link("Rule R9", to: anchors.rule("R9", near: next.rule.set)))
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
