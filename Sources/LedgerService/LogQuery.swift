import Ledger
import PumpCore
import PumpDrivers
import Register
import Supplies
import Timeline

/// What the pumps' logs say, with corrected times.
struct LogQuery {
    let ledger: Ledger

    /// The newest version of every row that people keep.
    func register() throws -> SupplyRegister {
        try SupplyRegister(
            entries: try ledger.currentRegister().map { version in
                Register.RegisterEntry(
                    table: version.entry.table, key: version.entry.key, columns: version.entry.columns,
                    origin: RowOrigin(file: version.entry.file, line: version.entry.line))
            })
    }

    /// Every pump's log with corrected times, by serial. All of them at once are more than a large ledger's memory holds:
    /// what can be done pump by pump, or group by group, is done so.
    func timelines(_ register: SupplyRegister) throws -> [PumpTimeline] {
        let index = RegisterIndex(register)
        return try ledger.pumpIdentities().compactMap { pump in try timeline(of: pump, index: index) }
    }

    func timeline(of pump: PumpIdentity) throws -> PumpTimeline? {
        try timeline(of: pump, index: RegisterIndex(register()))
    }

    func timeline(of pump: PumpIdentity, index: RegisterIndex) throws -> PumpTimeline? {
        try ledger.log(of: pump).map { Self.timeline($0, index: index) }
    }

    static func timeline(_ log: PumpLog, index: RegisterIndex) -> PumpTimeline {
        // A log of a driver that this build no longer knows is shown, and no container is inferred from it.
        let signs =
            DriverCatalog.driver(named: log.pump.driver)?.signs ?? ContainerSigns(attachment: .explicit, flow: [])
        return PumpTimeline(log, signs: signs, zones: index.zoneSpans(ofPump: log.pump.serial))
    }

    func pumps(_ context: RequestContext) throws -> PumpsAnswer {
        let register = try register()
        let index = RegisterIndex(register)
        let lines = try ledger.pumps().compactMap { summary -> PumpsAnswer.Line? in
            guard let timeline = try timeline(of: summary.pump, index: index) else { return nil }
            return PumpsAnswer.Line(
                pump: summary.pump, records: summary.recordCount, sessions: summary.sessionCount,
                lastReadAt: summary.lastReadAt,
                completeThrough: timeline.completeThrough, newestDeviceTime: summary.last?.record.deviceTime,
                clockOffsetSeconds: timeline.clockAheadSeconds.map { -$0 },
                order: register.assignments.last { $0.pump == summary.pump.serial && $0.to == nil }?.order,
                gaps: timeline.gaps.map(GapLine.init), state: Self.state(summary, now: context.now))
        }
        return PumpsAnswer(lines: lines, zone: context.zone)
    }

    /// Without a daemon nobody watches the ports: what can be said is how long ago the log was read.
    private static func state(_ summary: PumpSummary, now: Instant) -> String {
        guard summary.pump.driver != PumpDriver.attested.name else { return "attested" }
        guard let read = summary.lastReadAt else { return "read at a time unknown" }
        let days = now.seconds(since: read) / 86_400
        return days < 1 ? "read today" : days == 1 ? "read yesterday" : "last read \(days) days ago"
    }

    func events(_ filter: EventsFilter, _ context: RequestContext) throws -> EventsAnswer {
        if let from = filter.from, let to = filter.to, to < from {
            throw ServiceError(
                .usage, "--to \(to) is before --from \(from)", remedy: "Write the earlier date after --from.")
        }
        let register = try register()
        let all = try timelines(register)
        if let pump = filter.pump, !all.contains(where: { $0.pump.serial == pump }) {
            throw ServiceError(
                .badInput, "no pump \(pump) is in this ledger", remedy: "See which ones are: pumpledger pumps")
        }
        let wanted = all.filter { filter.pump == nil || $0.pump.serial == filter.pump }
        let lines = wanted.flatMap { timeline in
            timeline.records.filter { Self.isWanted($0, filter) }.map(EventsAnswer.Line.init)
        }
        return EventsAnswer(
            lines: lines, zone: context.zone, gaps: wanted.flatMap { $0.gaps.map(GapLine.init) })
    }

    private static func isWanted(_ record: TimedRecord, _ filter: EventsFilter) -> Bool {
        guard filter.from != nil || filter.to != nil else { return true }
        guard let date = record.civil?.date else { return false }
        return (filter.from.map { $0 <= date } ?? true) && (filter.to.map { date <= $0 } ?? true)
    }
}

extension EventsAnswer.Line {
    init(_ timed: TimedRecord) {
        self.init(
            record: timed.record, correctedAt: timed.correctedAt, civil: timed.civil,
            clockMethod: timed.method.rawValue, uncertaintySeconds: timed.uncertaintySeconds,
            isDoubtful: timed.isDoubtful)
    }
}

extension GapLine {
    init(_ gap: TimedGap) {
        self.init(
            pump: gap.pump, from: gap.from?.description ?? gap.fromCivil?.description,
            to: gap.to?.description ?? gap.toCivil?.description, reason: gap.reason.rawValue,
            detail: [gap.missing.map { "\($0) records" }, gap.detail].compactMap { $0 }.joined(separator: ", ")
                .nilIfEmpty)
    }
}

extension String {
    var nilIfEmpty: String? { isEmpty ? nil : self }
}
