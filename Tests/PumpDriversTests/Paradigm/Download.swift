import PumpCore
import PumpDrivers
import PumpLinks
import TestSupport

/// Runs a session against the fake stick until it ends, and keeps everything that was said.
struct Download {
    var session: ParadigmSession
    var fake: FakeCareLink
    /// How many of the bytes that lie ready arrive at once.
    var chunk: (Int) -> Int = { $0 }
    /// What becomes of the stick's n-th reply.
    var damage: (Int, [UInt8]) -> [UInt8] = { $1 }
    /// After how many batches the ledger says that it knows the rest.
    var knownAfter = Int.max

    private(set) var outputs: [SessionOutput] = []
    private(set) var transfers: [RecordedSession.Transfer] = []
    /// One entry a reply: what it answered.
    private(set) var replies: [(asked: [UInt8], count: Int)] = []
    private(set) var deadlines = 0
    /// False where the session waited for nothing, or never came to an end.
    private(set) var ended = false

    init(_ fake: FakeCareLink, serial: String? = "208850") {
        self.fake = fake
        session = ParadigmSession(DecodingHints(serial: serial))
    }

    mutating func run() {
        var queue = session.start()
        var inbox: [UInt8] = []
        var isArmed = false
        var stored = 0
        for _ in 0..<200_000 {
            while !queue.isEmpty {
                let output = queue.removeFirst()
                outputs.append(output)
                switch output {
                case .send(let bytes):
                    transfers.append(.init(.hostToDevice, bytes))
                    let reply = damage(replies.count, fake.take(bytes))
                    replies.append((bytes, reply.count))
                    if !reply.isEmpty { transfers.append(.init(.deviceToHost, reply)) }
                    inbox += reply
                case .deadline: isArmed = true
                case .noDeadline: isArmed = false
                case .identity: queue += session.known(KnownLog())
                case .batch(let batch):
                    stored += 1
                    queue += session.stored(
                        BatchReceipt(added: batch.records.count, known: 0, reachedKnown: stored >= knownAfter))
                case .finished:
                    ended = true
                    return
                case .clock, .progress, .mayUnplug, .gap, .fault: break
                }
            }
            if !inbox.isEmpty {
                let count = max(1, min(inbox.count, chunk(inbox.count)))
                queue += session.receive(Array(inbox.prefix(count)))
                inbox.removeFirst(count)
            } else if isArmed {
                deadlines += 1
                isArmed = false
                queue += session.deadlinePassed()
            } else {
                return
            }
        }
    }

    var batches: [LogBatch] { outputs.compactMap { if case .batch(let batch) = $0 { batch } else { nil } } }
    var gaps: [LogGap] { outputs.compactMap { if case .gap(let gap) = $0 { gap } else { nil } } }
    var faults: [SessionFault] { outputs.compactMap { if case .fault(let fault) = $0 { fault } else { nil } } }
    var identities: [PumpIdentity] { outputs.compactMap { if case .identity(let pump) = $0 { pump } else { nil } } }
    var clocks: [DeviceTime] { outputs.compactMap { if case .clock(let time) = $0 { time } else { nil } } }

    /// What a batch is, in short: how it lies to the one before, and its records.
    var told: [String] {
        batches.map { "\($0.adjacency.rawValue) \($0.records.count)" }
    }
}
