import Foundation
package import Ledger
import PumpCore
import PumpDrivers
import Register
package import Station
import Supplies
import Timeline

/// One request in, one answer out. It owns the ledger while it lives; the daemon serves it on its socket, the command
/// line runs it in its own process where no daemon owns the ledger.
package final class LedgerService: Sendable {
    private let ledger: Ledger
    /// True for an empty ledger that stands in for one that is not there.
    private let isScratch: Bool
    /// How the ports stand now; nil where no daemon looks after any.
    private let ports: (@Sendable () -> [PortReport])?

    private init(ledger: Ledger, isScratch: Bool) {
        self.ledger = ledger
        self.isScratch = isScratch
        ports = nil
    }

    /// Over a ledger that somebody else has opened and closes: the daemon, which also knows how its ports stand.
    package init(over ledger: Ledger, ports: @escaping @Sendable () -> [PortReport]) {
        self.ledger = ledger
        isScratch = false
        self.ports = ports
    }

    /// Opens the ledger at `path`. A request that stores something makes an empty one where there is none; one that
    /// looks into it says that there is none; one that lists, or tries an import out, sees an empty one and leaves no
    /// file behind.
    package static func open(path: String, for request: Request) throws(ServiceError) -> LedgerService {
        var path = path
        var isScratch = false
        let isThere = FileManager.default.fileExists(atPath: path)
        guard isThere || !request.needsLedger else {
            throw ServiceError(
                .badInput, "there is no ledger at \(path)",
                remedy: "Check the path, or name another one with --ledger.")
        }
        if !request.stores, !isThere {
            path =
                FileManager.default.temporaryDirectory.appending(path: "pumpledger-\(UUID().uuidString)/ledger.db")
                .path
            isScratch = true
        }
        do {
            // Before anything is added to it the file is looked through. A question is answered from the pages that it
            // needs; SQLite says so where one of them is damaged, and `verify` looks at all.
            let options = Ledger.Options(checksFile: request.stores)
            return LedgerService(ledger: try Ledger.open(at: path, options: options), isScratch: isScratch)
        } catch {
            throw ServiceError(error)
        }
    }

    /// Where the process that has the ledger at `path` answers instead; nil where none has it, or none answers.
    package static func socketServing(ledger path: String) -> String? { Ledger.socket(ofOwnerOf: path) }

    /// Of the library that this program was built with.
    package static var sqliteVersion: String { Ledger.sqliteVersion }

    package func close() {
        ledger.close()
        if isScratch {
            try? FileManager.default.removeItem(at: URL(filePath: ledger.path).deletingLastPathComponent())
        }
    }

    /// Who asked and for what goes on record with the answer; a ledger that only stands in for one has no record to keep.
    package func answer(
        _ request: Request, _ context: RequestContext, from caller: Caller = .thisProcess
    ) throws(ServiceError) -> Answer {
        do {
            guard !isScratch, request.looksIntoLedger else {
                try request.admit(caller)
                return try carryOut(request, context, caller)
            }
            // One who is turned away is on record too.
            return try AuditTrail(ledger: ledger, caller: caller).answer(request) {
                try request.admit(caller)
                return try carryOut(request, context, caller)
            }
        } catch let error as ServiceError {
            throw error
        } catch let error as LedgerError {
            throw ServiceError(error)
        } catch let error as RegisterErrors {
            throw ServiceError(.badInput, "\(error)")
        } catch {
            throw ServiceError(.badInput, "\(error)")
        }
    }

    private func carryOut(_ request: Request, _ context: RequestContext, _ caller: Caller) throws -> Answer {
        switch request {
        case .replay(let recording):
            return .imported(try imported(LogIntake(ledger: ledger, now: context.now).replay(recording)))
        case .importLog(let log):
            return .imported(try imported(LogIntake(ledger: ledger, now: context.now).importLog(log)))
        case .importEvents(let file, let dryRun):
            return .eventsImported(
                try RegisterIntake(ledger: ledger, now: context.now).importEvents(file, dryRun: dryRun))
        case .importRegister(let files):
            let payers = try MonthQuery.rules(context).profiles.keys.sorted()
            return .registerChanged(
                try RegisterIntake(ledger: ledger, now: context.now).importRegister(files, payers: payers))
        case .pumps:
            var pumps = try LogQuery(ledger: ledger).pumps(context)
            if let ports { pumps.show(ports()) }
            return .pumps(pumps)
        case .status, .watch:
            guard let ports else {
                throw ServiceError(
                    .unreachable, "no daemon looks after this ledger, so no port is watched",
                    remedy: "Start it: sudo systemctl start pumpledgerd. Or name its --socket.")
            }
            return .status(StatusAnswer(ports: ports(), at: context.now, zone: context.zone))
        case .events(let filter):
            return .events(try LogQuery(ledger: ledger).events(filter, context))
        case .usage(let period, let order):
            return .usage(
                try ClosedMonths(ledger: ledger, context: context).usage(period: period, order: order)
                    ?? MonthQuery(ledger: ledger, context: context).usage(period: period, order: order))
        case .billable(let period):
            return .billable(
                try ClosedMonths(ledger: ledger, context: context).billable(period: period)
                    ?? BillableMonth(ledger: ledger, context: context).answer(period: period))
        case .reconcile(let period):
            return .reconciled(
                try ClosedMonths(ledger: ledger, context: context).reconciliation(period: period).map(
                    ReconcileAnswer.init)
                    ?? MonthQuery(ledger: ledger, context: context).reconcile(period: period))
        case .refillDue(let day):
            return .refillsDue(try MonthQuery(ledger: ledger, context: context).refillDue(on: day))
        case .scrub(let period):
            return .scrubbed(try MonthQuery(ledger: ledger, context: context).scrub(period: period))
        case .enter(let entry):
            return .entered(try DeskIntake(ledger: ledger, context: context, entry: entry, from: caller).enter())
        case .explain(let id):
            let explanation = try Explainer(ledger: ledger, context: context).explain(id)
            return .explanation(try ClosedMonths(ledger: ledger, context: context).remarked(explanation))
        case .packet(let wanted):
            return .packet(try PacketQuery(ledger: ledger, context: context).packet(wanted, madeBy: caller))
        case .close(let period, let accept):
            return .closed(
                try ClosingDesk(ledger: ledger, context: context, caller: caller).close(period: period, accept: accept))
        case .reopen(let period, let reason):
            return .reopened(
                try ClosingDesk(ledger: ledger, context: context, caller: caller)
                    .reopen(period: period, reason: reason))
        case .audit(let from, let to):
            return .audit(try AuditQuery(ledger: ledger).entries(from: from, to: to, context))
        case .visit(let pump, let dryRun):
            return .visit(
                try VisitQuery(ledger: ledger, context: context, caller: caller).visit(pump: pump, dryRun: dryRun))
        case .verify(let kept):
            return .verified(try EvidenceDesk(ledger: ledger, context: context, caller: caller).verify(against: kept))
        case .checkpoint:
            return .checkpoint(try EvidenceDesk(ledger: ledger, context: context, caller: caller).checkpoint())
        case .backup(let file):
            return .backedUp(try EvidenceDesk(ledger: ledger, context: context, caller: caller).backUp(to: file))
        case .disown(let session, let reason):
            return .disowned(
                try EvidenceDesk(ledger: ledger, context: context, caller: caller).disown(session, reason: reason))
        }
    }

    /// Puts a copy in the place of the ledger at `path`: only where no daemon has it open.
    package static func restore(
        _ copy: String, to path: String, _ context: RequestContext, accept: String?
    ) throws(ServiceError) -> Answer {
        let caller = Caller.thisProcess
        do {
            let done = try Ledger.restore(
                copy, to: path, at: context.now, by: LedgerPerson(user: caller.user, uid: caller.uid),
                accepting: accept)
            return .backedUp(BackupAnswer(done.copy, file: copy, objections: done.objections, replaced: done.replaced))
        } catch {
            throw ServiceError(error)
        }
    }

    private func imported(_ tally: LogIntake.Tally) throws -> ImportAnswer {
        let logs = LogQuery(ledger: ledger)
        let log = try ledger.log(of: tally.pump)
        let timeline = try log.map { LogQuery.timeline($0, index: RegisterIndex(try logs.register())) }
        return ImportAnswer(
            pump: log?.pump ?? tally.pump, session: tally.session, read: tally.read, added: tally.added,
            known: tally.known, superseded: tally.superseded, recordsInLedger: log?.records.count ?? 0,
            gaps: timeline?.gaps.map(GapLine.init) ?? [],
            remarks: tally.remarks)
    }
}

extension ServiceError {
    init(_ error: LedgerError) {
        let kind: Kind =
            switch error {
            case .inUse, .stopped, .closed: .unreachable
            case .damaged, .restoreRefused: .integrity
            case .periodClosed: .periodClosed
            default: .badInput
            }
        self.init(kind, "\(error)")
    }
}
