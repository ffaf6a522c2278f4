import PumpLinks
import SystemService

/// Brings what the monitor tells to the daemon, one after another.
final class Hotplug {
    private let monitor: HotplugMonitor
    private let intake: AsyncStream<HotplugEvent>.Continuation

    init(
        on pool: WorkPool, take: @escaping @Sendable (HotplugEvent) async -> Void
    ) throws(SystemCallFailure) {
        let (events, intake) = AsyncStream.makeStream(of: HotplugEvent.self)
        monitor = try HotplugMonitor { intake.yield($0) }
        self.intake = intake
        Task(executorPreference: pool) { for await event in events { await take(event) } }
        monitor.start()
    }

    /// Nothing more is told.
    func stop() { intake.finish() }
}
