import Foundation
import LedgerService
import PumpCore

/// One patient's month in a ledger of its own, by way of the service, as the program does it.
struct PacketCase {
    var drug = "foscarnet"
    var lot = "LOT-7"
    var order = "O1"
    var payer = "medicare-dme"
    var facility = "County Hospital"
    /// Days with two doses, from 1 October on.
    var days = 5
    /// Doses that the log does not have, from 0.
    var missed: Set<Int> = [3]
    /// Days after which the log ends early; the order goes on.
    var orderDays = 6

    /// Days that were known when the month was closed; nil for an open month.
    var closedAfter: Int?

    func answer() throws -> PacketAnswer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pumpledger-packet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let register = Request.importRegister(RegisterFiles(files: self.register, dryRun: false))
        let service = try LedgerService.open(path: folder.appending(path: "ledger.db").path, for: register)
        defer { service.close() }
        let context = RequestContext(now: Instant(secondsSince1970: 1_793_620_000), zone: "UTC")
        _ = try service.answer(register, context)
        if let closedAfter {
            var early = self
            early.days = closedAfter
            _ = try service.answer(.importEvents(file: early.events, dryRun: false), context)
            _ = try service.answer(.close(period: "2026-10", accept: "month end"), context)
        }
        _ = try service.answer(.importEvents(file: events, dryRun: false), context)
        let wanted = PacketToMake(order: order, period: "2026-10")
        guard case .packet(let packet) = try service.answer(.packet(wanted), context) else { throw NoPacket() }
        return packet
    }

    struct NoPacket: Error {}

    private func file(_ name: String, _ rows: [[String]]) -> InputFile {
        let text = rows.map { $0.map(quoted).joined(separator: ",") }.joined(separator: "\n") + "\n"
        return InputFile(name: name, bytes: Array(text.utf8))
    }

    private func quoted(_ cell: String) -> String {
        "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func day(_ number: Int) -> String { "2026-10-" + padded(number, 2) }

    private var register: [InputFile] {
        [
            file(
                "patients.csv", [["patient_id", "home_zone", "payer"], ["P1", "America/New_York", payer]]),
            file(
                "pumps.csv",
                [["pump_serial", "hcpcs", "ownership", "rented_since"], ["M1", "E0781", "rented", "2026-09-01"]]),
            file(
                "orders.csv",
                [
                    [
                        "order_id", "patient_id", "drug", "drug_hcpcs", "mode", "starts_at", "ends_at", "dose_times",
                        "dose_hours", "container", "coverage",
                    ],
                    [
                        order, "P1", drug, "J1455", "intermittent", day(1), day(orderDays), "06:00;18:00", "1", "bag",
                        "kx",
                    ],
                ]),
            file("assignments.csv", [["pump_serial", "order_id", "from"], ["M1", order, day(1)]]),
            file(
                "deliveries.csv",
                [
                    [
                        "delivery_id", "order_id", "hcpcs", "date", "quantity", "lot", "tracking", "received_by",
                        "contacted_on", "affirmed_by", "quantity_remaining",
                    ],
                    ["D1", order, "A4222", day(1), "8", lot, "1Z999", "", "", "", ""],
                    ["D2", order, "A4222", day(4), "4", "", "", "", day(3), "P1", "2"],
                ]),
            file(
                "dispositions.csv",
                [
                    ["order_id", "date", "quantity", "reason", "note", "by"],
                    [order, day(5), "1", "damaged", "", "RN-2"],
                ]),
            file(
                "stays.csv",
                [
                    ["patient_id", "admitted_at", "discharged_at", "kind", "facility"],
                    ["P1", "2026-10-20T10:00", "2026-10-22T10:00", "planned", facility],
                ]),
            file("counts.csv", [["order_id", "counted_on", "quantity", "by"], [order, day(6), "2", "RN-1"]]),
            file(
                "billed.csv",
                [
                    ["order_id", "hcpcs", "from", "to", "units", "modifiers", "claim", "line"],
                    [order, "A4222", day(1), day(31), "12", "KX", "C1", "1"],
                ]),
        ]
    }

    private var events: InputFile {
        var rows = [
            [
                "pump_serial", "channel", "sequence", "device_time", "kind", "volume_ml", "dose_slot", "container_id",
                "by",
                "note",
            ]
        ]
        for dose in 0..<days * 2 where !missed.contains(dose) {
            let date = day(dose / 2 + 1)
            let hour = dose.isMultiple(of: 2) ? "06" : "18"
            for (minute, kind, volume) in [
                ("00", "container-attached", ""), ("01", "dose-started", ""), ("50", "dose-completed", "100"),
                ("55", "container-detached", ""),
            ] {
                rows.append([
                    "M1", "1", String(rows.count), "\(date)T\(hour):\(minute)", kind, volume, "", "B\(dose + 1)",
                    "RN-9",
                    "",
                ])
            }
        }
        return file("events.csv", rows)
    }
}
