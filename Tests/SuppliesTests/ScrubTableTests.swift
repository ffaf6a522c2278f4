import PumpCore
import Register
import Supplies
import Testing
import Timeline

/// One row a check of `scrub`: what has to go wrong, and what is said then.
struct ScrubCheck: CustomTestStringConvertible, Sendable {
    var name: String
    var rule: String
    var severity: ScrubFinding.Severity
    var says: String
    var fix: String
    /// File and line of the row that it is about.
    var source: String
    var payer = "medicare-dme"
    /// Does the mistake to a month in which nothing is wrong.
    var mistake: @Sendable (inout Clinic) throws -> Void

    init(
        _ name: String, _ rule: String, _ severity: ScrubFinding.Severity, says: String, fix: String, source: String,
        payer: String = "medicare-dme", mistake: @escaping @Sendable (inout Clinic) throws -> Void
    ) {
        self.name = name
        self.rule = rule
        self.severity = severity
        self.says = says
        self.fix = fix
        self.source = source
        self.payer = payer
        self.mistake = mistake
    }

    var testDescription: String { name }
}

@Suite("Every check of scrub")
struct ScrubTableTests {
    /// October: 60 delivered, given and billed, each row of the register on a line of its own.
    private static func month(payer: String) throws -> Clinic {
        var clinic = Clinic(payer: payer)
        try clinic.order { $0.origin = RowOrigin(file: "orders.csv", line: 2) }
        // For payers who look at seven days at a time.
        for start in [1, 8, 15, 22, 29] {
            try clinic.deliver(start == 29 ? 4 : 14, on: "2026-10-\(start < 10 ? "0" : "")\(start)")
        }
        for place in clinic.register.deliveries.indices {
            clinic.register.deliveries[place].origin = RowOrigin(file: "deliveries.csv", line: place + 2)
            clinic.register.deliveries[place].contactedOn = clinic.register.deliveries[place].date.adding(days: -2)
            clinic.register.deliveries[place].affirmedBy = "the patient"
            clinic.register.deliveries[place].quantityRemaining = 2
        }
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        try clinic.bill(60)
        return clinic
    }

    @Test(
        "the month itself has no finding, whoever pays",
        arguments: ["medicare-dme", "maryland-medicaid", "florida-medicaid"])
    func clean(payer: String) throws {
        #expect(try Self.month(payer: payer).scrub() == [])
    }

    static let checks: [ScrubCheck] = pairing + quantities + refills + states + payers

