package import PumpCore
import Supplies

/// What has to be looked at and what to do, in short sentences: a nurse reads them standing, at the end of a day.
package struct VisitWords {
    let answer: VisitAnswer
    let today: CivilDate
    let now: CivilDateTime

    /// A log that was read longer ago says too little about today.
    private static let staleHours = 12
    /// Pumps whose clocks are within a minute are right; from five on a dose may land on another hour.
    private static let clockSeconds = 300
    private static let shortDays = 3

    // MARK: Attention

    func attention() -> [String] {
        (alarms() + doses() + supplies() + reading() + containers() + clock()).compactMap { $0 }
    }

    private func reading() -> [String?] {
        var sentences: [String?] = answer.gaps.map { gap in
            "The log has a hole from \(brief(gap.from) ?? "its beginning") to \(brief(gap.to) ?? "its end") "
                + "(\(Self.gapReasons[gap.reason] ?? gap.reason)): what was given then is not known."
        }
        if let through = answer.completeThroughCivil {
            let hours = (now.wallSeconds - through.wallSeconds) / 3600
            if hours >= Self.staleHours, !wasReadLately {
                sentences.append(
                    "The log is known only to \(Self.brief(through)), \(Self.ago(hours: hours)) ago. "
                        + "Nothing after that is on this screen.")
            } else if hours <= -Self.staleHours {
                sentences.append("The log runs ahead of today: check the pump's date.")
            }
        } else {
            sentences.append("No record of this pump has a time that can be trusted.")
        }
        if answer.orders.isEmpty {
            sentences.append("No order is assigned to this pump: its containers count for nobody.")
        } else if answer.orders.allSatisfy({ $0.ended != nil }), let last = answer.orders.compactMap(\.ended).max() {
            sentences.append("The pump's order ended on \(Self.day(last)): what it gives now counts for nobody.")
        }
        return sentences
    }

    static let gapReasons = [
        "not-read": "never read", "overwritten": "the pump wrote over it",
        "failed-check": "it could not be read without errors",
        "not-decoded": "it could not be understood", "missing-sequence": "numbers are missing in the attested series",
    ]

    private func doses() -> [String?] {
        answer.orders.flatMap { order -> [String?] in
            guard let doses = order.doses else { return [] }
            return [
                doses.missed.isEmpty
                    ? nil
                    : "\(Self.counted(doses.missed.count, "dose")) of \(order.drug) missed: "
                        + Self.list(doses.missed.map(Self.brief), shown: 3) + ".",
                doses.unknown > 0
                    ? "\(Self.counted(doses.unknown, "dose")) of \(order.drug) fell into time that was not read." : nil,
            ]
        }
    }

    private func alarms() -> [String?] {
        let urgent = answer.alarms.filter { $0.urgency <= 1 && $0.kind != PumpEvent.Alarm.battery.rawValue }
        return urgent.map { alarm in
            (Self.plain(alarm) + (alarm.times > 1 ? ", \(alarm.times) times" : "")
                + (alarm.last.map { alarm.times > 1 ? ", last \(Self.brief($0))" : " on \(Self.brief($0))" } ?? "")
                + ".")
        } + [
            answer.alarms.contains { $0.kind == PumpEvent.Alarm.battery.rawValue }
                ? "The pump warned of its battery." : nil
        ]
    }

    private func containers() -> [String?] {
        let doubtful = answer.containers.filter { $0.counted == .review }
        guard let first = doubtful.first else { return [] }
        return [
            "\(Self.counted(doubtful.count, "container")) not clear"
                + (first.hung.map { " (\(doubtful.count > 1 ? "first " : "")\(Self.brief($0)))" } ?? "")
                + ": \(first.reason)."
        ]
    }

    private func supplies() -> [String?] {
        answer.orders.flatMap { order in
            order.supplies.flatMap { supply -> [String?] in
                let name = order.supplies.count > 1 ? supply.hcpcs : order.container + "s"
                guard let days = supply.daysLeft else {
                    return ["How long the \(name) last cannot be said: the order lacks an input."]
                }
                if days <= Self.shortDays {
                    return [
                        days <= 0
                            ? "By the records no \(name) are left."
                            : "The \(name) last only \(Self.counted(days, "day")), through "
                                + "\(supply.lastDay.map(Self.day) ?? "an unknown day")."
                    ]
                }
                return []
            }
        }
    }

    private func clock() -> [String?] {
        let ahead = answer.clock.aheadSeconds ?? 0
        return [
            abs(ahead) >= Self.clockSeconds
                ? "The pump's clock is \(Self.offset(ahead)). Times here are corrected." : nil,
            answer.clock.hasJumped
                ? "The pump's clock jumped, and the log does not say why: some times are doubtful." : nil,
            answer.clock.isUncorrected ? "Nothing corrects this pump's clock: times are the pump's own." : nil,
        ]
    }

    // MARK: What to do

    /// It is the reading that counts: a clock that cannot be trusted makes no log old.
    private var wasReadLately: Bool {
        answer.lastReadAt.map { answer.at.seconds(since: $0) < Self.staleHours * 3600 } ?? false
    }

    func advice() -> [String] {
        var advice: [String] = []
        if let low = answer.lowBattery {
            advice.append(
                "The pump reported a low battery\(low.at.map { " at \(Self.brief($0))" } ?? ""). "
                    + "Look at the pump's display and follow the pump's instructions.")
        }
        let isUntimed = answer.completeThrough == nil || answer.completeThroughCivil == nil
        let isStale =
            answer.completeThroughCivil.map { (now.wallSeconds - $0.wallSeconds) / 3600 >= Self.staleHours } ?? true
        let isAttested = answer.pump.driver == "attested"
        if answer.isComplete, !isAttested, wasReadLately || answer.lastReadAt == nil && isUntimed,
            isUntimed || answer.clock.aheadSeconds == nil || answer.clock.hasJumped
        {
            advice.append(
                "The pump's clock could not be checked. Compare the time on its display with yours; "
                    + "if they differ, call your support.")
        } else if isStale, !wasReadLately, answer.isComplete {
            advice.append(
                isAttested
                    ? "Bring in what was attested since: pumpledger import events FILE"
                    : "Plug the pump in, wait until it is read, and run visit again.")
        }
        let missed = answer.orders.compactMap(\.doses?.missed.count).reduce(0, +)
        if missed > 0 {
            advice.append("Ask why \(missed == 1 ? "the dose was" : "the doses were") missed, and tell the pharmacist.")
        }
        if answer.alarms.contains(where: { $0.urgency == 0 }) { advice.append("Check line and site before you go.") }
        if let doubtful = answer.containers.first(where: { $0.counted == .review }) {
            advice.append("Say what happened with it; the records: pumpledger explain \(doubtful.id)")
        }
        if answer.orders.isEmpty {
            advice.append("Assign the pump to its order: pumpledger assign \(answer.pump.serial) ORDER")
        }
        for order in answer.orders {
            for supply in order.supplies {
                guard let contact = supply.earliestContact, let delivery = supply.earliestDelivery else { continue }
                if contact <= today {
                    advice.append(
                        "Ask whether a refill is wanted and how many are left; earliest delivery \(Self.day(max(delivery, today)))."
                    )
                }
            }
        }
        if abs(answer.clock.aheadSeconds ?? 0) >= Self.clockSeconds {
            advice.append("Set the pump's clock, if your rules let you.")
        }
        if !answer.orders.isEmpty {
            advice.append(
                "Count the \(answer.orders[0].container)s on the shelf: pumpledger count \(answer.orders[0].id) QUANTITY"
            )
        }
        return advice
    }

    // MARK: Words

    package static func plain(_ alarm: VisitAnswer.Alarm) -> String {
        switch PumpEvent.Alarm(rawValue: alarm.kind) {
        case .occlusion: "Occlusion: the line was blocked"
        case .leak: "Leak"
        case .air: "Air in the line"
        case .emptyContainer: "The container ran empty"
        case .lowContainer: "The container was nearly empty"
        case .battery: "Battery warning"
        case .noDelivery: "The pump stopped: no delivery"
        case .reset: "The pump lost its settings or its clock"
        case .other, nil:
            "Alarm" + (alarm.label.map { " (\($0.hasPrefix("alarm: ") ? String($0.dropFirst(7)) : $0))" } ?? "")
                + (alarm.label == nil ? alarm.code.map { " with code \($0)" } ?? "" : "")
        }
    }

    static func counted(_ number: Int, _ thing: String) -> String { "\(number) \(thing)" + (number == 1 ? "" : "s") }

    static func ago(hours: Int) -> String { hours < 48 ? counted(hours, "hour") : counted(hours / 24, "day") }

    /// `4 min fast`.
    package static func offset(_ ahead: Int) -> String {
        let size = abs(ahead)
        let amount =
            size < 60
            ? "\(size) s"
            : size < 7200 ? "\(size / 60) min" : size < 172_800 ? "\(size / 3600) h" : "\(size / 86_400) days"
        return amount + (ahead > 0 ? " fast" : " slow")
    }

    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Oct 7`.
    package static func day(_ date: CivilDate) -> String {
        let (_, month, day) = date.components
        return "\(months[month - 1]) \(day)"
    }

    /// `Oct 7 18:00`.
    package static func brief(_ civil: CivilDateTime) -> String {
        "\(day(civil.date)) \(padded(civil.hour, 2)):\(padded(civil.minute, 2))"
    }

    /// An edge of a gap, which is UTC where it can be corrected and the pump's own time else.
    private func brief(_ text: String?) -> String? {
        guard let text else { return nil }
        if let instant = Instant(text), text.hasSuffix("Z") {
            return Self.brief((HomeZone(identifier: answer.zone) ?? .utc).civil(instant))
        }
        return CivilDateTime(text).map(Self.brief) ?? text
    }

    static func list(_ items: [String], shown: Int) -> String {
        items.prefix(shown).joined(separator: ", ") + (items.count > shown ? " and \(items.count - shown) more" : "")
    }
}
