import PumpCore
import TestSupport
import Testing
import Timeline

/// A pump's log in a few words.
struct Log {
    var records: [LogRecord] = []
    var clocks: [ClockReading] = []
    var gaps: [LogGap] = []
    var lastReadAt: Instant?
    var session = "s1"
    var readAt: Instant?

    static let pump = PumpIdentity(serial: "M1", driver: "test")

    mutating func add(_ time: DeviceTime?, _ kind: EventKind = .note, _ fill: (inout PumpEvent) -> Void = { _ in }) {
        let number = records.count
        records.append(
            LogRecord(
                key: RecordKey("r:\(number)"), pump: Self.pump, session: SessionID(session), position: number,
                stretch: 0,
                record: RawRecord(raw: [UInt8(number & 255)], deviceTime: time, event: PumpEvent(kind, fill)),
                readAt: readAt, decoderVersion: 1))
    }

    mutating func add(_ text: String, _ kind: EventKind = .note) throws {
        add(.civil(try #require(CivilDateTime(text), "\(text)")), kind)
    }

    mutating func setClock(_ old: String, to new: String) throws {
        let time = try #require(CivilDateTime(new))
        add(.civil(try #require(CivilDateTime(old))), .clockChanged) { $0.newTime = time }
    }

    mutating func read(_ device: String, at host: String?) throws {
        clocks.append(
            ClockReading(
                session: SessionID(session), device: .civil(try #require(CivilDateTime(device))),
                host: try host.map { try #require(Instant($0)) }))
    }

    func timeline(_ zone: String? = "America/New_York", signs: ContainerSigns = .attested) throws -> PumpTimeline {
        let spans = try zone.map { [ZoneSpan(zone: try #require(HomeZone(identifier: $0)))] } ?? []
        return PumpTimeline(
            PumpLog(pump: Self.pump, records: records, gaps: gaps, clocks: clocks, lastReadAt: lastReadAt),
            signs: signs,
            zones: spans)
    }

    static let wire = ContainerSigns(attachment: .flowAfterDetach, flow: [.deliveryStarted])
}

extension PumpTimeline {
    var utc: [String?] { records.map { $0.correctedAt?.description } }
    var civil: [String?] { records.map { $0.civil?.description } }
    var methods: [ClockMethod] { records.map(\.method) }
}

@Suite("Clocks without a reading")
struct HomeZoneClockTests {
    @Test("device time is home-zone wall time, with daylight saving")
    func homeZone() throws {
        var log = Log()
        try log.add("2026-10-31T06:00")
        try log.add("2026-11-02T06:00")
        let timeline = try log.timeline()
        #expect(timeline.utc == ["2026-10-31T10:00:00Z", "2026-11-02T11:00:00Z"])
        #expect(timeline.civil == ["2026-10-31T06:00:00", "2026-11-02T06:00:00"])
        #expect(timeline.methods == [.homeZone, .homeZone])
        #expect(timeline.completeThrough == Instant("2026-11-02T11:00Z"))
    }

    @Test("in the repeated hour the log's order decides: UTC never runs backwards")
    func repeatedHour() throws {
        var log = Log()
        for text in [
            "2026-11-01T00:50", "2026-11-01T01:10", "2026-11-01T01:50", "2026-11-01T01:05", "2026-11-01T01:55",
            "2026-11-01T02:05",
        ] { try log.add(text) }
        #expect(
            try log.timeline().utc == [
                "2026-11-01T04:50:00Z", "2026-11-01T05:10:00Z", "2026-11-01T05:50:00Z", "2026-11-01T06:05:00Z",
                "2026-11-01T06:55:00Z", "2026-11-01T07:05:00Z",
            ])
        #expect(try log.timeline().gaps.isEmpty)
        #expect(try log.timeline().records.allSatisfy { !$0.isDoubtful })
        // One second back is enough where entries are numbered, and not where a pump stores what has ended.
        var close = Log()
        try close.add("2026-11-01T01:30:01")
        try close.add("2026-11-01T01:30:00")
        #expect(try close.timeline().utc.last == "2026-11-01T06:30:00Z")
        #expect(try close.timeline(signs: Log.wire).utc.last == "2026-11-01T05:30:00Z")
        #expect(try close.timeline(signs: Log.wire).records.last?.uncertaintySeconds ?? 0 >= 3600)
    }

    @Test("a time in the missing hour moves one hour on")
    func missingHour() throws {
        var log = Log()
        try log.add("2026-03-08T01:59")
        try log.add("2026-03-08T02:30")
        try log.add("2026-03-08T03:10")
        let timeline = try log.timeline()
        #expect(timeline.utc == ["2026-03-08T06:59:00Z", "2026-03-08T07:30:00Z", "2026-03-08T07:10:00Z"])
        #expect(timeline.civil[1] == "2026-03-08T03:30:00")
        #expect(timeline.gaps.isEmpty)
    }

    @Test("a clock change corrects what lies before it")
    func clockChange() throws {
        var log = Log()
        try log.add("2026-10-01T06:00")
        try log.add("2026-10-02T06:00")
        try log.setClock("2026-10-03T06:00", to: "2026-10-03T08:10")
        try log.add("2026-10-03T09:00")
        let timeline = try log.timeline()
        #expect(
            timeline.civil == [
                "2026-10-01T08:10:00", "2026-10-02T08:10:00", "2026-10-03T08:10:00", "2026-10-03T09:00:00",
            ])
        #expect(timeline.methods == [.clockChange, .clockChange, .clockChange, .homeZone])
        #expect(timeline.gaps.isEmpty)
    }

    @Test("several changes add up, walked backwards from the newest")
    func severalChanges() throws {
        var log = Log()
        try log.add("2026-10-01T06:00")
        try log.setClock("2026-10-01T07:00", to: "2026-10-05T07:30")
        try log.add("2026-10-05T08:00")
        try log.setClock("2026-10-05T09:00", to: "2026-10-02T09:10")
        try log.add("2026-10-02T10:00")
        #expect(
            try log.timeline().civil == [
                "2026-10-02T06:40:00", "2026-10-02T07:40:00", "2026-10-02T08:10:00", "2026-10-02T09:10:00",
                "2026-10-02T10:00:00",
            ])
        #expect(try log.timeline().gaps.isEmpty)
    }

    @Test("a change that two records tell, on two pages")
    func changeInTwoRecords() throws {
        var log = Log()
        try log.add("2026-10-01T06:00")
        try log.add("2026-10-01T07:00", .clockChanged)
        let new = try #require(CivilDateTime("2026-10-01T08:00"))
        log.add(.civil(new), .note) { $0.newTime = new }
        #expect(try log.timeline().civil == ["2026-10-01T07:00:00", "2026-10-01T08:00:00", "2026-10-01T08:00:00"])
    }

    @Test(
        "an hour set after the zone had changed: the clock did not follow daylight saving, so times before are right too"
    )
    func setForDaylightSaving() throws {
        var log = Log()
        // The zone goes back on 1 November; somebody sets the pump on the 3rd.
        try log.add("2026-10-31T06:00")
        try log.add("2026-11-02T07:00")
        try log.setClock("2026-11-03T10:00", to: "2026-11-03T09:01")
        try log.add("2026-11-03T10:00")
        let timeline = try log.timeline()
        #expect(timeline.civil[0] == "2026-10-31T06:01:00")
        #expect(timeline.civil[1] == "2026-11-02T06:01:00")
        #expect(timeline.civil[3] == "2026-11-03T10:00:00")
        // An hour set at another time of the year is a correction.
        var summer = Log()
        try summer.add("2026-07-01T06:00")
        try summer.setClock("2026-07-03T10:00", to: "2026-07-03T09:00")
        #expect(try summer.timeline().civil[0] == "2026-07-01T05:00:00")
        // So is an hour in the other direction.
        var wrong = Log()
        try wrong.add("2026-10-31T06:00")
        try wrong.setClock("2026-11-03T10:00", to: "2026-11-03T11:00")
        #expect(try wrong.timeline().civil[0] == "2026-10-31T07:00:00")
    }

    @Test("records a little out of order are no jump, and neither is a bolus stamped hours before it was stored")
    func stragglers() throws {
        var log = Log()
        try log.add("2026-10-01T03:50:00")
        try log.add("2026-10-01T03:51:24", .deliveryStopped)
        try log.add("2026-10-01T03:51:14", .bolus)
        try log.add("2026-10-01T10:00:00")
        try log.add("2026-10-01T04:00:00", .bolus)
        try log.add("2026-10-01T10:05:00")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.gaps.isEmpty)
        #expect(timeline.records.allSatisfy { !$0.isDoubtful })
        #expect(timeline.civil[2] == "2026-10-01T03:51:14")
    }

    @Test("daily totals bear the day that they sum up, and are no jump")
    func dailyTotals() throws {
        var log = Log()
        try log.add("2026-10-01T22:00")
        try log.add("2026-10-01T00:00", .counter)
        try log.add("2026-10-02T00:00", .counter)
        try log.add("2026-10-03T00:00", .counter)
        try log.add("2026-10-04T05:00")
        #expect(try log.timeline().gaps.isEmpty)
    }

    @Test("a clock that fell back to a new year is doubtful until it is set, and the time between is a gap")
    func reset() throws {
        var log = Log()
        try log.add("2026-10-10T06:00")
        try log.add("2000-01-01T00:05")
        try log.add("2000-01-01T06:00")
        try log.add("2026-10-12T06:00")
        let timeline = try log.timeline()
        #expect(timeline.records.map(\.isDoubtful) == [false, true, true, false])
        #expect(timeline.gaps.map(\.reason) == [.clockJump])
        #expect(timeline.gaps.first?.fromCivil == CivilDateTime("2026-10-10T06:00"))
        #expect(timeline.gaps.first?.toCivil == CivilDateTime("2026-10-12T06:00"))
        // Set by hand: everything is known, but for the time around the jump.
        var set = Log()
        try set.add("2026-10-10T06:00")
        try set.add("2000-01-01T00:05")
        try set.setClock("2000-01-01T12:00", to: "2026-10-11T12:00")
        try set.add("2026-10-12T06:00")
        let known = try set.timeline()
        #expect(known.records.allSatisfy { !$0.isDoubtful })
        #expect(
            known.civil == [
                "2026-10-10T06:00:00", "2026-10-11T00:05:00", "2026-10-11T12:00:00", "2026-10-12T06:00:00",
            ])
        #expect(known.gaps.map(\.toCivil) == [CivilDateTime("2026-10-11T00:05")])
    }

    @Test(
        "a step back from which the log does not come back: what lies before it is doubtful where both cannot be true")
    func jumpBack() throws {
        var log = Log()
        for hour in 10..<20 { try log.add("2026-10-10T\(hour):00") }
        for hour in 10..<20 { try log.add("2026-10-09T\(hour):00") }
        let timeline = try log.timeline()
        #expect(timeline.records.prefix(10).allSatisfy { $0.isDoubtful && $0.uncertaintySeconds >= 86_400 })
        #expect(timeline.records.suffix(10).allSatisfy { !$0.isDoubtful })
        #expect(timeline.gaps.count == 1)
        #expect(timeline.records.first?.civil == CivilDateTime("2026-10-10T10:00"))
    }

    @Test("a record from the future is doubtful alone")
    func fromTheFuture() throws {
        var log = Log()
        for day in 10..<20 { try log.add("2026-10-\(day)T06:00") }
        try log.add("2031-01-05T06:00")
        for day in 20..<28 { try log.add("2026-10-\(day)T06:00") }
        let timeline = try log.timeline()
        #expect(timeline.records.filter(\.isDoubtful).count == 1)
    }

    @Test("without a home zone and without a reading nothing is corrected, and the raw time stands")
    func nothing() throws {
        var log = Log()
        try log.add("2026-10-10T06:00")
        log.add(nil)
        let timeline = try log.timeline(nil)
        #expect(timeline.utc == [nil, nil])
        #expect(timeline.civil == ["2026-10-10T06:00:00", nil])
        #expect(timeline.methods == [.none, .none])
        #expect(timeline.isUncorrected)
        #expect(timeline.completeThrough == nil)
        #expect(timeline.completeThroughCivil == CivilDateTime("2026-10-10T06:00"))
    }

    @Test("the zone is that of the patient who had the pump")
    func zones() throws {
        var log = Log()
        try log.add("2026-10-10T06:00")
        try log.add("2026-10-20T06:00")
        let newYork = try #require(HomeZone(identifier: "America/New_York"))
        let denver = try #require(HomeZone(identifier: "America/Denver"))
        let timeline = PumpTimeline(
            PumpLog(pump: Log.pump, records: log.records, gaps: [], clocks: [], lastReadAt: nil), signs: .attested,
            zones: [
                ZoneSpan(from: CivilDateTime("2026-10-15T00:00"), zone: denver),
                ZoneSpan(from: CivilDateTime("2026-10-01T00:00"), zone: newYork),
            ])
        #expect(timeline.utc == ["2026-10-10T10:00:00Z", "2026-10-20T12:00:00Z"])
    }
}

@Suite("Clocks with a reading")
struct ReadClockTests {
    @Test("a reading moves the newest stretch on the wall clock")
    func calendar() throws {
        var log = Log()
        log.readAt = Instant("2026-11-05T15:00Z")
        log.lastReadAt = log.readAt
        try log.add("2026-10-31T06:00")
        try log.add("2026-11-05T06:00")
        // Seven minutes behind at ten in the morning.
        try log.read("2026-11-05T09:53", at: "2026-11-05T15:00Z")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.civil == ["2026-10-31T06:07:00", "2026-11-05T06:07:00"])
        #expect(timeline.utc == ["2026-10-31T10:07:00Z", "2026-11-05T11:07:00Z"])
        #expect(timeline.methods == [.clockReading, .clockReading])
        #expect(timeline.clockAheadSeconds == -420)
        #expect(timeline.completeThrough == Instant("2026-11-05T15:00Z"))
        #expect(timeline.completeThroughCivil == CivilDateTime("2026-11-05T10:00"))
        #expect((timeline.records.first?.uncertaintySeconds ?? 0) < 60)
    }

    @Test("a pump found an hour ahead after the zone went back did not follow it")
    func foundAnHourAhead() throws {
        var log = Log()
        try log.add("2026-10-31T06:00")
        try log.add("2026-11-02T07:00")
        try log.read("2026-11-05T11:00", at: "2026-11-05T15:00Z")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.civil == ["2026-10-31T06:00:00", "2026-11-02T06:00:00"])
    }

    @Test("a pump found an hour ahead in summer is an hour ahead")
    func wrongInSummer() throws {
        var log = Log()
        try log.add("2026-07-10T07:00")
        try log.read("2026-07-12T12:00", at: "2026-07-12T15:00Z")
        #expect(try log.timeline(signs: Log.wire).civil == ["2026-07-10T06:00:00"])
    }

    @Test("two readings on one straight line across the zone's change: the clock did not follow it")
    func straightLine() throws {
        var log = Log()
        try log.add("2026-10-20T06:00")
        try log.read("2026-10-20T10:05", at: "2026-10-20T14:00Z")
        log.session = "s2"
        try log.add("2026-10-30T06:05")
        try log.add("2026-11-04T07:05")
        try log.read("2026-11-05T11:05", at: "2026-11-05T15:00Z")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.civil == ["2026-10-20T05:55:00", "2026-10-30T06:00:00", "2026-11-04T06:00:00"])
        #expect(timeline.records.allSatisfy { !$0.isDoubtful })
    }

    @Test("each session's own reading corrects what it read; a change between two that no record tells is doubtful")
    func twoReadings() throws {
        var log = Log()
        try log.add("2026-10-02T06:00")
        try log.read("2026-10-05T10:00", at: "2026-10-05T14:10Z")
        log.session = "s2"
        try log.add("2026-10-08T06:00")
        try log.read("2026-10-09T10:00", at: "2026-10-09T14:03Z")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.civil == ["2026-10-02T06:10:00", "2026-10-08T06:03:00"])
        #expect(timeline.records.map(\.isDoubtful) == [false, true])
    }

    @Test("what a later session fills in further back keeps its place under the older reading")
    func backfill() throws {
        var log = Log()
        log.session = "s2"
        try log.add("2026-10-01T06:00")
        log.session = "s1"
        try log.add("2026-10-02T06:00")
        try log.read("2026-10-02T10:00", at: "2026-10-02T14:05Z")
        log.session = "s2"
        try log.add("2026-10-03T06:00")
        try log.read("2026-10-03T10:00", at: "2026-10-03T14:04Z")
        #expect(
            try log.timeline(signs: Log.wire).civil
                == ["2026-10-01T06:05:00", "2026-10-02T06:05:00", "2026-10-03T06:04:00"])
    }

    @Test("a counter is converted by elapsed time, through daylight saving")
    func counter() throws {
        var log = Log()
        log.add(.counter(seconds: 1_000))
        log.add(.counter(seconds: 1_000 + 86_400))
        log.clocks = [
            ClockReading(
                session: SessionID("s1"), device: .counter(seconds: 1_000 + 2 * 86_400),
                host: Instant("2026-11-02T15:00Z"))
        ]
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.utc == ["2026-10-31T15:00:00Z", "2026-11-01T15:00:00Z"])
        #expect(timeline.civil == ["2026-10-31T11:00:00", "2026-11-01T10:00:00"])
        #expect(timeline.methods == [.clockReading, .clockReading])
    }

