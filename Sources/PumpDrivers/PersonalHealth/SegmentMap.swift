/// What the entries of a PM-segment are made of (PmSegmentEntryMap): a header, then attributes of objects, all of fixed
/// size, in this order.
struct SegmentMap: Hashable, Sendable {
    struct Element: Hashable, Sendable {
        var objectClass: UInt16
        /// What is observed: a partition of 11073-10101 and a code in it.
        var partition: UInt16
        var code: UInt16
        var handle: UInt16
        var attributes: [AttributeSize]
    }

    struct AttributeSize: Hashable, Sendable {
        var id: UInt16
        var bytes: UInt16
    }

    /// The header is an AbsoluteTime.
    static let absoluteTimeHeader: UInt16 = 0x8000

    var header: UInt16
    var elements: [Element]
}

extension SegmentMap {
    init(bytes: [UInt8]) throws(ApduProblem) {
        var reader = ApduReader(bytes, "the segment's map")
        header = try reader.uint16()
        elements = try reader.list("the segment's map") { inner throws(ApduProblem) in
            Element(
                objectClass: try inner.uint16(), partition: try inner.uint16(), code: try inner.uint16(),
                handle: try inner.uint16(),
                attributes: try inner.list("the segment's map") { last throws(ApduProblem) in
                    AttributeSize(id: try last.uint16(), bytes: try last.uint16())
                })
        }
        try reader.end()
    }

    var bytes: [UInt8] {
        var writer = ApduWriter()
        writer.uint16(header)
        writer.list(elements) { inner, element in
            inner.uint16(element.objectClass)
            inner.uint16(element.partition)
            inner.uint16(element.code)
            inner.uint16(element.handle)
            inner.list(element.attributes) { last, size in
                last.uint16(size.id)
                last.uint16(size.bytes)
            }
        }
        return writer.bytes
    }

    /// The same entries, whatever handles the device gave its objects.
    func describesSameEntries(as other: SegmentMap) -> Bool {
        func plain(_ map: SegmentMap) -> SegmentMap {
            var map = map
            for index in map.elements.indices { map.elements[index].handle = 0 }
            return map
        }
        return plain(self) == plain(other)
    }
}
