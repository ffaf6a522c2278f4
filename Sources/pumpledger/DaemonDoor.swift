import Foundation
import LedgerService
import PumpCore
import Reports
import ServiceSocket

/// A connection to the daemon, for one question.
struct DaemonDoor: Sendable {
    private let connection: ServiceConnection

    /// The daemon that the options mean. Nil where they mean a file, or mean nothing and no daemon runs.
    static func found(_ options: GlobalOptions) async throws(ServiceError) -> DaemonDoor? {
        if let socket = options.socket {
            do { return DaemonDoor(connection: try await ServiceConnection(path: socket)) } catch {
                throw ServiceError(error)
            }
        }
        if options.ledger != nil { return nil }
        do { return DaemonDoor(connection: try await ServiceConnection()) } catch {
            // Nobody there: the ledger is this user's own file. Any other trouble is a daemon's, and going round it
            // would answer from another ledger.
            if case .noDaemon = error { return nil }
            throw ServiceError(error)
        }
    }

    /// The daemon that has this ledger and answers; nil where none does.
    static func owning(ledger path: String) async -> DaemonDoor? {
        guard let socket = LedgerService.socketServing(ledger: path) else { return nil }
        return (try? await ServiceConnection(path: socket)).map { DaemonDoor(connection: $0) }
    }

    func answer(_ request: Request, _ context: RequestContext) async throws(ServiceError) -> Answer {
        if case .events = request { return try await events(request, context) }
        let question = try ServiceMessage.bytes(ServiceQuestion(request, context))
        let reply: [UInt8]
        do { reply = try await connection.ask(question) } catch { throw ServiceError(error) }
        return try Self.answer(in: reply)
    }

    /// The records of a full ring come in parts.
    private func events(_ request: Request, _ context: RequestContext) async throws(ServiceError) -> Answer {
        var whole: EventsAnswer?
        try await parts(request, context) { part in
            guard case .events(let part) = part else { return }
            whole?.lines += part.lines
            whole?.gaps += part.gaps
            whole = whole ?? part
        }
        guard let whole else { throw ServiceError(.unreachable, "the daemon broke off its answer") }
        return .events(whole)
    }

    /// Calls `show` with every status until the daemon or the task ends.
    func watch(_ context: RequestContext, _ show: (StatusAnswer) -> Void) async throws(ServiceError) {
        try await parts(.watch, context) { if case .status(let status) = $0 { show(status) } }
    }

    private func parts(
        _ request: Request, _ context: RequestContext, _ take: (Answer) -> Void
    ) async throws(ServiceError) {
        let question = try ServiceMessage.bytes(ServiceQuestion(request, context))
        do {
            for try await part in connection.stream(question) { take(try Self.answer(in: part)) }
        } catch let error as ServiceError {
            throw error
        } catch ServiceClientError.cancelled {
            return
        } catch let error as ServiceClientError {
            throw ServiceError(error)
        } catch {
            throw ServiceError(.unreachable, "\(error)")
        }
    }

    private static func answer(in bytes: [UInt8]) throws(ServiceError) -> Answer {
        switch try ServiceMessage.reply(bytes) {
        case .answer(let answer): return answer
        case .error(let error): throw error
        }
    }
}

extension ServiceError {
    /// Its sentences hold their own remedies.
    init(_ error: ServiceClientError) {
        self.init(.unreachable, "\(error)")
    }
}
