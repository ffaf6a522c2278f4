/// What an agent is made of: its objects, each with its class, its handle and its attributes.
struct ConfigurationReport: Hashable, Sendable {
    struct Object: Hashable, Sendable {
        var objectClass: UInt16
        var handle: UInt16
        var attributes: [Attribute]
    }

    enum Verdict {
        static let accepted: UInt16 = 0
        static let unsupported: UInt16 = 1
    }

    var id: UInt16
    var objects: [Object]
}

extension ConfigurationReport {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        id = try reader.uint16()
        objects = try reader.list("the objects of a configuration") { inner throws(ApduProblem) in
            Object(
                objectClass: try inner.uint16(), handle: try inner.uint16(), attributes: try Attribute.list(&inner))
        }
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(id)
        writer.list(objects) { inner, object in
            inner.uint16(object.objectClass)
            inner.uint16(object.handle)
            object.attributes.write(&inner)
        }
    }
}

/// Something that an agent tells by itself.
struct EventReport: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        case configuration(ConfigurationReport)
        case scan(ScanReport)
        case segment(SegmentPart)
        case other([UInt8])
    }

    var handle: UInt16
    /// Of the agent's relative clock, in 1/8 ms; all ones where it has none.
    var time: UInt32
    var event: UInt16
    var content: Content
}

extension EventReport {
    static let part = "the event report"

    init(_ reader: inout ApduReader) throws(ApduProblem) {
        handle = try reader.uint16()
        time = try reader.uint32()
        event = try reader.uint16()
        let event = event
        content = try reader.sized(Self.part) { inner throws(ApduProblem) in try Self.content(&inner, of: event) }
    }

    private static func content(_ reader: inout ApduReader, of event: UInt16) throws(ApduProblem) -> Content {
        if event == Nomenclature.Event.configuration { return .configuration(try ConfigurationReport(&reader)) }
        if event == Nomenclature.Event.segmentData {
            return .segment(SegmentPart(place: try SegmentPlace(&reader), entries: try reader.octets()))
        }
        if let form = ScanReport.form(of: event) {
            return .scan(try ScanReport(&reader, form: form.form, namesPeople: form.namesPeople))
        }
        return .other(try reader.take(reader.remaining))
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(handle)
        writer.uint32(time)
        writer.uint16(event)
        writer.sized { inner in
            switch content {
            case .configuration(let report): report.write(&inner)
            case .scan(let report):
                let form = ScanReport.form(of: event) ?? (.variable, false)
                report.write(&inner, form: form.form, namesPeople: form.namesPeople)
            case .segment(let part):
                part.place.write(&inner)
                inner.octets(part.entries)
            case .other(let bytes): inner.raw(bytes)
            }
        }
    }
}

/// What is answered to a confirmed event report.
struct EventAnswer: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        case configuration(id: UInt16, verdict: UInt16)
        case segment(SegmentPlace)
        case other([UInt8])
    }

    var handle: UInt16
    var time: UInt32
    var event: UInt16
    var content: Content
}

extension EventAnswer {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        handle = try reader.uint16()
        time = try reader.uint32()
        event = try reader.uint16()
        let event = event
        content = try reader.sized("the answer to an event") { inner throws(ApduProblem) in
            switch event {
            case Nomenclature.Event.configuration:
                .configuration(id: try inner.uint16(), verdict: try inner.uint16())
            case Nomenclature.Event.segmentData: .segment(try SegmentPlace(&inner))
            default: .other(try inner.take(inner.remaining))
            }
        }
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(handle)
        writer.uint32(time)
        writer.uint16(event)
        writer.sized { inner in
            switch content {
            case .configuration(let id, let verdict):
                inner.uint16(id)
                inner.uint16(verdict)
            case .segment(let place): place.write(&inner)
            case .other(let bytes): inner.raw(bytes)
            }
        }
    }
}
