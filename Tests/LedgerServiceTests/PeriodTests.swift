import LedgerService
import PumpCore
import Testing

@Suite("Periods")
struct PeriodTests {
    private func period(_ text: String) throws -> String {
        let today = try #require(CivilDate("2026-11-23"))
        return try Period(text, today: today).description
    }

    @Test(
        "a period is what a person means by it, with both ends included",
        arguments: [
            ("2026-10", "2026-10-01 to 2026-10-31"),
            ("2024-02", "2024-02-01 to 2024-02-29"),
            ("2026-10-05", "2026-10-05 to 2026-10-05"),
            ("2026-10-01..2026-10-31", "2026-10-01 to 2026-10-31"),
            ("2026-10-07..2026-10-07", "2026-10-07 to 2026-10-07"),
            ("2026q4", "2026-10-01 to 2026-12-31"),
            ("2026Q1", "2026-01-01 to 2026-03-31"),
            ("2026", "2026-01-01 to 2026-12-31"),
            ("last month", "2026-10-01 to 2026-10-31"),
            ("this month", "2026-11-01 to 2026-11-30"),
        ])
    func readable(text: String, expected: String) throws {
        #expect(try period(text) == expected + ", both days included")
    }

    @Test(
        "what is no period is refused with the forms that are",
        arguments: ["", "october", "2026-13", "2026-1", "2026q5", "2026-10-01..", "..2026-10-01", "2026-02-30", "last"])
    func unreadable(text: String) throws {
        #expect(throws: ServiceError.self) { try period(text) }
        do { _ = try period(text) } catch let error as ServiceError {
            #expect(error.kind == .usage)
            #expect(error.remedy?.contains("2026-10-01..2026-10-31") == true)
        }
    }

    @Test("a reversed range says so and shows it the right way round")
    func reversed() {
        #expect {
            try period("2026-10-31..2026-10-01")
        } throws: { error in
            "\(error)" == """
                the period 2026-10-31..2026-10-01 ends before it begins
                Write the earlier date first: --period 2026-10-01..2026-10-31
                """
        }
    }

    @Test("a line's id survives the way to text and back, also with colons in the order's id")
    func lineIDs() throws {
        let from = try #require(CivilDate("2026-10-01"))
        let to = try #require(CivilDate("2026-10-31"))
        for order in ["O1", "A:B", ":", "x y"] {
            let id = LineID(period: Period(from: from, to: to), order: order, hcpcs: "A4222")
            #expect(LineID(id.description) == id)
        }
        for text in ["l:", "l:2026-10:O1:A4222", "l:2026-10-31..2026-10-01:O1:A4222", "c:x"] {
            #expect(LineID(text) == nil)
        }
    }
}
