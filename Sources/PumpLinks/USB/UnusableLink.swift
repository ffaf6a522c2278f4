import Dispatch

/// A device that must not be talked to: opening it says why.
package final class UnusableLink: ByteLink {
    package let name: String
    private let problem: USBDescriptorProblem
    private let home: LinkExecutor

    package init(name: String, problem: USBDescriptorProblem, home: LinkExecutor) {
        self.name = name
        self.problem = problem
        self.home = home
    }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        home.queue.async { @Sendable [self] in
            deliver(.ended(.unusable(place: name, reason: problem.description)))
        }
    }

    package func send(_ bytes: [UInt8]) {}
    package func close() {}
}
