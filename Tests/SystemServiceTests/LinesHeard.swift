import Synchronization

/// What was said, in order.
final class LinesHeard: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Waits until it is so, for at most twenty seconds: the tests share two cores with others.
func eventually(_ isSo: @Sendable () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
        if await isSo() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await isSo()
}
