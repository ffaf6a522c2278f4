import Foundation
import Glibc
import Synchronization
import Testing

@testable import ServiceSocket

/// Turns the request round, so that an answer is never the request by accident.
@concurrent
private func reversed(_ peer: PeerIdentity, _ request: [UInt8]) async -> SocketReply { .one(request.reversed()) }

/// Endless parts of 64 KiB; counts those that were asked for.
private struct Parts: AsyncSequence, Sendable {
    let made: Counter

    struct AsyncIterator: AsyncIteratorProtocol {
        let made: Counter

        mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
            made.add()
            return [UInt8](repeating: 1, count: 65_536)
        }

        mutating func next() async -> [UInt8]? { await next(isolation: nil) }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(made: made) }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

final class Seen<Element: Sendable>: Sendable {
    private let seen = Mutex<[Element]>([])
    var all: [Element] { seen.withLock { $0 } }
    func add(_ element: Element) { seen.withLock { $0.append(element) } }
}

/// Waits until it is so, for at most twenty seconds: the tests share two cores with others.
func eventually(_ isSo: @Sendable () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
        if await isSo() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await isSo()
}

@Suite("The socket")
struct SocketServerTests {
    let folder: ScratchFolder
    let settings: SocketServer.Settings

    init() throws {
        folder = try ScratchFolder()
        settings = SocketServer.Settings(path: folder.socket)
    }

    @Test("a question gets its answer, and a second one on the same connection too")
    func asked() async throws {
        let server = SocketServer(settings, handler: reversed)
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        #expect(try await connection.ask([1, 2, 3]) == [3, 2, 1])
        #expect(try await connection.ask([]) == [])
        #expect(connection.largestRequest == 64 << 20)
        await server.close()
    }

