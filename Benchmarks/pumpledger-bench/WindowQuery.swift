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

    /// Seconds, and the transitions found.
    static func run(_ sql: String, on path: String) throws -> (seconds: Double, count: Int) {
        var count = 0
        let time = try seconds {
            let database = try PlainDatabase(path)
            try database.execute(
                "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY"
            )
            for row in try database.rows(sql) { count += row[1].integer }
        }
        return (time, count)
    }
}
