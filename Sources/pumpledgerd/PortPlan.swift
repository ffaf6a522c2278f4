import PumpCore
import PumpDrivers
import PumpLinks
import ReaderProcess
import Station
import SystemService

/// A port as the settings want it. Two that are equal need not be touched when the settings are read again.
struct PortPlan: Hashable, Sendable {
    let spec: LinkSpec
    let readEverySeconds: Int
    /// The folder in which its sessions are recorded.
    let recordsTo: String?

    /// What names it in reports and messages: the place without the options, which may name a patient's pump.
    var id: String {
        switch spec.place {
        case .serial(let path): "serial:" + path
        // Its ports are made when a device comes; see PlugDesk.
        case .usb: "usb:" + spec.driver
        case .tcp(let host, let port): "tcp:\(host):\(port)"
        case .tcpListen(let host, let port): "tcp-listen:\(host):\(port)"
        }
    }

    /// The path whose coming into being means that something was plugged in.
    var watchedPath: String? {
        if case .serial(let path) = spec.place { return path }
        return nil
    }

    /// Every port of the settings, or what is wrong with the first that cannot be had.
    static func all(_ settings: DaemonSettings) throws(StartFailure) -> [PortPlan] {
        var plans: [PortPlan] = []
        for spec in settings.links {
            _ = try driver(of: spec)
            if spec.place == .usb { continue }
            plans.append(
                PortPlan(
                    spec: spec, readEverySeconds: Int(settings.readEvery.components.seconds),
                    recordsTo: settings.recordSessionsTo))
        }
        return plans
    }

    private static func driver(of spec: LinkSpec) throws(StartFailure) -> PumpDriver {
        guard let driver = DriverCatalog.driver(named: spec.driver) else { throw .link(spec, .unknownDriver) }
        if driver.makeSession == nil { throw .link(spec, .filesOnly) }
        if spec.place == .usb, !spec.namesAdapter, driver.usb.isEmpty, driver.usbInterfaceClass == nil {
            throw .link(spec, .anybodysAdapter)
        }
        return driver
    }

    /// - Parameter recordingFailed: Told the path of a recording that cannot be written, and why.
    func port(
        recordingFailed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) throws(StartFailure) -> Station.Port {
        let driver = try Self.driver(of: spec)
        let link: any ByteLink =
            switch spec.place {
            case .tcp(let host, let port): TCPLink(host: host, port: port)
            case .serial(let path):
                SerialLink(path: path, settings: SerialSettings(driver, baud: spec.baud))
            case .usb: throw .link(spec, .anybodysAdapter)
            case .tcpListen(let host, let port): ListeningLink(host: host, port: port)
            }
        let enrolment = PortEnrolment(
            id: id, driver: spec.driver, expectedSerial: spec.expectedSerial, model: spec.model,
            readEverySeconds: readEverySeconds)
        return Station.Port(
            enrolment: enrolment, driver: driver.isolated(recordingsIn: recordsTo),
            link: SessionFolder(path: recordsTo)?.recording(link, port: id, recordingFailed) ?? link,
            isWatched: watchedPath != nil)
    }
}
