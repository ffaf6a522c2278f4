import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

@Suite("Therapies as they are played")
struct TherapyPlayTests {
    private static func zone() throws -> HomeZone { try #require(HomeZone(identifier: "America/Chicago")) }

    private static func simulation(
        _ name: String, from: String = "2026-09-01", endsAt: String = "2026-10-01T00:00", seed: UInt64 = 1,
        change: (inout Scenario) -> Void = { _ in }
    ) throws -> Simulation {
        let zone = try zone()
        var scenario = try #require(Scenario.builtIn(name, zone: zone))
        scenario.from = CivilDate(from)
        change(&scenario)
        let end = zone.instant(try #require(CivilDateTime(endsAt)))
        return try Simulation(scenario, family: scenario.family, seed: seed, endsAt: end, keepsJournal: true)
    }

    @Test(
        "a patient who keeps to the schedule uses what the schedule says in thirty days",
        arguments: [
            ("antibiotic-q4h", 180), ("antibiotic-q6h-day-bag", 30), ("antibiotic-q8h", 90), ("antibiotic-q12h", 60),
            ("antibiotic-q24h", 30), ("tpn-12h", 30), ("deferoxamine-10h", 30), ("inotrope-48h", 15),
            ("fluorouracil-46h", 3),
            ("treprostinil-sc", 10), ("insulin", 10),
        ])
    func counts(name: String, containers: Int) throws {
        let truth = try Self.simulation(name, endsAt: "2026-09-30T23:45") { $0.habits = Habits(minutesOff: 0) }.truth
        #expect(truth.containers.count == containers)
        #expect(truth.doses.allSatisfy { $0.outcome == .given })
        #expect(truth.doubts.isEmpty)
    }

    @Test("every built-in scenario hangs and takes down its containers in order", arguments: Scenario.builtInNames)
    func order(name: String) throws {
        let truth = try Self.simulation(name).truth
        #expect(truth.containers.count >= 3)
        for (container, next) in zip(truth.containers, truth.containers.dropFirst()) {
            let ended = try #require(container.endedAt, "\(container.id)")
            #expect(container.attachedAt <= container.firstFlowAt)
            #expect(container.firstFlowAt < ended)
            #expect(ended <= next.attachedAt)
        }
        for dose in truth.doses where dose.outcome == .given {
            #expect(!dose.containers.isEmpty)
            #expect(dose.startedAt != nil)
        }
    }

    @Test(
        "what a pump logged by one day is the beginning of what it logged by a later one",
        arguments: Scenario.builtInNames)
    func prefix(name: String) throws {
        let early = try Self.simulation(name, endsAt: "2026-09-12T13:00").journal
        let late = try Self.simulation(name, endsAt: "2026-09-29T02:30").journal
        #expect(early.count < late.count)
        #expect(Array(late.prefix(early.count)) == early)
    }

    @Test("a seed repeats byte for byte, and another seed is another month")
    func seeds() throws {
        let one = try Self.simulation("pca-morphine", seed: 7).recordDownload()
        #expect(try Self.simulation("pca-morphine", seed: 7).recordDownload() == one)
        #expect(try Self.simulation("pca-morphine", seed: 8).recordDownload() != one)
    }

    @Test("a missed dose has no container, and a patient is never more than two fifths of the spacing off")
    func habits() throws {
        let zone = try Self.zone()
        let truth = try Self.simulation("antibiotic-q8h") {
            $0.habits = Habits(minutesOff: 30, late: 0.3, lateMinutes: 600, early: 0.2, earlyMinutes: 600, missed: 0.2)
        }.truth
        let missed = truth.doses.filter { $0.outcome == .missed }
        #expect(missed.count > 5)
        #expect(truth.containers.count == truth.doses.count - missed.count)
        #expect(missed.allSatisfy { $0.containers.isEmpty && $0.startedAt == nil })
        for dose in truth.doses {
            guard let started = dose.startedAt else { continue }
            #expect(abs(started.seconds(since: zone.instant(dose.slot))) <= 8 * 3600 * 2 / 5)
        }
    }

    @Test("each incident that a family can have is played, and noted", arguments: Incident.Kind.allCases)
    func incidents(kind: Incident.Kind) throws {
        let at = try #require(CivilDateTime("2026-09-10T06:20"))
        let names = Incident.families(of: kind).contains(.miva) ? ["antibiotic-q12h", "inotrope-48h"] : []
        for name in names + ["insulin"] {
            let plain = try Self.simulation(name) { $0.habits = Habits(minutesOff: 0) }
            let simulation = try Self.simulation(name) {
                $0.habits = Habits(minutesOff: 0)
                $0.incidents = [Incident(kind, at: at, minutes: 30)]
            }
            #expect(simulation.truth.incidents.map(\.what) == [kind], "\(name)")
            #expect(simulation.journal != plain.journal, "\(name)")
            let more = kind == .earlyChange ? 1 : 0
            #expect(simulation.truth.containers.count == plain.truth.containers.count + more, "\(name)")
        }
    }

    @Test("the register counts what the truth counts: delivered, less what was hung, is on the shelf")
    func register() throws {
        for name in Scenario.builtInNames {
            let simulation = try Self.simulation(name, endsAt: "2026-10-02T12:00")
            let files = Dictionary(uniqueKeysWithValues: simulation.register.files.map { ($0.name, $0.text) })
            let zone = try Self.zone()
            let month = { (date: CivilDate) in date <= CivilDate("2026-09-30") ?? date }
            let delivered = Self.rows(files["deliveries.csv"]).filter { row in
                ["A4222", "K0552", "A4225"].contains(row["hcpcs"]) && CivilDate(row["date"] ?? "").map(month) == true
            }.reduce(0) { $0 + (Int($1["quantity"] ?? "") ?? 0) }
            let hung = simulation.truth.containers.count { month(zone.civil($0.firstFlowAt).date) }
            let counted = Self.rows(files["counts.csv"]).first { $0["counted_on"] == "2026-09-30" }?["quantity"]
            #expect(counted == String(delivered - hung), "\(name)")
            #expect(Self.rows(files["assignments.csv"]).first?["pump_serial"] == simulation.serial)
        }
    }

    private static func rows(_ text: String?) -> [[String: String]] {
        let lines = (text ?? "").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard let header = lines.first else { return [] }
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
    }

    @Test("drawn patients play without trouble, on the first of any month")
    func drawn() throws {
        let zone = try Self.zone()
        for seed: UInt64 in 0..<60 {
            let day = try #require(CivilDate("2026-03-01")).adding(days: Int(seed) * 5)
            let scenario = try #require(Scenario.drawn(seed: seed, from: day, zone: zone, mishaps: seed % 2 == 0))
            // The rarest therapy hangs one container in four weeks.
            let end = zone.instant(CivilDateTime(day.adding(days: 62)))
            let simulation = try Simulation(scenario, family: scenario.family, seed: seed, endsAt: end)
            // A therapy that ends within days may have been one container.
            let least = scenario.until == nil ? 2 : 1
            #expect(simulation.truth.containers.count >= least, "seed \(seed)")
        }
    }
}
