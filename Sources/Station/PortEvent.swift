package import PumpCore
package import PumpDrivers
package import PumpLinks

/// What happens to a port.
package enum PortEvent: Hashable, Sendable {
    case start
    case link(LinkEvent)
    /// The writer opened the session that `PortAction.begin` asked for.
    case begun(KnownLog)
    case stored(BatchReceipt)
    /// The writer could not do what it was asked. The reason is a plain sentence, and so is what to do about it.
    case sinkFailed(String, remedy: String? = nil)
    /// Another port is reading the pump that just named itself here.
    case identityTaken(byPort: String)
    /// The moment of `PortAction.wake` has come.
    case clockPassed
    /// A hotplug monitor saw the device.
    case deviceAppeared
    /// Somebody asks for it: now, whatever the schedule says.
    case readNow
    case stop
}

/// What a port wants done, in order.
package enum PortAction: Hashable, Sendable {
    case open
    case close
    case send([UInt8])
    /// Say `clockPassed` at this moment of the station's clock. It replaces the one before; nil takes it back.
    case wake(atMilliseconds: Int?)
    case begin(SessionOpening)
    case append(LogBatch)
    case noteClock(DeviceTime, at: Instant)
    case noteGap(LogGap)
    case noteFault(SessionFault)
    /// Everything newer than what the ledger had is stored; what follows is older.
    case noteNewestStored
    case end(SessionOutcome)
    case report(PortReport)
}
