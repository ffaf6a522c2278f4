import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// A daemon that dies loses nothing that it had acknowledged and leaves nothing half done: the next one goes on.
    @Suite("SIGKILL of the daemon in the middle of downloads", .serialized)
    struct Kills {
        private static let kills =
            ProcessInfo.processInfo.environment["PUMPLEDGER_KILLS"].flatMap { Int($0) } ?? 200
        /// After so many the pumps are read to their end, the ledger is compared, and a new one is begun.
        private static let killsALedger = 100

        @Test("after SIGKILL at random moments the ledger equals the undisturbed one in key, raw bytes and order")
        func kills() async throws {
            var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
            let ward = try Ward()
            let scenario = try ward.scenario(older: 5_000)
            let miva = try await ward.pump("miva", at: "ttyA", ["--scenario", scenario])
            let paradigm = try await ward.pump("paradigm", at: "ttyB")
            let links = [ward.miva("ttyA"), ward.paradigm("ttyB")]

            let undisturbed = try ward.daemon(links)
            try await ward.untilRead("ttyA", "ttyB")
            undisturbed.send(SIGTERM)
            #expect(await undisturbed.end() == 0)
            let expected = try await ward.records()
            #expect(expected.count > 5_500)

            var left = Self.kills
            var sessions = 0
            var ledgers = 0
            while left > 0 {
                ledgers += 1
                let ledger = ward.path("killed-\(ledgers).db")
                for _ in 0..<min(left, Self.killsALedger) {
                    let daemon = try ward.daemon(links, ledger: ledger)
                    try await Task.sleep(for: .microseconds(Int.random(in: 15_000...150_000, using: &generator)))
                    daemon.send(SIGKILL)
                    _ = await daemon.end()
                    left -= 1
                }
                let last = try ward.daemon(links, ledger: ledger)
                try await ward.untilRead("ttyA", "ttyB")
                let pumps = try await ward.ask("pumps", "--json").json()["pumps"] as? [[String: Any]] ?? []
                sessions += pumps.reduce(0) { $0 + ($1["sessions"] as? Int ?? 0) }
                for pump in pumps {
                    #expect((pump["gaps"] as? [Any])?.isEmpty == true, "seed \(generator.seed): \(pump)")
                }
                last.send(SIGTERM)
                #expect(await last.end() == 0)
                let records = try await ward.records(of: ledger)
                #expect(records == expected, "seed \(generator.seed), ledger \(ledgers)")
                let check = try await Programs.pumpledger(["--ledger", ledger, "verify"])
                #expect(check.exitCode == 0, "\(check.out)")
            }
            // The control: many of the kills met a download, or the test shows nothing.
            #expect(sessions > Self.kills / 4, "only \(sessions) sessions were begun")
            #expect(miva.isRunning && paradigm.isRunning, "\(miva.errors)\(paradigm.errors)")
        }
    }

    @Suite("Many ports", .serialized)
    struct ManyPorts {
        @Test("one of 16 ports babbles at line rate: the others are read as if it were not there, in bounded memory")
        func babble() async throws {
            let ward = try Ward()
            var pumps: [Running] = []
            let names = (1...15).map { "tty\($0)" }
            for (number, name) in names.enumerated() {
                pumps.append(try await ward.pump("miva", at: name, ["--serial", "SIM000\(10 + number)"]))
            }
            let babbler = try await ward.pump("miva", at: "ttyBABBLE", ["--serial", "SIM00099", "--fault", "babble"])
            let daemon = try ward.daemon((names + ["ttyBABBLE"]).map { ward.miva($0) })
            try await ward.untilRead(names)
            let isShut = await eventually { daemon.errors.contains("state=quarantined") }
            #expect(isShut, "\(daemon.errors)")
            // `make bench` holds the release build to 64 MB; an unoptimised one takes more, whoever babbles.
            let peak = try Self.kilobytes("VmHWM", daemon.pid)
            #expect(peak < 128 * 1024, "\(peak) kB")
            let answer = try await ward.ask("pumps", "--json").json()["pumps"] as? [[String: Any]] ?? []
            let counts = Set(answer.filter { $0["pump"] as? String != "SIM00099" }.map { $0["records"] as? Int })
            #expect(counts.count == 1 && (counts.first ?? 0) ?? 0 > 300, "\(counts)")

            // Plugged in again it babbles again, and what happens now at another pump is stored as soon as that one is read.
            let read = try await ward.events(of: "SIM00017")
            for line in ["unplug", "plug"] { babbler.type(line) }
            for line in ["log battery-low", "unplug", "plug"] { pumps[7].type(line) }
            let happened = ContinuousClock.now
            while try await ward.events(of: "SIM00017") == read, happened.duration(to: .now) < .seconds(20) {}
            let waited = happened.duration(to: .now)
            #expect(waited < .seconds(10), "\(waited) from the event until it was stored")
            #expect(try await ward.events(of: "SIM00017") == read + 1, "\(pumps[7].output.suffix(300))")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
        }

        static func kilobytes(_ name: String, _ pid: Int32) throws -> Int {
            let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        }
    }
}

extension Ward {
    /// How many records the daemon shows of this pump.
    fileprivate func events(of serial: String) async throws -> Int {
        try await ask("events", "--pump", serial, "--json").out.split(separator: "\n").count
    }
}