    @Test("a counter that began anew: what lies before is known only by an older reading")
    func counterReset() throws {
        var log = Log()
        log.add(.counter(seconds: 500_000))
        log.add(.counter(seconds: 600_000))
        log.add(.counter(seconds: 100))
        log.add(.counter(seconds: 5_000))
        log.clocks = [
            ClockReading(
                session: SessionID("s1"), device: .counter(seconds: 5_000), host: Instant("2026-10-10T12:00Z"))
        ]
        let unknown = try log.timeline(signs: Log.wire)
        #expect(unknown.utc == [nil, nil, "2026-10-10T10:38:20Z", "2026-10-10T12:00:00Z"])
        // An earlier session had read the counter after the first record: it holds for the second one too.
        log.records[0].session = SessionID("s0")
        log.clocks.append(
            ClockReading(
                session: SessionID("s0"), device: .counter(seconds: 500_000), host: Instant("2026-10-01T00:00Z")))
        #expect(
            try log.timeline(signs: Log.wire).utc
                == ["2026-10-01T00:00:00Z", "2026-10-02T03:46:40Z", "2026-10-10T10:38:20Z", "2026-10-10T12:00:00Z"])
    }

    @Test("a calendar clock of a pump that belongs to nobody is converted by elapsed time")
    func nobody() throws {
        var log = Log()
        try log.add("2026-10-10T06:00")
        try log.read("2026-10-10T10:00", at: "2026-10-10T14:00Z")
        let timeline = try log.timeline(nil, signs: Log.wire)
        #expect(timeline.utc == ["2026-10-10T10:00:00Z"])
        #expect(timeline.civil == ["2026-10-10T06:00:00"])
    }

    @Test("a recording replayed without its moment has no corrected times, and one that says when it was read has")
    func replay() throws {
        var log = Log()
        try log.add("2012-10-21T03:50")
        try log.read("2012-10-21T04:00", at: nil)
        let without = try log.timeline(signs: Log.wire)
        #expect(without.utc == [nil])
        #expect(without.civil == ["2012-10-21T03:50:00"])
        #expect(without.isUncorrected)
        log.readAt = Instant("2012-10-21T08:01Z")
        log.records = []
        log.clocks = []
        try log.add("2012-10-21T03:50")
        try log.read("2012-10-21T04:00", at: "2012-10-21T08:01Z")
        #expect(try log.timeline(signs: Log.wire).utc == ["2012-10-21T07:51:00Z"])
    }

    @Test("an import that says when it was read, and read no clock, is home-zone time")
    func importWithoutClock() throws {
        var log = Log()
        log.readAt = Instant("2026-10-21T08:01Z")
        log.lastReadAt = log.readAt
        try log.add("2026-10-20T03:50")
        let timeline = try log.timeline(signs: Log.wire)
        #expect(timeline.utc == ["2026-10-20T07:50:00Z"])
        #expect(timeline.methods == [.homeZone])
        #expect(timeline.completeThrough == Instant("2026-10-20T07:50Z"))
    }
}

