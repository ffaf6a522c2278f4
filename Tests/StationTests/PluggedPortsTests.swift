import PumpDrivers
import PumpLinks
import Station
import TestSupport
import Testing

/// What is plugged in, and what is done about it.
@Suite("Plugged-in devices")
struct PluggedPortsTests {
    /// An adapter in a socket of the machine.
    static func adapter(
        _ numbers: String, serial: String? = nil, socket: String, node: String = "/dev/ttyUSB0"
    ) -> PluggedDevice {
        let parts = numbers.split(separator: ":").map(String.init)
        return DeviceDescription(
            kind: .serialPort, sysfsPath: "/sys/devices/\(socket)\(node)", node: node,
            properties: ["ID_VENDOR_ID": parts[0], "ID_MODEL_ID": parts[1], "ID_PATH": socket]
                .merging(serial.map { ["ID_SERIAL_SHORT": $0] } ?? [:]) { $1 },
            usbName: socket
        ).device
    }

    private static let careLink = "0a21:8001"
    private static let ftdi = "0403:6001"

    private func rules(_ links: String..., takesClaimed: Bool = true) throws -> DeviceRules {
        DeviceRules(links: try links.map { try LinkSpec($0) }, takesClaimed: takesClaimed)
    }

    @Test("a device that a driver claims gets a port; unplugged, it keeps its line; plugged again, it is the same port")
    func life() throws {
        var ports = PluggedPorts(try rules())
        let stick = Self.adapter(Self.careLink, socket: "1-1")
        let spec = try LinkSpec("usb:driver=paradigm")
        #expect(ports.handle(.present(stick)) == [.add(port: "usb:paradigm@1-1", spec, stick)])
        #expect(ports.handle(.gone(sysfsPath: stick.sysfsPath)) == [.pull(port: "usb:paradigm@1-1")])
        let renumbered = Self.adapter(Self.careLink, socket: "1-1", node: "/dev/ttyUSB7")
        #expect(ports.handle(.present(renumbered)) == [.plug(port: "usb:paradigm@1-1", spec, renumbered)])
    }

    @Test("bind after add, remove without add, remove twice: nothing is done twice, nothing is lost")
    func anyOrder() throws {
        var ports = PluggedPorts(try rules())
        let stick = Self.adapter(Self.careLink, socket: "1-1")
        #expect(ports.handle(.gone(sysfsPath: stick.sysfsPath)).isEmpty)
        #expect(ports.handle(.present(stick)).count == 1)
        let again = ports.handle(.present(stick))
        #expect(again == [.plug(port: "usb:paradigm@1-1", try LinkSpec("usb:driver=paradigm"), stick)])
        #expect(ports.handle(.gone(sysfsPath: stick.sysfsPath)) == [.pull(port: "usb:paradigm@1-1")])
        #expect(ports.handle(.gone(sysfsPath: stick.sysfsPath)).isEmpty)
    }

    @Test("a new name before the old one is gone: the old one's end does not unplug the new one")
    func overlap() throws {
        var ports = PluggedPorts(try rules())
        let old = Self.adapter(Self.careLink, socket: "1-1")
        let new = Self.adapter(Self.careLink, socket: "1-1", node: "/dev/ttyUSB1")
        _ = ports.handle(.present(old))
        _ = ports.handle(.present(new))
        #expect(ports.handle(.gone(sysfsPath: old.sysfsPath)).isEmpty)
        #expect(ports.handle(.gone(sysfsPath: new.sysfsPath)) == [.pull(port: "usb:paradigm@1-1")])
    }

    @Test("two adapters with one serial number, and two with none, are two ports each", arguments: ["0001", nil])
    func twins(serial: String?) throws {
        var ports = PluggedPorts(try rules())
        let one = ports.handle(.present(Self.adapter(Self.careLink, serial: serial, socket: "1-1")))
        let two = ports.handle(
            .present(Self.adapter(Self.careLink, serial: serial, socket: "1-2", node: "/dev/ttyUSB1")))
        #expect(one.count == 1 && two.count == 1 && one != two)
        guard case .add("usb:paradigm@1-2", _, _) = two[0] else {
            Issue.record("\(two)")
            return
        }
    }

    @Test("an adapter that moves to another socket takes its line along")
    func moved() throws {
        var ports = PluggedPorts(try rules())
        let here = Self.adapter(Self.careLink, serial: "A1", socket: "1-1")
        let there = Self.adapter(Self.careLink, serial: "A1", socket: "1-2")
        _ = ports.handle(.present(here))
        _ = ports.handle(.gone(sysfsPath: here.sysfsPath))
        let steps = ports.handle(.present(there))
        #expect(steps.first == .drop(port: "usb:paradigm@1-1"))
        #expect(steps.count == 2)
    }

