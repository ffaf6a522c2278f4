import Foundation
import PumpLinks
import Synchronization

/// Remembers what a link said, and waits for more.
final class Ear: Sendable {
    private let heard = Mutex<[LinkEvent]>([])
    private let bell = DispatchSemaphore(value: 0)

    var deliver: @Sendable (LinkEvent) -> Void {
        { event in
            self.heard.withLock { $0.append(event) }
            self.bell.signal()
        }
    }

    var events: [LinkEvent] { heard.withLock { $0 } }

    var bytes: [UInt8] {
        events.flatMap { event -> [UInt8] in if case .bytes(let bytes) = event { bytes } else { [] } }
    }

    var end: LinkFault?? {
        for case .ended(let fault) in events { return .some(fault) }
        return nil
    }

    /// True as soon as `condition` holds; false after `seconds`.
    @discardableResult
    func waits(_ seconds: Double = 5, until condition: (Ear) -> Bool) -> Bool {
        let deadline = DispatchTime.now() + seconds
        while !condition(self) {
            guard bell.wait(timeout: deadline) == .success else { return condition(self) }
        }
        return true
    }
}
