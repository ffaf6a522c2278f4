import Dispatch
import Foundation
import Glibc
import PumpLinks
import ServiceSocket
import Testing

@testable import SystemService

/// Stands in for systemd: a datagram socket.
private struct Listener {
    let descriptor: Descriptor

    init(_ address: UnixAddress) throws {
        let descriptor = Descriptor(owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
        _ = try systemCall("bind") { address.withSocketAddress { bind(descriptor.number, $0, $1) } }
        var wait = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        self.descriptor = descriptor
    }

    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor.number, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

@Suite("Word to systemd")
struct SystemdNotifierTests {
    @Test("each message is one datagram, to a path or to an abstract name", arguments: [false, true])
    func datagrams(isAbstract: Bool) throws {
        let unique = UUID().uuidString.prefix(8)
        let path = FileManager.default.temporaryDirectory.path + "/pl-notify-\(unique)"
        defer { unlink(path) }
        let name = "pumpledger/test/\(unique)"
        let listener = try Listener(isAbstract ? UnixAddress(abstract: name) : UnixAddress(path: path))
        let notifier = try SystemdNotifier(environment: ["NOTIFY_SOCKET": isAbstract ? "@" + name : path])
        #expect(notifier.isHeard)
        try notifier.send(.ready, .status("2 pumps"))
        #expect(listener.next() == "READY=1\nSTATUS=2 pumps")
        try notifier.send(.stopping)
        #expect(listener.next() == "STOPPING=1")
        try notifier.send(.watchdog)
        #expect(listener.next() == "WATCHDOG=1")
        try notifier.send(.needsTime(.milliseconds(1500)))
        #expect(listener.next() == "EXTEND_TIMEOUT_USEC=1500000")
        try notifier.send(.status("a line end\nREADY=1\r\nis no message"))
        #expect(listener.next() == "STATUS=a line end READY=1 is no message")
    }

    @Test("reloading carries the monotonic time of now")
    func reloading() throws {
        let address = try UnixAddress(abstract: "pumpledger/test/\(UUID().uuidString)")
        let listener = try Listener(address)
        let name = UUID().uuidString
        let other = try Listener(UnixAddress(abstract: name))
        let notifier = try SystemdNotifier(environment: ["NOTIFY_SOCKET": "@" + name])
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        try notifier.send(.reloading)
        let text = try #require(other.next())
        let lines = text.split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let said = try #require(lines.last?.split(separator: "=").last.flatMap { Int($0) })
        let before = now.tv_sec * 1_000_000 + now.tv_nsec / 1000
        #expect((0..<2_000_000).contains(said - before))
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        withExtendedLifetime(listener) {}
    }

    @Test("without systemd nothing is sent; with a socket of no known form the daemon says so")
    func absent() throws {
        let silent = try SystemdNotifier(environment: [:])
        #expect(!silent.isHeard)
        #expect(throws: Never.self) { try silent.send(.ready) }
        let error = #expect(throws: SystemdNotifier.Unusable.self) {
            try SystemdNotifier(environment: ["NOTIFY_SOCKET": "vsock:2:1234"])
        }
        #expect(
            error?.description
                == "NOTIFY_SOCKET is \"vsock:2:1234\", which is neither a path nor an abstract name. "
                + "Start the daemon by systemd, or unset it")
    }

    @Test("a listener that has gone is an error, not the end of the daemon")
    func gone() throws {
        let notifier = try SystemdNotifier(environment: ["NOTIFY_SOCKET": "@pumpledger/none/\(UUID().uuidString)"])
        #expect(throws: SystemCallFailure(call: "sendto NOTIFY_SOCKET", code: ECONNREFUSED)) {
            try notifier.send(.ready)
        }
    }
}

@Suite("The watchdog")
struct WatchdogTests {
    @Test("whether systemd watches this process, and how often it wants to hear")
    func environment() {
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "30000000"], pid: 7)?.interval == .seconds(15))
        #expect(
            Watchdog(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], pid: 7)?.patience
                == .seconds(30))
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], pid: 7) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "0"], pid: 7) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "soon"], pid: 7) == nil)
        #expect(Watchdog(environment: [:], pid: 7) == nil)
    }

    @Test("it ticks while every loop turns, stops when one is stuck, names it once, and goes on when it is free")
    func stuck() async throws {
        let ticks = LinesHeard()
        let stalls = LinesHeard()
        let queue = DispatchQueue(label: "test.work")
        let tick = WatchdogTick(
            every: .milliseconds(50),
            through: [.queue("ledger", DispatchQueue(label: "test.other")), .queue("ports", queue)],
            tick: { ticks.add("tick") }, stalled: { stalls.add($0) })
        await tick.start()
        #expect(await eventually { ticks.all.count >= 3 })
        #expect(!stalls.all.contains("ports"))
        let gate = DispatchSemaphore(value: 0)
        queue.async { @Sendable in gate.wait() }
        #expect(await eventually { stalls.all.contains("ports") })
        let stuckAt = ticks.all.count
        try await Task.sleep(for: .milliseconds(250))
        #expect(ticks.all.count == stuckAt)
        #expect(stalls.all.count { $0 == "ports" } == 1)
        gate.signal()
        #expect(await eventually { ticks.all.count > stuckAt + 2 })
        await tick.stop()
        let stoppedAt = ticks.all.count
        try await Task.sleep(for: .milliseconds(150))
        #expect(ticks.all.count == stoppedAt)
    }

    private actor Worker {
        func work() { usleep(600_000) }
    }

    @Test("an actor is a loop too")
    func stuckActor() async throws {
        let ticks = LinesHeard()
        let stalls = LinesHeard()
        let worker = Worker()
        let tick = WatchdogTick(
            every: .milliseconds(50), through: [.actor("ledger", worker)], tick: { ticks.add("tick") },
            stalled: { stalls.add($0) })
        await tick.start()
        #expect(await eventually { ticks.all.count >= 1 })
        await worker.work()
        #expect(await eventually { stalls.all.contains("ledger") })
        let stuckAt = ticks.all.count
        #expect(await eventually { ticks.all.count > stuckAt })
        await tick.stop()
    }
}
