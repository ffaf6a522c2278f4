/// The version that every program prints.
package enum PumpLedgerVersion {
    package static let text = "0.1.0"
}
