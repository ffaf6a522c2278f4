import Foundation

/// Runs what blocks on a thread of its own: the pool that runs the tests has only as many as the machine has cores.
func aside<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { @Sendable in continuation.resume(returning: body()) }
    }
}
