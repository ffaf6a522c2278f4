import Foundation
import PumpLinks
import Testing

enum MockedDevice {
    static let node = ProcessInfo.processInfo.environment["MOCKED_DEVICE"]
}

/// A bulk link against a device on a mocked bus, which does as it is told over the link itself. Tests/MockedBus/bulk.py
/// makes the device and runs this suite; without it there is nothing to talk to.
@Suite("USB bulk link", .enabled(if: MockedDevice.node != nil, "no mocked bus; see scripts/test"), .serialized)
struct USBLinkTests {
    /// An open link to the device.
    private static func opened() async throws -> (USBLink, Ear) {
        let node = try #require(MockedDevice.node)
        let link = USBLink(node: node, descriptors: USBDescriptors(DescriptorBytes.smallPump), interfaceClass: 0x0F)
        let ear = Ear()
        link.open(ear.deliver)
        try #require(await ear.hears { $0.first == .opened }, "\(ear.events)")
        return (link, ear)
    }

    /// Closes, and waits until everything is given back.
    private static func close(_ link: USBLink, _ ear: Ear) async {
        link.close()
        #expect(await ear.hears { $0.last == .ended(nil) }, "\(ear.events.suffix(3))")
    }

    @Test("bytes go out and come back, in order and complete, whatever their number")
    func echo() async throws {
        let (link, ear) = try await Self.opened()
        var sent: [UInt8] = []
        for count in [1, 63, 64, 65, 128, 1000, 4096, 20_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
            link.send(bytes)
            sent += bytes
            #expect(await ear.hears { $0.bytes.count >= sent.count }, "\(count): \(ear.events.bytes.count)")
        }
        #expect(ear.events.bytes == sent)
        await Self.close(link, ear)
    }

    @Test("short packets arrive at once, each by itself")
    func short() async throws {
        let (link, ear) = try await Self.opened()
        link.send(Array("SHORT".utf8))
        #expect(await ear.hears { $0.bytes == Array("short packets".utf8) }, "\(ear.events)")
        await Self.close(link, ear)
    }

    @Test("a flood of packets keeps its order")
    func flood() async throws {
        let (link, ear) = try await Self.opened()
        link.send(Array("FLOOD".utf8))
        let wanted = (0..<200).flatMap { [UInt8](repeating: UInt8($0), count: 64) }
        #expect(await ear.hears { $0.bytes.count >= wanted.count })
        #expect(ear.events.bytes == wanted)
        await Self.close(link, ear)
    }

    @Test("an endpoint that halts is set going again, and nothing is lost after it")
    func stall() async throws {
        let (link, ear) = try await Self.opened()
        link.send(Array("STALL".utf8))
        // What is sent while it is halted comes back when it goes on.
        link.send(Array("after the stall".utf8))
        #expect(await ear.hears { $0.bytes == Array("after the stall".utf8) }, "\(ear.events)")
        await Self.close(link, ear)
    }

    @Test("a device that sends more than it announced is let go, with the reason")
    func overflow() async throws {
        let (link, ear) = try await Self.opened()
        link.send(Array("LONG".utf8))
        #expect(await ear.hears { $0.isOver })
        guard case .ended(.unusable(_, let reason)) = ear.events.last else {
            Issue.record("\(ear.events)")
            return
        }
        #expect(reason.contains("longer packets"))
    }

    @Test("a link that is closed while the device is silent ends, a hundred times over, and leaves no descriptor open")
    func close() async throws {
        func descriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }
        var before = 0
        for number in 0..<100 {
            let (link, ear) = try await Self.opened()
            await Self.close(link, ear)
            if number == 9 { before = descriptors() }
        }
        #expect(descriptors() <= before)
    }

    @Test("a device without the endpoints is refused with the reason, and never opened")
    func refused() async throws {
        let link = USBLink(
            node: try #require(MockedDevice.node), descriptors: USBDescriptors(DescriptorBytes.device()),
            interfaceClass: 0x0F)
        let ear = Ear()
        link.open(ear.deliver)
        #expect(await ear.hears { $0.isOver })
        guard case .ended(.unusable(_, let reason)) = ear.events.last else {
            Issue.record("\(ear.events)")
            return
        }
        #expect(reason == "it has no configuration")
    }

    @Test("a device that is not there is absent")
    func absent() async throws {
        let link = USBLink(
            node: "/dev/bus/usb/001/099", descriptors: USBDescriptors(DescriptorBytes.pump), interfaceClass: 0x0F)
        let ear = Ear()
        link.open(ear.deliver)
        #expect(await ear.hears { $0 == [.ended(.absent(place: "/dev/bus/usb/001/099"))] }, "\(ear.events)")
    }

    @Test("the cable is pulled while eight transfers wait: the link ends as gone")
    func yank() async throws {
        let (link, ear) = try await Self.opened()
        link.send(Array("YANK".utf8))
        #expect(await ear.hears { $0.isOver })
        #expect(ear.events.last == .ended(.gone(place: MockedDevice.node ?? "")))
    }
}

extension Ear {
    /// True as soon as the events so far are what is waited for.
    fileprivate func hears(within seconds: Double = 10, _ condition: ([LinkEvent]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if condition(events) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return condition(events)
    }
}

extension [LinkEvent] {
    fileprivate var bytes: [UInt8] {
        flatMap { event -> [UInt8] in if case .bytes(let bytes) = event { bytes } else { [] } }
    }
    fileprivate var isOver: Bool { if case .ended = last { true } else { false } }
}
