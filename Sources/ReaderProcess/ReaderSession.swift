package import PumpCore
package import PumpDrivers
import PumpLinks

/// A driver's session in a process of its own, seen from the daemon: each call is one question to it, and what it answers
/// is held to the rules of `ReaderConduct`. Where the process fails, the session ends with a fault that says so.
package struct ReaderSession: DownloadSession {
    private let driver: PumpDriver
    private let hints: DecodingHints
    private let program: ReaderProgram
    private let patience: ReaderPatience
    private let recordings: String?
    private var conduct: ReaderConduct
    private var child: ReaderChild?

    /// - Parameter recordingsIn: Where recordings of sessions are kept, if they are: whoever looks for the cause of a crash
    ///   is led there.
    package init(
        _ driver: PumpDriver, _ hints: DecodingHints, program: ReaderProgram = .itself,
        patience: ReaderPatience = .init(), recordingsIn folder: String? = nil
    ) {
        self.driver = driver
        self.hints = hints
        self.program = program
        self.patience = patience
        recordings = folder
        conduct = ReaderConduct(driver)
    }

    package mutating func start() -> [SessionOutput] {
        do { child = try ReaderChild(program, patience: patience) } catch { return failed(.notStarted(error)) }
        return ask(
            .start(driver: driver.name, model: hints.model, firmware: hints.firmware, serial: hints.serial), .start)
    }

    package mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        var rest = bytes[...]
        var outputs: [SessionOutput] = []
        while !rest.isEmpty {
            let piece = Array(rest.prefix(ReaderQuestion.longestPiece))
            rest = rest.dropFirst(piece.count)
            outputs += ask(.receive(piece), .receive(count: piece.count))
        }
        return outputs
    }

    package mutating func deadlinePassed() -> [SessionOutput] { ask(.deadlinePassed, .deadlinePassed) }

    package mutating func known(_ log: KnownLog) -> [SessionOutput] { ask(.known(log), .known) }

    package mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { ask(.stored(receipt), .stored) }

    package mutating func linkEnded() -> [SessionOutput] { ask(.linkEnded, .linkEnded) }

    private mutating func ask(_ question: ReaderQuestion, _ input: ReaderConduct.Input) -> [SessionOutput] {
        guard let child else { return [] }
        let outputs: [SessionOutput]
        do throws(ReaderFailure) {
            let answer = try child.exchange(ReaderFrame.bytes(question.bytes))
            let said: [SessionOutput]
            do { said = try ReaderAnswer.outputs(answer) } catch { throw .nonsense(error.what) }
            do { outputs = try conduct.admit(said, to: input) } catch { throw .nonsense(error.what) }
        } catch { return failed(error) }
        // A session that has said its last word needs no process.
        if conduct.isOver { self.child = nil }
        return outputs
    }

    private mutating func failed(_ failure: ReaderFailure) -> [SessionOutput] {
        child = nil
        return [.fault(failure.fault(recordingsIn: recordings))]
    }
}

extension PumpDriver {
    /// This driver, with each of its sessions in a process of its own.
    package func isolated(recordingsIn folder: String? = nil) -> PumpDriver {
        guard makeSession != nil else { return self }
        var isolated = self
        isolated.makeSession = { [self] in ReaderSession(self, $0, recordingsIn: folder) }
        return isolated
    }
}
