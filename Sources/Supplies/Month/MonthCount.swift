package import PumpCore
import Register
package import Timeline

/// Counts a period: timed records + register + dated rules in, findings out. It reads no disk and no clock.
///
/// Patients who share no pump do not depend on each other, so the work can be cut by `RegisterIndex.groups`, one group
/// after the other, with only that group's logs in memory.
package struct MonthCount: Sendable {
    package let index: RegisterIndex
    package let rules: RuleBook
    package let period: ClosedRange<CivilDate>
    /// Whether slots and hang times are listed, for `explain`.
    package var wantsAccounts = false
    /// Whether containers are listed.
    package var wantsContainers = true

    package init(_ index: RegisterIndex, rules: RuleBook, period: ClosedRange<CivilDate>) {
        self.index = index
        self.rules = rules
        self.period = period
    }

    /// All patients and all pumps at once.
    package func findings(_ timelines: [PumpTimeline]) -> MonthFindings {
        let bySerial = Dictionary(timelines.map { ($0.pump.serial, $0) }, uniquingKeysWith: { first, _ in first })
        var findings = MonthFindings(period: period)
        var assigned: Set<String> = []
        for group in index.groups() {
            assigned.formUnion(group.pumps)
            findings.add(self.findings(of: group, timelines: group.pumps.compactMap { bySerial[$0] }))
        }
        for serial in bySerial.keys.sorted() where !assigned.contains(serial) {
            if let timeline = bySerial[serial] { findings.add(unassigned(timeline)) }
        }
        return findings
    }

    /// One group of patients; `timelines` of its pumps. A pump without timeline counts as never read.
    package func findings(of group: PatientGroup, timelines: [PumpTimeline]) -> MonthFindings {
        var readings: [String: PumpReading] = [:]
        for timeline in timelines { readings[timeline.pump.serial] = PumpReading(timeline, index: index) }
        var findings = MonthFindings(period: period)
        for id in group.patients {
            guard let patient = index.patient(id) else { continue }
            count(patient, readings, into: &findings)
        }
        for serial in group.pumps {
            findings.coverage.append(coverage(serial, readings[serial]?.timeline))
            if wantsContainers, let reading = readings[serial] { findings.containers += unassignedRows(reading) }
        }
        return findings
    }

    /// A pump that the register assigns to nobody: its containers are listed all the same.
    package func unassigned(_ timeline: PumpTimeline) -> MonthFindings {
        let reading = PumpReading(timeline, index: index)
        return MonthFindings(
            period: period, coverage: [coverage(timeline.pump.serial, timeline)],
            containers: wantsContainers ? unassignedRows(reading) : [])
    }

    // MARK: One patient

    private func count(_ patient: Patient, _ readings: [String: PumpReading], into findings: inout MonthFindings) {
        let builder = builder(of: patient)
        let folds = folds(of: patient, readings, horizon: period.upperBound)
        guard !folds.isEmpty else { return }
        findings.ruleSets = Array(Set(findings.ruleSets + [builder.profile.set(on: period.upperBound)])).sorted()
        var lines: [BillableLine] = []
        for fold in folds {
            let result = builder.lines(fold, in: period, wantsRows: wantsContainers)
            lines += result.lines
            findings.containers += result.rows
            if let line = PerDiemLines(builder: builder).line(fold, in: period) { lines.append(line) }
            if wantsAccounts { findings.accounts.append(account(fold)) }
        }
        let patient = PatientLines(builder: builder, folds: folds)
        lines += patient.weeks(in: period)
        patient.limit(&lines, in: period)
        findings.lines += lines
    }

    func builder(of patient: Patient) -> LineBuilder {
        let profile = rules.profiles[patient.payer]
        return LineBuilder(
            rules: rules, profile: profile ?? Self.nobody(patient.payer), isPayerUnknown: profile == nil, index: index)
    }

    func folds(of patient: Patient, _ readings: [String: PumpReading], horizon: CivilDate) -> [OrderFold] {
        let counted = containerCodes
        let wall = horizon.adding(days: 1).dayNumber * Seconds.day
        return index.plans(of: patient.id).map { plan in
            OrderFold(plan, readings: readings, countedCodes: counted, horizon: wall)
        }
    }

    /// Rules of a payer that no file describes: nothing is known, and the lines say so.
    private static func nobody(_ payer: String) -> PayerProfile {
        PayerProfile(
            profile: payer, title: payer, changes: [], bases: [], gates: [], limits: [], refills: [], perDiem: nil,
            cmsTables: nil, rules: [])
    }

    // MARK: Coverage and unassigned pumps

    private func coverage(_ serial: String, _ timeline: PumpTimeline?) -> PumpCoverageReport {
        let from = period.lowerBound.dayNumber * Seconds.day
        let to = period.upperBound.adding(days: 1).dayNumber * Seconds.day
        let gaps = (timeline?.gaps ?? []).filter { gap in
            (gap.fromCivil?.wallSeconds ?? Int.min) < to && (gap.toCivil?.wallSeconds ?? Int.max) >= from
        }
        return PumpCoverageReport(
            pump: serial, completeThrough: timeline?.completeThrough,
            completeThroughCivil: timeline?.completeThroughCivil,
            gaps: gaps.map { gap in
                TimedGapReport(
                    from: gap.from, to: gap.to, fromCivil: gap.fromCivil, toCivil: gap.toCivil,
                    reason: gap.reason.rawValue, missing: gap.missing)
            }, isUncorrected: timeline?.isUncorrected ?? false, isUnread: timeline?.records.isEmpty ?? true)
    }

    private func unassignedRows(_ reading: PumpReading) -> [ContainerUse] {
        let isKnown = index.pump(reading.serial) != nil
        return (reading.draftsOfPlan[nil] ?? []).map { place in
            ContainerName.unassigned(reading, reading.drafts[place], isPumpKnown: isKnown)
        }.filter { row in row.date.map(period.contains) ?? true }
    }

    // MARK: Accounts

    private func account(_ fold: OrderFold) -> OrderAccount {
        let plan = fold.plan
        let from = period.lowerBound.dayNumber * Seconds.day
        let to = period.upperBound.adding(days: 1).dayNumber * Seconds.day
        func civil(_ wall: Int) -> CivilDateTime { CivilDateTime(wallSeconds: wall) }
        var account = OrderAccount(
            order: plan.order.id, slots: [],
            hangTimes: fold.hang.walls.filter { from <= $0 && $0 < to }.map(civil),
            containerLifeHours: plan.life.seconds.map { Double($0) / Double(Seconds.hour) },
            missingInputs: plan.order.mode == .intermittent ? [] : plan.life.missing,
            unknownHangTimes: plan.hasDoses
                ? [] : fold.unknown(in: WallSpan(from, to)).map(\.wall).sorted().map(civil))
        guard plan.hasDoses, let slots = plan.slots else { return account }
        let judgement = ContainerJudgement(plan, pumps: fold.pumps, readings: fold.readings)
        var served: [Int: [String]] = [:]
        var upholds: [Int: String] = [:]
        for container in fold.containers where !container.slots.isEmpty {
            guard let id = judgement.row(container)?.id else { continue }
            for slot in container.slots { served[slot, default: []].append(id) }
            if let slot = container.upheldBy, !container.isDoubtful { upholds[slot] = id }
        }
        let given = Set(fold.given)
        let unknown = Set(fold.unknown.map(\.wall))
        for number in slots.numbers(in: WallSpan(from, to)) {
            let wall = slots.wall(number)
            let fate: OrderAccount.Fate =
                given.contains(number)
                ? .given
                : fold.unused.slots.contains(number)
                    ? .excused
                    : plan.stays.contains(wall) ? .inpatient : unknown.contains(wall) ? .unknown : .missed
            account.slots.append(
                OrderAccount.Slot(
                    at: civil(wall), fate: fate, containers: served[number] ?? [], upholds: upholds[number]))
        }
        return account
    }
}
