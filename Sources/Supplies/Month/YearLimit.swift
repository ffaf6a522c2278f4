import PumpCore

/// Payers who pay at most so many units in a calendar year (rule R13): what was payable earlier in the year counts.
struct YearLimit {
    let builder: LineBuilder
    let days: ClosedRange<CivilDate>

    /// `build` makes the patient's lines for any other days.
    func apply(to lines: inout [BillableLine], _ build: (ClosedRange<CivilDate>) -> [BillableLine]) {
        for code in Set(lines.map(\.hcpcs)).sorted() {
            guard let limit = builder.profile.limit(.calendarYear, of: code, on: days.upperBound),
                let most = limit.units
            else { continue }
            let own = lines.indices.filter { lines[$0].hcpcs == code && lines[$0].payable ?? 0 > 0 }
            guard !own.isEmpty else { continue }
            var allowed: [Int: Int] = [:]
            for year in days.lowerBound.year...days.upperBound.year {
                guard let start = CivilDate(year: year, month: 1, day: 1),
                    let end = CivilDate(year: year, month: 12, day: 31)
                else { continue }
                let part = max(start, days.lowerBound)...min(end, days.upperBound)
                let before =
                    part.lowerBound > start ? payable(build(start...part.lowerBound.adding(days: -1)), code) : [:]
                var left = max(0, most - before.values.reduce(0, +))
                let now = days == part ? payable(lines, code) : payable(build(part), code)
                for index in own {
                    let take = min(now[lines[index].order] ?? 0, left)
                    allowed[index, default: 0] += take
                    left -= take
                }
            }
            for index in own {
                guard let payable = lines[index].payable, let limited = allowed[index], limited < payable else {
                    continue
                }
                lines[index].payable = limited
                lines[index].holds.append(
                    Hold(
                        rule: limit.rule,
                        reason: "at most \(most) in a calendar year, earlier ones counted: \(limit.citation)"))
            }
        }
    }

    private func payable(_ lines: [BillableLine], _ code: String) -> [String: Int] {
        var sums: [String: Int] = [:]
        for line in lines where line.hcpcs == code { sums[line.order, default: 0] += line.payable ?? 0 }
        return sums
    }
}
