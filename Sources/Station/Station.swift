package import PumpDrivers
package import PumpLinks
import Synchronization

/// All ports of this hub. Each lives on its own; the station starts and stops them and keeps their reports.
package final class Station: Sendable {
    /// A port and the link to it.
    package struct Port: Sendable {
        package var enrolment: PortEnrolment
        package var driver: PumpDriver
        package var link: any ByteLink

        package init(enrolment: PortEnrolment, driver: PumpDriver, link: any ByteLink) {
            self.enrolment = enrolment
            self.driver = driver
            self.link = link
        }
    }

    private let runners: [PortRunner]
    private let board: Board

    /// - Parameter onReport: Called whenever a port's report changes, on that port's own task.
    package init(
        ports: [Port], policy: StationPolicy = .init(), sink: any RecordSink, clock: any StationClock = SystemClock(),
        onReport: @escaping @Sendable (PortReport) -> Void = { _ in }
    ) {
        let board = Board()
        let claims = IdentityClaims()
        self.board = board
        runners = ports.map { port in
            PortRunner(
                port.enrolment, driver: port.driver, policy: policy, link: port.link, sink: sink, clock: clock,
                claims: claims,
                onReport: {
                    board.put($0)
                    onReport($0)
                })
        }
    }

    /// Runs every port until `stop`. Records that are on their way are stored first: do not cancel the task that runs
    /// this, tell the station to stop.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask(executorPreference: runner.executor) { await runner.run() } }
        }
    }

    package func stop() { for runner in runners { runner.tell(.stop) } }

    /// Reads now, whatever the schedule or a quarantine says. False where there is no such port.
    @discardableResult
    package func readNow(port id: String) -> Bool { tell(.readNow, port: id) }

    /// A hotplug monitor saw the device of this port.
    @discardableResult
    package func deviceAppeared(port id: String) -> Bool { tell(.deviceAppeared, port: id) }

    private func tell(_ event: PortEvent, port id: String) -> Bool {
        guard let runner = runners.first(where: { $0.id == id }) else { return false }
        runner.tell(event)
        return true
    }

    /// How every port stands, in the order of enrolment.
    package var reports: [PortReport] { runners.compactMap { board.report(of: $0.id) } }

    private final class Board: Sendable {
        private let reports = Mutex<[String: PortReport]>([:])
        func put(_ report: PortReport) { reports.withLock { $0[report.port] = report } }
        func report(of port: String) -> PortReport? { reports.withLock { $0[port] } }
    }
}
