import Foundation
import PumpCore
import Supplies

@testable import LedgerService

/// One patient's September on one pump, with a ledger of its own: two doses a day, each from a bag with an id.
final class OneMonth {
    let path: String
    private let folder: URL
    private var register: [String: String]
    /// By sequence number, so that events may be left out and come later.
    private var events: [Int: String] = [:]
    private var sequence = 0

    static let closedAt = at("2026-10-02T12:00:00Z")

    static func at(_ text: String) -> Instant { Instant(text) ?? Instant(secondsSince1970: 0) }

    static func context(_ now: String = "2026-10-02T12:00:00Z", rules: [InputFile]? = nil) -> RequestContext {
        RequestContext(now: at(now), zone: "America/New_York", rules: rules)
    }

    init(delivered: Int = 60) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "one-month-\(UUID().uuidString)")
        path = folder.appending(path: "ledger.db").path
        register = [
            "patients.csv": "patient_id,home_zone,payer\nP1,America/New_York,medicare-dme\n",
            "pumps.csv": "pump_serial,hcpcs,ownership\nM1,E0781,rented\n",
            "orders.csv": """
            order_id,patient_id,drug,drug_hcpcs,mode,starts_at,ends_at,dose_times,container,coverage
            O1,P1,foscarnet,J1455,intermittent,2026-09-01,2026-09-30,06:00;18:00,bag,kx

            """,
            "assignments.csv": "pump_serial,channel,order_id,from,to\nM1,1,O1,2026-09-01,\n",
            "deliveries.csv": "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A4222,2026-09-01,\(delivered)\n",
        ]
        event("2026-09-01T00:00", "power-on")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    // MARK: What happens

    @discardableResult
    func event(_ time: String, _ kind: String, container: String = "", note: String = "") -> Int {
        sequence += 1
        events[sequence] =
            "M1,1,\(sequence),\(time),\(kind),\(kind == "dose-completed" ? "100" : ""),,\(container),N1,\(note)"
        return sequence
    }

    /// Numbers of the events of a dose.
    @discardableResult
    func dose(_ day: Int, _ hour: Int, lateBy minutes: Int = 0) -> ClosedRange<Int> {
        let date = "2026-09-" + padded(day, 2)
        let start = "\(date)T\(padded(hour + minutes / 60, 2)):\(padded(minutes % 60, 2))"
        let end = "\(date)T\(padded(hour + minutes / 60, 2)):59"
        let id = "B\(day)-\(hour)"
        let first = event(start, "container-attached", container: id)
        event(start, "dose-started", container: id)
        event(end, "dose-completed", container: id)
        return first...event(end, "container-detached", container: id)
    }

    /// Every dose of some days; the numbers of the events of each.
    @discardableResult
    func doses(_ days: ClosedRange<Int>) -> [ClosedRange<Int>] { days.flatMap { [dose($0, 6), dose($0, 18)] } }

    /// The log goes on into October, so that September is read to its end.
    func end() { event("2026-10-01T05:00", "note") }

    // MARK: What is stored and asked

    func answer(
        _ request: Request, _ now: String = "2026-10-02T12:00:00Z", rules: [InputFile]? = nil,
        by caller: Caller = Caller(user: "ann", uid: 1001, roles: Set(Role.allCases))
    ) throws -> Answer {
        let service = try LedgerService.open(path: path, for: request)
        defer { service.close() }
        return try service.answer(request, Self.context(now, rules: rules), from: caller)
    }

    func importRegister(_ changes: [String: String] = [:], at now: String = "2026-10-01T12:00:00Z") throws {
        register.merge(changes) { $1 }
        let files = register.sorted { $0.key < $1.key }.map { InputFile(name: $0.key, bytes: Array($0.value.utf8)) }
        _ = try answer(.importRegister(RegisterFiles(files: files, dryRun: false)), now)
    }

    func importEvents(without left: Set<Int> = [], at now: String = "2026-10-01T12:00:00Z") throws {
        let rows = events.filter { !left.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
        let text =
            "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"
            + rows.joined(separator: "\n") + "\n"
        _ = try answer(.importEvents(file: InputFile(name: "events.csv", bytes: Array(text.utf8)), dryRun: false), now)
    }

    static let september = "2026-09"

    func billable(_ now: String = "2026-10-03T12:00:00Z", rules: [InputFile]? = nil) throws -> BillableAnswer {
        guard case .billable(let answer) = try answer(.billable(period: Self.september), now, rules: rules) else {
            throw Unexpected()
        }
        return answer
    }

    func usage(order: String? = nil) throws -> UsageAnswer {
        guard case .usage(let answer) = try answer(.usage(period: Self.september, order: order)) else {
            throw Unexpected()
        }
        return answer
    }

    @discardableResult
    func close(
        _ period: String = september, accept: String? = nil, at now: String = "2026-10-02T12:00:00Z"
    ) throws -> ClosingAnswer {
        guard case .closed(let answer) = try answer(.close(period: period, accept: accept), now) else {
            throw Unexpected()
        }
        return answer
    }

    @discardableResult
    func reopen(reason: String = "denied") throws -> ReopeningAnswer {
        guard case .reopened(let answer) = try answer(.reopen(period: Self.september, reason: reason)) else {
            throw Unexpected()
        }
        return answer
    }

    func visit(_ now: String, dryRun: Bool = false) throws -> VisitAnswer {
        guard case .visit(let answer) = try answer(.visit(pump: nil, dryRun: dryRun), now) else { throw Unexpected() }
        return answer
    }

    func audit() throws -> [AuditAnswer.Line] {
        guard case .audit(let answer) = try answer(.audit(from: nil, to: nil)) else { throw Unexpected() }
        return answer.lines
    }

    struct Unexpected: Error {}
}

extension BillableAnswer {
    /// The line of containers.
    var containers: BillableLine? { lines.first { $0.hcpcs == "A4222" } }
}
