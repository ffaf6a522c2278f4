import Foundation
import Testing

/// The table "Counts that must come out" of the billing rules, fed through `import register` and `import events`.
@Suite("Counts that must come out")
struct CountsThatMustComeOutTests {
    private static let september = "2026-09-01..2026-09-30"

    /// The lines of `billable --json` by HCPCS code.
    private func lines(_ month: TherapyMonth, period: String = september) throws -> [String: [String: Any]] {
        let workplace = try Workplace()
        try month.write(to: workplace)
        let register = try workplace.pumpledger("import", "register", workplace.path("register"))
        try #require(register.exitCode == 0, "\(register.err)")
        let events = try workplace.pumpledger("import", "events", workplace.path("events.csv"))
        try #require(events.exitCode == 0, "\(events.err)")
        let billable = try workplace.pumpledger("billable", "--json", "--period", period)
        try #require(billable.exitCode == 0, "\(billable.err)")
        let found = try billable.json()["lines"] as? [[String: Any]] ?? []
        var byCode: [String: [String: Any]] = [:]
        for line in found { byCode[line["hcpcs"] as? String ?? "?"] = line }
        // A number that nobody can explain is no number.
        for line in found {
            let id = try #require(line["id"] as? String)
            let explained = try workplace.pumpledger("explain", id)
            #expect(explained.exitCode == 0, "\(explained.err)")
            #expect(explained.out.contains("Source: "), "\(explained.out)")
        }
        return byCode
    }

