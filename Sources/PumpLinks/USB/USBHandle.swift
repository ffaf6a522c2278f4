import CUSB
import Glibc

/// An opened USB device with one interface claimed. A kernel driver that had the interface is put off it, and gets it back
/// at the end.
///
/// Each has a libusb context of its own, which looks for no devices: what one device does to libusb concerns no other.
/// `give` must be called exactly once, when no transfer is under way.
final class USBHandle: @unchecked Sendable {
    let pair: USBBulkPair
    let context: OpaquePointer
    let device: OpaquePointer
    private let descriptor: Int32
    /// Once a process: it changes what every later context begins with.
    private static let withoutDiscovery = pumpledger_usb_without_discovery()

    init(node: String, pair: USBBulkPair) throws(LinkFault) {
        do throws(SystemCallFailure) {
            descriptor = try systemCall("open") { open(node, O_RDWR | O_CLOEXEC) }
        } catch {
            throw [ENXIO, ENODEV, EIO].contains(error.code) ? .absent(place: node) : .of(error, at: node)
        }
        self.pair = pair
        _ = Self.withoutDiscovery
        var context: OpaquePointer?
        guard libusb_init(&context) == 0, let context else {
            close(descriptor)
            throw .failed(place: node, SystemCallFailure(call: "libusb_init", code: ENOMEM))
        }
        self.context = context
        var device: OpaquePointer?
        let wrapped = libusb_wrap_sys_device(context, Int(descriptor), &device)
        guard wrapped == 0, let device else {
            libusb_exit(context)
            close(descriptor)
            throw Self.fault(wrapped, "usb open", node)
        }
        self.device = device
        // Not supported everywhere; then there is no kernel driver to put off.
        _ = libusb_set_auto_detach_kernel_driver(device, 1)
        let claimed = libusb_claim_interface(device, Int32(pair.interface))
        if claimed != 0 {
            libusb_close(device)
            libusb_exit(context)
            close(descriptor)
            throw Self.fault(claimed, "usb claim", node)
        }
    }

    /// Gives interface, device and descriptor back.
    func give() {
        libusb_release_interface(device, Int32(pair.interface))
        libusb_close(device)
        libusb_exit(context)
        close(descriptor)
    }

    private static func fault(_ code: Int32, _ call: String, _ node: String) -> LinkFault {
        switch code {
        case LIBUSB_ERROR_NO_DEVICE.rawValue: .absent(place: node)
        case LIBUSB_ERROR_BUSY.rawValue: .busy(place: node, holders: PortHolder.holding(node))
        case LIBUSB_ERROR_ACCESS.rawValue: .permissionDenied(place: node, group: LinkFault.groupName(of: node))
        case LIBUSB_ERROR_NOT_FOUND.rawValue:
            .unusable(place: node, reason: "it does not have the interface that it announced")
        default: .failed(place: node, SystemCallFailure(call: call, code: EIO))
        }
    }
}
