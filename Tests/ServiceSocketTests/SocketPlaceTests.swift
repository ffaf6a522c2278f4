import Dispatch
import Foundation
import Glibc
import PumpLinks
import Testing

@testable import ServiceSocket

@concurrent
private func echo(_ peer: PeerIdentity, _ request: [UInt8]) async -> SocketReply { .one(request) }

@Suite("The place of the socket")
struct SocketPlaceTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func server(group: String? = nil) -> SocketServer {
        SocketServer(SocketServer.Settings(path: folder.socket, group: group), handler: echo)
    }

    private func status() throws -> stat {
        var status = stat()
        let path = folder.socket
        _ = try systemCall("lstat") { lstat(path, &status) }
        return status
    }

    @Test("the owner's alone without a group, the group's with one")
    func mode() async throws {
        let alone = server()
        try await alone.open()
        #expect(try status().st_mode & 0o777 == 0o600)
        await alone.close()
        let group = try #require(AccountNames.group(getegid()))
        let shared = server(group: group)
        try await shared.open()
        #expect(try status().st_mode & 0o777 == 0o660)
        #expect(try status().st_gid == getegid())
        await shared.close()
        let path = folder.socket
        await #expect(throws: SocketServerError.noSuchGroup("no-such-group")) {
            try await SocketServer(SocketServer.Settings(path: path, group: "no-such-group"), handler: echo).open()
        }
        #expect(folder.contents == [])
    }

    @Test("a second daemon is refused with the first one's process, and the first serves on")
    func twoServers() async throws {
        let first = server()
        try await first.open()
        let second = server()
        await #expect(throws: SocketServerError.alreadyServed(path: folder.socket, pid: getpid())) {
            try await second.open()
        }
        await second.close()
        #expect(try await ServiceConnection(path: folder.socket).ask([4]) == [4])
        await first.close()
        // The place is free again.
        let third = server()
        try await third.open()
        #expect(try await ServiceConnection(path: folder.socket).ask([4]) == [4])
        await third.close()
    }

    @Test("a socket that another program serves is not replaced either")
    func foreignServer() async throws {
        let foreign = try RawEnd.accepting(at: folder.socket) { _ in }
        await #expect(throws: SocketServerError.alreadyServed(path: folder.socket, pid: getpid())) {
            try await server().open()
        }
        #expect(try status().st_mode & S_IFMT == S_IFSOCK)
        withExtendedLifetime(foreign) {}
    }

    @Test("a socket that a killed daemon left behind is replaced, its lock too")
    func deadSocket() async throws {
        do {
            let dead = try streamSocket()
            let address = try UnixAddress(path: folder.socket)
            _ = try systemCall("bind") { address.withSocketAddress { bind(dead.number, $0, $1) } }
            try Data().write(to: URL(filePath: folder.socket + ".lock"))
        }
        await #expect(throws: ServiceClientError.noDaemon(path: folder.socket, leftOver: true)) {
            try await ServiceConnection(path: folder.socket)
        }
        let server = server()
        try await server.open()
        #expect(try await ServiceConnection(path: folder.socket).ask([4]) == [4])
        await server.close()
        #expect(folder.contents == [])
    }

    @Test("of eight daemons that find a dead socket at once, one serves")
    func race() async throws {
        for round in 0..<60 {
            let path = folder.path + "/\(round)"
            do {
                let dead = try streamSocket()
                let address = try UnixAddress(path: path)
                _ = try systemCall("bind") { address.withSocketAddress { bind(dead.number, $0, $1) } }
            }
            let opened = Seen<SocketServer>()
            let start = DispatchSemaphore(value: 0)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await aside { start.wait() }
                        let server = SocketServer(SocketServer.Settings(path: path), handler: echo)
                        if (try? await server.open()) != nil { opened.add(server) }
                    }
                }
                for _ in 0..<8 { start.signal() }
            }
            #expect(opened.all.count == 1, "round \(round)")
            #expect(try await ServiceConnection(path: path).ask([4]) == [4])
            for server in opened.all { await server.close() }
        }
        #expect(folder.contents == [])
    }

    @Test("a file that is no socket stays as it is")
    func notASocket() async throws {
        try Data("precious".utf8).write(to: URL(filePath: folder.socket))
        await #expect(throws: SocketServerError.notASocket(path: folder.socket)) { try await server().open() }
        #expect(FileManager.default.contents(atPath: folder.socket) == Data("precious".utf8))
        #expect(folder.contents == ["s"])
    }

    @Test("closing removes its own socket and nobody else's")
    func othersSocketStays() async throws {
        let server = server()
        try await server.open()
        try FileManager.default.removeItem(atPath: folder.socket)
        try Data("new".utf8).write(to: URL(filePath: folder.socket))
        await server.close()
        #expect(folder.contents == ["s"])
    }

    @Test("a server that is forgotten removes its socket and closes its descriptor")
    func forgotten() async throws {
        do {
            let server = server()
            try await server.open()
        }
        #expect(await eventually { folder.contents == [] })
    }

    @Test("no folder, or a path that is too long")
    func badPlaces() async throws {
        let missing = folder.path + "/none/s"
        await #expect(throws: SocketServerError.noFolder(path: missing)) {
            try await SocketServer(SocketServer.Settings(path: missing), handler: echo).open()
        }
        let long = folder.path + "/" + String(repeating: "x", count: 108)
        await #expect(
            throws: SocketServerError.unusablePath(path: long, .tooLong(bytes: long.utf8.count))
        ) { try await SocketServer(SocketServer.Settings(path: long), handler: echo).open() }
        await #expect(
            throws: ServiceClientError.unusablePath(path: long, .tooLong(bytes: long.utf8.count))
        ) { try await ServiceConnection(path: long) }
    }
}
