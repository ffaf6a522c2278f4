import Foundation
import TestSupport
import Testing

/// The built daemon with simulated pumps at pseudo-terminals. One test after the other: each is several processes.
@Suite("The living daemon", .serialized, .timeLimit(.minutes(5)))
enum LiveTests {}

extension LiveTests {
    @Suite("Plug, read, count", .serialized)
    struct Reading {
        @Test(
            "both families are read, the counts through the socket equal those of a replay, and SIGTERM ends it cleanly"
        )
        func wholeJob() async throws {
            let ward = try Ward()
            let miva = try await ward.pump("miva", at: "ttyA", ["--register", ward.path("register")])
            let paradigm = try await ward.pump("paradigm", at: "ttyB")
            let daemon = try ward.daemon(
                [ward.miva("ttyA"), ward.paradigm("ttyB")], ["--record-sessions-to", ward.path("recorded")])
            try await ward.untilRead("ttyA", "ttyB")
            #expect(try await ward.ask("import", "register", ward.path("register")).exitCode == 0)

            // Whoever names the ledger is led to the daemon that has it.
            let pumps = try await Programs.pumpledger(["--ledger", ward.ledger, "pumps", "--json"])
            #expect(pumps.exitCode == 0, "\(pumps.err)")
            let lines = try #require(try pumps.json()["pumps"] as? [[String: Any]])
            #expect(lines.map { $0["state"] as? String } == ["plugged in, all read", "plugged in, all read"])
            #expect((lines.last?["port"] as? String)?.hasSuffix("/ttyA") == true)

            let live = try await ward.ask("billable", "--json", "--period", "2026-10").json()
            let liveRecords = try await Ward.records(["--socket", ward.socket])
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0, "\(daemon.errors)")
            #expect(!FileManager.default.fileExists(atPath: ward.socket))
            for secret in ["SIM00001", "SIM000001"] { #expect(!daemon.errors.contains(secret), "\(daemon.errors)") }

            let replayed = ward.path("replayed.db")
            let recordings = try FileManager.default.contentsOfDirectory(atPath: ward.path("recorded"))
            #expect(recordings.count == 2)
            for name in recordings {
                let driver = name.hasSuffix("ttyA.csv") ? "miva" : "paradigm"
                let outcome = try await Programs.pumpledger([
                    "--ledger", replayed, "replay", "--driver", driver, "--read-at",
                    ISO8601DateFormatter().string(from: Date()), ward.path("recorded/" + name),
                ])
                #expect(outcome.exitCode == 0, "\(outcome.err)")
            }
            _ = try await Programs.pumpledger(["--ledger", replayed, "import", "register", ward.path("register")])
            let offline = try await Programs.pumpledger([
                "--ledger", replayed, "billable", "--json", "--period", "2026-10",
            ])
            .json()
            let counted = try Self.counts(live)
            #expect(!counted.isEmpty)
            #expect(try Self.counts(offline) == counted)
            #expect(try await ward.records(of: replayed) == liveRecords)
            #expect(try await ward.records() == liveRecords)
            _ = (miva, paradigm)
        }

        /// Every number of the bill, and the containers behind it. Sentences name moments, and the two readings of the
        /// clock are seconds apart.
        private static func counts(_ bill: [String: Any]) throws -> [NSDictionary] {
            try #require(bill["lines"] as? [[String: Any]]).map { line in
                line.filter { $0.value is NSNumber || $0.key == "containers" || $0.key == "unknown" } as NSDictionary
            }
        }

        @Test("a pump that is plugged in later is read at once, pulled and plugged in again it goes on")
        func hotplug() async throws {
            let ward = try Ward()
            let daemon = try ward.daemon([ward.miva("ttyA")])
            _ = try await ward.untilAnswers("status")
            let pump = try await ward.pump("miva", at: "ttyA", ["--fault", "drop:40000"])
            let isPulled = await eventually { pump.output.contains("unplug") || pump.output.contains("drop") }
            #expect(isPulled, "\(pump.output.suffix(300))")
            var port: [String: Any]?
            for _ in 0..<200 where port?["state"] as? String != "absent" || port?["lastFault"] is NSNull {
                port = try await ward.ports()["ttyA"]
            }
            #expect((port?["lastFault"] as? String)?.contains("connect its data cable") == true, "\(port ?? [:])")
            pump.type("plug")
            try await ward.untilRead("ttyA")
            let pulled = try await Ward.records(["--socket", ward.socket])
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)

