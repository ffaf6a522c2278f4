import CUdev
import Foundation

/// libudev's context. It holds what devices need and does nothing of its own.
struct UdevContext: ~Copyable {
    let raw: OpaquePointer

    init() throws(SystemCallFailure) {
        guard let raw = udev_new() else { throw SystemCallFailure(call: "udev_new", code: errno) }
        self.raw = raw
    }

    deinit { udev_unref(raw) }
}

/// A device as libudev hands it out.
struct UdevDevice: ~Copyable {
    private let raw: OpaquePointer

    /// - Parameter raw: This value's own reference.
    init(owning raw: OpaquePointer) { self.raw = raw }

    /// Nil where it is gone meanwhile.
    init?(_ context: borrowing UdevContext, sysfsPath: String) {
        guard let raw = udev_device_new_from_syspath(context.raw, sysfsPath) else { return nil }
        self.raw = raw
    }

    deinit { udev_device_unref(raw) }

    /// `add`, `bind`, `change`, `unbind`, `remove` and others; nothing for a device that was looked up.
    var action: String { Self.text(udev_device_get_action(raw)) ?? "" }
    var sysfsPath: String { Self.text(udev_device_get_syspath(raw)) ?? "" }

    /// Nil where it is no serial port of a USB device and no USB device that could be a pump.
    var description: DeviceDescription? {
        guard let node = Self.text(udev_device_get_devnode(raw)) else { return nil }
        switch Self.text(udev_device_get_subsystem(raw)) {
        case "tty":
            // Its reference belongs to `raw`.
            guard let parent = udev_device_get_parent_with_subsystem_devtype(raw, "usb", "usb_device") else {
                return Self.isOnUSB(raw) ? describe(.serialPort, node, parent: nil) : nil
            }
            return describe(.serialPort, node, parent: parent)
        case "usb":
            guard Self.text(udev_device_get_devtype(raw)) == "usb_device" else { return nil }
            return describe(.wholeDevice, node, parent: raw)
        default: return nil
        }
    }

    private static func isOnUSB(_ raw: OpaquePointer) -> Bool {
        text(udev_device_get_property_value(raw, "ID_BUS")) == "usb"
    }

    private static let properties = [
        "ID_VENDOR_ID", "ID_MODEL_ID", "ID_SERIAL_SHORT", "ID_PATH", "ID_MODEL", "ID_USB_INTERFACE_NUM",
    ]
    private static let attributes = ["idVendor", "idProduct", "serial", "product"]

    private func describe(
        _ kind: PluggedDevice.Kind, _ node: String, parent: OpaquePointer?
    ) -> DeviceDescription {
        var description = DeviceDescription(
            kind: kind, sysfsPath: sysfsPath, node: node,
            usbName: parent.flatMap { Self.text(udev_device_get_sysname($0)) } ?? "")
        for name in Self.properties {
            description.properties[name] = Self.text(udev_device_get_property_value(raw, name))
        }
        guard let parent else { return description }
        for name in Self.attributes {
            description.attributes[name] = Self.text(udev_device_get_sysattr_value(parent, name))
        }
        if kind == .wholeDevice { description.descriptors = Self.bytes(of: sysfsPath + "/descriptors") }
        return description
    }

    /// Not through libudev, whose attributes are text and end at the first zero.
    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        // One more than may be there, so that too many are seen.
        return (try? file.read(upToCount: USBDescriptors.mostBytes + 1)).map { $0.map([UInt8].init) ?? [] }
    }

    private static func text(_ text: UnsafePointer<CChar>?) -> String? {
        // A device's text comes through the kernel, which cuts it; a mistake there must not become ours.
        guard let text else { return nil }
        let length = strnlen(text, mostTextBytes)
        return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
    }

    /// More than `DeviceDescription` believes, so that it sees that a text is too long.
    private static let mostTextBytes = 8192
}
