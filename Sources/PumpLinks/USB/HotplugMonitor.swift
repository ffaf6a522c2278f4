import CUdev
import Dispatch
import Foundation

package enum HotplugEvent: Hashable, Sendable {
    /// It is plugged in, perhaps for a while already; or something about it is known now that was not before.
    case present(PluggedDevice)
    case gone(sysfsPath: String)
}

/// Says what is plugged into the USB, what comes and what goes (libudev(3)). It asks nobody and sets no timer: udev's
/// messages arrive at a descriptor, and while nothing is plugged nothing runs.
///
/// The same device may be told several times, in any order of add, bind and change: whoever listens keeps the last word.
/// Where messages were lost, everything is looked at anew, and what is missing then is told as gone.
package final class HotplugMonitor: @unchecked Sendable {
    private let queue = DispatchQueue(label: "hotplug")
    private let context: UdevContext
    private let monitor: OpaquePointer
    private let deliver: @Sendable (HotplugEvent) -> Void
    // Touched only on `queue`.
    private var source: (any DispatchSourceRead)?
    /// What was told as present, and not as gone since.
    private var known: Set<String> = []

    /// True where udev's messages can be expected; without it nothing is told of what comes and goes.
    package static var isServed: Bool { access("/run/udev/control", F_OK) == 0 }

    /// Tells at once what is plugged in, and from then on what changes. No device falls between the two.
    ///
    /// - Parameter deliver: Called on a queue of the monitor's own.
    package init(deliver: @escaping @Sendable (HotplugEvent) -> Void) throws(SystemCallFailure) {
        self.deliver = deliver
        context = try UdevContext()
        guard let monitor = udev_monitor_new_from_netlink(context.raw, "udev") else {
            throw SystemCallFailure(call: "udev_monitor_new_from_netlink", code: errno)
        }
        self.monitor = monitor
        // The kernel drops what nobody asked for.
        udev_monitor_filter_add_match_subsystem_devtype(monitor, "tty", nil)
        udev_monitor_filter_add_match_subsystem_devtype(monitor, "usb", "usb_device")
        // A hub with everything on it comes at once. Not vital: what is lost is looked for.
        udev_monitor_set_receive_buffer_size(monitor, 1 << 20)
        let code = udev_monitor_enable_receiving(monitor)
        guard code >= 0 else { throw SystemCallFailure(call: "udev_monitor_enable_receiving", code: -code) }
    }

    package func start() {
        queue.sync {
            guard source == nil else { return }
            let source = DispatchSource.makeReadSource(fileDescriptor: udev_monitor_get_fd(monitor), queue: queue)
            source.setEventHandler { @Sendable [weak self] in self?.receiveAll() }
            // The descriptor is the monitor's own, and lives until the source has let go of it.
            source.setCancelHandler { @Sendable [monitor = Reference(monitor)] in _ = monitor }
            source.activate()
            self.source = source
            lookAtAll()
        }
    }

    deinit {
        if let source { source.cancel() } else { udev_monitor_unref(monitor) }
    }

    /// Gives the monitor back when nobody needs its descriptor any more.
    private final class Reference: @unchecked Sendable {
        private let raw: OpaquePointer
        init(_ raw: OpaquePointer) { self.raw = raw }
        deinit { udev_monitor_unref(raw) }
    }

    private func receiveAll() {
        while true {
            errno = 0
            if let raw = udev_monitor_receive_device(monitor) {
                take(UdevDevice(owning: raw))
                continue
            }
            switch errno {
            case EINTR: continue
            case ENOBUFS: lookAtAll()
            default: return
            }
        }
    }

    private func take(_ device: consuming UdevDevice) {
        switch device.action {
        case "remove", "unbind": tellGone(device.sysfsPath)
        default: if let description = device.description { tell(description.device) }
        }
    }

    private func tell(_ device: PluggedDevice) {
        known.insert(device.sysfsPath)
        deliver(.present(device))
    }

    private func tellGone(_ path: String) {
        if known.remove(path) != nil { deliver(.gone(sysfsPath: path)) }
    }

    private func lookAtAll() {
        let found = Self.all(context)
        for path in known.subtracting(found.map(\.sysfsPath)) { tellGone(path) }
        for device in found { tell(device) }
    }

    /// Everything that is plugged in now.
    package static func devices() throws(SystemCallFailure) -> [PluggedDevice] { all(try UdevContext()) }

    private static func all(_ context: borrowing UdevContext) -> [PluggedDevice] {
        var found: [PluggedDevice] = []
        // The kernel says "whole device" with an attribute that its parts do not have.
        for path in paths(context, "usb") + paths(context, "tty") {
            guard let device = UdevDevice(context, sysfsPath: path), let description = device.description else {
                continue
            }
            // A machine's devices show inside a container too; its nodes do not, and nothing can be done with them.
            if access(description.node, F_OK) == 0 { found.append(description.device) }
        }
        return found
    }

    private static func paths(_ context: borrowing UdevContext, _ subsystem: String) -> [String] {
        guard let list = udev_enumerate_new(context.raw) else { return [] }
        defer { udev_enumerate_unref(list) }
        udev_enumerate_add_match_subsystem(list, subsystem)
        udev_enumerate_scan_devices(list)
        var paths: [String] = []
        var entry = udev_enumerate_get_list_entry(list)
        while let current = entry {
            if let name = udev_list_entry_get_name(current) { paths.append(String(cString: name)) }
            entry = udev_list_entry_get_next(current)
        }
        return paths
    }
}
