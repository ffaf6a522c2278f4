import PumpCore
import Register
import Supplies

/// Whom a count is for. Patients who share no pump do not depend on each other, so a part is counted like the whole.
enum MonthPart: Hashable, Sendable {
    case everybody
    /// The groups in which any of these orders or pumps (serials) are.
    case only(orders: Set<String>, pumps: Set<String>)
}

/// What is counted together: a group of patients with the pumps that they had, or a pump that nobody had.
struct CountingPiece: Sendable {
    /// Nil for a pump that the register assigns to nobody.
    var group: PatientGroup?
    /// The pumps on record; those of the register that were never read are missing.
    var logs: [PumpIdentity]
}

/// The whole ledger in pieces.
struct CountingPieces: Sendable {
    private let all: [CountingPiece]
    private let index: RegisterIndex

    /// `pumps` on record, by serial, then driver: of two of one serial the first one counts.
    init(_ index: RegisterIndex, pumps: [PumpIdentity]) {
        self.index = index
        let bySerial = Dictionary(pumps.map { ($0.serial, $0) }, uniquingKeysWith: { first, _ in first })
        var assigned: Set<String> = []
        var pieces: [CountingPiece] = []
        for group in index.groups() {
            assigned.formUnion(group.pumps)
            pieces.append(CountingPiece(group: group, logs: group.pumps.compactMap { bySerial[$0] }))
        }
        for pump in pumps where !assigned.contains(pump.serial) && bySerial[pump.serial] == pump {
            pieces.append(CountingPiece(group: nil, logs: [pump]))
        }
        all = pieces
    }

    func of(_ part: MonthPart) -> [CountingPiece] {
        guard case .only(let orders, let pumps) = part else { return all }
        let patients = Set(orders.compactMap { index.order($0)?.patient })
        return all.filter { piece in
            piece.logs.contains { pumps.contains($0.serial) }
                || piece.group?.patients.contains(where: patients.contains) == true
        }
    }
}
