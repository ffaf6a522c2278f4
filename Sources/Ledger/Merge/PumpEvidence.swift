import PumpCore

/// Everything on record that bears on the order of one pump's log: which records there are, and which download saw
/// which of them side by side. The merged log is computed from it, whole, and nothing of the result is stored.
struct PumpEvidence: Sendable {
    struct Row: Sendable {
        var digest: RecordDigest
        /// Equal for readings of the same record: the digest itself, or what stays equal when the pump updates it.
        var place: UInt64
        var position: Int?
        var time: DeviceTime?
    }

    struct Session: Sendable {
        var id: SessionID
        var startedAt: Instant
        var isComplete = false
    }

    struct Batch: Sendable {
        /// Index in `sessions`.
        var session: Int
        /// From 0 within its session.
        var number: Int
        var adjacency: LogBatch.Adjacency = .unknown
        var readAt: Instant?
        /// The records in log order, as ranges of indexes in `rows`. One range where nothing else came in between.
        var rows: [ClosedRange<Int>]
        /// True where bytes behind its last record could not be decoded: what follows it is not known.
        var isCutShort = false

        var count: Int { rows.reduce(0) { $0 + $1.count } }
    }

    /// A hole that a driver declared, or bytes that it could not decode.
    struct Hole: Sendable {
        /// Index in `sessions`.
        var session: Int
        /// How many batches the session had stored before it said so.
        var batchesBefore: Int
        var gap: LogGap
        /// Index in `batches` of the batch that ends with undecoded bytes: the hole lies directly behind its records.
        var cutBatch: Int?
    }

    var positions: LogPositions = .none
    var rows: [Row] = []
    /// True where no two rows hold the same content, and none a record that pumps update in place.
    var rowsDiffer = false
    var sessions: [Session] = []
    /// By session, then by number.
    var batches: [Batch] = []
    var holes: [Hole] = []

    /// Whether batch `a` was read before batch `b`, for choosing which reading of a record to tell about. A reading
    /// whose time is known goes before one whose time is not.
    func isEarlierReading(_ a: Int, than b: Int) -> Bool {
        let (x, y) = (batches[a], batches[b])
        switch (x.readAt, y.readAt) {
        case (let t?, let u?) where t != u: return t < u
        case (_?, nil): return true
        case (nil, _?): return false
        default: break
        }
        let (s, t) = (sessions[x.session], sessions[y.session])
        if s.startedAt != t.startedAt { return s.startedAt < t.startedAt }
        return (s.id.text, x.number) < (t.id.text, y.number)
    }
}
