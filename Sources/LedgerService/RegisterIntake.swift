import Ledger
import PumpCore
import PumpDrivers
import Register

/// What people keep and attest, into the ledger. A mistake in any row rejects the whole import before anything is stored.
struct RegisterIntake {
    let ledger: Ledger
    let now: Instant

    /// `payers`: the rule profiles in force for this request.
    func importRegister(_ folder: RegisterFiles, payers: [String]) throws -> RegisterAnswer {
        let existing = try ledger.currentRegister().map(\.entry)
        let files = Dictionary(folder.files.map { ($0.name, $0.bytes) }) { $1 }
        let entries = try RegisterImport.read(
            folder: files,
            existing: existing.map {
                Register.RegisterEntry(
                    table: $0.table, key: $0.key, columns: $0.columns, origin: RowOrigin(file: $0.file, line: $0.line))
            }, payers: payers)
        let rows = entries.map {
            StoredRow(
                table: $0.table, key: $0.key, columns: $0.columns, file: $0.origin.file, line: $0.origin.line)
        }
        let change = try ledger.appendRegister(rows, importedAt: now, by: "register import", dryRun: folder.dryRun)
        let added = Dictionary(grouping: change.added, by: \.table).mapValues(\.count)
        let changed = Dictionary(grouping: change.changed.map(\.new), by: \.table).mapValues(\.count)
        let all = Dictionary(grouping: rows, by: \.table).mapValues(\.count)
        return RegisterAnswer(
            files: RegisterTable.allCases.compactMap { table in
                guard let count = all[table.rawValue] else { return nil }
                let (new, different) = (added[table.rawValue] ?? 0, changed[table.rawValue] ?? 0)
                return RegisterAnswer.File(
                    name: table.file, added: new, changed: different, unchanged: count - new - different)
            },
            remarks: RegisterImport.unknownColumns(folder: files).map {
                "\($0.file): kept and ignored, because nobody knows them: \($0.columns.joined(separator: ", "))"
            },
            dryRun: folder.dryRun)
    }

    func importEvents(_ file: InputFile, dryRun: Bool) throws -> EventsImportAnswer {
        let byPump = try AttestedEvents.read(file.bytes, file: file.baseName)
        var lines: [EventsImportAnswer.Line] = []
        for (serial, records) in byPump.sorted(by: { $0.key < $1.key }) {
            let pump = PumpIdentity(serial: serial, driver: PumpDriver.attested.name)
            // The version in force of each number: a row that says the same leaves no trace, and one that takes a
            // correction back is a statement like any other.
            var inForce: [Int: [UInt8]] = [:]
            for record in try ledger.log(of: pump)?.records ?? [] {
                if let sequence = record.record.devicePosition { inForce[sequence] = record.record.raw }
            }
            let stated = records.filter { record in
                record.devicePosition.flatMap { inForce[$0] } != record.raw
            }
            let corrected = stated.filter { record in record.devicePosition.flatMap { inForce[$0] } != nil }.count
            if !dryRun, !stated.isEmpty {
                _ = try LogIntake(ledger: ledger, now: now)
                    .importEvents(stated, of: serial, driver: .attested, file: file)
            }
            let line = EventsImportAnswer.Line(
                pump: serial, read: records.count, added: stated.count - corrected,
                known: records.count - stated.count, superseded: corrected)
            lines.append(line)
        }
        return EventsImportAnswer(lines: lines, dryRun: dryRun)
    }
}
