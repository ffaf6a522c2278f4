/// How a record's row is numbered: the pump's number in the upper half, the record's arrival in the lower one, from 1.
enum RecordIDs {
    private static let bitsOfArrival = 32

    /// From the first id of a pump to the one past its last.
    static func range(ofPump pump: Int) -> Range<Int> {
        (pump << bitsOfArrival) + 1..<(pump + 1) << bitsOfArrival
    }

    /// Index of a record among those of its pump, in order of arrival.
    static func index(_ id: Int, ofPump pump: Int) -> Int { id - (pump << bitsOfArrival) - 1 }
}
