import PumpCore
import Register

/// Billable lines as a closed period keeps them.
extension FrozenWriter {
    package mutating func put(_ lines: [BillableLine]) throws {
        put(lines.count)
        for line in lines { try put(line) }
    }

    private mutating func put(_ line: BillableLine) throws {
        put(line.order)
        put(line.patient)
        putShared(line.payer)
        putShared(line.ruleSet)
        put(line.pump)
        let isOne = line.pumps == [line.pump].compactMap { $0 }
        put(isOne)
        if !isOne { try putShared(value: line.pumps) }
        putShared(line.pumpHcpcs)
        putShared(line.hcpcs)
        putShared(line.mode.rawValue)
        for number in [line.opening, line.delivered, line.returned, line.carried] { put(number) }
        for number in [line.prepared, line.used, line.doses, line.ceiling, line.fewest, line.supported] {
            put(number)
        }
        put(line.excused)
        put(line.review)
        put(line.over)
        put(line.avoidable)
        put(line.unknown.low)
        put(line.unknown.high)
        put(line.payable)
        putShared(line.basis.rawValue)
        try putShared(value: line.holds)
        try putShared(value: line.notes)
        put(Array(line.containers))
        try putShared(value: line.rules)
    }
}

extension FrozenReader {
    package mutating func billableLines() throws -> [BillableLine] {
        let count = try int()
        var lines: [BillableLine] = []
        // A line takes more bytes than this.
        lines.reserveCapacity(min(max(0, count), byteCount / 16))
        for _ in 0..<max(0, count) { lines.append(try billableLine()) }
        return lines
    }

    /// Fields stand in the order in which they were written.
    private mutating func billableLine() throws -> BillableLine {
        let order = try text()
        let patient = try text()
        let payer = try sharedText()
        let ruleSet = try sharedText()
        let pump = try optionalText()
        let pumps = try bool() ? [pump].compactMap { $0 } : try sharedValue()
        return BillableLine(
            order: order, patient: patient, payer: payer, ruleSet: ruleSet, pump: pump, pumps: pumps,
            pumpHcpcs: try optionalSharedText(), hcpcs: try sharedText(), mode: try name(),
            opening: try int(), delivered: try int(), returned: try int(), carried: try int(),
            prepared: try optionalInt(), used: try optionalInt(), doses: try optionalInt(),
            ceiling: try optionalInt(), fewest: try optionalInt(), supported: try optionalInt(),
            excused: try int(), review: try int(), over: try optionalInt(), avoidable: try optionalInt(),
            unknown: CountRange(low: try int(), high: try int()), payable: try optionalInt(), basis: try name(),
            holds: try sharedValue(), notes: try sharedValue(), containers: ContainerIDs(try frozenTexts()),
            rules: try sharedValue())
    }
}
