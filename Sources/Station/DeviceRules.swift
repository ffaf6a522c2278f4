package import PumpDrivers
package import PumpLinks

/// Which plugged-in device is spoken to, and how. What no rule names is never opened: a mouse, a modem or a stranger's
/// adapter gets no byte from this program.
package struct DeviceRules: Sendable {
    /// The links of the settings whose place is `usb:`.
    private let named: [LinkSpec]
    private let drivers: [PumpDriver]
    /// True where a device that a driver claims by its numbers or its class needs no link of its own.
    private let takesClaimed: Bool

    package init(links: [LinkSpec], drivers: [PumpDriver] = DriverCatalog.all, takesClaimed: Bool) {
        let usb = links.filter { $0.place == .usb }
        // Who names one adapter means it more than who names them all.
        named = usb.filter(\.namesAdapter) + usb.filter { !$0.namesAdapter }
        self.drivers = drivers.filter { $0.makeSession != nil }
        self.takesClaimed = takesClaimed
    }

    /// False where nothing that is plugged in could ever be read.
    package var areEmpty: Bool { named.isEmpty && !takesClaimed }

    /// Chips of adapters that any device may have inside, from a label printer to a door lock: FTDI, CP210x, CH340, PL2303.
    /// They are read where a person names the adapter, and only there.
    package static let anybodysAdapters: Set<String> = [
        "0403:6001", "0403:6010", "0403:6011", "0403:6014", "0403:6015", "10c4:ea60", "10c4:ea70", "1a86:7523",
        "1a86:5523",
        "1a86:55d4", "067b:2303", "067b:23a3", "067b:23c3",
    ]

    /// How the device is to be read; nil where it is to be left alone.
    package func link(for device: PluggedDevice) -> LinkSpec? {
        for link in named {
            guard let driver = drivers.first(where: { $0.name == link.driver }) else { continue }
            if let adapter = link.adapter, adapter != device.serial { continue }
            if let path = link.path, path != device.path { continue }
            if Self.claims(driver, device, isNamed: link.namesAdapter) { return link }
        }
        guard takesClaimed, let driver = drivers.first(where: { Self.claims($0, device, isNamed: false) }) else {
            return nil
        }
        return LinkSpec(.usb, driver: driver.name)
    }

    private static func claims(_ driver: PumpDriver, _ device: PluggedDevice, isNamed: Bool) -> Bool {
        switch device.kind {
        case .wholeDevice: driver.usbInterfaceClass.map(device.hasInterface(ofClass:)) ?? false
        case .serialPort:
            driver.usbInterfaceClass == nil
                && (isNamed
                    || driver.usb.contains { $0.vendor == device.vendor && $0.product == device.product }
                        && !anybodysAdapters.contains(device.numbers ?? ""))
        }
    }
}
