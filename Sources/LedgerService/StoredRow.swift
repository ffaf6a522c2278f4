import Ledger

/// The ledger's own form of a register row; the register room has one of the same name.
typealias StoredRow = RegisterEntry
