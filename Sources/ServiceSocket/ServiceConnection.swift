import Dispatch
import Glibc
import PumpLinks

/// A program's connection to the daemon: one question at a time.
///
/// It waits on a thread of its own, so that nobody else's work waits with it. Cancelling the task that waits ends the
/// connection. One that failed, or whose stream was left before its end, is closed: connect anew.
package actor ServiceConnection {
    private nonisolated let executor = QueueExecutor(label: "pumpledger.client")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private nonisolated let descriptor: Descriptor
    package nonisolated let path: String
    /// Who serves the socket, as the kernel says.
    package nonisolated let daemon: PeerIdentity
    /// The largest request that the daemon takes, in bytes.
    package nonisolated let largestRequest: Int

    private var reader: FrameReader
    private var unread: ArraySlice<UInt8>
    private var isSpent = false
    private static let chunk = 64 << 10

    /// Connects and waits for the daemon's greeting, both within `patience`.
    package init(
        path: String = DefaultPlace.socket, patience: Duration = .seconds(3), largestAnswer: Int = 256 << 20
    ) async throws(ServiceClientError) {
        let made = await onOwnThread { () throws(ServiceClientError) in
            try Greeting(path: path, patience: patience)
        }
        let greeting = try made.get()
        descriptor = greeting.descriptor
        daemon = greeting.daemon
        largestRequest = greeting.hello.largestFrame
        unread = greeting.unread
        self.path = path
        reader = FrameReader(limit: largestAnswer)
    }

    /// Ends the connection; a question that waits for its answer fails.
    package nonisolated func close() { _ = shutdown(descriptor.number, Int32(SHUT_RDWR)) }

    /// Asks for one answer and waits for it, at most for `patience`.
    package nonisolated func ask(
        _ request: [UInt8], patience: Duration = .seconds(120)
    ) async throws(ServiceClientError) -> [UInt8] {
        try checkSize(request)
        return try await untilCancelled { (connection) async throws(ServiceClientError) in
            let deadline = Deadline(after: patience)
            try await connection.send(request, deadline)
            let frame = try await connection.frame(deadline)
            guard frame.kind == .last else { throw .answerIsStream }
            return frame.payload
        }
    }

    /// Asks for an answer that comes in parts over time. The request goes out when the first part is asked for.
    package nonisolated func stream(_ request: [UInt8]) -> ServiceAnswers { ServiceAnswers(self, request) }

    /// The next part of a stream; nil at its end. There is no limit to the wait.
    fileprivate nonisolated func part(after request: [UInt8]?) async throws(ServiceClientError) -> ServiceAnswers.Part {
        if let request { try checkSize(request) }
        return try await untilCancelled { (connection) async throws(ServiceClientError) in
            if let request { try await connection.send(request, Deadline(after: .seconds(120))) }
            let frame = try await connection.frame(nil)
            switch frame.kind {
            case .part: return .more(frame.payload)
            case .last: return .last(frame.payload)
            default: return .end
            }
        }
    }

    private nonisolated func checkSize(_ request: [UInt8]) throws(ServiceClientError) {
        if request.count > largestRequest { throw .requestTooLarge(bytes: request.count, limit: largestRequest) }
    }

    private nonisolated func untilCancelled<Answer: Sendable>(
        _ body: @Sendable (ServiceConnection) async throws(ServiceClientError) -> Answer
    ) async throws(ServiceClientError) -> Answer {
        let result = await withTaskCancellationHandler {
            do throws(ServiceClientError) {
                return Result<Answer, ServiceClientError>.success(try await body(self))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            close()
        }
        if case .failure = result {
            close()
            if Task.isCancelled { throw .cancelled }
        }
        return try result.get()
    }

    private func send(_ request: [UInt8], _ deadline: Deadline) throws(ServiceClientError) {
        if isSpent { throw .brokenOff(path: path) }
        let frame = Frame(.request, request)
        do {
            try descriptor.sendAll(frame.header, deadline)
            try descriptor.sendAll(frame.payload, deadline)
        } catch {
            isSpent = true
            // A daemon that refuses says why before it hangs up.
            guard error == .ended else { throw error.named(path) }
            _ = try self.frame(deadline)
            throw .brokenOff(path: path)
        }
    }

    /// The next frame of an answer.
    private func frame(_ deadline: Deadline?) throws(ServiceClientError) -> Frame {
        do throws(WireFailure) {
            let frame = try descriptor.receive(&reader, &unread, deadline, chunk: Self.chunk)
            switch frame.kind {
            case .part, .last, .end: return frame
            case .refusal: throw .refused(Refusal(frame.payload) ?? Refusal(.other, "without a reason"))
            case .hello, .request: throw .garbled
            }
        } catch {
            isSpent = true
            throw error.named(path)
        }
    }
}

/// The parts of an answer, as they come.
package struct ServiceAnswers: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = ServiceClientError

    fileprivate enum Part: Sendable {
        case more([UInt8])
        case last([UInt8])
        case end
    }

    private let connection: ServiceConnection
    private let request: [UInt8]

    fileprivate init(_ connection: ServiceConnection, _ request: [UInt8]) {
        self.connection = connection
        self.request = request
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(Reading(connection, request)) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let reading: Reading

        fileprivate init(_ reading: Reading) { self.reading = reading }

        package mutating func next() async throws(ServiceClientError) -> [UInt8]? { try await reading.next() }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ServiceClientError) -> [UInt8]? { try await reading.next() }
    }

    /// Ends the connection when its reader leaves before the stream does, so that the daemon stops too.
    fileprivate final class Reading {
        private let connection: ServiceConnection
        private var request: [UInt8]?
        private var isOver = false

        init(_ connection: ServiceConnection, _ request: [UInt8]) {
            self.connection = connection
            self.request = request
        }

        deinit { if !isOver, request == nil { connection.close() } }

        func next() async throws(ServiceClientError) -> [UInt8]? {
            if isOver { return nil }
            let first = request
            request = nil
            do {
                switch try await connection.part(after: first) {
                case .more(let part): return part
                case .last(let part):
                    isOver = true
                    return part
                case .end:
                    isOver = true
                    return nil
                }
            } catch {
                isOver = true
                throw error
            }
        }
    }
}
