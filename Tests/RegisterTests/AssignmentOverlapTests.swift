import PumpCore
import Register
import TestSupport
import Testing

@Suite("One channel, one order at a time")
struct AssignmentOverlapTests {
    func mistakes(_ rows: [String], existing: [RegisterEntry] = [], orders: String? = nil) -> [String] {
        var files = existing.isEmpty ? smallRegister : [:]
        files["orders.csv"] = orders ?? files["orders.csv"]
        files["assignments.csv"] = "pump_serial,channel,order_id,from,to\n" + rows.map { $0 + "\n" }.joined()
        do throws(RegisterErrors) {
            _ = try entries(files, existing: existing)
            return []
        } catch {
            return error.errors.map { "\($0.place) \($0.why)" }
        }
    }

    @Test("neighbours do not overlap: a bare day is covered whole, a time is the first moment after")
    func neighbours() {
        #expect(mistakes(["M1,,O1,2026-10-01,2026-10-14", "M1,,O2,2026-10-15,"]) == [])
        #expect(mistakes(["M1,,O1,2026-10-01,2026-10-15T06:00", "M1,,O2,2026-10-15T06:00,"]) == [])
        #expect(mistakes(["M1,,O1,2026-10-01,2026-10-15T06:00", "M1,,O2,2026-10-15T10:00Z,"]) == [])
        #expect(mistakes(["M1,1,O1,2026-10-01,", "M1,2,O2,2026-10-01,"]) == [])
        #expect(mistakes(["M1,,O1,2026-10-01,2026-10-20", "M1,,O1,2026-10-15,"]) == [])
    }

    @Test("a day or a minute in common is found, in the row that begins later")
    func common() {
        let why = "This channel of the pump serves another order at that time: line"
        #expect(
            mistakes(["M1,,O1,2026-10-01,2026-10-15", "M1,,O2,2026-10-15,"]) == ["assignments.csv:3:1 \(why) 2."])
        #expect(
            mistakes(["M1,,O2,2026-10-15T09:59Z,", "M1,,O1,2026-10-01,2026-10-15T06:00"])
                == ["assignments.csv:2:1 \(why) 3."])
        #expect(
            mistakes(["M1,,O1,2026-10-01,", "M1,,O1,2026-10-02,2026-10-03", "M1,,O2,2026-10-05,"])
                == ["assignments.csv:4:1 \(why) 2."])
        #expect(
            mistakes([
                "M1,,O2,2026-10-01,2026-10-20", "M1,,O1,2026-10-21,", "M1,,O1,2026-10-22,2026-10-23",
                "M1,,O2,2026-10-24,",
            ])
                == ["assignments.csv:5:1 \(why) 3."])
    }

    @Test("an assignment ends with its order")
    func endOfOrder() {
        let orders = """
            order_id,patient_id,drug,mode,starts_at,container,ends_at
            O1,P1,foscarnet,intermittent,2026-10-01,bag,2026-10-14
            O2,P1,milrinone,continuous,2026-10-15,bag,

            """
        #expect(mistakes(["M1,,O1,2026-10-01,", "M1,,O2,2026-10-15,"], orders: orders) == [])
        #expect(mistakes(["M1,,O1,2026-10-01,", "M1,,O2,2026-10-14,"], orders: orders).count == 1)
    }

    @Test("an assignment of the ledger counts, and its new version replaces it")
    func stored() throws {
        let existing = try entries(
            smallRegister.merging(["assignments.csv": "pump_serial,order_id,from\nM1,O1,2026-10-01\n"]) { $1 })
        #expect(
            mistakes(["M1,,O2,2026-10-15,"], existing: existing) == [
                "assignments.csv:2:1 This channel of the pump serves another order at that time: "
                    + "line 2 of assignments.csv in an earlier import."
            ])
        #expect(mistakes(["M1,,O2,2026-10-15,", "M1,,O1,2026-10-01,2026-10-14"], existing: existing) == [])
        #expect(
            mistakes(["M1,,O2,2026-09-15,"], existing: existing) == [
                "assignments.csv:2:1 This channel of the pump serves another order at that time: "
                    + "line 2 of assignments.csv in an earlier import."
            ])
    }

    @Test("an order that is made longer may not run into the next one")
    func longerOrder() throws {
        func orders(_ end: String) -> String {
            """
            order_id,patient_id,drug,mode,starts_at,container,ends_at
            O1,P1,foscarnet,intermittent,2026-10-01,bag,\(end)
            O2,P1,milrinone,continuous,2026-10-15,bag,

            """
        }
        let existing = try entries(
            smallRegister.merging([
                "orders.csv": orders("2026-10-14"),
                "assignments.csv": "pump_serial,order_id,from\nM1,O1,2026-10-01\nM1,O2,2026-10-15\n",
            ]) { $1 })
        #expect(throws: Never.self) { try entries(["orders.csv": orders("2026-10-14")], existing: existing) }
        let errors = #expect(throws: RegisterErrors.self) {
            try entries(["orders.csv": orders("2026-10-15")], existing: existing)
        }
        #expect(
            errors?.errors.map(\.description) == [
                """
                assignments.csv:3 pump_serial
                  |
                3 | M1
                  | ^^
                This channel of the pump serves another order at that time: line 2 of assignments.csv in an earlier import.
                End the earlier assignment in its column `to`, or correct pump or channel.
                """
            ])
    }

    @Test(
        "the sweep complains about the rows that clash with one that begins before them, as comparing every pair does")
    func againstEveryPair() {
        struct Row {
            var order: Int
            var from: Int
            var to: Int?
        }
        let orders = smallRegister["orders.csv"].map { $0 + "O3,P1,x,continuous,2026-10-01,bag\n" }
        for seed in UInt64(0)..<400 {
            var random = SeededGenerator(seed: seed)
            var rows: [Row] = []
            for _ in 0..<Int.random(in: 2...6, using: &random) {
                let from = Int.random(in: 1...24, using: &random)
                let to =
                    Int.random(in: 0..<4, using: &random) == 0
                    ? nil : min(28, from + Int.random(in: 0...9, using: &random))
                let order = Int.random(in: 1...3, using: &random)
                if !rows.contains(where: { $0.order == order && $0.from == from }) {
                    rows.append(Row(order: order, from: from, to: to))
                }
            }
            let expected = rows.indices.filter { later in
                rows.indices.contains { earlier in
                    rows[earlier].order != rows[later].order
                        && (rows[earlier].from, earlier) < (rows[later].from, later)
                        && rows[later].from <= rows[earlier].to ?? 99
                }
            }.map { $0 + 2 }
            func day(_ day: Int) -> String { "2026-10-" + (day < 10 ? "0" : "") + String(day) }
            let text = rows.map { "M1,,O\($0.order),\(day($0.from)),\($0.to.map(day) ?? "")" }
            let found = mistakes(text, orders: orders).compactMap {
                $0.split(separator: ":").dropFirst().first.flatMap { Int($0) }
            }
            #expect(found == expected, "seed \(seed): \(text)")
        }
    }
}
