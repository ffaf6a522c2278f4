import Foundation
import Glibc
import TestSupport
import Testing

@testable import PumpLinks

@Suite("Serial links", .serialized, .timeLimit(.minutes(1)))
struct SerialLinkTests {
    private func open(_ pty: Pty) -> (SerialLink, Ear) {
        let link = SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))
        let ear = Ear()
        link.open(ear.deliver)
        ear.waits { $0.events.first == .opened }
        return (link, ear)
    }

    @Test("every byte value goes through both ways unchanged")
    func roundTrip() throws {
        let pty = try Pty()
        let (link, ear) = open(pty)
        let all = Array(UInt8.min...UInt8.max)
        link.send(all)
        #expect(pty.read(256) == all)
        pty.write(all)
        #expect(ear.waits { $0.bytes.count == 256 })
        #expect(ear.bytes == all)
        link.close()
        #expect(ear.waits { $0.end != nil })
        #expect(ear.events.first == .opened && ear.events.last == .ended(nil))
    }

    @Test("the line is raw, at its speed, keeps its modem lines on close, and echoes nothing")
    func settings() throws {
        let pty = try Pty()
        let (link, ear) = open(pty)
        let now = pty.settings
        #expect(now.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
        #expect(now.c_iflag & tcflag_t(ICRNL | IXON | IXOFF | ISTRIP) == 0)
        #expect(now.c_cflag & tcflag_t(HUPCL) == 0)
        #expect(now.c_cflag & tcflag_t(CLOCAL | CREAD | CS8) == tcflag_t(CLOCAL | CREAD | CS8))
        var copy = now
        #expect(cfgetospeed(&copy) == speed_t(B9600))
        link.close()
        ear.waits { $0.end != nil }
    }

    @Test("a pulled cable is noticed within a tenth of a second, after the last bytes")
    func unplug() throws {
        let pty = try Pty()
        let (_, ear) = open(pty)
        pty.write([1, 2, 3])
        #expect(ear.waits { $0.bytes.count == 3 })
        let before = ContinuousClock.now
        pty.unplug()
        #expect(ear.waits(1) { $0.end != nil })
        #expect(ContinuousClock.now - before < .milliseconds(100))
        #expect(ear.end == .some(.gone(place: pty.path)))
        #expect(ear.events.count { if case .ended = $0 { true } else { false } } == 1)
    }

    @Test("two hundred openings, half of them ended by the cable, leave no descriptor behind")
    func descriptors() throws {
        // Dispatch makes descriptors of its own the first time.
        for _ in 0..<2 {
            let (link, ear) = open(try Pty())
            link.close()
            ear.waits { $0.end != nil }
        }
        let before = openDescriptors()
        for round in 0..<200 {
            let pty = try Pty()
            let (link, ear) = open(pty)
            if round.isMultiple(of: 2) { pty.unplug() } else { link.close() }
            link.close()
            #expect(ear.waits { $0.end != nil }, "round \(round)")
        }
        // Suites that run beside this one hold a few of their own; a leak would show as a hundred.
        #expect(openDescriptors() - before < 50)
    }

    @Test("a port that is held is refused, with the process and its name")
    func exclusive() throws {
        let pty = try Pty()
        let (link, ear) = open(pty)
        let second = Ear()
        SerialLink(path: pty.path, settings: SerialSettings(baud: 9600)).open(second.deliver)
        #expect(second.waits { $0.end != nil })
        guard case .busy(let place, let holders)?? = second.end, let holder = holders.first else {
            Issue.record("not refused: \(second.events)")
            return
        }
        #expect(place == pty.path)
        #expect(holder.pid == getpid())
        #expect(holder.name.isEmpty == false && holder.name != "a program")
        let fault = LinkFault.busy(place: place, holders: holders)
        #expect(fault.message.contains("process \(getpid())"))
        // The test is a PumpLedger program itself.
        #expect(fault.remedy.contains("another PumpLedger on this computer reads here"))
        let other = LinkFault.busy(place: place, holders: [PortHolder(pid: 12, name: "screen")])
        #expect(other.remedy.contains("the program is screen, process 12"))
        link.close()
        ear.waits { $0.end != nil }
        let third = Ear()
        let again = SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))
        again.open(third.deliver)
        #expect(third.waits { $0.events.first == .opened })
        again.close()
        third.waits { $0.end != nil }
    }

    @Test("a port that another program has open is found even without a lock")
    func openElsewhere() throws {
        let pty = try Pty()
        #expect(PortHolder.open(pty.path).map(\.pid) == [getpid()])
        #expect(PortHolder.open(pty.path, exceptSelf: true).isEmpty)
        #expect(PortHolder.open("/dev/null-that-is-not").isEmpty)
    }

    @Test("who has the port open without a lock is named, and this process is not")
    func openElsewhereIsNamed() throws {
        let pty = try Pty()
        let minicom = PortHolder(pid: 77, name: "minicom")
        let link = SerialLink(path: pty.path, settings: SerialSettings(baud: 9600)) { _, _ in [minicom] }
        let ear = Ear()
        link.open(ear.deliver)
        #expect(ear.waits { $0.end == .some(.busy(place: pty.path, holders: [minicom])) })
    }

    @Test("who sends without a pause is cut off by closing all the same")
    func endlessTalker() throws {
        let pty = try Pty()
        let link = SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))
        let ear = Ear()
        link.open(ear.deliver)
        #expect(ear.waits { $0.events.first == .opened })
        let talker = Thread {
            let noise = [UInt8](repeating: 0x55, count: 512)
            for _ in 0..<100_000 where ear.end == nil { _ = pty.offer(noise) }
        }
        talker.start()
        #expect(ear.waits { $0.bytes.count > 200_000 })
        link.close()
        #expect(ear.waits { $0.end != nil })
    }

    @Test("no permission: the message names the group and the remedy how to join it")
    func permission() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "port-\(getpid())").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0]))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let group = try #require(LinkFault.groupName(of: path))
        // Root may open anything, so this thread's file access is lowered for one call.
        let isRoot = geteuid() == 0
        if isRoot { actOnFiles(as: 65_534) }
        defer { if isRoot { actOnFiles(as: 0) } }
        var failure: SystemCallFailure?
        do throws(SystemCallFailure) {
            let descriptor = try systemCall("open") { Glibc.open(path, O_RDWR) }
            _ = Glibc.close(descriptor)
        } catch { failure = error }
        let fault = LinkFault.of(try #require(failure), at: path)
        #expect(fault == .permissionDenied(place: path, group: group))
        #expect(fault.message.contains("group \(group)"))
        #expect(fault.remedy.contains("usermod -aG root") == false)
        let dialout = LinkFault.permissionDenied(place: path, group: "dialout")
        #expect(dialout.remedy.contains("usermod -aG dialout"))
    }

    /// The Glibc module of Swift leaves `setfsuid` out.
    private func actOnFiles(as user: UInt32) {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "setfsuid") else { return }
        _ = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)(user)
    }

    @Test("what is no serial port, and what is not there, say so")
    func noPort() {
        let file = Ear()
        SerialLink(path: "/dev/null", settings: SerialSettings(baud: 9600)).open(file.deliver)
        #expect(file.waits { $0.end == .some(.notATerminal(place: "/dev/null")) })
        let nothing = Ear()
        SerialLink(path: "/dev/ttyUSB987", settings: SerialSettings(baud: 9600)).open(nothing.deliver)
        #expect(nothing.waits { $0.end == .some(.absent(place: "/dev/ttyUSB987")) })
    }

    @Test("a device that reads slowly gets every byte in order")
    func backPressure() throws {
        let pty = try Pty()
        let (link, ear) = open(pty)
        let long = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        link.send(Array(long[..<100_000]))
        link.send(Array(long[100_000...]))
        usleep(20_000)
        #expect(pty.read(long.count) == long)
        link.close()
        #expect(ear.waits { $0.end != nil })
    }

    @Test("a device that reads nothing is given up, not waited for with ever more memory")
    func stuck() throws {
        let pty = try Pty()
        let (link, ear) = open(pty)
        for _ in 0..<40 { link.send([UInt8](repeating: 0, count: 1 << 16)) }
        #expect(ear.waits { $0.end == .some(.stuck(place: pty.path)) })
    }
}
