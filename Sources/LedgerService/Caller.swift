import Glibc

/// Who asks: the user that the kernel names, never one that a message claims.
package struct Caller: Codable, Hashable, Sendable {
    package var user: String
    package var uid: UInt32

    package init(user: String, uid: UInt32) {
        self.user = user
        self.uid = uid
    }

    /// The user as whom this process runs.
    package static var thisProcess: Caller {
        let uid = geteuid()
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var room = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &room, room.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return Caller(user: "uid \(uid)", uid: uid)
        }
        return Caller(user: String(cString: name), uid: uid)
    }
}
