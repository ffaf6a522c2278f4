import Foundation
import Ledger
import PumpCore
import Register
import Supplies
import TestSupport
import Testing

@testable import LedgerService

/// What can be billed is counted with the rows of a few patients in memory, and its lines are kept packed: nobody may see
/// it in the answer.
@Suite("Billing group by group")
struct BillablePartsTests {
    @Test(
        "rows read group by group give the lines of the register read whole", arguments: 0..<GroupwiseCountTests.count)
    func parts(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 2000))
        let ledger = try random.open()
        defer { ledger.close() }
        let whole = try MonthQuery(ledger: ledger, context: RandomLedger.context)
        let billable = BillableMonth(ledger: ledger, context: RandomLedger.context)
        for text in ["2026-10", "2026-09-15..2026-10-12", "2026q4"] {
            let period = try whole.period(text)
            let findings = try whole.findings(period)
            let answer = try billable.inParts(period)
            #expect(Array(answer.lines) == findings.lines, "seed \(seed), \(text)")
            #expect(answer.heading == whole.heading(findings, period), "seed \(seed), \(text)")
            let coded = try JSONDecoder().decode(BillableLines.self, from: JSONEncoder().encode(answer.lines))
            #expect(coded == answer.lines, "seed \(seed), \(text)")
        }
    }

    @Test("the groups of the parts are those of the register read whole", arguments: 0..<GroupwiseCountTests.count)
    func groups(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 3000))
        let ledger = try random.open()
        defer { ledger.close() }
        var groups: [PatientGroup]?
        try ledger.readLogs { reader in groups = try RegisterParts(reader)?.groups }
        let whole = RegisterIndex(try LogQuery(ledger: ledger).register()).groups()
        #expect(!whole.isEmpty)
        #expect(groups == whole, "seed \(seed)")
    }

    @Test("what goes into the file of a month comes out of it, on the edges of what is read at once too")
    func spool() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "spool-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var spool = Spool(in: folder)
        var random = SeededGenerator(seed: 7)
        var texts: [String] = []
        for number in 0..<60_000 {
            let text = String(repeating: "x", count: Int.random(in: 0..<90, using: &random)) + "\(number)"
            texts.append(text)
            var packer = BytePacker()
            packer.put(text)
            packer.put(number.isMultiple(of: 3) ? nil : -number)
            packer.put(RecordKey(high: UInt64(number) << 40, low: UInt16(number % 60_000), ordinal: number % 3))
            try spool.append(packer.bytes)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "the file has a name")
        for _ in 0..<2 {
            var reader = spool.content.reader()
            for number in texts.indices {
                let (text, value, key) = (reader.text(), reader.optionalInt(), reader.key())
                guard text == texts[number], value == (number.isMultiple(of: 3) ? nil : -number),
                    key == RecordKey(high: UInt64(number) << 40, low: UInt16(number % 60_000), ordinal: number % 3)
                else {
                    Issue.record("number \(number)")
                    return
                }
            }
        }
    }

    @Test("ids of containers are their texts, whatever they were made of")
    func ids() {
        let key = RecordKey(high: 5, low: 6, ordinal: 2)
        let texts = ["c:M1.1@\(key.text)", "c:M1.2@\(key.text)", "c:O1/bag", "c:M1.1@r:short", "c:M@1.1@\(key.text)"]
        var ids = ContainerIDs()
        ids.append(place: "c:M1.1", key)
        ids.append(place: "c:M1.2", key)
        for text in texts.dropFirst(2) { ids.append(text) }
        #expect(Array(ids) == texts)
        #expect(ids == ContainerIDs(texts))
        #expect(Set([ids, ContainerIDs(texts)]).count == 1)
        #expect(ids != ContainerIDs(texts.reversed()))
    }
}
