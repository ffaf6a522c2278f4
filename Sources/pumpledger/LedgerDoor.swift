import ArgumentParser
import LedgerService
import Reports

/// The way from a command to the ledger and back to the terminal.
enum LedgerDoor {
    /// `checks`: end with 1 where the answer holds findings.
    static func answer(
        _ request: Request, _ options: GlobalOptions, showsRaw: Bool = false, checks: Bool = false
    ) throws {
        let context = try options.context()
        if let socket = options.socket {
            throw ServiceError(
                .unreachable, "talking to a daemon at \(socket) is not implemented in this version",
                remedy: "Leave out --socket and name the ledger with --ledger.")
        }
        let service = try LedgerService.open(path: options.ledgerPath, for: request)
        defer { service.close() }
        let answer = try service.answer(request, context)
        try show(answer, options, showsRaw: showsRaw)
        if checks && answer.hasFindings { throw ExitCode.failure }
    }

    private static func show(_ answer: Answer, _ options: GlobalOptions, showsRaw: Bool) throws {
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
        case .verified(let answer):
            show(VerificationReport.json(answer), [VerificationReport.sheet(answer)], options)
            if !answer.problems.isEmpty { throw ExitCode(ServiceError.Kind.integrity.rawValue) }
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
