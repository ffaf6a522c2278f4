import Foundation
import Glibc

/// Who asks. Over a socket it is what the kernel says of the other end; in a process of its own, the user that runs it.
package struct Caller: Codable, Hashable, Sendable {
    /// The name in the system's user database; the number, where it has none.
    package var user: String
    package var uid: UInt32
    package var roles: Set<Role>

    package init(user: String, uid: UInt32, roles: Set<Role>) {
        self.user = user
        self.uid = uid
        self.roles = roles
    }

    /// The user that runs this process: the file is his, so everything in it is.
    package static var thisProcess: Caller {
        let name = NSUserName()
        return Caller(user: name.isEmpty ? String(getuid()) : name, uid: getuid(), roles: Set(Role.allCases))
    }
}
