import Foundation
import PumpCore
import Register
import Testing

@Suite("Register folder")
struct RegisterFolderTests {
    /// An empty folder that is gone after the test.
    func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "register-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    func why(_ errors: RegisterErrors?) -> [String] { errors?.errors.map { "\($0.place): \($0.why)" } ?? [] }

    @Test("files of the register are read, other CSV files are named, the rest is left alone")
    func load() throws {
        try withFolder { folder in
            for (name, text) in smallRegister.merging(
                ["delivery.csv": "x", "events.csv": "x", "notes.txt": "x"], uniquingKeysWith: { $1 })
            {
                try Data(text.utf8).write(to: folder.appending(path: name))
            }
            let loaded = try RegisterFolder.load(folder)
            #expect(loaded.files == smallRegister.mapValues { Array($0.utf8) })
            #expect(loaded.ignored == ["delivery.csv"])
            #expect(loaded.holdsEvents)
        }
    }

    @Test("a folder, a pipe and a file over the limit are refused without reading them")
    func refused() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: "orders.csv"), withIntermediateDirectories: true)
            #expect(mkfifo(folder.appending(path: "pumps.csv").path, 0o600) == 0)
            let large = folder.appending(path: "stays.csv")
            try Data("patient_id".utf8).write(to: large)
            let handle = try FileHandle(forWritingTo: large)
            try handle.truncate(atOffset: (64 << 20) + 1)
            try handle.close()
            let errors = #expect(throws: RegisterErrors.self) { try RegisterFolder.load(folder) }
            #expect(
                why(errors) == [
                    "orders.csv: The file cannot be read: it is no plain file.",
                    "pumps.csv: The file cannot be read: it is no plain file.",
                    "stays.csv: The file is larger than 64 MiB.",
                ])
            let small = folder.appending(path: "small.csv")
            try Data("12345".utf8).write(to: small)
            #expect(try RegisterFolder.bytes(of: small, limit: 5) == Array("12345".utf8))
            #expect(throws: RegisterErrors.self) { try RegisterFolder.bytes(of: small, limit: 4) }
        }
    }

    @Test("what is not there says so")
    func missing() throws {
        try withFolder { folder in
            let nowhere = #expect(throws: RegisterErrors.self) {
                try RegisterFolder.load(folder.appending(path: "october"))
            }
            #expect(why(nowhere) == ["october: The file cannot be read: no folder, or not for this user."])
            let noFile = #expect(throws: RegisterErrors.self) {
                try RegisterFolder.bytes(of: folder.appending(path: "events.csv"))
            }
            #expect(why(noFile) == ["events.csv: The file cannot be read: it is not there."])
        }
    }
}
