import LedgerService
import SystemService

/// The records of a large answer, in parts: as one text, those of a full ring would be many times what they are in memory.
struct EventParts: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = Never

    /// An answer with no more records than this goes out whole.
    static let linesAPart = 1_000

    let answer: EventsAnswer
    let workers: WorkPool

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(parts: self) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let parts: EventParts
        private var sent = 0

        init(parts: EventParts) { self.parts = parts }

        mutating func next() async -> [UInt8]? { await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
            let whole = parts.answer
            guard sent < whole.lines.count else { return nil }
            var part = whole
            part.lines = Array(whole.lines.dropFirst(sent).prefix(EventParts.linesAPart))
            // The gaps are said once.
            if sent > 0 { part.gaps = [] }
            sent += part.lines.count
            return await parts.workers.run { [part] in ServiceDesk.bytes(.answer(.events(part))) }
        }
    }
}
