import PumpCore

/// The log of a pump whose downloads are runs: laid over each other by what they share.
///
/// The longest run goes first, equal lengths in the order of their content, so the outcome does not depend on which
/// arrived first. A run that lies whole inside what is known changes nothing but when a record was first read; it gets
/// its place when all the others have theirs.
struct RunMerge {
    private(set) var log = MergedLog()

    private let evidence: PumpEvidence
    /// For each row, its token: a small number, equal for readings of the same record.
    private var tokens: [Int32] = []
    /// For each token, the number that stands for it on every hub.
    private var places: [UInt64] = []
    /// For each token, one of its rows.
    private var examples: [Int] = []
    private var runs: [SessionRun] = []
    private var stated: [StatedOrder] = []
    /// Runs that have nothing to add to any place they touch.
    private var silent: Set<Int> = []

    init(_ evidence: PumpEvidence) {
        self.evidence = evidence
        numberTokens()
        buildRuns()
        let echoes = EchoRuns(runs, evidence)
        var joiner = RunJoiner(tokenCount: places.count)
        var landed: [RunJoiner.Place?] = Array(repeating: nil, count: runs.count)
        for index in orderOfContent(echoes.telling) { landed[index] = joiner.add(runs[index].tokens) }
        if case .ring(let size) = evidence.positions { abutNeighbours(in: &joiner, landed, ringSize: size) }
        for index in echoes.telling where landed[index] == nil { landed[index] = joiner.place(of: runs[index].tokens) }
        for echo in echoes.echoes {
            // Where its first record stands once, it stands where the run that it echoes has it. Else it could be an
            // echo of more than one, and is laid like any other.
            if let first = runs[echo.run].tokens.first, joiner.isUnique(first), var place = landed[echo.inside] {
                place.coordinate += echo.offset
                landed[echo.run] = place
                silent.insert(echo.run)
            } else {
                landed[echo.run] = joiner.place(of: runs[echo.run].tokens)
            }
        }
        layOut(joiner, orderStretches(of: joiner, landed), landed)
    }

    private mutating func numberTokens() {
        var numbers: [UInt64: Int32] = [:]
        numbers.reserveCapacity(evidence.rows.count)
        tokens.reserveCapacity(evidence.rows.count)
        for (index, row) in evidence.rows.enumerated() {
            if let known = numbers[row.place] {
                tokens.append(known)
                if row.digest < evidence.rows[examples[Int(known)]].digest { examples[Int(known)] = index }
            } else {
                let token = Int32(places.count)
                numbers[row.place] = token
                tokens.append(token)
                places.append(row.place)
                examples.append(index)
            }
        }
    }

    private mutating func buildRuns() {
        var builder = SessionRunBuilder()
        for (index, batch) in evidence.batches.enumerated() {
            if index > 0, evidence.batches[index - 1].session != batch.session { builder.finish() }
            builder.add(batch, index: index, tokens: batch.rows.flatMap { tokens[$0] })
        }
        builder.finish()
        runs = builder.runs
        stated = builder.stated
    }

    private func orderOfContent(_ indexes: [Int]) -> [Int] {
        indexes.sorted { a, b in
            let (x, y) = (runs[a].tokens, runs[b].tokens)
            if x.count != y.count { return x.count > y.count }
            for (s, t) in zip(x, y) where s != t { return places[Int(s)] < places[Int(t)] }
            guard let p = runs[a].parts.first, let q = runs[b].parts.first else { return false }
            return evidence.isEarlierReading(p.batch, than: q.batch)
        }
    }

    // MARK: - Neighbours by ring index

    /// A stretch that begins at the ring index where another one ends was read in two parts: joined, unless the time
    /// runs backwards or a driver said that the ring went round in between.
    private func abutNeighbours(in joiner: inout RunJoiner, _ landed: [RunJoiner.Place?], ringSize: Int) {
        guard ringSize > 0 else { return }
        // A session that found the ring overwritten says so of everything that was read before it.
        var readUntil: [Int: Instant] = [:]
        var overwrittenAt: [Int: Instant] = [:]
        let overwritten = Set(evidence.holes.filter { $0.gap.reason == .overwritten }.map(\.session))
        for (index, run) in runs.enumerated() {
            guard let place = landed[index], let part = run.parts.first else { continue }
            let root = joiner.resolve(place).node
            let session = evidence.batches[part.batch].session
            let startedAt = evidence.sessions[session].startedAt
            readUntil[root] = max(readUntil[root] ?? startedAt, startedAt)
            if overwritten.contains(session) {
                overwrittenAt[root] = max(overwrittenAt[root] ?? startedAt, startedAt)
            }
        }
        struct Joint {
            var earlier: Int
            var later: Int
            var seconds: Int
            var places: (UInt64, UInt64)
        }
        var joints: [Joint] = []
        let roots = joiner.roots
        var beginnings: [Int: [Int]] = [:]
        for root in roots {
            let strip = joiner.strip(root)
            if let position = row(strip[strip.low]).position { beginnings[position, default: []].append(root) }
        }
        for root in roots {
            let strip = joiner.strip(root)
            let last = strip[strip.end - 1]
            guard let position = row(last).position else { continue }
            for later in beginnings[(position + 1) % ringSize] ?? [] where later != root {
                let beginning = joiner.strip(later)
                let next = beginning[beginning.low]
                let seconds = row(last).time.flatMap { from in row(next).time.flatMap { $0.seconds(since: from) } }
                if let seconds, seconds < 0 { continue }
                if let lost = overwrittenAt[later], let until = readUntil[root], until < lost { continue }
                joints.append(
                    Joint(
                        earlier: root, later: later, seconds: seconds ?? Int.max,
                        places: (places[Int(last)], places[Int(next)])))
            }
        }
        joints.sort { ($0.seconds, $0.places.0, $0.places.1) < ($1.seconds, $1.places.0, $1.places.1) }
        var ended: Set<Int> = []
        var begun: Set<Int> = []
        for joint in joints where !ended.contains(joint.earlier) && !begun.contains(joint.later) {
            let earlier = joiner.resolve(RunJoiner.Place(node: joint.earlier, coordinate: 0)).node
            let later = joiner.resolve(RunJoiner.Place(node: joint.later, coordinate: 0)).node
            guard earlier != later else { continue }
            joiner.abut(earlier, before: later)
            ended.insert(joint.earlier)
            begun.insert(joint.later)
        }
    }

