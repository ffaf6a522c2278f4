/// What somebody is to the ledger. One may have several.
package enum Role: String, Codable, CaseIterable, Hashable, Sendable {
    /// Plugs pumps in, counts the shelf, sees what is new.
    case nurse
    /// Keeps the register and the month.
    case biller
    /// Looks at everything and changes nothing.
    case auditor
    /// Everything.
    case admin
}

extension Request {
    /// Who may ask for it; nil: everybody who reaches the socket. These say how the ports stand, and name no patient.
    package var roles: Set<Role>? {
        switch self {
        case .status, .watch: nil
        case .pumps: [.nurse, .biller, .auditor, .admin]
        case .visit: [.nurse, .admin]
        case .enter: [.nurse, .biller, .admin]
        case .events: [.nurse, .biller, .auditor, .admin]
        case .importRegister, .importEvents, .close: [.biller, .admin]
        case .usage, .billable, .reconcile, .refillDue, .scrub, .explain, .packet: [.biller, .auditor, .admin]
        case .audit, .verify: [.auditor, .admin]
        // Reading only; the checkpoint is what an auditor takes home.
        case .checkpoint: [.auditor, .admin]
        case .replay, .importLog, .reopen, .disown, .backup: [.admin]
        }
    }

    /// Throws what a person is told who may not.
    func admit(_ caller: Caller) throws(ServiceError) {
        guard let roles, roles.isDisjoint(with: caller.roles) else { return }
        let wanted = Role.allCases.filter(roles.contains).map(\.rawValue)
        let needed = wanted.count == 1 ? "the role \(wanted[0])" : "one of the roles \(wanted.joined(separator: ", "))"
        let has = Role.allCases.filter(caller.roles.contains).map(\.rawValue)
        throw ServiceError(
            .usage,
            "this needs \(needed), and \(caller.user) has "
                + (has.isEmpty ? "none" : "only \(has.joined(separator: ", "))"),
            remedy: "Ask whoever looks after this machine to put you into the group of that role: "
                + wanted.prefix(1).map { "sudo usermod -aG pumpledger-\($0) \(caller.user)" }.joined())
    }
}
