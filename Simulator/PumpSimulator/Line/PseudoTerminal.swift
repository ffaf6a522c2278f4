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

    package init(link: String) throws(OutletFailure) {
        self.link = link
        try plug()
    }

    deinit { unplug() }

    package var address: JSON { .fields(["pty": .text(path), "link": .text(link)]) }
    package var descriptors: [Int32] { master.map { [$0.number] } ?? [] }
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
        do throws(OutletFailure) {
            try makeLink()
        } catch {
            master = nil
            slave = nil
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
        backlog = Backlog()
        // The far side first: when the near side goes, a host's descriptor hangs up.
        slave = nil
        master = nil
    }

    package func read() -> [UInt8] {
        guard let master, case .bytes(let bytes) = master.read() else { return [] }
        return bytes
    }

    package func write(_ bytes: [UInt8]) { backlog.write(bytes, to: master) }

    /// On a real port the exclusive mark goes with the last who closes it. Here the simulator itself never closes, so it
    /// takes the mark away when nobody else has the terminal open.
    package func tidy() {
        guard let slave else { return }
        var isExclusive: Int32 = 0
        guard ioctl(slave.number, Terminal.readExclusive, &isExclusive) == 0, isExclusive != 0, !isOpenElsewhere else {
            return
        }
        _ = ioctl(slave.number, Terminal.clearExclusive)
    }

    private enum Terminal {
        /// `TIOCGEXCL` and `TIOCNXCL`, macros that Swift does not see.
        static let readExclusive: UInt = 0x8004_5440
        static let clearExclusive: UInt = 0x540D
    }

    /// Whether another process that this one may look at has the terminal open.
    private var isOpenElsewhere: Bool {
        let files = FileManager.default
        let me = String(getpid())
        let processes = (try? files.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard process != me, Int(process) != nil,
                let open = try? files.contentsOfDirectory(atPath: "/proc/\(process)/fd")
            else { return false }
            return open.contains { (try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")) == path }
        }
    }
}
