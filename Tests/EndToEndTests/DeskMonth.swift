import Foundation

/// Months of simulated pumps in one ledger, as a biller has them when she closes October: what pumpsim plays, read back by
/// replay, with its register.
struct DeskMonth {
    struct Patient {
        var scenario: String
        var family = "miva"
        /// When the pump was read; the register goes on to the end of October all the same.
        var readUntil = "2026-11-01T08:00"
    }

    /// Each order has the number of its place: O-0001, on pump SIM00001 (a Paradigm's: SIM000001).
    static func play(_ patients: [Patient], in workplace: Workplace) throws {
        var tables: [String: [String]] = [:]
        for (place, patient) in patients.enumerated() {
            let number = place + 1
            let scenario = try workplace.write(
                """
                { "like": "\(patient.scenario)", "name": "\(patient.scenario)", "zone": "America/Chicago",
                  "from": "2026-10-01", "register": { "patient": "P-000\(number)", "order": "O-000\(number)" } }
                """, to: "scenario-\(number).json")
            func simulate(_ arguments: String...) throws {
                let outcome = try Program(name: "pumpsim").run(
                    [
                        patient.family, "--scenario", scenario, "--serial", serial(number, patient), "--seed",
                        "\(number)",
                    ] + arguments)
                guard outcome.exitCode == 0 else { throw Failure(words: outcome.err) }
            }
            let folder = workplace.path("register-\(number)")
            try simulate("--ends-at", "2026-11-01T08:00", "--register", folder, "--pages", workplace.path("pages"))
            try simulate("--ends-at", patient.readUntil, "--recording", workplace.path("log-\(number).csv"))
            for name in ["patients", "pumps", "orders", "assignments", "deliveries", "counts", "billed"] {
                let text = try String(contentsOfFile: folder + "/\(name).csv", encoding: .utf8)
                    .replacing("D-", with: "D\(number)-").replacing("CLM-", with: "CLM\(number)-")
                let lines = text.split(separator: "\n").map(String.init)
                tables[name, default: [lines[0]]] += lines.dropFirst()
            }
        }
        for (name, lines) in tables {
            try workplace.write(lines.joined(separator: "\n") + "\n", to: "register/\(name).csv")
        }
    }

    static func load(_ patients: [Patient], in workplace: Workplace) throws {
        let register = try workplace.pumpledger("import", "register", workplace.path("register"))
        guard register.exitCode == 0 else { throw Failure(words: register.err) }
        for (place, patient) in patients.enumerated() {
            let offset = patient.readUntil < "2026-11-01T02:00" ? "-05:00" : "-06:00"
            let replay = try workplace.pumpledger(
                "replay", "--driver", patient.family, "--read-at", patient.readUntil + ":00" + offset,
                workplace.path("log-\(place + 1).csv"))
            guard replay.exitCode == 0 else { throw Failure(words: replay.err) }
        }
    }

    static func serial(_ number: Int, _ patient: Patient) -> String {
        patient.family == "paradigm" ? "SIM00000\(number)" : "SIM0000\(number)"
    }

    struct Failure: Error { var words: String }
}

extension Workplace {
    /// A file of the register with one text put for another.
    func edit(_ name: String, _ old: String, _ new: String) throws {
        let path = path("register/\(name).csv")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard text.contains(old) else { throw DeskMonth.Failure(words: "\(name).csv has no \(old)") }
        try write(text.replacing(old, with: new, maxReplacements: 1), to: "register/\(name).csv")
    }

    func append(_ name: String, _ lines: String) throws {
        let path = path("register/\(name).csv")
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try write(text + lines, to: "register/\(name).csv")
    }

    /// On the morning after the month, at the patients' homes.
    @discardableResult
    func desk(_ arguments: String...) throws -> Program.Outcome {
        try Program().run(
            ["--ledger", ledger, "--zone", "America/Chicago", "--now", "2026-11-01T20:00:00Z"] + arguments)
    }
}
