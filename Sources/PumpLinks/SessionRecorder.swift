import Foundation
import Glibc
import Synchronization

/// Writes a session as it happens, one line a piece of bytes: `out,02 52 49 39 42 03` for what the host sent, `in,…` for
/// what the device said. The file is one that `pumpledger replay` reads.
///
/// There is no file before the device says something: a port at which nothing answers is asked every minute, and would
/// fill a folder with questions. A recording never stands in the way of the reading itself.
package final class SessionRecorder: Sendable {
    private enum File: Sendable {
        /// Nothing came in yet; what went out waits here.
        case awaited(sent: String)
        case open(Int32, path: String)
        /// Closed, or it could not be written.
        case shut
    }

    /// Questions that nobody answers are not kept beyond so many bytes of text.
    private static let mostAwaited = 65_536
    /// So many recordings of one second are told apart.
    private static let mostNumbers = 1_000

    private let path: @Sendable (Int) -> String
    private let failed: @Sendable (String, SystemCallFailure) -> Void
    private let file: Mutex<File>

    /// - Parameters:
    ///   - path: Names the file by a number from 1 up: the first name that nobody has yet is taken.
    ///   - failed: Told once, with the path, where the file cannot be created or a line cannot be written.
    package init(
        path: @escaping @Sendable (Int) -> String,
        failed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) {
        self.path = path
        self.failed = failed
        file = Mutex(.awaited(sent: ""))
    }

    /// Goes on in a file that is open already, and closes it.
    init(
        writingTo descriptor: Int32, path: String, failed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) {
        self.path = { _ in path }
        self.failed = failed
        file = Mutex(.open(descriptor, path: path))
    }

    deinit { close() }

    package func close() {
        file.withLock { file in
            if case .open(let descriptor, _) = file { _ = Glibc.close(descriptor) }
            file = .shut
        }
    }

    package func sent(_ bytes: [UInt8]) {
        let line = Self.line("out", bytes)
        change { file in
            guard case .awaited(let sent) = file else { return Self.write(line, to: &file) }
            if sent.utf8.count + line.utf8.count <= Self.mostAwaited { file = .awaited(sent: sent + line) }
            return nil
        }
    }

    package func received(_ bytes: [UInt8]) {
        let line = Self.line("in", bytes)
        change { file in
            guard case .awaited(let sent) = file else { return Self.write(line, to: &file) }
            if let failure = create(&file) { return failure }
            return Self.write(sent + line, to: &file)
        }
    }

    private struct Failure: Sendable {
        var path: String
        var cause: SystemCallFailure
    }

    /// A failure shuts the file, so that there is no second one to tell.
    private func change(_ body: (inout File) -> Failure?) {
        if let failure = file.withLock({ body(&$0) }) { failed(failure.path, failure.cause) }
    }

    /// Readable by its owner alone: a log is about a patient. Never a file that is there already.
    private func create(_ file: inout File) -> Failure? {
        var number = 1
        while true {
            let path = path(number)
            do throws(SystemCallFailure) {
                let descriptor = try systemCall("open") {
                    Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
                }
                file = .open(descriptor, path: path)
                return nil
            } catch {
                if error.code == EEXIST && number < Self.mostNumbers {
                    number += 1
                    continue
                }
                file = .shut
                return Failure(path: path, cause: error)
            }
        }
    }

    private static func write(_ line: String, to file: inout File) -> Failure? {
        guard case .open(let descriptor, let path) = file else { return nil }
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            do throws(SystemCallFailure) {
                let count = try systemCall("write") { Glibc.write(descriptor, Array(rest), rest.count) }
                rest = rest.dropFirst(count)
            } catch {
                _ = Glibc.close(descriptor)
                file = .shut
                return Failure(path: path, cause: error)
            }
        }
        return nil
    }

    static func line(_ direction: String, _ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = direction + ","
        for (index, byte) in bytes.enumerated() {
            if index > 0 { text.append(" ") }
            text.unicodeScalars.append(digits[Int(byte >> 4)])
            text.unicodeScalars.append(digits[Int(byte & 15)])
        }
        return text + "\n"
    }
}
