import CUSB
import Dispatch
import Foundation
import Synchronization

/// Reads and writes the bulk endpoints of a device that it owns, and gives the device back exactly once, when every
/// transfer has come back.
///
/// libusb's events are handled by one thread, which sleeps in poll(2) until the kernel has something of this device.
/// Everything else here is touched only on `queue`.
final class USBStream: @unchecked Sendable {
    /// More than this waiting to be written, and the device is taken for stuck.
    static let mostUnsent = 1 << 20
    /// One packet a transfer: then a message ends nowhere but where the device ended it, with or without the empty packet
    /// that should follow a full one. Several at once, so that none has to wait for this program.
    static let inboundTransfers = 8
    /// IEEE 11073-20601 messages have up to 63 KB.
    static let mostOutboundBytes = 65_536
    /// A device that takes no byte for so long no longer listens.
    static let outboundMilliseconds: UInt32 = 5_000
    /// So often in a row an endpoint may halt before the device is given up.
    static let mostStalls = 3

    private let handle: USBHandle
    private let place: String
    private let queue: DispatchQueue
    private let deliver: @Sendable (LinkEvent) -> Void
    private var inbound: Set<USBTransfer> = []
    private var outbound: USBTransfer?
    private var unsent: [[UInt8]] = []
    private var unsentBytes = 0
    private var stalls = 0
    /// The inbound endpoint halted: it goes on when every transfer of it is back.
    private var isRecovering = false
    private var hasEnded = false
    private var reason: LinkFault?
    /// Tells the thread that nothing is left to wait for.
    private let isOver = Atomic(false)

    init(
        owning handle: USBHandle, place: String, queue: DispatchQueue,
        deliver: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.handle = handle
        self.place = place
        self.queue = queue
        self.deliver = deliver
    }

    /// Call on `queue`.
    func start() {
        let thread = Thread { [self] in handleEvents() }
        thread.name = "usb"
        thread.stackSize = 256 << 10
        thread.start()
        deliver(.opened)
        listen()
    }

    /// Call on `queue`.
    func send(_ bytes: [UInt8]) {
        guard !hasEnded, !bytes.isEmpty else { return }
        unsentBytes += bytes.count
        guard unsentBytes <= Self.mostUnsent else { return end(.stuck(place: place)) }
        var rest = bytes[...]
        while !rest.isEmpty {
            unsent.append([UInt8](rest.prefix(Self.mostOutboundBytes)))
            rest = rest.dropFirst(Self.mostOutboundBytes)
        }
        sendNext()
    }

    /// Call on `queue`.
    func end(_ fault: LinkFault?) {
        guard !hasEnded else { return }
        hasEnded = true
        reason = fault
        unsent = []
        for transfer in inbound { transfer.cancel() }
        outbound?.cancel()
        finishIfEmpty()
    }

    // MARK: Transfers

    private func listen() {
        while !hasEnded, !isRecovering, inbound.count < Self.inboundTransfers {
            let transfer = USBTransfer(receiving: handle.pair.inboundBytes, from: handle) { [self] in ended($0, $1) }
            guard let transfer, submit(transfer) else { return }
            inbound.insert(transfer)
        }
    }

    private func sendNext() {
        guard !hasEnded, outbound == nil, !unsent.isEmpty else { return }
        let bytes = unsent.removeFirst()
        unsentBytes -= bytes.count
        let transfer = USBTransfer(
            sending: bytes, to: handle, milliseconds: Self.outboundMilliseconds
        ) { [self] in ended($0, $1) }
        guard let transfer, submit(transfer) else { return }
        outbound = transfer
    }

    private func submit(_ transfer: USBTransfer) -> Bool {
        let code = transfer.submit()
        if code == 0 { return true }
        transfer.free()
        // Whatever the system says here, a device that was there a moment ago is looked for again.
        end(.gone(place: place))
        return false
    }

    /// On libusb's thread.
    private func ended(_ transfer: USBTransfer, _ end: USBTransfer.End) {
        queue.async { @Sendable [self] in take(transfer, end) }
    }

    private func take(_ transfer: USBTransfer, _ end: USBTransfer.End) {
        if transfer == outbound { outbound = nil } else { inbound.remove(transfer) }
        transfer.free()
        if hasEnded { return finishIfEmpty() }
        if transfer.isInbound, !end.bytes.isEmpty {
            stalls = 0
            deliver(.bytes(end.bytes))
        }
        switch end.status {
        case LIBUSB_TRANSFER_COMPLETED: if !transfer.isInbound { stalls = 0 }
        case LIBUSB_TRANSFER_CANCELLED: break
        case LIBUSB_TRANSFER_STALL: stalled(transfer)
        case LIBUSB_TRANSFER_TIMED_OUT: self.end(.stuck(place: place))
        case LIBUSB_TRANSFER_OVERFLOW:
            self.end(.unusable(place: place, reason: "it sends longer packets than it announced"))
        // A pulled device ends with NO_DEVICE behind some host controllers and with ERROR behind others.
        default: self.end(.gone(place: place))
        }
        if isRecovering, inbound.isEmpty { recover() }
        listen()
        sendNext()
    }

    private func stalled(_ transfer: USBTransfer) {
        // One halt ends every transfer that waits at the endpoint.
        if transfer.isInbound, isRecovering { return }
        stalls += 1
        guard stalls <= Self.mostStalls else {
            return end(.unusable(place: place, reason: "it refuses to be read or written (the endpoint stalls)"))
        }
        if transfer.isInbound {
            isRecovering = true
            for other in inbound { other.cancel() }
        } else {
            clearHalt(handle.pair.outbound)
        }
    }

    private func recover() {
        isRecovering = false
        clearHalt(handle.pair.inbound)
    }

    private func clearHalt(_ endpoint: UInt8) {
        if !hasEnded, libusb_clear_halt(handle.device, endpoint) != 0 { end(.gone(place: place)) }
    }

    private func finishIfEmpty() {
        guard inbound.isEmpty, outbound == nil, !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
        libusb_interrupt_event_handler(handle.context)
    }

    // MARK: libusb's thread

    private func handleEvents() {
        // Without an end of its own poll would return every minute.
        var longest = timeval(tv_sec: 1_000_000, tv_usec: 0)
        while !isOver.load(ordering: .acquiring) {
            let code = libusb_handle_events_timeout_completed(handle.context, &longest, nil)
            // An error that comes again and again must not take a processor.
            if code < 0, code != LIBUSB_ERROR_INTERRUPTED.rawValue { usleep(20_000) }
        }
        handle.give()
        queue.async { @Sendable [self] in deliver(.ended(reason)) }
    }
}
