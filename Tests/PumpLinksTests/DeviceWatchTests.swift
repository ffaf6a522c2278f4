import Foundation
import PumpLinks
import Synchronization
import Testing

@Suite("Watching for devices")
struct DeviceWatchTests {
    private final class Seen: Sendable {
        private let paths = Mutex<[String]>([])
        func add(_ path: String) { paths.withLock { $0.append(path) } }
        var all: [String] { paths.withLock { $0 } }

        func hears(_ path: String) async -> Bool {
            for _ in 0..<300 {
                if all.contains(path) { return true }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
    }

    private let files = FileManager.default

    private func folder() throws -> String {
        let path = files.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)").path
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func touch(_ path: String) { _ = files.createFile(atPath: path, contents: Data()) }

    @Test("a device in a folder that is there is seen, and its neighbours are not")
    func neighbour() async throws {
        let folder = try folder()
        defer { try? files.removeItem(atPath: folder) }
        let seen = Seen()
        let watch = try DeviceWatch { seen.add($0) }
        watch.watch(folder + "/ttyUSB0")
        touch(folder + "/ttyUSB1")
        touch(folder + "/ttyUSB0")
        #expect(await seen.hears(folder + "/ttyUSB0"))
        #expect(!seen.all.contains(folder + "/ttyUSB1"))
        // Pulled and plugged in again.
        let before = seen.all.count
        try files.removeItem(atPath: folder + "/ttyUSB0")
        touch(folder + "/ttyUSB0")
        for _ in 0..<3000 where seen.all.count == before { try await Task.sleep(for: .milliseconds(10)) }
        #expect(seen.all.count > before)
    }

    @Test("a stable name below folders that come only with the device is seen, also when they go and come again")
    func deepName() async throws {
        let folder = try folder()
        defer { try? files.removeItem(atPath: folder) }
        let name = folder + "/serial/by-id/usb-pump"
        let seen = Seen()
        let watch = try DeviceWatch { seen.add($0) }
        watch.watch(name)
        for _ in 1...3 {
            let before = seen.all.count
            try files.createDirectory(atPath: folder + "/serial/by-id", withIntermediateDirectories: true)
            touch(folder + "/ttyUSB0")
            try files.createSymbolicLink(atPath: name, withDestinationPath: "../../ttyUSB0")
            for _ in 0..<3000 where seen.all.count == before { try await Task.sleep(for: .milliseconds(10)) }
            #expect(seen.all.count > before)
            try files.removeItem(atPath: folder + "/serial")
            try files.removeItem(atPath: folder + "/ttyUSB0")
        }
    }

    @Test("a stable name whose folders go one after another is seen again, while another name waits for its first time")
    func foldersGoSlowly() async throws {
        let folder = try folder()
        defer { try? files.removeItem(atPath: folder) }
        let name = folder + "/serial/by-id/usb-pump"
        let seen = Seen()
        let watch = try DeviceWatch { seen.add($0) }
        watch.watch(name)
        watch.watch(folder + "/serial/by-id/usb-other")
        for round in 1...3 {
            let before = seen.all.count
            // As udev does: the node, the folders, the name; and back again.
            touch(folder + "/ttyACM0")
            for come in ["serial", "serial/by-id"] {
                try files.createDirectory(atPath: folder + "/" + come, withIntermediateDirectories: false)
                try await Task.sleep(for: .milliseconds(20))
            }
            try files.createSymbolicLink(atPath: name, withDestinationPath: "../../ttyACM0")
            for _ in 0..<300 where seen.all.count == before { try await Task.sleep(for: .milliseconds(10)) }
            #expect(seen.all.count > before, "round \(round)")
            for gone in ["ttyACM0", "serial/by-id/usb-pump", "serial/by-id", "serial"] {
                try files.removeItem(atPath: folder + "/" + gone)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test("a fixed link to a device that comes and goes is seen through")
    func throughLink() async throws {
        let folder = try folder()
        defer { try? files.removeItem(atPath: folder) }
        let link = folder + "/pump"
        try files.createSymbolicLink(atPath: link, withDestinationPath: "ttyUSB7")
        let seen = Seen()
        let watch = try DeviceWatch { seen.add($0) }
        watch.watch(link)
        touch(folder + "/ttyUSB7")
        #expect(await seen.hears(link))
    }

    @Test("a path that is forgotten is not told any more")
    func forgotten() async throws {
        let folder = try folder()
        defer { try? files.removeItem(atPath: folder) }
        let seen = Seen()
        let watch = try DeviceWatch { seen.add($0) }
        watch.watch(folder + "/a")
        watch.watch(folder + "/b")
        watch.forget(folder + "/a")
        touch(folder + "/a")
        touch(folder + "/b")
        #expect(await seen.hears(folder + "/b"))
        #expect(!seen.all.contains(folder + "/a"))
    }
}
