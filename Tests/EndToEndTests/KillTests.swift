import Foundation
import TestSupport
import Testing

/// A process that dies loses nothing that it had acknowledged and leaves nothing half done: the next run goes on.
@Suite("SIGKILL at any moment", .serialized)
struct KillTests {
    private static let rounds = 200

    private let recording = Vectors.checkout.appending(path: "Examples/demo/paradigm-october.csv").path
    private let register = Vectors.checkout.appending(path: "Examples/demo/register").path

    private func commands(_ workplace: Workplace) throws -> [[String]] {
        var month = TherapyMonth()
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T00:00", "dose_times": "06:00;18:00", "container": "bag",
        ]
        for number in 1...30 {
            month.doseWithOwnContainer(
                at: "\(day(number))T06:00", end: "\(day(number))T07:00", container: "B\(number)")
        }
        try month.write(to: workplace)
        let ledger = ["--ledger", workplace.ledger]
        return [
            ledger + ["replay", "--driver", "paradigm", "--read-at", "2026-11-01T15:00:00Z", recording],
            ledger + ["import", "register", register],
            ledger + ["import", "register", workplace.path("register")],
            ledger + ["import", "events", workplace.path("events.csv")],
        ]
    }

    @Test("after 200 kills at random moments of replays and imports, the ledger equals the undisturbed one")
    func kills() throws {
        let undisturbed = try Workplace()
        for command in try commands(undisturbed) {
            let outcome = try Program().run(command)
            try #require(outcome.exitCode == 0, "\(outcome.err)")
        }
        let expected = try Identity.list(undisturbed)
        let expectedBill = try undisturbed.pumpledger("billable", "--json", "--period", "2026-10").out
        #expect(expected.count > 200)

        var generator = SeededGenerator(seed: 0x5EED_0001)
        var killed = 0
        var round = 0
        while round < Self.rounds {
            // A ledger is used for ten kills, so that kills also meet files that an earlier kill left.
            let workplace = try Workplace()
            let commands = try commands(workplace)
            for _ in 0..<10 {
                for command in commands.shuffled(using: &generator) where round < Self.rounds {
                    let delay = Duration.microseconds(Int.random(in: 1_000...70_000, using: &generator))
                    if try Program().runAndKill(command, after: delay) { killed += 1 }
                    round += 1
                }
            }
            for command in commands {
                let outcome = try Program().run(command)
                #expect(outcome.exitCode == 0, "seed \(generator.seed): \(outcome.err)")
            }
            #expect(try Identity.list(workplace) == expected, "seed \(generator.seed), round \(round)")
            #expect(try workplace.pumpledger("billable", "--json", "--period", "2026-10").out == expectedBill)
            let verified = try workplace.pumpledger("verify")
            #expect(verified.exitCode == 0, "\(verified.out)")
        }
        // The control: most kills met a living process, or the test shows nothing.
        #expect(killed > Self.rounds / 2, "only \(killed) of \(Self.rounds) kills met a running process")
    }
}