    static let pairing: [ScrubCheck] = [
        ScrubCheck(
            "pump and supply pairing: insulin supplies with another pump", "R4", .error,
            says: "A4225 is not billed with E0781: incorrect coding", fix: "A4221, A4222, K0552", source: "billed.csv:3"
        ) {
            try $0.deliver(1, "A4225")
            try $0.bill(1, "A4225")
        },
        ScrubCheck(
            "pump and supply pairing: A4222 with an insulin pump", "R4", .error,
            says: "A4222 is not billed with E0784: incorrect coding", fix: "A4224, A4225", source: "billed.csv:2"
        ) { $0.pump("M1", "E0784") },
        ScrubCheck(
            "E0780 with episodes of 8 h or more", "R4", .error, says: "E0780, for episodes of less than 8 hours",
            fix: "E0779, E0781 or E0791", source: "orders.csv:2"
        ) {
            $0.pump("M1", "E0780")
            $0.register.orders[0].mode = .prolongedDose
            $0.register.orders[0].doseHours = 8
        },
        ScrubCheck(
            "A4222 with K0552 for one order", "R4", .error, says: "A4222 and K0552 are billed for one order",
            fix: "keep the code of bag", source: "billed.csv:2"
        ) {
            try $0.deliver(1, "K0552")
            try $0.bill(1, "K0552")
        },
        ScrubCheck(
            "A4223 with a pump", "R4", .error, says: "A4223 is not billed with E0781", fix: "A4222",
            source: "billed.csv:3"
        ) {
            try $0.deliver(1, "A4223")
            try $0.bill(1, "A4223")
        },
        ScrubCheck(
            "A4220 at all", "R4", .error, says: "refill kit for implantable pumps", fix: "remove the line",
            source: "billed.csv:3"
        ) { try $0.bill(1, "A4220") },
        ScrubCheck(
            "insulin codes that are in another", "R4", .error, says: "included in A4224", fix: "remove the line",
            source: "billed.csv:3"
        ) { try $0.bill(1, "A4230") },
        ScrubCheck(
            "a diluent beside A4222", "R4", .error, says: "J7030 is a diluting solution: it is included in A4222",
            fix: "remove the line", source: "billed.csv:3"
        ) { try $0.bill(3, "J7030") },
        ScrubCheck(
            "a tubing line beside A4222", "R4", .error, says: "A4209 is a administration or catheter supply",
            fix: "remove the line", source: "billed.csv:3"
        ) { try $0.bill(3, "A4209") },
        ScrubCheck(
            "no pump assigned on the day billed", "R4", .error, says: "no pump is assigned to the order",
            fix: "enter the assignment", source: "billed.csv:2"
        ) { $0.register.assignments = [] },
        ScrubCheck(
            "a pump billed that is not the one assigned", "R4", .error,
            says: "E0791 is billed, and the pump assigned is E0781", fix: "bill E0781", source: "billed.csv:3"
        ) { try $0.bill(1, "E0791") },
        ScrubCheck(
            "a beneficiary-owned pump with its narrative", "R4", .note, says: "the claim needs a narrative",
            fix: "BENEFICIARY OWNED E0781 PURCHASED 2016-03-01", source: "billed.csv:2"
        ) {
            $0.register.pumps[0].ownership = .owned
            $0.register.pumps[0].ownedSince = CivilDate("2016-03-01")
        },
        ScrubCheck(
            "a beneficiary-owned pump without what the narrative needs", "R4", .error, says: "owned_since is empty",
            fix: "enter owned_since in pumps.csv", source: "billed.csv:2"
        ) { $0.register.pumps[0].ownership = .owned },
        ScrubCheck(
            "a mode that the hours of a dose speak against", "R1", .warning,
            says: "the order says intermittent, and its doses take 12 h", fix: "prolonged-dose", source: "orders.csv:2"
        ) { $0.register.orders[0].doseHours = 12 },
    ]

