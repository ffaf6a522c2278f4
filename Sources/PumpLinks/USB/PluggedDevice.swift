import PumpCore

/// Something on the USB, as udev and the kernel describe it. Nothing was sent to it to learn this.
package struct PluggedDevice: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// A serial port that a kernel driver made of it: `/dev/ttyUSB0`.
        case serialPort
        /// The device itself: `/dev/bus/usb/001/004`.
        case wholeDevice
    }

    package var kind: Kind
    /// Names it while it is plugged in, and never again after that.
    package var sysfsPath: String
    package var node: String
    package var vendor: UInt16?
    package var product: UInt16?
    /// The adapter's own serial number (`ID_SERIAL_SHORT`). Some makers give one to all, some give none, and it is not the
    /// pump's.
    package var serial: String?
    /// The socket that it is plugged into (`ID_PATH`); the same after a restart.
    package var path: String
    /// What it calls itself.
    package var title: String?
    /// Of a whole device; empty for a serial port.
    package var descriptors: USBDescriptors?
    /// What it said of itself that cannot be true.
    package var problem: USBDescriptorProblem?

    /// `0403:6001`, or nothing where it did not say.
    package var numbers: String? {
        guard let vendor, let product else { return nil }
        return hex4(vendor) + ":" + hex4(product)
    }

    package func hasInterface(ofClass wanted: UInt8) -> Bool {
        descriptors?.interfaces.contains { $0.interfaceClass == wanted } ?? false
    }
}

/// What udev and sysfs have on a device, as text, before anything of it is believed.
package struct DeviceDescription: Hashable, Sendable {
    package var kind: PluggedDevice.Kind
    package var sysfsPath: String
    package var node: String
    /// udev's properties; empty where no udev runs.
    package var properties: [String: String]
    /// The attributes of the USB device that it is, or belongs to.
    package var attributes: [String: String]
    /// The kernel's name of that device: `1-2`.
    package var usbName: String
    /// The bytes of the descriptors, of a whole device.
    package var descriptors: [UInt8]?

    package init(
        kind: PluggedDevice.Kind, sysfsPath: String, node: String, properties: [String: String] = [:],
        attributes: [String: String] = [:], usbName: String, descriptors: [UInt8]? = nil
    ) {
        self.kind = kind
        self.sysfsPath = sysfsPath
        self.node = node
        self.properties = properties
        self.attributes = attributes
        self.usbName = usbName
        self.descriptors = descriptors
    }

    /// A USB text has at most 126 characters, which are at most 378 bytes here; udev escapes some as four.
    static let longestText = 512

    /// udev's word counts first: it has replaced what does not belong into a name.
    package var device: PluggedDevice {
        let read = descriptors.map(USBDescriptors.init)
        var device = PluggedDevice(
            kind: kind, sysfsPath: sysfsPath, node: node,
            vendor: number("ID_VENDOR_ID", "idVendor") ?? read?.vendor,
            product: number("ID_MODEL_ID", "idProduct") ?? read?.product,
            path: text("ID_PATH", nil) ?? "usb-" + usbName + interfaceSuffix, descriptors: read,
            problem: read?.problem)
        device.serial = text("ID_SERIAL_SHORT", "serial")
        device.title = text("ID_MODEL", "product")
        for (name, value) in properties.merging(attributes, uniquingKeysWith: { one, _ in one })
        where value.utf8.count > Self.longestText {
            device.problem = device.problem ?? .textTooLong(name: name, bytes: value.utf8.count)
        }
        return device
    }

    /// Where no udev tells sockets apart, an adapter with several ports still does.
    private var interfaceSuffix: String {
        properties["ID_USB_INTERFACE_NUM"].flatMap { UInt8($0, radix: 16) }.map { ":1.\($0)" } ?? ""
    }

    private func text(_ property: String, _ attribute: String?) -> String? {
        let value = properties[property] ?? attribute.flatMap { attributes[$0] }
        guard let value, !value.isEmpty, value.utf8.count <= Self.longestText else { return nil }
        return printable(value, atMost: Self.longestText)
    }

    private func number(_ property: String, _ attribute: String) -> UInt16? {
        (properties[property] ?? attributes[attribute]).flatMap { UInt16($0, radix: 16) }
    }
}

private func hex4(_ number: UInt16) -> String { [UInt8(number >> 8), UInt8(number & 0xFF)].hex }
