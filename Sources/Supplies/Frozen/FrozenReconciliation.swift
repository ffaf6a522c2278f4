import PumpCore

/// Lines of the reconciliation as a closed period keeps them.
extension FrozenWriter {
    package mutating func put(_ lines: [ReconcileLine]) throws {
        put(lines.count)
        for line in lines {
            put(line.order)
            put(line.patient)
            putShared(line.hcpcs)
            for number in [line.opening, line.delivered, line.used, line.attested] { put(number) }
            for number in [line.wasted, line.returned, line.lost, line.expected] { put(number) }
            put(line.counted)
            put(line.countedOn)
            put(line.variance)
            put(line.billed)
            put(line.billedMinusSupported)
            putShared(line.status.rawValue)
            put(line.isOnShelf)
            try putShared(value: line.notes)
        }
    }
}

extension FrozenReader {
    package mutating func reconcileLines() throws -> [ReconcileLine] {
        let count = try int()
        var lines: [ReconcileLine] = []
        for _ in 0..<max(0, count) {
            lines.append(
                ReconcileLine(
                    order: try text(), patient: try text(), hcpcs: try sharedText(), opening: try int(),
                    delivered: try int(), used: try int(), attested: try int(), wasted: try int(),
                    returned: try int(), lost: try int(), expected: try int(), counted: try optionalInt(),
                    countedOn: try optionalDate(), variance: try optionalInt(), billed: try int(),
                    billedMinusSupported: try optionalInt(), status: try name(), isOnShelf: try bool(),
                    notes: try sharedValue()))
        }
        return lines
    }
}
