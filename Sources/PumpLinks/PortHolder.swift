import Foundation
import Glibc

/// A process that has a port open.
package struct PortHolder: Hashable, Codable, Sendable, CustomStringConvertible {
    package var pid: Int32
    package var name: String

    package init(pid: Int32, name: String) {
        self.pid = pid
        self.name = name
    }

    package var description: String { "\(name) (process \(pid))" }

    package var isThisProcess: Bool { pid == getpid() }

    /// Who holds the device at `path`: the holder of its lock where there is one, else every process that has it open.
    /// Processes of other users show only to root.
    package static func holding(_ path: String) -> [PortHolder] {
        let lockers = lockHolders(of: path)
        return lockers.isEmpty ? open(path) : lockers
    }

    /// Every process with an open descriptor of the device, this one excepted where `exceptSelf`.
    static func open(_ path: String, exceptSelf: Bool = false) -> [PortHolder] {
        guard let device = Device(path) else { return [] }
        return processes()
            .filter { !exceptSelf || $0 != getpid() }
            .filter { pid in
                let folder = "/proc/\(pid)/fd"
                let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                return descriptors.contains { Device("\(folder)/\($0)") == device }
            }
            .map { PortHolder(pid: $0, name: name(of: $0)) }
    }

    /// Holders of a whole-file lock, as `/proc/locks` lists them: `1: FLOCK  ADVISORY  WRITE 1234 00:18:5 0 EOF`.
    private static func lockHolders(of path: String) -> [PortHolder] {
        var status = stat()
        guard stat(path, &status) == 0, let text = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else {
            return []
        }
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", let pid = Int32(fields[4]), pid > 0,
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino),
                // The inode alone may belong to another file system.
                open(path).contains(where: { $0.pid == pid })
            else { return nil }
            return PortHolder(pid: pid, name: name(of: pid))
        }
    }

    private static func processes() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
    }

    private static func name(of pid: Int32) -> String {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? ""
        let printable = text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }
        return printable.isEmpty ? "a program" : String(String.UnicodeScalarView(printable))
    }

    /// A character device by its number; anything else by its place on disk.
    private struct Device: Equatable {
        var number: UInt64
        var file: UInt64
        var isCharacter: Bool

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            isCharacter = status.st_mode & S_IFMT == S_IFCHR
            number = isCharacter ? UInt64(status.st_rdev) : UInt64(status.st_dev)
            file = isCharacter ? 0 : UInt64(status.st_ino)
        }
    }
}
