import CSQLite

/// The peer of the month: what a person who knows SQL asks SQLite over the same table, through the C API, on a connection
/// of its own with the ledger's cache and settings.
enum WindowQuery {
    /// Runs that directly follow a detached container, by pump. It knows no order, no dose, no rule.
    static let sql = """
        SELECT pump, count(*) FROM (
            SELECT pump, kind, lag(kind) OVER (PARTITION BY pump ORDER BY id) AS before FROM record
        ) WHERE kind = 'delivery-started' AND before = 'container-detached' GROUP BY pump
        """

    /// The same with what lies between left out, so that a detach and the next run are found whatever stands between:
    /// the sum must then be that of the doses less one a pump.
    static let filteredSQL = """
        SELECT pump, count(*) FROM (
            SELECT pump, kind, lag(kind) OVER (PARTITION BY pump ORDER BY id) AS before FROM record
            WHERE kind IN ('container-detached', 'delivery-started')
        ) WHERE kind = 'delivery-started' AND before = 'container-detached' GROUP BY pump
        """

    /// Seconds, and the transitions found: the connection is opened for it.
    static func run(_ sql: String, on path: String) throws -> (seconds: Double, count: Int) {
        var count = 0
        let time = try seconds { count = try transitions(sql, connection(path)) }
        return (time, count)
    }

    /// The same on a connection that is open and was asked before.
    static func runAgain(_ sql: String, on path: String) throws -> (seconds: Double, count: Int) {
        let database = try connection(path)
        var count = 0
        var times: [Double] = []
        for _ in 0..<4 { times.append(try seconds { count = try transitions(sql, database) }) }
        return (times.dropFirst().min() ?? 0, count)
    }

    private static func connection(_ path: String) throws -> PlainDatabase {
        let database = try PlainDatabase(path)
        try database.execute(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY"
        )
        return database
    }

    private static func transitions(_ sql: String, _ database: PlainDatabase) throws -> Int {
        try database.rows(sql).reduce(0) { $0 + $1[1].integer }
    }
}
