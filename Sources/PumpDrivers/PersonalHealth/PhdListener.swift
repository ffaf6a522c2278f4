package import PumpCore

/// Listens to somebody else's conversation with an agent: a recording, or a tap on the line. It believes what the agent
/// says, never what the manager asks, and sends nothing.
package struct PhdListener: PassiveSession {
    private var stream = ApduStream()
    private var identity: PumpIdentity?
    private var hasClock = false
    private var damaged = 0
    private var records: [Int: RawRecord] = [:]
    private var disagreeing: Set<Int> = []
    private var hasEnded = false

    package init(_ hints: DecodingHints) {}

    package mutating func observe(_ direction: Direction, _ bytes: [UInt8]) -> [SessionOutput] {
        guard direction == .deviceToHost, !hasEnded else { return [] }
        if !stream.append(bytes) {
            damaged += 1
            stream.forget()
        }
        var out: [SessionOutput] = []
        while let next = stream.next() {
            guard let apdu = try? Apdu(next) else {
                damaged += 1
                continue
            }
            guard case .presentation(let message) = apdu else { continue }
            switch message.body {
            case .getAnswer(_, let attributes): out += introduced(attributes)
            case .event(let report, _):
                if case .segment(let part) = report.content { take(part) }
            default: break
            }
        }
        return out
    }

    private mutating func introduced(_ attributes: [Attribute]) -> [SessionOutput] {
        guard let system = try? PhdSystem(attributes), let pump = system.pump else { return [] }
        var out: [SessionOutput] = []
        if let identity, identity.serial != pump.serial {
            hasEnded = true
            return [
                .fault(
                    SessionFault(
                        .wrongDevice,
                        "The recording holds two pumps (\(identity.serial) and \(pump.serial)). Cut it in two.",
                        isFatal: true))
            ]
        }
        if identity == nil {
            identity = pump
            out.append(.identity(pump))
        }
        if !hasClock, let clock = system.clock {
            hasClock = true
            out.append(.clock(.civil(clock)))
        }
        return out
    }

    private mutating func take(_ part: SegmentPart) {
        guard let found = EventLog.records(part.entries) else {
            damaged += 1
            return
        }
        for record in found {
            guard let number = record.devicePosition else { continue }
            if let before = records[number], before.raw != record.raw { disagreeing.insert(number) }
            records[number] = record
        }
    }

    package mutating func end() -> [SessionOutput] {
        guard !hasEnded else { return [] }
        hasEnded = true
        guard identity != nil else {
            return [
                .fault(
                    SessionFault(
                        .wrongDevice,
                        "The recording never names the pump (no answer with its attributes), so its events belong to "
                            + "nobody.", isFatal: true))
            ]
        }
        var out: [SessionOutput] = []
        if damaged > 0 {
            out.append(
                .fault(SessionFault(.garbled, "\(damaged) damaged messages were passed over.", isFatal: false)))
        }
        return out + batches() + [.finished]
    }

    /// Neighbouring events, oldest first, in batches.
    private func batches() -> [SessionOutput] {
        var out: [SessionOutput] = []
        var run: [RawRecord] = []
        var isJoined = false
        func close() {
            if !run.isEmpty {
                out.append(.batch(LogBatch(records: run, adjacency: isJoined ? .followsPrevious : .unknown)))
            }
            run = []
        }
        var before: Int?
        for number in records.keys.sorted() {
            guard let record = records[number] else { continue }
            let follows = before == number - 1
            if disagreeing.contains(number) {
                close()
                isJoined = false
                before = nil
                out.append(
                    .gap(
                        LogGap(
                            after: nil, before: nil, from: record.deviceTime, to: record.deviceTime,
                            reason: .failedCheck, missing: 1, detail: "event \(number) was read as different things")))
                continue
            }
            if !follows || run.count == Self.batchRecords {
                close()
                isJoined = follows
            }
            run.append(record)
            before = number
        }
        close()
        return out
    }

    private static let batchRecords = 256
}
