import PumpCore
package import PumpDrivers
package import PumpLinks

/// How the process that reads a pump's bytes came to a bad end.
package enum ReaderFailure: Error, Hashable, Sendable {
    /// The system gave no process.
    case notStarted(SystemCallFailure)
    /// It was ended by a signal: a trap of its own, the limit of its memory, or a call that it may not make.
    case crashed(signal: Int32)
    /// It ended by itself in the middle of the conversation.
    case left(exitCode: Int32)
    /// It did not answer in time and was ended.
    case hung
    /// It said what no reader says. The words go behind "It said".
    case nonsense(String)

    /// What a person is told. Nothing of what the pump sent stands in it.
    ///
    /// - Parameter recordingsIn: Where recordings of sessions are kept, if they are.
    package func fault(recordingsIn folder: String?) -> SessionFault {
        switch self {
        case .notStarted(let failure):
            return SessionFault(
                .noReader, "The computer has no process left to read this pump with (\(failure)).", isFatal: true)
        case .left(exitCode: ReaderLoop.Exit.unconfined):
            return SessionFault(
                .noReader,
                "The computer does not let the reader of this pump be confined; unconfined it reads nothing.",
                isFatal: true)
        case .crashed, .left, .hung, .nonsense: break
        }
        let kept =
            folder.map { "A recording of it is kept in \(printable($0)): give it to your support." }
            ?? "Let your support set recordSessionsTo: a recording shows them the cause."
        return SessionFault(
            .readerFailed,
            "What the device sent made its reader \(what). Other ports are read on; what was stored of this pump stays, and "
                + "nothing after it counts. \(kept)", isFatal: true)
    }

    private var what: String {
        switch self {
        case .notStarted: "fail to start"
        case .crashed(let signal): "crash (signal \(signal))"
        case .left(let code): "end too early (exit code \(code))"
        case .hung: "hang"
        case .nonsense(let what): "break its rules (it said \(what))"
        }
    }
}
