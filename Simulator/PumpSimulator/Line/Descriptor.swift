import Glibc

/// What the system says about an error number.
func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

/// A file descriptor of ours, closed with its owner. Reading and writing never block.
final class Descriptor {
    let number: Int32

    /// A shared one (standard input) is left as it is, because not to block would hold for its other owners too: ask
    /// `isReadable` before reading.
    init(_ number: Int32, isShared: Bool = false) {
        self.number = number
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        guard !isShared else { return }
        let flags = fcntl(number, F_GETFL)
        _ = fcntl(number, F_SETFL, flags | O_NONBLOCK)
    }

    var isReadable: Bool {
        var polled = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    deinit { close(number) }

    enum Outcome: Equatable {
        case bytes([UInt8])
        case nothing
        /// End of file, or an error: whoever was there is gone.
        case over
    }

    /// What there is to read, at most 4,096 bytes.
    func read() -> Outcome {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count > 0 { return .bytes(Array(buffer.prefix(count))) }
            if count == 0 { return .over }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .nothing : .over
        }
    }

    /// How many bytes went out; nil when nobody can take them any more.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno == EINTR { continue }
            return errno == EAGAIN ? 0 : nil
        }
    }
}

/// Prints lines as they come, unbuffered: whoever waits for one has it at once. Nobody there to read them is no error.
package func printLine(_ json: JSON) {
    var rest = ArraySlice((json.line + "\n").utf8)
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno != EINTR { return }
        rest = rest.dropFirst(max(0, count))
    }
}

/// Bytes that wait for room.
struct Backlog {
    private var bytes: [UInt8] = []
    /// A host that reads nothing loses what comes after this much, as on a real line.
    private static let most = 65_536

    var isEmpty: Bool { bytes.isEmpty }

    mutating func write(_ new: [UInt8], to descriptor: Descriptor?) {
        bytes += new
        guard let descriptor else {
            bytes = []
            return
        }
        while !bytes.isEmpty {
            guard let count = descriptor.write(bytes[...]) else {
                bytes = []
                return
            }
            if count == 0 { break }
            bytes.removeFirst(count)
        }
        if bytes.count > Self.most { bytes.removeLast(bytes.count - Self.most) }
    }
}
