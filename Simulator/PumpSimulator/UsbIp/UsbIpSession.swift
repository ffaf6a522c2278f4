/// One connection of a USB/IP host, without a socket: it asks what there is, or takes the device and then talks to it.
struct UsbIpSession: Sendable {
    private enum State {
        /// Nothing has been asked yet.
        case fresh
        /// The host has the device.
        case attached
        /// Answered; the connection can go when the answer has gone.
        case answered
        case broken(UsbIpViolation)
    }

    private var state = State.fresh
    private var device: UsbDevice
    private var input: [UInt8] = []
    private var waiting: [UsbIpTransfer] = []
    private var hasReader = false
    /// For the socket.
    private var output: [UInt8] = []
    /// For the pump.
    private var heard: [UInt8] = []

    /// The host reads nothing and asks on: beyond this many bytes it is given up.
    private static let mostOutput = 4 << 20

    init(_ device: UsbDevice) { self.device = device }

    var isAttached: Bool { if case .attached = state { true } else { false } }
    /// No more will be read; what was written shall still go out.
    var isOver: Bool {
        switch state {
        case .fresh, .attached: false
        case .answered, .broken: true
        }
    }
    var violation: UsbIpViolation? { if case .broken(let violation) = state { violation } else { nil } }

    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    mutating func takeHeard() -> [UInt8] {
        defer { heard = [] }
        return heard
    }

    /// When there is something to do although nobody sends anything.
    var wakesAt: Int? {
        let isAwaited = waiting.contains { $0.endpoint == device.function.streamIn }
        return isAttached && isAwaited ? device.function.fillsAt : nil
    }

    // MARK: Events

    /// The host sent bytes. `isFree`: no other host has the device.
    mutating func receive(_ bytes: [UInt8], at now: Int, isFree: Bool) {
        guard !isOver else { return }
        input += bytes
        do throws(UsbIpViolation) {
            while !isOver, let message = try takeMessage() {
                try obey(message, at: now, isFree: isFree)
                guard output.count <= Self.mostOutput else { throw .hostDoesNotRead }
            }
        } catch {
            state = .broken(error)
            (waiting, input) = ([], [])
        }
        tick(at: now)
    }

    private mutating func takeMessage() throws(UsbIpViolation) -> UsbIpMessage? {
        isAttached ? try UsbIp.takeCommand(&input) : try UsbIp.takeRequest(&input)
    }

    /// The pump says something.
    mutating func send(_ bytes: [UInt8], at now: Int) {
        guard isAttached, hasReader || !device.function.losesWhatNobodyReads else { return }
        device.pumpSent(bytes)
        tick(at: now)
    }

    /// Answers the transfers that can be answered now.
    mutating func tick(at now: Int) {
        guard isAttached else { return }
        var held: Set<UInt8> = []
        var left: [UsbIpTransfer] = []
        for transfer in waiting {
            // Transfers of one endpoint are answered in their order.
            if !held.contains(transfer.endpoint),
                let bytes = device.fill(transfer.endpoint, transfer.length, at: now)
            {
                output += UsbIp.submitReply(transfer.number, status: UsbIp.Status.done, count: bytes.count, data: bytes)
            } else {
                held.insert(transfer.endpoint)
                left.append(transfer)
            }
        }
        waiting = left
    }

    // MARK: Messages

    private mutating func obey(_ message: UsbIpMessage, at now: Int, isFree: Bool) throws(UsbIpViolation) {
        switch message {
        case .listDevices:
            output += UsbIp.listReply(device.shape)
            state = .answered
        case .importDevice(let busID):
            let status =
                busID != UsbIp.busID
                ? UsbIp.Operation.noDevice : isFree ? UsbIp.Operation.ok : UsbIp.Operation.busy
            output += UsbIp.importReply(status, device.shape)
            state = status == UsbIp.Operation.ok ? .attached : .answered
        case .submit(let transfer): try begin(transfer)
        case .unlink(let number, let transfer): unlink(transfer, number)
        }
    }

    private mutating func begin(_ transfer: UsbIpTransfer) throws(UsbIpViolation) {
        if transfer.endpoint & 0x0F == 0 {
            control(transfer)
        } else if !device.takes(transfer.endpoint) {
            output += UsbIp.submitReply(transfer.number, status: UsbIp.Status.stall, count: 0)
        } else if transfer.endpoint & 0x80 == 0 {
            heard += device.hostSent(transfer.data)
            output += UsbIp.submitReply(transfer.number, status: UsbIp.Status.done, count: transfer.length)
        } else {
            guard waiting.count < UsbIp.mostTransfers else { throw .tooManyTransfers }
            guard !waiting.contains(where: { $0.number == transfer.number }) else { throw .number(transfer.number) }
            if transfer.endpoint == device.function.streamIn { hasReader = true }
            waiting.append(transfer)
        }
    }

    private mutating func control(_ transfer: UsbIpTransfer) {
        guard let answer = device.control(transfer.setup, data: transfer.data) else {
            output += UsbIp.submitReply(transfer.number, status: UsbIp.Status.stall, count: 0)
            return
        }
        let data = transfer.endpoint & 0x80 == 0 ? [] : Array(answer.prefix(transfer.length))
        let count = transfer.endpoint & 0x80 == 0 ? transfer.length : data.count
        output += UsbIp.submitReply(transfer.number, status: UsbIp.Status.done, count: count, data: data)
    }

    private mutating func unlink(_ transfer: UInt32, _ number: UInt32) {
        let index = waiting.firstIndex { $0.number == transfer }
        let taken = index.map { waiting.remove(at: $0) }
        output += UsbIp.unlinkReply(number, status: index == nil ? UsbIp.Status.done : UsbIp.Status.unlinked)
        // A host that takes back the last transfer of the stream has closed the device. (One that was answered already may
        // have been of the stream.)
        let isOfStream = taken.map { $0.endpoint == device.function.streamIn } ?? true
        if hasReader, isOfStream, !waiting.contains(where: { $0.endpoint == device.function.streamIn }) {
            hasReader = false
            device.readerWent()
        }
    }
}
