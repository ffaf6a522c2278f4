import Dispatch
import Glibc
import PumpLinks

/// Who is at the other end of a Unix socket, as the kernel says: no password, nothing that the peer could claim.
///
/// Inside a user namespace that does not map the peer's user (systemd's `PrivateUsers=yes` maps two), the kernel answers
/// 65534 for everybody: a service that gives roles to users must run without one.
package struct PeerIdentity: Hashable, Codable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// 0 where the peer's process is not visible from here.
    package var pid: Int32
    /// The user's name in the system's user database; nil where it has none.
    package var userName: String?
    /// Its groups beside `gid`, as they were when it connected.
    package var supplementaryGroups: [UInt32]
    /// Names of all its groups that have one.
    package var groupNames: [String]

    package init(
        uid: UInt32, gid: UInt32, pid: Int32, userName: String? = nil, supplementaryGroups: [UInt32] = [],
        groupNames: [String] = []
    ) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.userName = userName
        self.supplementaryGroups = supplementaryGroups
        self.groupNames = groupNames
    }

    /// The identity that the kernel noted when the two ends were connected; no name yet.
    init(ofPeerAt descriptor: Descriptor) throws(SystemCallFailure) {
        // `struct ucred` of socket(7), which Swift's Glibc does not show: pid, uid, gid.
        var credentials: (Int32, UInt32, UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout<(Int32, UInt32, UInt32)>.size)
        _ = try systemCall("getsockopt SO_PEERCRED") {
            unsafe getsockopt(descriptor.number, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        }
        self.init(
            uid: credentials.1, gid: credentials.2, pid: credentials.0,
            supplementaryGroups: try Self.groups(ofPeerAt: descriptor))
    }

    /// SO_PEERGROUPS of socket(7), since Linux 4.13; Swift's Glibc does not show its number.
    private static let peerGroups: Int32 = 59

    private static func groups(ofPeerAt descriptor: Descriptor) throws(SystemCallFailure) -> [UInt32] {
        // Nobody is in more: NGROUPS_MAX.
        var groups = [UInt32](repeating: 0, count: 65_536)
        var length = socklen_t(groups.count * MemoryLayout<UInt32>.stride)
        _ = try systemCall("getsockopt SO_PEERGROUPS") {
            unsafe getsockopt(descriptor.number, SOL_SOCKET, peerGroups, &groups, &length)
        }
        return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.stride))
    }

    func named() async -> PeerIdentity {
        await withCheckedContinuation { continuation in
            // A look-up may ask a directory server and block: nobody else shall wait for it.
            DispatchQueue(label: "pumpledger.accounts").async { @Sendable in
                var named = self
                named.userName = AccountNames.user(uid)
                named.groupNames = ([gid] + supplementaryGroups.filter { $0 != gid }).compactMap(AccountNames.group)
                continuation.resume(returning: named)
            }
        }
    }
}

/// The system's user and group databases.
package enum AccountNames {
    /// The longest entry that is read: a group with many members needs far more than the usual 1 kB.
    private static let largestEntry = 1 << 20

    package static func user(_ uid: UInt32) -> String? {
        unsafe entry { buffer, size in
            var found: UnsafeMutablePointer<passwd>?
            var record = unsafe passwd()
            let code = unsafe getpwuid_r(uid, &record, buffer, size, &found)
            return unsafe (code, text(found?.pointee.pw_name))
        }
    }

    package static func group(_ gid: UInt32) -> String? {
        unsafe entry { buffer, size in
            var found: UnsafeMutablePointer<Glibc.group>?
            var record = unsafe Glibc.group()
            let code = unsafe getgrgid_r(gid, &record, buffer, size, &found)
            return unsafe (code, text(found?.pointee.gr_name))
        }
    }

    package static func gid(ofGroup name: String) -> UInt32? {
        unsafe entry { buffer, size in
            var found: UnsafeMutablePointer<Glibc.group>?
            var record = unsafe Glibc.group()
            let code = unsafe getgrnam_r(name, &record, buffer, size, &found)
            return unsafe (code, found.map { unsafe $0.pointee.gr_gid })
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(validatingCString: pointer)
    }

    /// Asks with a buffer that grows for as long as the database says that it is too small (ERANGE).
    private static func entry<Value>(
        _ ask: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, value: Value?)
    ) -> Value? {
        var size = 1024
        while size <= largestEntry {
            let answer = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
                unsafe buffer.baseAddress.map { unsafe ask($0, size) }
            }
            guard let answer, answer.code == ERANGE else { return answer?.value }
            size *= 4
        }
        return nil
    }
}
