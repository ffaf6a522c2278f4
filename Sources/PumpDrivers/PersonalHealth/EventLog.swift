import PumpCore

/// The log of infusion events, as the extended configuration in docs/drivers.md lays it out: entries of one size in
/// PM-segments, numbered without a hole, oldest first.
enum EventLog {
    /// AbsoluteTime (8), event number (4), event code (2), volume (4, FLOAT, mL), check (2).
    static let entryBytes = 20
    private static let checkedBytes = 18

    /// Private attributes, from 0xF000 on.
    enum PrivateAttribute {
        /// Of the numeric "event number": 32 bits, 1 for the first event that the pump ever logged.
        static let eventNumber: UInt16 = 0xF101
        /// CRC-16 (polynomial 0x1021, start 0xFFFF) over what stands before it in the entry.
        static let entryCheck: UInt16 = 0xF102
        /// Of a segment: the number of its first event.
        static let firstNumber: UInt16 = 0xF103
    }

    /// The private partition of 11073-10101.
    static let privatePartition: UInt16 = 1024
    /// Partition 2 (measurements): 2::53436 is MDC_PUMP_STAT (184508), 2::26792 MDC_VOL_FLUID_DELIV (157864).
    static let measurements: UInt16 = 2

    static let map = SegmentMap(
        header: SegmentMap.absoluteTimeHeader,
        elements: [
            .init(
                objectClass: Nomenclature.ObjectClass.numeric, partition: privatePartition, code: 1, handle: 2,
                attributes: [.init(id: PrivateAttribute.eventNumber, bytes: 4)]),
            .init(
                objectClass: Nomenclature.ObjectClass.enumeration, partition: measurements, code: 53436, handle: 3,
                attributes: [.init(id: Nomenclature.AttributeID.enumeratedCode, bytes: 2)]),
            .init(
                objectClass: Nomenclature.ObjectClass.numeric, partition: measurements, code: 26792, handle: 4,
                attributes: [.init(id: Nomenclature.AttributeID.simpleNumber, bytes: 4)]),
            .init(
                objectClass: Nomenclature.ObjectClass.numeric, partition: privatePartition, code: 2, handle: 5,
                attributes: [.init(id: PrivateAttribute.entryCheck, bytes: 2)]),
        ])

    /// One entry as a record; nil where its bytes fail their check.
    static func record(_ entry: [UInt8], offset: Int? = nil) -> RawRecord? {
        var reader = ByteReader(entry)
        guard entry.count == entryBytes, let time = reader.take(8), let number = reader.uint32(),
            let code = reader.uint16(), let volume = reader.uint32(), let check = reader.uint16(),
            check == self.check(entry.prefix(checkedBytes))
        else { return nil }
        let civil = CivilDateTime(absoluteTime: time)
        return RawRecord(
            raw: entry, opcode: Int(code), offset: offset, devicePosition: Int(number),
            deviceTime: civil.map(DeviceTime.civil),
            event: InfusionCode.event(
                code, volume: Quantity(mderFloat: volume, .milliliters), time: civil))
    }

    /// All entries, or nil where one fails its check, the size is not whole, or the numbers do not follow one another.
    static func records(_ bytes: [UInt8]) -> [RawRecord]? {
        guard bytes.count.isMultiple(of: entryBytes) else { return nil }
        var records: [RawRecord] = []
        var reader = ByteReader(bytes)
        while let entry = reader.take(entryBytes) {
            guard let record = record(Array(entry)) else { return nil }
            if let before = records.last?.devicePosition, record.devicePosition != before + 1 { return nil }
            records.append(record)
        }
        return records
    }

    static func check(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(truncatingIfNeeded: byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
        }
        return crc
    }
}