    static let quantities: [ScrubCheck] = [
        ScrubCheck(
            "units over support, by doses", "R2", .error, says: "61 units are billed and 60 are supported",
            fix: "bill 60", source: "billed.csv:2"
        ) {
            try $0.deliver(1, on: "2026-10-01")
            $0.register.billed[0].units = 61
        },
        ScrubCheck(
            "units over support, inside what the log leaves open", "R2", .warning,
            says: "60 units are billed and 59 are supported; the log leaves 1 open", fix: "read the pump",
            source: "billed.csv:2"
        ) { $0.events["M1"]?.removeSubrange(40..<44) },
        ScrubCheck(
            "units over support, by hang times", "R3", .error, says: "60 units are billed and 0 are supported",
            fix: "bill 0", source: "billed.csv:2"
        ) {
            $0.register.orders[0].continuous(hang: 48)
            $0.events = [:]
            $0.event(.note, try civil("2026-10-01T00:00"))
            $0.event(.note, try civil("2026-10-31T00:00"))
        },
        ScrubCheck(
            "weeks over what the windows support", "R5", .error, says: "6 units are billed and 5 are supported",
            fix: "bill 5", source: "billed.csv:3"
        ) {
            try $0.deliver(6, "A4221")
            try $0.bill(6, "A4221")
        },
        ScrubCheck(
            "billed, and an input is missing", "R3", .warning, says: "what is supported cannot be assessed",
            fix: "enter usable_ml in orders.csv", source: "billed.csv:2"
        ) {
            $0.register.orders[0].continuous(hang: 48)
            $0.register.orders[0].usableMilliliters = nil
        },
        ScrubCheck(
            "units over delivered", "R9", .error, says: "61 units are billed so far and 60 were delivered",
            fix: "enter the missing delivery", source: "billed.csv:2"
        ) { $0.register.billed[0].units = 61 },
        ScrubCheck(
            "units over 9,999", "R9", .error, says: "10000 units do not fit into one line", fix: "at most 9999",
            source: "billed.csv:2"
        ) { $0.register.billed[0].units = 10_000 },
        ScrubCheck(
            "service date before delivery", "R9", .error,
            says: "before anything was delivered; the first delivery was on 2026-10-02",
            fix: "date of delivery or shipping", source: "billed.csv:2"
        ) { $0.register.deliveries[0].date = try day("2026-10-02") },
        ScrubCheck(
            "service date before the signed order", "R9", .error, says: "before the order was signed on 2026-10-03",
            fix: "after the signature", source: "billed.csv:2"
        ) { $0.register.orders[0].signedOn = CivilDate("2026-10-03") },
        ScrubCheck(
            "an order without a date of signature", "R9", .warning, says: "no date of signature", fix: "signed_on",
            source: "billed.csv:2"
        ) { $0.register.orders[0].signedOn = nil },
        ScrubCheck(
            "pump idle while supplies are billed", "R9", .error, says: "the pump was idle", fix: "stop billing",
            source: "billed.csv:2"
        ) {
            $0.events = [:]
            $0.event(.note, try civil("2026-10-01T00:00"))
            $0.event(.note, try civil("2026-10-31T00:00"))
        },
        ScrubCheck(
            "pump idle while it is billed itself", "R9", .error, says: "the pump was idle", fix: "stop billing",
            source: "billed.csv:2"
        ) {
            $0.register.billed = []
            try $0.bill(1, "E0781")
            $0.events = [:]
            $0.event(.note, try civil("2026-10-01T00:00"))
            $0.event(.note, try civil("2026-10-31T00:00"))
        },
        ScrubCheck(
            "the same container in two claims", "R9", .error, says: "claim C1 bills the same days: container c:O1/b38",
            fix: "bill each container in one claim", source: "billed.csv:3"
        ) { try $0.bill(2, from: "2026-10-20", to: "2026-10-25", claim: "C2") },
        ScrubCheck(
            "the same container in two claims, of which one began the month before", "R9", .error,
            says: "claim C0 bills the same days: container c:O1/b0", fix: "bill each container in one claim",
            source: "billed.csv:2"
        ) { try $0.bill(9, from: "2026-09-20", to: "2026-10-05", claim: "C0") },
    ]

