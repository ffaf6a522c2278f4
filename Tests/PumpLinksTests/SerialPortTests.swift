import Foundation
import Glibc
import TestSupport
import Testing

@testable import PumpLinks

/// How a port is taken, held and given back. Everything here is the kernel's word, not the link's.
@Suite("A serial port", .serialized, .timeLimit(.minutes(1)))
struct SerialPortTests {
    /// Descriptors of this process that lead to `path`, except those of the pseudo-terminal itself.
    private func descriptors(of path: String, except known: Set<Int32> = []) -> [Int32] {
        let folder = "/proc/self/fd"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            return target == path ? Int32(name) : nil
        }.filter { !known.contains($0) }
    }

    private func open(_ pty: Pty, baud: Int = 9600) -> (link: SerialLink, ear: Ear) {
        let link = SerialLink(path: pty.path, settings: SerialSettings(baud: baud))
        let ear = Ear()
        link.open(ear.deliver)
        ear.waits { !$0.events.isEmpty }
        return (link, ear)
    }

    /// TIOCGEXCL: the Glibc module of Swift leaves it out.
    private func isExclusive(_ descriptor: Int32) -> Bool {
        var answer: Int32 = 0
        return ioctl(descriptor, 0x8004_5440 as UInt, &answer) == 0 && answer != 0
    }

    @Test("is opened without blocking, closed on exec, exclusive, locked; and all of that goes with the link")
    func taken() throws {
        let pty = try Pty()
        let before = Set(descriptors(of: pty.path))
        let (link, ear) = open(pty)
        let descriptor = try #require(descriptors(of: pty.path, except: before).first)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(isExclusive(descriptor))
        let other = Glibc.open(pty.path, O_RDWR | O_NOCTTY)
        // Root may open what is exclusive; the lock stands in the way all the same.
        if other >= 0 { #expect(flock(other, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) }
        link.close()
        #expect(ear.waits { $0.end != nil })
        #expect(descriptors(of: pty.path, except: before.union([other])).isEmpty)
        if other >= 0 {
            #expect(!isExclusive(other))
            #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
            close(other)
        }
    }

    @Test("is raw before anybody can send a byte, whatever it was set to, and nothing of before comes in")
    func raw() throws {
        let pty = try Pty()
        pty.change { settings in
            settings.c_lflag |= tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
            settings.c_iflag |= tcflag_t(ICRNL | INLCR | IXON | IXOFF | IXANY | ISTRIP)
            settings.c_oflag |= tcflag_t(OPOST | ONLCR)
            settings.c_cflag |= tcflag_t(HUPCL | CSTOPB) | tcflag_t(bitPattern: Int32(truncatingIfNeeded: CRTSCTS))
            settings.c_cflag &= ~tcflag_t(CLOCAL)
        }
        #expect(pty.settings.c_cflag & tcflag_t(HUPCL) != 0)
        // Sent before anybody listened: half a line that waits for its end.
        pty.write([0x41, 0x42])
        #expect(pty.read(2) == [0x41, 0x42], "it echoes")
        let atOpening = SettingsHeard()
        let link = SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))
        let ear = Ear()
        link.open { event in
            if event == .opened { atOpening.note(pty.settings) }
            ear.deliver(event)
        }
        #expect(ear.waits { $0.events.first == .opened })
        let now = try #require(atOpening.settings)
        #expect(now.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(now.c_iflag & tcflag_t(ICRNL | INLCR | IXON | IXOFF | IXANY | ISTRIP) == 0)
        #expect(now.c_oflag & tcflag_t(OPOST) == 0)
        #expect(now.c_cflag & tcflag_t(HUPCL) == 0, "closing would drop DTR")
        #expect(now.c_cflag & tcflag_t(bitPattern: Int32(truncatingIfNeeded: CRTSCTS)) == 0)
        #expect(now.c_cflag & tcflag_t(CSTOPB) == 0)
        #expect(now.c_cflag & tcflag_t(CLOCAL | CREAD) == tcflag_t(CLOCAL | CREAD))
        pty.write([0x0D, 0x03, 0x11, 0x13, 0xFF])
        #expect(ear.waits { $0.bytes.count >= 5 })
        #expect(ear.bytes == [0x0D, 0x03, 0x11, 0x13, 0xFF])
        link.close()
        ear.waits { $0.end != nil }
        #expect(pty.settings.c_cflag & tcflag_t(HUPCL) == 0)
    }

    @Test("an end of file means that it is gone, and so does EIO on reading")
    func gone() throws {
        // A line that was hung up reads as its end.
        let pty = try Pty()
        let hungUp = open(pty).ear
        pty.unplug()
        #expect(hungUp.waits { $0.end == .some(.gone(place: pty.path)) })
        // The near side of a pseudo-terminal whose far side was closed says EIO instead.
        var (near, far): (Int32, Int32) = (-1, -1)
        #expect(openpty(&near, &far, nil, nil, nil) == 0)
        _ = fcntl(near, F_SETFL, O_NONBLOCK)
        close(far)
        // A lock that goes with the descriptor, whatever number another test gets meanwhile.
        #expect(flock(near, LOCK_EX | LOCK_NB) == 0)
        var byte: UInt8 = 0
        #expect(read(near, &byte, 1) == -1 && errno == EIO)
        let ear = Ear()
        let queue = DispatchQueue(label: "EIO")
        let stream = DescriptorStream(
            owning: near, place: "the line", queue: queue, isSocket: false, deliver: ear.deliver)
        queue.async { stream.start() }
        #expect(ear.waits { $0.end == .some(.gone(place: "the line")) })
        let other = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0, "closed")
    }

    @Test("EIO on writing means that it is gone as well")
    func goneWhileWriting() throws {
        let pty = try Pty()
        let descriptor = Glibc.open(pty.path, O_RDWR | O_NONBLOCK | O_NOCTTY)
        pty.unplug()
        var byte: UInt8 = 0
        #expect(write(descriptor, &byte, 1) == -1 && errno == EIO)
        let ear = Ear()
        let queue = DispatchQueue(label: "EIO on writing")
        let stream = DescriptorStream(
            owning: descriptor, place: "the line", queue: queue, isSocket: false, deliver: ear.deliver)
        // Written to before anybody reads: the read would find the end first.
        queue.async { stream.send([1]) }
        #expect(ear.waits { $0.end == .some(.gone(place: "the line")) })
        #expect(fcntl(descriptor, F_GETFD) == -1 && errno == EBADF, "closed")
    }

    @Test("an opening that fails leaves no descriptor behind, for whatever reason")
    func failures() throws {
        let pty = try Pty()
        let before = Set(descriptors(of: pty.path))
        let (_, speed) = open(pty, baud: 12_345)
        #expect(speed.waits { $0.end != nil })
        guard case .failed?? = speed.end else {
            Issue.record("\(speed.events)")
            return
        }
        #expect(descriptors(of: pty.path, except: before).isEmpty)
        let (holder, ear) = open(pty)
        let held = Set(descriptors(of: pty.path))
        let (_, second) = open(pty)
        #expect(second.waits { $0.end != nil })
        #expect(Set(descriptors(of: pty.path)) == held)
        holder.close()
        #expect(ear.waits { $0.end != nil })
        #expect(Set(descriptors(of: pty.path)) == before)
        let file = FileManager.default.temporaryDirectory.appending(path: "no-port-\(UUID().uuidString)").path
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let wrong = Ear()
        SerialLink(path: file, settings: SerialSettings(baud: 9600)).open(wrong.deliver)
        #expect(wrong.waits { $0.end == .some(.notATerminal(place: file)) })
        #expect(descriptors(of: file).isEmpty)
    }
}

/// The settings of a line at the moment when its link said that it is open.
private final class SettingsHeard: @unchecked Sendable {
    private let lock = NSLock()
    private var heard: termios?
    func note(_ settings: termios) { lock.withLock { heard = settings } }
    var settings: termios? { lock.withLock { heard } }
}
