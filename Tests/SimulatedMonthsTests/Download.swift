import PumpCore
import PumpDrivers
import PumpSimulator
import Register
import Supplies
import Timeline

/// A simulated pump's log on the way of every other log: recorded on its line, heard by the real driver, put in order,
/// and given corrected times.
struct Download {
    private(set) var log: PumpLog
    let driver: PumpDriver

    enum Trouble: Error {
        case noDriver(String)
        case noIdentity
        case fault(SessionFault)
        /// A download without holes arrived in pieces.
        case pieces(Int)
        /// What was read earlier is not what this download begins with.
        case otherStory(SessionID)
    }

    /// - Parameter lost: Records of this stretch of time are taken out, as if nobody had ever read them.
    init(_ simulation: Simulation, readAt: Instant, lost: Range<Instant>? = nil) throws {
        let name = simulation.scenario.family.rawValue
        guard let driver = DriverCatalog.driver(named: name), var session = driver.makePassiveSession?(DecodingHints())
        else { throw Trouble.noDriver(name) }
        var identity: PumpIdentity?
        var clocks: [ClockReading] = []
        var batches: [LogBatch] = []
        func hear(_ outputs: [SessionOutput]) throws {
            for output in outputs {
                switch output {
                case .identity(let own): identity = own
                case .clock(let device):
                    clocks.append(ClockReading(session: Self.session, device: device, host: readAt))
                case .batch(let batch): batches.append(batch)
                case .fault(let fault): throw Trouble.fault(fault)
                case .send, .deadline, .noDeadline, .progress, .mayUnplug, .gap, .finished: break
                }
            }
        }
        for line in try simulation.recordDownload().lines {
            try hear(session.observe(line.direction == .out ? .hostToDevice : .deviceToHost, line.bytes))
        }
        try hear(session.end())
        guard let identity else { throw Trouble.noIdentity }
        self.driver = driver
        log = Self.log(
            identity, try Self.inOrder(batches), clocks: clocks, readAt: readAt, lost: lost, driver: driver,
            simulation: simulation)
    }

    private static let session = SessionID("simulated")

    private static func inOrder(_ batches: [LogBatch]) throws -> [RawRecord] {
        var records: [RawRecord] = []
        for (index, batch) in batches.enumerated() {
            switch batch.adjacency {
            case .followsPrevious: records += batch.records
            case .precedesPrevious: records = batch.records + records
            case .unknown:
                guard index == 0 else { throw Trouble.pieces(index) }
                records = batch.records
            }
        }
        return records
    }

    /// The records as the ledger would give them: what is lost is a hole between two stretches.
    private static func log(
        _ identity: PumpIdentity, _ raw: [RawRecord], clocks: [ClockReading], readAt: Instant, lost: Range<Instant>?,
        driver: PumpDriver, simulation: Simulation
    ) -> PumpLog {
        let hole = lost.map { Self.hole(of: raw, $0, simulation, clocks) } ?? raw.count..<raw.count
        var records: [LogRecord] = []
        var gaps: [LogGap] = []
        for (index, record) in raw.enumerated() where !hole.contains(index) {
            let isBehind = index >= hole.upperBound && !hole.isEmpty && !records.isEmpty && hole.lowerBound > 0
            let key = RecordKey("r:\(index)")
            if isBehind, gaps.isEmpty, let last = records.last {
                gaps.append(
                    LogGap(
                        after: last.key, before: key, from: last.record.deviceTime, to: record.deviceTime,
                        reason: .unread))
            }
            records.append(
                LogRecord(
                    key: key, pump: identity, session: session, position: records.count, stretch: isBehind ? 1 : 0,
                    record: record, readAt: readAt, decoderVersion: driver.decoderVersion))
        }
        return PumpLog(pump: identity, records: records, gaps: gaps, clocks: clocks, lastReadAt: readAt)
    }

    /// Which records were written in a stretch of time: those between the number that the pump had then.
    private static func hole(
        of raw: [RawRecord], _ lost: Range<Instant>, _ simulation: Simulation, _ clocks: [ClockReading]
    ) -> Range<Int> {
        // Times by the driver's own account, good enough to choose where to cut.
        let log = PumpLog(
            pump: PumpIdentity(serial: "", driver: ""),
            records: raw.enumerated().map { index, record in
                LogRecord(
                    key: RecordKey("r:\(index)"), pump: PumpIdentity(serial: "", driver: ""), session: session,
                    position: index, stretch: 0, record: record, readAt: nil, decoderVersion: 1)
            }, gaps: [], clocks: clocks, lastReadAt: nil)
        let timed = PumpTimeline(log, signs: .attested, zones: [ZoneSpan(zone: simulation.scenario.zone)]).records
        let first = timed.firstIndex { ($0.correctedAt).map { $0 >= lost.lowerBound } ?? false } ?? raw.count
        let end = timed.lastIndex { ($0.correctedAt).map { $0 < lost.upperBound } ?? false }.map { $0 + 1 } ?? 0
        // The newest record is what a later reading begins with, or it would be no hole.
        return first..<max(first, min(end, lost.lowerBound.secondsSince1970 == 0 ? end : raw.count - 1))
    }

    /// The same log where others had read its beginning before: they read those records first, and their readings of
    /// the clock stand beside them.
    func behind(_ earlier: [Download]) throws -> Download {
        var whole = self
        var read = 0
        for (number, visit) in earlier.enumerated() {
            let id = SessionID("visit \(number + 1)")
            guard visit.log.records.map(\.record.raw) == log.records.prefix(visit.log.records.count).map(\.record.raw)
            else { throw Trouble.otherStory(id) }
            for index in read..<max(read, visit.log.records.count) {
                whole.log.records[index].session = id
                whole.log.records[index].readAt = visit.log.lastReadAt
            }
            read = max(read, visit.log.records.count)
            whole.log.clocks += visit.log.clocks.map { ClockReading(session: id, device: $0.device, host: $0.host) }
        }
        return whole
    }

    func timeline(_ index: RegisterIndex) -> PumpTimeline {
        PumpTimeline(log, signs: driver.signs, zones: index.zoneSpans(ofPump: log.pump.serial))
    }
}

extension SupplyRegister {
    /// What the pharmacy has on record of a simulated patient, read as its CSV files.
    init(_ folder: PumpSimulator.RegisterFolder) throws {
        let files = Dictionary(uniqueKeysWithValues: folder.files.map { ($0.name, Array($0.text.utf8)) })
        try self.init(entries: try RegisterImport.read(folder: files, existing: []))
    }
}
