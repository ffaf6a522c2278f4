/// Measurements, as agents of 20601 send them by themselves. This driver reads none of them; it knows their form so that
/// it can tell a sound message from a broken one.
struct ScanReport: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case variable
        case fixed
        case grouped
    }

    struct Observation: Hashable, Sendable {
        /// Nil in grouped reports, whose grouping was told beforehand.
        var handle: UInt16?
        var attributes: [Attribute] = []
        var bytes: [UInt8] = []
    }

    struct Person: Hashable, Sendable {
        /// Nil where the report is about one person only.
        var id: UInt16?
        var observations: [Observation]
    }

    var requestID: UInt16
    var number: UInt16
    var people: [Person]

    /// The form that an event's number tells, and whether it names people; nil for an event that is no scan report.
    static func form(of event: UInt16) -> (form: Form, namesPeople: Bool)? {
        switch event {
        case 3358, 3362, 3368: (.variable, false)
        case 3357, 3363, 3369: (.fixed, false)
        case 3364, 3370: (.grouped, false)
        case 3360, 3365, 3371: (.variable, true)
        case 3359, 3366, 3372: (.fixed, true)
        case 3367, 3373: (.grouped, true)
        default: nil
        }
    }
}

extension ScanReport {
    init(_ reader: inout ApduReader, form: Form, namesPeople: Bool) throws(ApduProblem) {
        requestID = try reader.uint16()
        number = try reader.uint16()
        if namesPeople {
            people = try reader.list("the people of a scan report") { inner throws(ApduProblem) in
                let id = try inner.uint16()
                // One group a person, without a list around it.
                if form == .grouped { return Person(id: id, observations: [Observation(bytes: try inner.octets())]) }
                return Person(id: id, observations: try Self.observations(&inner, form))
            }
        } else {
            people = [Person(id: nil, observations: try Self.observations(&reader, form))]
        }
    }

    private static func observations(_ reader: inout ApduReader, _ form: Form) throws(ApduProblem) -> [Observation] {
        try reader.list("the observations of a scan report") { inner throws(ApduProblem) in
            switch form {
            case .variable: Observation(handle: try inner.uint16(), attributes: try Attribute.list(&inner))
            case .fixed: Observation(handle: try inner.uint16(), bytes: try inner.octets())
            case .grouped: Observation(bytes: try inner.octets())
            }
        }
    }

    func write(_ writer: inout ApduWriter, form: Form, namesPeople: Bool) {
        writer.uint16(requestID)
        writer.uint16(number)
        if namesPeople {
            writer.list(people) { inner, person in
                inner.uint16(person.id ?? 0)
                if form == .grouped {
                    inner.octets(person.observations.first?.bytes ?? [])
                } else {
                    Self.write(person.observations, &inner, form)
                }
            }
        } else {
            Self.write(people.first?.observations ?? [], &writer, form)
        }
    }

    private static func write(_ observations: [Observation], _ writer: inout ApduWriter, _ form: Form) {
        writer.list(observations) { inner, observation in
            if form != .grouped { inner.uint16(observation.handle ?? 0) }
            switch form {
            case .variable: observation.attributes.write(&inner)
            case .fixed, .grouped: inner.octets(observation.bytes)
            }
        }
    }
}
