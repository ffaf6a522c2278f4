import Dispatch
import Glibc

/// Says when a device node comes into being, or becomes usable, at one of the paths that it watches. It asks nobody and
/// sets no timer: the kernel reports changes of the folders on the way (inotify(7)), so an empty port costs nothing.
///
/// A path may lead through folders that do not exist yet (`/dev/serial/by-id` is there only with a device) and through
/// symbolic links (a stable name for a device that moves).
package final class DeviceWatch: @unchecked Sendable {
    /// The name in a folder for which a path waits.
    private struct Step: Hashable {
        var folder: String
        var name: String
    }

    private static let mask = UInt32(IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
    private static let mostLinks = 8

    private let queue = DispatchQueue(label: "device watch")
    private let descriptor: Int32
    private let appeared: @Sendable (String) -> Void
    // Touched only on `queue`.
    private var source: (any DispatchSourceRead)?
    /// The steps on which each path waits: its own name, and those of the links that it leads through.
    private var steps: [String: [Step]] = [:]
    private var folders: [Int32: String] = [:]
    private var watches: [String: Int32] = [:]

    /// - Parameter appeared: Gets the path, on a queue of the watch's own. It may be told several times of one device.
    package init(appeared: @escaping @Sendable (String) -> Void) throws(SystemCallFailure) {
        self.appeared = appeared
        descriptor = try systemCall("inotify_init1") { inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)) }
        let descriptor = descriptor
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { @Sendable [weak self] in self?.read() }
        source.setCancelHandler { @Sendable in _ = Glibc.close(descriptor) }
        source.activate()
        self.source = source
    }

    deinit { source?.cancel() }

    /// From the return of this call on, nothing that appears at `path` is missed.
    package func watch(_ path: String) { queue.sync { arm(path) } }

    package func forget(_ path: String) {
        queue.sync {
            steps[path] = nil
            dropUnused()
        }
    }

    private func arm(_ path: String) {
        // A folder may come into being while the way to it is looked at: then the next one is looked for once more.
        var wanted = Self.steps(to: path)
        for _ in 0..<Self.mostLinks {
            for step in wanted where watches[step.folder] == nil {
                let watch = inotify_add_watch(descriptor, step.folder, Self.mask)
                guard watch >= 0 else { continue }
                watches[step.folder] = watch
                folders[watch] = step.folder
            }
            let again = Self.steps(to: path)
            if again == wanted { break }
            wanted = again
        }
        steps[path] = wanted
        dropUnused()
    }

    private func dropUnused() {
        let used = Set(steps.values.joined().map(\.folder))
        for (folder, watch) in watches where !used.contains(folder) {
            inotify_rm_watch(descriptor, watch)
            watches[folder] = nil
            folders[watch] = nil
        }
    }

    /// The deepest folder on the way that exists, and the name that is awaited in it; the same for the target of each
    /// link on the way.
    private static func steps(to path: String) -> [Step] {
        var steps: [Step] = []
        var path = path
        for _ in 0..<mostLinks {
            let parts = path.split(separator: "/").map(String.init)
            var folder = "/"
            for (index, part) in parts.enumerated() {
                let next = folder == "/" ? "/" + part : folder + "/" + part
                if index == parts.count - 1 || !isFolder(next) {
                    steps.append(Step(folder: itself(folder), name: part))
                    break
                }
                folder = next
            }
            guard let target = target(of: path) else { break }
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        return steps
    }

    /// The one name of a folder. The kernel has one watch a folder, whatever it is called: under two names (`/dev`, and
    /// `/dev/serial/by-id/../..` behind a link) the one that is dropped would take the other's watch with it.
    private static func itself(_ folder: String) -> String {
        guard let name = realpath(folder, nil) else { return folder }
        defer { free(name) }
        return String(cString: name)
    }

    /// Not access(2): the kernel refuses even that where the service's unit forbids the device, and the port would look
    /// empty instead of forbidden.
    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func target(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { raw in
            raw.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    // MARK: What the kernel says

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        /// Every path is looked at anew where the kernel lost count.
        var touched: Set<Step> = []
        var isOverflown = false
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            while let event = Event(&rest) {
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { isOverflown = true }
                guard let folder = folders[event.watch] else { continue }
                if event.mask & UInt32(IN_IGNORED) != 0 {
                    folders[event.watch] = nil
                    watches[folder] = nil
                }
                if event.mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 { isOverflown = true }
                touched.insert(Step(folder: folder, name: event.name))
            }
        }
        let waiting = steps.filter { isOverflown || $0.value.contains(where: touched.contains) }.keys
        for path in waiting {
            arm(path)
            if Self.isThere(path) { appeared(path) }
        }
    }

    /// `struct inotify_event`: watch, mask, cookie and length, four bytes each, and a name padded with zeros.
    private struct Event {
        var watch: Int32
        var mask: UInt32
        var name: String

        private static let headBytes = 16

        init?(_ bytes: inout ArraySlice<UInt8>) {
            guard bytes.count >= Self.headBytes else { return nil }
            let numbers = (0..<4).map { index in
                bytes.dropFirst(index * 4).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            let length = Int(numbers[3])
            watch = Int32(bitPattern: numbers[0])
            mask = numbers[1]
            name = String(
                decoding: bytes.dropFirst(Self.headBytes).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            bytes = bytes.dropFirst(Self.headBytes + length)
        }
    }
}
