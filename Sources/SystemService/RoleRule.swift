/// Who has a role at the socket: a user of this machine, or everybody in a group.
package struct RoleRule: Hashable, Sendable {
    package enum Holder: Hashable, Sendable {
        case user(String)
        case group(String)
    }

    /// `nurse`, `biller`, `auditor`, `admin`.
    package var role: String
    package var holder: Holder

    package static let roles = ["nurse", "biller", "auditor", "admin"]

    /// Where nothing else is set: one group a role, named after it.
    package static let byDefault = roles.map { RoleRule(role: $0, holder: .group("pumpledger-" + $0)) }

    package init(role: String, holder: Holder) {
        self.role = role
        self.holder = holder
    }

    /// `nurse=@ward-3`, `auditor=maria`. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, Self.roles.contains(String(parts[0])) else { return nil }
        let isGroup = parts[1].hasPrefix("@")
        let name = String(isGroup ? parts[1].dropFirst() : parts[1])
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !",:=@".utf8.contains($0) }
        guard isName else { return nil }
        self.init(role: String(parts[0]), holder: isGroup ? .group(name) : .user(name))
    }

    package func holds(user: String?, groups: [String]) -> Bool {
        switch holder {
        case .user(let name): user == name
        case .group(let name): groups.contains(name)
        }
    }
}