    @Test("the handler learns who asks, from the kernel")
    func peer() async throws {
        let seen = Seen<PeerIdentity>()
        let server = SocketServer(settings) { peer, _ in
            seen.add(peer)
            return .one([])
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        _ = try await connection.ask([])
        let peer = try #require(seen.all.first)
        #expect(peer.uid == geteuid() && peer.gid == getegid() && peer.pid == getpid())
        #expect(peer.userName == AccountNames.user(geteuid()))
        var mine = [gid_t](repeating: 0, count: 65_536)
        let count = Int(getgroups(Int32(mine.count), &mine))
        #expect(Set(peer.supplementaryGroups) == Set(mine.prefix(count)))
        #expect(peer.groupNames.first == AccountNames.group(getegid()))
        #expect(connection.daemon.pid == getpid())
        await server.close()
    }

    @Test("16 MiB go in and come back")
    func large() async throws {
        let server = SocketServer(settings) { _, request in .one(request) }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        let request = [UInt8](repeating: 0x5A, count: 16 << 20) + [1]
        #expect(try await connection.ask(request) == request)
        await server.close()
    }

    @Test("a stream comes in order, part by part, and ends; the connection goes on")
    func stream() async throws {
        let server = SocketServer(settings) { _, request in
            if request.isEmpty { return .one([42]) }
            return .many(
                AsyncStream { continuation in
                    for number in 0..<500 { continuation.yield(bigEndian(UInt32(number))) }
                    continuation.finish()
                })
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        var parts: [[UInt8]] = []
        for try await part in connection.stream([1]) { parts.append(part) }
        #expect(parts == (0..<500).map { bigEndian(UInt32($0)) })
        #expect(try await connection.ask([]) == [42])
        var single: [[UInt8]] = []
        for try await part in connection.stream([]) { single.append(part) }
        #expect(single == [[42]])
        await #expect(throws: ServiceClientError.answerIsStream) { try await connection.ask([1]) }
        await server.close()
    }

    @Test("a client that does not read stops its own stream, and nobody else's; then it is dropped")
    func backPressure() async throws {
        let made = Counter()
        let troubles = Seen<SocketTrouble>()
        var settings = settings
        settings.writeTime = .seconds(4)
        let server = SocketServer(settings, observe: troubles.add) { _, request in
            request.isEmpty ? .many(Parts(made: made)) : .one(request)
        }
        try await server.open()
        let lazy = try RawEnd(connectedTo: folder.socket)
        lazy.hello()
        lazy.send(Frame(.request))
        #expect(await eventually { made.value > 1 })
        let other = try await ServiceConnection(path: folder.socket)
        #expect(try await other.ask([7]) == [7])
        #expect(troubles.all == [])
        // The kernel holds a few parts; the rest is never made.
        #expect(made.value < 50)
        #expect(await eventually { troubles.all.count == 1 })
        if case .notReading(let peer)? = troubles.all.first {
            #expect(peer.pid == getpid())
        } else {
            Issue.record("\(troubles.all)")
        }
        #expect(await server.clientCount == 1)
        #expect(made.value < 50)
        await server.close()
    }

    @Test("a reader who is slow but reads gets the whole stream")
    func slowReader() async throws {
        let server = SocketServer(settings) { _, _ in
            .many(
                AsyncStream { continuation in
                    for number in UInt8(0)..<12 { continuation.yield([UInt8](repeating: number, count: 100_000)) }
                    continuation.finish()
                })
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        var next: UInt8 = 0
        for try await part in connection.stream([]) {
            #expect(part == [UInt8](repeating: next, count: 100_000))
            next += 1
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(next == 12)
        await server.close()
    }

    @Test("a client that goes away cancels the handler that works for it")
    func goneCancels() async throws {
        let started = Counter()
        let cancelled = Counter()
        let server = SocketServer(settings) { _, _ in
            await withTaskCancellationHandler {
                started.add()
                try? await Task.sleep(for: .seconds(60))
            } onCancel: {
                cancelled.add()
            }
            return .one([])
        }
        try await server.open()
        do {
            let raw = try RawEnd(connectedTo: folder.socket)
            raw.hello()
            raw.send(Frame(.request))
            #expect(await eventually { started.value == 1 })
        }
        #expect(await eventually { cancelled.value == 1 })
        #expect(await eventually { await server.clientCount == 0 })
        await server.close()
    }

    @Test("leaving a stream early, or cancelling its task, ends it at the daemon too", arguments: [true, false])
    func leftStream(byBreak: Bool) async throws {
        let ended = Counter()
        let server = SocketServer(settings) { _, _ in
            .many(
                AsyncStream { continuation in
                    continuation.yield([1])
                    continuation.onTermination = { _ in ended.add() }
                })
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        if byBreak {
            for try await _ in connection.stream([]) { break }
        } else {
            let got = Counter()
            let task = Task {
                for try await _ in connection.stream([]) { got.add() }
            }
            #expect(await eventually { got.value == 1 })
            task.cancel()
            let result = await task.result
            #expect(throws: ServiceClientError.cancelled) { try result.get() }
        }
        #expect(await eventually { ended.value == 1 })
        #expect(await eventually { await server.clientCount == 0 })
        await #expect(throws: ServiceClientError.brokenOff(path: folder.socket)) { try await connection.ask([]) }
        await server.close()
    }

    @Test("who trickles, and who never greets, is sent away; others do not notice")
    func slow() async throws {
        var settings = settings
        settings.helloTime = .milliseconds(150)
        settings.requestTime = .milliseconds(250)
        let server = SocketServer(settings, handler: reversed)
        try await server.open()
        let path = folder.socket
        async let mute = aside { try? RawEnd(connectedTo: path).refusal() }
        async let trickling = aside { () -> (Refusal?, Duration) in
            guard let raw = try? RawEnd(connectedTo: path) else { return (nil, .zero) }
            raw.hello()
            let begin = ContinuousClock.now
            for byte in Frame(.request, [UInt8](repeating: 0, count: 1000)).header + [1, 2, 3, 4, 5, 6, 7] {
                raw.send([byte])
                usleep(30_000)
            }
            return (raw.refusal(), ContinuousClock.now - begin)
        }
        let connection = try await ServiceConnection(path: path)
        #expect(try await connection.ask([1, 2]) == [2, 1])
        #expect(await mute == Refusal(.tooSlow, "no greeting within 150 ms"))
        let (refusal, took) = await trickling
        #expect(refusal == Refusal(.tooSlow, "the request did not arrive within 250 ms"))
        #expect(took < .seconds(2))
        await server.close()
    }

    @Test("a request above the limit: the program says so before it sends, the daemon to who sends it all the same")
    func tooLarge() async throws {
        var settings = settings
        settings.largestRequest = 1000
        let server = SocketServer(settings, handler: reversed)
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        await #expect(throws: ServiceClientError.requestTooLarge(bytes: 1001, limit: 1000)) {
            try await connection.ask([UInt8](repeating: 0, count: 1001))
        }
        #expect(try await connection.ask([UInt8](repeating: 0, count: 1000)).count == 1000)
        let raw = try RawEnd(connectedTo: folder.socket)
        raw.hello()
        raw.send(Frame(.request, [UInt8](repeating: 0, count: 5_000)))
        #expect(
            raw.refusal()
                == Refusal(.requestTooLarge, "the request has 5000 bytes, and the daemon takes at most 1000"))
        await server.close()
    }

    @Test("an answer above the limit is refused, not cut")
    func answerTooLarge() async throws {
        var settings = settings
        settings.largestAnswer = 10
        let server = SocketServer(settings) { _, _ in .one([UInt8](repeating: 0, count: 11)) }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        await #expect(
            throws: ServiceClientError.refused(
                Refusal(.answerTooLarge, "the answer has 11 bytes, and at most 10 are sent"))
        ) { try await connection.ask([]) }
        await server.close()
    }

    @Test("requests under way are bounded together")
    func heldTogether() async throws {
        var settings = settings
        settings.largestHeld = 1_500_000
        let server = SocketServer(settings) { _, request in
            try? await Task.sleep(for: .seconds(request.isEmpty ? 0 : 60))
            return .one([])
        }
        try await server.open()
        let first = try await ServiceConnection(path: folder.socket)
        let pending = Task { try await first.ask([UInt8](repeating: 0, count: 1_000_000)) }
        let second = try await ServiceConnection(path: folder.socket)
        #expect(try await second.ask([]) == [])
        await #expect(
            throws: ServiceClientError.refused(Refusal(.busy, "too many large requests are under way"))
        ) { try await second.ask([UInt8](repeating: 0, count: 1_000_000)) }
        pending.cancel()
        _ = await pending.result
        await server.close()
    }

    @Test("a program of another version is told both numbers")
    func otherProgram() async throws {
        let server = SocketServer(settings, handler: reversed)
        try await server.open()
        let raw = try RawEnd(connectedTo: folder.socket)
        raw.hello(version: 2)
        #expect(
            raw.refusal() == Refusal(.wrongVersion, "the daemon speaks version 1 of the protocol, the program 2"))
        await server.close()
    }

