package import PumpCore

/// `events.csv`: what people attest of pumps that cannot be read by wire.
package enum AttestedEvents {
    package static let file = "events.csv"

    /// The records of each pump, by its serial, in the order of their sequence. A missing number is a gap, which only
    /// the ledger can see: the number may be there from an earlier import.
    ///
    /// An equal row twice is one event; a sequence twice with other content is a mistake. A row of an earlier import
    /// with the same pump and sequence is superseded, as `RawRecord.stableIdentity` says.
    package static func read(_ bytes: [UInt8], file name: String) throws(RegisterErrors) -> [String: [RawRecord]] {
        var file = try TableFile(name: name, columns: EventColumns.all, bytes: bytes)
        var errors = RegisterErrors()
        var reader = RowReader(EventColumns.all)
        var rows: [String: [Int: Placed]] = [:]
        while !errors.isFull, let row = next(&file, &errors) {
            if let error = file.misshapen(row) {
                errors.append(error)
                continue
            }
            reader.load(file.cells(row), origin: RowOrigin(file: name, line: row.line))
            guard let attested = AttestedRow(reading: &reader), reader.complaints.isEmpty else {
                errors.append(reader.complaints.map { file.error($0.complaint, in: row, column: $0.column) })
                continue
            }
            let first = rows[attested.pump]?[attested.sequence]
            if let first, first.row != attested {
                errors.append(
                    file.error(.sequenceTwice(line: first.line), in: row, column: EventColumns.sequence.name))
            } else if first == nil {
                rows[attested.pump, default: [:]][attested.sequence] = Placed(row: attested, line: row.line)
            }
        }
        guard errors.errors.isEmpty else { throw errors }
        return rows.mapValues { $0.values.map(\.row).sorted { $0.sequence < $1.sequence }.map(\.record) }
    }

    private struct Placed {
        let row: AttestedRow
        let line: Int
    }

    private static func next(_ file: inout TableFile, _ errors: inout RegisterErrors) -> CSVRow? {
        do throws(RegisterError) {
            return try file.next()
        } catch {
            errors.append(error)
            return nil
        }
    }
}
