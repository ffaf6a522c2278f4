import Register

/// Billable lines as a closed period keeps them, in their second form: what lines of one payer and code share stands once,
/// in front; ids of containers are the ten bytes of their records' digests. A month of ten thousand patients takes a third
/// of what it took in the first form.
///
/// The bytes are gone over once, so that every line is known to be there; a line is made when somebody asks for it.
package struct FrozenBillable: Sendable {
    static let form = 2

    private let shared: [SharedPart]
    /// Before the first line.
    private let reader: FrozenReader
    package let count: Int

    /// What many lines have in common.
    fileprivate struct SharedPart: Hashable, Codable, Sendable {
        var payer: String
        var ruleSet: String
        var pumpHcpcs: String?
        var hcpcs: String
        var mode: TherapyOrder.Mode
        var basis: PayerProfile.Basis
        var rules: [RuleReference]
        var fee: FeeReference?

        init(_ line: BillableLine) {
            payer = line.payer
            ruleSet = line.ruleSet
            pumpHcpcs = line.pumpHcpcs
            hcpcs = line.hcpcs
            mode = line.mode
            basis = line.basis
            rules = line.rules
            fee = line.fee
        }
    }

    /// False for bytes of the first form, which `FrozenReader.billableLines()` reads.
    package static func isForm(of bytes: [UInt8]) -> Bool { FrozenReader.form(of: bytes) == form }

    package init(_ bytes: [UInt8]) throws {
        var reader = try FrozenReader(bytes, form: Self.form)
        let shared: [SharedPart] = try (0..<reader.count()).map { _ in try reader.sharedValue() }
        let count = try reader.count()
        self.shared = shared
        self.count = count
        self.reader = reader
        for _ in 0..<count { try reader.passLine(sharedParts: shared.count) }
    }
}

// MARK: - Writing

extension FrozenBillable {
    package static func bytes(_ lines: [BillableLine]) throws -> [UInt8] {
        var numbers: [SharedPart: Int] = [:]
        var parts: [SharedPart] = []
        let numberOfLine = lines.map { line in
            let part = SharedPart(line)
            if let number = numbers[part] { return number }
            numbers[part] = parts.count
            parts.append(part)
            return parts.count - 1
        }
        var writer = FrozenWriter(form: form)
        writer.put(count: parts.count)
        for part in parts { try writer.putShared(value: part) }
        writer.put(count: lines.count)
        for (line, number) in zip(lines, numberOfLine) { writer.put(line, sharedPart: number) }
        return writer.bytes
    }
}

extension FrozenWriter {
    fileprivate mutating func put(_ line: BillableLine, sharedPart: Int) {
        put(count: sharedPart)
        put(line.order)
        put(line.patient)
        put(line.pump)
        let isOne = line.pumps == [line.pump].compactMap { $0 }
        put(isOne)
        if !isOne { put(line.pumps) }
        for number in [
            line.opening, line.delivered, line.returned, line.carried, line.excused, line.review, line.unknown.low,
            line.unknown.high,
        ] { put(number) }
        for number in [
            line.prepared, line.used, line.doses, line.ceiling, line.fewest, line.supported, line.over, line.avoidable,
            line.payable,
        ] { put(number) }
        put(count: line.holds.count)
        for hold in line.holds {
            putShared(hold.rule)
            putShared(hold.reason)
            putShared(hold.column)
        }
        put(count: line.notes.count)
        for note in line.notes { putShared(note) }
        put(line.containers)
    }
}

// MARK: - Reading

extension FrozenReader {
    /// What `lines` below reads, without making anything of it.
    fileprivate mutating func passLine(sharedParts: Int) throws {
        guard try bareCount() < UInt(sharedParts) else { throw Failure.cutShort }
        try passText()
        try passText()
        if try bool() { try passText() }
        if try !bool() { for _ in 0..<(try count()) { try passText() } }
        for _ in 0..<8 { _ = try int() }
        for _ in 0..<9 { _ = try optionalInt() }
        for _ in 0..<(try count()) {
            _ = try sharedText()
            _ = try sharedText()
            _ = try optionalSharedText()
        }
        for _ in 0..<(try count()) { _ = try sharedText() }
        _ = try frozenIDs()
    }

    /// Fields stand in the order in which they were written.
    fileprivate mutating func line(_ shared: [FrozenBillable.SharedPart]) throws -> BillableLine {
        let number = try bareCount()
        guard number < UInt(shared.count) else { throw Failure.cutShort }
        let part = shared[Int(number)]
        let (order, patient, pump) = (try text(), try text(), try optionalText())
        let pumps = try bool() ? [pump].compactMap { $0 } : try list()
        let (opening, delivered, returned, carried) = (try int(), try int(), try int(), try int())
        let (excused, review) = (try int(), try int())
        let unknown = CountRange(low: try int(), high: try int())
        let (prepared, used, doses) = (try optionalInt(), try optionalInt(), try optionalInt())
        let (ceiling, fewest, supported) = (try optionalInt(), try optionalInt(), try optionalInt())
        let (over, avoidable, payable) = (try optionalInt(), try optionalInt(), try optionalInt())
        let holds = try (0..<count()).map { _ in
            Hold(rule: try sharedText(), reason: try sharedText(), column: try optionalSharedText())
        }
        let notes = try (0..<count()).map { _ in try sharedText() }
        return BillableLine(
            order: order, patient: patient, payer: part.payer, ruleSet: part.ruleSet, pump: pump, pumps: pumps,
            pumpHcpcs: part.pumpHcpcs, hcpcs: part.hcpcs, mode: part.mode, opening: opening, delivered: delivered,
            returned: returned, carried: carried, prepared: prepared, used: used, doses: doses, ceiling: ceiling,
            fewest: fewest, supported: supported, excused: excused, review: review, over: over, avoidable: avoidable,
            unknown: unknown, payable: payable, basis: part.basis, holds: holds, notes: notes,
            containers: ContainerIDs(try frozenIDs()), rules: part.rules, fee: part.fee)
    }
}

extension FrozenBillable: Sequence {
    package struct Iterator: IteratorProtocol {
        private var reader: FrozenReader
        private let shared: [SharedPart]
        private var left: Int

        fileprivate init(_ lines: FrozenBillable) {
            reader = lines.reader
            shared = lines.shared
            left = lines.count
        }

        package mutating func next() -> BillableLine? {
            guard left > 0 else { return nil }
            left -= 1
            // Every line was passed when the bytes were taken in, so each of them can be read.
            return try? reader.line(shared)
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
    package var underestimatedCount: Int { count }
}
