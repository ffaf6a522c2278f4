import Foundation
import Ledger
import LedgerService
import PumpCore
import PumpDrivers

/// A ledger with a month of many patients: each has one order of two doses a day and one MIVA pump of its own, read once
/// after the month. Everything goes in through the doors that a daemon and a biller use.
struct PatientMonths {
    var patients: Int
    var recordsADay: Int

    static let days = 31
    static let month = "2026-10"
    /// A second after which the month can be counted.
    static let now = Instant(secondsSince1970: 1_793_880_000)
    static let context = RequestContext(now: now, zone: "America/New_York")

    var recordCount: Int { patients * recordsADay * Self.days }

    func write(to path: String) throws {
        let service = try LedgerService.open(path: path, for: .importRegister(RegisterFiles(files: [], dryRun: false)))
        do {
            defer { service.close() }
            _ = try service.answer(
                .importRegister(RegisterFiles(files: register(), dryRun: false)), Self.context, from: .thisProcess)
        }
        let ledger = try Ledger.open(at: path, options: Ledger.Options(checksFile: false))
        defer { ledger.close() }
        guard let driver = DriverCatalog.driver(named: "miva") else { return }
        for patient in 0..<patients {
            let session = try ledger.begin(
                session: SessionStart(
                    pump: PumpIdentity(serial: serial(patient), driver: driver.name, model: "MIVA calendar"),
                    link: "benchmark", origin: .live, positions: driver.positions,
                    decoderVersion: driver.decoderVersion, startedAt: Self.now))
            let log = log(patient)
            let expected = log.count
            var added = 0
            for start in stride(from: 0, to: log.count, by: Self.recordsABatch) {
                let part = Array(log[start..<min(start + Self.recordsABatch, log.count)])
                added += try ledger.append(
                    LogBatch(
                        records: part, adjacency: start == 0 ? .unknown : .followsPrevious, readAt: Self.now),
                    in: session
                ).added
            }
            try ledger.end(session, SessionEnd(.complete, readToNewest: true, endedAt: Self.now, readAt: Self.now))
            guard added == expected else { throw BenchmarkError.sqlite("only \(added) of \(expected) were new") }
        }
    }

    /// What the simulated MIVA gives in one answer, many times over: what a download stores in one step.
    private static let recordsABatch = 512

    private func serial(_ patient: Int) -> String { "M" + padded(patient, 6) }

    // MARK: - The register

    private func register() -> [InputFile] {
        var files: [String: String] = [
            "patients.csv": "patient_id,home_zone,payer\n",
            "pumps.csv": "pump_serial,driver,model,hcpcs,ownership,rented_since\n",
            "orders.csv":
                "order_id,patient_id,drug,drug_hcpcs,indication,mode,starts_at,dose_times,dose_hours,container,"
                + "usable_ml,coverage,signed_on\n",
            "assignments.csv": "pump_serial,channel,order_id,from\n",
            "deliveries.csv": "delivery_id,order_id,hcpcs,date,quantity,lot\n",
        ]
        for patient in 0..<patients {
            let (id, order, pump) = ("P" + padded(patient, 6), "O" + padded(patient, 6), serial(patient))
            files["patients.csv", default: ""] += "\(id),\(Self.zones[patient % Self.zones.count]),medicare-dme\n"
            files["pumps.csv", default: ""] += "\(pump),miva,MIVA calendar,E0781,rented,2026-09-30\n"
            files["orders.csv", default: ""] +=
                "\(order),\(id),foscarnet,J1455,,intermittent,2026-10-01,06:00;18:00,1,bag,250,kx,2026-09-25\n"
            files["assignments.csv", default: ""] += "\(pump),1,\(order),2026-09-30T20:00\n"
            files["deliveries.csv", default: ""] +=
                "D\(patient)-1,\(order),A4222,2026-09-30,32,L1\nD\(patient)-2,\(order),A4222,2026-10-15,30,L2\n"
                + "D\(patient)-3,\(order),A4221,2026-09-30,5,\n"
        }
        return files.map { InputFile(name: $0.key, bytes: Array($0.value.utf8)) }
    }

    private static let zones = ["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"]

    // MARK: - The log

    /// A dose is: started, paused, started again, cassette empty, detached. What there is beside the two doses of a day is
    /// extra doses, granted and finished, and looks at the battery.
    private func log(_ patient: Int) -> [RawRecord] {
        var log: [RawRecord] = []
        log.reserveCapacity(recordsADay * Self.days)
        var random = UInt64(patient + 1) &* 0x9E37_79B9_7F4A_7C15
        var total = 0
        func add(_ type: UInt8, _ time: Int, _ subtype: UInt8 = 0, _ event: PumpEvent) {
            let civil = CivilDateTime(wallSeconds: time)
            var raw = [UInt8](repeating: 0, count: 16)
            (raw[0], raw[6]) = (type, subtype)
            for (place, value) in [
                civil.date.year % 100, civil.date.month, civil.date.day, civil.hour, civil.minute, civil.second,
            ].enumerated() { raw[9 + place] = UInt8(truncatingIfNeeded: value) }
            raw[7] = UInt8(truncatingIfNeeded: total >> 8)
            raw[8] = UInt8(truncatingIfNeeded: total)
            log.append(
                RawRecord(
                    raw: raw, opcode: Int(type), devicePosition: log.count, deviceTime: .civil(civil), event: event))
        }
        func volume() -> Quantity { .milliliters(thousandths: total * 1000) }
        guard let first = CivilDate(year: 2026, month: 10, day: 1) else { return [] }
        let others = recordsADay - 10
        for day in 0..<Self.days {
            for dose in [6, 18] {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let start =
                    first.adding(days: day).dayNumber * 86_400 + dose * 3600 + Int(random >> 33) % 1800 - 900
                func paused() -> PumpEvent {
                    PumpEvent(.deliveryStopped) { ($0.label, $0.amount) = ("infusion paused", volume()) }
                }
                let started = PumpEvent(.deliveryStarted) { $0.label = "infusion started" }
                add(1, start, 0, started)
                total += 100
                add(2, start + 1200, 0, paused())
                add(1, start + 1300, 0, started)
                for other in 0..<(others / 2) {
                    let time = start + 1310 + other * 20
                    switch other % 4 {
                    case 0:
                        add(
                            6, time, 1, PumpEvent(.bolus) { ($0.label, $0.code) = ("extra dose granted, attempt 1", 2) }
                        )
                    case 1: add(23, time, 1, PumpEvent(.bolus) { ($0.label, $0.code) = ("extra dose finished", 1) })
                    case 2: add(31, time, 1, PumpEvent(.battery) { ($0.label, $0.code) = ("battery check", 1) })
                    default: add(21, time, 0, PumpEvent(.note) { $0.label = "unattended" })
                    }
                }
                total += 150
                add(
                    3, start + 3600, 0,
                    PumpEvent(.containerEmpty) {
                        ($0.label, $0.alarm) = ("cassette empty", .emptyContainer)
                    })
                add(14, start + 3660, 0, PumpEvent(.containerDetached) { $0.label = "cassette detached" })
            }
        }
        return log
    }
}