            let undisturbed = try await ward.pump("miva", at: "ttyB")
            let other = try ward.daemon([ward.miva("ttyB")], ledger: ward.path("other.db"))
            try await ward.untilRead("ttyB")
            #expect(try await Ward.records(["--socket", ward.socket]) == pulled)
            _ = (undisturbed, other)
        }

        @Test("SIGTERM in the middle of a download stores what is on its way, and the next start goes on")
        func stopInTheMiddle() async throws {
            let ward = try Ward()
            let pump = try await ward.pump(
                "miva", at: "ttyA", ["--scenario", try ward.scenario(older: 6_000)])
            let first = try ward.daemon([ward.miva("ttyA")])
            let isReading = await eventually { first.errors.contains("state=reading") }
            #expect(isReading, "\(first.errors)")
            var polls = 0
            while polls < 300, try await Ward.records(["--socket", ward.socket]).isEmpty { polls += 1 }
            first.send(SIGTERM)
            #expect(await first.end() == 0)
            let partly = try await ward.records().count
            let second = try ward.daemon([ward.miva("ttyA")])
            try await ward.untilRead("ttyA")
            let all = try await Ward.records(["--socket", ward.socket])
            #expect(partly > 0 && partly < all.count, "\(partly) of \(all.count)")
            #expect(all.count > 6_000)
            let gaps = try await ward.ask("pumps", "--json").json()["pumps"] as? [[String: Any]]
            #expect((gaps?.first?["gaps"] as? [Any])?.isEmpty == true)
            second.send(SIGTERM)
            #expect(await second.end() == 0)
            // Through the socket they come in parts.
            #expect(try await ward.records() == all)
            _ = pump
        }
    }

    @Suite("Being a service", .serialized)
    struct Manners {
        @Test("it starts without a link, idles without a wake-up, and says how many ports it looks after")
        func idle() async throws {
            let ward = try Ward()
            let daemon = try ward.daemon([ward.miva("ttyNONE")])
            let isReady = await eventually { daemon.errors.contains("ready") }
            #expect(isReady, "\(daemon.errors)")
            let status = try await ward.ask("status")
            #expect(status.out.contains("NO PUMP"), "\(status.out)\(status.err)")
            // Threads that have nothing to do end after five seconds.
            try await Task.sleep(for: .seconds(8))
            let before = try Self.switches(daemon.pid)
            try await Task.sleep(for: .seconds(6))
            let after = try Self.switches(daemon.pid)
            #expect(after - before <= 2, "woken \(after - before) times in 6 s")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)

            let bare = try ward.daemon()
            let answers = try await ward.untilAnswers("status")
            #expect(answers.out.contains("0 ports"), "\(answers.out)\(answers.err)")
            bare.send(SIGINT)
            #expect(await bare.end() == 0)
        }

        /// Voluntary context switches of all threads: each wake-up is one.
        private static func switches(_ pid: Int32) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").reduce(0) { sum, thread in
                let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8)) ?? ""
                let line = text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
                return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
            }
        }

        @Test("SIGHUP adds and removes ports and leaves the others alone; a bad file changes nothing")
        func reload() async throws {
            let ward = try Ward()
            let one = try await ward.pump("miva", at: "ttyA")
            let two = try await ward.pump("miva", at: "ttyB", ["--serial", "SIM00002"])
            func configure(_ links: [String]) throws {
                try JSONSerialization.data(withJSONObject: ["links": links]).write(
                    to: ward.url.appending(path: "d.json"))
            }
            try configure([ward.miva("ttyA")])
            let daemon = try ward.daemon([], ["--config", ward.path("d.json")])
            try await ward.untilRead("ttyA")
            try configure([ward.miva("ttyA"), ward.miva("ttyB")])
            daemon.send(SIGHUP)
            try await ward.untilRead("ttyA", "ttyB")

            try Data("{ \"links\": [\"serial:/dev/x?driver=nope\"] }".utf8).write(
                to: ward.url.appending(path: "d.json"))
            daemon.send(SIGHUP)
            let isRefused = await eventually { daemon.errors.contains("settings refused") }
            #expect(isRefused && daemon.errors.contains("there is no driver"), "\(daemon.errors)")
            #expect(try await ward.ports().count == 2)

            try configure([ward.miva("ttyA")])
            daemon.send(SIGHUP)
            let isGone = await eventually { daemon.errors.components(separatedBy: "settings read again").count == 3 }
            #expect(isGone, "\(daemon.errors)")
            #expect(try await ward.ports().keys.sorted() == ["ttyA"])
            // It was opened once, and never closed for the sake of the other.
            #expect(daemon.errors.components(separatedBy: "ttyA state=connecting").count == 2, "\(daemon.errors)")
            _ = (one, two)
        }

        @Test("a second daemon says who has the ledger, and who serves the socket")
        func second() async throws {
            let ward = try Ward()
            let first = try ward.daemon()
            _ = try await ward.untilAnswers("status")
            let rival = try Running("pumpledgerd", ["--ledger", ward.ledger, "--socket", ward.path("other.sock")])
            #expect(await rival.end() == 4)
            #expect(rival.errors.contains("process \(first.pid)"), "\(rival.errors)")
            let other = try Running("pumpledgerd", ["--ledger", ward.path("other.db"), "--socket", ward.socket])
            #expect(await other.end() == 4)
            #expect(other.errors.contains("process \(first.pid)"), "\(other.errors)")
            #expect(try await ward.ask("status").exitCode == 0)
        }

        @Test(
            "a link that cannot be had stops the start with a remedy",
            arguments: [
                ("usb:driver=miva", "usb:driver=miva&adapter="),
                ("serial:/dev/ttyUSB0?driver=nope", "pumpledger drivers lists the names"),
                ("serial:/dev/ttyUSB0?driver=attested", "reads files only"),
                ("serial:ttyUSB0?driver=miva", "must begin with /"),
            ])
        func badLink(link: String, said: String) async throws {
            let ward = try Ward()
            let daemon = try ward.daemon([link])
            #expect(await daemon.end() == 3)
            #expect(daemon.errors.hasPrefix("Error: ") && daemon.errors.contains(said), "\(daemon.errors)")
            #expect(!FileManager.default.fileExists(atPath: ward.ledger))
        }

        @Test("nobody at the socket is exit 4 with a remedy, and so is watching without a daemon")
        func unreachable() async throws {
            let ward = try Ward()
            for command in [["pumps"], ["status"], ["watch"]] {
                let outcome = try await Programs.pumpledger(["--socket", ward.socket] + command)
                #expect(outcome.exitCode == 4)
                #expect(outcome.err.contains("no daemon at \(ward.socket)"), "\(outcome.err)")
            }
            let watch = try await Programs.pumpledger(["--ledger", ward.ledger, "watch"])
            #expect(watch.exitCode == 4)
            let status = try await Programs.pumpledger(["--ledger", ward.ledger, "status"])
            #expect(status.exitCode == 4)
            #expect(status.err.contains("Start it"), "\(status.err)")
        }

        @Test("watch tells each change in a line where there is no terminal, and ends with the daemon")
        func watch() async throws {
            let ward = try Ward()
            let daemon = try ward.daemon([ward.miva("ttyA")])
            _ = try await ward.untilAnswers("status")
            let watching = try Running("pumpledger", ["--socket", ward.socket, "watch"])
            let hasBegun = await eventually { watching.output.contains("NO PUMP") }
            #expect(hasBegun, "\(watching.errors)")
            let pump = try await ward.pump("miva", at: "ttyA")
            let isSaid = await eventually { watching.output.contains("YOU MAY UNPLUG") }
            #expect(isSaid, "\(watching.output)")
            #expect(watching.output.split(separator: "\n").count < 20, "\(watching.output)")
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0)
            #expect(await watching.end() == 4)
            _ = pump
        }
    }
}

extension Ward {
    /// The first answer of a daemon that may still be starting.
    func untilAnswers(_ command: String) async throws -> Programs.Outcome {
        var outcome = try await ask(command)
        for _ in 0..<200 where outcome.exitCode != 0 {
            try await Task.sleep(for: .milliseconds(20))
            outcome = try await ask(command)
        }
        return outcome
    }

    /// A scenario with so many events of earlier patients in the ring.
    func scenario(older: Int) throws -> String {
        let file = path("scenario-\(older).json")
        try Data("{ \"like\": \"antibiotic-q12h\", \"olderEvents\": \(older) }".utf8).write(to: URL(filePath: file))
        return file
    }
}
