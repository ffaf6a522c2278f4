import CUSB

/// One transfer over a bulk endpoint. Between `submit` and its end it is the kernel's and must not go away: it holds
/// itself until then.
final class USBTransfer: @unchecked Sendable, Hashable {
    struct End: Sendable {
        var status: libusb_transfer_status
        /// What was received, whatever the status; empty for a transfer that sends.
        var bytes: [UInt8]
    }

    let isInbound: Bool
    private let raw: UnsafeMutablePointer<libusb_transfer>
    private var isFreed = false
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let onEnd: @Sendable (USBTransfer, End) -> Void

    convenience init?(
        receiving count: Int, from handle: USBHandle, onEnd: @escaping @Sendable (USBTransfer, End) -> Void
    ) {
        self.init([UInt8](repeating: 0, count: count), handle, isInbound: true, milliseconds: 0, onEnd)
    }

    /// A message that fills its last packet is followed by an empty one, so that the device sees its end.
    convenience init?(
        sending bytes: [UInt8], to handle: USBHandle, milliseconds: UInt32,
        onEnd: @escaping @Sendable (USBTransfer, End) -> Void
    ) {
        self.init(bytes, handle, isInbound: false, milliseconds: milliseconds, onEnd)
        raw.pointee.flags = UInt8(LIBUSB_TRANSFER_ADD_ZERO_PACKET.rawValue)
    }

    private init?(
        _ bytes: [UInt8], _ handle: USBHandle, isInbound: Bool, milliseconds: UInt32,
        _ onEnd: @escaping @Sendable (USBTransfer, End) -> Void
    ) {
        guard let raw = libusb_alloc_transfer(0) else { return nil }
        self.isInbound = isInbound
        self.raw = raw
        self.onEnd = onEnd
        buffer = .allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        libusb_fill_bulk_transfer(
            raw, handle.device, isInbound ? handle.pair.inbound : handle.pair.outbound, buffer.baseAddress,
            Int32(bytes.count),
            { transfer in
                guard let transfer, let owner = transfer.pointee.user_data else { return }
                Unmanaged<USBTransfer>.fromOpaque(owner).takeRetainedValue().hasEnded()
            }, nil, milliseconds)
    }

    deinit {
        free()
        buffer.deallocate()
    }

    /// To be called before the device is given back, and when the transfer is not under way: freeing one uses libusb's
    /// context, and who holds this object last is anybody's guess.
    func free() {
        guard !isFreed else { return }
        isFreed = true
        libusb_free_transfer(raw)
    }

    /// libusb's code; 0 where it is under way.
    func submit() -> Int32 {
        let own = Unmanaged.passRetained(self)
        raw.pointee.user_data = own.toOpaque()
        let code = libusb_submit_transfer(raw)
        if code != 0 { own.release() }
        return code
    }

    /// Its end is still to come, unless it came already.
    func cancel() { if !isFreed { libusb_cancel_transfer(raw) } }

    private func hasEnded() {
        let count = isInbound ? min(max(0, Int(raw.pointee.actual_length)), buffer.count) : 0
        onEnd(self, End(status: raw.pointee.status, bytes: [UInt8](buffer.prefix(count))))
    }

    static func == (one: USBTransfer, other: USBTransfer) -> Bool { one === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