@Suite("Gaps as intervals")
struct GapTests {
    @Test("a gap lies between the corrected times of its neighbours; at the edges of the log it has no end")
    func gaps() throws {
        var log = Log()
        try log.add("2026-10-10T06:00")
        log.add(nil)
        try log.add("2026-10-12T06:00")
        log.gaps = [
            LogGap(
                after: RecordKey("r:1"), before: RecordKey("r:2"), from: nil, to: nil, reason: .unread, missing: 4,
                detail: "why"),
            LogGap(after: nil, before: RecordKey("r:0"), from: nil, to: nil, reason: .overwritten),
        ]
        let timeline = try log.timeline()
        #expect(timeline.gaps.map(\.reason) == [.overwritten, .unread])
        #expect(timeline.gaps[0].from == nil)
        #expect(timeline.gaps[0].to == Instant("2026-10-10T10:00Z"))
        #expect(timeline.gaps[1].from == Instant("2026-10-10T10:00Z"))
        #expect(timeline.gaps[1].to == Instant("2026-10-12T10:00Z"))
        #expect(timeline.gaps[1].missing == 4)
        #expect(timeline.gaps[1].pump == "M1")
    }
}

@Suite("Clocks by chance")
struct ClockPropertyTests {
    /// A pump that follows the wall clock with an error, set now and then, read at the end: every record's true time
    /// comes out again, to the second but for the repeated hour.
    @Test("the true time comes out, whatever the clock's error was and however often it was set", arguments: 0..<60)
    func truth(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let zone = try #require(HomeZone(identifier: "America/New_York"))
        var now = try #require(Instant("2026-08-01T00:00Z"))
        var error = Int.random(in: -600...600, using: &random)
        var log = Log()
        var truth: [Instant] = []
        for _ in 0..<200 {
            now = now.adding(seconds: Int.random(in: 3_600...60_000, using: &random))
            let wall = zone.civil(now)
            if Int.random(in: 0..<20, using: &random) == 0 {
                let new = Int.random(in: -600...600, using: &random)
                log.add(.civil(wall.adding(seconds: error)), .clockChanged) { $0.newTime = wall.adding(seconds: new) }
                error = new
            } else {
                log.add(.civil(wall.adding(seconds: error)))
            }
            truth.append(now)
        }
        now = now.adding(seconds: 500)
        log.clocks = [
            ClockReading(session: SessionID("s1"), device: .civil(zone.civil(now).adding(seconds: error)), host: now)
        ]
        let timeline = try log.timeline(signs: Log.wire)
        for (record, moment) in zip(timeline.records, truth) {
            if case .once = zone.read(zone.civil(moment)) {
                #expect(record.correctedAt == moment, "seed \(seed)")
            }
            #expect(!record.isDoubtful, "seed \(seed)")
        }
        #expect(timeline.gaps.isEmpty, "seed \(seed)")
    }

    @Test("a pump that knows no daylight saving is found out by its readings", arguments: 0..<40)
    func straight(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let zone = try #require(HomeZone(identifier: "America/New_York"))
        var now = try #require(Instant("2026-09-01T00:00Z"))
        let shift = zone.offset(at: now) + Int.random(in: -200...200, using: &random)
        var log = Log()
        var truth: [Instant] = []
        for session in 0..<12 {
            log.session = "s\(session)"
            for _ in 0..<20 {
                now = now.adding(seconds: Int.random(in: 3_600...50_000, using: &random))
                log.add(.civil(CivilDateTime(wallSeconds: now.secondsSince1970 + shift)))
                truth.append(now)
            }
            now = now.adding(seconds: 60)
            log.clocks.append(
                ClockReading(
                    session: SessionID("s\(session)"),
                    device: .civil(CivilDateTime(wallSeconds: now.secondsSince1970 + shift)), host: now))
        }
        let timeline = try log.timeline(signs: Log.wire)
        for (record, moment) in zip(timeline.records, truth) {
            if case .once = zone.read(zone.civil(moment)) {
                #expect(record.correctedAt == moment, "seed \(seed)")
            }
        }
    }
}
