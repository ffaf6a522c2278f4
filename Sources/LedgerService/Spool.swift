import Foundation
import Glibc
import PumpCore
import Synchronization

/// Bytes in the order in which they came: some in memory, and where there are more, in a file that has no name and is
/// gone with the process. The file lies beside the ledger and is its owner's alone, because it holds what the ledger holds.
struct Spool: Sendable {
    /// So much waits in memory.
    static let kept = 1 << 20

    private let folder: String
    private var file: SpoolFile?
    private var written = 0
    private var waiting: [UInt8] = []

    /// `folder`: where the file is made, should there be one.
    init(in folder: String) { self.folder = folder }

    mutating func append(_ bytes: [UInt8]) throws {
        waiting += bytes
        guard waiting.count >= Self.kept else { return }
        let file = try file ?? SpoolFile(in: folder)
        self.file = file
        try file.write(waiting, at: written)
        written += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }

    var content: Content { Content(file: file, written: written, rest: waiting) }

    /// What was written, for reading as often as one likes.
    struct Content: Sendable {
        fileprivate let file: SpoolFile?
        fileprivate let written: Int
        fileprivate let rest: [UInt8]

        func reader() -> Reader { Reader(self) }
    }

    /// Reads what `BytePacker` wrote, with a part of it in memory.
    struct Reader {
        private let content: Content
        private var bytes: [UInt8]
        private var at = 0
        /// How much of the file was fetched.
        private var fetched = 0

        private static let atOnce = 1 << 16

        fileprivate init(_ content: Content) {
            self.content = content
            bytes = content.file == nil ? content.rest : []
        }

        /// The next byte; 0 behind the end. This process wrote the bytes: there are as many as are asked for.
        private mutating func byte() -> UInt8 {
            if at == bytes.count { fetch() }
            guard at < bytes.count else { return 0 }
            at += 1
            return bytes[at - 1]
        }

        private mutating func fetch() {
            guard let file = content.file, fetched <= content.written else { return }
            at = 0
            if fetched < content.written {
                bytes = file.read(min(Self.atOnce, content.written - fetched), at: fetched)
                fetched = bytes.isEmpty ? content.written + 1 : fetched + bytes.count
            } else {
                bytes = content.rest
                fetched += 1
            }
        }

        private mutating func varint() -> UInt {
            var value: UInt = 0
            var shift: UInt = 0
            while shift < 64 {
                let byte = byte()
                value |= UInt(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return value
        }

        mutating func int() -> Int {
            let value = varint()
            return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
        }

        mutating func optionalInt() -> Int? { byte() == 0 ? nil : int() }

        mutating func text() -> String {
            let count = Int(varint())
            if at + count <= bytes.count {
                defer { at += count }
                return String(decoding: bytes[at..<at + count], as: UTF8.self)
            }
            return String(decoding: (0..<count).map { _ in byte() }, as: UTF8.self)
        }

        mutating func optionalText() -> String? { byte() == 0 ? nil : text() }

        mutating func key() -> RecordKey {
            var high: UInt64 = 0
            for _ in 0..<8 { high = high << 8 | UInt64(byte()) }
            let low = UInt16(byte()) << 8 | UInt16(byte())
            return RecordKey(high: high, low: low, ordinal: int())
        }
    }
}

/// A file without a name: nobody else can open it, and it needs no tidying up. While it is made it has one for a moment,
/// because not every file system can do without.
private final class SpoolFile: Sendable {
    private let descriptor: Int32

    init(in folder: String) throws {
        // Its owner's alone from the beginning: mkstemp makes it with mode 0600.
        var name = Array((folder + "/.pumpledger-lines.XXXXXX").utf8CString)
        let opened = mkstemp(&name)
        guard opened >= 0 else { throw Self.failure(folder) }
        descriptor = opened
        unlink(name)
        _ = fcntl(opened, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    private static func failure(_ place: String) -> ServiceError {
        ServiceError(
            .badInput,
            "a file for the lines of the month cannot be written in \(place): \(String(cString: strerror(errno)))",
            remedy: "Make room on that disk, or ask for a shorter list.")
    }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("the ledger's folder") }
            done += count
        }
    }

    /// As many bytes as there are, at the most `count`; none after an error.
    func read(_ count: Int, at offset: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var done = 0
            while done < count {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                done += got
            }
            filled = done
        }
    }
}
