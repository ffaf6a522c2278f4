import GRDB
import Synchronization

/// Connections that can only read: a month of many patients is read on all cores. They are opened when they are needed
/// first, one for each who reads at the same time, and stay until the ledger is closed.
///
/// Opened read-only they write nothing and checkpoint nothing, so the ledger still has one writer and one checkpointer.
final class ReadingConnections: Sendable {
    private let path: String
    private let connections = Mutex<(idle: [DatabaseQueue], all: [DatabaseQueue])>(([], []))

    init(path: String) { self.path = path }

    /// One look at the file. Another look may see a later state of it.
    func look<T>(_ step: (Database) throws -> T) throws -> T {
        let connection = try connections.withLock { $0.idle.popLast() } ?? opened()
        defer { connections.withLock { $0.idle.append(connection) } }
        return try connection.inDatabase { db in
            try db.execute(sql: "BEGIN")
            defer { try? db.rollback() }
            return try step(db)
        }
    }

    private func opened() throws -> DatabaseQueue {
        var configuration = Durability.configuration()
        configuration.readonly = true
        let connection = try DatabaseQueue(path: path, configuration: configuration)
        connections.withLock { $0.all.append(connection) }
        return connection
    }

    func close() {
        let all = connections.withLock { connections in
            defer { connections = ([], []) }
            return connections.all
        }
        for connection in all { try? connection.close() }
    }
}
