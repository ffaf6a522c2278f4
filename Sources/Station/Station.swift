package import PumpDrivers
package import PumpLinks
import Synchronization

/// All ports of this hub. Each lives on its own; the station starts and stops them and keeps their reports. Ports may
/// come and go while the others run.
package final class Station: Sendable {
    /// A port and the link to it.
    package struct Port: Sendable {
        package var enrolment: PortEnrolment
        package var driver: PumpDriver
        package var link: any ByteLink
        /// True where somebody says `deviceAppeared` when the port's device comes: then an empty port costs nothing.
        package var isWatched: Bool

        package init(enrolment: PortEnrolment, driver: PumpDriver, link: any ByteLink, isWatched: Bool = false) {
            self.enrolment = enrolment
            self.driver = driver
            self.link = link
            self.isWatched = isWatched
        }
    }

    private struct Ports {
        /// In the order of enrolment.
        var runners: [PortRunner] = []
        var isStopped = false
    }

    private let policy: StationPolicy
    private let sink: any RecordSink
    private let clock: any StationClock
    private let executor: (any TaskExecutor)?
    private let onReport: @Sendable (PortReport) -> Void
    private let claims = IdentityClaims()
    private let board = Board()
    private let ports = Mutex(Ports())
    private let arrivals: AsyncStream<PortRunner>
    private let arrival: AsyncStream<PortRunner>.Continuation

    /// - Parameters:
    ///   - executor: Where ports wait for their moments; nil: where the runtime likes. They work where `run` does.
    ///   - onReport: Called whenever a port's report changes, on that port's own task.
    package init(
        ports: [Port] = [], policy: StationPolicy = .init(), sink: any RecordSink,
        clock: any StationClock = SystemClock(), executor: (any TaskExecutor)? = nil,
        onReport: @escaping @Sendable (PortReport) -> Void = { _ in }
    ) {
        self.policy = policy
        self.sink = sink
        self.clock = clock
        self.executor = executor
        self.onReport = onReport
        (arrivals, arrival) = AsyncStream.makeStream(of: PortRunner.self)
        for port in ports { add(port) }
    }

    /// Runs every port until `stop`. Records that are on their way are stored first: do not cancel the task that runs
    /// this, tell the station to stop.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await runner in arrivals {
                group.addTask(executorPreference: runner.linkExecutor) { await runner.run() }
            }
        }
    }

    package func stop() {
        let runners = ports.withLock { ports in
            ports.isStopped = true
            return ports.runners
        }
        for runner in runners { runner.tell(.stop) }
        arrival.finish()
    }

    /// Starts another port while the station runs. A port of the same name must have been removed before.
    package func add(_ port: Port) {
        var policy = policy
        if port.isWatched { policy.looksForAbsent = false }
        let (board, onReport) = (board, onReport)
        let runner = PortRunner(
            port.enrolment, driver: port.driver, policy: policy, link: port.link, sink: sink, clock: clock,
            claims: claims, executor: executor,
            onReport: {
                board.put($0)
                onReport($0)
            })
        let isWanted = ports.withLock { ports in
            if !ports.isStopped { ports.runners.append(runner) }
            return !ports.isStopped
        }
        if isWanted { arrival.yield(runner) }
    }

    /// Stops a port and waits until its link is closed; what it was storing is stored first. Nothing happens where there
    /// is none of that name.
    package func remove(port id: String) async {
        let runner = ports.withLock { ports -> PortRunner? in
            guard let index = ports.runners.firstIndex(where: { $0.id == id }) else { return nil }
            return ports.runners.remove(at: index)
        }
        guard let runner else { return }
        runner.tell(.stop)
        await runner.untilOver()
        board.forget(id)
    }

    /// A hotplug monitor saw the device of this port.
    @discardableResult
    package func deviceAppeared(port id: String) -> Bool { tell(.deviceAppeared, port: id) }

    private func tell(_ event: PortEvent, port id: String) -> Bool {
        guard let runner = ports.withLock({ $0.runners.first { $0.id == id } }) else { return false }
        runner.tell(event)
        return true
    }

    /// How every port stands, in the order of enrolment.
    package var reports: [PortReport] {
        ports.withLock { $0.runners.map(\.id) }.compactMap { board.report(of: $0) }
    }

    private final class Board: Sendable {
        private let reports = Mutex<[String: PortReport]>([:])
        func put(_ report: PortReport) { reports.withLock { $0[report.port] = report } }
        func forget(_ port: String) { reports.withLock { $0[port] = nil } }
        func report(of port: String) -> PortReport? { reports.withLock { $0[port] } }
    }
}
