package import PumpLinks

/// What was found on this machine, as far as it can stand between a pump and the ledger. A value: what it means is judged
/// elsewhere, and a test writes its own.
package struct HostFacts: Sendable {
    /// A device that a driver claims or a link names, or that could be one.
    package struct Device: Sendable {
        package var node: String
        package var numbers: String?
        package var adapter: String?
        package var path: String
        /// The driver by which it is read; nil: nobody has named it.
        package var driver: String?
        /// False where this user may not open it.
        package var mayOpen: Bool
        package var group: String?
        /// Programs that have it open, the daemon excepted.
        package var holders: [PortHolder]
        package var problem: String?

        package init(
            node: String, numbers: String? = nil, adapter: String? = nil, path: String = "", driver: String? = nil,
            mayOpen: Bool = true, group: String? = nil, holders: [PortHolder] = [], problem: String? = nil
        ) {
            self.node = node
            self.numbers = numbers
            self.adapter = adapter
            self.path = path
            self.driver = driver
            self.mayOpen = mayOpen
            self.group = group
            self.holders = holders
            self.problem = problem
        }
    }

    /// Who is to read the pumps: the service's account where there is one, else the caller.
    package var user = ""
    package var devices: [Device] = []
    package var runsUdev = true
    package var hasRules = true
    package var daemonAnswers = true
    /// The process of ModemManager, and whether our rules keep it off.
    package var modemManager: Int32?
    /// The process of brltty, and its version (6.5 and later leave adapters alone); nil where it does not say.
    package var brltty: (pid: Int32, version: String?)?
    /// Nil where the kernel does not say.
    package var clockIsSynchronised: Bool? = true
    package var sqliteVersion = ""
    package var ledger = ""
    /// Programs that have the ledger open, our own excepted.
    package var ledgerHolders: [PortHolder] = []
    /// The kind of file system that the ledger is on: `ext4`, `nfs4`.
    package var fileSystem: String?
    package var freeMegabytes: Int?

    package init() {}
}
