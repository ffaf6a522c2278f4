package import Foundation
import PumpCore

/// The register's files in a folder, as bytes: the one place of this room that touches the disk.
package struct RegisterFolder: Sendable {
    /// By name: what `RegisterImport.read` takes.
    package let files: [String: [UInt8]]
    /// Names of other CSV files in the folder, sorted: nobody reads them, and a misspelt name hides among them.
    package let ignored: [String]
    /// True where an `events.csv` lies beside them, for which there is `import events`.
    package let holdsEvents: Bool

    package static func load(_ folder: URL) throws(RegisterErrors) -> RegisterFolder {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        } catch {
            throw RegisterErrors([
                RegisterError(file: folder.lastPathComponent, .unreadable("no folder, or not for this user"))
            ])
        }
        var files: [String: [UInt8]] = [:]
        var errors = RegisterErrors()
        for name in names where RegisterTable(file: name) != nil {
            do throws(RegisterErrors) {
                files[name] = try bytes(of: folder.appending(path: name))
            } catch {
                errors.append(error.errors)
            }
        }
        guard errors.errors.isEmpty else { throw errors }
        let others = names.filter { $0.lowercased().hasSuffix(".csv") && files[$0] == nil }
        return RegisterFolder(
            files: files, ignored: others.filter { $0 != AttestedEvents.file },
            holdsEvents: others.contains(AttestedEvents.file))
    }

    /// The bytes of one CSV file. What is no plain file, or larger than a CSV file may be, is refused unread.
    package static func bytes(of url: URL, limit: Int = CSVLimits.standard.fileBytes) throws(RegisterErrors) -> [UInt8]
    {
        let name = url.lastPathComponent
        func refused(_ complaint: RegisterComplaint) -> RegisterErrors {
            RegisterErrors([RegisterError(file: name, complaint)])
        }
        let values = try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard let values else { throw refused(.unreadable("it is not there")) }
        guard values.isRegularFile == true else { throw refused(.unreadable("it is no plain file")) }
        guard let size = values.fileSize, size <= limit else { throw refused(.csv(.fileTooLong(limit: limit))) }
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            // One byte more than allowed: a file that grows while it is read is seen too.
            return [UInt8](try handle.read(upToCount: limit + 1) ?? Data())
        } catch {
            throw refused(.unreadable("not for this user"))
        }
    }
}
