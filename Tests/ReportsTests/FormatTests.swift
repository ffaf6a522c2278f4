import Reports
import Testing

@Suite("Formats")
struct FormatTests {
    private let sheet = Sheet(
        heading: ["Two rows"],
        columns: [.init("name"), .init("count", number: true), .init("why"), .init("key", inText: false)],
        rows: [
            [.text("a"), .integer(12), .none, .text("k1")],
            [.text("=1+1"), .none, .text("say \"no\", twice"), .text("\u{1B}[31mred")],
        ],
        footing: ["end"])

    @Test("text is aligned, shows a dash for what is not known, and leaves machine columns out")
    func text() {
        #expect(
            TextReport.render(sheet) == """
                Two rows

                name  count  why
                a        12  –
                =1+1      –  say "no", twice

                end

                """)
    }

    @Test("CSV is RFC 4180 with every column; a text that begins like a formula is disarmed, a number is not")
    func csv() {
        #expect(
            CSVReport.render(sheet)
                == "name,count,why,key\r\na,12,,k1\r\n'=1+1,,\"say \"\"no\"\", twice\",\u{1B}[31mred\r\n")
        #expect(CSVReport.render(Sheet(columns: [.init("n", number: true)], rows: [[.integer(-3)]])) == "n\r\n-3\r\n")
    }

    @Test(
        "escape sequences, controls and bidirectional marks from a device show as text",
        arguments: [
            ("\u{1B}[2J", "\\u{1b}[2J"), ("a\u{7}b", "a\\u{7}b"), ("x\u{202E}y", "x\\u{202e}y"),
            ("\u{9B}1m", "\\u{9b}1m"),
            ("Zürich", "Zürich"),
        ])
    func terminal(text: String, expected: String) { #expect(SafeText.terminal(text) == expected) }

    @Test("JSON escapes what it must and keeps the order of its fields")
    func json() {
        let value: JSONValue = ["b": .integer(1), "a": "q\"\n\u{1}\u{202E}", "n": .null, "l": .array([]), "o": [:]]
        #expect(value.compact == #"{"b":1,"a":"q\"\n\u0001\u202e","n":null,"l":[],"o":{}}"#)
        #expect(JSONValue.array([.bool(true), .decimal("0.025")]).pretty == "[\n  true,\n  0.025\n]\n")
    }

    @Test("nothing becomes an empty list, never nothing")
    func empty() {
        #expect(JSONValue.array([]).pretty == "[]\n")
        #expect(TextReport.render(Sheet(columns: [.init("a")], rows: [])) == "")
        #expect(CSVReport.render(Sheet(columns: [.init("a")], rows: [])) == "a\r\n")
    }
}
