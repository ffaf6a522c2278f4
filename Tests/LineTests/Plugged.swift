import PumpCore
import PumpDrivers
import PumpLinks
import Station
import TestSupport

/// A port of a station and what is plugged in there.
struct Plugged {
    let station: Station
    let sink: LineSink
    let id: String

    init(
        _ driver: PumpDriver, at path: String, expecting serial: String? = nil, into sink: LineSink = LineSink(),
        policy: StationPolicy = .prompt
    ) {
        self.sink = sink
        id = "serial:\(path)"
        let link = SerialLink(path: path, settings: SerialSettings(baud: driver.serial?.baud ?? 9600))
        station = Station(
            ports: [
                .init(
                    enrolment: PortEnrolment(id: id, driver: driver.name, expectedSerial: serial), driver: driver,
                    link: link)
            ], policy: policy, sink: sink)
    }

    /// Runs the station until `condition` holds of its port, `seconds` at most. True where it held.
    func run(seconds: Int = 60, until condition: @Sendable @escaping (PortReport) -> Bool) async -> Bool {
        let station = station
        return await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                await station.run()
                return nil
            }
            group.addTask {
                for _ in 0..<(seconds * 500) {
                    if let report = station.reports.first, condition(report) { return true }
                    try? await Task.sleep(for: .milliseconds(2))
                }
                return false
            }
            var held = false
            for await result in group {
                if let result { held = result }
                station.stop()
            }
            return held
        }
    }

    /// Reads the log to its end.
    func readAll(seconds: Int = 60) async -> Bool { await run(seconds: seconds) { $0.state.name == "caught up" } }
}

extension PortReport {
    var mayUnplug: Bool {
        guard case .reading(let reading) = state else { return false }
        return reading.mayUnplug
    }
}

extension StationPolicy {
    /// Waits for milliseconds where a real hub waits for seconds.
    static var prompt: StationPolicy {
        var policy = StationPolicy()
        policy.firstRetry = 5
        policy.longestRetry = 50
        return policy
    }
}
