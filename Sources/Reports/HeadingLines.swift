package import LedgerService
import PumpCore

/// What every report prints about itself: dates, zone, rules, and what it could not see.
package enum HeadingLines {
    package static func above(_ heading: ReportHeading, title: String) -> [String] {
        above(heading, titled: "\(title), \(heading.period)")
    }

    /// With a first line that names the dates itself.
    static func above(_ heading: ReportHeading, titled line: String) -> [String] {
        [
            line,
            "Rules \(heading.rules), digest \(heading.rulesDigest.prefix(19))…; times printed in \(heading.zone)",
        ] + (heading.closing.map { ClosingLines.above($0, zone: heading.zone) } ?? []) + heading.remarks
    }

    /// `marksEnd`: say where a log was not read to the end of the period.
    package static func below(_ heading: ReportHeading, marksEnd: Bool = true) -> [String] {
        let time = ReportTime(zone: heading.zone)
        let zone = HomeZone(identifier: heading.zone) ?? .utc
        return heading.coverage.flatMap { line -> [String] in
            let mark = line.isSimulated ? " (SIMULATED, not a patient's pump)" : ""
            let through =
                line.completeThrough.map { "complete through \(time.text($0))" } ?? "never read with a known clock"
            let isShort = line.completeThrough.map { zone.civil($0).date <= heading.period.to } ?? false
            let short = marksEnd && isShort ? ", NOT to the end of the period" : ""
            return ["Pump \(line.pump)\(mark): \(through)\(short)"] + line.gaps.map { "  " + words($0) }
        } + (heading.closing.map(ClosingLines.below) ?? [])
    }

    package static func words(_ gap: GapLine) -> String {
        let span: String
        switch (gap.from, gap.to) {
        case (let from?, let to?): span = "from \(from) to \(to)"
        case (let from?, nil): span = "after \(from)"
        case (nil, let to?): span = "before \(to)"
        case (nil, nil): span = "at a time unknown"
        }
        return "GAP \(span): \(gap.reason)\(gap.detail.map { " (\($0))" } ?? "")"
    }

    package static func json(_ heading: ReportHeading) -> [JSONValue.Field] {
        [
            .init(
                "period",
                .object([
                    .init("from", .string(heading.period.from.description)),
                    .init("to", .string(heading.period.to.description)),
                ])),
            .init("zone", .string(heading.zone)),
            .init("rules", .string(heading.rules)),
            .init("rulesDigest", .string(heading.rulesDigest)),
            .init("coverage", .array(heading.coverage.map(json))),
        ] + (heading.closing.map(ClosingLines.json) ?? [])
            + (heading.remarks.isEmpty ? [] : [.init("remarks", .array(heading.remarks.map { .string($0) }))])
    }

    private static func json(_ line: CoverageLine) -> JSONValue {
        .object([
            .init("pump", .string(line.pump)),
            .init("simulated", .bool(line.isSimulated)),
            .init("completeThrough", .optional(line.completeThrough?.description)),
            .init("gaps", .array(line.gaps.map(json))),
        ])
    }

    package static func json(_ gap: GapLine) -> JSONValue {
        .object([
            .init("pump", .string(gap.pump)),
            .init("from", .optional(gap.from)),
            .init("to", .optional(gap.to)),
            .init("reason", .string(gap.reason)),
            .init("detail", .optional(gap.detail)),
        ])
    }
}
