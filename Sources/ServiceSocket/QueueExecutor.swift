package import Dispatch

/// Runs an actor on a dispatch queue of its own, so that the actor and the queue's event sources are one world: an event
/// handler enters the actor without a hop. (Foundation has such a class, but not on Linux.)
package final class QueueExecutor: SerialExecutor {
    package let queue: DispatchQueue

    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedSerialExecutor()
        queue.async { @Sendable in unsafe job.runSynchronously(on: executor) }
    }

    package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}

extension Duration {
    /// At least a nanosecond, at most 292 years.
    package var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        let nanoseconds = attoseconds / 1_000_000_000
        guard seconds < Int64.max / 1_000_000_000 - 1 else { return .nanoseconds(Int.max) }
        return .nanoseconds(max(1, Int(seconds * 1_000_000_000 + nanoseconds)))
    }
}
