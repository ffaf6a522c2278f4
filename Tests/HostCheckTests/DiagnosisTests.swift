import PumpLinks
import Testing

@testable import HostCheck

@Suite("What stands in the way")
struct DiagnosisTests {
    private func facts(_ change: (inout HostFacts) -> Void) -> HostFacts {
        var facts = HostFacts()
        facts.user = "nurse"
        change(&facts)
        return facts
    }

    private func one(_ change: (inout HostFacts) -> Void) throws -> Diagnosis {
        let found = Diagnosis.of(facts(change))
        #expect(found.count == 1, "\(found)")
        return try #require(found.first)
    }

    @Test("a machine on which all is well has no finding")
    func well() { #expect(Diagnosis.of(facts { $0.devices = [.init(node: "/dev/ttyUSB0", driver: "miva")] }).isEmpty) }

    @Test("no permission: the group, and the command that joins it")
    func permission() throws {
        let found = try one {
            $0.devices = [.init(node: "/dev/ttyUSB0", driver: "paradigm", mayOpen: false, group: "pumpledger")]
        }
        #expect(found.id == "no-permission" && found.severity == .stops)
        #expect(found.message == "/dev/ttyUSB0 may not be opened by nurse; it belongs to the group pumpledger.")
        #expect(found.command == "sudo usermod -aG pumpledger nurse")
    }

    @Test("a port in other hands: program, process, and how to end it")
    func held() throws {
        let found = try one {
            $0.devices = [.init(node: "/dev/ttyUSB0", driver: "miva", holders: [PortHolder(pid: 412, name: "screen")])]
        }
        #expect(found.message.contains("screen (process 412)"))
        #expect(found.command == "sudo kill 412")
    }

    @Test("an adapter that nobody named: the link to write, by its number or else its socket", arguments: ["A5", nil])
    func stranger(serial: String?) throws {
        let found = try one {
            $0.devices = [.init(node: "/dev/ttyUSB0", numbers: "1a86:7523", adapter: serial, path: "usb-1-2")]
        }
        #expect(found.severity == .notes)
        let pointer = serial.map { "adapter=" + $0 } ?? "path=usb-1-2"
        #expect(found.command == "pumpledgerd --link 'usb:driver=miva&\(pointer)'")
        let link = "usb:driver=miva&" + pointer
        #expect(try LinkSpec(link).namesAdapter)
    }

    @Test("a device that cannot be what it claims is named with its reason")
    func unusable() throws {
        let found = try one {
            $0.devices = [.init(node: "/dev/bus/usb/001/004", driver: "phd", problem: "it has no configuration")]
        }
        #expect(found.message.contains("cannot be read: it has no configuration"))
    }

    @Test("ModemManager matters only where no rule keeps it off")
    func modemManager() throws {
        #expect(Diagnosis.of(facts { $0.modemManager = 7 }).isEmpty)
        let found = Diagnosis.of(
            facts {
                $0.modemManager = 7
                $0.hasRules = false
            })
        #expect(found.map(\.id) == ["modem-manager", "rules-missing"])
        #expect(found.allSatisfy { $0.command?.contains("pumpledger drivers udev") == true })
    }

    @Test(
        "brltty is trouble before 6.5",
        arguments: [("6.4-5", true), ("6.5-7+deb12u1", false), ("6.10-1", false), ("7.0", false), (nil, true)])
    func brltty(version: String?, isTrouble: Bool) {
        #expect(Diagnosis.of(facts { $0.brltty = (9, version) }).map(\.id) == (isTrouble ? ["brltty"] : []))
    }

    @Test("no udev, a clock that nobody keeps, no daemon: each with its command")
    func system() {
        let found = Diagnosis.of(
            facts {
                $0.runsUdev = false
                $0.clockIsSynchronised = false
                $0.daemonAnswers = false
            })
        #expect(found.map(\.id) == ["no-udev", "clock", "no-daemon"])
        #expect(found.allSatisfy { $0.command != nil })
        #expect(Diagnosis.of(facts { $0.clockIsSynchronised = nil }).isEmpty)
    }

    @Test(
        "a ledger on another machine's disk stops, one that does not outlive the machine warns",
        arguments: [
            ("nfs4", "ledger-remote"), ("cifs", "ledger-remote"), ("fuse.sshfs", "ledger-remote"),
            ("tmpfs", "ledger-volatile"),
        ])
    func topology(kind: String, id: String) throws {
        #expect(try one { $0.fileSystem = kind }.id == id)
        #expect(Diagnosis.of(facts { $0.fileSystem = "ext4" }).isEmpty)
    }

    @Test(
        "releases of SQLite that are safe with one writer only",
        arguments: [
            ("3.40.1", true), ("3.44.5", true), ("3.44.6", false), ("3.46.1", true), ("3.50.6", true),
            ("3.50.7", false),
            ("3.51.2", true), ("3.51.3", false), ("3.52.0", false), ("3.6.23", false), ("", false),
        ])
    func release(version: String, wantsOneWriter: Bool) {
        #expect(SQLiteRelease(version).wantsOneWriter == wantsOneWriter)
    }

    @Test("a ledger that is open elsewhere: by whom, and what may come of it", arguments: ["3.40.1", "3.51.3"])
    func ledgerHeld(version: String) throws {
        let found = try one {
            $0.sqliteVersion = version
            $0.ledger = "/var/lib/pumpledger/ledger.db"
            $0.ledgerHolders = [PortHolder(pid: 77, name: "sqlite3")]
        }
        #expect(found.id == "ledger-held" && found.command == "sudo kill 77")
        #expect(found.message.contains("sqlite3 (process 77)"))
        #expect(found.message.contains("can lose what was stored") == (version == "3.40.1"))
    }

    @Test("rights are judged as the system judges them: the owner's first, then the group's, then everybody's")
    func rights() {
        let reader = ReadingUser(name: "pumpledger", user: 990, groups: [980, 20])
        #expect(reader.mayReadAndWrite(owner: 0, group: 20, mode: 0o660))
        #expect(!reader.mayReadAndWrite(owner: 0, group: 30, mode: 0o660))
        #expect(!reader.mayReadAndWrite(owner: 0, group: 20, mode: 0o646))
        #expect(reader.mayReadAndWrite(owner: 0, group: 30, mode: 0o666))
        #expect(!reader.mayReadAndWrite(owner: 990, group: 20, mode: 0o466))
        #expect(!reader.mayReadAndWrite(owner: 0, group: 20, mode: 0o640))
        #expect(ReadingUser(name: "root", user: 0, groups: []).mayReadAndWrite(owner: 5, group: 5, mode: 0))
    }

    @Test("a full disk is said before it is full")
    func disk() throws {
        #expect(try one { $0.freeMegabytes = 255 }.id == "disk-full")
        #expect(Diagnosis.of(facts { $0.freeMegabytes = 256 }).isEmpty)
    }

    @Test("the probe of this machine finds a ledger's file system and opens nothing")
    func probe() {
        let facts = HostProbe.facts(ledger: "/tmp/none/ledger.db", sqliteVersion: "3", daemonAnswers: true)
        #expect(facts.fileSystem != nil)
        #expect(facts.freeMegabytes != nil)
        #expect(!facts.user.isEmpty)
    }
}
