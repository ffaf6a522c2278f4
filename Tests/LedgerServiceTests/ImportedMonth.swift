import Foundation
import LedgerService
import PumpCore
import Supplies
import Testing

/// A register and attested events as files, and a ledger of its own that imports them: what a person does, without the
/// programs in between.
struct ImportedMonth {
    var payer = "medicare-dme"
    var patients = ["P1"]
    var pumps: [(serial: String, hcpcs: String)] = [("M1", "E0781")]
    /// Columns of orders.csv beside order_id, patient_id, coverage and signed_on.
    var orders: [(id: String, columns: [String: String])] = [("O1", Self.twiceADay)]
    var assignments = ["M1,1,O1,2026-10-01,"]
    var deliveries: [(hcpcs: String, date: String, quantity: Int, order: String)] = [("A4222", "2026-10-01", 60, "O1")]
    /// `O1,2026-10-29,4,drug-toxicity`
    var dispositions: [String] = []
    /// `P1,2026-10-29T02:00,,emergency`
    var stays: [String] = []
    private(set) var events: [String] = []
    private var sequences: [String: Int] = [:]

    static let twiceADay = [
        "drug": "foscarnet", "drug_hcpcs": "J1455", "mode": "intermittent", "starts_at": "2026-10-01",
        "ends_at": "2026-10-30", "dose_times": "06:00;18:00", "container": "bag",
    ]

    /// Continuous infusion of which the hang limit alone decides how long a container lasts.
    static func continuous(from: String, to: String, hang hours: Int) -> [String: String] {
        [
            "drug": "milrinone", "drug_hcpcs": "J2260", "mode": "continuous", "starts_at": from, "ends_at": to,
            "container": "bag", "usable_ml": "1000", "hang_limit_hours": String(hours),
            "max_concentration_mg_per_ml": "1", "drug_mg_per_day": "10",
        ]
    }

    mutating func set(_ columns: [String: String]) { orders[0].columns.merge(columns) { $1 } }

    // MARK: Events

    mutating func event(
        _ at: CivilDateTime, _ kind: String, pump: String = "M1", channel: Int = 1, id: String = "", slot: String = "",
        note: String = ""
    ) {
        let sequence = sequences[pump, default: 0] + 1
        sequences[pump] = sequence
        events.append("\(pump),\(channel),\(sequence),\(at),\(kind),,\(slot),\(id),N. Nurse,\(note)")
    }

