package import LedgerService

/// A copy of the ledger, made or put in place.
package enum BackupReport {
    package static func json(_ answer: BackupAnswer, restored: Bool) -> JSONValue {
        .object([
            .init("schema", .string(restored ? "pumpledger.restore/1" : "pumpledger.backup/1")),
            .init("file", .string(answer.file)),
            .init("ledger", .string(answer.ledger)),
            .init("bytes", .integer(answer.bytes)),
            .init("sha256", .string(answer.sha256)),
            .init("entries", .integer(answer.entries)),
            .init("head", .string(answer.head)),
            .init("records", .integer(answer.records)),
            .init("objections", .strings(answer.objections)),
            .init("replaced", answer.replaced.map(JSONValue.string) ?? .null),
        ])
    }

    package static func sheet(_ answer: BackupAnswer, restored: Bool) -> Sheet {
        var lines = [
            "\(restored ? "Restored from" : "Backed up to") \(answer.file): \(answer.bytes) bytes, "
                + "\(counted(answer.records, "distinct record")), \(answer.entries) entries on record",
            "SHA-256 \(answer.sha256)",
        ]
        if restored {
            lines += answer.objections.map { "OVERRULED: \($0)" }
            if let replaced = answer.replaced { lines.append("The ledger that was there is kept as \(replaced).") }
        } else {
            lines.append(
                "It was opened again and every entry of it checked. Carry it, with its manifest, off this machine.")
        }
        return Sheet(heading: lines, columns: [], rows: [])
    }
}
