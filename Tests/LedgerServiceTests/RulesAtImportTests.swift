import LedgerService
import PumpCore
import Supplies
import Testing

@Suite("Rules that a request brings along")
struct RulesAtImportTests {
    private func patient(of payer: String) -> [InputFile] {
        var month = ImportedMonth()
        month.payer = payer
        return month.register
    }

    @Test("a payer without rules is refused at the import, with place, excerpt and the profiles that there are")
    func unknownPayer() throws {
        let ledger = try ScratchLedger()
        let error = try #require(throws: ServiceError.self) {
            try ledger.importRegister(patient(of: "medicare"))
        }
        #expect(error.kind == .badInput)
        #expect(
            error.message.hasPrefix(
                """
                patients.csv:2:21 payer
                  |
                2 | P1,America/New_York,medicare
                  |                     ^^^^^^^^
                There are no rules for this payer.
                Write one of: bcbsnd-per-diem, florida-medicaid, maryland-medicaid, medicare-dme, nhia-per-diem, \
                texas-medicaid; or import with --rules DIR
                """), "\(error.message)")
        #expect(error.message.hasSuffix("Nothing was imported."))
        #expect(try ledger.lines("2026-10").isEmpty)
    }

    @Test("a profile of the user's own names a payer; without it his lines are held and nothing is payable")
    func ownProfile() throws {
        let own = InputFile(
            name: "county-plan.json",
            bytes: Array(
                #"{"kind":"profile","profile":"county-plan","title":"County plan","like":"medicare-dme"}"#.utf8))
        let ledger = try ScratchLedger()
        try ledger.importRegister(patient(of: "county-plan"), rules: [own])
        #expect(try ledger.lines("2026-10", rules: [own]).first?.holds.contains { $0.rule == "R11" } == false)
        let line = try #require(try ledger.lines("2026-10").first)
        #expect(line.payable == nil)
        #expect(line.holds.contains { $0.rule == "R11" && $0.column == "payer" })
    }

    @Test("a table of CMS among the rules changes the digest and puts the fee on the line")
    func table() throws {
        let fees = InputFile(
            name: "DMEPOS26_OCT.csv",
            bytes: Array("HCPCS,Mod,Mod2,JURIS,CATG,Ceiling,Floor\nA4222,,,D,SU,50.25,42.71\n".utf8))
        let ledger = try ScratchLedger()
        try ledger.importRegister(patient(of: "medicare-dme"))
        #expect(try ledger.rulesDigest() != ledger.rulesDigest(rules: [fees]))
        #expect(try ledger.lines("2026-10").first?.fee == nil)
        #expect(try ledger.lines("2026-10", rules: [fees]).first?.fee?.ceiling == "50.25")
        let broken = InputFile(name: "mue.csv", bytes: fees.bytes)
        let error = try #require(throws: ServiceError.self) { try ledger.lines("2026-10", rules: [broken]) }
        #expect(error.kind == .badInput)
        #expect(error.message.contains("rules file mue.csv"))
    }
}
