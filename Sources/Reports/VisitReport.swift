package import LedgerService
import PumpCore

/// A visit on one screen of 80 columns and 24 lines, and as text for the chart.
package struct VisitReport: Sendable {
    let answer: VisitAnswer

    package init(_ answer: VisitAnswer) { self.answer = answer }

    package var screen: String {
        VisitScreen(blocks: [
            .init(items: [answer.incomplete, about()].compactMap { $0 }.map { wrapped($0) }, least: 2),
            .init(items: news().map { wrapped($0, indent: Self.indent) }, least: 4),
            .init(title: "LOOK AT", items: answer.attention.map { wrapped("- " + $0, indent: Self.indent) }, least: 3),
            .init(title: "DO NOW", items: answer.advice.map { wrapped("- " + $0, indent: Self.indent) }, least: 3),
        ]).text
    }

    private static let indent = "  "

    // MARK: What is new

    /// Which pump, whose, since when.
    private func about() -> String {
        let mark = answer.pump.isSimulated ? " SIMULATED" : ""
        let model = [answer.pump.model, answer.pumpHcpcs].compactMap { $0 }.joined(separator: ", ")
        let whose =
            answer.orders.isEmpty
            ? "no order"
            : answer.orders.map { "order \($0.id), patient \($0.patient), \($0.drug)" }.joined(separator: "; ")
        let since =
            answer.last.map { last in
                "Since the last visit, \(VisitText.brief(last.at, answer.zone)) by \(last.by)"
            } ?? "First visit: all that the log tells"
        let through = answer.completeThroughCivil.map { ", known to \(VisitText.brief($0))" } ?? ""
        return "Pump \(answer.pump.serial)\(mark)" + (model.isEmpty ? "" : " (\(model))") + ": \(whose).\n"
            + "\(since)\(through)."
            + (answer.isComplete ? "" : " This visit was not put on record.")
            + (answer.isDryRun && answer.isComplete ? " Not put on record (--dry-run)." : "")
    }

    /// What happened, a sentence each.
    private func news() -> [String] {
        guard answer.newRecords > 0 || answer.olderRecords > 0 || answer.last == nil else {
            let since = answer.last.map { " since \(VisitText.brief($0.at, answer.zone))" } ?? ""
            return ["Nothing new was read\(since)."] + lasting()
        }
        var sentences = answer.orders.map(VisitText.doses)
        sentences.append(VisitText.containers(answer))
        sentences.append(VisitText.alarms(answer))
        if answer.olderRecords > 0 {
            sentences.append(VisitText.late(answer))
        }
        return sentences + lasting()
    }

    /// What holds whether or not anything is new.
    private func lasting() -> [String] {
        answer.orders.flatMap(VisitText.supplies) + [VisitText.pumpState(answer)]
    }

    // MARK: The chart

    /// Plain text, wrapped at 80 columns, that stands by itself.
    package var note: String {
        var sentences = [answer.incomplete].compactMap { $0 }
        sentences += [
            "Pump visit \(VisitText.brief(answer.at, answer.zone)) (\(answer.zone)), \(answer.by). "
                + about().replacingNewlines + " Source: the pump's own log, read by PumpLedger.",
            news().joined(separator: " "),
        ]
        for gap in answer.gaps { sentences.append(HeadingLines.words(gap)) }
        for order in answer.orders {
            guard let doses = order.doses else { continue }
            if !doses.missed.isEmpty {
                sentences.append("Missed: " + doses.missed.map(VisitText.brief).joined(separator: ", ") + ".")
            }
            if !doses.late.isEmpty {
                sentences.append(
                    "Late: "
                        + doses.late.map { "\(VisitText.brief($0.slot)) by \($0.minutes) min" }.joined(separator: ", ")
                        + ".")
            }
        }
        if !answer.attention.isEmpty { sentences.append("To look at: " + answer.attention.joined(separator: " ")) }
        sentences.append("Site and access: ____  Residual: ____  Teaching: ____  Notified: ____  Signature: ____")
        return sentences.flatMap { wrapped($0) }.joined(separator: "\n") + "\n"
    }

    // MARK: Lines

    private func wrapped(_ text: String, indent: String = "") -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            var lines: [String] = []
            var current = ""
            for word in SafeText.terminal(String(line), limit: 2000).split(separator: " ") {
                if !current.isEmpty, current.count + 1 + word.count > VisitScreen.columns {
                    lines.append(current)
                    current = indent + word
                } else {
                    current += (current.isEmpty ? "" : " ") + word
                }
            }
            return lines + [current]
        }
    }
}

extension String {
    fileprivate var replacingNewlines: String { split(separator: "\n").joined(separator: " ") }
}
