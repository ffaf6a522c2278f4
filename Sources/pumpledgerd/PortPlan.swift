import Foundation
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
            plans.append(
                PortPlan(
                    spec: spec, readEverySeconds: Int(settings.readEvery.components.seconds),
                    recordsTo: settings.recordSessionsTo))
        }
        return plans
    }

    private static func driver(of spec: LinkSpec) throws(StartFailure) -> PumpDriver {
        switch spec.place {
        case .usb: throw .link(spec, .usb)
        case .tcpListen: throw .link(spec, .listening)
        case .serial, .tcp: break
        }
        guard let driver = DriverCatalog.driver(named: spec.driver) else { throw .link(spec, .unknownDriver) }
        if driver.makeSession == nil { throw .link(spec, .filesOnly) }
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
                SerialLink(
                    path: path,
                    settings: SerialSettings(
                        baud: spec.baud ?? driver.serial?.baud ?? 9600,
                        parity: driver.serial?.framing == "7E1" ? .even : .none))
            case .usb: throw .link(spec, .usb)
            case .tcpListen: throw .link(spec, .listening)
            }
        let enrolment = PortEnrolment(
            id: id, driver: spec.driver, expectedSerial: spec.expectedSerial, model: spec.model,
            readEverySeconds: readEverySeconds)
        return Station.Port(
            enrolment: enrolment, driver: driver.isolated(recordingsIn: recordsTo),
            link: recorded(link, recordingFailed),
            isWatched: watchedPath != nil)
    }

    private func recorded(
        _ link: any ByteLink, _ failed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) -> any ByteLink {
        guard let folder = recordsTo else { return link }
        let name = String(id.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        return RecordingLink(link) {
            let stamp = SystemClock().now.wall.description.filter { $0 != ":" && $0 != "-" }
            do {
                try makeFolder(folder)
            } catch {
                failed(folder, error as? SystemCallFailure ?? SystemCallFailure(call: "mkdir", code: EIO))
                return nil
            }
            return SessionRecorder(
                path: { number in folder + "/" + stamp + (number == 1 ? "-" : "-\(number)-") + name + ".csv" },
                failed: failed)
        }
    }
}

/// Closed to others from its first moment on: a log is about a patient.
private func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
}
