package import PumpCore

/// One thing that the simulator did, printed as one JSON line.
package struct Deed: Equatable, Sendable {
    /// The simulated moment.
    package let at: Instant
    /// What was done: `served`, `logged`, `silent`, `fault`, `unplugged` …
    package let what: String
    package let details: [JSON.Field]

    package init(at: Instant, _ what: String, _ details: KeyValuePairs<String, JSON> = [:]) {
        self.at = at
        self.what = what
        self.details = details.map { JSON.Field(name: $0.key, value: $0.value) }
    }

    init(at: Instant, _ what: String, _ details: [JSON.Field]) {
        self.at = at
        self.what = what
        self.details = details
    }

    package var json: JSON {
        .object(
            [.init(name: "at", value: .text(at.description)), .init(name: "did", value: .text(what))] + details)
    }
}

/// What a device on the line said, and what it did to say it. Empty `bytes` is silence.
package struct Answer: Equatable, Sendable {
    package let bytes: [UInt8]
    package let deed: Deed

    package init(_ bytes: [UInt8], _ deed: Deed) {
        self.bytes = bytes
        self.deed = deed
    }
}
