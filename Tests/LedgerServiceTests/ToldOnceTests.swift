import GRDB
import PumpCore
import TestSupport
import Testing

@testable import Ledger

/// Most logs are told by one download and need no merging: the short way must come to what the long way comes to.
@Suite("Logs that one download told")
struct ToldOnceTests {
    @Test("the short way and the long way make the same log of the same evidence", arguments: 0..<24)
    func shortAndLong(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 500))
        let ledger = try random.open()
        defer { ledger.close() }
        var toldOnce = 0
        try ledger.look { db in
            for number in try Int.fetchAll(db, sql: "SELECT id FROM pump") {
                let reading = try MergedReading(number, db)
                var evidence = reading.evidence
                if evidence.rowsDiffer, evidence.sessions.count == 1 { toldOnce += 1 }
                evidence.rowsDiffer = false
                let long = MergedLog(evidence)
                #expect(reading.log.entries == long.entries, "seed \(seed), pump \(number)")
                #expect(reading.log.stretches == long.stretches, "seed \(seed), pump \(number)")
                #expect(reading.log.spans == long.spans, "seed \(seed), pump \(number)")
            }
        }
        #expect(toldOnce > 0 || seed != 0)
    }

    @Test("a log read for counting differs from the whole one in nothing that a rule looks at", arguments: 0..<12)
    func depths(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 700))
        let ledger = try random.open()
        defer { ledger.close() }
        for pump in try ledger.pumpIdentities() {
            var whole = try #require(try ledger.log(of: pump))
            for index in whole.records.indices {
                whole.records[index].record.raw = []
                whole.records[index].record.opcode = nil
                whole.records[index].record.offset = nil
                whole.records[index].record.stableIdentity = nil
                whole.records[index].record.event.label = nil
                whole.records[index].record.event.code = nil
                whole.records[index].record.event.programmed = nil
                whole.records[index].record.event.requestedBy = nil
            }
            var counted: PumpLog?
            try ledger.readLogs { counted = try $0.log(of: pump, depth: .counting) }
            #expect(counted == whole, "seed \(seed), pump \(pump.serial)")
        }
    }
}
