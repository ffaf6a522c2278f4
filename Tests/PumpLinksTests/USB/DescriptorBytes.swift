/// Descriptors as a device sends them, put together from their parts.
enum DescriptorBytes {
    static func device(vendor: UInt16 = 0x1209, product: UInt16 = 0x0002) -> [UInt8] {
        [18, 1, 0, 2, 0, 0, 0, 64] + word(vendor) + word(product) + [0, 1, 1, 2, 3, 1]
    }

    /// - Parameter announced: What it says it has in all; what it has where nil.
    static func configuration(_ parts: [[UInt8]], announced: Int? = nil) -> [UInt8] {
        let body = parts.flatMap(\.self)
        return [9, 2] + word(UInt16(announced ?? body.count + 9)) + [1, 1, 0, 0x80, 50] + body
    }

    static func interface(_ number: UInt8, ofClass code: UInt8, alternate: UInt8 = 0, endpoints: UInt8 = 2) -> [UInt8] {
        [9, 4, number, alternate, endpoints, code, 0, 0, 0]
    }

    static func endpoint(_ address: UInt8, attributes: UInt8 = 2, mostBytes: UInt16 = 512) -> [UInt8] {
        [7, 5, address, attributes] + word(mostBytes) + [0]
    }

    /// A pump of the Personal Healthcare class with its class-specific descriptors.
    static let pump =
        device()
        + configuration([
            interface(0, ofClass: 0x0F), [4, 0x20, 2, 0], [8, 0x30, 0, 0, 1, 0x13, 0x10, 0], endpoint(0x81),
            [4, 0x21, 1, 0x10], endpoint(0x02), [4, 0x21, 1, 0x08],
        ])

    static func word(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
}

extension DescriptorBytes {
    /// A pump with packets of 64 bytes, as the mocked bus has it.
    static let smallPump =
        device()
        + configuration([
            interface(0, ofClass: 0x0F), endpoint(0x81, mostBytes: 64), endpoint(0x02, mostBytes: 64),
        ])
}
