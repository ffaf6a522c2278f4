import GRDB
import Glibc
import PumpCore
import Synchronization
import SystemPackage

/// The durable store: what was read from pumps and what people keep beside it. Rows are added, never changed. It counts
/// nothing and formats nothing.
///
/// One process owns the file, through one connection that reads, writes and checkpoints (a `DatabaseQueue`). SQLite up
/// to 3.51.2 can lose a commit when two connections checkpoint and write in the same instant, and Debian's 3.40.1 is one
/// of them. What else is opened (`ReadingConnections`) can do neither.
///
/// Calls block until they are done, on any thread, and what they wrote is on the disk when they return. They are not
/// `async`, because GRDB's asynchronous writes roll back when their task is cancelled.
package final class Ledger: Sendable {
    package struct Options: Hashable, Sendable {
        /// SQLite's quick check of the whole file at opening: milliseconds for small files, seconds for large ones.
        package var checksFile: Bool
        /// The file with the key that signs checkpoints; nil for one beside the ledger. It is made where it is missing.
        package var checkpointKey: String?
        /// What is put on record is signed within this time, while the ledger is open; nil for at its closing alone.
        package var signsWithin: Duration?
        /// And as soon as so many entries stand unsigned.
        package static let entriesPerCheckpoint = 100

        package init(checksFile: Bool = true, checkpointKey: String? = nil, signsWithin: Duration? = nil) {
            self.checksFile = checksFile
            self.checkpointKey = checkpointKey
            self.signsWithin = signsWithin
        }
    }

    private enum State: Sendable {
        case open
        /// The disk failed: nothing more is written, because a failed flush may not fail twice.
        case stopped(String)
        case closed
    }

    package let path: String
    /// Where the key that signs checkpoints is.
    let checkpointKeyPath: String
    private let queue: DatabaseQueue
    private let lock: OwnerLock
    private let state = Mutex(State.open)
    private let signing: SigningPace
    /// Connections that only read, for those who read much at a time.
    private let readers: ReadingConnections

    private init(path: String, queue: DatabaseQueue, lock: OwnerLock, options: Options) {
        self.path = path
        checkpointKeyPath = options.checkpointKey ?? CheckpointKey.place(besideLedger: path)
        signing = SigningPace(within: options.signsWithin)
        self.queue = queue
        self.lock = lock
        readers = ReadingConnections(path: path)
    }

    /// Opens the ledger, or makes an empty one with its folders. Fails where somebody else has it, where the file is not
    /// a ledger of this version or an older one, and where a commit would not survive a power cut.
    package static func open(at path: String, options: Options = Options()) throws(LedgerError) -> Ledger {
        try open(at: path, options: options) { _ in }
    }

    /// `afterSettings` runs between setting the connection up and reading the settings back.
    static func open(
        at path: String, options: Options, afterSettings: (Database) throws -> Void
    ) throws(LedgerError) -> Ledger {
        let path = FilePath(path).isAbsolute ? path : FilePath(currentFolder()).appending(path).string
        try LedgerFile.makeFolders(for: path)
        let lock = try OwnerLock.take(for: path)
        var connected: DatabaseQueue?
        do {
            try LedgerFile.prepare(path)
            let queue = try DatabaseQueue(path: path, configuration: Durability.configuration())
            connected = queue
            try queue.writeWithoutTransaction { db in
                try Schema.identify(db, path: path)
                try LedgerFile.tighten(path)
                try Durability.set(db)
                try afterSettings(db)
                try Durability.confirm(db, path: path)
                if options.checksFile { try quickCheck(db, path: path) }
                try Schema.migrate(db)
            }
            return Ledger(path: path, queue: queue, lock: lock, options: options)
        } catch {
            if let connected, (error as? DatabaseError)?.resultCode == .SQLITE_IOERR { Self.leaveAsItIs(connected) }
            lock.release()
            throw ledgerError(error, path)
        }
    }

    /// Tells whoever finds the ledger in use where its owner answers instead: an absolute path.
    package func announce(socket: String) throws(LedgerError) { try lock.announce(socket: socket) }

    /// Where the owner of the ledger at `path` answers; nil where nobody has it, or where its owner serves no socket.
    package static func socket(ofOwnerOf path: String) -> String? { OwnerLock.socket(ofOwnerOf: path) }

    private static func currentFolder() -> String {
        guard let folder = getcwd(nil, 0) else { return "." }
        defer { free(folder) }
        return String(cString: folder)
    }

    private static func quickCheck(_ db: Database, path: String) throws {
        let problems = try String.fetchAll(db, sql: "PRAGMA quick_check(5)").filter { $0 != "ok" }
        if !problems.isEmpty { throw LedgerError.damaged(path: path, problems: problems) }
    }

    /// Gives the ledger back. Everything that was acknowledged is on the disk already. A second call does nothing.
    package func close() {
        signWhatIsNot()
        let before = state.withLock { state in
            defer { state = .closed }
            return state
        }
        if case .closed = before { return }
        readers.close()
        if case .stopped = before {
            Self.leaveAsItIs(queue)
        } else {
            // The one that writes goes last: it tidies up behind itself.
            try? queue.close()
        }
        lock.release()
    }

    /// SQLite's closing copies the write-ahead log and flushes it anew, and a flush that failed is not tried again: the
    /// connection stays open, and the files as they are, for whoever opens them after this process.
    private static func leaveAsItIs(_ queue: DatabaseQueue) { _ = Unmanaged.passRetained(queue) }

    deinit { close() }

    // MARK: - Steps

    /// One transaction: all of it is on the disk when this returns, or none of it is there when it throws.
    func write<T>(_ step: (Database) throws -> T) throws(LedgerError) -> T {
        try check()
        let (value, entries): (T, Int)
        do {
            (value, entries) = try queue.write { db in (try step(db), try Chain.end(db).number) }
        } catch {
            throw noted(error)
        }
        if signing.isDue(entries: entries, { [weak self] in self?.signWhatIsNot() }) { signWhatIsNot() }
        return value
    }

    /// A checkpoint, where there is something to sign. A key that cannot be used stops no record from being stored: the
    /// entries stay unsigned, `verify` says how many, and the next attempt is made with the next ones.
    private func signWhatIsNot() {
        guard signing.begin() else { return }
        do throws(LedgerError) {
            let signed = try checkpoint(at: Instant(secondsSince1970: Int(time(nil))))
            signing.ended(signed: signed?.number, problem: nil)
        } catch {
            signing.ended(signed: nil, problem: "\(error)")
        }
    }

    /// Why the last checkpoint could not be signed; nil where nothing is wrong.
    package var checkpointProblem: String? { signing.problem }

    func read<T>(_ step: (Database) throws -> T) throws(LedgerError) -> T {
        try check()
        do { return try queue.read(step) } catch { throw noted(error) }
    }

    /// As `read`, for those who look many times: GRDB guards a `read` with `PRAGMA query_only`, and each change of that
    /// setting makes SQLite prepare every statement anew. The step must not write.
    func look<T>(_ step: (Database) throws -> T) throws(LedgerError) -> T {
        try check()
        do {
            return try queue.inDatabase { db in
                try db.execute(sql: "BEGIN")
                defer { try? db.rollback() }
                return try step(db)
            }
        } catch {
            throw noted(error)
        }
    }

    /// The connection itself, in no transaction: for SQLite's own copying.
    func onConnection<T>(_ step: (Database) throws -> T) throws(LedgerError) -> T {
        try check()
        do { return try queue.inDatabase(step) } catch { throw noted(error) }
    }

    /// As `look`, beside others who do the same.
    func lookBeside<T>(_ step: (Database) throws -> T) throws(LedgerError) -> T {
        try check()
        do { return try readers.look(step) } catch { throw noted(error) }
    }

    private func check() throws(LedgerError) {
        switch state.withLock({ $0 }) {
        case .open: break
        case .stopped(let reason): throw .stopped(path: path, reason: reason)
        case .closed: throw .closed(path: path)
        }
    }

    /// A flush that failed may succeed when it is tried again, with the data gone: after an I/O error the file is only
    /// trusted once it has been opened anew.
    private func noted(_ error: any Error) -> LedgerError {
        if let failure = error as? DatabaseError, failure.resultCode == .SQLITE_IOERR {
            let reason = failure.message ?? "disk I/O error"
            state.withLock { if case .open = $0 { $0 = .stopped(reason) } }
            return .stopped(path: path, reason: reason)
        }
        return Self.ledgerError(error, path)
    }

    private static func ledgerError(_ error: any Error, _ path: String) -> LedgerError {
        switch error {
        case let error as LedgerError: return error
        case let error as DatabaseError:
            let message = error.message ?? "nothing more"
            switch error.resultCode {
            case .SQLITE_NOTADB: return .notALedger(path: path)
            case .SQLITE_CORRUPT: return .damaged(path: path, problems: [message])
            case .SQLITE_FULL: return .diskFull(path: path)
            default: return .database(path: path, code: error.extendedResultCode.rawValue, message: message)
            }
        default: return .database(path: path, code: 0, message: String(describing: error))
        }
    }
}
