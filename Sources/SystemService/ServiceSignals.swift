import Dispatch
import Glibc

/// What whoever runs the service wants of it.
package enum ServiceSignal: Hashable, Sendable {
    /// SIGTERM, or SIGINT from a terminal.
    case stop
    /// SIGHUP: read the settings again.
    case reload
}

/// The signals to the process, as they come; from the return of this call on they have their usual effect no more. But a
/// second SIGINT ends the process: whoever types it twice does not want to wait.
///
/// Ask once.
package func serviceSignals() async -> AsyncStream<ServiceSignal> {
    let (stream, continuation) = AsyncStream.makeStream(of: ServiceSignal.self)
    let queue = DispatchQueue(label: "pumpledger.signals")
    let watched: [(number: Int32, meaning: ServiceSignal)] = [(SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reload)]
    var sources: [any DispatchSourceSignal] = []
    for (number, meaning) in watched {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        let interrupts = Interrupts()
        source.setEventHandler { @Sendable in
            if number == SIGINT { interrupts.count() }
            continuation.yield(meaning)
        }
        // Dispatch takes the signal over only when it says so.
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { @Sendable in registered.resume() }
            source.activate()
        }
        sources.append(source)
    }
    let held = HeldSources(sources)
    continuation.onTermination = { _ in held.cancel() }
    return stream
}

/// A write to a client that has gone answers EPIPE instead of ending the process.
package func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

/// Lets a second interrupt have its usual effect.
private final class Interrupts: @unchecked Sendable {
    // Used on the signals' queue alone.
    private var isFirst = true

    func count() {
        if isFirst {
            isFirst = false
            return
        }
        signal(SIGINT, SIG_DFL)
        // Dispatch blocks the signals that it watches.
        var interrupt = sigset_t()
        unsafe sigemptyset(&interrupt)
        unsafe sigaddset(&interrupt, SIGINT)
        unsafe pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
        raise(SIGINT)
    }
}

/// Dispatch sources are safe to cancel from any thread; their type does not say so on Linux.
private final class HeldSources: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ sources: [any DispatchSourceSignal]) { self.sources = sources }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
