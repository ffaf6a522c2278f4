import Foundation
import Glibc

/// Who asks. Over a socket it is what the kernel says of the other end; in a process of its own, the user that runs it.
package struct Caller: Codable, Hashable, Sendable {
    /// The name in the system's user database; the number, where it has none.
    package var user: String
    package var uid: UInt32

    package init(user: String, uid: UInt32) {
        self.user = user
        self.uid = uid
    }

    /// The user that runs this process.
    package static var thisProcess: Caller {
        let name = NSUserName()
        return Caller(user: name.isEmpty ? String(getuid()) : name, uid: getuid())
    }
}
