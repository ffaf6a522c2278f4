import Foundation
import Testing

/// What a person sees who makes a mistake: what, where, the line itself, why, and what to do; and nothing half done.
@Suite("Mistakes")
struct MistakeTests {
    @Test("a bad row of the register says file, line, column, excerpt, reason and remedy, and nothing is imported")
    func badRow() throws {
        let workplace = try Workplace()
        try workplace.write("patient_id,home_zone,payer\nP1,Mars/Base,medicare-dme\n", to: "register/patients.csv")
        let outcome = try workplace.pumpledger("import", "register", workplace.path("register"))
        #expect(outcome.exitCode == 3)
        #expect(outcome.out == "")
        let lines = outcome.err.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "Error: patients.csv:2:4 home_zone")
        #expect(lines.contains("2 | P1,Mars/Base,medicare-dme"))
        #expect(lines.contains { $0.hasSuffix("^^^^^^^^^") })
        #expect(outcome.err.hasSuffix("Nothing was imported.\n"), "\(outcome.err)")
        #expect(!outcome.err.contains("\\u{a}"))
        let billable = try workplace.pumpledger("billable", "--json", "--period", "2026-10")
        #expect(try (billable.json()["lines"] as? [Any])?.isEmpty == true)
    }

    @Test("a payer without rules is refused at the import; with --rules DIR the user's own profile is one")
    func payer() throws {
        let workplace = try Workplace()
        try workplace.write("patient_id,home_zone,payer\nP1,America/Phoenix,county-plan\n", to: "register/patients.csv")
        let refused = try workplace.pumpledger("import", "register", workplace.path("register"))
        #expect(refused.exitCode == 3)
        #expect(refused.err.hasPrefix("Error: patients.csv:2:20 payer\n"), "\(refused.err)")
        #expect(refused.err.contains("medicare-dme") && refused.err.contains("--rules DIR"))
        try workplace.write(
            #"{"kind":"profile","profile":"county-plan","title":"County plan","like":"medicare-dme"}"#,
            to: "rules/county-plan.json")
        let taken = try workplace.pumpledger(
            "--rules", workplace.path("rules"), "import", "register", workplace.path("register"))
        #expect(taken.exitCode == 0, "\(taken.err)")
        try workplace.write("a,b\n", to: "rules/mue-2026-10-01.csv")
        let table = try workplace.pumpledger("--rules", workplace.path("rules"), "billable", "--period", "2026-10")
        #expect(table.exitCode == 3)
        #expect(table.err.contains("rules file mue-2026-10-01.csv"), "\(table.err)")
    }

    @Test("an attested row may be corrected and the correction taken back; the last statement holds")
    func correctionTakenBack() throws {
        let workplace = try Workplace()
        let header = "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"
        func state(_ container: String) throws -> [String: Any] {
            try workplace.write(
                header + "X1,1,1,2026-09-01T06:00,container-attached,,,\(container),N1,\n", to: "events.csv")
            let outcome = try workplace.pumpledger("import", "events", "--json", workplace.path("events.csv"))
            #expect(outcome.exitCode == 0, "\(outcome.err)")
            return try (outcome.json()["pumps"] as? [[String: Any]])?.first ?? [:]
        }
        func inForce() throws -> String? {
            let usage = try workplace.pumpledger("usage", "--json", "--period", "2026-09").json()
            let lines = usage["lines"] as? [[String: Any]] ?? []
            #expect(lines.count == 1)
            return lines.first?["containerId"] as? String
        }
        #expect(try state("A")["added"] as? Int == 1)
        #expect(try inForce() == "A")
        #expect(try state("B")["superseded"] as? Int == 1)
        #expect(try inForce() == "B")
        #expect(try state("B")["known"] as? Int == 1)
        #expect(try state("A")["superseded"] as? Int == 1)
        #expect(try inForce() == "A")
        #expect(try workplace.pumpledger("verify").exitCode == 0)
    }

    @Test("looking into a ledger that is not there says so, and neither looking nor a dry run leaves a file")
    func noLedger() throws {
        let workplace = try Workplace()
        let verify = try workplace.pumpledger("verify")
        #expect(verify.exitCode == 3)
        #expect(verify.err.hasPrefix("Error: there is no ledger at "))
        #expect(try workplace.pumpledger("events", "--json").out == "[]\n")
        try workplace.write("patient_id,home_zone,payer\nP1,America/Phoenix,medicare-dme\n", to: "r/patients.csv")
        let dry = try workplace.pumpledger("import", "register", "--dry-run", workplace.path("r"))
        #expect(dry.exitCode == 0, "\(dry.err)")
        #expect(dry.out.contains("patients.csv"))
        #expect(!FileManager.default.fileExists(atPath: workplace.ledger))
    }

    @Test("a ledger that another process holds is refused and nothing happens to it")
    func inUse() throws {
        let workplace = try Workplace()
        try workplace.write("patient_id,home_zone,payer\nP1,America/Phoenix,medicare-dme\n", to: "r/patients.csv")
        #expect(try workplace.pumpledger("import", "register", workplace.path("r")).exitCode == 0)
        let holder = Process()
        holder.executableURL = URL(filePath: "/usr/bin/flock")
        holder.arguments = ["--exclusive", workplace.ledger + ".lock", "sleep", "20"]
        try holder.run()
        defer { holder.terminate() }
        var outcome = try workplace.pumpledger("pumps")
        // The holder takes a moment to start.
        for _ in 0..<50 where outcome.exitCode != 4 {
            usleep(20_000)
            outcome = try workplace.pumpledger("pumps")
        }
        #expect(outcome.exitCode == 4)
        #expect(outcome.err.contains("in use by"))
    }

    @Test("misspelt files and an events.csv in the register's folder are named")
    func strayFiles() throws {
        let workplace = try Workplace()
        try workplace.write("patient_id,home_zone,payer\nP1,America/Phoenix,medicare-dme\n", to: "r/patients.csv")
        try workplace.write("order_id\n", to: "r/order.csv")
        try workplace.write("pump_serial\n", to: "r/events.csv")
        let outcome = try workplace.pumpledger("import", "register", workplace.path("r"))
        #expect(outcome.exitCode == 0)
        #expect(outcome.err.contains("order.csv: no file of the register has this name"))
        #expect(outcome.err.contains("pumpledger import events"))
    }

    private static let mistakes: [(arguments: String, code: Int32)] = [
        ("billable --period 2026-10-31..2026-10-01", 2),
        ("billable", 2),
        ("--zone Nowhere pumps", 2),
        ("--json --csv pumps", 2),
        ("events --from yesterday", 2),
        ("decode --driver nope /nowhere", 2),
        ("import log --driver attested --serial X /dev/null", 2),
        ("import log --driver paradigm --serial= /dev/null", 2),
        ("decode --driver paradigm /nowhere", 3),
        ("replay --driver paradigm /nowhere", 3),
        ("replay --driver paradigm /dev/null", 3),
        ("import register /nowhere", 3),
    ]

    @Test("wrong usage ends with 2 and bad input with 3", arguments: mistakes)
    func exitCodes(arguments: String, code: Int32) throws {
        let workplace = try Workplace()
        let outcome = try Program().run(
            ["--ledger", workplace.ledger] + arguments.split(separator: " ").map(String.init))
        #expect(outcome.exitCode == code, "\(outcome.err)")
        #expect(outcome.out == "")
        #expect(!outcome.err.isEmpty)
    }

    @Test("output that cannot be written is said in one line, without a crash")
    func fullDevice() throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let program = Program.folder.appending(path: "pumpledger").path
        shell.arguments = ["-c", "exec '\(program)' drivers >/dev/full 2>/dev/null"]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationReason == .exit)
        #expect(shell.terminationStatus == 3)
    }
}
