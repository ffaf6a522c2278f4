import Foundation
import Glibc
import Testing

@testable import ServiceSocket

/// What can only be seen on a whole process: its descriptors, its threads, its user. Each has a process of its own, one
/// after the other: while one runs, a thread of the tests' pool waits for it.
@Suite("The socket in a process of its own", .serialized, .timeLimit(.minutes(1)))
struct WholeProcessTests {
    @Test("200 clients leave no descriptor behind, however they go")
    func noLeak() async {
        await #expect(processExitsWith: .success) {
            @Sendable func descriptors() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1
            }
            let folder = try ScratchFolder()
            let server = SocketServer(SocketServer.Settings(path: folder.socket)) { _, request in
                if request == [1] { try? await Task.sleep(for: .seconds(60)) }
                return .one(request)
            }
            try await server.open()
            var before = 0
            for number in 0..<208 {
                if number == 8 {
                    // By now Dispatch has the timers that it will have.
                    #expect(await eventually { await server.clientCount == 0 })
                    try await Task.sleep(for: .milliseconds(20))
                    before = descriptors()
                }
                switch number % 4 {
                case 0: #expect(try await ServiceConnection(path: folder.socket).ask([7]) == [7])
                case 1: _ = try RawEnd(connectedTo: folder.socket)
                case 2:
                    let raw = try RawEnd(connectedTo: folder.socket)
                    raw.hello()
                    raw.send(Frame(.request, [1]))
                default:
                    let raw = try RawEnd(connectedTo: folder.socket)
                    raw.send([UInt8](repeating: 0xFF, count: 100))
                }
            }
            let limit = before
            #expect(await eventually { await server.clientCount == 0 })
            #expect(await eventually { descriptors() <= limit })
            #expect(descriptors() == limit)
            try? String(
                describing: (
                    before, descriptors(),
                    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").map {
                        ($0, (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) ?? "")
                    }
                )
            ).write(toFile: "/tmp/daemon-scratch/fds.txt", atomically: true, encoding: .utf8)  // DEBUG
            await server.close()
        }
    }

    @Test(
        "with clients connected and nothing to do, no thread wakes up",
        .enabled(if: dlsym(nil, "__tsan_init") == nil, "the thread sanitizer has a thread of its own that wakes up"))
    func quiet() async {
        await #expect(processExitsWith: .success) {
            @Sendable func wakeUps() -> Int {
                let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
                return tasks.reduce(0) { sum, task in
                    let text = (try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)) ?? ""
                    let line = text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
                    return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
                }
            }
            let folder = try ScratchFolder()
            var settings = SocketServer.Settings(path: folder.socket)
            settings.idleTime = .seconds(60)
            let server = SocketServer(settings) { _, _ in .many(AsyncStream { $0.yield([1]) }) }
            try await server.open()
            let watching = try await ServiceConnection(path: folder.socket)
            let idle = try await ServiceConnection(path: folder.socket)
            let got = Counter()
            let watch = Task { for try await _ in watching.stream([1]) { got.add() } }
            #expect(await eventually { got.value == 1 })
            // Threads of the pools go to sleep for good only after some seconds: count what they do, at the quietest.
            let woken = await aside {
                (0..<6).map { _ in
                    let before = wakeUps()
                    usleep(200_000)
                    return wakeUps() - before
                }.min()
            }
            // The thread that counts wakes up once.
            #expect((woken ?? 99) <= 1)
            watch.cancel()
            idle.close()
            await server.close()
        }
    }

    @Test("no permission: which group, and what to do", .enabled(if: getuid() == 0, "needs to change its user"))
    func denied() async {
        await #expect(processExitsWith: .success) {
            let folder = try ScratchFolder()
            // A group whose number is that of another user: one must not be taken for the other.
            let group = "tty"
            let shared = SocketServer(SocketServer.Settings(path: folder.path + "/shared", group: group)) { _, _ in
                .one([])
            }
            try await shared.open()
            let alone = SocketServer(SocketServer.Settings(path: folder.path + "/alone")) { _, _ in .one([]) }
            try await alone.open()
            let closed = folder.path + "/closed"
            try FileManager.default.createDirectory(
                atPath: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o750])
            #expect(chown(closed, 0, try #require(AccountNames.gid(ofGroup: group))) == 0)
            #expect(setegid(65_534) == 0)
            #expect(seteuid(65_534) == 0)
            await #expect(
                throws: ServiceClientError.denied(path: folder.path + "/shared", open: .group(group))
            ) { try await ServiceConnection(path: folder.path + "/shared") }
            await #expect(throws: ServiceClientError.denied(path: folder.path + "/alone", open: .user("root"))) {
                try await ServiceConnection(path: folder.path + "/alone")
            }
            await #expect(throws: ServiceClientError.denied(path: closed + "/s", open: .group(group))) {
                try await ServiceConnection(path: closed + "/s")
            }
            await #expect(throws: SocketServerError.folderDenied(path: folder.path + "/new")) {
                try await SocketServer(SocketServer.Settings(path: folder.path + "/new")) { _, _ in .one([]) }.open()
            }
            #expect(seteuid(0) == 0)
            await shared.close()
            await alone.close()
        }
    }
}
