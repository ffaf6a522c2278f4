import Dispatch
import Synchronization

/// Runs tasks on queues of its own, a few at once.
///
/// The runtime's own pool is not used, because its first task starts libdispatch's overseer of that pool, which wakes the
/// process every second from then on (`_dispatch_workq_monitor_pools`, Linux only). A daemon that waits for a pump for
/// days shall not.
package final class WorkPool: TaskExecutor {
    private let queues: [DispatchQueue]
    private let turn = Atomic<Int>(0)

    package init(label: String, atOnce count: Int) {
        queues = (0..<max(1, count)).map { DispatchQueue(label: "\(label).\($0)") }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedTaskExecutor()
        next.async { @Sendable in unsafe job.runSynchronously(on: executor) }
    }

    /// Runs work that takes its time, off every task's way, and returns what it made.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            next.async { @Sendable in continuation.resume(returning: work()) }
        }
    }

    private var next: DispatchQueue {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return queues[Int(number.magnitude) % queues.count]
    }
}
