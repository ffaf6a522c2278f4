import Glibc

/// Whose rights decide whether a pump can be read: the service's, where there is one, else the caller's.
struct ReadingUser: Sendable {
    var name: String
    private var user: uid_t
    private var groups: Set<gid_t>

    /// The account that the running daemon has, else the one that the package makes; nil where there is neither.
    static func service(process: Int32?) -> ReadingUser? {
        var status = stat()
        if let process, stat("/proc/\(process)", &status) == 0 {
            return account { getpwuid_r(status.st_uid, $0, $1, $2, $3) }
        }
        return account { getpwnam_r("pumpledger", $0, $1, $2, $3) }
    }

    /// As open(2) would judge by owner, group and mode. Access lists are not looked at: ours are not used on devices.
    func mayReadAndWrite(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return mayReadAndWrite(owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
    }

    func mayReadAndWrite(owner: uid_t, group: gid_t, mode: mode_t) -> Bool {
        if user == 0 { return true }
        let shift: mode_t = user == owner ? 6 : groups.contains(group) ? 3 : 0
        return (mode >> shift) & 0o6 == 0o6
    }

    init(name: String, user: uid_t, groups: Set<gid_t>) {
        self.name = name
        self.user = user
        self.groups = groups
    }

    private typealias Look = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func account(_ look: Look) -> ReadingUser? {
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard look(&entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        var groups = [gid_t](repeating: 0, count: 256)
        var count = Int32(groups.count)
        // Over 256 groups, the first 256 are judged by.
        _ = getgrouplist(name, entry.pw_gid, &groups, &count)
        return ReadingUser(
            name: String(cString: name), user: entry.pw_uid, groups: Set(groups.prefix(Int(max(0, min(count, 256))))))
    }
}
