/// The fourth step: a chain over everything that is put on record, signed points of it, and downloads that count no more.
enum SchemaStep4 {
    static let sql = """
        -- The name that this ledger has for good: checkpoints that were taken away say which ledger they are of.
        CREATE TABLE origin (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL
        ) STRICT;
        INSERT INTO origin (id, name) VALUES (1, 'pumpledger/' || lower(hex(randomblob(8))));

        -- One entry a thing put on record: which rows it is made of (kind, a to d), and a digest over those rows and over
        -- the entry before.
        CREATE TABLE chain (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            kind INTEGER NOT NULL,
            a INTEGER NOT NULL,
            b INTEGER NOT NULL,
            c INTEGER NOT NULL,
            d INTEGER NOT NULL,
            head BLOB NOT NULL CHECK (length(head) = 32)
        ) STRICT;

        -- The chain as it stood after an entry, signed. Number 0 is never signed.
        CREATE TABLE checkpoint (
            number INTEGER PRIMARY KEY REFERENCES chain,
            at INTEGER NOT NULL,
            public_key BLOB NOT NULL CHECK (length(public_key) = 32),
            signature BLOB NOT NULL CHECK (length(signature) = 64)
        ) STRICT;

        ALTER TABLE mark ADD COLUMN disowning INTEGER NOT NULL DEFAULT 0;

        -- A session with a row here bears on no count.
        CREATE TABLE disowning (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL UNIQUE REFERENCES session,
            disowned_at INTEGER NOT NULL,
            disowned_by TEXT NOT NULL,
            uid INTEGER NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        """
}
