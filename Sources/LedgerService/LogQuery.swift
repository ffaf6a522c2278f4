import Ledger
import PumpCore
import PumpDrivers
import Register
import Supplies
import Timeline

/// What the pumps' logs say, with corrected times.
struct LogQuery {
    let ledger: Ledger

    /// The newest version of every row that people keep. Rows are read some thousand at a time: as text they need ten
    /// times the memory that they need as what they mean.
    func register() throws -> SupplyRegister {
        var register = SupplyRegister()
        // What is wrong with a row is the register's own error, not the ledger's.
        var wrong: RegisterErrors?
        try ledger.readCurrentRegister(atOnce: Self.registerRowsAtOnce) { rows in
            guard wrong == nil else { return }
            do throws(RegisterErrors) {
                try register.append(
                    entries: rows.map { version in
                        Register.RegisterEntry(
                            table: version.entry.table, key: version.entry.key, columns: version.entry.columns,
                            origin: RowOrigin(file: version.entry.file, line: version.entry.line))
                    })
            } catch {
                wrong = error
            }
        }
        if let wrong { throw wrong }
        return register
    }

    private static let registerRowsAtOnce = 4096

    /// A pump's log with corrected times.
    static func timeline(_ log: PumpLog, index: RegisterIndex) -> PumpTimeline {
        // A log of a driver that this build no longer knows is shown, and no container is inferred from it.
        let signs =
            DriverCatalog.driver(named: log.pump.driver)?.signs ?? ContainerSigns(attachment: .explicit, flow: [])
        return PumpTimeline(log, signs: signs, zones: index.zoneSpans(ofPump: log.pump.serial))
    }

    func pumps(_ context: RequestContext) throws -> PumpsAnswer {
        let register = try register()
        let index = RegisterIndex(register)
        var orders: [String: String] = [:]
        for assignment in register.assignments where assignment.to == nil { orders[assignment.pump] = assignment.order }
        let lines = try ReadAhead(ledger: ledger).reduce(
            try ledger.pumpIdentities(), into: [PumpsAnswer.Line](),
            read: { reader, pump in
                let log = try reader.log(of: pump, depth: .counting)
                let reading = (
                    log: log, sessions: try reader.sessionCount(of: pump), course: try reader.readingCourse(of: pump)
                )
                return (reading, log?.records.count ?? 0)
            },
            work: { [orders] _, reading in
                reading.log.map {
                    Self.line($0, reading.sessions, reading.course, orders[$0.pump.serial], index, context)
                }
            },
            add: { lines, line in if let line { lines.append(line) } })
        return PumpsAnswer(lines: lines, zone: context.zone)
    }

    private static func line(
        _ log: PumpLog, _ sessions: Int, _ course: ReadingCourse?, _ order: String?, _ index: RegisterIndex,
        _ context: RequestContext
    ) -> PumpsAnswer.Line {
        let timeline = timeline(log, index: index)
        let wasEverWhole = course?.wasEverWhole == true
        return PumpsAnswer.Line(
            pump: log.pump, records: log.records.count, sessions: sessions, lastReadAt: log.lastReadAt,
            completeThrough: wasEverWhole ? timeline.completeThrough : nil,
            newestDeviceTime: log.records.last?.record.deviceTime,
            clockOffsetSeconds: timeline.clockAheadSeconds.map { -$0 }, order: order,
            gaps: timeline.gaps.map(GapLine.init),
            state: wasEverWhole ? state(log, now: context.now) : Self.neverWhole,
            isComplete: course?.last == .finished, wasEverWhole: wasEverWhole)
    }

    private static let neverWhole = "never read whole"

    /// Without a daemon nobody watches the ports: what can be said is how long ago the log was read.
    private static func state(_ log: PumpLog, now: Instant) -> String {
        guard log.pump.driver != PumpDriver.attested.name else { return "attested" }
        guard let read = log.lastReadAt else { return neverWhole }
        let days = now.seconds(since: read) / 86_400
        return days < 1 ? "read today" : days == 1 ? "read yesterday" : "last read \(days) days ago"
    }

    func events(_ filter: EventsFilter, _ context: RequestContext) throws -> EventsAnswer {
        if let from = filter.from, let to = filter.to, to < from {
            throw ServiceError(
                .usage, "--to \(to) is before --from \(from)", remedy: "Write the earlier date after --from.")
        }
        let pumps = try ledger.pumpIdentities().filter { filter.pump == nil || $0.serial == filter.pump }
        if let pump = filter.pump, pumps.isEmpty {
            throw ServiceError(
                .badInput, "no pump \(pump) is in this ledger", remedy: "See which ones are: pumpledger pumps")
        }
        let index = RegisterIndex(try register())
        let found = try ReadAhead(ledger: ledger).reduce(
            pumps, into: (lines: [EventsAnswer.Line](), gaps: [GapLine]()),
            read: { reader, pump in
                let log = try reader.log(of: pump)
                return (log, log?.records.count ?? 0)
            },
            work: { _, log in
                guard let timeline = log.map({ Self.timeline($0, index: index) }) else { return ([], []) }
                return (
                    timeline.records.filter { Self.isWanted($0, filter) }.map(EventsAnswer.Line.init),
                    timeline.gaps.map(GapLine.init)
                )
            },
            add: { (found, more: ([EventsAnswer.Line], [GapLine])) in
                found.lines += more.0
                found.gaps += more.1
            })
        return EventsAnswer(lines: found.lines, zone: context.zone, gaps: found.gaps)
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