    mutating func event(_ at: String, _ kind: String, pump: String = "M1", id: String = "", note: String = "") throws {
        event(try #require(CivilDateTime(at)), kind, pump: pump, id: id, note: note)
    }

    /// Records that were there and are lost: their numbers are missing.
    mutating func lose(_ count: Int, pump: String = "M1") { sequences[pump, default: 0] += count }

    /// A container is put in place, gives the dose of `slot`, and is taken off.
    mutating func dose(
        _ slot: CivilDateTime, pump: String = "M1", channel: Int = 1, id: String, late minutes: Int = 0,
        seconds: Int = 3600, attests: Bool = false
    ) {
        let start = slot.adding(seconds: minutes * 60)
        let named = attests ? "\(slot)" : ""
        event(start.adding(seconds: -300), "container-attached", pump: pump, channel: channel, id: id)
        event(start, "dose-started", pump: pump, channel: channel, id: id, slot: named)
        event(start.adding(seconds: seconds), "dose-completed", pump: pump, channel: channel, id: id, slot: named)
        event(start.adding(seconds: seconds + 300), "container-detached", pump: pump, channel: channel, id: id)
    }

    /// The doses of October twice a day, but that of `number`, at which `act` says what happened; then the pump is read.
    mutating func october(
        except number: Int? = nil, _ act: (inout ImportedMonth, CivilDateTime) throws -> Void = { _, _ in }
    ) throws {
        for (place, slot) in try Self.slots(60).enumerated() {
            if place == number { try act(&self, slot) } else { dose(slot, id: "b\(place)") }
        }
        try event("2026-10-31T20:00", "note")
    }

    static func slots(_ count: Int, from start: String = "2026-10-01", hours: [Int] = [6, 18]) throws -> [CivilDateTime]
    {
        let first = try #require(CivilDate(start))
        return (0..<count).map { number in
            CivilDateTime(first.adding(days: number / hours.count), secondOfDay: hours[number % hours.count] * 3600)
        }
    }

    // MARK: Import

    static let eventsHeader =
        "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"

    var register: [InputFile] {
        var columns = Set(orders.flatMap(\.columns.keys))
        columns.formUnion(["order_id", "patient_id", "coverage", "signed_on"])
        let names = columns.sorted()
        let rows = orders.enumerated().map { place, order in
            var cells = order.columns
            cells["order_id"] = order.id
            cells["patient_id"] = patients.indices.contains(place) ? patients[place] : patients[0]
            cells["coverage"] = cells["coverage"] ?? "kx"
            cells["signed_on"] = "2020-01-01"
            return names.map { cells[$0] ?? "" }.joined(separator: ",")
        }
        func file(_ name: String, _ header: String, _ rows: [String]) -> InputFile {
            InputFile(name: name, bytes: Array(([header] + rows).joined(separator: "\n").utf8) + [10])
        }
        return [
            file("patients.csv", "patient_id,home_zone,payer", patients.map { "\($0),America/New_York,\(payer)" }),
            file("pumps.csv", "pump_serial,hcpcs,ownership", pumps.map { "\($0.serial),\($0.hcpcs),rented" }),
            file("orders.csv", names.joined(separator: ","), rows),
            file("assignments.csv", "pump_serial,channel,order_id,from,to", assignments),
            file(
                "deliveries.csv", "delivery_id,order_id,hcpcs,date,quantity,received_by",
                deliveries.enumerated().map {
                    "D\($0 + 1),\($1.order),\($1.hcpcs),\($1.date),\($1.quantity),the patient"
                }),
            file("dispositions.csv", "order_id,date,quantity,reason,note,by", dispositions.map { $0 + ",,N. Nurse" }),
            file("stays.csv", "patient_id,admitted_at,discharged_at,kind,facility", stays.map { $0 + "," }),
        ]
    }

    func counted() throws -> CountedMonth {
        let ledger = try ScratchLedger()
        try ledger.importRegister(register)
        try ledger.importEvents(events)
        return CountedMonth(ledger: ledger)
    }

    /// The line of October.
    func line(_ hcpcs: String = "A4222", order: String = "O1", _ period: String = "2026-10") throws -> BillableLine {
        try counted().line(hcpcs, order: order, period)
    }
}

/// What a ledger answers about a month.
struct CountedMonth {
    let ledger: ScratchLedger

    func line(_ hcpcs: String = "A4222", order: String = "O1", _ period: String = "2026-10") throws -> BillableLine {
        let lines = try ledger.lines(period)
        return try #require(lines.first { $0.hcpcs == hcpcs && $0.order == order }, "\(lines.map(\.hcpcs))")
    }

    func container(_ id: String, _ period: String = "2026-10") throws -> ContainerUse {
        try #require(try ledger.containers(period).first { $0.containerID == id })
    }
}

/// A ledger in a folder of its own, removed when the test lets go of it.
final class ScratchLedger: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pumpledger-service-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func answer(
        _ request: Request, now: String = "2026-12-01T12:00:00Z", rules: [InputFile]? = nil
    ) throws -> Answer {
        let service = try LedgerService.open(path: folder.appending(path: "ledger.db").path, for: request)
        defer { service.close() }
        let context = RequestContext(now: try #require(Instant(now)), zone: "America/New_York", rules: rules)
        return try service.answer(request, context)
    }

    func importRegister(_ files: [InputFile], rules: [InputFile]? = nil) throws {
        _ = try answer(.importRegister(RegisterFiles(files: files, dryRun: false)), rules: rules)
    }

    func importEvents(_ rows: [String], file: String = "events.csv", now: String = "2026-12-01T12:00:00Z") throws {
        let text = ImportedMonth.eventsHeader + rows.joined(separator: "\n") + "\n"
        _ = try answer(.importEvents(file: InputFile(name: file, bytes: Array(text.utf8)), dryRun: false), now: now)
    }

    func lines(_ period: String, rules: [InputFile]? = nil) throws -> [BillableLine] {
        guard case .billable(let answer) = try answer(.billable(period: period), rules: rules) else { return [] }
        return Array(answer.lines)
    }

    func containers(_ period: String) throws -> [ContainerUse] {
        guard case .usage(let answer) = try answer(.usage(period: period, order: nil)) else { return [] }
        return answer.lines
    }

    func rulesDigest(rules: [InputFile]? = nil) throws -> String {
        guard case .billable(let answer) = try answer(.billable(period: "2026-10"), rules: rules) else { return "" }
        return answer.heading.rulesDigest
    }
}
