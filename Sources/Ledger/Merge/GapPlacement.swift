import PumpCore

/// The gaps of a merged log: one wherever two stretches do not touch, with the reason that a driver gave for it, if any.
///
/// What lies between unjoined stretches is not stored, so it vanishes when a download closes it. A declared hole vanishes
/// in the same way: once the records on both its sides stand in one stretch, nothing is missing between them.
struct GapPlacement {
    private let evidence: PumpEvidence
    private let log: MergedLog
    private let keys: (Int) -> RecordKey

    /// `key` names the entry of an index.
    init(_ evidence: PumpEvidence, _ log: MergedLog, key: @escaping (Int) -> RecordKey) {
        self.evidence = evidence
        self.log = log
        keys = key
    }

    /// In log order; holes whose place is not known come last.
    func gaps() -> [LogGap] {
        let (declared, homeless) = placed()
        let repeats = repeatedEntries()
        var gaps: [LogGap] = []
        for boundary in 0...log.stretches.count {
            let isInside = boundary > 0 && boundary < log.stretches.count
            guard isInside || declared[boundary] != nil else { continue }
            var gap = gap(at: boundary, declared[boundary]?.gap)
            if isInside, gap.detail == nil, repeats[boundary] >= Self.tellingRepeats {
                gap.detail = "\(repeats[boundary]) records behind it also stand before it: the downloads disagree"
            }
            gaps.append(gap)
        }
        return gaps + homeless
    }

    /// The stretches before which the ring went round: what stands before them is gone from the pump.
    func stretchesAfterOverwriting() -> Set<Int> {
        Set(placed().declared.filter { $0.value.gap.reason == .overwritten }.keys)
    }

    /// The declared holes that are still open, by the number of the stretch that follows, and those without a place.
    private func placed() -> (declared: [Int: PumpEvidence.Hole], homeless: [LogGap]) {
        var declared: [Int: PumpEvidence.Hole] = [:]
        var homeless: [LogGap] = []
        for hole in evidence.holes {
            switch place(of: hole) {
            case .boundary(let boundary):
                if let known = declared[boundary], !outranks(hole, known) { continue }
                declared[boundary] = hole
            case .unknown: if !homeless.contains(hole.gap) { homeless.append(hole.gap) }
            case .closed: break
            }
        }
        return (declared, homeless)
    }

    // MARK: - Where a hole lies

    private enum Place {
        /// Before the stretch of this number; the number of stretches where it lies behind them all.
        case boundary(Int)
        case closed
        case unknown
    }

    private func place(of hole: PumpEvidence.Hole) -> Place {
        if let batch = hole.cutBatch, let span = log.spans[batch] { return newerEdge(of: span) }
        let siblings = evidence.batches.indices.filter {
            evidence.batches[$0].session == hole.session && log.spans[$0] != nil
        }
        let before = siblings.last { evidence.batches[$0].number < hole.batchesBefore }.flatMap { log.spans[$0] }
        let after = siblings.first { evidence.batches[$0].number >= hole.batchesBefore }.flatMap { log.spans[$0] }
        if hole.gap.reason == .overwritten {
            // Everything older than this session's oldest record is gone from the pump.
            guard let oldest = siblings.compactMap({ log.spans[$0] }).min(by: { $0.first < $1.first }) else {
                return .unknown
            }
            return .boundary(oldest.stretch)
        }
        let isAscending = siblings.contains { evidence.batches[$0].adjacency == .followsPrevious }
        switch (before, after) {
        case (let x?, let y?):
            return x.stretch == y.stretch ? .closed : .boundary(min(x.stretch, y.stretch) + 1)
        case (let x?, nil): return isAscending ? newerEdge(of: x) : olderEdge(of: x)
        case (nil, let y?): return isAscending ? olderEdge(of: y) : newerEdge(of: y)
        case (nil, nil):
            // Nothing says where it was. A later session that read the whole log has read it, or declared it anew.
            let declaredAt = evidence.sessions[hole.session].startedAt
            return evidence.sessions.contains { $0.isComplete && $0.startedAt > declaredAt } ? .closed : .unknown
        }
    }

    private func newerEdge(of span: MergedLog.Span) -> Place {
        span.last == log.stretches[span.stretch].upperBound - 1 ? .boundary(span.stretch + 1) : .closed
    }

    private func olderEdge(of span: MergedLog.Span) -> Place {
        span.first == log.stretches[span.stretch].lowerBound ? .boundary(span.stretch) : .closed
    }

    /// Of several reasons for one hole, the gravest, then the latest.
    private func outranks(_ a: PumpEvidence.Hole, _ b: PumpEvidence.Hole) -> Bool {
        func rank(_ hole: PumpEvidence.Hole) -> Int {
            switch hole.gap.reason {
            case .overwritten: 4
            case .failedCheck: 3
            case .undecoded: 2
            case .missingSequence: 1
            case .unread: 0
            }
        }
        if rank(a) != rank(b) { return rank(a) > rank(b) }
        let (s, t) = (evidence.sessions[a.session], evidence.sessions[b.session])
        return (s.startedAt, s.id.text) > (t.startedAt, t.id.text)
    }

    // MARK: - What a hole looks like

    /// A clock that went back can make one record or two stand twice; more are one log, told in two ways.
    private static let tellingRepeats = 3

    /// How many entries of each stretch have an equal in an earlier stretch.
    private func repeatedEntries() -> [Int] {
        guard log.stretches.count > 1 else { return [0] }
        var firstStretch: [RecordDigest: Int] = [:]
        return log.stretches.enumerated().map { stretch, range in
            range.count(where: { entry in
                let digest = evidence.rows[log.entries[entry].row].digest
                let first = firstStretch[digest] ?? stretch
                firstStretch[digest] = first
                return first < stretch
            })
        }
    }

    private func gap(at boundary: Int, _ declared: LogGap?) -> LogGap {
        let after = boundary > 0 ? log.stretches[boundary - 1].upperBound - 1 : nil
        let before = boundary < log.stretches.count ? log.stretches[boundary].lowerBound : nil
        var gap = LogGap(
            after: after.map(keys), before: before.map(keys),
            from: after.flatMap { evidence.rows[log.entries[$0].row].time } ?? declared?.from,
            to: before.flatMap { evidence.rows[log.entries[$0].row].time } ?? declared?.to,
            reason: declared?.reason ?? .unread, missing: declared?.missing, detail: declared?.detail)
        if evidence.positions == .series, let after, let before,
            let low = evidence.rows[log.entries[after].row].position,
            let high = evidence.rows[log.entries[before].row].position
        {
            gap.reason = declared?.reason ?? .missingSequence
            gap.missing = high - low - 1
        }
        return gap
    }
}
