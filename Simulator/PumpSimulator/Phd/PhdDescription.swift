import PumpCore

/// What the agent says of itself: its association request, its extended configuration, its attributes, its segments.
extension PhdLine {
    func associationRequest(_ pump: PhdPump) -> [UInt8] {
        // Protocol version, MDER, nomenclature, functional units, "agent".
        let terms: [UInt8] =
            [0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0] + PhdBytes.sized(pump.systemID)
            // Configuration, how data is asked for, no options.
            + bigEndian(Self.configurationID) + [0, 1, 1, 0, 0, 0, 0, 0]
        return PhdBytes.apdu(0xE200, [0x80, 0, 0, 0] + PhdBytes.list([[0x50, 0x79] + PhdBytes.sized(terms)]))
    }

    private static func type(_ partition: UInt16, _ code: UInt16) -> (id: UInt16, value: [UInt8]) {
        (2351, bigEndian(partition) + bigEndian(code))
    }

    /// PM-store, event number, event, volume, check: see docs/drivers.md.
    func configuration(_ pump: PhdPump) -> [UInt8] {
        func object(_ objectClass: UInt16, _ handle: UInt16, _ items: [(id: UInt16, value: [UInt8])]) -> [UInt8] {
            bigEndian(objectClass) + bigEndian(handle) + PhdBytes.attributes(items)
        }
        let objects = [
            object(
                61, Self.storeHandle,
                [
                    (2637, [0x12, 0]), (2385, bigEndian(UInt16(clamping: pump.store.segments.count))),
                    (2647, PhdBytes.sized(Array("infusion events".utf8))), (2659, bigEndian(UInt32(0))),
                ]),
            object(6, 2, [Self.type(1024, 1)]),
            object(5, 3, [Self.type(2, 53436)]),
            object(6, 4, [Self.type(2, 26792), (2454, [0x06, 0x52])]),
            object(6, 5, [Self.type(1024, 2)]),
        ]
        let report = bigEndian(Self.configurationID) + PhdBytes.list(objects)
        return [0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + bigEndian(UInt16(3356)) + PhdBytes.sized(report)
    }

    func attributes(_ pump: PhdPump, at now: Instant) -> [UInt8] {
        func production(_ kind: UInt16, _ text: String) -> [UInt8] {
            bigEndian(kind) + [0, 0] + PhdBytes.sized(Array(text.utf8))
        }
        return PhdBytes.attributes([
            // Specialization 8::4169, generic, version 1.
            (2650, PhdBytes.list([bigEndian(UInt16(4169)) + [0, 1]])),
            (2344, PhdBytes.sized(Array("Simulated".utf8)) + PhdBytes.sized(Array(PhdPump.model.utf8))),
            (2436, PhdBytes.sized(pump.systemID)),
            (2628, bigEndian(Self.configurationID)),
            (2349, PhdBytes.list([production(1, pump.serial), production(5, "1.0")])),
            (2439, PhdEntry.stamp(pump.clock.reading(at: now))),
        ])
    }

    func segmentInfo(_ store: PhdStore) -> [UInt8] {
        // Class, partition, code, handle, then its one attribute and how many bytes it has.
        let elements: [[UInt16]] = [
            [6, 1024, 1, 2, 0xF101, 4], [5, 2, 53436, 3, 2633, 2], [6, 2, 26792, 4, 2646, 4],
            [6, 1024, 2, 5, 0xF102, 2],
        ]
        let map: [UInt8] =
            [0x80, 0]
            + PhdBytes.list(
                elements.map { fields in
                    fields.prefix(4).flatMap { bigEndian($0) }
                        + PhdBytes.list([fields.suffix(2).flatMap { bigEndian($0) }])
                })
        return PhdBytes.list(
            store.segments.map { segment in
                bigEndian(segment.instance)
                    + PhdBytes.attributes([
                        (2638, map), (2427, bigEndian(UInt32(clamping: segment.count))),
                        (0xF103, bigEndian(segment.first)),
                        (2450, Array(segment.bytes.prefix(8))),
                        (2442, Array(segment.bytes.suffix(PhdEntry.byteCount).prefix(8))),
                    ])
            })
    }
}
