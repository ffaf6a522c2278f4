import PumpDrivers
import PumpLinks

/// The line to a device that is plugged in: over its serial port, or over its bulk endpoints.
enum PluggedLine {
    static func to(_ device: PluggedDevice, _ driver: PumpDriver, baud: Int?) -> PluggedLink.Line {
        { home in
            if let problem = device.problem { return UnusableLink(name: device.node, problem: problem, home: home) }
            guard device.kind == .wholeDevice, let interfaceClass = driver.usbInterfaceClass else {
                return SerialLink(path: device.node, settings: SerialSettings(driver, baud: baud), home: home)
            }
            return USBLink(
                node: device.node, descriptors: device.descriptors, interfaceClass: interfaceClass, home: home)
        }
    }
}

extension SerialSettings {
    /// The family's settings; the speed may be another.
    init(_ driver: PumpDriver, baud: Int?) {
        self.init(
            baud: baud ?? driver.serial?.baud ?? 9600, parity: driver.serial?.framing == "7E1" ? .even : .none)
    }
}