    private func row(_ token: Int32) -> PumpEvidence.Row { evidence.rows[examples[Int(token)]] }

    // MARK: - The order of stretches

    private func orderStretches(of joiner: RunJoiner, _ landed: [RunJoiner.Place?]) -> [Int] {
        var readAt: [Int: Instant] = [:]
        var rootOfBatch: [Int: Int] = [:]
        for (index, run) in runs.enumerated() {
            guard let place = landed[index] else { continue }
            let root = joiner.resolve(place).node
            for part in run.parts {
                rootOfBatch[part.batch] = root
                guard let read = evidence.batches[part.batch].readAt else { continue }
                readAt[root] = min(readAt[root] ?? read, read)
            }
        }
        var order = StretchOrder()
        for pair in stated {
            guard let earlier = rootOfBatch[pair.earlier], let later = rootOfBatch[pair.later], earlier != later
            else { continue }
            order.state(earlier, before: later)
        }
        return order.sorted(
            joiner.roots.map { root in
                let strip = joiner.strip(root)
                var first: DeviceTime?
                var last: DeviceTime?
                var coordinate = strip.low
                while first == nil, coordinate < strip.end {
                    first = row(strip[coordinate]).time
                    coordinate += 1
                }
                coordinate = strip.end - 1
                while last == nil, coordinate >= strip.low {
                    last = row(strip[coordinate]).time
                    coordinate -= 1
                }
                return StretchOrder.Stretch(
                    root: root, first: first, last: last, readAt: readAt[root],
                    content: (strip.low..<strip.end).map { places[Int(strip[$0])] })
            })
    }

    // MARK: - Slots

    private mutating func layOut(
        _ joiner: RunJoiner, _ order: [Int], _ landed: [RunJoiner.Place?]
    ) {
        var starts: [Int: Int] = [:]
        var slotCount = 0
        for root in order {
            starts[root] = slotCount - joiner.strip(root).low
            slotCount += joiner.strip(root).count
        }
        /// Where each run's first token stands among all slots.
        let origins = landed.map { place -> Int? in
            guard let place else { return nil }
            let at = joiner.resolve(place)
            return starts[at.node].map { $0 + at.coordinate }
        }

        let contents = evidence.contents()
        var slots = Array(repeating: SlotVersions(), count: slotCount)
        for index in runs.indices where !silent.contains(index) {
            guard let origin = origins[index] else { continue }
            let reach = origin + runs[index].tokens.count - 1
            for part in runs[index].parts {
                var slot = origin + part.offset
                for row in evidence.batches[part.batch].rows.joined() {
                    slots[slot].add(row: contents[row], batch: part.batch, reach: reach, in: evidence)
                    slot += 1
                }
            }
        }

        var firstEntries: [Int] = []
        firstEntries.reserveCapacity(slotCount + 1)
        var stretchOfSlot: [Int] = []
        stretchOfSlot.reserveCapacity(slotCount)
        for (stretch, root) in order.enumerated() {
            let begin = log.entries.count
            for _ in 0..<joiner.strip(root).count {
                firstEntries.append(log.entries.count)
                let slot = slots[stretchOfSlot.count]
                stretchOfSlot.append(stretch)
                for (age, version) in slot.sorted(in: evidence).enumerated() {
                    log.entries.append(
                        MergedLog.Entry(row: version.row, batch: version.batch, ordinal: 0, replacesPrevious: age > 0))
                }
            }
            log.stretches.append(begin..<log.entries.count)
        }
        firstEntries.append(log.entries.count)

        log.spans = Array(repeating: nil, count: evidence.batches.count)
        for (index, run) in runs.enumerated() {
            guard let origin = origins[index] else { continue }
            for part in run.parts {
                let slot = origin + part.offset
                let last = slot + evidence.batches[part.batch].count - 1
                log.spans[part.batch] = MergedLog.Span(
                    stretch: stretchOfSlot[slot], first: firstEntries[slot], last: firstEntries[last + 1] - 1)
            }
        }
        log.countEqualEntries(contents: contents)
    }
}

extension DeviceTime {
    /// Seconds on the same clock; nil where one is a calendar clock and the other a counter, or both are absurd.
    func seconds(since other: DeviceTime) -> Int? {
        let difference: (partialValue: Int, overflow: Bool)
        switch (self, other) {
        case (.civil(let a), .civil(let b)): difference = (a.wallSeconds - b.wallSeconds, false)
        case (.counter(let a), .counter(let b)): difference = a.subtractingReportingOverflow(b)
        default: return nil
        }
        return difference.overflow ? nil : difference.partialValue
    }
}
