import PumpCore

/// Ids of containers in the bytes of a closed period, as runs of one pump and channel: its name, how many keys, their
/// digests of ten bytes each, and where equal records stand before one of them, the ordinals. An id that is no such key is
/// a run without a name, of one text. The reader has gone over them once: every id is there.
struct FrozenIDs: Sequence, Sendable {
    static let digestLength = 10

    /// All bytes of the part that they lie in, shared.
    let bytes: [UInt8]
    /// Where the first run begins.
    let start: Int
    let count: Int

    struct Iterator: IteratorProtocol {
        private var reader: FrozenReader
        private var left: Int
        private var place = ""
        private var leftInRun = 0
        /// Where the next ordinal of the run is; nil where all are 0.
        private var ordinals: FrozenReader?

        fileprivate init(_ ids: FrozenIDs) {
            reader = FrozenReader(ids.bytes, at: ids.start)
            left = ids.count
        }

        mutating func next() -> String? {
            guard left > 0 else { return nil }
            left -= 1
            return try? id()
        }

        private mutating func id() throws -> String {
            if leftInRun == 0 {
                place = try reader.text()
                if place.isEmpty { return try reader.text() }
                leftInRun = try reader.count()
                ordinals = nil
                if try reader.bool() {
                    var behind = reader
                    try behind.pass(leftInRun * FrozenIDs.digestLength)
                    ordinals = behind
                }
            }
            let (high, low) = (UInt64(try reader.number(ofBytes: 8)), UInt16(try reader.number(ofBytes: 2)))
            let ordinal = try ordinals?.int() ?? 0
            leftInRun -= 1
            if leftInRun == 0, let behind = ordinals { reader = behind }
            return place + "@" + RecordKey(high: high, low: low, ordinal: ordinal).text
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
}

extension FrozenWriter {
    mutating func put(_ ids: ContainerIDs) {
        var run: (place: String, keys: [RecordKey]) = ("", [])
        put(count: ids.count)
        ids.forEach(
            record: { place, key in
                guard !place.isEmpty, key.digest != nil else {
                    put(&run)
                    return put(alone: place + "@" + key.text)
                }
                if place != run.place { put(&run) }
                run.place = place
                run.keys.append(key)
            },
            text: { text in
                put(&run)
                put(alone: text)
            })
        put(&run)
    }

    private mutating func put(alone text: String) {
        put("")
        put(text)
    }

    private mutating func put(_ run: inout (place: String, keys: [RecordKey])) {
        defer { run = ("", []) }
        guard !run.keys.isEmpty else { return }
        put(run.place)
        put(count: run.keys.count)
        let hasOrdinals = run.keys.contains { $0.ordinal != 0 }
        put(hasOrdinals)
        for key in run.keys {
            guard let digest = key.digest else { continue }
            put(raw: digest.high)
            put(raw: digest.low)
        }
        if hasOrdinals { for key in run.keys { put(key.ordinal ?? 0) } }
    }
}

extension FrozenReader {
    /// Goes over ids without spelling one.
    mutating func frozenIDs() throws -> FrozenIDs {
        let all = try count()
        let ids = FrozenIDs(bytes: bytes, start: at, count: all)
        var left = all
        while left > 0 {
            if try passText() == 0 {
                try passText()
                left -= 1
                continue
            }
            let keys = try count()
            guard keys > 0, keys <= left else { throw Failure.cutShort }
            let hasOrdinals = try bool()
            try pass(keys * FrozenIDs.digestLength)
            if hasOrdinals { for _ in 0..<keys where try int() < 0 { throw Failure.cutShort } }
            left -= keys
        }
        return ids
    }
}
