import Foundation

/// One patient's month as files: a register folder and a file of attested events, written by hand from the contract and
/// by nothing of the program's own.
struct TherapyMonth {
    var payer = "medicare-dme"
    var pumpHcpcs = "E0781"
    var drug = "foscarnet"
    var drugHcpcs = "J1455"
    /// Further columns of orders.csv beside those that every order has.
    var order: [String: String] = [:]
    var deliveries: [(hcpcs: String, date: String, quantity: Int)] = []
    var dispositions: [(date: String, quantity: Int, reason: String)] = []
    var stays: [(admitted: String, discharged: String, kind: String)] = []
    private(set) var events: [String] = []
    private var sequence = 0

    static let pump = "E2E0001"
    static let orderID = "O1"

    mutating func event(
        _ time: String, _ kind: String, volume: String = "", slot: String = "", container: String = "",
        note: String = ""
    ) {
        sequence += 1
        events.append("\(Self.pump),1,\(sequence),\(time),\(kind),\(volume),\(slot),\(container),,\(note)")
    }

    /// One dose from a container of its own.
    mutating func doseWithOwnContainer(at time: String, end: String, container: String) {
        event(time, "container-attached", container: container)
        event(time, "dose-started", container: container)
        event(end, "dose-completed", volume: "100", container: container)
        event(end, "container-detached", container: container)
    }

    func write(to workplace: Workplace) throws {
        try workplace.write(
            "patient_id,home_zone,payer\nP1,America/New_York,\(payer)\n", to: "register/patients.csv")
        try workplace.write(
            "pump_serial,driver,model,hcpcs,ownership,owned_since,rented_since\n"
                + "\(Self.pump),events,,\(pumpHcpcs),rented,,2026-01-01\n", to: "register/pumps.csv")
        var columns: [String: String] = [
            "order_id": Self.orderID, "patient_id": "P1", "drug": drug, "drug_hcpcs": drugHcpcs, "coverage": "kx",
            "signed_on": "2026-01-02",
        ]
        columns.merge(order) { $1 }
        let names = columns.keys.sorted()
        try workplace.write(
            names.joined(separator: ",") + "\n" + names.map { columns[$0] ?? "" }.joined(separator: ",") + "\n",
            to: "register/orders.csv")
        try workplace.write(
            "pump_serial,channel,order_id,from,to\n\(Self.pump),1,\(Self.orderID),2026-01-01,\n",
            to: "register/assignments.csv")
        try workplace.write(
            "delivery_id,order_id,hcpcs,date,quantity,received_by,contacted_on,affirmed_by,quantity_remaining\n"
                + deliveries.enumerated().map {
                    "D\($0 + 1),\(Self.orderID),\($1.hcpcs),\($1.date),\($1.quantity),R1,\($1.date),P1,0\n"
                }.joined(), to: "register/deliveries.csv")
        if !dispositions.isEmpty {
            try workplace.write(
                "order_id,date,quantity,reason,note,by\n"
                    + dispositions.map { "\(Self.orderID),\($0.date),\($0.quantity),\($0.reason),,N1\n" }.joined(),
                to: "register/dispositions.csv")
        }
        if !stays.isEmpty {
            try workplace.write(
                "patient_id,admitted_at,discharged_at,kind,facility\n"
                    + stays.map { "P1,\($0.admitted),\($0.discharged),\($0.kind),F1\n" }.joined(),
                to: "register/stays.csv")
        }
        try workplace.write(
            "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"
                + events.joined(separator: "\n") + "\n", to: "events.csv")
    }
}

/// `2026-09-05` for day 5 of September; days beyond 30 run on into October.
func day(_ number: Int) -> String {
    number <= 30
        ? String(format: "2026-09-%02d", number) : String(format: "2026-10-%02d", number - 30)
}
