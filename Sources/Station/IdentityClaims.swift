package import PumpCore

/// Which pump is plugged in at which port. Two devices that show one serial number are an alarm, never one pump.
///
/// A port keeps its claim from a pump's name to the end of its link, not only while it reads: otherwise the twin's turn
/// came as soon as the first is read, and two logs became one.
package actor IdentityClaims {
    private var claims: [PumpKey: Claim] = [:]

    private struct PumpKey: Hashable {
        var driver: String
        var serial: String
    }

    private struct Claim {
        var port: String
        var onContest: @Sendable () -> Void
    }

    package init() {}

    /// Nil where the pump is now this port's; else the port that has it. A port has one pump: the one that it claimed
    /// before is free.
    ///
    /// - Parameter onContest: Called when another port names the same pump: time to see whether it is still here.
    package func claim(
        _ pump: PumpIdentity, port: String, onContest: @escaping @Sendable () -> Void = {}
    ) -> String? {
        let key = PumpKey(driver: pump.driver, serial: pump.serial)
        if let holder = claims[key], holder.port != port {
            release(port: port)
            holder.onContest()
            return holder.port
        }
        release(port: port)
        claims[key] = Claim(port: port, onContest: onContest)
        return nil
    }

    package func release(port: String) { claims = claims.filter { $0.value.port != port } }
}
