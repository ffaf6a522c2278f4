import Foundation
import Glibc

/// A pseudo-terminal whose far side hosts open through a symbolic link, as they would open a USB serial port.
///
/// The simulator holds the far side open itself: without it, reading would fail until the first host comes, and each time
/// one goes.
package final class PseudoTerminal: Outlet {
    private let link: String
    private var master: Descriptor?
    private var slave: Descriptor?
    private var path = ""
    private var backlog = Backlog()
    private var doorbell: Doorbell?

    package init(link: String) throws(OutletFailure) {
        self.link = link
        try plug()
    }

    deinit { unplug() }

    package var address: JSON { .fields(["pty": .text(path), "link": .text(link)]) }
    package var descriptors: [Int32] { [master?.number, doorbell?.descriptor.number].compactMap { $0 } }
    package var hasBacklog: Bool { !backlog.isEmpty }

    package func plug() throws(OutletFailure) {
        guard master == nil else { return }
        var (near, far): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 128)
        var settings = termios()
        cfmakeraw(&settings)
        cfsetspeed(&settings, speed_t(B9600))
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        guard openpty(&near, &far, &name, &settings, nil) == 0 else {
            throw OutletFailure(
                what: "cannot open a pseudo-terminal", errno: errno, remedy: "Check that /dev/pts is mounted.")
        }
        master = Descriptor(near)
        slave = Descriptor(far)
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        doorbell = Doorbell(path: path)
        do throws(OutletFailure) {
            try makeLink()
        } catch {
            (master, slave, doorbell) = (nil, nil, nil)
            throw error
        }
    }

    private func makeLink() throws(OutletFailure) {
        // A link that an earlier run left behind is ours to replace; anything else is somebody's.
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != nil { Glibc.unlink(link) }
        guard symlink(path, link) == 0 else {
            throw OutletFailure(
                what: "cannot make the link \(link)", errno: errno,
                remedy: "Choose a name that does not exist yet, in a folder that you may write to.")
        }
    }

    package func unplug() {
        guard master != nil else { return }
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == path { Glibc.unlink(link) }
        letHostRead()
        backlog = Backlog()
        // The far side first: when the near side goes, a host's descriptor hangs up.
        (doorbell, slave, master) = (nil, nil, nil)
    }

    /// What was sent before the cable came out has arrived: hanging up would throw it away.
    private func letHostRead() {
        guard let slave, doorbell?.visitors != 0 else { return }
        for _ in 0..<Self.patience {
            usleep(Self.glance)
            var waiting: Int32 = 0
            guard ioctl(slave.number, UInt(FIONREAD), &waiting) == 0, waiting > 0 else { return }
        }
    }

    /// 300 ms in looks of 3 ms.
    private static let patience = 100
    private static let glance: UInt32 = 3000

    package func read() -> [UInt8] {
        listen()
        guard let master, case .bytes(let bytes) = master.read() else { return [] }
        return bytes
    }

    /// What is sent while nobody has the port open is lost, as on a real one.
    package func write(_ bytes: [UInt8]) {
        listen()
        if doorbell?.visitors != 0 { backlog.write(bytes, to: master) }
    }

    private func listen() {
        if doorbell?.lastHasGone() == true { settle() }
    }

    /// On a real port the exclusive mark, and bytes that nobody read, go with the last who closes it. Here the simulator
    /// itself never closes, so it does both when the last host has gone.
    private func settle() {
        guard let slave else { return }
        _ = ioctl(slave.number, UInt(TIOCNXCL))
        tcflush(slave.number, TCIFLUSH)
        backlog = Backlog()
    }
}

/// Hears when hosts open and close a device.
private final class Doorbell {
    let descriptor: Descriptor
    /// How many have it open.
    private(set) var visitors = 0

    /// Nil where the system has no inotify to spare.
    init?(path: String) {
        let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard number >= 0 else { return nil }
        descriptor = Descriptor(number)
        guard inotify_add_watch(number, path, UInt32(IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE)) >= 0 else {
            return nil
        }
    }

    /// True when since the last look everybody has gone.
    func lastHasGone() -> Bool {
        var hasClosed = false
        while case .bytes(let bytes) = descriptor.read() {
            var rest = bytes[...]
            // An event is 16 bytes (watch, mask, cookie, length of a name) and, for a folder only, a name.
            while rest.count >= 16 {
                let mask = rest.dropFirst(4).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                if mask & UInt32(IN_OPEN) != 0 { visitors += 1 }
                if mask & UInt32(IN_CLOSE_WRITE | IN_CLOSE_NOWRITE) != 0 {
                    visitors = max(0, visitors - 1)
                    hasClosed = true
                }
                rest = rest.dropFirst(16)
            }
        }
        return hasClosed && visitors == 0
    }
}
