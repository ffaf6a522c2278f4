import Ledger
import PumpCore
import Register
import Supplies

/// `count`: what lies on a patient's shelf.
extension DeskIntake {
    func count(_ count: ShelfQuantity) throws -> EntryAnswer {
        let (order, zone) = try order(count.order)
        let day = count.day ?? today(zone)
        try refuseFuture(day, zone, "counted")
        let name = "order \(order.id) (\(order.drug), patient \(order.patient))"
        let command = "pumpledger count \(Self.word(order.id)) \(count.quantity) --on \(day)"
        let before = standing(.counts, ["order_id": order.id, "counted_on": day.description]).first
        if entry.undo {
            guard let before else {
                throw ServiceError(
                    .badInput, "no count of order \(order.id) on \(day) is on record",
                    remedy: whatThereIs(.counts, order.id) { "\($0["quantity"] ?? "?") on \($0["counted_on"] ?? "?")" })
            }
            guard before.columns["quantity"] == String(count.quantity) else {
                throw ServiceError(
                    .badInput,
                    "the count of order \(order.id) on \(day) says \(before.columns["quantity"] ?? "nothing"), not "
                        + "\(count.quantity)", remedy: "Name the quantity that is to be taken back.")
            }
            return try takeBack(before, "The count of \(name) on \(day)", again: command)
        }
        let row = try checked(
            .counts,
            [
                "order_id": order.id, "counted_on": day.description, "quantity": String(count.quantity), "by": by,
            ], beside: existing)
        let rows = try store([row])
        var sentences = [
            "On \(day) there were \(counted(count.quantity, "container")) of \(name) on the shelf, counted by "
                + "\(by)."
        ]
        var undo = command + " --undo"
        if let before, rows.first?.state == .changed {
            undo =
                "pumpledger count \(Self.word(order.id)) \(before.columns["quantity"] ?? "") --on \(day)"
                + " --by \(Self.word(before.columns["by"] ?? ""))"
            sentences.append(
                "It takes the place of the count of \(before.columns["quantity"] ?? "?") by "
                    + "\(before.columns["by"] ?? "?"), which stays on record.")
        }
        sentences += try lateFor(day)
        let month = try MonthQuery(ledger: ledger, context: context)
        if let account = try month.account(ofOrder: order.id, through: day) {
            sentences.append(Self.beside(account.balance(through: day), count.quantity))
            let unknown = try month.refillLine(ofOrder: order.id, on: day.adding(days: 1))?.unknown ?? 0
            if unknown > 0 {
                sentences.append(
                    "Up to \(unknown) of those may have been used in time that was not read: read the pump.")
            }
        }
        return EntryAnswer(
            rows: rows, sentences: sentences, undo: rows.first?.state == .unchanged ? [] : [undo], dryRun: entry.dryRun)
    }

    private static func beside(_ expected: Int, _ counted: Int) -> String {
        let books = "By deliveries, use and dispositions there should have been \(expected)"
        return switch counted - expected {
        case 0: "\(books): it fits."
        case let difference where difference < 0: "\(books): \(-difference) missing."
        case let difference: "\(books): \(difference) too many. Is a delivery not entered, or a pump not read?"
        }
    }