    static let refills: [ScrubCheck] = [
        ScrubCheck(
            "refill delivered too early", "R9", .error,
            says: "delivered too early: the supply was expected to last to 2026-10-28, so not before 2026-10-18",
            fix: "at most 10 days before", source: "deliveries.csv:6"
        ) {
            $0.register.deliveries[4].date = try day("2026-10-17")
            $0.register.deliveries[3].date = try day("2026-10-16")
        },
        ScrubCheck(
            "refill contacted too early", "R9", .error, says: "contacted too early, on 2026-08-01", fix: "ask again",
            source: "deliveries.csv:4"
        ) { $0.register.deliveries[2].contactedOn = try day("2026-08-01") },
        ScrubCheck(
            "no contact about the refill", "R9", .warning, says: "no contact about the refill", fix: "contacted_on",
            source: "deliveries.csv:4"
        ) { $0.register.deliveries[2].contactedOn = nil },
        ScrubCheck(
            "no affirmative response", "R9", .error, says: "no affirmative response", fix: "affirmed_by",
            source: "deliveries.csv:4"
        ) { $0.register.deliveries[2].affirmedBy = nil },
        ScrubCheck(
            "no quantity remaining", "R9", .error, says: "the quantity remaining is not on record",
            fix: "quantity_remaining", source: "deliveries.csv:4"
        ) { $0.register.deliveries[2].quantityRemaining = nil },
        ScrubCheck(
            "no proof of delivery", "R9", .warning, says: "no proof of delivery", fix: "received_by",
            source: "deliveries.csv:4"
        ) { $0.register.deliveries[2].receivedBy = nil },
        ScrubCheck(
            "over three months at a time", "R9", .error, says: "187 is more than three months of need (186)",
            fix: "at most three months", source: "deliveries.csv:2"
        ) { $0.register.deliveries[0].quantity = 187 },
        ScrubCheck(
            "over one month at a time", "R9", .note, says: "63 is more than one month of need (62)",
            fix: "31-DAY SUPPLY", source: "deliveries.csv:2"
        ) { $0.register.deliveries[0].quantity = 63 },
        ScrubCheck(
            "how long a delivery lasts is not known", "R9", .warning, says: "dose_times missing in the order",
            fix: "enter dose_times", source: "deliveries.csv:2"
        ) { $0.register.orders[0].schedule = nil },
    ]

    static let states: [ScrubCheck] = [
        ScrubCheck(
            "delivery to an inpatient", "R10", .error, says: "delivered while the patient was in hospital",
            fix: "after the discharge", source: "deliveries.csv:3"
        ) { try $0.stay("2026-10-07T15:00", "2026-10-09T10:00", .planned) },
        ScrubCheck(
            "use inside a stay", "R10", .warning, says: "4 containers were used while the patient was in hospital",
            fix: "check the days of the stay", source: "orders.csv:2"
        ) { try $0.stay("2026-10-10T15:00", "2026-10-12T10:00", .emergency) },
        ScrubCheck(
            "billed while in hospital", "R10", .error, says: "the patient was in hospital on 2026-10-01",
            fix: "no billing before the day of discharge", source: "billed.csv:2"
        ) { try $0.stay("2026-09-29T15:00", "2026-10-02T10:00", .emergency) },
        ScrubCheck(
            "missing modifier", "R7", .error, says: "the line has none of", fix: "add the modifier",
            source: "billed.csv:2"
        ) { $0.register.billed[0].modifiers = [] },
        ScrubCheck(
            "KX on the line and not on the order", "R7", .warning, says: "the line says KX, and the order does not",
            fix: "coverage", source: "billed.csv:2"
        ) { $0.register.orders[0].coverage = .ga },
        ScrubCheck(
            "a drug that the policy does not list", "R6", .error,
            says: "60 units are billed and 0 are payable: vancomycin (J3370) is not among the drugs", fix: "GA",
            source: "billed.csv:2"
        ) {
            $0.register.orders[0].drug = "vancomycin"
            $0.register.orders[0].drugHcpcs = ["J3370"]
        },
    ]

