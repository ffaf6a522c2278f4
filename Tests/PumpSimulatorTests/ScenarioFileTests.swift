import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

@Suite("Scenario files and fault verbs")
struct ScenarioFileTests {
    private static func read(_ text: String) throws(ScenarioError) -> Scenario {
        try Scenario(json: Array(text.utf8), zone: .utc)
    }

    @Test("a file may say only what differs from a built-in scenario, with comments")
    func like() throws {
        let scenario = try Self.read(
            """
            // a comment
            { "like": "inotrope-48h", "zone": "America/New_York", "from": "2026-10-01", "until": null,
              "habits": { "late": 0.25 },
              "incidents": [ { "do": "refit", "at": "2026-10-05T12:00" } ],
              "faults": [ "corrupt:1e-5" ], "register": { "patient": "P-0042" }, }
            """)
        #expect(scenario.zone.identifier == "America/New_York")
        #expect(scenario.from == CivilDate("2026-10-01"))
        #expect(scenario.until == nil)
        #expect(scenario.habits.late == 0.25)
        #expect(scenario.habits.minutesOff == 15)
        #expect(scenario.incidents.map(\.kind) == [.refit])
        #expect(scenario.faults == [.corrupt(bitErrorRate: 1e-5)])
        #expect(scenario.register.patient == "P-0042")
        #expect(scenario.register.drug == "milrinone")
    }

    @Test("a therapy can be stated whole")
    func whole() throws {
        let scenario = try Self.read(
            """
            { "therapy": { "program": "doses", "doseTimes": ["06:00", "18:00"], "doseMinutes": 60, "doseMl": 100.5,
                           "dosesPerContainer": 2 },
              "register": { "drug": "cefazolin", "mode": "intermittent", "container": "bag" } }
            """)
        #expect(
            scenario.therapy
                == .doses(
                    DoseProgram(
                        schedule: .timesOfDay([21_600, 64_800]), doseMinutes: 60,
                        dose: .milliliters(thousandths: 100_500), dosesPerContainer: 2)))
    }

    @Test(
        "what is wrong is named, with its place",
        arguments: [
            ("{", "it is not JSON"),
            ("{}", "therapy: it is missing"),
            (#"{"like": "inotropes"}"#, "like: no built-in scenario \"inotropes\""),
            (#"{"like": "insulin", "habbits": {}}"#, "there is no field \"habbits\""),
            (#"{"like": "insulin", "habits": {"late": 2}}"#, "habits.late: expected a number from 0 to 1"),
            (#"{"like": "insulin", "zone": "CST"}"#, "zone: \"CST\" is no IANA zone"),
            (#"{"like": "insulin", "incidents": [{"do": "fall", "at": "2026-10-01T00:00"}]}"#, "incidents[0].do"),
            (#"{"like": "insulin", "incidents": [{"do": "refit"}]}"#, "incidents[0]: the field \"at\" is missing"),
            (
                #"{"like": "inotrope-48h", "incidents": [{"do": "cancel-prime", "at": "2026-10-01T00:00"}]}"#,
                "a miva pump cannot log \"cancel-prime\""
            ),
            (#"{"therapy": {"program": "gravity"}}"#, "therapy.program: no program \"gravity\""),
        ])
    func errors(text: String, part: String) {
        let error = #expect(throws: ScenarioError.self) { try Self.read(text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test(
        "fault verbs",
        arguments: [
            ("drop:120", FaultVerb.line(.drop(afterBytes: 120, backAfterSeconds: nil))),
            ("drop:0:5", .line(.drop(afterBytes: 0, backAfterSeconds: 5))),
            ("corrupt:1e-4", .line(.corrupt(bitErrorRate: 1e-4))),
            ("stall:10:3", .line(.stall(afterBytes: 10, seconds: 3))),
            ("babble", .line(.babble(bytesPerSecond: 960))), ("babble:50", .line(.babble(bytesPerSecond: 50))),
            ("duplicate", .line(.duplicate(probability: 0.01))),
            ("refit", .mishap(.refit, at: nil)),
            ("reset-clock:2026-10-05T06:00", .mishap(.clockReset, at: CivilDateTime("2026-10-05T06:00"))),
        ])
    func verbs(text: String, verb: FaultVerb) {
        #expect(FaultVerb(text) == verb)
    }

    @Test(
        "what is no fault verb is refused",
        arguments: [
            "", "drop", "drop:x", "corrupt", "corrupt:2", "stall:5", "refit:noon", "explode", "babble:0", "drop:-1",
        ])
    func noVerbs(text: String) {
        #expect(FaultVerb(text) == nil)
    }
}

@Suite("The simulator's page in the documentation")
struct SimulatorPageTests {
    @Test("its commented example is a scenario that works")
    func example() throws {
        let page = try String(contentsOf: Vectors.checkout.appending(path: "docs/simulator.md"), encoding: .utf8)
        let example = try #require(page.firstMatch(of: /```json5\n([\s\S]*?)```/)?.output.1)
        let scenario = try Scenario(json: Array(example.utf8), zone: .utc)
        #expect(scenario.incidents.count == 2)
        let end = scenario.zone.instant(try #require(CivilDateTime("2026-10-20T00:00")))
        let simulation = try Simulation(scenario, family: .miva, seed: 1, endsAt: end)
        #expect(simulation.device.miva?.eventCount ?? 0 > 43_000)
        for name in Scenario.builtInNames + Scenario.drawnNames + Incident.Kind.allCases.map(\.rawValue) {
            #expect(page.contains(name), "\(name)")
        }
    }
}
