import PumpCore

/// All lines of one patient in any period: what is limited by the year or by the week is limited over all orders.
struct PatientLines {
    let builder: LineBuilder
    let folds: [OrderFold]

    /// Lines of containers in the order of the orders, each followed by its per diem; then weeks.
    func lines(in days: ClosedRange<CivilDate>) -> [BillableLine] {
        var lines: [BillableLine] = []
        for fold in folds {
            lines += builder.lines(fold, in: days, wantsRows: false).lines
            if let line = PerDiemLines(builder: builder).line(fold, in: days) { lines.append(line) }
        }
        lines += weeks(in: days)
        limit(&lines, in: days)
        return lines
    }

    func weeks(in days: ClosedRange<CivilDate>) -> [BillableLine] {
        WeekLines(builder: builder, folds: folds, days: days).lines()
    }

    /// What payers allow in a calendar year; and the fee of each code, where the user has a table of them.
    func limit(_ lines: inout [BillableLine], in days: ClosedRange<CivilDate>) {
        YearLimit(builder: builder, days: days).apply(to: &lines) { part in
            folds.flatMap { builder.lines($0, in: part, wantsRows: false).lines } + weeks(in: part)
        }
        guard builder.profile.cmsTables == true else { return }
        for index in lines.indices { lines[index].fee = builder.rules.fee(lines[index].hcpcs, on: days.upperBound) }
    }
}
