import Foundation
import TestSupport
import Testing

/// The packet as a biller makes it, from the demo's recorded month.
@Suite("Packet")
struct PacketProgramTests {
    private func demo() throws -> Workplace {
        let workplace = try Workplace()
        let demo = Vectors.checkout.appending(path: "Examples/demo")
        #expect(try workplace.pumpledger("import", "register", demo.appending(path: "register").path).exitCode == 0)
        let replay = try workplace.pumpledger(
            "replay", "--driver", "paradigm", "--read-at", "2026-11-01T08:00:00-07:00",
            demo.appending(path: "paradigm-october.csv").path)
        #expect(replay.exitCode == 0, "\(replay.err)")
        return workplace
    }

    private func packet(_ workplace: Workplace, _ more: String...) throws -> Program.Outcome {
        try Program().run(
            [
                "--ledger", workplace.ledger, "--zone", "America/Phoenix", "--now", "2026-11-02T09:00:00-07:00",
                "packet",
                "--order", "O-0001", "--period", "2026-10", "-o", workplace.path("out/packets"),
            ] + more)
    }

    @Test("packet writes one page and one JSON file that agree with billable, for the owner's eyes alone")
    func demoMonth() throws {
        let workplace = try demo()
        let outcome = try packet(workplace)
        #expect(outcome.exitCode == 0, "\(outcome.err)")
        #expect(outcome.out.contains("SIMULATED"))
        let folder = workplace.url.appending(path: "out/packets")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["packet-O-0001-2026-10.html", "packet-O-0001-2026-10.json"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        let bytes = try Data(contentsOf: folder.appending(path: "packet-O-0001-2026-10.json"))
        let json = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let page = try String(contentsOf: folder.appending(path: "packet-O-0001-2026-10.html"), encoding: .utf8)
        let receipt = try packet(workplace, "--force", "--json").json()
        let digest = try #require(receipt["jsonSha256"] as? String)
        #expect(page.contains(digest))
        // Made anew from the same ledger at the same moment, the bytes are the same.
        #expect(try Data(contentsOf: folder.appending(path: "packet-O-0001-2026-10.json")) == bytes)

        let billable = try workplace.pumpledger("billable", "--json", "--period", "2026-10").json()
        let lines = try #require(billable["lines"] as? [[String: Any]])
        let counts = try #require(json["counts"] as? [[String: Any]])
        #expect(counts.count == lines.count)
        func text(_ line: Any?) throws -> Data {
            try JSONSerialization.data(withJSONObject: try #require(line), options: .sortedKeys)
        }
        for (count, line) in zip(counts, lines) { #expect(try text(count["line"]) == text(line)) }
        let records = try #require(json["records"] as? [[String: Any]])
        #expect(records.count == 41)
        #expect(records.allSatisfy { ($0["raw"] as? String).map(page.contains) == true })
        // One of them by hand: the second rewind of the demo, as the README shows it.
        #expect(page.contains("2100808009021a") && page.contains("r:454b6e1cb0cc3e63ffa6"))
        let summary = try #require((json["summary"] as? [[String: Any]])?.first)
        #expect(summary["supported"] as? Int == 10 && summary["billed"] as? Int == 11)
        #expect(summary["difference"] as? Int == 1)
    }

    @Test("packet never overwrites unless told, and says what is wrong with order, period and folder")
    func refusals() throws {
        let workplace = try demo()
        #expect(try packet(workplace).exitCode == 0)
        let page = workplace.url.appending(path: "out/packets/packet-O-0001-2026-10.html")
        try Data("mine".utf8).write(to: page)
        let again = try packet(workplace)
        #expect(again.exitCode == 3)
        #expect(again.err.contains("exists already and is not overwritten") && again.err.contains("--force"))
        #expect(try Data(contentsOf: page) == Data("mine".utf8))
        #expect(try packet(workplace, "--force").exitCode == 0)
        #expect(try Data(contentsOf: page).count > 10_000)

        let unknown = try workplace.pumpledger(
            "packet", "--order", "O-9", "--period", "2026-10", "-o", workplace.path("other"))
        #expect(unknown.exitCode == 3)
        #expect(unknown.err.contains("no order O-9 is in the register") && unknown.err.contains("orders.csv"))
        #expect(!FileManager.default.fileExists(atPath: workplace.path("other")))
        let reversed = try workplace.pumpledger(
            "packet", "--order", "O-0001", "--period", "2026-10-31..2026-10-01", "-o", workplace.path("other"))
        #expect(reversed.exitCode == 2)
        let file = try workplace.write("x", to: "file")
        let noFolder = try workplace.pumpledger("packet", "--order", "O-0001", "--period", "2026-10", "-o", file)
        #expect(noFolder.exitCode == 3)
        let noLedger = try Program().run([
            "--ledger", workplace.path("none.db"), "packet", "--order", "O-0001", "--period", "2026-10", "-o",
            workplace.path("other"),
        ])
        #expect(noLedger.exitCode == 3)
        #expect(noLedger.err.contains("there is no ledger"))
    }
}
