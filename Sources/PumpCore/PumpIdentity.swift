/// A pump as it names itself over the wire. A port, a path or a USB serial is a hint, never an identity.
package struct PumpIdentity: Hashable, Codable, Sendable {
    /// The maker's serial number, as text: it may have leading zeros.
    package var serial: String
    /// The driver that read it, by its name in the driver table.
    package var driver: String
    package var model: String?
    package var firmware: String?

    package init(serial: String, driver: String, model: String? = nil, firmware: String? = nil) {
        self.serial = serial
        self.driver = driver
        self.model = model
        self.firmware = firmware
    }

    /// Serials of simulated pumps start so, and reports mark them.
    package var isSimulated: Bool { Self.isSimulated(serial) }

    package static func isSimulated(_ serial: String) -> Bool { serial.hasPrefix("SIM") }
}
