import Foundation
import LedgerService
import Register

/// Files that the caller names on the command line, read with the caller's own rights.
enum Files {
    /// Larger files are no logs, recordings or registers.
    static let cap = 256 << 20

    static func read(_ path: String) throws(ServiceError) -> InputFile {
        if path == "-" {
            return InputFile(name: "standard input", bytes: [UInt8](FileHandle.standardInput.readDataToEndOfFile()))
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw unreadable(path) }
        if isFolder.boolValue {
            throw ServiceError(.badInput, "\(path) is a folder", remedy: "Name a file in it.")
        }
        guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable(path) }
        // One byte more than the cap tells a file that is too large, also where it has no size, like a pipe.
        let data: Data
        do { data = try file.read(upToCount: cap + 1) ?? Data() } catch { throw unreadable(path) }
        guard data.count <= cap else {
            throw ServiceError(
                .badInput, "\(path) is larger than \(cap >> 20) MiB", remedy: "Split it, or name another file.")
        }
        return InputFile(name: path, bytes: [UInt8](data))
    }

    static func folder(_ path: String, suffixes: [String], what: String) throws(ServiceError) -> [InputFile] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ServiceError(.badInput, "\(path) is no folder", remedy: "Name the folder that holds the \(what).")
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw unreadable(path) }
        var files: [InputFile] = []
        for name in names.sorted() where suffixes.contains(where: { name.lowercased().hasSuffix($0) }) {
            var file = try read(path + "/" + name)
            file.name = name
            files.append(file)
        }
        return files
    }

    /// The register's files, and the names of others that a misspelling may hide among.
    static func register(_ path: String) throws(ServiceError) -> RegisterFolder {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ServiceError(
                .badInput, "\(path) is no folder", remedy: "Name the folder that holds the register's CSV files.")
        }
        do { return try RegisterFolder.load(URL(filePath: path)) } catch { throw ServiceError(.badInput, "\(error)") }
    }

    static func write(_ files: [(name: String, contents: String)], to folder: String) throws(ServiceError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for file in files {
                let path = folder + "/" + file.name
                guard !FileManager.default.fileExists(atPath: path) else {
                    throw ServiceError(
                        .badInput, "\(path) exists already and is not overwritten",
                        remedy: "Name an empty folder, or move the file away.")
                }
            }
            for file in files {
                try file.contents.write(toFile: folder + "/" + file.name, atomically: true, encoding: .utf8)
            }
        } catch let error as ServiceError {
            throw error
        } catch {
            throw ServiceError(
                .badInput, "\(folder) cannot be written", remedy: "Name a folder that you may write to.")
        }
    }

    private static func unreadable(_ path: String) -> ServiceError {
        let reason = FileManager.default.fileExists(atPath: path) ? "may not be read by you" : "does not exist"
        return ServiceError(.badInput, "\(path) \(reason)", remedy: "Check the name, and who owns the file.")
    }
}
