import Foundation
import PumpDrivers
import PumpLinks
import ReaderProcess
import Station
import SystemService

/// What the settings want of the devices that are plugged into the USB.
struct PlugPlan: Sendable {
    let rules: DeviceRules
    private let serialPaths: [String]
    private let readEverySeconds: Int
    private let recordsTo: String?

    init(_ settings: DaemonSettings) {
        rules = DeviceRules(links: settings.links, takesClaimed: settings.takesHotplugged)
        serialPaths = settings.links.compactMap { if case .serial(let path) = $0.place { path } else { nil } }
        readEverySeconds = Int(settings.readEvery.components.seconds)
        recordsTo = settings.recordSessionsTo
    }

    /// True where a port of one is a port of the other.
    func readsLike(_ other: PlugPlan) -> Bool {
        readEverySeconds == other.readEverySeconds && recordsTo == other.recordsTo
    }

    /// The nodes to which the links with a path lead now: a device has one port.
    var takenNodes: Set<String> {
        Set(serialPaths.map { URL(filePath: $0).resolvingSymlinksInPath().path }).union(serialPaths)
    }

    func enrolment(_ id: String, _ spec: LinkSpec) -> PortEnrolment {
        PortEnrolment(
            id: id, driver: spec.driver, expectedSerial: spec.expectedSerial, model: spec.model,
            readEverySeconds: readEverySeconds)
    }

    /// What the device says is parsed in a process of its own.
    func isolated(_ driver: PumpDriver) -> PumpDriver { driver.isolated(recordingsIn: recordsTo) }

    func recorded(
        _ link: any ByteLink, port id: String, _ failed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) -> any ByteLink {
        SessionFolder(path: recordsTo)?.recording(link, port: id, failed) ?? link
    }
}
