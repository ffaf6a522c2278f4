import Glibc
import Logging
import Testing

@testable import SystemService

@Suite("The log")
struct JournalLogHandlerTests {
    let heard = LinesHeard()

    private func logger(_ prefix: JournalLogHandler.Prefix = .priority, label: String = "") -> Logger {
        let heard = heard
        return Logger(label: label) { label in
            JournalLogHandler(label: label, level: .trace, prefix: prefix, write: heard.add)
        }
    }

    @Test("each level has its prefix for the journal, and its name for a person")
    func levels() {
        let journal = logger()
        let terminal = logger(.word)
        for level in Logger.Level.allCases {
            journal.log(level: level, "x")
            terminal.log(level: level, "x")
        }
        #expect(
            heard.all == [
                "<7>x\n", "trace: x\n", "<7>x\n", "debug: x\n", "<6>x\n", "info: x\n", "<5>x\n", "notice: x\n",
                "<4>x\n", "warning: x\n", "<3>x\n", "error: x\n", "<2>x\n", "critical: x\n",
            ])
    }

    @Test("metadata are sorted, quoted where they must be, and those of the message win")
    func metadata() {
        var logger = logger(label: "station")
        logger[metadataKey: "port"] = "/dev/ttyUSB0"
        logger[metadataKey: "try"] = "1"
        logger.info(
            "port opened",
            metadata: [
                "try": .stringConvertible(2), "why": "plugged in", "empty": "", "said": "\"no\"", "list": ["a", "b c"],
                "map": ["k": "v"],
            ])
        #expect(
            heard.all == [
                "<6>station: port opened empty=\"\" list=\"[a,b c]\" map={k:v} port=/dev/ttyUSB0 "
                    + "said=\"\\\"no\\\"\" try=2 why=\"plugged in\"\n"
            ])
    }

    @Test("a message stays one line, whatever is in it")
    func oneLine() {
        logger().info(
            "a\nb", metadata: ["k\n<0>x": "1\r\n2", "esc": "\u{1B}[31m", "turn": "a\u{202E}b", "c1": "\u{9B}2J"])
        #expect(
            heard.all == [
                "<6>a\\u{a}b c1=\\u{9b}2J esc=\\u{1b}[31m k\\u{a}<0>x=1\\u{d}\\u{a}2 turn=a\\u{202e}b\n"
            ])
        logger().info("m", metadata: ["long": .string(String(repeating: "x", count: 5000))])
        #expect(heard.all.last == "<6>m long=" + String(repeating: "x", count: 1024) + "…\n")
    }

    private struct Order: Error {
        var id: PatientValue<String>
    }

    @Test("what is of a patient is never in the log, however it gets there")
    func patient() {
        let name = PatientValue("Zebedee Quill")
        let order = Order(id: PatientValue("Zebedee Quill"))
        var logger = logger()
        logger[metadataKey: "patient"] = .stringConvertible(name)
        logger.info("order \(name) read", metadata: ["a": "\(name)", "b": "\([name])", "c": .string("\(order)")])
        logger.error("failed", error: order, metadata: ["d": "\(Optional(name) as Any)"])
        logger.info("x", metadata: ["reflected": .string(String(reflecting: order))])
        var dumped = ""
        dump(order, to: &dumped)
        dump(name, to: &dumped)
        let text = heard.all.joined() + dumped
        #expect(!text.contains("Zebedee") && !text.contains("Quill"))
        #expect(heard.all.first?.hasPrefix("<6>order ‹redacted› read a=‹redacted› ") == true)
        #expect(heard.all.first?.hasSuffix(" patient=‹redacted›\n") == true)
        #expect(name.revealed() == "Zebedee Quill")
    }

    @Test("a pseudonym tells patients apart within a run, and shows nothing of them")
    func pseudonym() {
        let one = PatientValue("Zebedee Quill").pseudonym
        #expect(one == PatientValue("Zebedee Quill").pseudonym)
        #expect(one != PatientValue("Dorothea Quill").pseudonym)
        #expect(one.description.count == 10 && one.description.hasPrefix("p-"))
    }

    @Test("the journal's prefix only where standard error is the journal")
    func prefix() {
        for stream in [nil, "", "1:2", "nonsense"] {
            let environment = stream.map { ["JOURNAL_STREAM": $0] } ?? [:]
            #expect(JournalLogHandler.Prefix(environment: environment) == .word)
        }
        var status = stat()
        fstat(STDERR_FILENO, &status)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalLogHandler.Prefix(environment: ["JOURNAL_STREAM": own]) == .priority)
    }
}
