import Foundation
import Testing

/// What the nurse and the warehouse enter with one line, and what they are told.
@Suite("Entries from the desk")
struct DeskEntryTests {
    /// Two patients of two zones, two orders each, two pumps; 20 bags delivered, none used.
    private func clinic() throws -> Workplace {
        let workplace = try Workplace()
        try workplace.write(
            "patient_id,home_zone,payer\nP1,America/New_York,medicare-dme\nP2,Pacific/Honolulu,medicare-dme\n",
            to: "register/patients.csv")
        try workplace.write(
            "pump_serial,hcpcs,ownership\nM1,E0781,rented\nM2,E0781,rented\n", to: "register/pumps.csv")
        try workplace.write(
            """
            order_id,patient_id,drug,drug_hcpcs,mode,starts_at,ends_at,dose_times,container,coverage
            O1,P1,foscarnet,J1455,intermittent,2026-10-01,,06:00;18:00,bag,kx
            O2,P2,foscarnet,J1455,intermittent,2026-10-01,,06:00;18:00,bag,kx
            O3,P1,acyclovir,J0133,intermittent,2026-10-01,2026-10-10,08:00,bag,kx

            """, to: "register/orders.csv")
        try workplace.write(
            "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A4222,2026-10-01,20\nD2,O2,A4222,2026-10-01,20\n",
            to: "register/deliveries.csv")
        let outcome = try workplace.pumpledger("import", "register", workplace.path("register"))
        #expect(outcome.exitCode == 0, "\(outcome.err)")
        return workplace
    }

    /// 02:30 in the night of 6 October in New York, 20:30 of the 5th in Honolulu.
    private func enter(_ workplace: Workplace, _ arguments: String...) throws -> Program.Outcome {
        try Program().run(
            ["--ledger", workplace.ledger, "--zone", "UTC", "--now", "2026-10-06T06:30:00Z"] + arguments)
    }

    private func rows(_ outcome: Program.Outcome) throws -> [[String: String]] {
        #expect(outcome.exitCode == 0, "\(outcome.err)")
        let rows = try outcome.json()["rows"] as? [[String: Any]] ?? []
        return rows.map { row in
            (row["columns"] as? [String: String] ?? [:]).merging(["state": row["state"] as? String ?? ""]) { $1 }
        }
    }

    // MARK: count

