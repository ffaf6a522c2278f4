import LedgerService
import PumpCore
import Supplies

/// The numbers of a visit in sentences.
enum VisitText {
    static func brief(_ civil: CivilDateTime) -> String { VisitWords.brief(civil) }

    static func brief(_ instant: Instant, _ zone: String) -> String {
        brief((HomeZone(identifier: zone) ?? .utc).civil(instant))
    }

    static func doses(_ order: VisitAnswer.Order) -> String {
        guard let doses = order.doses else {
            if let ended = order.ended { return "The order of \(order.drug) ended on \(VisitWords.day(ended))." }
            return order.mode == "continuous"
                ? "\(capital(order.drug)) runs continuously: no single doses." : "No dose of \(order.drug) was due."
        }
        var parts = ["\(doses.given) of \(counted(doses.due, "dose")) given"]
        if !doses.late.isEmpty {
            let most = doses.late.map(\.minutes).max() ?? 0
            parts.append("\(doses.late.count) of them more than an hour late (at most \(most / 60) h \(most % 60) min)")
        }
        if !doses.missed.isEmpty { parts.append("\(doses.missed.count) MISSED") }
        if doses.excused > 0 { parts.append("\(doses.excused) excused") }
        if doses.inpatient > 0 { parts.append("\(doses.inpatient) while in hospital") }
        if doses.unknown > 0 { parts.append("\(doses.unknown) not known") }
        return "\(capital(order.drug)): " + parts.joined(separator: ", ") + "."
    }

    static func containers(_ answer: VisitAnswer) -> String {
        let used = answer.containers.filter(\.isUsed)
        let kind = answer.orders.first?.container ?? "container"
        guard !answer.containers.isEmpty else { return "No new \(kind)\(withinWhatWasRead(answer))." }
        var parts = [counted(used.count, kind) + " used"]
        if let volume = answer.volume { parts.append("\(volume) given from \(used.count == 1 ? "it" : "them")") }
        let idle = answer.containers.count - used.count
        if idle > 0 { parts.append("\(idle) put in and never run") }
        if answer.reseats > 0 { parts.append("\(counted(answer.reseats, "re-seat")) not counted") }
        let review = answer.containers.count { $0.counted == .review }
        if review > 0 { parts.append("\(review) NOT CLEAR") }
        return capital(parts.joined(separator: ", ")) + "."
    }

    static func alarms(_ answer: VisitAnswer) -> String {
        guard !answer.alarms.isEmpty else {
            return "No \(answer.late.alarms.isEmpty ? "" : "newer ")alarm\(withinWhatWasRead(answer))."
        }
        return "Alarms: " + list(answer.alarms) + "."
    }

    /// Nothing seen in a part of the log is no word about the rest.
    private static func withinWhatWasRead(_ answer: VisitAnswer) -> String {
        answer.isComplete && answer.gaps.isEmpty ? "" : " in what was read"
    }

    /// What came from before the last visit, which that visit could not tell.
    static func late(_ answer: VisitAnswer) -> String {
        let alarms = answer.late.alarms
        return "\(counted(answer.olderRecords, "record")) came in late, from before the last visit: "
            + "\(counted(answer.late.containers, "container")), "
            + counted(alarms.reduce(0) { $0 + $1.times }, "alarm")
            + (alarms.isEmpty ? "" : " (\(list(alarms)))") + "."
    }

    private static func list(_ alarms: [VisitAnswer.Alarm]) -> String {
        alarms.map { alarm in
            VisitWords.plain(alarm) + (alarm.times > 1 ? " (\(alarm.times) times)" : "")
        }.joined(separator: "; ")
    }

    static func pumpState(_ answer: VisitAnswer) -> String {
        let clock: String
        if let ahead = answer.clock.aheadSeconds {
            clock = abs(ahead) < 60 ? "The pump's clock is right" : "The pump's clock is \(VisitWords.offset(ahead))"
        } else {
            clock = "The pump's clock was not compared"
        }
        let set = answer.clock.changes > 0 ? ", set \(counted(answer.clock.changes, "time")) since" : ""
        let battery = answer.battery.map { "; battery: \($0)" } ?? "; the log says nothing of the battery"
        return clock + set + battery + "."
    }

    static func supplies(_ order: VisitAnswer.Order) -> [String] {
        order.supplies.map { supply in
            let what = "\(counted(supply.onHand, order.container)) left by the records (\(supply.hcpcs))"
            let until =
                supply.daysLeft.map { days in
                    days > 0 ? ", \(counted(days, "day")), through \(supply.lastDay.map(VisitWords.day) ?? "–")" : ""
                } ?? ""
            let doubt = supply.unknown > 0 ? "; up to \(supply.unknown) fewer, for what was not read" : ""
            return what + until + doubt + "."
        }
    }

    private static func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
