import Foundation
import PumpCore
import Register
import Supplies
import Testing

/// The tables here are made up; those of CMS do not ship.
@Suite("Tables of CMS beside the rules")
struct CMSTableTests {
    private static let limits = """
        "Unlikely edits for suppliers, made up
        for a test",,,
        HCPCS/CPT Code,DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale
        A4221,5,3 Date of Service Edit: Clinical,Nature of Service
        A4222,31,1 Line Edit,CMS Policy
        A4223,0,2 Date of Service Edit: Policy,"CMS Policy, code"

        """
    private static let fees = """
        MADE-UP FEES,,,,,,,,,
        HCPCS,Mod,Mod2,JURIS,CATG,Ceiling,Floor,AL (NR),AL (R),Description
        A4222,,,D,SU,50.25,"1,042.71",47.00,49.00,INFUSION SUPPLIES WITH PUMP
        E0781,RR,,D,CR,260.00,221.00,250.00,255.00,PUMP
        A4223,,,D,SU,0.00,,0,0,NOT PRICED

        """

    static func rules(_ tables: [String: String]) throws -> RuleBook {
        var files = RuleBook.shippedFiles
        for (name, text) in tables { files[name] = Array(text.utf8) }
        return try RuleBook(files: files)
    }

    private func month(_ tables: [String: String], payer: String = "medicare-dme") throws -> (Clinic, MonthCount) {
        var clinic = Clinic(payer: payer)
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let count = MonthCount(
            RegisterIndex(clinic.register), rules: try Self.rules(tables),
            period: try day("2026-10-01")...(try day("2026-10-31")))
        return (clinic, count)
    }

    @Test("units over the edit are a warning that names file, line and date; nothing is said without the file")
    func unlikely() throws {
        for (tables, expected) in [
            (["MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv": Self.limits], true), ([:], false),
            (["mue-2026-11-01.csv": Self.limits], false),
        ] {
            var (clinic, _) = try month(tables)
            try clinic.bill(60)
            let count = MonthCount(
                RegisterIndex(clinic.register), rules: try Self.rules(tables),
                period: try day("2026-10-01")...(try day("2026-10-31")))
            let found = count.scrub(clinic.timelines(count.index))
            #expect(found.map(\.rule) == (expected ? ["R9"] : []))
            guard expected else { continue }
            #expect(found.first?.severity == .warning)
            #expect(
                found.first?.message == "60 units on a line, and CMS takes 31 (CMS Policy; "
                    + "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv, line 5, in force from 2026-10-01)")
        }
    }

    @Test("an edit by day takes all lines of the patient on that date of service together, and 0 is a limit")
    func byDay() throws {
        let tables = ["mue-2026-07-01.csv": Self.limits]
        func warnings(_ rows: [(units: Int, code: String, from: String)], payer: String = "medicare-dme") throws -> Int
        {
            var (clinic, _) = try month(tables, payer: payer)
            try clinic.deliver(20, "A4221")
            for (number, row) in rows.enumerated() {
                try clinic.bill(row.units, row.code, from: row.from, claim: "C\(number)")
            }
            let count = MonthCount(
                RegisterIndex(clinic.register), rules: try Self.rules(tables),
                period: try day("2026-10-01")...(try day("2026-10-31")))
            return count.scrub(clinic.timelines(count.index)).filter { $0.message.contains("CMS takes") }.count
        }
        #expect(try warnings([(3, "A4221", "2026-10-01"), (2, "A4221", "2026-10-01")]) == 0)
        #expect(try warnings([(3, "A4221", "2026-10-01"), (3, "A4221", "2026-10-01")]) == 1)
        #expect(try warnings([(3, "A4221", "2026-10-01"), (3, "A4221", "2026-10-08")]) == 0)
        #expect(try warnings([(31, "A4222", "2026-10-01"), (31, "A4222", "2026-10-01")]) == 0)
        #expect(try warnings([(1, "A4223", "2026-10-01")]) == 1)
        // The table is Medicare's.
        #expect(try warnings([(32, "A4222", "2026-10-01")], payer: "texas-medicaid") == 0)
    }

    @Test("a line bears the fee of its code in force on the last day, with its source; none where there is none")
    func fee() throws {
        let (clinic, count) = try month(["DMEPOS26_JUL.csv": Self.fees, "DMEPOS26_OCT.csv": Self.fees])
        let line = try count.findings(clinic.timelines(count.index)).line()
        let fee = try #require(line.fee)
        #expect(fee.ceiling == "50.25")
        #expect(fee.floor == "1042.71")
        #expect(fee.category == "SU")
        #expect(fee.jurisdiction == "D")
        #expect(fee.source == "DMEPOS26_OCT.csv, line 3, in force from 2026-10-01")
        let (other, plain) = try month([:])
        let bare = try plain.findings(other.timelines(plain.index)).line()
        #expect(bare.fee == nil)
        #expect(bare.payable == line.payable)
        let (texan, texas) = try month(["DMEPOS26_OCT.csv": Self.fees], payer: "texas-medicaid")
        #expect(try texas.findings(texan.timelines(texas.index)).line().fee == nil)
        let book = try Self.rules(["DMEPOS26_OCT.csv": Self.fees])
        #expect(book.fee("A4223", on: try day("2026-10-01"))?.ceiling == nil)
        #expect(book.fee("E0781", on: try day("2026-10-01")) == nil)
        #expect(book.fee("A4222", on: try day("2026-09-30")) == nil)
    }

    @Test("a table is part of the digest of the rules")
    func digest() throws {
        let bytes = try RuleBook.shipped.canonicalBytes
        let with = try Self.rules(["mue-2026-10-01.csv": Self.limits])
        #expect(with.canonicalBytes != bytes)
        #expect(with.profiles == (try RuleBook.shipped.profiles))
    }

    @Test(
        "a table that cannot be used names file, line and remedy",
        arguments: [
            ("mue.csv", limits, "", "from when it holds"),
            ("mue-2026-13-01.csv", limits, "", "from when it holds"),
            (
                "mue-2026-10-01.csv", limits.replacing("A4222,31", with: "A4222,31.5"), "line 5",
                "no whole number of units"
            ),
            ("mue-2026-10-01.csv", limits.replacing("1 Line", with: "Line"), "line 5", "begins with 1, 2 or 3"),
            ("mue-2026-10-01.csv", limits.replacing("A4223,0", with: "A4222,0"), "line 6", "stands twice"),
            ("fees-2026-10-01.csv", fees.replacing("50.25", with: "50,2x"), "line 3", "is no amount"),
            ("notes-2026-10-01.csv", "a,b\n1,2\n", "", "columns of no table"),
            ("mue-2026-10-01.csv", "a,\"b\n", "line 1", "not CSV"),
        ])
    func mistakes(file: String, text: String, entry: String, says: String) throws {
        let error = try #require(throws: RuleBookError.self) { _ = try Self.rules([file: text]) }
        #expect(error.file == file)
        #expect(error.entry == entry)
        #expect(error.description.contains(says), "\(error)")
        #expect(error.description.contains(file))
    }

    @Test("two tables of one date are refused, for nobody could say which holds")
    func twins() throws {
        let error = try #require(throws: RuleBookError.self) {
            _ = try Self.rules(["mue-2026-10-01.csv": Self.limits, "MUE_Eff_10-01-2026.csv": Self.limits])
        }
        #expect(error.description.contains("keep one"))
    }
}
