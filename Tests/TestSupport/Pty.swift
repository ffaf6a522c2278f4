import Foundation
package import Glibc
import Synchronization

/// A pseudo-terminal: the pump's side of a cable that exists only in the kernel.
package final class Pty: Sendable {
    package let path: String
    /// The far side is held open too, as that of a real cable would be, so that the line exists before anybody opens it.
    private let ends: Mutex<(master: Int32, slave: Int32)>

    package struct Unavailable: Error { package init() {} }

    package init() throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { throw Unavailable() }
        ends = Mutex((master, slave))
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unplug() }

    private var master: Int32 { ends.withLock { $0.master } }

    package func write(_ bytes: [UInt8]) { _ = Glibc.write(master, bytes, bytes.count) }

    /// Writes what fits within a tenth of a second; false where nothing did.
    package func offer(_ bytes: [UInt8]) -> Bool {
        var ready = pollfd(fd: master, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 100) == 1, ready.revents & Int16(POLLOUT) != 0 else { return false }
        return Glibc.write(master, bytes, bytes.count) > 0
    }

    /// At most `count` bytes; fewer when none come for two seconds.
    package func read(_ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while out.count < count {
            // A test that waits for bytes that never come must fail, not hang.
            var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 2_000) > 0 else { break }
            let got = Glibc.read(master, &buffer, min(buffer.count, count - out.count))
            guard got > 0 else { break }
            out += buffer[..<got]
        }
        return out
    }

    /// Answers every piece that comes down the line, on a thread of its own, until the line ends.
    package func serve(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            // A read that waits would hold the line open after `unplug`, so it waits under the lock and briefly.
            while let self {
                let got = self.ends.withLock { ends -> Int in
                    guard ends.master >= 0 else { return -1 }
                    var ready = pollfd(fd: ends.master, events: Int16(POLLIN), revents: 0)
                    guard poll(&ready, 1, 2) > 0 else { return 0 }
                    return Glibc.read(ends.master, &buffer, buffer.count)
                }
                guard got >= 0 else { return }
                guard got > 0 else { continue }
                let reply = answer(Array(buffer[..<got]))
                self.ends.withLock { ends in
                    if ends.master >= 0, !reply.isEmpty { _ = Glibc.write(ends.master, reply, reply.count) }
                }
            }
        }
    }

    package var settings: termios {
        var now = termios()
        _ = ends.withLock { tcgetattr($0.slave, &now) }
        return now
    }

    /// Sets the line as somebody left it who had it before.
    package func change(_ change: (inout termios) -> Void) {
        var now = settings
        change(&now)
        _ = ends.withLock { tcsetattr($0.slave, TCSANOW, &now) }
    }

    /// Returns when the host has read what was written, or after 100 ms: what it has not read when the cable comes out is
    /// lost.
    package func waitUntilRead() {
        for _ in 0..<1_000 {
            var waiting: Int32 = 0
            let isKnown = ends.withLock { $0.slave >= 0 && ioctl($0.slave, UInt(FIONREAD), &waiting) == 0 }
            guard isKnown, waiting > 0 else { return }
            usleep(100)
        }
    }

    package func unplug() {
        ends.withLock { ends in
            if ends.slave >= 0 { _ = close(ends.slave) }
            if ends.master >= 0 { _ = close(ends.master) }
            ends = (-1, -1)
        }
    }
}

/// How many descriptors of pseudo-terminals this process still has open although their other end is gone: cables that were
/// pulled and not let go of.
package func danglingTerminals() -> Int {
    let folder = "/proc/self/fd"
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return descriptors.count {
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) ?? ""
        return target.hasPrefix("/dev/pts/") && target.hasSuffix("(deleted)")
    }
}

/// How many descriptors this process has open.
package func openDescriptors() -> Int {
    var count = 0
    guard let folder = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(folder) }
    while readdir(folder) != nil { count += 1 }
    return count
}
