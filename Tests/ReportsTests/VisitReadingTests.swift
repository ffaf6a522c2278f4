import Foundation
import Ledger
import PumpCore
import PumpDrivers
import Testing

@testable import LedgerService
@testable import Reports

/// A pump on a link, and a nurse beside it.
private final class Bedside {
    private let folder: URL
    private var path: String { folder.appending(path: "ledger.db").path }
    private let pump = PumpIdentity(serial: "B1", driver: "miva")
    static let now = Instant("2026-09-10T12:00:00Z") ?? Instant(secondsSince1970: 0)

    init() { folder = FileManager.default.temporaryDirectory.appending(path: "bedside-\(UUID().uuidString)") }
    deinit { try? FileManager.default.removeItem(at: folder) }

    /// - Parameter end: Nil: the session still goes on.
    func read(
        _ events: [(String, PumpEvent)], at minute: Int, _ end: SessionEnd.Outcome?, detail: String? = nil,
        clock: Bool = true
    ) throws {
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        let start = Self.now.adding(seconds: minute * 60)
        let session = try ledger.begin(
            session: SessionStart(pump: pump, link: "test", origin: .live, decoderVersion: 1, startedAt: start))
        if clock, let civil = CivilDateTime("2026-09-10T08:00:00")?.adding(seconds: minute * 60) {
            try ledger.note(clock: ClockReading(session: session, device: .civil(civil), host: start))
        }
        let records = events.compactMap { time, event -> RawRecord? in
            guard let civil = CivilDateTime(time) else { return nil }
            return RawRecord(
                raw: Array("\(time) \(event.kind)".utf8), deviceTime: clock ? .civil(civil) : nil, event: event)
        }
        _ = try ledger.append(LogBatch(records: records, adjacency: .unknown, readAt: start), in: session)
        if let end { try ledger.end(session, SessionEnd(end, endedAt: start, readAt: start, detail: detail)) }
    }

    private func answer(_ request: Request, _ minute: Int) throws -> Answer {
        let service = try LedgerService.open(path: path, for: request)
        defer { service.close() }
        let context = RequestContext(now: Self.now.adding(seconds: minute * 60), zone: "America/New_York")
        return try service.answer(request, context, from: .thisProcess)
    }

    func visit(at minute: Int) throws -> VisitAnswer {
        guard case .visit(let answer) = try answer(.visit(pump: nil, dryRun: false), minute) else { throw Unexpected() }
        return answer
    }

    func pumps(at minute: Int) throws -> PumpsAnswer {
        guard case .pumps(let answer) = try answer(.pumps, minute) else { throw Unexpected() }
        return answer
    }

    struct Unexpected: Error {}
}

@Suite("A visit beside a pump whose reading goes on, broke off, or cannot be timed")
struct VisitReadingTests {
    private let first = ("2026-09-09T08:00:00", PumpEvent(.powerOn))
    private let second = ("2026-09-09T09:00:00", PumpEvent(.deliveryStarted))

    @Test(
        "what was not read whole is called NOT COMPLETE first, gives no all-clear and leaves no mark",
        arguments: [nil, SessionEnd.Outcome.partial, .failed])
    func notComplete(end: SessionEnd.Outcome?) throws {
        let bedside = Bedside()
        try bedside.read([first], at: 0, .complete)
        let before = try bedside.visit(at: 1)
        #expect(before.isComplete)
        #expect(VisitReport(before).screen.contains("No alarm."))
        try bedside.read([first, second], at: 2, end)
        for _ in 0..<2 {
            let visit = try bedside.visit(at: 3)
            #expect(!visit.isComplete)
            #expect(visit.last?.at == before.at)
            #expect(visit.newRecords > 0)
            for text in [VisitReport(visit).screen, VisitReport(visit).note] {
                let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(line.hasPrefix("NOT COMPLETE: "), "\(text)")
                #expect(line.contains(end == nil ? "wait for YOU MAY UNPLUG" : "broke off"), "\(text)")
                #expect(line.contains("This visit was not put on record."), "\(text)")
                #expect(!line.contains("No alarm.") && line.contains("No alarm in what was read."), "\(text)")
                #expect(!line.contains("No new container."), "\(text)")
            }
            #expect(VisitReport(visit).screen.split(separator: "\n").count <= 23)
        }
        try bedside.read([first, second], at: 4, .complete)
        #expect(try bedside.visit(at: 5).last?.at == before.at)
        let after = try bedside.visit(at: 6)
        #expect(after.last?.at == Bedside.now.adding(seconds: 300))
        #expect(VisitReport(after).screen.contains("Nothing new was read since Sep 10 08:05."))
    }

    @Test("a part that the pump can never give is a hole, and holds up no visit")
    func unreadablePart() throws {
        let bedside = Bedside()
        try bedside.read([first], at: 0, .partial, detail: SessionEnd.unreadablePart)
        #expect(try bedside.visit(at: 1).isComplete)
    }

    @Test("a pump that was read whole is not plugged in again for its clock")
    func clock() throws {
        let bedside = Bedside()
        try bedside.read([first, second], at: 0, .complete, clock: false)
        let advice = try bedside.visit(at: 1).advice
        #expect(advice.contains { $0.hasPrefix("The pump's clock could not be checked.") }, "\(advice)")
        #expect(!advice.contains { $0.contains("Plug the pump in") }, "\(advice)")
        let later = try bedside.visit(at: 3 * 1440).advice
        #expect(later.contains { $0.contains("Plug the pump in") }, "\(later)")
    }

    @Test("a low battery comes first under DO NOW, and the pump's volume is not the battery's")
    func battery() throws {
        let bedside = Bedside()
        let low = PumpEvent(.alarm) { ($0.alarm, $0.label) = (.battery, "battery low") }
        let check = PumpEvent(.battery) { ($0.label, $0.amount) = ("battery low", .milliliters(thousandths: 4_200)) }
        try bedside.read([first, ("2026-09-09T10:00:00", low), ("2026-09-09T11:00:00", check)], at: 0, .complete)
        let visit = try bedside.visit(at: 1)
        #expect(
            visit.advice.first == "The pump reported a low battery at Sep 9 11:00. "
                + "Look at the pump's display and follow the pump's instructions.")
        #expect(visit.battery == "battery low")
    }

    @Test("pumps claims nothing of a log that was never read whole")
    func pumps() throws {
        let bedside = Bedside()
        try bedside.read([first], at: 0, nil)
        func row() throws -> (PumpsAnswer.Line, String) {
            let answer = try bedside.pumps(at: 1)
            return (try #require(answer.lines.first), "\(PumpsReport(answer).sheet)")
        }
        var (line, sheet) = try row()
        #expect(line.state == "never read whole")
        #expect(line.completeThrough == nil)
        #expect(sheet.contains("not known"))
        try bedside.read([first, second], at: 2, .complete)
        (line, sheet) = try row()
        #expect(line.completeThrough != nil)
        #expect(line.state != "never read whole")
        #expect(!sheet.contains("not known"))
    }
}
