import Foundation
import TestSupport
import Testing

extension LiveTests {
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
