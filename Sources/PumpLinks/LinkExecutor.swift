package import Dispatch

/// A link's own queue as a place for tasks. Who talks to a device there is woken once for an answer, not once for every
/// thread that it would pass through: at 9600 baud, with 62 ms an exchange, that is a hundredth of the wire.
package final class LinkExecutor: TaskExecutor {
    package let queue: DispatchQueue
    private let key = DispatchSpecificKey<Bool>()

    package init(label: String) {
        queue = DispatchQueue(label: label)
        queue.setSpecific(key: key, value: true)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { @Sendable [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// At once where the caller is on the queue already, else as soon as it is free.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if DispatchQueue.getSpecific(key: key) == true {
            work()
        } else {
            queue.async(execute: work)
        }
    }
}
