/// A Paradigm that doses all day, behind its stick.
package struct FakeParadigm: FakePump {
    /// So many records a page, which the pump would fill further; pages then shift all the sooner.
    private static let recordsOnAPage = 60
    private static let recordsAtOnce = 40

    package let serial = "208850"
    package private(set) var truth: [[UInt8]] = []
    package private(set) var heard: [String] = []
    private var stick = FakeCareLink(pages: [PageBuilder.page([])])
    /// Of the day: each dose has a minute of its own, so a test has room for 1,440 of them.
    private var minute = 0

    package init(records: Int) { live(records: records) }

    package mutating func live(records: Int) {
        truth += PageBuilder.boluses(records, from: minute)
        minute += records
        let full = stride(from: 0, to: truth.count, by: Self.recordsOnAPage)
        stick.pages = full.reversed().map { start in
            PageBuilder.page(Array(truth[start..<min(start + Self.recordsOnAPage, truth.count)]))
        }
    }

    package mutating func outlive() {
        truth = []
        live(records: Self.recordsAtOnce)
    }

    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        heard.append(Self.command(bytes) ?? "")
        return stick.take(bytes)
    }

    /// The pump's command by its number; what goes no further than the stick by its opcode.
    package static func command(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        if first == 1 { return bytes.count >= 16 ? String(bytes[13]) : nil }
        let digits = String(first, radix: 16, uppercase: true)
        return "stick " + (digits.count == 1 ? "0" : "") + digits
    }
}
