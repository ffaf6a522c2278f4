import Crypto
import Foundation
import GRDB
package import PumpCore

extension Ledger {
    /// Freezes a period: all of it is on the disk when this returns, or none. Refused where a day of it is closed already.
    package func close(_ new: NewClosing) throws(LedgerError) -> Closing {
        try write { db in
            if let other = try ClosingQuery.inForce(touching: new.days, db).first {
                throw LedgerError.periodClosed(
                    from: other.days.lowerBound, to: other.days.upperBound, by: other.by.user, at: other.closedAt)
            }
            let rules = ClosingDigest.text(of: new.ruleBook)
            try db.execute(
                sql: "INSERT INTO rule_book (digest, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [rules, Data(new.ruleBook)])
            let bringsRules = db.changesCount > 0
            let mark = try MarkQuery.store(new.mark, db)
            try db.execute(
                sql: """
                    INSERT INTO closing (first_day, last_day, mark, rule_book, closed_at, closed_by, uid, accepted, program,
                        digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    new.days.lowerBound.dayNumber, new.days.upperBound.dayNumber, mark, rules,
                    new.closedAt.secondsSince1970, new.by.user, Int(new.by.uid), new.accepted, new.program,
                    Data(ClosingDigest.of(new.parts)),
                ])
            let number = db.lastInsertedRowID
            for part in new.parts {
                try db.execute(
                    sql: "INSERT INTO closing_part (closing, kind, number, content) VALUES (?, ?, ?, ?)",
                    arguments: [number, part.kind, part.number, Data(part.content)])
            }
            try Chain.append(.closing(Int(number), mark: Int(mark), bringsRules: bringsRules), db)
            guard let closing = try ClosingQuery.closings(db, where: "closing.id = ?", [number]).first else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "closing \(number) is not there")
            }
            return closing
        }
    }

    /// The closing of exactly these days that holds.
    package func closing(of days: ClosedRange<CivilDate>) throws(LedgerError) -> Closing? {
        try closings(touching: days).first { $0.days == days }
    }

    /// The closings that hold and share a day with `days`, oldest first.
    package func closings(touching days: ClosedRange<CivilDate>) throws(LedgerError) -> [Closing] {
        try read { db in try ClosingQuery.inForce(touching: days, db) }
    }

    /// Every closing ever made, reopened ones included, in the order in which they were made.
    package func closings() throws(LedgerError) -> [Closing] {
        try read { db in try ClosingQuery.closings(db, where: "1", []) }
    }

    /// Ends a closing. What it froze stays on record.
    package func reopen(
        _ closing: Closing, at: Instant, by: LedgerPerson, reason: String
    ) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO reopening (closing, reopened_at, reopened_by, uid, reason) VALUES (?, ?, ?, ?, ?)",
                arguments: [closing.number, at.secondsSince1970, by.user, Int(by.uid), reason])
            try Chain.append(.reopening(closing: Int(closing.number)), db)
        }
    }

    /// The parts of one kind, in order.
    package func parts(of closing: Closing, kind: String) throws(LedgerError) -> [[UInt8]] {
        try read { db in
            let query = try HotStatement(
                db, "SELECT content FROM closing_part WHERE closing = ? AND kind = ? ORDER BY number")
            query.bind(1, Int(closing.number))
            query.bind(text: kind, 2)
            defer { query.reset() }
            var parts: [[UInt8]] = []
            while try query.step() { parts.append(query.bytes(0)) }
            return parts
        }
    }

    /// The rules that a closing was counted by, as it was given them.
    package func ruleBook(of closing: Closing) throws(LedgerError) -> [UInt8] {
        try read { db in
            let content = try Data.fetchOne(
                db, sql: "SELECT content FROM rule_book WHERE digest = ?", arguments: [closing.rulesDigest])
            return content.map { [UInt8]($0) } ?? []
        }
    }

    package func state(of closing: Closing) throws(LedgerError) -> ClosingState {
        try read { db in
            let last = try Row.fetchOne(
                db, sql: "SELECT id, mark FROM closing_check WHERE closing = ? ORDER BY id DESC LIMIT 1",
                arguments: [closing.number])
            let first = try Int64.fetchOne(
                db, sql: "SELECT mark FROM closing WHERE id = ?", arguments: [closing.number])
            return ClosingState(
                check: last?[0], mark: try MarkQuery.load(last?[1] ?? first ?? 0, db),
                adjustments: try String.fetchAll(
                    db,
                    sql: """
                        SELECT content FROM adjustment JOIN closing_check ON closing_check.id = closing_check
                        WHERE closing = ? ORDER BY adjustment.id
                        """, arguments: [closing.number]))
        }
    }

    /// Puts a comparison on record, with what it found. False, and nothing stored, where another one came after `previous`.
    package func append(
        adjustments: [String], to closing: Closing, after previous: Int64?, upTo mark: LedgerMark, at: Instant
    ) throws(LedgerError) -> Bool {
        try write { db in
            let last = try Int64.fetchOne(
                db, sql: "SELECT max(id) FROM closing_check WHERE closing = ?", arguments: [closing.number])
            guard last == previous else { return false }
            let stored = try MarkQuery.store(mark, db)
            try db.execute(
                sql: "INSERT INTO closing_check (closing, mark, checked_at) VALUES (?, ?, ?)",
                arguments: [closing.number, stored, at.secondsSince1970])
            let check = db.lastInsertedRowID
            for content in adjustments {
                try db.execute(
                    sql: "INSERT INTO adjustment (closing_check, content) VALUES (?, ?)", arguments: [check, content])
            }
            try Chain.append(.closingCheck(Int(check), mark: Int(stored)), db)
            return true
        }
    }
}

enum ClosingQuery {
    static func inForce(touching days: ClosedRange<CivilDate>, _ db: Database) throws -> [Closing] {
        try closings(
            db, where: "reopening.closing IS NULL AND first_day <= ? AND last_day >= ?",
            [days.upperBound.dayNumber, days.lowerBound.dayNumber])
    }

    static func closings(
        _ db: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [Closing] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, first_day, last_day, closed_at, closed_by, closing.uid, accepted, program, rule_book, digest,
                    reopened_at, reopened_by, reopening.uid, reason
                FROM closing LEFT JOIN reopening ON reopening.closing = id WHERE \(condition) ORDER BY id
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let (first, last) = (CivilDate(dayNumber: row[1]), CivilDate(dayNumber: row[2]))
            let reopenedAt: Int? = row[10]
            return Closing(
                number: row[0], days: min(first, last)...max(first, last),
                closedAt: Instant(secondsSince1970: row[3]), by: LedgerPerson(user: row[4], uid: row[5]),
                accepted: row[6], program: row[7], rulesDigest: row[8], digest: [UInt8](row[9] as Data),
                reopening: reopenedAt.map {
                    Closing.Reopening(
                        at: Instant(secondsSince1970: $0), by: LedgerPerson(user: row[11], uid: row[12]),
                        reason: row[13])
                })
        }
    }
}

/// What makes a change to a frozen period visible.
enum ClosingDigest {
    /// Of every part: its kind, number and length, then its bytes.
    static func of(_ parts: [NewClosing.Part]) -> [UInt8] {
        var hash = SHA256()
        for part in parts.sorted(by: { ($0.kind, $0.number) < ($1.kind, $1.number) }) {
            hash.update(data: Data("\(part.kind)\n\(part.number)\n\(part.content.count)\n".utf8))
            hash.update(data: part.content)
        }
        return [UInt8](hash.finalize())
    }

    static func text(of content: [UInt8]) -> String { "sha256:" + [UInt8](SHA256.hash(data: content)).hex }

    /// Closings and rules that do not hold the bytes that their digests were made of.
    static func problems(_ db: Database) throws -> [String] {
        let closings = try ClosingQuery.closings(db, where: "1", []).filter { closing in
            let parts = try Row.fetchAll(
                db, sql: "SELECT kind, number, content FROM closing_part WHERE closing = ?",
                arguments: [closing.number])
            return of(
                parts.map { NewClosing.Part(kind: $0[0], number: $0[1], content: [UInt8]($0[2] as Data)) })
                != closing.digest
        }.map { "closing \($0.number) (\($0.days.lowerBound)..\($0.days.upperBound)) does not hold what was frozen" }
        let rules = try Row.fetchAll(db, sql: "SELECT digest, content FROM rule_book").filter { row in
            text(of: [UInt8](row[1] as Data)) != row[0]
        }.map { "the rules \($0[0] as String) are not those that their digest was made of" }
        return closings + rules
    }
}
