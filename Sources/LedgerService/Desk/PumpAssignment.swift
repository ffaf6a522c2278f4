import Ledger
import PumpCore
import Register
import Supplies

/// `assign`: which order a channel of a pump serves, from when to when. One channel serves one order at a time.
extension DeskIntake {
    /// An assignment on record, with the time in which it holds.
    private struct Held {
        var row: Register.RegisterEntry
        var order: String
        var start: Instant
        /// The first moment after it, at most the end of its order; nil while it lasts.
        var end: Instant?
        /// As it was written.
        var from: String
        var to: String?

        func overlaps(_ start: Instant, _ end: Instant?) -> Bool {
            (end.map { self.start < $0 } ?? true) && (self.end.map { start < $0 } ?? true)
        }

        var words: String { "since \(from)" + (to.map { " until \($0)" } ?? "") }
    }

    func assign(_ wanted: PumpToOrder) throws -> EntryAnswer {
        let (order, zone) = try order(wanted.order)
        try checkPump(wanted.pump)
        let held = held(pump: wanted.pump, channel: wanted.channel)
        let own = held.filter { $0.order == order.id }
        if entry.undo { return try takeBack(wanted, own) }
        if wanted.from == nil, wanted.to != nil { return try end(wanted, order, own) }

        let now = zone.civil(context.now)
        if wanted.from == nil,
            let running = own.last(where: { $0.start <= context.now && ($0.end.map { context.now < $0 } ?? true) })
        {
            return EntryAnswer(
                rows: [EntryAnswer.Row(table: "assignments", state: .unchanged, columns: running.row.columns)],
                sentences: [
                    "\(Self.name(wanted)) serves order \(order.id) already, \(running.words). Nothing was changed."
                ],
                undo: [], dryRun: entry.dryRun)
        }
        let start =
            wanted.from
            ?? (wanted.moves
                ? Self.minute(CivilDateTime(now.date, secondOfDay: now.hour * 3600 + now.minute * 60))
                : today(zone).description)
        let row = try checked(.assignments, columns(wanted, from: start), beside: withoutAssignments)
        guard let from = RegisterTime(start) else {
            throw ServiceError(
                .usage, "--from \"\(start)\" is no time", remedy: "Write it like 2026-10-05 or 2026-10-05T14:30.")
        }
        let begin = from.start(in: zone)
        let end = [wanted.to.flatMap { RegisterTime($0) }, order.ends].compactMap { $0?.end(in: zone) }.min()

        if let same = own.first(where: { $0.row.key != row.key && $0.overlaps(begin, end) }) {
            throw ServiceError(
                .badInput, "\(Self.name(wanted)) serves order \(order.id) at that time already, \(same.words)",
                remedy: "To change it, name its begin: --from \(same.from)"
                    + (same.end.map { ". To go on behind it: --from \(Self.minute(zone.civil($0)))" } ?? ""))
        }
        let others = held.filter { $0.order != order.id && $0.overlaps(begin, end) }
        var rows: [Register.RegisterEntry] = []
        for other in others {
            guard wanted.moves else { throw taken(wanted, other, by: order, zone) }
            guard other.start < begin else {
                throw ServiceError(
                    .badInput,
                    "\(Self.name(wanted)) serves order \(other.order) \(other.words), which begins no earlier than "
                        + "\(start)",
                    remedy: "Take that back first: \(command(wanted, order: other.order, from: other.from)) --undo")
            }
            var ended = other.row
            // A time, not a bare day, because a day in `to` is covered whole; on the wall clock of that order's patient.
            let home = try self.order(other.order).zone
            ended.columns["to"] = Self.minute(home.civil(begin))
            ended.origin = origin
            rows.append(ended)
        }
        rows.append(row)
        // The whole of it once more as the import sees it: no clash is left.
        let changed = Set(rows.map(\.key))
        _ = try checked(
            .assignments, row.columns,
            beside: existing.filter { $0.table != "assignments" || !changed.contains($0.key) } + rows.dropLast())
        let older = own.first { $0.row.key == row.key }
        let undo =
            older.map { command(wanted, order: order.id, from: $0.from, to: $0.to) }
            ?? "\(command(wanted, order: order.id, from: start)) --undo"
        return EntryAnswer(
            rows: try store(rows), sentences: said(wanted, order, zone, from: start, others, begin, end),
            undo: [undo]
                + others.map { command(wanted, order: $0.order, from: $0.from, to: $0.to) }, dryRun: entry.dryRun)
    }

    // MARK: Ends and returns

    /// `--to` alone ends the assignment that lasts.
    private func end(_ wanted: PumpToOrder, _ order: TherapyOrder, _ own: [Held]) throws -> EntryAnswer {
        guard let last = own.last(where: { $0.to == nil }) ?? own.last else {
            throw ServiceError(
                .badInput, "\(Self.name(wanted)) does not serve order \(order.id), so it cannot end",
                remedy: "Name its begin too: --from DATE")
        }
        var columns = last.row.columns
        columns["to"] = wanted.to
        var row = try checked(.assignments, columns, beside: withoutAssignments)
        row.key = last.row.key
        return EntryAnswer(
            rows: try store([row]),
            sentences: ["\(Self.name(wanted)) serves order \(order.id) from \(last.from) to \(wanted.to ?? "")."],
            undo: [command(wanted, order: order.id, from: last.from, to: last.to)], dryRun: entry.dryRun)
    }

