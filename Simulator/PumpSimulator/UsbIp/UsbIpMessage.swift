/// What a USB/IP host sends (Linux, Documentation/usb/usbip_protocol: version 1.1.1). Everything is big-endian.
enum UsbIpMessage: Equatable, Sendable {
    case listDevices
    case importDevice(busID: String)
    case submit(UsbIpTransfer)
    /// The host takes a transfer back.
    case unlink(number: UInt32, transfer: UInt32)
}

/// A transfer that the host asks for.
struct UsbIpTransfer: Equatable, Sendable {
    let number: UInt32
    /// With bit 7 set: to the host.
    let endpoint: UInt8
    /// How much the host has room for, or sends.
    let length: Int
    let setup: UsbSetup
    /// Empty to the host.
    let data: [UInt8]
}

/// Why a connection is ended.
enum UsbIpViolation: Error, Equatable {
    case version(UInt16)
    case operation(UInt16)
    case command(UInt32)
    case device(UInt32)
    case direction(UInt32)
    case endpoint(UInt32)
    /// Bytes of a transfer: negative, or more than `UsbIp.longestTransfer`.
    case length(Int32)
    case isochronous(packets: Int32)
    /// The same number for two transfers at once.
    case number(UInt32)
    case tooManyTransfers
    case hostDoesNotRead
}

enum UsbIp {
    static let version: UInt16 = 0x0111
    static let busID = "1-1"
    static let bus: UInt32 = 1
    static let address: UInt32 = 2
    static let deviceID = bus << 16 | address
    static let path = "/sys/devices/platform/pumpsim/usb1/1-1"
    /// Bytes. The kernel's own buffers for usbfs end at 16 MiB; nothing here needs more than an APDU of 63 KiB.
    static let longestTransfer = 1 << 20
    static let mostTransfers = 1024
    static let headerLength = 48

    enum Operation {
        static let listDevices: UInt16 = 0x8005
        static let listReply: UInt16 = 0x0005
        static let importDevice: UInt16 = 0x8003
        static let importReply: UInt16 = 0x0003
        static let ok: UInt32 = 0
        /// The device is in use by another host.
        static let busy: UInt32 = 2
        static let noDevice: UInt32 = 4
    }

    enum Command {
        static let submit: UInt32 = 1
        static let unlink: UInt32 = 2
        static let submitReply: UInt32 = 3
        static let unlinkReply: UInt32 = 4
    }

    /// Linux error numbers, as replies carry them.
    enum Status {
        static let done: Int32 = 0
        static let stall: Int32 = -32
        static let unlinked: Int32 = -104
    }

    /// Takes a request off the front of `input`; nil until it is whole.
    static func takeRequest(_ input: inout [UInt8]) throws(UsbIpViolation) -> UsbIpMessage? {
        guard input.count >= 8 else { return nil }
        var header = BigEndianReader(input)
        let found = header.u16()
        guard found == version else { throw .version(found) }
        let operation = header.u16()
        switch operation {
        case Operation.listDevices:
            input.removeFirst(8)
            return .listDevices
        case Operation.importDevice:
            guard input.count >= 40 else { return nil }
            let busID = input[8..<40].prefix { $0 != 0 }
            defer { input.removeFirst(40) }
            return .importDevice(busID: String(decoding: busID, as: UTF8.self))
        default: throw .operation(operation)
        }
    }

    /// Takes a command off the front of `input`; nil until it is whole.
    static func takeCommand(_ input: inout [UInt8]) throws(UsbIpViolation) -> UsbIpMessage? {
        guard input.count >= headerLength else { return nil }
        var header = BigEndianReader(input)
        let command = header.u32()
        let number = header.u32()
        let device = header.u32()
        let direction = header.u32()
        let endpoint = header.u32()
        guard command == Command.submit || command == Command.unlink else { throw .command(command) }
        guard device == deviceID else { throw .device(device) }
        if command == Command.unlink {
            let transfer = header.u32()
            input.removeFirst(headerLength)
            return .unlink(number: number, transfer: transfer)
        }
        guard direction <= 1 else { throw .direction(direction) }
        guard endpoint <= 15 else { throw .endpoint(endpoint) }
        _ = header.u32()
        let length = Int32(bitPattern: header.u32())
        _ = header.u32()
        // 0 or -1 where it is not isochronous.
        let packets = Int32(bitPattern: header.u32())
        _ = header.u32()
        guard packets == 0 || packets == -1 else { throw .isochronous(packets: packets) }
        guard length >= 0, Int(length) <= longestTransfer else { throw .length(length) }
        let isToHost = direction == 1
        let end = headerLength + (isToHost ? 0 : Int(length))
        guard input.count >= end else { return nil }
        let transfer = UsbIpTransfer(
            number: number, endpoint: UInt8(endpoint) | (isToHost ? 0x80 : 0), length: Int(length),
            setup: UsbSetup(littleEndian: input[40..<48]), data: Array(input[headerLength..<end]))
        input.removeFirst(end)
        return .submit(transfer)
    }

    // MARK: What goes back

    static func listReply(_ shape: UsbShape) -> [UInt8] {
        bigEndian(version) + bigEndian(Operation.listReply) + bigEndian(Operation.ok) + bigEndian(UInt32(1))
            + device(shape) + shape.interfaces.flatMap { $0.kind.bytes + [0] }
    }

    /// With no device unless `status` is ok.
    static func importReply(_ status: UInt32, _ shape: UsbShape) -> [UInt8] {
        bigEndian(version) + bigEndian(Operation.importReply) + bigEndian(status)
            + (status == Operation.ok ? device(shape) : [])
    }

    private static func device(_ shape: UsbShape) -> [UInt8] {
        field(path, 256) + field(busID, 32) + bigEndian(bus) + bigEndian(address) + bigEndian(shape.speed.rawValue)
            + bigEndian(shape.vendor) + bigEndian(shape.product) + bigEndian(shape.release) + shape.kind.bytes
            + [UsbShape.configurationValue, 1, UInt8(clamping: shape.interfaces.count)]
    }

    private static func field(_ text: String, _ length: Int) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(length - 1))
        return bytes + [UInt8](repeating: 0, count: length - bytes.count)
    }

    /// `count` is what was transferred: the bytes that follow, or those that came.
    static func submitReply(_ number: UInt32, status: Int32, count: Int, data: [UInt8] = []) -> [UInt8] {
        reply(Command.submitReply, number, status) + bigEndian(UInt32(clamping: count))
            + [UInt8](repeating: 0, count: 20) + data
    }

    static func unlinkReply(_ number: UInt32, status: Int32) -> [UInt8] {
        reply(Command.unlinkReply, number, status) + [UInt8](repeating: 0, count: 24)
    }

    private static func reply(_ command: UInt32, _ number: UInt32, _ status: Int32) -> [UInt8] {
        bigEndian(command) + bigEndian(number) + [UInt8](repeating: 0, count: 12)
            + bigEndian(UInt32(bitPattern: status))
    }
}

/// Reads numbers one after another; past the end it reads zeros.
private struct BigEndianReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func byte() -> UInt8 {
        defer { index += 1 }
        return bytes.indices.contains(index) ? bytes[index] : 0
    }

    mutating func u16() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }
    mutating func u32() -> UInt32 { UInt32(u16()) << 16 | UInt32(u16()) }
}

extension UsbSetup {
    /// The eight bytes as they are on the bus.
    fileprivate init(littleEndian bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes) + [UInt8](repeating: 0, count: 8)
        func word(_ index: Int) -> UInt16 { UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8 }
        self.init(bytes[0], bytes[1], value: word(2), index: word(4), length: word(6))
    }
}
