package import HostCheck

/// What `doctor` looked at and what stands in the way.
package struct DoctorReport: Sendable {
    private let facts: HostFacts
    private let found: [Diagnosis]

    package init(_ facts: HostFacts) {
        self.facts = facts
        found = Diagnosis.of(facts)
    }

    package var hasFindings: Bool { !found.isEmpty }

    package var json: JSONValue {
        .object([
            .init("schema", "pumpledger.doctor/1"),
            .init(
                "findings",
                .array(
                    found.map {
                        .object([
                            .init("id", .string($0.id)), .init("severity", .string($0.severity.rawValue)),
                            .init("message", .string($0.message)),
                            .init("command", $0.command.map(JSONValue.string) ?? .null),
                        ])
                    })),
            .init("user", .string(facts.user)),
            .init("sqlite", .string(facts.sqliteVersion)),
            .init("ledger", .string(facts.ledger)),
            .init("fileSystem", facts.fileSystem.map(JSONValue.string) ?? .null),
            .init("freeMegabytes", facts.freeMegabytes.map(JSONValue.integer) ?? .null),
            .init("clockSynchronised", facts.clockIsSynchronised.map(JSONValue.bool) ?? .null),
            .init("udev", .bool(facts.runsUdev)),
            .init("rules", .bool(facts.hasRules)),
            .init("daemon", .bool(facts.daemonAnswers)),
            .init(
                "devices",
                .array(
                    facts.devices.map {
                        .object([
                            .init("node", .string($0.node)), .init("id", $0.numbers.map(JSONValue.string) ?? .null),
                            .init("adapter", $0.adapter.map(JSONValue.string) ?? .null),
                            .init("path", .string($0.path)),
                            .init("driver", $0.driver.map(JSONValue.string) ?? .null),
                        ])
                    })),
        ])
    }

    package var sheet: Sheet {
        var lines = [
            "Ledger \(facts.ledger)" + (facts.fileSystem.map { " on \($0)" } ?? "") + ", SQLite \(facts.sqliteVersion)"
                + (SQLiteRelease(facts.sqliteVersion).wantsOneWriter ? ", safe with one program that writes." : "."),
            "Pumps are read as the user \(facts.user).",
        ]
        lines.append(
            "Devices: "
                + (facts.devices.isEmpty
                    ? "no pump's adapter is plugged in."
                    : facts.devices.map { $0.node + ($0.driver.map { " (\($0))" } ?? " (not named)") }.joined(
                        separator: ", ")
                        + "."))
        var out: [String] = []
        for one in found {
            out.append("")
            out.append(Self.word(one.severity) + "  " + one.message)
            if let command = one.command { out.append("    " + command) }
        }
        return Sheet(
            heading: lines, columns: [], rows: [], footing: found.isEmpty ? ["Nothing stands in the way."] : out)
    }

    private static func word(_ severity: Diagnosis.Severity) -> String {
        switch severity {
        case .stops: "STOPS"
        case .warns: "WARNS"
        case .notes: "NOTE "
        }
    }
}
