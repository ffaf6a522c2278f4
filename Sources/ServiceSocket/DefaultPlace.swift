/// Where things are when nobody says otherwise.
package enum DefaultPlace {
    package static let socket = "/run/pumpledger/pumpledger.sock"
    package static let serviceLedger = "/var/lib/pumpledger/ledger.db"
    package static let daemonSettings = "/etc/pumpledger/pumpledgerd.json"

    /// A user's own ledger (XDG Base Directory Specification: relative values of XDG_STATE_HOME count as unset). Nil
    /// where the environment names no home either.
    package static func userLedger(environment: [String: String]) -> String? {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            return state + "/pumpledger/ledger.db"
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return (home == "/" ? "" : home) + "/.local/state/pumpledger/ledger.db"
    }
}
