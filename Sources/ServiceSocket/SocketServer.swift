import Dispatch
import Glibc
import PumpLinks

/// Serves requests on a Unix socket: bytes in, bytes out, and who asks. What they mean is the handler's affair.
///
/// Nothing runs while nothing happens: no timer is set but for a client that owes something. No client can hold more
/// than its place: requests are bounded in bytes and time, an answer's next part is made when the one before is gone.
package actor SocketServer {
    package struct Settings: Hashable, Sendable {
        package var path: String
        /// The group whose members may connect; nil: the owner alone.
        package var group: String?
        package var maxClients = 64
        /// A request's payload, in bytes: imports carry files.
        package var largestRequest = 64 << 20
        /// One frame of an answer, in bytes.
        package var largestAnswer = 256 << 20
        /// All requests that are arriving or being answered, in bytes.
        package var largestHeld = 128 << 20
        /// From the connection to the client's greeting.
        package var helloTime = Duration.seconds(5)
        /// From a request's first byte to its last.
        package var requestTime = Duration.seconds(30)
        /// Between an answer and the next request.
        package var idleTime = Duration.seconds(30)
        /// From the moment a client stops reading to the end of what is being sent to it.
        package var writeTime = Duration.seconds(30)

        package init(path: String, group: String? = nil) {
            self.path = path
            self.group = group
        }
    }

    /// Runs off the server's queue, each request in a task of its own.
    package typealias Handler = @concurrent @Sendable (PeerIdentity, [UInt8]) async -> SocketReply

    private typealias ConnectionID = Int

    private nonisolated let executor = QueueExecutor(label: "pumpledger.socket")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private static let backlog: Int32 = 64
    /// What one client may have read at a stretch before the others get their turn.
    private static let readTurn = 1 << 20
    private static let descriptorPause = DispatchTimeInterval.seconds(1)

    private let settings: Settings
    private let observe: @Sendable (SocketTrouble) -> Void
    private let handler: Handler
    /// Where handlers run; nil: where the runtime likes.
    private let workers: (any TaskExecutor)?

    private var listening: ListeningSocket?
    private var acceptable: (any DispatchSourceRead)?
    private var isAcceptPaused = false
    private var connections: [ConnectionID: SocketConnection] = [:]
    private var nextID: ConnectionID = 0
    private var scratch = [UInt8](repeating: 0, count: 64 << 10)
    private var isClosing = false
    private var closers: [CheckedContinuation<Void, Never>] = []

    /// `observe` is called on the server's queue and must not block; each request is handled by a task on `workers`.
    package init(
        _ settings: Settings, observe: @escaping @Sendable (SocketTrouble) -> Void = { _ in },
        workers: (any TaskExecutor)? = nil, handler: @escaping Handler
    ) {
        self.workers = workers
        self.settings = settings
        self.observe = observe
        self.handler = handler
    }

    isolated deinit {
        listening?.close()
        if isAcceptPaused { acceptable?.resume() }
        acceptable?.cancel()
        for connection in connections.values { connection.tearDown() }
    }

    package var clientCount: Int { connections.count }

    package func open() throws(SocketServerError) {
        guard listening == nil, !isClosing else { return }
        let socket = try ListeningSocket(path: settings.path, group: settings.group, backlog: Self.backlog)
        let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor.number, queue: executor.queue)
        source.setEventHandler { @Sendable [weak self] in self?.assumeIsolated { $0.acceptClients() } }
        source.keepOpen(socket.descriptor)
        source.activate()
        listening = socket
        acceptable = source
    }

    /// Takes no more clients and removes the socket; streams end at once, other answers get `grace` to go out. Returns
    /// when the last client is gone.
    package func close(grace: Duration = .seconds(5)) async {
        if !isClosing {
            isClosing = true
            listening?.close()
            listening = nil
            if isAcceptPaused { acceptable?.resume() }
            acceptable?.cancel()
            acceptable = nil
            for (id, connection) in connections where !connection.conversation.isAnswering || connection.isStreaming {
                connection.answer?.cancel()
                perform(connection.conversation.refuse(.stopping, "the daemon is stopping"), id)
            }
            executor.queue.asyncAfter(deadline: .now() + grace.dispatchInterval) { @Sendable [weak self] in
                self?.assumeIsolated { $0.dropAll() }
            }
        }
        if connections.isEmpty { return }
        await withCheckedContinuation { closers.append($0) }
    }

    // MARK: Clients come

    private func acceptClients() {
        while let listening {
            let number = accept(listening.descriptor.number, nil, nil)
            if number >= 0 {
                admit(Descriptor(owning: number))
                continue
            }
            let code = errno
            switch code {
            case EINTR, ECONNABORTED: continue
            case EWOULDBLOCK: return
            default:
                // The client stays in the queue, and the source would fire again at once: wait, or the core is busy
                // with nothing until a descriptor is free.
                observe(.outOfDescriptors(SystemCallFailure(call: "accept", code: code)))
                pauseAccepting()
                return
            }
        }
    }

    private func pauseAccepting() {
        isAcceptPaused = true
        acceptable?.suspend()
        executor.queue.asyncAfter(deadline: .now() + Self.descriptorPause) { @Sendable [weak self] in
            self?.assumeIsolated { server in
                guard server.isAcceptPaused, !server.isClosing else { return }
                server.isAcceptPaused = false
                server.acceptable?.resume()
            }
        }
    }

    private func admit(_ descriptor: Descriptor) {
        let peer: PeerIdentity
        do {
            _ = try systemCall("fcntl") { fcntl(descriptor.number, F_SETFD, FD_CLOEXEC) }
            _ = try systemCall("fcntl") { fcntl(descriptor.number, F_SETFL, O_NONBLOCK) }
            peer = try PeerIdentity(ofPeerAt: descriptor)
        } catch {
            observe(.failed(PeerIdentity(uid: .max, gid: .max, pid: 0), error))
            return
        }
        nextID += 1
        let id = nextID
        let limits = ServerConversation.Limits(
            largestRequest: min(settings.largestRequest, Frame.largestPayload), helloTime: settings.helloTime,
            requestTime: settings.requestTime, idleTime: settings.idleTime)
        let connection = SocketConnection(
            descriptor, peer, ServerConversation(limits), on: executor.queue,
            whenReadable: { @Sendable [weak self] in self?.assumeIsolated { $0.read(id) } },
            whenDue: { @Sendable [weak self] in self?.assumeIsolated { $0.deadlinePassed(id) } })
        let isFull = connections.count >= settings.maxClients
        connections[id] = connection
        connection.activate()
        if isFull {
            let sentence = "\(settings.maxClients) programs are connected, and the daemon serves no more at a time"
            perform(connection.conversation.refuse(.busy, sentence), id)
            // It does not get a place while it does not read its refusal either.
            drop(id)
        } else {
            perform(connection.conversation.start(), id)
        }
    }

    // MARK: Bytes come, time passes

    private func read(_ id: ConnectionID) {
        var taken = 0
        // A descriptor whose other end has gone gets one last event: read until there is no more.
        while let connection = connections[id] {
            if taken >= Self.readTurn {
                executor.queue.async { @Sendable [weak self] in self?.assumeIsolated { $0.read(id) } }
                return
            }
            let count = unsafe recv(connection.descriptor.number, &scratch, scratch.count, 0)
            if count > 0 {
                taken += count
                perform(connection.conversation.receive(scratch[..<count]), id)
                refuseIfTooMuchIsHeld(id)
                continue
            }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                if code == EWOULDBLOCK { return }
            }
            drop(id)
        }
    }

    private func refuseIfTooMuchIsHeld(_ id: ConnectionID) {
        guard let connection = connections[id], connection.conversation.held > 0 else { return }
        let held = connections.values.reduce(0) { $0 + $1.conversation.held }
        if held > settings.largestHeld {
            connection.answer?.cancel()
            perform(connection.conversation.refuse(.busy, "too many large requests are under way"), id)
        }
    }

    private func deadlinePassed(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        let passed = connection.takePassedDeadlines()
        if passed.write {
            observe(.notReading(connection.peer))
            drop(id)
        } else if passed.talk {
            perform(connection.conversation.deadlinePassed(), id)
        }
    }

    private func perform(_ outputs: [ServerConversation.Output], _ id: ConnectionID) {
        for output in outputs {
            guard let connection = connections[id] else { return }
            switch output {
            case .send(let frame):
                connection.append(frame)
                flush(id)
            case .answer(let request): answer(request, id, connection)
            case .deadline(let after): connection.setTalkDeadline(after)
            case .hangUp(let refusal):
                if let refusal { observe(.refused(connection.peer, refusal)) }
                connection.isHangingUp = true
                flush(id)
            }
        }
    }

    private func drop(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        connection.tearDown()
        if isClosing, connections.isEmpty {
            for closer in closers { closer.resume() }
            closers = []
        }
    }

    private func dropAll() {
        for id in connections.keys { drop(id) }
    }

    // MARK: Answers go

    private func answer(_ request: [UInt8], _ id: ConnectionID, _ connection: SocketConnection) {
        let (peer, handler) = (connection.peer, handler)
        connection.answer = Task.detached(executorPreference: workers) { [weak self] in
            let reply = await handler(await peer.named(), request)
            await self?.carry(reply, to: id)
        }
    }

    private nonisolated func carry(_ reply: SocketReply, to id: ConnectionID) async {
        switch reply {
        case .one(let answer): _ = await deliver(Frame(.last, answer), to: id)
        case .many(let parts):
            guard await beginStream(id) else { return }
            for await part in parts {
                guard await deliver(Frame(.part, part), to: id) else { return }
            }
            if Task.isCancelled { return }
            _ = await deliver(Frame(.end), to: id)
        }
    }

    private func beginStream(_ id: ConnectionID) -> Bool {
        guard let connection = connections[id] else { return false }
        connection.isStreaming = true
        if isClosing { perform(connection.conversation.refuse(.stopping, "the daemon is stopping"), id) }
        return !isClosing
    }

    /// True when the kernel has the whole frame; false when the client is gone or being sent away.
    private func deliver(_ frame: Frame, to id: ConnectionID) async -> Bool {
        guard let connection = connections[id], !connection.isHangingUp else { return false }
        if frame.payload.count > settings.largestAnswer {
            let sentence = "the answer has \(frame.payload.count) bytes, and at most \(settings.largestAnswer) are sent"
            perform(connection.conversation.refuse(.answerTooLarge, sentence), id)
            return false
        }
        connection.append(frame)
        connection.isAnswerComplete = frame.kind != .part
        return await withCheckedContinuation { continuation in
            connection.delivery = continuation
            flush(id)
        }
    }

    private func flush(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        while let chunk = connection.outbox.first {
            let count = unsafe chunk.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[connection.sentOfFirst...])
                return unsafe send(connection.descriptor.number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                connection.took(count)
                continue
            }
            let code = errno
            if code == EINTR { continue }
            if code == EWOULDBLOCK {
                connection.startWriteDeadline(settings.writeTime)
                waitUntilWritable(id, connection)
            } else {
                drop(id)
            }
            return
        }
        connection.clearWriteDeadline()
        connection.writable?.cancel()
        connection.writable = nil
        connection.delivery?.resume(returning: true)
        connection.delivery = nil
        if connection.isHangingUp {
            drop(id)
        } else if connection.isAnswerComplete {
            // Here and not where the task goes on: by then the next request may have been read.
            connection.isAnswerComplete = false
            connection.isStreaming = false
            connection.answer = nil
            perform(connection.conversation.answered(), id)
            if isClosing { perform(connection.conversation.refuse(.stopping, "the daemon is stopping"), id) }
        }
    }

    private func waitUntilWritable(_ id: ConnectionID, _ connection: SocketConnection) {
        if connection.writable != nil { return }
        let source = DispatchSource.makeWriteSource(
            fileDescriptor: connection.descriptor.number, queue: executor.queue)
        source.setEventHandler { @Sendable [weak self] in self?.assumeIsolated { $0.flush(id) } }
        source.keepOpen(connection.descriptor)
        source.activate()
        connection.writable = source
    }
}
