package import Foundation

/// Bytes recorded from real pumps, kept beside the checkout and never inside it.
///
/// A suite that needs them is `.enabled(if: Vectors.arePresent, Vectors.absence)`: where they are missing, the test run
/// says so instead of passing in silence.
package enum Vectors {
    package static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static let folder = checkout.deletingLastPathComponent().appending(path: "shared/vectors")

    package static let arePresent = FileManager.default.fileExists(atPath: folder.path)

    package static let absence = "recorded vectors are not beside this checkout (../shared/vectors)"

    package static func url(_ path: String) -> URL { folder.appending(path: path) }

    package static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(path))) }

    package static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The files below `path` whose names end in `suffix`, sorted.
    package static func files(below path: String, suffix: String) -> [URL] {
        let found = FileManager.default.enumerator(at: url(path), includingPropertiesForKeys: nil)
        return (found?.compactMap { $0 as? URL } ?? []).filter { $0.lastPathComponent.hasSuffix(suffix) }
            .sorted { $0.path < $1.path }
    }
}
