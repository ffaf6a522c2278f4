import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import PumpLinks

@Suite("Recordings of links", .timeLimit(.minutes(1)))
struct RecordingLinkTests {
    /// A folder for one test, and the failures that its recorders told.
    private final class Folder: Sendable {
        let url = FileManager.default.temporaryDirectory.appending(path: "sessions-\(UUID().uuidString)")
        let failures = Mutex<[String]>([])

        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }

        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
        func text(_ name: String) throws -> String {
            try String(contentsOf: url.appending(path: name), encoding: .utf8)
        }

        func told(_ path: String, _ failure: SystemCallFailure) {
            failures.withLock { $0.append("\(path): \(failure)") }
        }

        /// As the daemon does it: all of these begin within one second.
        func recorder(below folder: String = "") -> SessionRecorder {
            let stem = url.path + "/" + folder
            return SessionRecorder(path: { stem + "session-\($0).csv" }, failed: { [self] in told($0, $1) })
        }
    }

    @Test("a recording holds every byte in both directions, a line a piece, for its owner alone")
    func recording() throws {
        let folder = try Folder()
        let pty = try Pty()
        let link = RecordingLink(SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))) {
            folder.recorder()
        }
        let ear = Ear()
        link.open(ear.deliver)
        #expect(ear.waits { $0.events.first == .opened })
        link.send([0x02, 0x52, 0x49, 0x39, 0x42, 0x03])
        #expect(pty.read(6).count == 6)
        pty.write([0x00, 0xAB])
        #expect(ear.waits { $0.bytes.count == 2 })
        link.send([0x01])
        #expect(pty.read(1).count == 1)
        link.close()
        #expect(ear.waits { $0.end != nil })
        #expect(try folder.text("session-1.csv") == "out,02 52 49 39 42 03\nin,00 AB\nout,01\n")
        let path = folder.url.appending(path: "session-1.csv").path
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(folder.failures.withLock { $0 } == [])
    }

    @Test("a port at which nobody answers leaves no file, however often it is opened and asked")
    func silentPort() throws {
        let folder = try Folder()
        let pty = try Pty()
        let link = RecordingLink(SerialLink(path: pty.path, settings: SerialSettings(baud: 9600))) {
            folder.recorder()
        }
        for _ in 0..<3 {
            let ear = Ear()
            link.open(ear.deliver)
            #expect(ear.waits { $0.events.first == .opened })
            link.send([0x02, 0x03])
            #expect(pty.read(2).count == 2)
            link.close()
            #expect(ear.waits { $0.end != nil })
        }
        #expect(try folder.names() == [])
    }

    @Test("two sessions that begin within one second never share a file, and no file that is there is touched")
    func ownFile() throws {
        let folder = try Folder()
        try Data("older\n".utf8).write(to: folder.url.appending(path: "session-1.csv"))
        let (one, two) = (folder.recorder(), folder.recorder())
        one.sent([0x01])
        two.sent([0x02])
        one.received([0x11])
        two.received([0x12])
        one.received([0x21])
        #expect(try folder.names() == ["session-1.csv", "session-2.csv", "session-3.csv"])
        #expect(try folder.text("session-1.csv") == "older\n")
        #expect(try folder.text("session-2.csv") == "out,01\nin,11\nin,21\n")
        #expect(try folder.text("session-3.csv") == "out,02\nin,12\n")
    }

    @Test("a disk that takes no more is told once, with the path")
    func fullDisk() throws {
        let folder = try Folder()
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        let recorder = SessionRecorder(writingTo: full, path: "/dev/full", failed: { folder.told($0, $1) })
        for _ in 0..<3 {
            recorder.sent([1])
            recorder.received([2])
        }
        #expect(folder.failures.withLock { $0 } == ["/dev/full: write: No space left on device"])
    }

    @Test("a recording that cannot be created is told once, with the path")
    func noFolder() throws {
        let folder = try Folder()
        let recorder = folder.recorder(below: "missing/")
        for _ in 0..<3 { recorder.received([2]) }
        let path = folder.url.path + "/missing/session-1.csv"
        #expect(folder.failures.withLock { $0 } == ["\(path): open: No such file or directory"])
    }
}
