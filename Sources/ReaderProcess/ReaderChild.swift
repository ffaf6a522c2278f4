import CConfine
import Glibc
import PumpLinks
import Synchronization

/// The program that reads for a port, and how it is called.
package struct ReaderProgram: Hashable, Sendable {
    package var path: String
    package var arguments: [String]

    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// This program itself, whatever has become of its file since it was started: both ends speak the same version.
    package static let itself = ReaderProgram(path: "/proc/self/exe", arguments: ["pumpledgerd", ReaderLoop.argument])
}

/// How long a reader may take for one answer.
package struct ReaderPatience: Hashable, Sendable {
    /// Of a processor's time. The longest answer of a driver of ours costs some milliseconds.
    package var processorMilliseconds = 1_000
    /// Of anybody's time: where the machine is busy, the reader waits too.
    package var milliseconds = 10_000

    package init() {}
}

/// Owns a reader's process and the daemon's end of the only descriptor that it has. The process ends with its owner.
///
/// It is not bound to its parent's death (PR_SET_PDEATHSIG): that signal comes already when the thread that started it
/// ends, and threads of a queue come and go. When the daemon dies, the reader reads the end of its socket and leaves.
final class ReaderChild: Sendable {
    /// The descriptor that it finds itself with.
    static let descriptor: Int32 = 3

    /// Most answers come within a tenth of a millisecond; nobody looks at a clock before this.
    private static let lateMilliseconds: Int32 = 100

    private let pid: pid_t
    private let socket: Int32
    private let patience: ReaderPatience
    /// What waitpid said; nil while nobody has waited.
    private let status = Mutex<Int32?>(nil)

    init(_ program: ReaderProgram, patience: ReaderPatience = .init()) throws(SystemCallFailure) {
        var ends: [Int32] = [-1, -1]
        try systemCall("socketpair") {
            unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(theirs) }
        do throws(SystemCallFailure) {
            try systemCall("fcntl") { fcntl(ours, F_SETFL, O_NONBLOCK) }
            pid = try Self.spawn(program, theirs)
        } catch {
            close(ours)
            throw error
        }
        socket = ours
        self.patience = patience
    }

    deinit {
        _ = end()
        close(socket)
    }

    // MARK: One question, one answer

    /// Sends a frame and waits for one. Blocks the caller, which is the port's own queue, no longer than the patience.
    func exchange(_ frame: [UInt8]) throws(ReaderFailure) -> [UInt8] {
        var unsent = frame[...]
        var heard: [UInt8] = []
        let begun = SuspendingClock.now
        /// Of its processor's time, when it was first late.
        var spent: Int?
        while true {
            do throws(SystemCallFailure) {
                try send(&unsent)
                var event = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                if !unsent.isEmpty { event.events |= Int16(POLLOUT) }
                unsafe poll(&event, 1, Self.lateMilliseconds)
                if event.revents != 0 { try receive(&heard) }
            } catch {
                // EPIPE, ECONNRESET or its end: why it is gone, its status says.
                throw end()
            }
            if let answer = try Self.answer(heard) {
                guard unsent.isEmpty else { throw .nonsense("something before it was asked") }
                return answer
            }
            let waited = SuspendingClock.now - begun
            guard waited >= .milliseconds(Int(Self.lateMilliseconds)) else { continue }
            let soFar = processorMilliseconds
            let spentLate = soFar - (spent ?? soFar)
            spent = spent ?? soFar
            if spentLate > patience.processorMilliseconds || waited > .milliseconds(patience.milliseconds) {
                _ = end()
                throw .hung
            }
        }
    }

    private static func answer(_ heard: [UInt8]) throws(ReaderFailure) -> [UInt8]? {
        guard heard.count >= ReaderFrame.headLength else { return nil }
        guard let length = ReaderFrame.length(heard.prefix(ReaderFrame.headLength)) else {
            throw .nonsense("more than any answer has")
        }
        let content = heard.dropFirst(ReaderFrame.headLength)
        guard content.count <= length else { throw .nonsense("more than it was asked") }
        return content.count == length ? Array(content) : nil
    }

    private func send(_ unsent: inout ArraySlice<UInt8>) throws(SystemCallFailure) {
        while !unsent.isEmpty {
            let sent = unsafe unsent.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent >= 0 {
                unsent = unsent.dropFirst(sent)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                throw SystemCallFailure(call: "send", code: errno)
            }
        }
    }

    private func receive(_ heard: inout [UInt8]) throws(SystemCallFailure) {
        // Whoever sends more than this at once is stopped by the length of its frame before it is read on.
        while heard.count <= ReaderFrame.longest {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { room in
                let count = unsafe read(socket, room.baseAddress, room.count)
                if count > 0 { unsafe heard.append(contentsOf: room.prefix(count)) }
                return count
            }
            if count > 0 { continue }
            if count == 0 { throw SystemCallFailure(call: "read", code: EPIPE) }
            if errno == EAGAIN { return }
            if errno != EINTR { throw SystemCallFailure(call: "read", code: errno) }
        }
    }

    private var processorMilliseconds: Int {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    // MARK: Its beginning and its end

    /// Ends it, whatever it is doing, and says what it had come to by itself.
    func end() -> ReaderFailure {
        let status = status.withLock { known in
            if let known { return known }
            // One that is ending already keeps the status that it ended with.
            kill(pid, SIGKILL)
            var status: Int32 = 0
            _ = try? systemCall("waitpid") { unsafe waitpid(pid, &status, 0) }
            known = status
            return status
        }
        let signal = status & 0x7F
        return signal == 0 ? .left(exitCode: status >> 8 & 0xFF) : .crashed(signal: signal)
    }

    /// Nothing of the daemon's is left to the new process but its end of the socket: no other descriptor, no environment,
    /// no handling of signals. Those that ask the daemon to stop, and come to all of a terminal's or a service's processes,
    /// wait: what a port has on its way is stored first.
    private static func spawn(_ program: ReaderProgram, _ end: Int32) throws(SystemCallFailure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, end, descriptor)
        for standard in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            // What a runtime says of a crash may hold a patient's bytes; it goes nowhere.
            unsafe posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
        }
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, descriptor + 1)
        var usual = sigset_t()
        var waiting = sigset_t()
        unsafe sigfillset(&usual)
        unsafe sigemptyset(&waiting)
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] { unsafe sigaddset(&waiting, signal) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
        unsafe posix_spawnattr_setsigmask(&attributes, &waiting)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var pid = pid_t()
        var arguments = unsafe program.arguments.map { unsafe strdup($0) } + [nil]
        var environment = unsafe [strdup("SWIFT_BACKTRACE=enable=no")] + [nil]
        // A loop over unsafe pointers would have to be marked in a way that the formatter does not keep.
        // swift-format-ignore: ReplaceForEachWithForLoop
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&pid, program.path, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw SystemCallFailure(call: "posix_spawn", code: code) }
        return pid
    }
}
