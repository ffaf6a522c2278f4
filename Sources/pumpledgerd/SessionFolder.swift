import Foundation
import PumpCore
import PumpLinks
import Station

/// The folder in which every conversation is written down.
struct SessionFolder {
    private let path: String

    /// Nil where nothing is to be recorded.
    init?(path: String?) {
        guard let path else { return nil }
        self.path = path
    }

    /// - Parameter failed: Told the path of a recording that cannot be written, and why.
    func recording(
        _ link: any ByteLink, port id: String, _ failed: @escaping @Sendable (String, SystemCallFailure) -> Void
    ) -> any ByteLink {
        let name = String(id.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        return RecordingLink(link) { [path] in
            let stamp = SystemClock().now.wall.description.filter { $0 != ":" && $0 != "-" }
            do {
                // Closed to others from its first moment on: a log is about a patient.
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                failed(path, SystemCallFailure(call: "mkdir", code: EIO))
                return nil
            }
            return SessionRecorder(
                path: { number in path + "/" + stamp + (number == 1 ? "-" : "-\(number)-") + name + ".csv" },
                failed: failed)
        }
    }
}
