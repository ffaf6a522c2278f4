import Foundation
import LedgerService
import PumpCore
import Reports
import Supplies
import TestSupport
import Testing

@Suite("Packets")
struct PacketTests {
    private func page(_ answer: PacketAnswer) -> String {
        PacketPage(answer, jsonName: "packet.json", jsonDigest: String(repeating: "0", count: 64)).html
    }

    // MARK: Numbers

    @Test("every number of a count equals the rows that it rests on")
    func totals() throws {
        let answer = try PacketCase().answer()
        let count = try #require(answer.counts.first { $0.line.hcpcs == "A4222" })
        func figure(_ name: String) throws -> PacketFigure {
            try #require(count.figures.first { $0.name == name }, "\(name)")
        }
        func ids(_ name: String, _ kind: PacketReference.Kind) throws -> [String] {
            try figure(name).restsOn.filter { $0.kind == kind }.map(\.id)
        }
        let deliveries = try ids("delivered", .delivery)
        #expect(
            try figure("delivered").value
                == answer.deliveries.filter { deliveries.contains($0.id) }.reduce(0) { $0 + $1.quantity })
        #expect(try figure("delivered").value == 12)
        #expect(try figure("used").value == ids("used", .container).count)
        #expect(try figure("used").value == 9)
        #expect(try figure("supported").value == ids("supported", .container).count)
        #expect(try figure("doses").value == answer.account?.slots.filter { $0.fate == .given }.count)
        #expect(try figure("review").value == 1)
        #expect(try figure("review").restsOn == [PacketReference(.disposition, 1)])
        let billed = try figure("billed").restsOn.compactMap { Int($0.id) }.map { answer.billed[$0 - 1].units }
        #expect(try figure("billed").value == billed.reduce(0, +))
        #expect(try figure("difference").value == 3)
        let row = try #require(answer.summary.first { $0.hcpcs == "A4222" })
        #expect(
            [row.delivered, row.used, row.supported, row.payable, row.billed, row.difference] == [12, 9, 9, 9, 12, 3])
        #expect(count.line.prepared == count.line.opening + 12 - count.line.returned - count.line.carried)
    }

    @Test("every container of a count stands in the packet with each of its records, down to the raw bytes")
    func containers() throws {
        let answer = try PacketCase().answer()
        let html = page(answer)
        let json = PacketJSON.json(answer).pretty
        let line = try #require(answer.counts.first { $0.line.hcpcs == "A4222" }).line
        #expect(line.containers.count == 9)
        for id in line.containers {
            let container = try #require(answer.containers.first { $0.id == id })
            #expect(html.contains(id) && json.contains(id))
            #expect(!container.records.isEmpty)
            for key in container.records {
                let record = try #require(answer.records.first { $0.line.record.key == key })
                #expect(record.containers.contains(id))
                #expect(html.contains(key.text) && json.contains(key.text))
                #expect(html.contains(record.line.record.record.raw.hex))
                #expect(json.contains(record.line.record.record.raw.hex))
                #expect(answer.downloads.contains { $0.id == record.line.record.session.text })
            }
        }
    }

    @Test("every rule that anything names is printed with its citation and with who says it")
    func rules() throws {
        let answer = try PacketCase().answer()
        let named = Set(
            answer.counts.flatMap { $0.line.rules.map(\.id) + $0.line.holds.map(\.rule) }
                + answer.containers.map(\.rule) + answer.findings.map(\.rule))
        #expect(named.isSubset(of: Set(answer.rules.map(\.id))))
        let text = PageReading(page(answer)).text
        for rule in answer.rules {
            #expect(text.contains("\(rule.id) of \(rule.set)"))
            #expect(text.contains("Source: \(rule.citation)"))
        }
    }

    @Test("a refill shows contact and delivery beside the earliest days for them; the first delivery has no window")
    func refills() throws {
        let answer = try PacketCase().answer()
        let first = try #require(answer.deliveries.first { $0.id == "D1" }?.refill)
        #expect(first.isFirst && first.expectedEnd == nil)
        let second = try #require(answer.deliveries.first { $0.id == "D2" }?.refill)
        // 8 delivered, 5 used by the evening of the 3rd (one of six was missed): 3 left, a day and a half.
        #expect(second.onHandBefore == 3)
        #expect(second.expectedEnd?.description == "2026-10-04")
        #expect(second.earliestDelivery?.description == "2026-09-24")
        #expect(second.earliestContact?.description == "2026-09-04")
    }

    // MARK: What is open

    @Test("the first page says what is not settled: billed beyond support, unread time, no proof of delivery")
    func open() throws {
        let answer = try PacketCase().answer()
        let sentences = answer.open.map(\.sentence)
        #expect(sentences.contains { $0.contains("12 units are billed and 9 are supported") }, "\(sentences)")
        #expect(sentences.contains { $0.contains("delivery D2 has neither tracking nor received_by") })
        #expect(!sentences.contains { $0.contains("delivery D1") })
        #expect(sentences.contains { $0.contains("signed_on") })
        #expect(sentences.contains { $0.contains("not read yet") })
        let weights = answer.open.map(\.weight)
        #expect(weights == weights.sorted { Self.rank($0) < Self.rank($1) })
        let text = PageReading(page(answer)).text
        for sentence in sentences { #expect(text.contains(sentence)) }
    }

    private static func rank(_ weight: PacketOpenItem.Weight) -> Int {
        switch weight {
        case .stops: 0
        case .review: 1
        case .incomplete: 2
        }
    }

    @Test("what the register does not hold is blank and says so, on page and in JSON")
    func blanks() throws {
        let answer = try PacketCase().answer()
        let fields = answer.form.sections.flatMap(\.fields)
        let blank = fields.filter { $0.value == nil }.map(\.name)
        #expect(blank.contains("Date of birth") && blank.contains("NDC of each active ingredient"))
        #expect(!blank.contains("Drug"))
        let rows = PageReading(page(answer)).rows
        for name in blank {
            #expect(rows.contains { $0.hasPrefix("\(name) | not in the register") }, "\(name)")
        }
        #expect(rows.contains { $0.hasPrefix("Prescriber NPI | not in the register") })
        #expect(!rows.contains { $0.contains("| nil") || $0.contains("Optional(") })
    }

    @Test(
        "a closed month keeps its frozen numbers, and what arrived since stands beside them, signed, with its records")
    func adjustments() throws {
        #expect(!page(try PacketCase().answer()).contains("id=\"adjustments\""))
        var closed = PacketCase()
        closed.closedAfter = 3
        let answer = try closed.answer()
        let row = try #require(answer.summary.first { $0.hcpcs == "A4222" })
        #expect(row.used == 5)
        #expect(answer.containers.count == 5)
        let adjustment = try #require(answer.adjustments.first { $0.hcpcs == "A4222" })
        #expect(adjustment.used == 4)
        #expect(!adjustment.records.isEmpty)
        let keys = Set(answer.records.map(\.line.record.key))
        #expect(adjustment.records.allSatisfy(keys.contains))
        let reading = PageReading(page(answer))
        #expect(reading.problem == nil)
        #expect(reading.text.contains("CLOSED by "))
        #expect(reading.rows.contains { $0.hasPrefix("\(adjustment.on) | A4222 | +4 | ") })
        for link in Set(reading.links) { #expect(reading.ids.contains(String(link.dropFirst())), "\(link)") }
        #expect(answer.open.contains { $0.sentence.contains("adjustments") })
        let json = PacketJSON.json(answer).compact
        #expect(json.ranges(of: "\"adjustments\":").count == 1 && json.contains("\"closed\":{"))
    }

    // MARK: The page

    @Test("the page is well formed, every link leads to a place in it, and nothing points outside")
    func selfContained() throws {
        let answer = try PacketCase().answer()
        let html = page(answer)
        let reading = PageReading(html)
        #expect(reading.problem == nil)
        #expect(Set(reading.ids).count == reading.ids.count)
        #expect(reading.links.count > 50)
        for link in Set(reading.links) {
            #expect(link.hasPrefix("#") && reading.ids.contains(String(link.dropFirst())), "\(link)")
        }
        #expect(
            reading.elements.isDisjoint(with: ["script", "img", "link", "iframe", "object", "embed", "base", "form"]))
        #expect(reading.attributes.isDisjoint(with: ["src", "srcset", "onload", "onclick", "action"]))
        #expect(!html.contains("://") && !html.contains("@import"))
        for use in html.ranges(of: "url(") { #expect(html[use.upperBound...].hasPrefix("#")) }
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    }

    @Test("a packet of nothing but an order is a page too, and says what is missing")
    func empty() throws {
        var sparse = PacketCase()
        sparse.days = 0
        let answer = try sparse.answer()
        let reading = PageReading(page(answer))
        #expect(reading.problem == nil)
        #expect(answer.open.contains { $0.sentence.contains("never read") })
        #expect(reading.text.contains("No container in this period."))
    }

    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "&lt;b&gt; & &amp;",
        "]]></style><svg onload=alert(1)>", "<!-- -->", "javascript:alert(1)",
    ]

    @Test("text from files stays text, wherever it stands", arguments: hostile)
    func hostileFiles(text: String) throws {
        let plain = PageReading(page(try PacketCase().answer()))
        var hostile = PacketCase()
        hostile.drug = text
        hostile.lot = text.filter { !$0.isWhitespace }
        hostile.order = "O" + text.filter { !$0.isWhitespace }
        hostile.facility = text
        let answer = try hostile.answer()
        let reading = PageReading(page(answer))
        #expect(reading.problem == nil)
        #expect(reading.elements == plain.elements)
        #expect(reading.attributes == plain.attributes)
        #expect(
            reading.text.contains(text) && reading.text.contains(hostile.lot) && reading.text.contains(hostile.order))
        for file in PacketFiles(answer).files {
            #expect(file.name.unicodeScalars.allSatisfy { $0.isASCII && $0 != "/" && $0.value > 0x20 }, "\(file.name)")
        }
    }

    @Test("controls, escape sequences and marks that turn text around are shown, never passed on")
    func hostileDevice() throws {
        var answer = try PacketCase().answer()
        let evil = "a\u{0}b\u{1B}[31mc\u{7}\u{9B}d\u{202E}e\u{2028}f\u{FFFF}g\r\nh"
        answer.containers[0].reason = evil
        answer.records[0].line.record.record.event.note = evil
        answer.downloads[0].link = evil
        answer.orderID = evil
        let html = page(answer)
        #expect(PageReading(html).problem == nil)
        for scalar in html.unicodeScalars where scalar != "\n" {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x202E)
        }
        #expect(html.contains("a\\u{0}b\\u{1b}[31mc\\u{7}\\u{9b}d\\u{202e}e\\u{2028}f\\u{ffff}g\\u{d} ⏎ h"))
        for scalar in PacketJSON.json(answer).pretty.unicodeScalars { #expect(scalar == "\n" || scalar.value >= 0x20) }
    }

    @Test(
        "text in the style sheet cannot end its string",
        arguments: [
            ("O-1", "O\\00002d 1"), ("a\"}b", "a\\000022 \\00007d b"), ("</style>", "\\00003c \\00002f style\\00003e "),
            ("\\", "\\00005c "), ("x\ny", "x\\0000b7 y"), ("Ärzte", "\\0000c4 rzte"),
        ])
    func styled(text: String, expected: String) { #expect(PageText.styled(text) == expected) }

    @Test("the page names the digest of the JSON beside it, and one answer makes the same bytes every time")
    func files() throws {
        let answer = try PacketCase().answer()
        let files = PacketFiles(answer).files
        #expect(files.map(\.name) == ["packet-O1-2026-10.html", "packet-O1-2026-10.json"])
        let digest = ContentDigest.sha256(files[1].contents)
        #expect(String(decoding: files[0].contents, as: UTF8.self).contains(digest))
        #expect(PacketFiles(answer).files.map(\.contents) == files.map(\.contents))
        // What travels over the daemon's socket is the same answer.
        let sent = try JSONDecoder().decode(PacketAnswer.self, from: JSONEncoder().encode(answer))
        #expect(sent == answer)
    }

    @Test("orders with different ids never share a file name")
    func names() throws {
        var names: Set<String> = []
        for id in ["O/1", "O%1", "O%2f%1", "../O1", "O1", "O 1", "o1", ".O1", "Ö1"] {
            var answer = try PacketCase().answer()
            answer.orderID = id
            let name = try #require(PacketFiles(answer).files.first).name
            #expect(!name.contains("/") && !name.contains(".."))
            #expect(names.insert(name).inserted, "\(id): \(name)")
        }
    }

    // MARK: The chart

    @Test("the chart has a mark a container, with another shape for each verdict, and shades what was not read")
    func chart() throws {
        var answer = try PacketCase().answer()
        answer.containers[0].counted = .no
        answer.containers[1].counted = .review
        let html = page(answer)
        let start = try #require(html.range(of: "class=\"chart\""))
        let end = try #require(html.range(of: "</svg>"))
        let chart = html[start.upperBound..<end.lowerBound]
        #expect(chart.ranges(of: "<a href=\"#c").count == 9)
        #expect(chart.ranges(of: "fill=\"#1d3f72\"><title>Container").count == 7)
        #expect(chart.ranges(of: "counted no").count == 1)
        #expect(chart.ranges(of: "counted review").count == 1)
        #expect(chart.ranges(of: "Ordered dose of 2026-10-02T18:00:00 not given").count == 1)
        #expect(chart.contains("url(#unread)\"><title>not read yet"))
        #expect(!answer.witness.unread.isEmpty)
    }

    @Test("a number that does not apply is a dash, never 0")
    func dash() throws {
        var answer = try PacketCase().answer()
        answer.summary[0].supported = nil
        answer.summary[0].payable = nil
        answer.summary[0].difference = nil
        let rows = PageReading(page(answer)).rows
        #expect(rows.contains { $0.hasPrefix("A4222 | 12 | ") && $0.contains(" | – | ") })
    }
}