    private func twiceADay(days: ClosedRange<Int>, prepared: Int) -> TherapyMonth {
        var month = TherapyMonth()
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T00:00", "dose_times": "06:00;18:00", "container": "bag",
        ]
        month.deliveries = [("A4222", "2026-09-01", prepared)]
        month.event("2026-09-01T00:00", "power-on")
        for number in days {
            for hour in ["06", "18"] {
                month.doseWithOwnContainer(
                    at: "\(day(number))T\(hour):00", end: "\(day(number))T\(hour):59", container: "B\(number)-\(hour)")
            }
        }
        month.event("2026-10-01T05:00", "note")
        return month
    }

    private func number(_ lines: [String: [String: Any]], _ code: String, _ field: String) -> Int? {
        lines[code]?[field] as? Int
    }

    @Test("foscarnet q12h, 30 days, one bag a dose, 60 prepared, 60 given: 60")
    func foscarnet() throws {
        let lines = try lines(twiceADay(days: 1...30, prepared: 60))
        #expect(number(lines, "A4222", "supported") == 60)
        #expect(number(lines, "A4222", "payable") == 60)
        #expect(number(lines, "A4222", "ceiling") == 60)
        #expect(number(lines, "A4222", "over") == 0)
        #expect((lines["A4222"]?["unknown"] as? [String: Int]) == ["low": 0, "high": 0])
    }

    @Test("q6h from one 24-h bag, 30 days: 30, ceiling 120")
    func fourDosesFromOneBag() throws {
        var month = TherapyMonth()
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T00:00", "dose_times": "00:00;06:00;12:00;18:00",
            "container": "bag", "doses_per_container": "4",
        ]
        month.deliveries = [("A4222", "2026-09-01", 30)]
        for number in 1...30 {
            month.event("\(day(number))T00:00", "container-attached", container: "B\(number)")
            for hour in ["00", "06", "12", "18"] {
                month.event("\(day(number))T\(hour):00:10", "dose-started", container: "B\(number)")
                month.event("\(day(number))T\(hour):30", "dose-completed", volume: "50", container: "B\(number)")
            }
            month.event("\(day(number))T23:50", "container-detached", container: "B\(number)")
        }
        month.event("2026-10-01T05:00", "note")
        let lines = try lines(month)
        #expect(number(lines, "A4222", "supported") == 30)
        #expect(number(lines, "A4222", "ceiling") == 120)
        #expect(number(lines, "A4222", "over") == 0)
    }

    @Test("foscarnet q12h, 62 prepared, 60 given: 60, over 2")
    func twoOver() throws {
        var month = twiceADay(days: 1...30, prepared: 62)
        // The order ends with the month, so that nothing is carried forward for slots to come.
        month.order["ends_at"] = "2026-09-30"
        let lines = try lines(month)
        #expect(number(lines, "A4222", "supported") == 60)
        #expect(number(lines, "A4222", "over") == 2)
    }

    @Test("q12h, 60 prepared, 56 used, EMERGENCY admission, 4 unused: 60")
    func emergencyAdmission() throws {
        var month = twiceADay(days: 1...28, prepared: 60)
        month.order["ends_at"] = "2026-09-30"
        month.stays = [("2026-09-29T02:00", "2026-10-05T10:00", "emergency")]
        month.dispositions = [("2026-09-29", 4, "emergency-admission")]
        let lines = try lines(month)
        #expect(number(lines, "A4222", "used") == 56)
        #expect(number(lines, "A4222", "excused") == 4)
        #expect(number(lines, "A4222", "supported") == 60)
    }

    @Test("the same, PLANNED admission: 56")
    func plannedAdmission() throws {
        var month = twiceADay(days: 1...28, prepared: 60)
        month.order["ends_at"] = "2026-09-30"
        month.stays = [("2026-09-29T02:00", "2026-10-05T10:00", "planned")]
        month.dispositions = [("2026-09-29", 4, "planned-admission")]
        let lines = try lines(month)
        #expect(number(lines, "A4222", "supported") == 56)
        #expect(number(lines, "A4222", "excused") == 0)
    }

    private func continuous(
        drug: String, hcpcs: String, days: Int, every: Int, hangHours: Int, container: String = "bag",
        pumpHcpcs: String = "E0781", code: String = "A4222"
    ) -> TherapyMonth {
        var month = TherapyMonth()
        month.drug = drug
        month.drugHcpcs = hcpcs
        month.pumpHcpcs = pumpHcpcs
        month.order = [
            "mode": "continuous", "starts_at": "2026-09-01T08:00", "ends_at": "\(day(days + 1))T08:00",
            "container": container, "usable_ml": "1000", "hang_limit_hours": String(hangHours),
            "max_concentration_mg_per_ml": "10", "drug_mg_per_day": "20",
        ]
        let changes = stride(from: 1, through: days, by: every)
        month.deliveries = [(code, "2026-09-01", changes.map { $0 }.count)]
        for (i, number) in changes.enumerated() {
            if i > 0 {
                month.event("\(day(number))T08:00", "delivery-stopped", volume: "100", container: "C\(i)")
                month.event("\(day(number))T08:00:20", "container-detached", container: "C\(i)")
            }
            month.event("\(day(number))T08:00:40", "container-attached", container: "C\(i + 1)")
            month.event("\(day(number))T08:01", "delivery-started", container: "C\(i + 1)")
        }
        month.event("\(day(days + 1))T08:00", "delivery-stopped", volume: "100")
        month.event("\(day(days + 1))T09:00", "note")
        return month
    }

    @Test("milrinone continuous, 24-h bags, 30 days, hang limit 24 h: 30")
    func milrinone() throws {
        let lines = try lines(continuous(drug: "milrinone", hcpcs: "J2260", days: 30, every: 1, hangHours: 24))
        #expect(number(lines, "A4222", "used") == 30)
        #expect(number(lines, "A4222", "fewest") == 30)
        #expect(number(lines, "A4222", "avoidable") == 0)
        #expect(number(lines, "A4222", "supported") == 30)
    }

    @Test("the same with 48 h allowed: 30 used, fewest 15, avoidable 15")
    func milrinoneTwoDays() throws {
        let lines = try lines(continuous(drug: "milrinone", hcpcs: "J2260", days: 30, every: 1, hangHours: 48))
        #expect(number(lines, "A4222", "used") == 30)
        #expect(number(lines, "A4222", "fewest") == 15)
        #expect(number(lines, "A4222", "avoidable") == 15)
        #expect(number(lines, "A4222", "supported") == 30)
    }

    @Test(
        "blinatumomab 28 days, bags of 2 / 3 / 4 / 7 days: 14 / 10 / 7 / 4",
        arguments: [(2, 14), (3, 10), (4, 7), (7, 4)])
    func blinatumomab(bagDays: Int, expected: Int) throws {
        let lines = try lines(
            continuous(drug: "blinatumomab", hcpcs: "J9039", days: 28, every: bagDays, hangHours: bagDays * 24))
        #expect(number(lines, "A4222", "used") == expected)
        #expect(number(lines, "A4222", "fewest") == expected)
        #expect(number(lines, "A4222", "supported") == expected)
    }

    @Test("5-FU 46 h, two cycles 14 days apart: 2, with A4221 every week")
    func fluorouracil() throws {
        var month = TherapyMonth()
        month.drug = "fluorouracil"
        month.drugHcpcs = "J9190"
        month.order = [
            "mode": "continuous", "starts_at": "2026-09-02T10:00", "ends_at": "2026-10-31", "container": "cassette",
            "dose_interval_hours": "336", "dose_hours": "46", "usable_ml": "100", "hang_limit_hours": "168",
            "max_concentration_mg_per_ml": "50", "drug_mg_per_day": "2000",
        ]
        month.deliveries = [("A4222", "2026-09-01", 2), ("A4221", "2026-09-01", 5)]
        month.event("2026-09-01T08:00", "note")
        for (i, number) in [2, 16].enumerated() {
            month.event("\(day(number))T09:59", "container-attached", container: "K\(i)")
            month.event("\(day(number))T10:00", "delivery-started", container: "K\(i)")
            month.event("\(day(number + 2))T08:00", "delivery-stopped", volume: "92", container: "K\(i)")
            month.event("\(day(number + 2))T08:05", "container-detached", container: "K\(i)")
        }
        month.event("2026-10-01T05:00", "note")
        let lines = try lines(month)
        #expect(number(lines, "A4222", "used") == 2)
        #expect(number(lines, "A4222", "supported") == 2)
        // Windows of 7 days from the first covered day, September 2: 2, 9, 16, 23 and 30.
        #expect(number(lines, "A4221", "ceiling") == 5)
        #expect(number(lines, "A4221", "supported") == 5)
    }

    @Test("treprostinil syringes changed every 48 h, 30 days: A4222 0, K0552 15")
    func treprostinil() throws {
        let lines = try lines(
            continuous(
                drug: "treprostinil", hcpcs: "J3285", days: 30, every: 2, hangHours: 48, container: "syringe",
                pumpHcpcs: "K0455", code: "K0552"))
        #expect(number(lines, "K0552", "used") == 15)
        #expect(number(lines, "K0552", "supported") == 15)
        #expect((number(lines, "A4222", "supported") ?? 0) == 0)
    }

    @Test("subcutaneous immune globulin weekly, pre-filled syringes: A4222 0, K0552 0")
    func immuneGlobulin() throws {
        var month = TherapyMonth()
        month.drug = "immune globulin"
        month.drugHcpcs = "J1559"
        month.pumpHcpcs = "E0779"
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T09:00", "dose_interval_hours": "168",
            "container": "prefilled-syringe",
        ]
        month.event("2026-09-01T00:00", "note")
        for (i, number) in [1, 8, 15, 22, 29].enumerated() {
            month.doseWithOwnContainer(at: "\(day(number))T09:00", end: "\(day(number))T10:00", container: "S\(i)")
        }
        month.event("2026-10-01T05:00", "note")
        let lines = try lines(month)
        #expect((number(lines, "A4222", "payable") ?? 0) == 0)
        #expect((number(lines, "K0552", "payable") ?? 0) == 0)
        #expect((number(lines, "K0552", "supported") ?? 0) == 0)
    }

    @Test("vancomycin q12h, 30 days: counts 60, payable 0 under medicare-dme")
    func vancomycin() throws {
        var month = twiceADay(days: 1...30, prepared: 60)
        month.drug = "vancomycin"
        month.drugHcpcs = "J3370"
        let lines = try lines(month)
        #expect(number(lines, "A4222", "supported") == 60)
        #expect(number(lines, "A4222", "payable") == 0)
        let holds = try #require(lines["A4222"]?["holds"])
        #expect(String(describing: holds).contains("R6"))
    }

    @Test("E0784, 10 reservoir changes: A4222 0, A4225 10")
    func insulinPump() throws {
        var month = TherapyMonth()
        month.drug = "insulin"
        month.drugHcpcs = "J1817"
        month.pumpHcpcs = "E0784"
        month.order = [
            "mode": "continuous", "starts_at": "2026-09-01T08:00", "ends_at": "2026-09-30", "container": "syringe",
            "usable_ml": "3", "hang_limit_hours": "72", "max_concentration_mg_per_ml": "3.5", "drug_mg_per_day": "2",
        ]
        month.deliveries = [("A4225", "2026-09-01", 10)]
        month.event("2026-09-01T07:00", "note")
        for change in 0..<10 {
            let number = 1 + change * 3
            month.event("\(day(number))T08:00", "rewind")
            month.event("\(day(number))T08:02", "primed", volume: "0.02", note: "manual")
            month.event("\(day(number))T08:03", "primed", volume: "0.005", note: "fixed")
            month.event("\(day(number))T08:05", "delivery-started")
        }
        month.event("2026-10-01T05:00", "note")
        let lines = try lines(month)
        #expect(number(lines, "A4225", "used") == 10)
        #expect(number(lines, "A4225", "supported") == 10)
        #expect((number(lines, "A4222", "supported") ?? 0) == 0)
    }
}
