import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// Each session has a process of its own. Whatever happens to it, it costs that port alone.
    @Suite("A port's reader", .serialized)
    struct Readers {
        @Test(
            "one of 16 that crashes shuts its own port; the others are read, and the cable pulled and pushed in goes on"
        )
        func crash() async throws {
            let ward = try Ward()
            let scenario = try ward.scenario(older: 12_000)
            let poisoned = try await ward.pump("miva", at: "ttyA", ["--scenario", scenario])
            let names = (1...15).map { "tty\($0)" }
            let daemon = try ward.daemon(
                (["ttyA"] + names).map { ward.miva($0) }, ["--record-sessions-to", ward.path("recorded")])
            let isReading = await eventually { daemon.errors.contains("state=reading") }
            try #require(isReading, "\(daemon.errors)")
            // The only one that reads now.
            let reader = try #require(Self.children(of: daemon.pid).first)
            var pumps: [Running] = []
            for (number, name) in names.enumerated() {
                pumps.append(try await ward.pump("miva", at: name, ["--serial", "SIM000\(10 + number)"]))
                if number == 7 { Glibc.kill(reader, SIGSEGV) }
            }
            let isShut = await eventually { daemon.errors.contains("state=quarantined") }
            try #require(isShut, "\(daemon.errors)")
            try await ward.untilRead(names)
            #expect(daemon.isRunning)
            let port = try #require(try await ward.ports()["ttyA"])
            #expect(port["state"] as? String == "quarantined")
            let why = port["message"] as? String ?? ""
            #expect(why.contains("crash (signal 11)") && why.contains(ward.path("recorded")), "\(port)")
            #expect(daemon.errors.components(separatedBy: "state=quarantined").count == 2, "\(daemon.errors)")
            // Who rests has no process, and none is left as a zombie.
            let isBare = await eventually { (try? Self.children(of: daemon.pid).isEmpty) == true }
            #expect(isBare)
            let recordings = try FileManager.default.contentsOfDirectory(atPath: ward.path("recorded"))
            let kept = try #require(recordings.first { $0.hasSuffix("ttyA.csv") })
            #expect(try Data(contentsOf: ward.url.appending(path: "recorded/" + kept)).count > 1_000)

            poisoned.type("unplug")
            poisoned.type("plug")
            try await ward.untilRead("ttyA")
            let answer = try await ward.ask("pumps", "--json").json()["pumps"] as? [[String: Any]] ?? []
            let first = try #require(answer.first { $0["pump"] as? String == "SIM00001" })
            #expect(first["records"] as? Int ?? 0 > 12_000)
            #expect((first["gaps"] as? [Any])?.isEmpty == true, "\(first)")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
        }

        @Test("a daemon that is killed leaves no reader behind, and 50 ports without a pump have none")
        func orphans() async throws {
            let ward = try Ward()
            let pump = try await ward.pump("miva", at: "ttyA", ["--scenario", try ward.scenario(older: 6_000)])
            let empty = (1...49).map { ward.miva("tty\($0)") }
            let daemon = try ward.daemon([ward.miva("ttyA")] + empty)
            let isReading = await eventually { daemon.errors.contains("state=reading") }
            try #require(isReading, "\(daemon.errors)")
            let readers = try Self.children(of: daemon.pid)
            #expect(readers.count == 1)
            daemon.send(SIGKILL)
            _ = await daemon.end()
            let isGone = await eventually {
                !readers.contains { FileManager.default.fileExists(atPath: "/proc/\($0)/exe") }
            }
            #expect(isGone)
            _ = pump
        }

        @Test("a crash of the daemon itself would show nobody a patient's bytes: no core file, no backtrace")
        func hardened() async throws {
            let ward = try Ward()
            let daemon = try ward.daemon()
            _ = try await ward.untilAnswers("status")
            let inside = "/proc/\(daemon.pid)"
            let limits = try String(contentsOfFile: inside + "/limits", encoding: .utf8)
            let cores = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
            #expect(cores.split(whereSeparator: \.isWhitespace).suffix(3) == ["0", "0", "bytes"], "\(cores)")
            let environment = try String(contentsOfFile: inside + "/environ", encoding: .utf8)
            #expect(environment.split(separator: "\0").contains("SWIFT_BACKTRACE=enable=no"))
            let status = try String(contentsOfFile: inside + "/status", encoding: .utf8)
            #expect(status.contains("Name:\tpumpledgerd\n") && status.contains("Umask:\t0077"), "\(status)")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
        }

        /// Zombies among them.
        private static func children(of parent: Int32) throws -> [Int32] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { pid in
                guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                    let end = stat.lastIndex(of: ")")
                else { return false }
                let fields = stat[end...].split(separator: " ")
                return fields.count > 2 && fields[2] == "\(parent)"
            }
        }
    }
}
