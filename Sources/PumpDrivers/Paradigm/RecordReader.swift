import PumpCore

/// Splits the bytes of one history page into records.
enum RecordReader {
    /// Bytes of records in a page; two more of CRC-16 follow them in the pump.
    static let pageBytes = 1022

    struct Run: Sendable {
        /// Oldest first.
        var records: [RawRecord] = []
        /// Where an unknown or broken record stopped the reading, or nil.
        var stop: Int?
        /// Records whose time no calendar has: they speak against the layout.
        var impossibleTimes = 0
    }

    /// Reads records from `range` until its end, or until a record that has no row or does not fit.
    static func read(_ bytes: [UInt8], in range: Range<Int>, size: RecordSize) -> Run {
        let types = RecordTable.types(of: size)
        let end = min(range.upperBound, bytes.count)
        var at = max(range.lowerBound, 0)
        var run = Run()
        run.records.reserveCapacity(64)
        while at < end {
            let opcode = bytes[at]
            if opcode == RecordTable.padding {
                at += 1
                continue
            }
            guard let type = types[Int(opcode)],
                let length = length(of: type, bytes, at: at, end: end, pageIsWhole: range.count == pageBytes)
            else {
                run.stop = at
                break
            }
            append(type, bytes, at: at, length: length, to: &run)
            at += length
        }
        return run
    }

    /// Nil for a record that does not fit into what is left of the page.
    private static func length(
        of type: SizedRecordType, _ bytes: [UInt8], at offset: Int, end: Int, pageIsWhole: Bool
    ) -> Int? {
        let left = end - offset
        let length: Int
        if type.length > 0 {
            length = type.length
        } else {
            guard left >= 2 else { return nil }
            length = Int(bytes[offset + 1])
        }
        guard length >= 2 else { return nil }
        if length <= left { return length }
        // The pump itself cuts such a record where its page ends; a shorter input was cut by somebody else.
        return type.mayBeCutAtPageEnd && pageIsWhole && left >= 3 ? left : nil
    }

    private static func append(
        _ type: SizedRecordType, _ bytes: [UInt8], at offset: Int, length: Int, to run: inout Run
    ) {
        var time: CivilDateTime?
        if type.stampAt >= 0 {
            time = ParadigmTime.civil(bytes, at: offset + type.stampAt)
            if time == nil { run.impossibleTimes += 1 }
        } else if type.dayAt >= 0 {
            time = ParadigmTime.date(bytes, at: offset + type.dayAt).map { CivilDateTime($0) }
            if time == nil { run.impossibleTimes += 1 }
        }
        var record = RawRecord(
            raw: Array(bytes[offset..<(offset + length)]), opcode: Int(type.opcode), offset: offset,
            deviceTime: time.map { .civil($0) }, event: RecordMeaning.event(type, bytes, at: offset, time: time))
        record.stableIdentity = RecordMeaning.stableIdentity(type, bytes, at: offset)
        if type.opcode == RecordTable.clockAfter, let last = run.records.indices.last {
            ClockSet.join(&run.records[last], followedBy: record)
        }
        run.records.append(record)
    }
}

/// The two halves of one setting of the clock: record 17 bears the old time, record 18 the new one.
enum ClockSet {
    /// Gives `record` the new time, where it is the first half and `next` directly follows it with the second.
    static func join(_ record: inout RawRecord, followedBy next: RawRecord) {
        guard record.opcode == Int(RecordTable.clockBefore), next.opcode == Int(RecordTable.clockAfter) else { return }
        record.event.newTime = next.deviceTime?.civil
    }
}
