import PumpCore
import Register
import Supplies
import TestSupport
import Testing
import Timeline

@Suite("Accounts of the shelf")
struct StockAccountTests {
    private func account(_ clinic: Clinic, through last: String) throws -> StockAccount {
        let index = RegisterIndex(clinic.register)
        let end = try day(last)
        let count = MonthCount(index, rules: try RuleBook.shipped, period: end...end)
        let group = try #require(index.groups().first)
        return try #require(count.account(ofOrder: "O1", in: group, timelines: clinic.timelines(index)))
    }

    @Test("the moves of an account add up to every number of the line, in any month")
    func sums() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            var clinic = Clinic()
            try clinic.order(from: "2026-09-01", to: nil)
            for number in 0..<Int.random(in: 1...4, using: &dice) {
                try clinic.deliver(Int.random(in: 1...40, using: &dice), on: "2026-09-\(10 + number * 6)")
            }
            for slot in try slots(110, from: "2026-09-01") where Int.random(in: 0..<4, using: &dice) > 0 {
                clinic.dose(slot, id: nil, late: Int.random(in: -30...30, using: &dice))
            }
            for reason in Disposition.Reason.allCases where Bool.random(using: &dice) {
                try clinic.dispose(
                    Int.random(in: 0...3, using: &dice), reason, on: "2026-10-\(Int.random(in: 10...28, using: &dice))")
            }
            for (from, to) in [
                ("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-10-07", "2026-10-19"),
            ] {
                let line = try #require(
                    try clinic.reconciliation(from, to).first { $0.hcpcs == "A4222" }, "seed \(seed)")
                let account = try account(clinic, through: to)
                let days = try day(from)...day(to)
                #expect(account.balance(through: try day(from).adding(days: -1)) == line.opening, "seed \(seed)")
                #expect(account.sum(.delivered, in: days) == line.delivered, "seed \(seed)")
                #expect(account.sum(.used, in: days) == line.used, "seed \(seed)")
                #expect(account.sum(.wasted, in: days) == line.wasted, "seed \(seed)")
                #expect(account.sum(.returned, in: days) == line.returned, "seed \(seed)")
                #expect(account.sum(.lost, in: days) == line.lost, "seed \(seed)")
                #expect(account.balance(through: days.upperBound) == line.expected, "seed \(seed)")
            }
        }
    }

    @Test("a container in an account has the name that usage prints, and a row has its place in the file")
    func sources() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        clinic.dose(try civil("2026-10-01T06:00"), id: "bag7")
        let moves = try account(clinic, through: "2026-10-31").moves
        #expect(moves.map(\.kind) == [.delivered, .used])
        #expect(moves.first?.source == .row(Clinic.origin))
        #expect(moves.last?.source == .container(try #require(try clinic.findings().containers.first).id))
    }

    @Test("a pump's rental and a drug are no supplies: no line of reconcile stands for them")
    func rentals() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        try clinic.bill(1, "E0781")
        try clinic.bill(100, "J1455")
        try clinic.bill(3, "A4216")
        let codes = Set(try clinic.reconciliation().map(\.hcpcs))
        #expect(codes.isDisjoint(with: ["E0781", "J1455"]), "\(codes)")
        #expect(try clinic.reconciliation().first { $0.hcpcs == "A4216" }?.status == .review)
    }

    @Test("weeks lie on no shelf: that nobody counted them is no finding; beyond support is one")
    func weeks() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        try clinic.deliver(5, "A4221")
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        func weeks() throws -> ReconcileLine {
            try #require(try clinic.reconciliation().first { $0.hcpcs == "A4221" })
        }
        try clinic.bill(5, "A4221")
        #expect(try weeks().isFinding == false)
        #expect(try clinic.reconciliation().first { $0.isOnShelf }?.isFinding == true)
        try clinic.bill(1, "A4221")
        #expect(try weeks().isFinding)
    }

    @Test("days of a per diem are held against what was billed, and are no stock")
    func perDiem() throws {
        var clinic = Clinic(payer: "nhia-per-diem")
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let code = try #require(try clinic.findings().lines.first { $0.used == nil && $0.hcpcs != "A4221" }).hcpcs
        try clinic.bill(31, code)
        let line = try #require(try clinic.reconciliation().first { $0.hcpcs == code })
        #expect(!line.isOnShelf)
        #expect(line.expected == 0)
        #expect(line.billedMinusSupported == 1)
        #expect(line.isFinding)
    }
}

@Suite("What may be done about a refill")
struct RefillActionTests {
    private func clinic(to ends: String? = nil) throws -> Clinic {
        var clinic = Clinic()
        try clinic.order(to: ends)
        try clinic.deliver(120)
        for (number, slot) in try slots(20).enumerated() { clinic.dose(slot, id: "b\(number)") }
        return clinic
    }

    @Test(
        "wait, ask, deliver, out",
        arguments: [
            // 2 a day: 62 last through 2026-11-10, 30 days on; 64 a day longer.
            (120, RefillLine.Action.wait), (84, .wait), (82, .ask), (40, .deliver), (20, .out),
        ])
    func actions(delivered: Int, action: RefillLine.Action) throws {
        // 20 are used by 11 October; what is left decides.
        var clinic = try clinic()
        clinic.register.deliveries[0].quantity = delivered
        let line = try #require(try clinic.refills(on: "2026-10-11").first)
        #expect(line.onHand == delivered - 20)
        #expect(line.action == action, "\(line)")
    }

    @Test("a supply that lasts to the end of the order is enough")
    func enough() throws {
        #expect(try clinic(to: "2026-11-29").refills(on: "2026-10-11").first?.action == .enough)
        #expect(try clinic(to: "2026-12-01").refills(on: "2026-10-11").first?.action == .wait)
    }

    @Test("time that was not read makes a worst case, and without it there is none")
    func worst() throws {
        var clinic = try clinic()
        let read = try #require(try clinic.refills(on: "2026-10-11").first)
        #expect(read.unknown == 0)
        #expect(read.earliestEnd == read.expectedEnd)
        let later = try #require(try clinic.refills(on: "2026-10-16").first)
        #expect(later.unknown == 10)
        #expect(later.onHand == 100)
        #expect(later.expectedEnd == CivilDate("2026-12-04"))
        #expect(later.earliestEnd == CivilDate("2026-11-29"))
        try clinic.countShelf(90, on: "2026-10-15")
        #expect(try clinic.refills(on: "2026-10-16").first?.counted == 90)
        #expect(try clinic.refills(on: "2026-10-15").first?.counted == nil)
    }

    @Test(
        "need in words",
        arguments: [
            (2, 24.0, "2 a day"), (4, 96, "1 a day"), (1, 72, "1 in 3 days"), (1, 36, "1 in 36 h"),
            (3, 48, "3 in 2 days"),
        ])
    func need(containers: Int, hours: Double, words: String) {
        #expect(RefillLine.Need(containers: containers, hours: hours).description == words)
    }
}
