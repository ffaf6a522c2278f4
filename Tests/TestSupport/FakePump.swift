package import PumpDrivers

/// A pump at the other end of an imagined cable: bytes in, bytes out, no clock and no device.
package protocol FakePump: Sendable {
    var serial: String { get }
    /// What its log holds now, oldest first: the raw bytes of each record.
    var truth: [[UInt8]] { get }
    /// Every command it was sent, by the code in the driver table; what it does not know stands as it came.
    var heard: [String] { get }
    mutating func receive(_ bytes: [UInt8]) -> [UInt8]
    /// Therapy goes on: so many more records.
    mutating func live(records: Int)
    /// So much therapy that nothing of the present log is left.
    mutating func outlive()
}

/// What an imagined line does to the bytes on it.
package struct FakeLine: Sendable {
    /// Bytes a piece on the way to the host; nil for all at once.
    package var chunk: Int?
    /// The link ends after so many bytes, counted over both directions: what comes before them arrives, nothing behind.
    package var endsAfter: Int?
    /// What becomes of a reply on its way.
    package var distort: @Sendable (inout [UInt8], inout SeededGenerator) -> Void
    package var generator: SeededGenerator

    package init(
        chunk: Int? = nil, endsAfter: Int? = nil, seed: UInt64 = 1,
        distort: @escaping @Sendable (inout [UInt8], inout SeededGenerator) -> Void = { _, _ in }
    ) {
        self.chunk = chunk
        self.endsAfter = endsAfter
        self.distort = distort
        generator = SeededGenerator(seed: seed)
    }
}

/// One download from a fake pump into a fake ledger, to its end.
package struct Conversation {
    package var session: any DownloadSession
    package var pump: any FakePump
    package var ledger: FakeLedger
    package var line: FakeLine
    /// Everything the session said, in order.
    package private(set) var said: [SessionOutput] = []
    /// Bytes over both directions.
    package private(set) var bytes = 0
    /// Called after each stored batch.
    package var afterBatch: (@Sendable (inout any FakePump, Int) -> Void)?
    private var batches = 0
    private var hasDeadline = false
    private var isOver = false
    /// The link has ended; the session is not told before it has done what the last bytes made it do.
    private var isCut = false

    package init(
        _ session: any DownloadSession, _ pump: any FakePump, _ ledger: FakeLedger = FakeLedger(),
        line: FakeLine = FakeLine()
    ) {
        self.session = session
        self.pump = pump
        self.ledger = ledger
        self.line = line
    }

    /// More than any download in these tests needs: a session that goes round in circles is stopped here.
    private static let steps = 1_000_000

    package mutating func run() {
        var pending: [SessionOutput] = session.start()
        var incoming: [[UInt8]] = []
        for _ in 0..<Self.steps {
            if !pending.isEmpty {
                let next = pending.removeFirst()
                said.append(next)
                pending += carryOut(next, &incoming)
                if isOver { return }
            } else if isCut {
                said += session.linkEnded()
                return
            } else if !incoming.isEmpty {
                let piece = arriving(incoming.removeFirst())
                if !piece.isEmpty { pending += session.receive(piece) }
            } else if hasDeadline {
                hasDeadline = false
                pending += session.deadlinePassed()
            } else {
                return
            }
        }
    }

    /// As much of these bytes as arrives before the link ends.
    private mutating func arriving(_ piece: [UInt8]) -> [UInt8] {
        guard !isCut else { return [] }
        let left = (line.endsAfter ?? .max) - bytes
        isCut = left <= piece.count
        let arrived = Array(piece.prefix(left))
        bytes += arrived.count
        return arrived
    }

    private mutating func carryOut(_ output: SessionOutput, _ incoming: inout [[UInt8]]) -> [SessionOutput] {
        switch output {
        case .send(let request):
            let arrived = arriving(request)
            guard !arrived.isEmpty else { return [] }
            var reply = pump.receive(arrived)
            guard !isCut else { return [] }
            line.distort(&reply, &line.generator)
            let size = line.chunk ?? max(1, reply.count)
            incoming += stride(from: 0, to: reply.count, by: size).map {
                Array(reply[$0..<min($0 + size, reply.count)])
            }
            return []
        case .deadline:
            hasDeadline = true
            return []
        case .noDeadline:
            hasDeadline = false
            return []
        case .identity: return session.known(ledger.known())
        case .batch(let batch):
            let receipt = ledger.store(batch)
            batches += 1
            afterBatch?(&pump, batches)
            return session.stored(receipt)
        case .gap(let gap):
            ledger.gaps.append(gap)
            return []
        case .fault(let fault):
            isOver = fault.isFatal
            return []
        case .finished:
            ledger.settle()
            isOver = true
            return []
        case .clock, .progress, .mayUnplug: return []
        }
    }

    package var isFinished: Bool { said.last == .finished }
    package var fatal: SessionFault? {
        for case .fault(let fault) in said where fault.isFatal { return fault }
        return nil
    }
    package var sent: [[UInt8]] {
        said.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
    }
}
