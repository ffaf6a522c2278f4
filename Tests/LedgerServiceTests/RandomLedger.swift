import Foundation
import Ledger
import PumpCore
import PumpDrivers
import TestSupport

@testable import LedgerService

/// A ledger of random patients, pumps and logs: pumps that go from one patient to another, pumps of nobody, pumps that
/// were never read, logs of several downloads with holes, records that a pump updated, clocks that were set.
final class RandomLedger {
    let path: String
    private let folder: URL
    private var random: SeededGenerator
    static let now = Instant(secondsSince1970: 1_793_880_000)
    static let context = RequestContext(now: now, zone: "America/New_York")

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        folder = FileManager.default.temporaryDirectory.appending(path: "random-ledger-\(UUID().uuidString)")
        path = folder.appending(path: "ledger.db").path
        try fill()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open() throws -> Ledger { try Ledger.open(at: path) }

    func answer(_ request: Request) throws -> Answer {
        let service = try LedgerService.open(path: path, for: request)
        defer { service.close() }
        return try service.answer(request, Self.context, from: .thisProcess)
    }

    private func fill() throws {
        let patients = Int.random(in: 1...6, using: &random)
        let pumps = patients + Int.random(in: 0...3, using: &random)
        _ = try answer(.importRegister(RegisterFiles(files: register(patients, pumps), dryRun: false)))
        let ledger = try open()
        defer { ledger.close() }
        for pump in 0..<pumps where Int.random(in: 0..<8, using: &random) > 0 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: try attest(pump, ledger)
            default: try download(pump, ledger)
            }
        }
    }

    // MARK: - The register

    private func register(_ patients: Int, _ pumps: Int) -> [InputFile] {
        var patientRows = "patient_id,home_zone,payer\n"
        var pumpRows = "pump_serial,hcpcs,ownership\n"
        var orders =
            "order_id,patient_id,drug,drug_hcpcs,mode,starts_at,ends_at,dose_times,dose_hours,container,usable_ml,"
            + "hang_limit_hours,max_concentration_mg_per_ml,drug_mg_per_day,coverage\n"
        var assignments = "pump_serial,channel,order_id,from,to\n"
        var deliveries = "delivery_id,order_id,hcpcs,date,quantity\n"
        let payers = ["medicare-dme", "texas-medicaid", "florida-medicaid", "maryland-medicaid", "nhia-per-diem"]
        for patient in 0..<patients {
            let zone = ["America/New_York", "America/Denver", "America/Phoenix"][Int.random(in: 0..<3, using: &random)]
            patientRows += "P\(patient),\(zone),\(payers[Int.random(in: 0..<payers.count, using: &random)])\n"
            let mode = Int.random(in: 0..<2, using: &random)
            orders +=
                mode == 0
                ? "O\(patient),P\(patient),foscarnet,J1455,intermittent,2026-10-01,,06:00;18:00,1,bag,250,,,,kx\n"
                : "O\(patient),P\(patient),morphine,J2270,continuous,2026-09-28T10:00,,,,cassette,100,72,5,48,kx\n"
            deliveries += "D\(patient)a,O\(patient),A4222,2026-09-30,\(Int.random(in: 0...70, using: &random))\n"
            deliveries += "D\(patient)b,O\(patient),A4221,2026-09-30,5\n"
            // One pump of one's own, from the first of October; sometimes another one's later.
            assignments += "M\(patient),1,O\(patient),2026-09-30T20:00,2026-10-\(10 + patient)T12:00\n"
            let next = Int.random(in: 0..<pumps, using: &random)
            if next != patient {
                assignments += "M\(next),1,O\(patient),2026-10-\(20 + patient)T13:00,2026-10-\(20 + patient)T23:00\n"
            }
        }
        for pump in 0..<pumps where assignments.contains("\nM\(pump),") || pump % 2 == 0 {
            pumpRows += "M\(pump),E0781,rented\n"
        }
        return [
            ("patients.csv", patientRows), ("pumps.csv", pumpRows), ("orders.csv", orders),
            ("assignments.csv", assignments), ("deliveries.csv", deliveries),
        ].map { InputFile(name: $0.0, bytes: Array($0.1.utf8)) }
    }

    // MARK: - Logs

    private func events() -> [(CivilDateTime, PumpEvent)] {
        guard var at = CivilDateTime("2026-09-29T05:30:00") else { return [] }
        let days = Int.random(in: 1...33, using: &random)
        return (0..<days).flatMap { _ in
            at = at.adding(seconds: Int.random(in: 40_000...90_000, using: &random))
            var found: [(CivilDateTime, PumpEvent)] = []
            func add(_ seconds: Int, _ kind: EventKind, _ fill: (inout PumpEvent) -> Void = { _ in }) {
                found.append((at.adding(seconds: seconds), PumpEvent(kind, fill)))
            }
            add(0, .powerOn) {
                $0.label = "switched on"
                $0.amount = .milliliters(thousandths: at.secondOfDay * 10)
            }
            add(10, .deliveryStarted) { $0.label = "infusion started" }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: add(100, .alarm) { $0.alarm = .occlusion }
            case 1:
                add(100, .deliveryStopped) { $0.delivered = .milliliters(thousandths: 55_000) }
                add(200, .deliveryStarted)
            case 2:
                add(100, .clockChanged) { $0.newTime = at.adding(seconds: 3700) }
                at = at.adding(seconds: 3600)
            case 3: add(100, .note) { $0.note = "a \"quoted\"\nnote, ü" }
            default: break
            }
            if Bool.random(using: &random) { add(3600, .containerEmpty) { $0.alarm = .emptyContainer } }
            add(3700, .containerDetached)
            return found
        }
    }

    private func attest(_ pump: Int, _ ledger: Ledger) throws {
        var sequence = 0
        let records = events().compactMap { time, event -> RawRecord? in
            sequence += Int.random(in: 0..<30, using: &random) == 0 ? 3 : 1
            var event = event
            if event.kind == .deliveryStarted, Bool.random(using: &random) { event.containerID = "c\(sequence / 3)" }
            if event.kind == .containerEmpty { event.by = "N. Nurse" }
            return RawRecord(
                raw: Array("\(sequence) \(time) \(event.kind)".utf8), devicePosition: sequence,
                deviceTime: .civil(time), event: event)
        }
        try read([records], of: pump, .attested, ledger)
    }

    /// One to three downloads that overlap, touch, or leave a hole.
    private func download(_ pump: Int, _ ledger: Ledger) throws {
        guard let driver = DriverCatalog.driver(named: Bool.random(using: &random) ? "miva" : "paradigm") else {
            return
        }
        let records = events().enumerated().map { index, event -> RawRecord in
            let isUpdated = driver.name == "paradigm" && index % 9 == 4
            return RawRecord(
                raw: Array("\(index / 2) \(event.1.kind)".utf8), opcode: index % 7, offset: index,
                devicePosition: driver.name == "miva" ? index : nil, deviceTime: .civil(event.0), event: event.1,
                stableIdentity: isUpdated ? Array("\(index)".utf8) : nil)
        }
        var downloads: [[RawRecord]] = []
        var start = 0
        while start < records.count {
            let end = min(records.count, start + Int.random(in: 10...120, using: &random))
            var part = Array(records[start..<end])
            for index in part.indices where part[index].stableIdentity != nil && Bool.random(using: &random) {
                part[index].raw.append(UInt8(downloads.count))
            }
            downloads.append(part)
            start = end == records.count ? end : max(start + 1, end + Int.random(in: -20...4, using: &random))
        }
        try read(downloads.shuffled(using: &random), of: pump, driver, ledger)
    }

    private func read(_ downloads: [[RawRecord]], of pump: Int, _ driver: PumpDriver, _ ledger: Ledger) throws {
        for (number, download) in downloads.enumerated() {
            let at = Self.now.adding(seconds: number * 1000 - 100_000)
            let session = try ledger.begin(
                session: SessionStart(
                    pump: PumpIdentity(serial: "M\(pump)", driver: driver.name, model: "model \(number)"),
                    link: "link \(number)", origin: .imported, positions: driver.positions,
                    decoderVersion: driver.decoderVersion, startedAt: at))
            var rest = download[...]
            var isFirst = true
            while !rest.isEmpty {
                let batch = Array(rest.prefix(Int.random(in: 5...200, using: &random)))
                rest = rest.dropFirst(batch.count)
                _ = try ledger.append(
                    LogBatch(
                        records: batch, adjacency: isFirst ? .unknown : .followsPrevious,
                        readAt: number == 1 ? nil : at,
                        undecoded: Int.random(in: 0..<12, using: &random) == 0 ? .init(offset: 3, bytes: [1]) : nil),
                    in: session)
                isFirst = false
            }
            if Bool.random(using: &random), let last = download.last?.deviceTime {
                try ledger.note(clock: ClockReading(session: session, device: last, host: at))
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                try ledger.note(
                    gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .overwritten), in: session)
            }
            try ledger.end(session, SessionEnd(.partial, readToNewest: true, endedAt: at, readAt: at))
        }
    }
}