    /// `dispose`: containers that were not used.
    func dispose(_ unused: UnusedContainers) throws -> EntryAnswer {
        let (order, zone) = try order(unused.order)
        let day = unused.day ?? today(zone)
        try refuseFuture(day, zone, "put aside")
        guard let reason = Disposition.Reason(rawValue: unused.reason) else {
            throw ServiceError(
                .usage, "\"\(unused.reason)\" is no reason that dispositions.csv knows",
                remedy: "Write one of \(Disposition.Reason.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard unused.quantity > 0 else {
            throw ServiceError(
                .usage, "0 containers are nothing to put aside",
                remedy: "Name how many. To take an entry back, repeat it with --undo.")
        }
        let name = "order \(order.id) (\(order.drug), patient \(order.patient))"
        let command =
            "pumpledger dispose \(Self.word(order.id)) \(unused.quantity) --reason \(reason.rawValue) --on \(day)"
            + (unused.note.map { " --note \(Self.word($0))" } ?? "")
        if entry.undo {
            let same = standing(
                .dispositions,
                [
                    "order_id": order.id, "date": day.description, "quantity": String(unused.quantity),
                    "reason": reason.rawValue, "note": unused.note,
                ])
            // Of equal rows the newest one: the others were meant.
            guard let row = same.max(by: { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }) else {
                throw ServiceError(
                    .badInput,
                    "no entry of \(unused.quantity) containers of order \(order.id) on \(day), reason "
                        + "\(reason.rawValue), is on record",
                    remedy: whatThereIs(.dispositions, order.id) {
                        "\($0["quantity"] ?? "?") on \($0["date"] ?? "?") (\($0["reason"] ?? "?"))"
                    })
            }
            return try takeBack(row, "The entry of \(counted(unused.quantity, "container")) of \(name)", again: command)
        }
        let account = try MonthQuery(ledger: ledger, context: context).account(ofOrder: order.id, through: day)
        let row = try checked(
            .dispositions,
            [
                "order_id": order.id, "date": day.description, "quantity": String(unused.quantity),
                "reason": reason.rawValue, "note": unused.note ?? "", "by": by,
            ], beside: existing)
        let rows = try store([row])
        var sentences = [
            "On \(day) \(counted(unused.quantity, "container")) of \(name) "
                + "\(unused.quantity == 1 ? "was" : "were") put aside unused: \(reason.rawValue), by \(by).",
            Self.words(index.verdict(on: reason, at: day, order: order.id)),
        ]
        sentences += try lateFor(day)
        if let onHand = account?.balance(through: day), onHand < unused.quantity {
            sentences.append(
                "By deliveries, use and dispositions only \(max(0, onHand)) lay on the shelf that day: check the number."
            )
        }
        return EntryAnswer(rows: rows, sentences: sentences, undo: [command + " --undo"], dryRun: entry.dryRun)
    }

    private static func words(_ verdict: UnusedVerdict) -> String {
        switch verdict {
        case .excused: "Rule R8: unforeseen, so they are excused as far as ordered doses were not given."
        case .unsupported: "Rule R8: foreseeable, so they are not supported."
        case .review: "Rule R8 says nothing about this reason: they stand under review until a person decides."
        case .reviewWithoutStay:
            "Rule R8 excuses them only with an emergency stay on record, and there is none near this day: under review "
                + "until it is entered in stays.csv."
        case .returned: "They went back to the pharmacy: off the shelf, and not prepared for this patient."
        }
    }

    // MARK: Taking back

    private func takeBack(_ row: Register.RegisterEntry, _ what: String, again: String) throws -> EntryAnswer {
        let rows = try store([try row.withdrawn(by: by, origin: origin)])
        return EntryAnswer(
            rows: rows, sentences: ["\(what) is taken back by \(by). It stays on record, and nothing counts it."],
            undo: [again], dryRun: entry.dryRun)
    }

    private func whatThereIs(
        _ table: RegisterTable, _ order: String, _ words: ([String: String]) -> String
    ) -> String {
        let rows = standing(table, ["order_id": order])
        guard !rows.isEmpty else { return "Nothing of the kind is on record for order \(order)." }
        return "On record for order \(order): " + rows.suffix(6).map { words($0.columns) }.joined(separator: ", ") + "."
    }

    /// A closed period does not change: what comes later stands beside it.
    private func lateFor(_ day: CivilDate) throws -> [String] {
        try ledger.closings(touching: day...day).map { closing in
            "\(closing.days.lowerBound) to \(closing.days.upperBound) is closed: its lines stay as they are, and this shows "
                + "beside them as an adjustment."
        }
    }

    private func refuseFuture(_ day: CivilDate, _ zone: HomeZone, _ what: String) throws(ServiceError) {
        let today = today(zone)
        guard day > today else { return }
        throw ServiceError(
            .badInput, "\(day) is still to come: today is \(today) at the patient's home",
            remedy: "Name the day on which they were \(what): --on \(today)")
    }
}

/// `1 container`, `2 containers`.
func counted(_ number: Int, _ thing: String) -> String { "\(number) \(thing)" + (number == 1 ? "" : "s") }
