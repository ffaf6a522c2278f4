import Foundation
import TestSupport
import Testing

extension LiveTests {
    @Suite("An 11073 pump on every kind of line", .serialized)
    struct Phd {
        enum Line: String, CaseIterable, Sendable {
            case pty
            case tcp
            case connect
        }

        /// A simulator that is ready, and the link that finds it.
        private func plug(_ line: Line, _ ward: Ward, _ more: [String]) async throws -> (pump: Running, link: String) {
            // Its clock shows the present: the daemon reads it now.
            let arguments = ["phd"] + more
            switch line {
            case .pty:
                let pump = try Running("pumpsim", arguments + ["--pty", ward.path("ttyA")])
                let isReady = await eventually { pump.output.contains("\"ready\"") }
                try #require(isReady, "\(pump.errors)")
                return (pump, "serial:\(ward.path("ttyA"))?driver=phd")
            case .tcp:
                let pump = try Running("pumpsim", arguments + ["--tcp", "127.0.0.1:0"])
                let isReady = await eventually { pump.output.contains("\"ready\"") }
                try #require(isReady, "\(pump.errors)")
                let port = try #require(pump.output.firstMatch(of: #/127\.0\.0\.1:(\d+)/#)?.1)
                return (pump, "tcp:127.0.0.1:\(port)?driver=phd")
            case .connect:
                let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 10_000
                let pump = try Running("pumpsim", arguments + ["--connect", "127.0.0.1:\(port)"])
                return (pump, "tcp-listen:127.0.0.1:\(port)?driver=phd")
            }
        }

        private struct Truth: Decodable {
            struct Container: Decodable { var firstFlowAtCivil: String? }
            var containers: [Container]
        }

        /// The last whole month, as `2026-10`.
        private static func lastMonth() throws -> String {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = try #require(TimeZone(identifier: "America/Chicago"))
            let before = try #require(calendar.date(byAdding: .month, value: -1, to: Date()))
            let parts = calendar.dateComponents([.year, .month], from: before)
            let month = try #require(parts.month)
            return "\(try #require(parts.year))-\(month < 10 ? "0" : "")\(month)"
        }

        @Test("the count of the last month equals the truth", arguments: Line.allCases)
        func counts(line: Line) async throws {
            let ward = try Ward()
            let month = try Self.lastMonth()
            let (pump, link) = try await plug(
                line, ward,
                ["--from", month + "-01", "--register", ward.path("register"), "--truth", ward.path("truth.json")])
            let daemon = try ward.daemon([link])
            _ = try await ward.untilAnswers("status")
            var state = ""
            for _ in 0..<400 where state != "caught up" {
                state = try await ward.ports().values.first?["state"] as? String ?? ""
                try await Task.sleep(for: .milliseconds(30))
            }
            #expect(state == "caught up", "\(pump.output.suffix(500)) \(pump.errors)")
            #expect(try await ward.ask("import", "register", ward.path("register")).exitCode == 0)
            let usage = try await ward.ask("usage", "--json", "--period", month).json()
            let used = try #require(usage["lines"] as? [[String: Any]]).filter { $0["counted"] as? String == "yes" }
            let truth = try JSONDecoder().decode(
                Truth.self, from: try Data(contentsOf: URL(filePath: ward.path("truth.json"))))
            let ofMonth = truth.containers.filter { $0.firstFlowAtCivil?.hasPrefix(month) == true }
            #expect(ofMonth.count > 50)
            #expect(used.count == ofMonth.count)
            daemon.send(SIGTERM)
            #expect(await daemon.end() == 0, "\(daemon.errors)")
            #expect(pump.isRunning, "a forbidden command: \(pump.errors)")
            // Everything that the pump logged, once.
            let logged = pump.output.split(separator: "\n").first { $0.contains("\"ready\"") }
            let events = try #require(logged?.firstMatch(of: #/"events":(\d+)/#).flatMap { Int($0.1) })
            #expect(try await ward.records().count >= events)
            #expect(Set(try await ward.records()).count == (try await ward.records().count))
        }

        @Test("a device that connects, goes and connects again is served both times by the same port")
        func listenerSurvives() async throws {
            let ward = try Ward()
            let (first, link) = try await plug(.connect, ward, [])
            let daemon = try ward.daemon([link])
            _ = try await ward.untilAnswers("status")
            for turn in 1...2 {
                let pump = turn == 1 ? first : try await plug(.connect, ward, []).pump
                let isRead = await eventually { pump.output.contains("release-response") }
                #expect(isRead, "turn \(turn): \(pump.output.suffix(500))")
                pump.type("quit")
                #expect(await pump.end() == 0, "\(pump.errors)")
            }
            #expect(daemon.isRunning)
        }

        @Test("a recording of a download, and the raw log, hold what the pump logged")
        func replay() async throws {
            let ward = try Ward()
            let made = try Running(
                "pumpsim",
                [
                    "phd", "--ends-at", "2026-11-01T12:00", "--recording", ward.path("phd.csv"), "--pages",
                    ward.path("pages"),
                ])
            #expect(await made.end() == 0, "\(made.errors)")
            let replayed = try await Programs.pumpledger([
                "--ledger", ward.ledger, "replay", "--driver", "phd", "--read-at", "2026-11-01T18:00:00Z",
                ward.path("phd.csv"),
            ])
            #expect(replayed.exitCode == 0, "\(replayed.err)")
            let decoded = try await Programs.pumpledger([
                "decode", "--driver", "phd", "--json", ward.path("pages/log.bin"),
            ])
            #expect(decoded.exitCode == 0, "\(decoded.err)")
            let raws = decoded.out.matches(of: #/"raw":"([0-9a-f]+)"/#).map { String($0.1) }
            #expect(raws.count > 400)
            #expect(try await ward.records().map { String($0.split(separator: " ").last ?? "") } == raws)
        }
    }
}
