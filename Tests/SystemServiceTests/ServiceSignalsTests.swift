import Glibc
import Testing

@testable import SystemService

// In processes of their own, one after the other: while one runs, a thread of the tests' pool waits for it.
@Suite("Signals", .serialized, .timeLimit(.minutes(1)))
struct ServiceSignalsTests {
    @Test("SIGHUP reloads, SIGTERM and SIGINT stop, and neither ends the process")
    func meanings() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var signals = await serviceSignals().makeAsyncIterator()
            for (number, meaning) in [
                (SIGHUP, ServiceSignal.reload), (SIGTERM, .stop), (SIGHUP, .reload), (SIGINT, .stop),
            ] {
                kill(getpid(), number)
                let seen = await signals.next()
                if seen != meaning { exit(1) }
            }
            exit(7)
        }
    }

    @Test("a second SIGINT ends the process at once")
    func twice() async {
        await #expect(processExitsWith: .signal(SIGINT)) {
            var signals = await serviceSignals().makeAsyncIterator()
            kill(getpid(), SIGINT)
            _ = await signals.next()
            kill(getpid(), SIGINT)
            sleep(5)
            exit(1)
        }
    }

    @Test("a write to nobody is an error and not the end")
    func brokenPipe() async {
        await #expect(processExitsWith: .exitCode(7)) {
            ignoreBrokenPipes()
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            close(ends[0])
            let count = write(ends[1], "x", 1)
            exit(count == -1 && errno == EPIPE ? 7 : 1)
        }
    }
}
