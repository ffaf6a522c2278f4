import Foundation
import LedgerService

/// Files that their owner alone may read, each there whole or not at all.
enum PrivateFiles {
    /// Makes the folder where it is not there. Refuses to touch a file that is there, unless it `overwrites`.
    static func write(
        _ files: [(name: String, contents: [UInt8])], to folder: String, overwrites: Bool
    ) throws(ServiceError) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw unwritable(folder)
        }
        if !overwrites {
            for file in files where manager.fileExists(atPath: folder + "/" + file.name) {
                throw ServiceError(
                    .badInput, "\(folder)/\(file.name) exists already and is not overwritten",
                    remedy: "Name another folder, or say --force.")
            }
        }
        // All are written beside their places first, so that a full disk leaves what was there.
        var parts: [(part: String, path: String)] = []
        defer { for part in parts { try? manager.removeItem(atPath: part.part) } }
        for file in files {
            let path = folder + "/" + file.name
            let part = folder + "/." + file.name + ".\(UUID().uuidString).part"
            guard
                manager.createFile(
                    atPath: part, contents: Data(file.contents), attributes: [.posixPermissions: 0o600])
            else { throw unwritable(folder) }
            parts.append((part, path))
        }
        for part in parts where rename(part.part, part.path) != 0 {
            throw unwritable(part.path)
        }
    }

    private static func unwritable(_ path: String) -> ServiceError {
        ServiceError(.badInput, "\(path) cannot be written", remedy: "Name a folder that you may write to.")
    }
}
