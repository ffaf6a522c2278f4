package import Dispatch
import ServiceSocket

/// How often systemd wants to hear that the service is alive (sd_watchdog_enabled(3)).
package struct Watchdog: Hashable, Sendable {
    /// Silence longer than this, and systemd ends the service.
    package let patience: Duration

    /// Nil where systemd does not watch this process.
    package init?(environment: [String: String], pid: Int32) {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        // A child inherits the variables, but the watch is on its parent.
        if let watched = environment["WATCHDOG_PID"], watched != String(pid) { return nil }
        patience = .microseconds(microseconds)
    }

    /// Half of the patience, as sd_watchdog_enabled(3) advises.
    package var interval: Duration { patience / 2 }
}

/// A place where the daemon's work is done: it is alive when a piece of work that is put there gets its turn.
package struct WorkLoop: Sendable {
    package let name: String
    /// Puts a piece of work there.
    fileprivate let put: @Sendable (@escaping @Sendable () -> Void) -> Void

    package static func queue(_ name: String, _ queue: DispatchQueue) -> WorkLoop {
        WorkLoop(name: name) { work in queue.async { @Sendable in work() } }
    }

    /// - Parameter executor: Where the actor's tasks run; nil: where the runtime likes.
    package static func actor(_ name: String, _ actor: any Actor, on executor: (any TaskExecutor)? = nil) -> WorkLoop {
        WorkLoop(name: name) { work in
            Task.detached(executorPreference: executor) {
                await enter(actor)
                work()
            }
        }
    }
}

private func enter(_ actor: isolated any Actor) async {}

/// Tells the watchdog that the daemon is alive, but only after every loop that does its work has had a turn. A loop that
/// is stuck stops the tick, and systemd restarts the service.
package actor WatchdogTick {
    private nonisolated let executor = QueueExecutor(label: "pumpledger.watchdog")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let interval: Duration
    private let loops: [WorkLoop]
    private let tick: @Sendable () -> Void
    private let stalled: @Sendable (String) -> Void

    private var timer: (any DispatchSourceTimer)?
    /// The loop that has not answered yet.
    private var waitingFor: String?
    private var isStallKnown = false

    /// `tick` sends the notification; `stalled` hears once the name of the loop that did not answer for an interval.
    package init(
        every interval: Duration, through loops: [WorkLoop], tick: @escaping @Sendable () -> Void,
        stalled: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.interval = interval
        self.loops = loops
        self.tick = tick
        self.stalled = stalled
    }

    /// Ticks now, and then at every interval.
    package func start() {
        guard timer == nil else { return }
        let source = DispatchSource.makeTimerSource(queue: executor.queue)
        source.setEventHandler { @Sendable [weak self] in self?.assumeIsolated { $0.due() } }
        // Leeway lets the kernel wake the processor for several timers at once.
        source.schedule(
            deadline: .now(), repeating: interval.dispatchInterval, leeway: (interval / 10).dispatchInterval)
        source.activate()
        timer = source
    }

    package func stop() {
        timer?.cancel()
        timer = nil
    }

    private func due() {
        if let waitingFor {
            if !isStallKnown { stalled(waitingFor) }
            isStallKnown = true
        } else {
            visit(loops[...])
        }
    }

    private func visit(_ rest: ArraySlice<WorkLoop>) {
        guard let loop = rest.first else {
            waitingFor = nil
            isStallKnown = false
            if timer != nil { tick() }
            return
        }
        waitingFor = loop.name
        loop.put { [weak self, executor] in
            executor.queue.async { @Sendable [weak self] in self?.assumeIsolated { $0.visit(rest.dropFirst()) } }
        }
    }
}