    @Test("a count is today's at the patient's home, by the one who types it, beside what the books say")
    func count() throws {
        let workplace = try clinic()
        let east = try rows(try enter(workplace, "count", "O1", "20", "--json"))
        #expect(east.first?["counted_on"] == "2026-10-06")
        #expect(east.first?["by"] == NSUserName())
        #expect(east.first?["state"] == "added")
        #expect(try rows(try enter(workplace, "count", "O2", "20", "--json")).first?["counted_on"] == "2026-10-05")
        let said = try enter(workplace, "count", "O2", "18", "--by", "W-7")
        #expect(
            said.out.contains(
                "there were 18 containers of order O2 (foscarnet, patient P2) on the shelf, counted by W-7."))
        #expect(said.out.contains("It takes the place of the count of 20 by \(NSUserName()), which stays on record."))
        #expect(said.out.contains("there should have been 20: 2 missing."))
        #expect(said.out.contains("To take it back: pumpledger count O2 20 --on 2026-10-05 --by \(NSUserName())"))
        let line =
            try enter(workplace, "reconcile", "--period", "2026-10", "--json").json()["lines"] as? [[String: Any]]
        #expect(line?.first { $0["order"] as? String == "O2" }?["counted"] as? Int == 18)
    }

    @Test("a count that is taken back is no count any more; entered again it is one")
    func countBack() throws {
        let workplace = try clinic()
        func counted() throws -> Int? {
            let lines = try enter(workplace, "reconcile", "--period", "2026-10", "--json").json()["lines"]
            return (lines as? [[String: Any]])?.first { $0["order"] as? String == "O1" }?["counted"] as? Int
        }
        #expect(try enter(workplace, "count", "O1", "0").exitCode == 0)
        #expect(try counted() == 0)
        let back = try enter(workplace, "count", "O1", "0", "--undo")
        #expect(back.out.contains("is taken back by \(NSUserName()). It stays on record, and nothing counts it."))
        #expect(try counted() == nil)
        let twice = try enter(workplace, "count", "O1", "0", "--undo")
        #expect(twice.exitCode == 3)
        #expect(twice.err.contains("no count of order O1 on 2026-10-06 is on record"))
        #expect(try enter(workplace, "count", "O1", "0").exitCode == 0)
        #expect(try counted() == 0)
        let wrong = try enter(workplace, "count", "O1", "5", "--undo")
        #expect(wrong.exitCode == 3)
        #expect(wrong.err.contains("the count of order O1 on 2026-10-06 says 0, not 5"))
        #expect(try workplace.pumpledger("verify").exitCode == 0)
    }

    // MARK: dispose

    @Test("equal entries count as often as they stand; taking one back leaves the others")
    func dispose() throws {
        let workplace = try clinic()
        func wasted() throws -> Int? {
            let lines = try enter(workplace, "reconcile", "--period", "2026-10", "--json").json()["lines"]
            return (lines as? [[String: Any]])?.first { $0["order"] as? String == "O1" }?["wasted"] as? Int
        }
        let entry = ["dispose", "O1", "2", "--reason", "damaged", "--on", "2026-10-05"]
        func enterIt(_ more: String...) throws -> Program.Outcome {
            try Program().run(["--ledger", workplace.ledger, "--now", "2026-10-06T16:30:00Z"] + entry + more)
        }
        #expect(try enterIt().out.contains("they stand under review until a person decides."))
        #expect(try enterIt().exitCode == 0)
        #expect(try wasted() == 4)
        #expect(try enterIt("--undo").exitCode == 0)
        #expect(try wasted() == 2)
        #expect(try enterIt().exitCode == 0)
        #expect(try wasted() == 4)
        #expect(try enterIt("--undo").exitCode == 0)
        #expect(try enterIt("--undo").exitCode == 0)
        #expect(try wasted() == 0)
        #expect(try enterIt("--undo").exitCode == 3)
    }

    @Test(
        "each reason says what rule R8 makes of it",
        arguments: [
            ("drug-toxicity", "excused as far as"), ("planned-admission", "not supported"),
            ("dose-change", "not supported"),
            ("lost", "under review"), ("returned", "went back to the pharmacy"),
            ("emergency-admission", "only with an emergency stay on record"),
        ])
    func reasons(reason: String, words: String) throws {
        let workplace = try clinic()
        let outcome = try enter(workplace, "dispose", "O1", "21", "--reason", reason, "--dry-run")
        #expect(outcome.out.hasPrefix("Nothing was put on record; this is what would be:\n"), "\(outcome.err)")
        #expect(outcome.out.contains(words), "\(outcome.out)")
        #expect(outcome.out.contains("only 20 lay on the shelf that day: check the number."))
        #expect(!outcome.out.contains("To take it back"))
        let lines = try enter(workplace, "reconcile", "--period", "2026-10", "--json").json()["lines"]
        #expect((lines as? [[String: Any]])?.first?["wasted"] as? Int == 0)
    }

    @Test("with the emergency stay on record, containers of an emergency admission are excused")
    func emergency() throws {
        let workplace = try clinic()
        try workplace.write("patient_id,admitted_at,kind\nP1,2026-10-05T03:00,emergency\n", to: "stays/stays.csv")
        #expect(try workplace.pumpledger("import", "register", workplace.path("stays")).exitCode == 0)
        let outcome = try enter(workplace, "dispose", "O1", "4", "--reason", "emergency-admission")
        #expect(outcome.out.contains("excused as far as ordered doses were not given"))
    }

    // MARK: assign

    @Test("a pump serves an order from today at the patient's home; once more changes nothing; --to ends it")
    func assign() throws {
        let workplace = try clinic()
        let row = try rows(try enter(workplace, "assign", "M1", "O2", "--json")).first
        #expect(row?["from"] == "2026-10-05")
        #expect(row?["channel"] == "1")
        let again = try enter(workplace, "assign", "M1", "O2")
        #expect(again.out == "Pump M1 serves order O2 already, since 2026-10-05. Nothing was changed.\n")
        #expect(
            try enter(workplace, "assign", "M1", "O2", "--to", "2026-10-20").out.hasPrefix(
                "Pump M1 serves order O2 from 2026-10-05 to 2026-10-20.\n"
                    + "To take it back: pumpledger assign M1 O2 --from 2026-10-05\n"))
        // A bare day in `to` is covered whole: the channel is free on the next.
        let taken = try enter(workplace, "assign", "M1", "O1", "--from", "2026-10-20")
        #expect(taken.exitCode == 3)
        #expect(taken.err.contains("pump M1 serves order O2 at that time, since 2026-10-05 until 2026-10-20"))
        #expect(try enter(workplace, "assign", "M1", "O1", "--from", "2026-10-22").exitCode == 0)
    }

    @Test("a pump that serves another order is refused with the way on; --move ends that at the same moment; and back")
    func move() throws {
        let workplace = try clinic()
        #expect(try enter(workplace, "assign", "M1", "O1", "--from", "2026-10-01T09:30").exitCode == 0)
        let refused = try enter(workplace, "assign", "M1", "O2")
        #expect(refused.exitCode == 3)
        #expect(refused.err.contains("pump M1 serves order O1 at that time, since 2026-10-01T09:30"))
        #expect(refused.err.contains("pumpledger assign M1 O2 --move"))
        let early = try enter(workplace, "assign", "M1", "O2", "--move", "--from", "2026-10-01")
        #expect(early.exitCode == 3)
        #expect(early.err.contains("pumpledger assign M1 O1 --from 2026-10-01T09:30 --undo"))

        let moved = try enter(workplace, "assign", "M1", "O2", "--move", "--json")
        let stored = try rows(moved)
        // 20:30 in Honolulu is where the new order's patient lives, and the time is hers.
        #expect(stored.map { $0["order_id"] } == ["O1", "O2"])
        #expect(stored.last?["from"] == "2026-10-05T20:30")
        let undo = try moved.json()["undo"] as? [String] ?? []
        #expect(undo.count == 2)
        func order() throws -> String? {
            let pumps = try enter(workplace, "assign", "M1", "O1", "--dry-run")
            return pumps.exitCode == 0 && pumps.out.contains("already") ? "O1" : "O2"
        }
        #expect(try order() == "O2")
        for command in undo {
            let words = command.split(separator: " ").dropFirst().map(String.init)
            let outcome = try Program().run(["--ledger", workplace.ledger, "--now", "2026-10-06T06:30:00Z"] + words)
            #expect(outcome.exitCode == 0, "\(command): \(outcome.err)")
        }
        #expect(try order() == "O1")
        #expect(try workplace.pumpledger("verify").exitCode == 0)
    }

    @Test("a moved pump changes hands at one moment, also between two zones")
    func oneMoment() throws {
        let workplace = try clinic()
        #expect(try enter(workplace, "assign", "M1", "O1", "--from", "2026-10-01").exitCode == 0)
        let stored = try rows(try enter(workplace, "assign", "M1", "O2", "--move", "--json"))
        // 20:30 of the 5th in Honolulu is 02:30 of the 6th in New York.
        #expect(stored.first?["to"] == "2026-10-06T02:30")
    }

    @Test("a second pump for an order is put on record, and said")
    func twoPumps() throws {
        let workplace = try clinic()
        #expect(try enter(workplace, "assign", "M1", "O1").exitCode == 0)
        let second = try enter(workplace, "assign", "M2", "O1")
        #expect(second.exitCode == 0)
        #expect(second.out.contains("Order O1 has pump M1, channel 1, too, since 2026-10-06"))
        #expect(second.out.contains("pumpledger assign M1 O1 --to DATE"))
        #expect(
            try enter(workplace, "assign", "M2", "O3", "--channel", "2").out.hasPrefix("Pump M2, channel 2, serves"))
    }

    // MARK: Mistakes

    private static let mistakes: [(arguments: String, code: Int32, words: String)] = [
        ("count O9 1", 3, "there is no order \"O9\" on record\nThere are orders O1, O2, O3."),
        ("count o1 1", 3, "There are orders O1 and 2 more."),
        ("count O1 many", 2, "\"many\" is no number of containers\nWrite digits only, like 12."),
        ("count O1 -5", 2, "Missing expected argument"),
        ("count O1 1 --on 2026-10-32", 2, "--on \"2026-10-32\" is no date\nWrite it like 2026-10-31."),
        ("count O1 1 --on 2026-10-07", 3, "2026-10-07 is still to come: today is 2026-10-06 at the patient's home"),
        ("count O1", 2, "Missing expected argument"),
        ("dispose O1 1", 2, "Missing expected argument"),
        ("dispose O1 0 --reason lost", 2, "0 containers are nothing to put aside"),
        ("dispose O1 1 --reason bored", 2, "Write one of emergency-admission, drug-toxicity, planned-admission"),
        ("dispose O1 1 --reason lost --undo", 3, "Nothing of the kind is on record for order O1."),
        ("assign M9 O1", 3, "there is no pump \"M9\" on record\nThere are pumps M1, M2."),
        ("assign M1 O9", 3, "there is no order \"O9\" on record"),
        ("assign M1 O1 --from noon", 2, "--from \"noon\": this is neither a day nor a time of the calendar\nWrite "),
        ("assign M1 O1 --from 2026-10-05 --to 2026-10-01", 2, "--to \"2026-10-01\": this is not after from"),
        ("assign M1 O1 --channel 0", 2, "--channel \"0\": the number is not between 1 and 100"),
        ("assign M1 O1 --to 2026-10-20", 3, "pump M1 does not serve order O1, so it cannot end"),
        ("assign M1 O1 --undo", 3, "no such assignment of pump M1 to order O1 is on record"),
    ]

    @Test("each mistake says what, and the way on, and puts nothing on record", arguments: mistakes)
    func mistake(arguments: String, code: Int32, words: String) throws {
        let workplace = try clinic()
        let before = try enter(workplace, "reconcile", "--period", "2026-10", "--json").out
        let outcome = try Program().run(
            ["--ledger", workplace.ledger, "--now", "2026-10-06T06:30:00Z"]
                + arguments.split(separator: " ").map(String.init))
        #expect(outcome.exitCode == code, "\(outcome.err)")
        #expect(outcome.out.isEmpty)
        #expect(outcome.err.contains(words), "\(outcome.err)")
        #expect(try enter(workplace, "reconcile", "--period", "2026-10", "--json").out == before)
    }

    @Test("a pump that was read and is not in the register is told from one that nobody knows")
    func unregistered() throws {
        let workplace = try clinic()
        try workplace.write(
            "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"
                + "M7,1,1,2026-10-01T06:00,container-attached,,,B1,N1,\n", to: "events.csv")
        #expect(try workplace.pumpledger("import", "events", workplace.path("events.csv")).exitCode == 0)
        let outcome = try enter(workplace, "assign", "M7", "O1")
        #expect(outcome.exitCode == 3)
        #expect(outcome.err.contains("pump M7 was read, and no row of the register says what it is billed as"))
    }

    @Test("without a ledger nothing is made: an entry needs an order to refer to")
    func noLedger() throws {
        let workplace = try Workplace()
        let outcome = try workplace.pumpledger("count", "O1", "5")
        #expect(outcome.exitCode == 3)
        #expect(outcome.err.contains("there is no ledger at "))
        #expect(!FileManager.default.fileExists(atPath: workplace.ledger))
    }

    @Test("text that a terminal would act on is refused, and a note is kept as it is")
    func notes() throws {
        let workplace = try clinic()
        let refused = try enter(workplace, "count", "O1", "5", "--by", "\u{1B}[2J")
        #expect(refused.exitCode == 2)
        #expect(!refused.err.contains("\u{1B}"))
        let kept = try rows(
            try enter(
                workplace, "dispose", "O1", "1", "--reason", "damaged", "--note", "it's torn, \"badly\"", "--json"))
        #expect(kept.first?["note"] == "it's torn, \"badly\"")
        let undo = try enter(
            workplace, "dispose", "O1", "1", "--reason", "damaged", "--note", "it's torn, \"badly\"", "--undo")
        #expect(undo.exitCode == 0)
    }
}