    @Test("the sixty-fifth client is refused; when one has gone there is room")
    func full() async throws {
        let server = SocketServer(settings, handler: reversed)
        try await server.open()
        var connections: [ServiceConnection] = []
        for _ in 0..<64 { connections.append(try await ServiceConnection(path: folder.socket)) }
        let busy = Refusal(.busy, "64 programs are connected, and the daemon serves no more at a time")
        await #expect(throws: ServiceClientError.refused(busy)) { try await ServiceConnection(path: folder.socket) }
        #expect(try await connections[63].ask([1, 2]) == [2, 1])
        connections.removeFirst()
        #expect(await eventually { await server.clientCount == 63 })
        #expect(try await ServiceConnection(path: folder.socket).ask([1, 2]) == [2, 1])
        await server.close()
    }

    @Test("closing lets an answer go out, ends a stream, and leaves nothing behind")
    func closing() async throws {
        let started = Counter()
        let server = SocketServer(settings) { _, request in
            started.add()
            if request == [1] { return .many(AsyncStream { $0.yield([5]) }) }
            try? await Task.sleep(for: .milliseconds(200))
            return .one([9])
        }
        try await server.open()
        #expect(folder.contents.sorted() == ["s", "s.lock"])
        let asking = try await ServiceConnection(path: folder.socket)
        let watching = try await ServiceConnection(path: folder.socket)
        let idle = try await ServiceConnection(path: folder.socket)
        async let answer = asking.ask([2])
        let watch = Task {
            for try await part in watching.stream([1]) { #expect(part == [5]) }
        }
        #expect(await eventually { started.value == 2 })
        let begin = ContinuousClock.now
        await server.close(grace: .seconds(60))
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(try await answer == [9])
        let stopping = ServiceClientError.refused(Refusal(.stopping, "the daemon is stopping"))
        let result = await watch.result
        #expect(throws: stopping) { try result.get() }
        await #expect(throws: stopping) { try await idle.ask([2]) }
        #expect(folder.contents == [])
    }

    @Test("a handler that does not end is left behind after the grace")
    func grace() async throws {
        let started = Counter()
        let server = SocketServer(settings) { _, _ in
            started.add()
            try? await Task.sleep(for: .seconds(60))
            return .one([])
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        let asked = Task { try await connection.ask([]) }
        #expect(await eventually { started.value == 1 })
        let begin = ContinuousClock.now
        await server.close(grace: .milliseconds(100))
        #expect(ContinuousClock.now - begin < .seconds(20))
        let result = await asked.result
        #expect(throws: ServiceClientError.brokenOff(path: folder.socket)) { try result.get() }
    }
}