    static let payers: [ScrubCheck] = [
        ScrubCheck(
            "Maryland: more than seven days in a batch", "R13", .error, says: "15 is more than 7 days of need (14)",
            fix: "at most 7 days", source: "deliveries.csv:2", payer: "maryland-medicaid"
        ) { $0.register.deliveries[0].quantity = 15 },
        ScrubCheck(
            "Maryland: a batch in two rows is one batch", "R13", .error, says: "20 is more than 7 days of need (14)",
            fix: "at most 7 days", source: "test:2", payer: "maryland-medicaid"
        ) { try $0.deliver(6, on: "2026-10-01") },
        ScrubCheck(
            "Maryland: a diluent delivered", "R13", .error, says: "J7030 is never billed to this payer",
            fix: "included in the supply code", source: "test:2", payer: "maryland-medicaid"
        ) { try $0.deliver(2, "J7030") },
        ScrubCheck(
            "Maryland: a diluent billed", "R13", .error, says: "J7030 is never billed to this payer",
            fix: "remove the line", source: "billed.csv:3", payer: "maryland-medicaid"
        ) { try $0.bill(2, "J7030") },
        ScrubCheck(
            "Texas: more than one in 72 hours", "R13", .error, says: "60 units are billed and 10 are payable",
            fix: "bill 10", source: "billed.csv:2", payer: "texas-medicaid"
        ) { _ in },
        ScrubCheck(
            "a per diem that holds the supplies", "R13", .error, says: "60 units are billed and 0 are payable",
            fix: "bill 0", source: "billed.csv:2", payer: "nhia-per-diem"
        ) { _ in },
        ScrubCheck(
            "more days of a per diem than there were", "R13", .error, says: "31 units are billed and 30 are supported",
            fix: "bill 30", source: "billed.csv:2", payer: "nhia-per-diem"
        ) {
            $0.register.billed = []
            try $0.bill(31, "per-diem")
        },
    ]

    @Test("each check names rule, severity, what is wrong, what to do, and the row", arguments: checks)
    func found(check: ScrubCheck) throws {
        var clinic = try Self.month(payer: check.payer)
        try check.mistake(&clinic)
        let all = try clinic.scrub()
        let found = all.filter { $0.message.contains(check.says) }
        #expect(found.count == 1, "\(all.map { "\($0.rule) \($0.message)" })")
        let finding = try #require(found.first)
        #expect(finding.rule == check.rule)
        #expect(finding.severity == check.severity)
        #expect(finding.fix.contains(check.fix), "\(finding.fix)")
        #expect(finding.source == check.source)
        #expect(finding.order == "O1" && finding.patient == "P1")
        #expect(!finding.line.isEmpty && !finding.citation.text.isEmpty && !finding.citation.citation.isEmpty)
        #expect(finding.citation.id == check.rule)
        if check.source.hasPrefix("billed") { #expect(finding.claim != nil && finding.hcpcs != nil) }
        if check.source.hasPrefix("deliveries") { #expect(finding.delivery != nil) }
    }

    @Test("units that follow visits rather than containers")
    func visits() throws {
        var clinic = try Self.month(payer: "medicare-dme")
        clinic.register.billed[0].units = 4
        var log = clinic.log("M1")
        for index in log.records.indices {
            log.records[index].readAt = Instant("2026-10-01T15:00Z")?.adding(seconds: index / 60 * 7 * 86_400)
        }
        let index = RegisterIndex(clinic.register)
        let timeline = PumpTimeline(log, signs: .attested, zones: index.zoneSpans(ofPump: "M1"))
        let found = MonthCount(
            index, rules: try RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31"))
        ).scrub([timeline])
        #expect(found.map(\.rule) == ["R2"])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("as many as days on which the pump was read") == true)
        #expect(found.first?.fix == "count containers, not visits")
        #expect(found.first?.source == "billed.csv:2")
    }

    @Test("Florida: more than 365 in a calendar year, of which earlier months are part")
    func florida() throws {
        var clinic = Clinic(payer: "florida-medicaid")
        try clinic.order(from: "2026-01-01", to: "2026-12-31")
        try clinic.deliver(420, on: "2026-01-01")
        for (number, slot) in try slots(420, from: "2026-01-01").enumerated() { clinic.dose(slot, id: "b\(number)") }
        clinic.event(.note, try civil("2026-07-31T23:59"))
        try clinic.bill(58, from: "2026-07-01", to: "2026-07-31")
        let found = try clinic.scrub("2026-07-01", "2026-07-31")
        #expect(found.map(\.rule) == ["R13"])
        #expect(found.first?.message.contains("58 units are billed and 3 are payable: at most 365") == true)
        #expect(found.first?.fix == "bill 3")
    }
}
