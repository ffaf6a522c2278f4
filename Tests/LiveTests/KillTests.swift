import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// A daemon that dies loses nothing that it had stored and leaves nothing half done: the next one goes on.
    @Suite("SIGKILL of the daemon in the middle of downloads", .serialized)
    struct Kills {
        /// Kills that met a download, as is proved each time: one outside of downloads shows nothing, and is not counted.
        /// Fifteen take 15 s; a campaign has two hundred.
        private static let kills =
            ProcessInfo.processInfo.environment["PUMPLEDGER_KILLS"].flatMap { Int($0) } ?? 15
        /// On a busy machine more of them come too late; where most do, nothing was aimed.
        private static let mostTries = 4
        /// After so many the pumps are read to their end and the ledger is compared; then others are begun.
        private static let killsALedger = 20
        /// Lines that let a download of a month last a second: with pauses between their bytes, as real ones have.
        private static let (mivaBaud, paradigmBaud) = (921_600, 460_800)
        /// Where no more are left to read, a pump logs so many before it is read again: the MIVA, the Paradigm.
        private static let fewLeft = 40
        private static let (twoBatches, aPage) = (300, 60)
        /// A reading of the ring that goes on reads each slot that is left twice, and a few that are stored beside it.
        private static let mostReadAgain = 300

        @Test(
            "after SIGKILL at random moments of downloads the ledger equals the undisturbed one in key, raw bytes and order"
        )
        func kills() async throws {
            var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
            var tally = KillTally()
            while tally.met < Self.kills {
                let ward = try Ward()
                let pumps = try await Self.pumps(in: ward)
                let ledger = ward.path("killed.db")
                let until = tally.kills + Self.killsALedger
                var stored: [String: Int] = [:]
                while tally.kills < until, tally.met < Self.kills {
                    stored = try await Self.kill(pumps, ledger, stored, in: ward, &tally, &generator)
                }
                try await Self.compare(ledger, with: pumps, stored, in: ward, seed: generator.seed)
                try #require(tally.kills < Self.kills * Self.mostTries + Self.killsALedger, "\(tally)")
                try #require(pumps.allSatisfy { $0.process.isRunning }, "\(pumps.map { $0.process.errors })")
            }
            // A CareLink stick's introduction takes half of its download: few kills may all fall into that.
            for family in ["miva", "paradigm"] where Self.kills >= 100 {
                #expect(tally.metFamily[family] ?? 0 > 0, "seed \(generator.seed), \(tally)")
            }
            print("\(tally); seed \(generator.seed)")
        }

        /// A MIVA and a Paradigm, each read once in peace: then it is known how long that takes.
        private static func pumps(in ward: Ward) async throws -> [KilledPump] {
            let families = [
                ("miva", "ttyA", "SIM00001", ward.miva("ttyA"), mivaBaud),
                ("paradigm", "ttyB", "SIM000001", ward.paradigm("ttyB"), paradigmBaud),
            ]
            var processes: [Running] = []
            for (family, port, _, _, baud) in families {
                processes.append(try await ward.pump(family, at: port, ["--pace", "--baud", "\(baud)"]))
            }
            let traffics = try processes.map { try PumpTraffic(of: $0) }
            for traffic in traffics { traffic.beginAnew() }
            let daemon = try ward.daemon(families.map(\.3))
            let areRead = await eventually(every: .milliseconds(1)) {
                for traffic in traffics { traffic.look() }
                // Nobody asks any more.
                return traffics.allSatisfy { $0.lastAt.map { $0.duration(to: .now) > .milliseconds(500) } ?? false }
            }
            #expect(areRead)
            try await ward.untilRead("ttyA", "ttyB")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
            let records = try await ward.recordsLeft(in: ward.ledger)
            return try families.indices.map { index in
                let (family, _, serial, link, _) = families[index]
                return try KilledPump(
                    family, serial: serial, link: link, process: processes[index], afterUndisturbed: traffics[index],
                    records: records[serial] ?? 0)
            }
        }

        /// Starts a daemon that goes on from `stored`, and kills it at a random moment of one pump's download, drawn evenly
        /// between the pump's being asked for the first time and the end. Returns what is stored then.
        private static func kill(
            _ pumps: [KilledPump], _ ledger: String, _ stored: [String: Int], in ward: Ward, _ tally: inout KillTally,
            _ generator: inout SeededGenerator
        ) async throws -> [String: Int] {
            let aim = pumps[Int.random(in: pumps.indices, using: &generator)]
            // Something is left to read whatever the kills before have let through.
            for pump in pumps where pump.held - (stored[pump.serial] ?? 0) < Self.fewLeft {
                pump.writeEvents(pump === pumps[0] ? Self.twoBatches : Self.aPage)
            }
            for pump in pumps { pump.traffic.beginAnew() }
            let daemon = try ward.daemon(pumps.map(\.link), ledger: ledger)
            let hasBegun = await eventually(every: .milliseconds(1)) {
                aim.traffic.look()
                return aim.traffic.begunAt != nil
            }
            try #require(hasBegun, "\(daemon.errors)")
            // The pump logs while it is read, too.
            for pump in pumps { pump.writeEvents(1) }
            let span = aim.span(stored: stored[aim.serial] ?? 0)
            let moment = ContinuousClock.now + span * Double.random(in: 0..<1, using: &generator)
            while ContinuousClock.now < moment {
                try await Task.sleep(until: min(moment, .now + .milliseconds(3)), tolerance: .zero)
                aim.traffic.look()
            }
            daemon.send(SIGKILL)
            _ = await daemon.end()
            for pump in pumps {
                pump.traffic.look()
                if pump === aim { pump.learnPace() }
            }

            let left = try await ward.recordsLeft(in: ledger)
            tally.count(pumps, before: stored, after: left)
            for (serial, count) in stored {
                #expect(left[serial] ?? 0 >= count, "lost what was stored, seed \(generator.seed), kill \(tally.kills)")
            }
            return left
        }

        /// Lets a daemon read what is left, and holds the ledger against that of a daemon that nobody disturbed.
        private static func compare(
            _ ledger: String, with pumps: [KilledPump], _ stored: [String: Int], in ward: Ward, seed: UInt64
        ) async throws {
            for pump in pumps { pump.traffic.beginAnew() }
            try await read(pumps, into: ledger, in: ward)
            for pump in pumps { pump.traffic.look() }
            let miva = pumps[0]
            let left = miva.held - (stored[miva.serial] ?? 0)
            #expect(
                miva.traffic.logParts <= 2 * left + mostReadAgain,
                "\(left) events were left to read, and \(miva.traffic.logParts) were asked for: seed \(seed)")

            let undisturbed = ward.path("undisturbed.db")
            try await read(pumps, into: undisturbed, in: ward)
            let expected = try await ward.records(of: undisturbed)
            #expect(expected.count == pumps.reduce(0) { $0 + $1.held }, "seed \(seed)")
            let records = try await ward.records(of: ledger)
            let first = zip(records, expected).first { $0 != $1 }
            #expect(first == nil && records.count == expected.count, "seed \(seed), \(records.count) records")
            let check = try await Programs.pumpledger(["--ledger", ledger, "verify"])
            #expect(check.exitCode == 0, "seed \(seed): \(check.out)")
        }

        private static func read(_ pumps: [KilledPump], into ledger: String, in ward: Ward) async throws {
            let daemon = try ward.daemon(pumps.map(\.link), ledger: ledger)
            try await ward.untilRead("ttyA", "ttyB")
            let answer = try await ward.ask("pumps", "--json").json()["pumps"] as? [[String: Any]] ?? []
            for pump in answer { #expect((pump["gaps"] as? [Any])?.isEmpty == true, "\(pump)") }
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
        }
    }
}
