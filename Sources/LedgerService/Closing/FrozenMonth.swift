import Foundation
import Ledger
import PumpCore
import Supplies

/// What the reports said of a period when it was closed, part by part: each report reads back only what it prints.
struct FrozenMonth {
    let ledger: Ledger
    let closing: Closing

    private enum Kind: String {
        case heading
        case billable
        case usage
        case reconcile
    }

    /// Containers come in parts, so that none grows beyond what SQLite takes in one value.
    private static let containersInPart = 50_000

    static func parts(
        _ heading: ReportHeading, _ findings: MonthFindings, _ reconciliation: [ReconcileLine]
    ) throws -> [NewClosing.Part] {
        var parts = [NewClosing.Part(kind: Kind.heading.rawValue, content: try FrozenHeading.bytes(heading))]
        func add(_ kind: Kind, _ number: Int = 0, _ fill: (inout FrozenWriter) throws -> Void) throws {
            var writer = FrozenWriter()
            try fill(&writer)
            parts.append(NewClosing.Part(kind: kind.rawValue, number: number, content: writer.bytes))
        }
        parts.append(
            NewClosing.Part(kind: Kind.billable.rawValue, content: try FrozenBillable.bytes(findings.lines)))
        try add(.reconcile) { try $0.put(reconciliation) }
        let starts = stride(from: 0, to: max(findings.containers.count, 1), by: containersInPart)
        for (number, start) in starts.enumerated() {
            try add(.usage, number) { try $0.put(findings.containers.dropFirst(start).prefix(containersInPart)) }
        }
        return parts
    }

    func heading() throws -> ReportHeading { try read(.heading) { try FrozenHeading.read(&$0) }.first ?? unreadable() }

    /// Made one by one, as they are asked for, but where the period was closed by a program that knew the first form only.
    func lines() throws -> BillableLines {
        let parts = try ledger.parts(of: closing, kind: Kind.billable.rawValue)
        do {
            if parts.count == 1, let part = parts.first, FrozenBillable.isForm(of: part) {
                return BillableLines(try FrozenBillable(part))
            }
        } catch is FrozenReader.Failure {
            return try unreadable()
        }
        return BillableLines(try read(.billable) { try $0.billableLines() }.flatMap { $0 })
    }

    func containers() throws -> [ContainerUse] { try read(.usage) { try $0.containers() }.flatMap { $0 } }
    func reconciliation() throws -> [ReconcileLine] { try read(.reconcile) { try $0.reconcileLines() }.flatMap { $0 } }

    private func read<Part>(_ kind: Kind, _ part: (inout FrozenReader) throws -> Part) throws -> [Part] {
        try ledger.parts(of: closing, kind: kind.rawValue).map { bytes in
            do {
                var reader = try FrozenReader(bytes)
                return try part(&reader)
            } catch is FrozenReader.Failure {
                return try unreadable()
            }
        }
    }

    private func unreadable<Part>() throws -> Part {
        throw ServiceError(
            .integrity, "the closed period \(closing.days.lowerBound)..\(closing.days.upperBound) cannot be read back",
            remedy: "Check the ledger: pumpledger verify")
    }
}

/// A report's heading as a closed period keeps it. The zone of printing is the reader's own.
private enum FrozenHeading {
    static func bytes(_ heading: ReportHeading) throws -> [UInt8] {
        var writer = FrozenWriter()
        writer.put(heading.period.from.dayNumber)
        writer.put(heading.period.to.dayNumber)
        writer.put(heading.zone)
        writer.put(heading.rules)
        writer.put(heading.rulesDigest)
        writer.put(heading.coverage.count)
        for line in heading.coverage {
            writer.put(line.pump)
            writer.put(line.isSimulated)
            writer.put(line.completeThrough)
            try writer.putShared(value: line.gaps)
        }
        return writer.bytes
    }

    static func read(_ reader: inout FrozenReader) throws -> ReportHeading {
        let from = CivilDate(dayNumber: try reader.int())
        let to = CivilDate(dayNumber: try reader.int())
        var heading = ReportHeading(
            period: Period(from: from, to: to), zone: try reader.text(), rules: try reader.text(),
            rulesDigest: try reader.text(), coverage: [])
        for _ in 0..<max(0, try reader.int()) {
            heading.coverage.append(
                CoverageLine(
                    pump: try reader.text(), isSimulated: try reader.bool(),
                    completeThrough: try reader.optionalInstant(), gaps: try reader.sharedValue()))
        }
        return heading
    }
}

/// The files of a rule book out of its canonical bytes: name, length, content, one after the other.
enum RuleBookBytes {
    static func files(_ bytes: [UInt8]) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var rest = bytes[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        while let name = line(), let length = line().flatMap({ Int($0) }), length >= 0, length <= rest.count {
            files[name] = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return files
    }
}
