import LedgerService
import PumpCore
import ServiceSocket
import Station
import SystemService

/// Answers what comes over the socket. A month is folded, and a large request read, on threads of its own, a few at a
/// time: neither the ports nor the socket wait for it.
struct ServiceDesk: Sendable {
    private let service: LedgerService
    private let ports: @Sendable () -> [PortReport]
    private let news: PortNews
    private let workers = WorkPool(label: "pumpledger.requests", atOnce: 2)

    /// A request of this many bytes is read where it arrives; a larger one carries files.
    private static let small = 16 << 10

    init(_ service: LedgerService, ports: @escaping @Sendable () -> [PortReport], news: PortNews) {
        self.service = service
        self.ports = ports
        self.news = news
    }

    func reply(to bytes: [UInt8], from peer: PeerIdentity) async -> SocketReply {
        let caller = Caller(user: peer.userName ?? String(peer.uid), uid: peer.uid)
        if bytes.count <= Self.small {
            do throws(ServiceError) {
                let question = try ServiceMessage.question(bytes)
                switch question.request {
                case .watch: return .many(StatusStream(ports: ports, news: news, zone: question.context.zone))
                // Needs no ledger: whoever wants to know how it goes does not wait for somebody's month.
                case .status: return .one(answer(question, caller))
                case .events: return await workers.run { events(question, caller) }
                default: return .one(await workers.run { answer(question, caller) })
                }
            } catch { return .one(Self.bytes(.error(error))) }
        }
        return .one(
            await workers.run {
                do throws(ServiceError) { return answer(try ServiceMessage.question(bytes), caller) } catch {
                    return Self.bytes(.error(error))
                }
            })
    }

    private func answer(_ question: ServiceQuestion, _ caller: Caller) -> [UInt8] {
        do throws(ServiceError) {
            return Self.bytes(.answer(try service.answer(question.request, question.context, from: caller)))
        } catch { return Self.bytes(.error(error)) }
    }

    private func events(_ question: ServiceQuestion, _ caller: Caller) -> SocketReply {
        do throws(ServiceError) {
            let answer = try service.answer(question.request, question.context, from: caller)
            if case .events(let events) = answer, events.lines.count > EventParts.linesAPart {
                return .many(EventParts(answer: events, workers: workers))
            }
            return .one(Self.bytes(.answer(answer)))
        } catch { return .one(Self.bytes(.error(error))) }
    }

    static func bytes(_ reply: ServiceReply) -> [UInt8] {
        // An error is a few short texts, which can always be written.
        do { return try ServiceMessage.bytes(reply) } catch {
            return (try? ServiceMessage.bytes(ServiceReply.error(error))) ?? []
        }
    }
}

/// The status, each time that it changes, and not oftener than a person can see.
private struct StatusStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = Never

    static let shortestPauseMilliseconds = 200

    let ports: @Sendable () -> [PortReport]
    let news: PortNews
    let zone: String

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    struct AsyncIterator: AsyncIteratorProtocol {
        private let stream: StatusStream
        private var changes: AsyncStream<Void>.AsyncIterator
        private var shown: [PortReport]?
        private let clock = SystemClock()
        private var notBefore = 0

        init(_ stream: StatusStream) {
            self.stream = stream
            changes = stream.news.changes().makeAsyncIterator()
        }

        mutating func next() async -> [UInt8]? { await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
            while await changes.next(isolation: actor) != nil {
                do { try await clock.wait(untilMilliseconds: notBefore) } catch { return nil }
                let ports = stream.ports()
                if ports == shown { continue }
                shown = ports
                notBefore = clock.now.milliseconds + StatusStream.shortestPauseMilliseconds
                let status = StatusAnswer(ports: ports, at: clock.now.wall, zone: stream.zone)
                return ServiceDesk.bytes(.answer(.status(status)))
            }
            return nil
        }
    }
}
