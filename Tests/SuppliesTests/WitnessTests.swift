import PumpCore
import Register
import Supplies
import Testing
import Timeline

/// What stands beside the numbers has to say the same as the numbers do.
@Suite("Witness")
struct WitnessTests {
    private func month(_ clinic: Clinic, _ from: String, _ to: String) throws -> MonthCount {
        let book = try RuleBook.shipped
        let first = try #require(CivilDate(from))
        let last = try #require(CivilDate(to))
        return MonthCount(RegisterIndex(clinic.register), rules: book, period: first...last)
    }

    private func witness(_ count: MonthCount, _ timelines: [PumpTimeline]) throws -> OrderWitness {
        let group = try #require(count.index.groups().first)
        return try #require(count.witness(of: "O1", in: group, timelines: timelines))
    }

    private func delivery(_ id: String, _ date: String, _ quantity: Int, contacted: String?) throws -> Delivery {
        Delivery(
            id: id, order: "O1", hcpcs: "A4222", date: try #require(CivilDate(date)), quantity: quantity,
            contactedOn: try contacted.map { try #require(CivilDate($0)) }, affirmedBy: "P1", quantityRemaining: 0,
            origin: Clinic.origin)
    }

    @Test(
        "the earliest days of a refill are those that the scrub judges by, on both sides of 2024",
        arguments: [
            ("2026-09-01", "2026-10-20", "2026-10-09", true), ("2026-09-01", "2026-10-21", "2026-10-10", false),
            ("2023-09-01", "2023-10-20", "2023-10-01", true), ("2023-09-01", "2023-10-21", "2023-10-10", false),
        ])
    func refillsAgree(starts: String, date: String, contacted: String, isEarly: Bool) throws {
        var clinic = Clinic()
        try clinic.order("O1", from: starts, to: nil)
        // Nothing is used, because no log is there: 120 last for 60 days.
        clinic.register.deliveries = [
            try delivery("D1", starts, 120, contacted: nil), try delivery("D2", date, 60, contacted: contacted),
        ]
        let day = try #require(CivilDate(date))
        let count = try month(clinic, date, date)
        let record = try #require(try witness(count, []).refills.first)
        let group = try #require(count.index.groups().first)
        let found = count.scrub(of: group, timelines: []).filter { $0.delivery == "D2" }.map(\.message)
        let delivery = try #require(record.earliestDelivery)
        let contact = try #require(record.earliestContact)
        let asked = try #require(CivilDate(contacted))
        #expect(found.contains { $0.contains("delivered too early") } == (day < delivery), "\(found) \(record)")
        #expect(found.contains { $0.contains("contacted too early") } == (asked < contact), "\(found) \(record)")
        for message in found where message.contains("delivered too early") {
            #expect(message.contains("not before \(delivery)"))
        }
        for message in found where message.contains("contacted too early") {
            #expect(message.contains("not before \(contact)"))
        }
    }

    @Test("the weeks that are listed are as many as the line counts")
    func weeks() throws {
        var clinic = Clinic()
        try clinic.order("O1", from: "2026-10-01", to: "2026-10-30")
        try clinic.deliver(60)
        try clinic.deliver(5, "A4221")
        let count = try month(clinic, "2026-10-01", "2026-10-31")
        let found = try witness(count, [])
        let group = try #require(count.index.groups().first)
        let line = try #require(count.findings(of: group, timelines: []).lines.first { $0.hcpcs == "A4221" })
        #expect(found.weeks.count == line.ceiling)
        #expect(found.possibleWeeks.count == 5)
        // Nothing was read: the whole assigned time of the period is unread.
        #expect(found.unread.map { "\($0.from) \($0.to)" } == ["2026-10-01T00:00:00 2026-10-31T00:00:00"])
    }

    @Test("each excused container leads to the disposition that excuses it")
    func excused() throws {
        var clinic = Clinic()
        try clinic.order("O1", from: "2026-10-01", to: "2026-10-30")
        try clinic.deliver(60)
        try clinic.dispose(1, .damaged, on: "2026-10-02")
        try clinic.dispose(4, .emergencyAdmission, on: "2026-10-10")
        try clinic.stay("2026-10-10T02:00", "2026-10-13T10:00", .emergency)
        let count = try month(clinic, "2026-10-01", "2026-10-31")
        let found = try witness(count, [])
        let rows = clinic.register.dispositions
        #expect(found.excused.count == 4)
        #expect(found.excused.allSatisfy { $0.line == rows[1].origin.line })
        #expect(found.stays.map(\.reason) == ["emergency stay"])
    }
}
