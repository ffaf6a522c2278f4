package import LedgerService
import PumpCore
import Supplies

/// The packet for programs: everything that the page shows, from the same answer.
package enum PacketJSON {
    package static let schema = "pumpledger.packet/1"

    package static func json(_ answer: PacketAnswer) -> JSONValue {
        .object(about(answer) + numbers(answer) + evidence(answer) + paper(answer))
    }

    private static func about(_ answer: PacketAnswer) -> [JSONValue.Field] {
        [.init("schema", .string(schema))] + HeadingLines.json(answer.heading)
            + (answer.heading.closing == nil ? [.init("closed", .null), .init("adjustments", .array([]))] : []) + [
                .init(
                    "made",
                    .object([
                        .init("program", .string(answer.made.program)), .init("version", .string(answer.made.version)),
                        .init("at", .string(answer.made.at.description)), .init("by", .string(answer.made.by)),
                    ])),
                .init("simulated", .bool(answer.isSimulated)),
                .init("order", .string(answer.orderID)),
                .init("patient", .string(answer.patient)),
                .init("homeZone", .string(answer.homeZone)),
                .init("orderRow", fields(answer.order)),
                .init("plan", fields(answer.plan)),
                .init("pumps", .array(answer.pumps.map(pump))),
                .init("assignments", .array(answer.assignments.map(assignment))),
                .init("pairings", .array(answer.pairings.map(pairing))),
            ]
    }

    private static func numbers(_ answer: PacketAnswer) -> [JSONValue.Field] {
        let lines = BillableReport(answer.billable).json.items("lines")
        return [
            .init("summary", .array(answer.summary.map(summary))),
            .init("open", .array(answer.open.map(open))),
            .init("counts", .array(zip(answer.counts, lines).map { count($0, line: $1) })),
            .init("slots", .array((answer.account?.slots ?? []).map(slot))),
            .init("hangTimes", .strings((answer.account?.hangTimes ?? []).map(\.description))),
            .init("unknownHangTimes", .strings((answer.account?.unknownHangTimes ?? []).map(\.description))),
            .init(
                "containerLifeHours", (answer.account?.containerLifeHours).map { .decimal(plain($0)) } ?? .null),
            .init("missingInputs", .strings(answer.account?.missingInputs ?? [])),
            .init("weeks", .strings(answer.witness.weeks.map(\.description))),
            .init("possibleWeeks", .strings(answer.witness.possibleWeeks.map(\.description))),
            .init(
                "excused",
                .array(
                    answer.witness.excused.map {
                        .object([
                            .init("day", .string($0.day.description)),
                            .init("source", .string("\($0.file):\($0.line)")),
                        ])
                    })),
            .init("shelf", .array(answer.shelf.map(shelf))),
        ]
    }

    private static func evidence(_ answer: PacketAnswer) -> [JSONValue.Field] {
        [
            .init("containers", .array(UsageReport(answer.usage).json.items("lines"))),
            .init("containersOfNoOrder", .array(UsageReport(answer.strayUsage).json.items("lines"))),
            .init("records", .array(answer.records.map(record))),
            .init("downloads", .array(answer.downloads.map(download))),
            .init("unread", .array(answer.witness.unread.map(stretch))),
            .init("inpatient", .array(answer.witness.stays.map(stretch))),
        ]
    }

    private static func paper(_ answer: PacketAnswer) -> [JSONValue.Field] {
        [
            .init("deliveries", .array(answer.deliveries.map(delivery))),
            .init("nextRefill", answer.nextRefill.map(refillLine) ?? .null),
            .init("shelfCounts", .array(answer.shelfCounts.map(shelfCount))),
            .init("dispositions", .array(answer.dispositions.map(disposition))),
            .init("stays", .array(answer.stays.map(stay))),
            .init("billed", .array(answer.billed.map(billed))),
            .init("findings", .array(answer.findings.map(finding))),
            .init(
                "form",
                .object([
                    .init("title", .string(PacketForm.title)),
                    .init(
                        "sections",
                        .array(
                            answer.form.sections.map {
                                .object([
                                    .init("number", .string($0.number)), .init("title", .string($0.title)),
                                    .init("fields", fields($0.fields)),
                                ])
                            })),
                    .init("remarks", .strings(answer.form.remarks)),
                ])),
            .init("ruleTexts", .array(answer.rules.map(rule))),
        ]
    }

    // MARK: Rows

    private static func fields(_ fields: [PacketField]) -> JSONValue {
        .array(
            fields.map {
                .object([
                    .init("name", .string($0.name)), .init("value", .optional($0.value)),
                    .init("inRegister", .bool($0.value != nil)), .init("source", .optional($0.source)),
                ])
            })
    }

    private static func pump(_ pump: PacketPump) -> JSONValue {
        .object([
            .init("serial", .string(pump.serial)), .init("simulated", .bool(pump.isSimulated)),
            .init("driver", .optional(pump.driver)), .init("model", .optional(pump.model)),
            .init("firmware", .optional(pump.firmware)), .init("hcpcs", .optional(pump.hcpcs)),
            .init("descriptor", .optional(pump.descriptor)), .init("ownership", .optional(pump.ownership)),
            .init("since", .optional(pump.since?.description)), .init("source", .optional(pump.source)),
            .init("evidence", .optional(pump.evidence)), .init("integrity", .optional(pump.integrity)),
            .init("tells", .strings(pump.tells)), .init("cannotTell", .strings(pump.cannotTell)),
            .init("completeThrough", .optional(pump.completeThrough?.description)),
            .init("clockAheadSeconds", .optional(pump.clockAheadSeconds)), .init("records", .integer(pump.records)),
        ])
    }

    private static func assignment(_ row: PacketAssignment) -> JSONValue {
        .object([
            .init("pump", .string(row.pump)), .init("channel", .integer(row.channel)), .init("from", .string(row.from)),
            .init("to", .optional(row.to)), .init("source", .string(row.source)),
        ])
    }

    private static func pairing(_ row: PacketPairing) -> JSONValue {
        .object([
            .init("hcpcs", .string(row.hcpcs)), .init("descriptor", .optional(row.descriptor)),
            .init("pump", .optional(row.pump)), .init("pumpHcpcs", .optional(row.pumpHcpcs)),
            .init("allowed", .bool(row.isAllowed)), .init("allowedCodes", .strings(row.allowed)),
            .init("citation", .optional(row.citation)),
            .init("saidBy", row.citation == nil ? .null : saidBy(row.saidByPayer)),
        ])
    }

    private static func summary(_ row: PacketSummaryRow) -> JSONValue {
        .object([
            .init("hcpcs", .string(row.hcpcs)), .init("descriptor", .optional(row.descriptor)),
            .init("line", .optional(row.line)), .init("delivered", .integer(row.delivered)),
            .init("prepared", .optional(row.prepared)), .init("used", .optional(row.used)),
            .init("supported", .optional(row.supported)), .init("over", .optional(row.over)),
            .init("review", .integer(row.review)), .init("unknown", range(row.unknown)),
            .init("payable", .optional(row.payable)), .init("billed", .integer(row.billed)),
            .init("difference", .optional(row.difference)), .init("open", .integer(row.open)),
        ])
    }

    private static func open(_ item: PacketOpenItem) -> JSONValue {
        .object([
            .init("weight", .string(item.weight.rawValue)), .init("hcpcs", .optional(item.hcpcs)),
            .init("sentence", .string(item.sentence)), .init("about", references(item.about)),
        ])
    }

    private static func count(_ count: PacketCount, line: JSONValue) -> JSONValue {
        .object([
            .init("id", .string(count.id)), .init("descriptor", .optional(count.descriptor)),
            .init(
                "figures",
                .array(
                    count.figures.map {
                        .object([
                            .init("name", .string($0.name)), .init("value", .optional($0.value)),
                            .init("meaning", .string($0.meaning)), .init("restsOn", references($0.restsOn)),
                        ])
                    })),
            .init("line", line),
        ])
    }

    private static func references(_ references: [PacketReference]) -> JSONValue {
        .array(
            references.map { .object([.init("kind", .string($0.kind.rawValue)), .init("id", .string($0.id))]) })
    }

    private static func slot(_ slot: OrderAccount.Slot) -> JSONValue {
        .object([
            .init("at", .string(slot.at.description)), .init("fate", .string(slot.fate.rawValue)),
            .init("containers", .strings(slot.containers)), .init("upholds", .optional(slot.upholds)),
        ])
    }

    private static func shelf(_ line: ReconcileLine) -> JSONValue {
        .object([
            .init("hcpcs", .string(line.hcpcs)), .init("opening", .integer(line.opening)),
            .init("delivered", .integer(line.delivered)), .init("used", .integer(line.used)),
            .init("attested", .integer(line.attested)), .init("wasted", .integer(line.wasted)),
            .init("returned", .integer(line.returned)), .init("lost", .integer(line.lost)),
            .init("expected", .integer(line.expected)), .init("counted", .optional(line.counted)),
            .init("countedOn", .optional(line.countedOn?.description)), .init("variance", .optional(line.variance)),
            .init("billed", .integer(line.billed)),
            .init("billedMinusSupported", .optional(line.billedMinusSupported)),
            .init("status", .string(line.status.rawValue)), .init("notes", .strings(line.notes)),
        ])
    }

    private static func record(_ record: PacketRecord) -> JSONValue {
        guard case .object(var fields) = EventsReport.json(record.line) else { return .null }
        fields.append(.init("containers", .strings(record.containers)))
        return .object(fields)
    }

    private static func download(_ row: PacketDownload) -> JSONValue {
        .object([
            .init("id", .string(row.id)), .init("pump", .string(row.pump)), .init("link", .string(row.link)),
            .init("origin", .string(row.origin)), .init("startedAt", .string(row.startedAt.description)),
            .init("readAt", .optional(row.readAt?.description)), .init("decoderVersion", .integer(row.decoderVersion)),
            .init("outcome", .optional(row.outcome)), .init("recordsSeen", .integer(row.recordsSeen)),
        ])
    }

    private static func stretch(_ stretch: OrderWitness.Stretch) -> JSONValue {
        .object([
            .init("from", .string(stretch.from.description)), .init("to", .string(stretch.to.description)),
            .init("pump", .optional(stretch.pump)), .init("reason", .string(stretch.reason)),
        ])
    }

    private static func delivery(_ row: PacketDelivery) -> JSONValue {
        .object([
            .init("id", .string(row.id)), .init("order", .string(row.order)), .init("hcpcs", .string(row.hcpcs)),
            .init("date", .string(row.date.description)), .init("quantity", .integer(row.quantity)),
            .init("inPeriod", .bool(row.isInPeriod)), .init("lot", .optional(row.lot)),
            .init("tracking", .optional(row.tracking)), .init("receivedBy", .optional(row.receivedBy)),
            .init("contactedOn", .optional(row.contactedOn?.description)),
            .init("affirmedBy", .optional(row.affirmedBy)),
            .init("quantityRemaining", .optional(row.quantityRemaining)),
            .init("refill", row.refill.map(refill) ?? .null), .init("source", .string(row.source)),
        ])
    }

    private static func refill(_ record: RefillRecord) -> JSONValue {
        .object([
            .init("first", .bool(record.isFirst)), .init("onHandBefore", .integer(record.onHandBefore)),
            .init("expectedEnd", .optional(record.expectedEnd?.description)),
            .init("earliestContact", .optional(record.earliestContact?.description)),
            .init("earliestDelivery", .optional(record.earliestDelivery?.description)),
            .init("missing", .strings(record.missing)), .init("rule", .string(record.rule.id)),
            .init("ruleSet", .string(record.rule.set)),
        ])
    }

    private static func refillLine(_ line: RefillLine) -> JSONValue {
        .object([
            .init("hcpcs", .string(line.hcpcs)), .init("onHand", .integer(line.onHand)),
            .init("daysLeft", .optional(line.daysLeft)), .init("expectedEnd", .optional(line.expectedEnd?.description)),
            .init("earliestContact", .optional(line.earliestContact?.description)),
            .init("earliestDelivery", .optional(line.earliestDelivery?.description)),
            .init("unknown", .integer(line.unknown)),
            .init("holds", .strings(line.holds.map { "\($0.rule): \($0.reason)" })),
        ])
    }

    private static func shelfCount(_ row: PacketShelfCount) -> JSONValue {
        .object([
            .init("countedOn", .string(row.countedOn.description)), .init("quantity", .integer(row.quantity)),
            .init("by", .string(row.by)), .init("source", .string(row.source)),
        ])
    }

    private static func disposition(_ row: PacketDisposition) -> JSONValue {
        .object([
            .init("date", .string(row.date.description)), .init("quantity", .integer(row.quantity)),
            .init("reason", .string(row.reason)), .init("note", .optional(row.note)), .init("by", .string(row.by)),
            .init("inPeriod", .bool(row.isInPeriod)), .init("source", .string(row.source)),
        ])
    }

    private static func stay(_ row: PacketStay) -> JSONValue {
        .object([
            .init("admitted", .string(row.admitted)), .init("discharged", .optional(row.discharged)),
            .init("kind", .string(row.kind)), .init("facility", .optional(row.facility)),
            .init("source", .string(row.source)),
        ])
    }

    private static func billed(_ row: PacketBilled) -> JSONValue {
        .object([
            .init("hcpcs", .string(row.hcpcs)), .init("from", .string(row.from.description)),
            .init("to", .string(row.to.description)), .init("units", .integer(row.units)),
            .init("modifiers", .strings(row.modifiers)), .init("claim", .optional(row.claim)),
            .init("line", .optional(row.line)), .init("source", .string(row.source)),
        ])
    }

    private static func finding(_ row: ScrubFinding) -> JSONValue {
        .object([
            .init("severity", .string(row.severity.rawValue)), .init("rule", .string(row.rule)),
            .init("ruleSet", .string(row.citation.set)), .init("line", .string(row.line)),
            .init("message", .string(row.message)), .init("fix", .string(row.fix)),
            .init("source", .string(row.source)),
        ])
    }

    private static func rule(_ rule: RuleReference) -> JSONValue {
        .object([
            .init("id", .string(rule.id)), .init("ruleSet", .string(rule.set)), .init("text", .string(rule.text)),
            .init("citation", .string(rule.citation)), .init("saidBy", saidBy(rule.mark == .payer)),
        ])
    }

    private static func saidBy(_ isPayer: Bool) -> JSONValue { .string(isPayer ? "payer" : "derived") }

    private static func range(_ range: CountRange) -> JSONValue {
        .object([.init("low", .integer(range.low)), .init("high", .integer(range.high))])
    }

    static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    }
}

extension JSONValue {
    /// The items of a field of an object; empty where it has no such list.
    fileprivate func items(_ name: String) -> [JSONValue] {
        guard case .object(let fields) = self, case .array(let items)? = fields.first(where: { $0.name == name })?.value
        else { return [] }
        return items
    }
}
