import Foundation
import Glibc
import PumpLinks
import Testing

@testable import ServiceSocket

@Suite("The way to the daemon")
struct ServiceClientTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test("nobody there")
    func nobody() async {
        await #expect(throws: ServiceClientError.noDaemon(path: folder.socket, leftOver: false)) {
            try await ServiceConnection(path: folder.socket)
        }
    }

    @Test("a daemon of another version, something else, and something that says nothing")
    func strangers() async throws {
        let newer = try RawEnd.accepting(at: folder.path + "/newer") { $0.hello(version: 9) }
        await #expect(throws: ServiceClientError.wrongVersion(daemon: 9, program: 1)) {
            try await ServiceConnection(path: folder.path + "/newer")
        }
        let other = try RawEnd.accepting(at: folder.path + "/other") { $0.send(Array("220 smtp ready\r\n".utf8)) }
        await #expect(throws: ServiceClientError.notThisDaemon(path: folder.path + "/other")) {
            try await ServiceConnection(path: folder.path + "/other")
        }
        let mute = try RawEnd.accepting(at: folder.path + "/mute") { _ in sleep(4) }
        // The other end hangs up after four seconds: who waits for longer than the patience hears that instead.
        await #expect(
            throws: ServiceClientError.silent(path: folder.path + "/mute", after: .milliseconds(100))
        ) { try await ServiceConnection(path: folder.path + "/mute", patience: .milliseconds(100)) }
        let gone = try RawEnd.accepting(at: folder.path + "/gone") {
            $0.hello()
            _ = $0.next()
        }
        let connection = try await ServiceConnection(path: folder.path + "/gone")
        await #expect(throws: ServiceClientError.brokenOff(path: folder.path + "/gone")) {
            try await connection.ask([])
        }
        withExtendedLifetime((newer, other, mute, gone)) {}
    }

    @Test("a daemon whose queue is full is waited for, and not for ever")
    func fullQueue() async throws {
        let listening = try streamSocket()
        let address = try UnixAddress(path: folder.socket)
        _ = try systemCall("bind") { address.withSocketAddress { bind(listening.number, $0, $1) } }
        _ = try systemCall("listen") { listen(listening.number, 0) }
        let first = try RawEnd(connectedTo: folder.socket)
        await #expect(throws: ServiceClientError.silent(path: folder.socket, after: .milliseconds(100))) {
            try await ServiceConnection(path: folder.socket, patience: .milliseconds(100))
        }
        withExtendedLifetime(first) {}
    }

    @Test("an answer that does not come in time")
    func lateAnswer() async throws {
        let server = SocketServer(SocketServer.Settings(path: folder.socket)) { _, _ in
            try? await Task.sleep(for: .seconds(60))
            return .one([])
        }
        try await server.open()
        let connection = try await ServiceConnection(path: folder.socket)
        await #expect(throws: ServiceClientError.silent(path: folder.socket, after: .milliseconds(100))) {
            try await connection.ask([1], patience: .milliseconds(100))
        }
        // The late answer would be taken for that of the next question.
        await #expect(throws: ServiceClientError.brokenOff(path: folder.socket)) { try await connection.ask([2]) }
        #expect(await eventually { await server.clientCount == 0 })
        await server.close()
    }

    @Test("each error says what, where and the way out")
    func texts() {
        let busy = Refusal(.busy, "64 programs are connected, and the daemon serves no more at a time")
        let texts: [(ServiceClientError, String)] = [
            (
                .noDaemon(path: "/run/x.sock", leftOver: false),
                "no daemon at /run/x.sock. Start it (sudo systemctl start pumpledgerd), or give its --socket"
            ),
            (
                .noDaemon(path: "/run/x.sock", leftOver: true),
                "no daemon at /run/x.sock: a socket is there, but the process that made it is gone. "
                    + "Start the daemon (sudo systemctl start pumpledgerd)"
            ),
            (
                .denied(path: "/run/x.sock", open: .group("pumpledger")),
                "no permission to use /run/x.sock: it is for the group pumpledger. "
                    + "Become a member (sudo usermod -aG pumpledger $USER), then log in again"
            ),
            (
                .denied(path: "/run/x.sock", open: .user("root")),
                "no permission to use /run/x.sock: it is for the user root alone. "
                    + "Run as that user, or set socketGroup for the daemon"
            ),
            (
                .silent(path: "/run/x.sock", after: .seconds(3)),
                "the daemon at /run/x.sock did not answer within 3 s. "
                    + "Look at it (systemctl status pumpledgerd), and try again"
            ),
            (
                .wrongVersion(daemon: 1, program: 2),
                "the daemon speaks version 1 of the protocol and this program version 2. "
                    + "Restart the daemon after the upgrade (sudo systemctl restart pumpledgerd)"
            ),
            (
                .wrongVersion(daemon: 3, program: 2),
                "the daemon speaks version 3 of the protocol and this program version 2. "
                    + "Use the pumpledger that was installed with the daemon"
            ),
            (
                .refused(busy),
                "the daemon refused: 64 programs are connected, and the daemon serves no more at a time. "
                    + "Try again in a moment"
            ),
            (
                .requestTooLarge(bytes: 70_000_000, limit: 67_108_864),
                "the request has 70000000 bytes, and the daemon takes at most 67108864. Send it in smaller parts"
            ),
        ]
        for (error, text) in texts { #expect(error.description == text) }
        let serverTexts: [(SocketServerError, String)] = [
            (
                .alreadyServed(path: "/run/x.sock", pid: 12),
                "another pumpledgerd (process 12) already serves /run/x.sock. "
                    + "Stop it (systemctl stop pumpledgerd), or give this one another --socket"
            ),
            (
                .notASocket(path: "/run/x.sock"),
                "/run/x.sock exists and is not a socket; it was left as it is. "
                    + "Move it away, or give another --socket"
            ),
            (
                .noFolder(path: "/run/pumpledger/x.sock"),
                "the folder /run/pumpledger does not exist. Create it, or give another --socket"
            ),
            (
                .noSuchGroup("pumpledger"),
                "the group pumpledger does not exist. "
                    + "Create it (sudo groupadd --system pumpledger), or set socketGroup to one that does"
            ),
        ]
        for (error, text) in serverTexts { #expect(error.description == text) }
    }

    @Test("where things are by default")
    func defaultPlaces() {
        #expect(
            DefaultPlace.userLedger(environment: ["HOME": "/home/n"]) == "/home/n/.local/state/pumpledger/ledger.db")
        #expect(
            DefaultPlace.userLedger(environment: ["HOME": "/home/n", "XDG_STATE_HOME": "/s"])
                == "/s/pumpledger/ledger.db")
        #expect(
            DefaultPlace.userLedger(environment: ["HOME": "/home/n", "XDG_STATE_HOME": "relative"])
                == "/home/n/.local/state/pumpledger/ledger.db")
        #expect(DefaultPlace.userLedger(environment: [:]) == nil)
    }
}
