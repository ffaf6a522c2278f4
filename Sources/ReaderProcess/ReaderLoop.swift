import CConfine
import Glibc
package import PumpDrivers
import PumpLinks

/// What the reader's process does: it holds one session, asks it what it is asked, and ends with its socket.
package enum ReaderLoop {
    /// The argument with which a program is told that it is a reader. No person writes it.
    package static let argument = "--read-one-port"

    /// Why a reader ended by itself, in the codes of sysexits.h.
    enum Exit {
        static let done: Int32 = 0
        static let usage: Int32 = 64
        /// The daemon said what no daemon says.
        static let nonsense: Int32 = 65
        /// The system does not confine it, and unconfined it reads nothing.
        static let unconfined: Int32 = 71
    }

    /// Never returns. Nothing is set up before it but the program itself.
    ///
    /// - Parameter makeSession: The session of a driver, by the driver's name.
    package static func run(
        makeSession: (String, DecodingHints) -> (any DownloadSession)? = {
            DriverCatalog.driver(named: $0)?.makeSession?($1)
        }
    ) -> Never {
        _exit(serve(makeSession))
    }

    private static func serve(_ makeSession: (String, DecodingHints) -> (any DownloadSession)?) -> Int32 {
        var kind = stat()
        guard unsafe fstat(ReaderChild.descriptor, &kind) == 0, kind.st_mode & S_IFMT == S_IFSOCK else {
            return Exit.usage
        }
        unsafe confine_name("pump-reader")
        do { try confineReader() } catch { return Exit.unconfined }
        var session: (any DownloadSession)?
        while true {
            guard let head = take(ReaderFrame.headLength) else { return Exit.done }
            guard let length = ReaderFrame.length(head) else { return Exit.nonsense }
            guard let content = take(length) else { return Exit.done }
            let outputs: [SessionOutput]
            do throws(WireProblem) {
                let question = try ReaderQuestion(content)
                if case .start(let driver, let model, let firmware, let serial) = question {
                    guard session == nil else { return Exit.nonsense }
                    session = makeSession(
                        driver, DecodingHints(model: model, firmware: firmware, serial: serial))
                }
                guard session != nil else { return Exit.nonsense }
                outputs = session?.answer(question) ?? []
            } catch { return Exit.nonsense }
            guard give(ReaderFrame.bytes(ReaderAnswer.bytes(outputs))) else { return Exit.done }
        }
    }

    /// Nil at the end of the socket.
    private static func take(_ count: Int) -> [UInt8]? {
        var taken: [UInt8] = []
        while taken.count < count {
            let room = min(count - taken.count, 65_536)
            let got = unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
                let got = unsafe read(ReaderChild.descriptor, buffer.baseAddress, room)
                if got > 0 { unsafe taken.append(contentsOf: buffer.prefix(got)) }
                return got
            }
            if got == 0 || got < 0 && errno != EINTR { return nil }
        }
        return taken
    }

    private static func give(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(ReaderChild.descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }
}

extension DownloadSession {
    fileprivate mutating func answer(_ question: ReaderQuestion) -> [SessionOutput] {
        switch question {
        case .start: start()
        case .receive(let bytes): receive(bytes)
        case .deadlinePassed: deadlinePassed()
        case .known(let log): known(log)
        case .stored(let receipt): stored(receipt)
        case .linkEnded: linkEnded()
        }
    }
}
