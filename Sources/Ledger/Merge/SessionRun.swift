import PumpCore

/// Batches of one session that stood side by side in the pump's log, as one row of tokens, oldest first.
struct SessionRun: Sendable {
    struct Part: Sendable {
        /// Index in the evidence's batches.
        var batch: Int
        /// Where its first record stands in `tokens`.
        var offset: Int
    }

    var tokens: [Int32]
    var parts: [Part]
}

/// That one batch lies before another with something unreadable between them.
struct StatedOrder: Hashable, Sendable {
    var earlier: Int
    var later: Int
}

/// Strings the batches of one session together by what the driver said of their neighbourhood.
struct SessionRunBuilder {
    private(set) var runs: [SessionRun] = []
    private(set) var stated: [StatedOrder] = []

    private var strip = TokenStrip([])
    /// Coordinates of each batch's first token in `strip`.
    private var parts: [SessionRun.Part] = []
    private var previous: (batch: Int, isCutShort: Bool)?
    private var direction: LogBatch.Adjacency = .unknown

    /// `tokens` are those of batch `index`, oldest first.
    mutating func add(_ batch: PumpEvidence.Batch, index: Int, tokens: [Int32]) {
        guard !tokens.isEmpty else {
            // A page of which nothing could be read stands between its neighbours.
            finish()
            return
        }
        if let previous, batch.adjacency != .unknown, direction == .unknown || direction == batch.adjacency {
            let isDescending = batch.adjacency == .precedesPrevious
            let hasHole = isDescending ? batch.isCutShort : previous.isCutShort
            if hasHole {
                stated.append(
                    isDescending
                        ? StatedOrder(earlier: index, later: previous.batch)
                        : StatedOrder(earlier: previous.batch, later: index))
                finish()
            } else {
                lay(tokens, asDeclared: isDescending ? strip.low - tokens.count : strip.end)
                direction = batch.adjacency
                parts.append(SessionRun.Part(batch: index, offset: lastShift))
                self.previous = (index, batch.isCutShort)
                return
            }
        } else {
            finish()
        }
        strip = TokenStrip(tokens)
        parts = [SessionRun.Part(batch: index, offset: 0)]
        previous = (index, batch.isCutShort)
    }

    /// Ends the run at hand: what comes next is not its neighbour, or belongs to another session.
    mutating func finish() {
        defer {
            strip = TokenStrip([])
            parts = []
            previous = nil
            direction = .unknown
        }
        guard strip.count > 0 else { return }
        let low = strip.low
        runs.append(
            SessionRun(
                tokens: (low..<strip.end).map { strip[$0] },
                parts: parts.map { SessionRun.Part(batch: $0.batch, offset: $0.offset - low) }))
    }

    private var lastShift = 0

    private mutating func lay(_ tokens: [Int32], asDeclared declared: Int) {
        lastShift = overlap(tokens, declared: declared) ?? declared
        for index in stride(from: min(tokens.count, strip.low - lastShift) - 1, through: 0, by: -1) {
            strip.prepend(tokens[index])
        }
        var index = max(0, strip.end - lastShift)
        while index < tokens.count {
            strip.append(tokens[index])
            index += 1
        }
    }

    /// The pump may write while it is read, and a page may have moved on between two reads. Then the two share records,
    /// and what they share is believed before the declared neighbourhood. Equal records at the joint alone are twins.
    private func overlap(_ tokens: [Int32], declared: Int) -> Int? {
        guard let head = tokens.first else { return nil }
        var best: (shift: Int, length: Int)?
        func consider(_ shift: Int) {
            let from = max(strip.low, shift)
            let to = min(strip.end, shift + tokens.count)
            guard to - from > best?.length ?? 0 else { return }
            var differs = false
            for coordinate in from..<to {
                guard strip[coordinate] == tokens[coordinate - shift] else { return }
                if strip[coordinate] != strip[from] { differs = true }
            }
            let atJoint =
                declared < strip.low
                ? from == strip.low && to == shift + tokens.count : from == shift && to == strip.end
            let isWhole = to - from == strip.count || to - from == tokens.count
            if differs || (isWhole && !atJoint) { best = (shift, to - from) }
        }
        let first = strip[strip.low]
        for coordinate in strip.low..<strip.end where strip[coordinate] == head { consider(coordinate) }
        for (index, token) in tokens.enumerated() where token == first { consider(strip.low - index) }
        return best?.shift
    }
}
