/// The second step: closed periods, the visits of nurses, and who did and read what.
///
/// `first_day` and `last_day` are civil days since 1970-01-01, both inclusive.
enum SchemaStep2 {
    static let sql = """
        -- How far the ledger reached at a moment. What came later has a larger number, or is a batch or the end of a
        -- session that still went on.
        CREATE TABLE mark (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL,
            clock INTEGER NOT NULL,
            gap INTEGER NOT NULL,
            register_row INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE mark_session (
            mark INTEGER NOT NULL REFERENCES mark,
            session INTEGER NOT NULL REFERENCES session,
            batches INTEGER NOT NULL,
            PRIMARY KEY (mark, session)
        ) STRICT, WITHOUT ROWID;

        -- The rules that a closed period was counted by, once each. The digest is of the content.
        CREATE TABLE rule_book (
            digest TEXT PRIMARY KEY,
            content BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE closing (
            id INTEGER PRIMARY KEY,
            first_day INTEGER NOT NULL,
            last_day INTEGER NOT NULL CHECK (last_day >= first_day),
            mark INTEGER NOT NULL REFERENCES mark,
            rule_book TEXT NOT NULL REFERENCES rule_book,
            closed_at INTEGER NOT NULL,
            closed_by TEXT NOT NULL,
            uid INTEGER NOT NULL,
            accepted TEXT,
            program TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32)
        ) STRICT;

        -- What the reports said when it was closed. The closing's digest is of its parts, in the order of kind and number.
        CREATE TABLE closing_part (
            id INTEGER PRIMARY KEY,
            closing INTEGER NOT NULL REFERENCES closing,
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,
            content BLOB NOT NULL,
            UNIQUE (closing, kind, number)
        ) STRICT;

        -- A closing with a row here holds no more.
        CREATE TABLE reopening (
            closing INTEGER PRIMARY KEY REFERENCES closing,
            reopened_at INTEGER NOT NULL,
            reopened_by TEXT NOT NULL,
            uid INTEGER NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;

        -- Each time that what arrived after a closing was compared with it.
        CREATE TABLE closing_check (
            id INTEGER PRIMARY KEY,
            closing INTEGER NOT NULL REFERENCES closing,
            mark INTEGER NOT NULL REFERENCES mark,
            checked_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX closing_check_by_closing ON closing_check (closing);

        -- What such a comparison found: an entry beside the closed lines, never instead of them.
        CREATE TABLE adjustment (
            id INTEGER PRIMARY KEY,
            closing_check INTEGER NOT NULL REFERENCES closing_check,
            content TEXT NOT NULL
        ) STRICT;
        CREATE INDEX adjustment_by_check ON adjustment (closing_check);

        CREATE TABLE visit (
            id INTEGER PRIMARY KEY,
            pump INTEGER NOT NULL REFERENCES pump,
            visited_at INTEGER NOT NULL,
            visited_by TEXT NOT NULL,
            uid INTEGER NOT NULL,
            records INTEGER NOT NULL,
            newest_key TEXT,
            through_at INTEGER
        ) STRICT;
        CREATE INDEX visit_by_pump ON visit (pump);

        -- One request a row. What only reads is put down when it was answered; what stores something is put down before it
        -- begins, and its outcome after it.
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            user TEXT NOT NULL,
            uid INTEGER NOT NULL,
            action TEXT NOT NULL,
            arguments TEXT NOT NULL,
            outcome TEXT
        ) STRICT;
        CREATE INDEX audit_by_time ON audit (at);

        CREATE TABLE audit_outcome (
            audit INTEGER PRIMARY KEY REFERENCES audit,
            outcome TEXT NOT NULL
        ) STRICT;
        """
}
