import ArgumentParser
import LedgerService
import Reports
import ServiceSocket

/// The way from a command to the ledger and back to the terminal: through the daemon's socket while one runs, else to
/// the file itself.
enum LedgerDoor {
    /// `checks`: end with 1 where the answer holds findings.
    static func answer(
        _ request: Request, _ options: GlobalOptions, showsRaw: Bool = false, wantsNote: Bool = false,
        checks: Bool = false
    ) async throws {
        let answer = try await ask(request, options)
        try show(answer, options, showsRaw: showsRaw, wantsNote: wantsNote)
        if checks && answer.hasFindings { throw ExitCode.failure }
    }

    static func ask(_ request: Request, _ options: GlobalOptions) async throws -> Answer {
        try await answer(to: request, try options.context(), options)
    }

    /// The daemon that these options lead to, whether they name its socket or its ledger; nil where none runs.
    static func daemon(_ options: GlobalOptions) async throws(ServiceError) -> DaemonDoor? {
        if let daemon = try await DaemonDoor.found(options) { return daemon }
        return await DaemonDoor.owning(ledger: options.ledgerPath)
    }

    private static func answer(
        to request: Request, _ context: RequestContext, _ options: GlobalOptions
    ) async throws(ServiceError) -> Answer {
        if let daemon = try await DaemonDoor.found(options) { return try await daemon.answer(request, context) }
        do throws(ServiceError) {
            let service = try LedgerService.open(path: options.ledgerPath, for: request)
            defer { service.close() }
            return try service.answer(request, context, from: .thisProcess)
        } catch {
            // Somebody has the ledger: a daemon says in the lock file where it answers.
            guard error.kind == .unreachable, let daemon = await DaemonDoor.owning(ledger: options.ledgerPath) else {
                throw error
            }
            return try await daemon.answer(request, context)
        }
    }

    private static func show(_ answer: Answer, _ options: GlobalOptions, showsRaw: Bool, wantsNote: Bool) throws {
        switch answer {
        case .imported(let answer):
            show(ImportReport.json(answer), [ImportReport.sheet(answer)], options)
        case .eventsImported(let answer):
            show(ImportReport.json(answer), [ImportReport.sheet(answer)], options)
        case .registerChanged(let answer):
            show(ImportReport.json(answer), [ImportReport.sheet(answer)], options)
        case .pumps(let answer):
            let report = PumpsReport(answer)
            show(report.json, [report.sheet], options)
        case .events(let answer):
            let report = EventsReport(answer, showsRaw: showsRaw)
            if options.json {
                Terminal.print(report.jsonLines)
            } else {
                Terminal.show([report.sheet], csv: options.csv)
            }
            if options.json || options.csv { Terminal.messages(report.sheet.footing) }
        case .usage(let answer):
            let report = UsageReport(answer)
            show(report.json, [report.sheet], options)
        case .billable(let answer):
            let report = BillableReport(answer)
            show(report.json, [report.sheet], options)
        case .reconciled(let answer):
            let report = ReconcileReport(answer)
            show(report.json, [report.sheet], options)
        case .refillsDue(let answer):
            let report = RefillReport(answer)
            show(report.json, [report.sheet], options)
        case .scrubbed(let answer):
            let report = ScrubReport(answer)
            show(report.json, options.csv ? [report.sheet] : report.paragraphs, options)
        case .entered(let answer):
            show(
                EntryReport.json(answer), [options.csv ? EntryReport.sheet(answer) : EntryReport.text(answer)], options)
        case .explanation(let answer):
            show(ExplanationReport.json(answer), ExplanationReport.sheets(answer), options)
        case .packet(let answer):
            Terminal.print(PacketJSON.json(answer).pretty)
        case .verified(let answer):
            show(VerificationReport.json(answer), [VerificationReport.sheet(answer)], options)
            if !answer.problems.isEmpty { throw ExitCode(ServiceError.Kind.integrity.rawValue) }
        case .checkpoint(let answer):
            if options.json {
                Terminal.print(CheckpointReport.json(answer).pretty)
            } else {
                Terminal.print(answer.note)
            }
            Terminal.messages(CheckpointReport.messages(answer))
        case .backedUp(let answer):
            show(BackupReport.json(answer, restored: false), [BackupReport.sheet(answer, restored: false)], options)
        case .disowned(let answer):
            show(DisowningReport.json(answer), [DisowningReport.sheet(answer)], options)
        case .closed(let answer):
            show(ClosingReport.json(answer), [ClosingReport.sheet(answer)], options)
            // The contract's code for findings that stand in the way.
            if answer.closing == nil { throw ExitCode(1) }
        case .reopened(let answer):
            show(ClosingReport.json(answer), [ClosingReport.sheet(answer)], options)
        case .audit(let answer):
            let report = AuditReport(answer)
            show(report.json, [report.sheet], options)
        case .visit(let answer):
            let report = VisitReport(answer)
            Terminal.print(options.json ? report.json.pretty : wantsNote ? report.note : report.screen)
        case .status(let answer):
            let report = StatusReport(answer)
            if options.json || options.csv {
                show(report.json, [report.sheet], options)
            } else {
                Terminal.print(report.text)
            }
        }
    }

    /// CSV has no room for what stands above and below a table: that goes to the messages.
    private static func show(_ json: @autoclosure () -> JSONValue, _ sheets: [Sheet], _ options: GlobalOptions) {
        if options.json {
            Terminal.print(json().pretty)
        } else {
            Terminal.show(sheets, csv: options.csv)
            if options.csv { Terminal.messages(sheets.flatMap { $0.heading + $0.footing }) }
        }
    }
}
