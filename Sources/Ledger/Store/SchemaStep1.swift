/// The first step: pumps, downloads, records, and the register.
///
/// Times ending in `_at` are seconds since 1970-01-01T00:00:00Z. `civil` is a wall-clock time without a zone, as seconds
/// since 1970-01-01T00:00:00 on the same clock; `counter` is seconds on the pump's own counter.
enum SchemaStep1 {
    static let sql = """
        CREATE TABLE pump (
            id INTEGER PRIMARY KEY,
            driver TEXT NOT NULL,
            serial TEXT NOT NULL,
            UNIQUE (driver, serial)
        ) STRICT;

        -- One download, replay or import.
        CREATE TABLE session (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            pump INTEGER NOT NULL REFERENCES pump,
            model TEXT,
            firmware TEXT,
            link TEXT NOT NULL,
            origin TEXT NOT NULL CHECK (origin IN ('live', 'replay', 'import')),
            positions TEXT NOT NULL CHECK (positions IN ('none', 'ring', 'series')),
            ring_size INTEGER CHECK ((positions = 'ring') = (ring_size IS NOT NULL) AND ring_size > 0),
            decoder INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            read_at INTEGER
        ) STRICT;
        CREATE INDEX session_by_pump ON session (pump);

        -- How it ended. A session without a row here was cut short.
        CREATE TABLE ending (
            session INTEGER PRIMARY KEY REFERENCES session,
            outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'partial', 'failed')),
            to_newest INTEGER NOT NULL CHECK (to_newest IN (0, 1)),
            ended_at INTEGER NOT NULL,
            read_at INTEGER,
            detail TEXT
        ) STRICT;

        -- What the pump said of itself after the session had begun.
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session,
            model TEXT,
            firmware TEXT
        ) STRICT;

        -- The pump's clock beside the host's.
        CREATE TABLE clock (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session,
            civil INTEGER,
            counter INTEGER,
            host_at INTEGER,
            CHECK ((civil IS NULL) <> (counter IS NULL))
        ) STRICT;

        -- One content a row, and once more for each time that a single batch held it (twin 1, 2 …).
        -- The id holds the pump in its upper half, so that a pump's records lie together and ranges of ids are short.
        -- kind and details are what the decoder of that version made of raw: a cache.
        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            pump INTEGER NOT NULL REFERENCES pump CHECK (pump = id >> 32),
            digest BLOB NOT NULL CHECK (length(digest) = 10),
            twin INTEGER NOT NULL,
            raw BLOB NOT NULL,
            opcode INTEGER,
            byte_offset INTEGER,
            position INTEGER,
            civil INTEGER,
            counter INTEGER,
            kind TEXT NOT NULL,
            details TEXT,
            stable BLOB,
            decoder INTEGER NOT NULL,
            UNIQUE (digest, twin)
        ) STRICT;
        CREATE INDEX record_updated_in_place ON record (pump, position, stable) WHERE stable IS NOT NULL;

        -- Records that one step of a session found side by side, and stored together.
        CREATE TABLE batch (
            session INTEGER NOT NULL REFERENCES session,
            number INTEGER NOT NULL,
            adjacency TEXT NOT NULL CHECK (adjacency IN ('unknown', 'precedes-previous', 'follows-previous')),
            read_at INTEGER,
            records INTEGER NOT NULL,
            undecoded_offset INTEGER,
            undecoded BLOB,
            PRIMARY KEY (session, number)
        ) STRICT, WITHOUT ROWID;

        -- Which records a batch held, in log order, as ranges of ids. The order of a log is computed from these alone.
        CREATE TABLE run (
            session INTEGER NOT NULL,
            batch INTEGER NOT NULL,
            part INTEGER NOT NULL,
            first INTEGER NOT NULL REFERENCES record,
            last INTEGER NOT NULL REFERENCES record CHECK (last >= first),
            PRIMARY KEY (session, batch, part),
            FOREIGN KEY (session, batch) REFERENCES batch
        ) STRICT, WITHOUT ROWID;

        -- A hole that a driver declared, after so many batches of its session.
        CREATE TABLE gap (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session,
            batches INTEGER NOT NULL,
            reason TEXT NOT NULL,
            after_key TEXT,
            before_key TEXT,
            from_civil INTEGER,
            from_counter INTEGER,
            to_civil INTEGER,
            to_counter INTEGER,
            missing INTEGER,
            detail TEXT
        ) STRICT;

        CREATE TABLE register_import (
            id INTEGER PRIMARY KEY,
            imported_at INTEGER NOT NULL,
            imported_by TEXT NOT NULL
        ) STRICT;

        -- One version of one row of the register. The newest version of a key is in force.
        CREATE TABLE register_row (
            id INTEGER PRIMARY KEY,
            import INTEGER NOT NULL REFERENCES register_import,
            list TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            content TEXT NOT NULL,
            file TEXT NOT NULL,
            line INTEGER NOT NULL,
            UNIQUE (list, key, version)
        ) STRICT;
        """
}