    private func takeBack(_ wanted: PumpToOrder, _ own: [Held]) throws -> EntryAnswer {
        let time = wanted.from.map { RegisterTime($0) }
        let meant = own.filter { time == nil || RegisterTime($0.from) == time || $0.from == wanted.from }
        guard let only = meant.first, meant.count == 1 else {
            let list = own.map { "--from \($0.from)" }.joined(separator: ", ")
            throw ServiceError(
                .badInput,
                meant.isEmpty
                    ? "no such assignment of \(Self.name(wanted)) to order \(wanted.order) is on record"
                    : "there are \(meant.count) assignments of \(Self.name(wanted)) to order \(wanted.order)",
                remedy: own.isEmpty
                    ? "See what each pump serves: pumpledger pumps" : "Name the one that is meant: \(list)")
        }
        let rows = try store([try only.row.withdrawn(by: by, origin: origin)])
        return EntryAnswer(
            rows: rows,
            sentences: [
                "The assignment of \(Self.name(wanted)) to order \(wanted.order) \(only.words) is taken back by "
                    + "\(by). It stays on record, and nothing counts by it."
            ], undo: [command(wanted, order: wanted.order, from: only.from, to: only.to)], dryRun: entry.dryRun)
    }

    // MARK: Words

    private func said(
        _ wanted: PumpToOrder, _ order: TherapyOrder, _ zone: HomeZone, from: String, _ ended: [Held], _ begin: Instant,
        _ end: Instant?
    ) -> [String] {
        var out = [
            "\(Self.name(wanted)) serves order \(order.id) (\(order.drug), patient \(order.patient)) from \(from) "
                + (wanted.to.map { "to \($0)." } ?? "on.")
        ]
        out += ended.map { "Its assignment to order \($0.order) ends at that moment." }
        let twin = index.register.assignments.first { other in
            other.order == order.id && (other.pump, other.channel) != (wanted.pump, wanted.channel)
                && (end.map { other.from.start(in: zone) < $0 } ?? true)
                && (other.to.map { begin < $0.end(in: zone) } ?? true)
        }
        if let twin {
            out.append(
                "Order \(order.id) has pump \(twin.pump), channel \(twin.channel), too, since \(Self.text(twin.from)): both logs "
                    + "count, and a dose on both is for review. If it was returned, end it: "
                    + "pumpledger assign \(Self.word(twin.pump)) \(Self.word(order.id))"
                    + (twin.channel == 1 ? "" : " --channel \(twin.channel)") + " --to DATE")
        }
        return out
    }

    private func taken(
        _ wanted: PumpToOrder, _ other: Held, by order: TherapyOrder, _ zone: HomeZone
    ) -> ServiceError {
        let command =
            "pumpledger assign \(Self.word(wanted.pump)) \(Self.word(order.id))"
            + (wanted.channel == 1 ? "" : " --channel \(wanted.channel)")
        let remedy =
            other.end.map { "To begin when that is over: \(command) --from \(Self.minute(zone.civil($0)))" }
            ?? "To end that now and begin this: \(command) --move. If it changed earlier, add --from TIME."
        return ServiceError(
            .badInput, "\(Self.name(wanted)) serves order \(other.order) at that time, \(other.words)", remedy: remedy)
    }

    private func checkPump(_ serial: String) throws {
        guard index.pump(serial) == nil else { return }
        let serials = index.register.pumps.map(\.serial)
        if try ledger.pumpIdentities().contains(where: { $0.serial == serial }) {
            throw ServiceError(
                .badInput, "pump \(serial) was read, and no row of the register says what it is billed as",
                remedy: "Add it to pumps.csv with its hcpcs and ownership: pumpledger import register DIR")
        }
        throw ServiceError(
            .badInput, "there is no pump \"\(serial)\" on record",
            remedy: Self.known(serials, like: serial, "pumps", file: "pumps.csv"))
    }

    private static func name(_ wanted: PumpToOrder) -> String {
        "pump \(wanted.pump)" + (wanted.channel == 1 ? "" : ", channel \(wanted.channel),")
    }

    private func command(_ wanted: PumpToOrder, order: String, from: String, to: String? = nil) -> String {
        "pumpledger assign \(Self.word(wanted.pump)) \(Self.word(order))"
            + (wanted.channel == 1 ? "" : " --channel \(wanted.channel)") + " --from \(from)"
            + (to.map { " --to \($0)" } ?? "")
    }

    private static func text(_ time: RegisterTime) -> String {
        if case .civil(let civil) = time { minute(civil) } else { time.description }
    }

    // MARK: Rows

    private func columns(_ wanted: PumpToOrder, from: String) -> [String: String] {
        [
            "pump_serial": wanted.pump, "channel": String(wanted.channel), "order_id": wanted.order, "from": from,
            "to": wanted.to ?? "",
        ]
    }

    /// The register without its assignments: a row is checked in itself first, so that a clash is said in better words.
    private var withoutAssignments: [Register.RegisterEntry] { existing.filter { $0.table != "assignments" } }

    /// What a channel serves and served, oldest first.
    private func held(pump: String, channel: Int) -> [Held] {
        existing.compactMap { row -> Held? in
            guard row.table == RegisterTable.assignments.rawValue, !row.isWithdrawn,
                row.columns["pump_serial"] == pump, Int(row.columns["channel"] ?? "1") == channel,
                let id = row.columns["order_id"], let order = index.order(id),
                let zone = index.patient(order.patient)?.homeZone, let text = row.columns["from"],
                let from = RegisterTime(text)
            else { return nil }
            let to = row.columns["to"].flatMap { RegisterTime($0) }
            let start = from.start(in: zone)
            let end = [to, order.ends].compactMap { $0?.end(in: zone) }.min()
            guard end.map({ start < $0 }) ?? true else { return nil }
            return Held(row: row, order: id, start: start, end: end, from: text, to: row.columns["to"])
        }.sorted { $0.start < $1.start }
    }
}
