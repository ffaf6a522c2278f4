import Foundation
import PumpCore
import Supplies
import Testing

@Suite("Rules as dated data")
struct RuleBookTests {
    @Test("the shipped rules are valid, and every file of the folder is among them")
    func shipped() throws {
        let book = try RuleBook.shipped
        #expect(
            Set(book.profiles.keys) == [
                "medicare-dme", "texas-medicaid", "florida-medicaid", "maryland-medicaid", "nhia-per-diem",
                "bcbsnd-per-diem",
            ])
        // With every name looked at, as in a folder of the user's.
        #expect(try RuleBook(files: RuleBook.shippedFiles) == book)
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Supplies/Rules")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == Set(RuleBook.shippedFiles.keys))
        for name in names {
            #expect(
                try Data(contentsOf: folder.appending(path: name)) == Data(RuleBook.shippedFiles[name] ?? []), "\(name)"
            )
        }
    }

    @Test(
        "a set is named by its profile and the latest change in force",
        arguments: [
            ("2026-10-31", "2026-01-25"), ("2026-01-24", "2026-01-01"), ("2025-12-31", "2025-01-24"),
            ("2024-06-01", "2024-01-01"), ("2023-07-01", "2023-07-01"), ("2023-06-30", "2023-01-01"),
            ("2022-12-31", "2017-01-01"),
        ])
    func sets(date: String, change: String) throws {
        let profile = try #require(try RuleBook.shipped.profiles["medicare-dme"])
        #expect(profile.set(on: try day(date)) == "medicare-dme@\(change)")
    }

    @Test("rules R1 to R13 have a text, a citation and say who says them")
    func texts() throws {
        let book = try RuleBook.shipped
        let date = try day("2026-10-31")
        for profile in book.profiles.values {
            for number in 1...12 {
                let rule = profile.rule("R\(number)", on: date)
                #expect(!rule.text.isEmpty && !rule.citation.isEmpty, "\(profile.profile) R\(number)")
            }
        }
        #expect(book.profiles["medicare-dme"]?.rule("R2", on: date).mark == .payer)
        #expect(book.profiles["medicare-dme"]?.rule("R1", on: date).mark == .derived)
        #expect(book.profiles["texas-medicaid"]?.rule("R13", on: date).text.contains("72 hours") == true)
        // A rule that changed speaks with the text of its date.
        let old = try day("2023-12-31")
        #expect(book.profiles["medicare-dme"]?.rule("R9", on: old).text.contains("14 days") == true)
        #expect(book.profiles["medicare-dme"]?.rule("R9", on: date).text.contains("30 calendar days") == true)
    }

    @Test(
        "the code of a line comes from pump, container and date",
        arguments: [
            ("E0781", "bag", "2026-10-01", "A4222"), ("K0455", "cassette", "2026-10-01", "A4222"),
            ("E0779", "syringe", "2026-10-01", "K0552"), ("E0784", "syringe", "2016-12-31", "K0552"),
            ("E0784", "syringe", "2017-01-01", "A4225"), ("none", "bag", "2026-10-01", "A4223"),
        ])
    func codes(pump: String, container: String, date: String, code: String) throws {
        #expect(try RuleBook.shipped.codes.supply(pump: pump, container: container, on: try day(date))?.code == code)
    }

    @Test("the canonical bytes do not depend on how the files are named or ordered, and change with any byte")
    func canonical() throws {
        var files = RuleBook.shippedFiles
        let bytes = try RuleBook.shipped.canonicalBytes
        #expect(try RuleBook(files: files).canonicalBytes == bytes)
        let stems = Dictionary(uniqueKeysWithValues: files.map { (String($0.dropLast(5)), $1) })
        #expect(try RuleBook(files: stems).canonicalBytes == bytes)
        files["codes.json"]?.append(10)
        #expect(try RuleBook(files: files).canonicalBytes != bytes)
    }

    struct Mistake: CustomTestStringConvertible {
        var file: String
        var replace: String
        var by: String
        var entry: String
        var says: String
        var testDescription: String { "\(file): \(says)" }
    }

    @Test(
        "a mistake names file, entry and remedy",
        arguments: [
            Mistake(file: "codes.json", replace: "{", by: "[", entry: "", says: "not JSON"),
            Mistake(
                file: "medicare-dme.json", replace: "\"on\":\"2017-01-01\"", by: "\"on\":\"2017-13-01\"",
                entry: "changes[0].on", says: "not a date YYYY-MM-DD: 2017-13-01"),
            Mistake(
                file: "medicare-dme.json", replace: "\"profile\": \"medicare-dme\"", by: "\"profile\": \"medicare\"",
                entry: "profile", says: "file and profile must have one name"),
            Mistake(
                file: "texas-medicaid.json", replace: "\"days\":3", by: "\"days\":0", entry: "limits[0].days",
                says: "at least 1"),
            Mistake(
                file: "texas-medicaid.json", replace: "\"rule\":\"R13\"", by: "\"rule\":\"R99\"",
                entry: "limits[0].rule",
                says: "rule R99 has no text"),
            Mistake(
                file: "texas-medicaid.json", replace: "\"like\": \"medicare-dme\"", by: "\"like\": \"medicaid\"",
                entry: "like", says: "no such profile"),
            Mistake(
                file: "codes.json", replace: "\"to\":\"2016-12-31\"", by: "\"to\":\"2017-12-31\"", entry: "supplies[3]",
                says: "overlaps in time"),
            Mistake(
                file: "codes.json", replace: "\"code\":\"A4225\",\"from\"", by: "\"code\":\"A9999\",\"from\"",
                entry: "supplies[3].code", says: "A9999 is not in codes.json"),
            Mistake(
                file: "drugs.json", replace: "\"criteria\":[\"I\"]", by: "\"criteria\":[\"X\"]",
                entry: "drugs[0].criteria",
                says: "\"X\" is not among the criteria"),
            Mistake(
                file: "drugs.json", replace: "\"code\":\"J0895\",", by: "", entry: "drugs[0].code", says: "is missing"),
            Mistake(
                file: "medicare-dme.json", replace: "\"mark\":\"Q\"", by: "\"mark\":\"P\"", entry: "changes[0].mark",
                says: "P"),
            Mistake(
                file: "codes.json", replace: "\"to\":\"2016-12-31\"", by: "\"untill\":\"2016-12-31\"",
                entry: "supplies[2].untill", says: "is a name that no rule has"),
            Mistake(
                file: "medicare-dme.json", replace: "{\"to\":\"2023-12-31\",\"contactDays\"",
                by: "{\"to\":\"2024-12-31\",\"contactDays\"", entry: "refills[1]",
                says: "overlaps in time with refills[0]"),
            Mistake(
                file: "medicare-dme.json", replace: "\"codes\":[\"K0552\",\"A4225\"]",
                by: "\"codes\":[\"K0552\",\"A4222\"]", entry: "bases[1]", says: "overlaps in time with bases[0]"),
            Mistake(
                file: "nhia-per-diem.json", replace: "\"A4223\", \"A4224\"", by: "\"A4223\", \"A4229\"",
                entry: "perDiem.covers", says: "A4229 is not in codes.json"),
            Mistake(
                file: "medicare-dme.json", replace: "\"kind\": \"profile\"", by: "\"kind\": \"payer\"", entry: "kind",
                says: "none of codes, drugs, profile"),
        ])
    func mistakes(mistake: Mistake) throws {
        var files = RuleBook.shippedFiles
        var text = String(decoding: try #require(files[mistake.file]), as: UTF8.self)
        let range = try #require(text.range(of: mistake.replace), "\(mistake.replace)")
        text.replaceSubrange(range, with: mistake.by)
        files[mistake.file] = Array(text.utf8)
        let error = try #require(throws: RuleBookError.self) { _ = try RuleBook(files: files) }
        #expect(error.file == mistake.file)
        #expect(error.entry == mistake.entry)
        #expect(error.description.contains(mistake.says), "\(error)")
        #expect(error.description.contains(mistake.file))
    }

    @Test("a set without codes, drugs or a profile is refused", arguments: ["codes.json", "drugs.json"])
    func incomplete(missing: String) throws {
        var files = RuleBook.shippedFiles
        files[missing] = nil
        let error = try #require(throws: RuleBookError.self) { _ = try RuleBook(files: files) }
        #expect(error.file == missing)
        #expect(error.problem == .fileAbsent)
    }
}