    @Test("anybody's adapter is left alone until a person names it, by its number or its socket")
    func generic() throws {
        for numbers in DeviceRules.anybodysAdapters {
            let device = Self.adapter(numbers, serial: "A50285BI", socket: "1-3")
            var ports = PluggedPorts(try rules())
            #expect(ports.handle(.present(device)) == [.ignore(device)])
            for link in ["usb:driver=miva&adapter=A50285BI", "usb:driver=miva&path=1-3"] {
                #expect(try rules(link).link(for: device) == LinkSpec(link))
            }
            for link in ["usb:driver=miva&adapter=B", "usb:driver=miva&path=1-4"] {
                #expect(try rules(link).link(for: device) == nil)
            }
        }
    }

    @Test("no driver of this build claims an adapter that any device may have")
    func table() {
        let claimed = DriverCatalog.all.flatMap(\.usb).map {
            Self.adapter(String($0.vendor, radix: 16) + ":" + String($0.product, radix: 16), socket: "1").numbers ?? ""
        }
        #expect(DeviceRules.anybodysAdapters.isDisjoint(with: claimed))
    }

    @Test("with hotplug off only what a link names is read")
    func off() throws {
        let stick = Self.adapter(Self.careLink, socket: "1-1")
        #expect(try rules(takesClaimed: false).link(for: stick) == nil)
        #expect(try rules(takesClaimed: false).areEmpty)
        let named = try rules("usb:driver=paradigm&serial=208850", takesClaimed: false)
        #expect(named.link(for: stick)?.expectedSerial == "208850")
    }

    @Test("a device that a link with a path has already gets no second port")
    func taken() throws {
        var ports = PluggedPorts(try rules())
        let stick = Self.adapter(Self.careLink, socket: "1-1")
        #expect(ports.handle(.present(stick), taken: ["/dev/ttyUSB0"]) == [.ignore(stick)])
        #expect(ports.renew(try rules()).count == 1)
        #expect(ports.renew(try rules(), taken: ["/dev/ttyUSB0"]) == [.drop(port: "usb:paradigm@1-1")])
    }

    @Test("new settings touch only the ports whose link they change")
    func renewed() throws {
        var ports = PluggedPorts(try rules())
        let stick = Self.adapter(Self.careLink, socket: "1-1")
        let other = Self.adapter(Self.ftdi, serial: "A5", socket: "1-2", node: "/dev/ttyUSB1")
        _ = ports.handle(.present(stick))
        _ = ports.handle(.present(other))
        let steps = ports.renew(try rules("usb:driver=miva&adapter=A5"))
        #expect(steps == [.add(port: "usb:miva@1-2", try LinkSpec("usb:driver=miva&adapter=A5"), other)])
        #expect(ports.renew(try rules("usb:driver=miva&adapter=A5")).isEmpty)
        #expect(ports.renew(try rules("usb:driver=miva&adapter=A5"), everything: true).count == 4)
    }

    @Test("a thousand different devices leave a bounded number of empty lines, and no port without its end")
    func bounded() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var ports = PluggedPorts(try rules("usb:driver=miva&path=1-7", "usb:driver=miva&adapter=A3"))
        var open: Set<String> = []
        var pulled: Set<String> = []
        for number in 0..<3_000 {
            let device = Self.adapter(
                number.isMultiple(of: 3) ? Self.ftdi : Self.careLink,
                serial: Bool.random(using: &random) ? "A\(Int.random(in: 0..<5, using: &random))" : nil,
                socket: "1-\(Int.random(in: 0..<400, using: &random))",
                node: "/dev/ttyUSB\(Int.random(in: 0..<3, using: &random))")
            let event: HotplugEvent =
                Int.random(in: 0..<3, using: &random) == 0
                ? .gone(sysfsPath: device.sysfsPath) : .present(device)
            var steps = ports.handle(event)
            if case .present = event, Bool.random(using: &random) {
                steps += ports.handle(.gone(sysfsPath: device.sysfsPath))
            }
            for step in steps {
                switch step {
                case .add(let id, _, _): #expect(open.insert(id).inserted, "seed \(seed)")
                case .drop(let id):
                    #expect(open.remove(id) != nil, "seed \(seed)")
                    pulled.remove(id)
                case .plug(let id, _, _):
                    #expect(open.contains(id), "seed \(seed)")
                    pulled.remove(id)
                case .pull(let id):
                    #expect(open.contains(id) && pulled.insert(id).inserted, "seed \(seed)")
                case .ignore: break
                }
            }
            #expect(pulled.count <= PluggedPorts.mostEmpty, "seed \(seed)")
        }
    }
}
