import PumpCore
import Register
import Supplies

/// What moved on a shelf in sentences: each number with what it is made of.
enum StockSentences {
    /// `On hand 24 = delivered 60 − used 36, through 2026-10-18.`
    static func sum(_ what: String, _ account: StockAccount, through day: CivilDate) -> String {
        let gone = StockMove.Kind.allCases.filter { $0 != .delivered }.compactMap { kind in
            let quantity = account.sum(kind, through: day)
            return quantity > 0 ? " − \(kind.rawValue) \(quantity)" : nil
        }
        return "\(what) \(account.balance(through: day)) = delivered \(account.sum(.delivered, through: day))"
            + gone.joined() + ", through \(day)."
    }

    /// A line of `reconcile` whose containers lie on a shelf.
    static func of(_ line: ReconcileLine, _ account: StockAccount, _ period: Period) -> [String] {
        let days = period.dates
        var out = [
            sum("Opening", account, through: period.from.adding(days: -1)),
            "Delivered \(line.delivered)" + made(account, .delivered, days) + ".",
            "Used \(line.used): containers from which the pumps' own logs show flow, by the day on which they were hung.",
        ]
        if line.attested > 0 {
            out.append("Attested \(line.attested): containers whose use a named person stands for.")
        }
        for (kind, quantity) in [
            (StockMove.Kind.wasted, line.wasted), (.returned, line.returned), (.lost, line.lost),
        ] where quantity > 0 {
            out.append(
                "\(kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()) \(quantity)"
                    + made(account, kind, days) + ".")
        }
        out.append(
            "Expected \(line.expected) = opening \(line.opening) + delivered \(line.delivered) − used \(line.used) − "
                + "attested \(line.attested) − wasted \(line.wasted) − returned \(line.returned) − lost \(line.lost).")
        if let counted = line.counted, let on = line.countedOn, let variance = line.variance {
            out.append(
                "Counted \(counted) on \(on), when \(counted - variance) were expected: variance \(variance).")
        } else {
            out.append(
                "NOT COUNTED in the period: that is not 0. Count the shelf: pumpledger count \(line.order) QUANTITY")
        }
        return out
    }

    /// A line of `reconcile` for weeks, days, or a code that nothing stands for.
    static func off(_ line: ReconcileLine) -> [String] {
        line.used == 0 && line.opening == 0 && line.expected == 0
            ? ["Nothing of this code lies on a shelf or was counted."]
            : [
                "Opening \(line.opening) + delivered \(line.delivered) − used \(line.used) = expected \(line.expected). "
                    + "Used are the weeks that are supported: they lie on no shelf, and nobody counts them."
            ]
    }

    static func billed(_ line: ReconcileLine) -> [String] {
        guard let difference = line.billedMinusSupported else {
            return ["Billed \(line.billed); what is supported cannot be assessed."]
        }
        return [
            "Billed \(line.billed), supported \(line.billed - difference)"
                + (difference > 0
                    ? ": \(difference) beyond support."
                    : difference < 0 ? ": \(-difference) supported and not billed." : ".")
        ]
    }

    /// A line of `refill-due`.
    static func of(_ line: RefillLine, _ account: StockAccount, _ day: CivilDate) -> [String] {
        let before = day.adding(days: -1)
        let today = account.sum(.delivered, in: day...day)
        var out = [sum("On hand at the end of the day before:", account, through: before)]
        if today > 0 { out.append("Delivered on the day itself: \(today).") }
        out.append("On hand \(line.onHand) at the start of \(day).")
        if let need = line.need, let days = line.daysLeft, let end = line.expectedEnd {
            out.append("The order needs \(need): that lasts for \(days) whole days, through \(end).")
            if let contact = line.earliestContact, let delivery = line.earliestDelivery {
                out.append(
                    "A refill may be asked about from \(contact), \(end.dayNumber - contact.dayNumber) days before "
                        + "the expected end, and be delivered from \(delivery), "
                        + "\(end.dayNumber - delivery.dayNumber) days before it.")
            }
        }
        out += line.holds.map { "HOLD \($0.rule): \($0.reason)." }
        if line.unknown > 0 {
            out.append(
                "Up to \(line.unknown) more may be gone in time that was not read"
                    + (line.earliestEnd.map { ": then it lasts through \($0)." } ?? "."))
        }
        if let counted = line.counted, let on = line.countedOn {
            out.append(
                "Counted \(counted) on \(on), when \(account.balance(through: on)) were expected. The line goes by "
                    + "deliveries and use, not by counts.")
        }
        if let last = line.orderEnds { out.append("The order ends on \(last).") }
        return out
    }

    /// ` = 30 on 2026-10-07 + 28 on 2026-10-21`, where there are several.
    private static func made(_ account: StockAccount, _ kind: StockMove.Kind, _ days: ClosedRange<CivilDate>) -> String
    {
        let moves = account.moves.filter { $0.kind == kind && days.contains($0.day) }
        guard !moves.isEmpty else { return "" }
        return " = " + moves.map { "\($0.quantity) on \($0.day)" }.joined(separator: " + ")
    }
}
