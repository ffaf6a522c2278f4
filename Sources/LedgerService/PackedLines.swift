import PumpCore
import Register
import Supplies
import Synchronization

/// Billable lines as bytes. What lines of one payer and code share is kept once and named by its number; holds and notes
/// stand in the line itself, because they may be each line's own.
struct PackedLines: Sendable {
    private let bytes: Spool.Content
    private let parts: [SharedPart]
    let count: Int

    /// What many lines have in common.
    fileprivate struct SharedPart: Hashable, Sendable {
        var payer: String
        var ruleSet: String
        var pumpHcpcs: String?
        var hcpcs: String
        var mode: TherapyOrder.Mode
        var basis: PayerProfile.Basis
        var rules: [RuleReference]
        var fee: FeeReference?
    }

    /// The shared parts of a month in the making: several cores pack lines at a time.
    final class Parts: Sendable {
        private let known = Mutex<(numbers: [SharedPart: Int], all: [SharedPart])>(([:], []))

        fileprivate func number(of part: SharedPart) -> Int {
            known.withLock { known in
                if let number = known.numbers[part] { return number }
                known.numbers[part] = known.all.count
                known.all.append(part)
                return known.all.count - 1
            }
        }

        fileprivate var all: [SharedPart] { known.withLock { $0.all } }
    }

    init(_ spool: Spool, count: Int, _ parts: Parts) {
        bytes = spool.content
        self.count = count
        self.parts = parts.all
    }
}

// MARK: - Packing

extension PackedLines {
    static func pack(_ lines: [BillableLine], _ parts: Parts) -> [UInt8] {
        var packer = BytePacker()
        for line in lines { pack(line, parts, &packer) }
        return packer.bytes
    }

    private static func pack(_ line: BillableLine, _ parts: Parts, _ to: inout BytePacker) {
        to.put(
            parts.number(
                of: SharedPart(
                    payer: line.payer, ruleSet: line.ruleSet, pumpHcpcs: line.pumpHcpcs, hcpcs: line.hcpcs,
                    mode: line.mode, basis: line.basis, rules: line.rules, fee: line.fee)))
        to.put(line.order)
        to.put(line.patient)
        to.put(line.pump)
        to.put(line.pumps.count)
        for pump in line.pumps { to.put(pump) }
        for number in [
            line.opening, line.delivered, line.returned, line.carried, line.excused, line.review, line.unknown.low,
            line.unknown.high,
        ] { to.put(number) }
        for number in [
            line.prepared, line.used, line.doses, line.ceiling, line.fewest, line.supported, line.over, line.avoidable,
            line.payable,
        ] { to.put(number) }
        to.put(line.holds.count)
        for hold in line.holds {
            to.put(hold.rule)
            to.put(hold.reason)
            to.put(hold.column)
        }
        to.put(line.notes.count)
        for note in line.notes { to.put(note) }
        pack(line.containers, &to)
    }

    /// Runs of one pump and channel: how many, then the keys as the bytes that they are. No digits: a whole text.
    private static func pack(_ ids: ContainerIDs, _ to: inout BytePacker) {
        to.put(ids.count)
        var last: String?
        ids.forEach(
            record: { place, key in
                to.put(place == last ? 1 : 2)
                if place != last { to.put(place) }
                last = place
                to.put(key)
            },
            text: { text in
                to.put(0)
                to.put(text)
            })
    }
}

// MARK: - Unpacking

extension PackedLines: Sequence {
    struct Iterator: IteratorProtocol {
        private var reader: Spool.Reader
        private let parts: [SharedPart]
        private var left: Int

        fileprivate init(_ reader: Spool.Reader, _ parts: [SharedPart], _ count: Int) {
            self.reader = reader
            self.parts = parts
            left = count
        }

        mutating func next() -> BillableLine? {
            guard left > 0 else { return nil }
            left -= 1
            let part = parts[reader.int()]
            let order = reader.text()
            let patient = reader.text()
            let pump = reader.optionalText()
            let pumps = (0..<reader.int()).map { _ in reader.text() }
            let (opening, delivered, returned, carried) = (reader.int(), reader.int(), reader.int(), reader.int())
            let (excused, review) = (reader.int(), reader.int())
            let unknown = CountRange(low: reader.int(), high: reader.int())
            let counts = (0..<9).map { _ in reader.optionalInt() }
            let holds = (0..<reader.int()).map { _ in
                Hold(rule: reader.text(), reason: reader.text(), column: reader.optionalText())
            }
            let notes = (0..<reader.int()).map { _ in reader.text() }
            return BillableLine(
                order: order, patient: patient, payer: part.payer, ruleSet: part.ruleSet, pump: pump, pumps: pumps,
                pumpHcpcs: part.pumpHcpcs, hcpcs: part.hcpcs, mode: part.mode, opening: opening, delivered: delivered,
                returned: returned, carried: carried, prepared: counts[0], used: counts[1], doses: counts[2],
                ceiling: counts[3], fewest: counts[4], supported: counts[5], excused: excused, review: review,
                over: counts[6], avoidable: counts[7], unknown: unknown, payable: counts[8], basis: part.basis,
                holds: holds, notes: notes, containers: containers(), rules: part.rules, fee: part.fee)
        }

        private mutating func containers() -> ContainerIDs {
            var ids = ContainerIDs()
            let count = reader.int()
            ids.reserveCapacity(count)
            var place = ""
            for _ in 0..<count {
                let form = reader.int()
                if form == 0 {
                    ids.append(reader.text())
                    continue
                }
                if form == 2 { place = reader.text() }
                ids.append(place: place, reader.key())
            }
            return ids
        }
    }

    func makeIterator() -> Iterator { Iterator(bytes.reader(), parts, count) }
}
