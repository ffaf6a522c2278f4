import PumpCore
import Register
import TestSupport
import Testing

@testable import Supplies

@Suite("Frozen billable lines")
struct FrozenBillableTests {
    private func line(_ random: inout SeededGenerator) -> BillableLine {
        func number() -> Int? { Bool.random(using: &random) ? Int.random(in: -3...400, using: &random) : nil }
        var ids = ContainerIDs()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            switch Int.random(in: 0...9, using: &random) {
            case 0: ids.append("e:typed by hand \(Int.random(in: 0...9, using: &random))")
            case 1: ids.append(place: "", RecordKey(high: 7, low: 7, ordinal: 0))
            default:
                ids.append(
                    place: "c:M\(Int.random(in: 1...2, using: &random))",
                    RecordKey(
                        high: UInt64.random(in: 0...UInt64.max, using: &random),
                        low: UInt16.random(in: 0...UInt16.max, using: &random),
                        ordinal: Bool.random(using: &random) ? 0 : Int.random(in: 0...300, using: &random)))
            }
        }
        let pump: String? = Bool.random(using: &random) ? "M1" : nil
        let payer = Bool.random(using: &random) ? "medicare-dme" : "texas-medicaid"
        return BillableLine(
            order: "O\(Int.random(in: 0...9_999, using: &random))", patient: "Pü", payer: payer, ruleSet: payer + "@1",
            pump: pump, pumps: Bool.random(using: &random) ? [pump].compactMap { $0 } : ["M1", "M2"],
            pumpHcpcs: number() == nil ? nil : "E0791", hcpcs: "A4222", mode: .intermittent, opening: number() ?? 0,
            delivered: number() ?? 0, returned: number() ?? 0, carried: number() ?? 0, prepared: number(),
            used: number(), doses: number(), ceiling: number(), fewest: number(), supported: number(),
            excused: number() ?? 0, review: number() ?? 0, over: number(), avoidable: number(),
            unknown: CountRange(low: number() ?? 0, high: number() ?? 0), payable: number(), basis: .prepared,
            holds: number() == nil
                ? [] : [Hold(rule: "R9", reason: "because", column: number() == nil ? nil : "slots")],
            notes: number() == nil ? [] : ["a gap widens", "another"], containers: ids,
            rules: [RuleReference(id: "R2", set: payer + "@1", mark: .payer, text: "text", citation: "where")],
            fee: number() == nil
                ? nil
                : FeeReference(
                    ceiling: "1.00", floor: nil, category: "S", jurisdiction: "D", source: "fees.csv, line 2"))
    }

    @Test("random lines come back in every field, the fee and the ordinals of equal records too")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 0xB111)
        for _ in 0..<100 {
            let lines = (0..<Int.random(in: 0...20, using: &random)).map { _ in line(&random) }
            let bytes = try FrozenBillable.bytes(lines)
            #expect(FrozenBillable.isForm(of: bytes))
            let frozen = try FrozenBillable(bytes)
            #expect(frozen.count == lines.count)
            #expect(Array(frozen) == lines, "seed \(random.seed)")
            #expect(Array(frozen) == lines, "a second time, seed \(random.seed)")
        }
    }

    @Test("the first form is still read, and neither form is taken for the other")
    func firstForm() throws {
        var random = SeededGenerator(seed: 0xB112)
        let lines = (0..<20).map { _ in
            var line = line(&random)
            line.fee = nil
            return line
        }
        var writer = FrozenWriter()
        try writer.put(lines)
        #expect(!FrozenBillable.isForm(of: writer.bytes))
        var reader = try FrozenReader(writer.bytes)
        #expect(try reader.billableLines() == lines)
        #expect(throws: FrozenReader.Failure.unknownForm(1)) { try FrozenBillable(writer.bytes) }
        let second = try FrozenBillable.bytes(lines)
        #expect(throws: FrozenReader.Failure.unknownForm(2)) { try FrozenReader(second) }
    }

    @Test("bytes that were changed are refused at once, or give as many lines and ids as they say")
    func changed() throws {
        var random = SeededGenerator(seed: 0xB113)
        var (refused, taken) = (0, 0)
        for _ in 0..<4_000 {
            var bytes = try FrozenBillable.bytes((0..<3).map { _ in line(&random) })
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let frozen = try? FrozenBillable(bytes) else {
                refused += 1
                continue
            }
            taken += 1
            let lines = Array(frozen)
            #expect(lines.count == frozen.count, "seed \(random.seed)")
            for line in lines { #expect(Array(line.containers).count == line.containers.count, "seed \(random.seed)") }
        }
        #expect(refused > 500 && taken > 500, "refused \(refused), taken \(taken)")
    }
}
