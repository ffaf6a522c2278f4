import GRDB
package import PumpCore

/// A record and every download that saw it: where an explanation ends.
package struct RecordTrail: Hashable, Sendable {
    package struct Sighting: Hashable, Sendable {
        package var session: SessionID
        /// Where the session read from.
        package var link: String
        package var origin: SessionStart.Origin
        /// From 0 within the session.
        package var batch: Int
        package var readAt: Instant?
    }

    package var record: LogRecord
    /// In the order in which they came into the ledger.
    package var sightings: [Sighting]
    /// The newer version that replaces it, if there is one.
    package var supersededBy: RecordKey?
}

extension Ledger {
    /// Nil for a key that names nothing here.
    package func record(forKey key: RecordKey) throws(LedgerError) -> RecordTrail? {
        try records(forKeys: [key])[key]
    }

    /// Keys that name nothing here are left out. Each log that one of them stands in is put together once.
    package func records(forKeys keys: [RecordKey]) throws(LedgerError) -> [RecordKey: RecordTrail] {
        try read { db in
            var wanted: [Int: Set<RecordDigest>] = [:]
            let find = try HotStatement(db, "SELECT pump FROM record WHERE digest = ? LIMIT 1")
            for digest in Set(keys.compactMap { RecordDigest(of: $0) }) {
                find.bind(1, digest.bytes)
                defer { find.reset() }
                if try find.step() { wanted[find.int(0), default: []].insert(digest) }
            }
            let keys = Set(keys)
            var trails: [RecordKey: RecordTrail] = [:]
            for (pump, digests) in wanted {
                let reading = try MergedReading(pump, db)
                for entry in reading.log.entries.indices
                where digests.contains(reading.evidence.rows[reading.log.entries[entry].row].digest) {
                    let key = reading.key(entry)
                    if keys.contains(key) { trails[key] = try trail(of: entry, in: reading, db) }
                }
            }
            return trails
        }
    }

    private func trail(of entry: Int, in reading: MergedReading, _ db: Database) throws -> RecordTrail {
        let (evidence, log) = (reading.evidence, reading.log)
        let digest = evidence.rows[log.entries[entry].row].digest
        let batches = evidence.batches.indices.filter { index in
            guard let span = log.spans[index], span.first <= entry, entry <= span.last else { return false }
            return evidence.batches[index].rows.joined().contains { evidence.rows[$0].digest == digest }
        }
        let next = entry + 1
        let isReplaced = next < log.entries.count && log.entries[next].replacesPrevious
        return RecordTrail(
            record: try reading.record(entry),
            sightings: try batches.compactMap { index in
                let batch = evidence.batches[index]
                return try SessionQuery.session(evidence.sessions[batch.session].id, db).map {
                    RecordTrail.Sighting(
                        session: $0.id, link: $0.start.link, origin: $0.start.origin, batch: batch.number,
                        readAt: batch.readAt)
                }
            },
            supersededBy: isReplaced ? reading.key(next) : nil)
    }
}
