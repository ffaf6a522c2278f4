import PumpCore
import Register
import Supplies

/// What is not settled about an order, heaviest first: what an auditor, and before him the biller, has to know at once.
struct PacketOpenItems {
    let subject: PacketSubject
    let heading: ReportHeading
    let counts: [PacketCount]
    let deliveries: [PacketDelivery]
    let containers: [ContainerUse]
    let strays: [ContainerUse]
    let shelf: [ReconcileLine]
    let findings: [ScrubFinding]
    let account: OrderAccount?

    var items: [PacketOpenItem] {
        let all = counts.flatMap(ofLine) + adjusted + noLine + ofFindings + logs + proof + paper + ofShelf + unplaced
        return all.filter { $0.weight == .stops } + all.filter { $0.weight == .review }
            + all.filter { $0.weight == .incomplete }
    }

    private func ofLine(_ count: PacketCount) -> [PacketOpenItem] {
        let line = count.line
        func item(_ weight: PacketOpenItem.Weight, _ sentence: String, _ about: [PacketReference] = [])
            -> PacketOpenItem
        {
            PacketOpenItem(
                weight: weight, hcpcs: line.hcpcs, sentence: sentence, about: [PacketReference(.line, count.id)] + about
            )
        }
        var items = line.holds.map { hold in
            item(.stops, "hold \(hold.rule): \(hold.reason)" + (hold.column.map { " (column \($0))" } ?? ""))
        }
        let units = subject.billed.filter { $0.hcpcs == line.hcpcs }.reduce(0) { $0 + $1.units }
        if let supported = line.supported, units > supported, !isFound(line.hcpcs) {
            items.append(
                item(
                    .stops, "billed \(units), supported \(supported): \(units - supported) more than is supported",
                    subject.billed.enumerated().filter { $1.hcpcs == line.hcpcs }.map {
                        PacketReference(.billed, $0.offset + 1)
                    }))
        }
        if line.review > 0 {
            let own = Set(line.containers)
            items.append(
                item(
                    .review, "\(line.review) to be looked at by a person",
                    containers.filter { own.contains($0.id) && $0.counted == .review }.map {
                        PacketReference(.container, $0.id)
                    } + (line.used == nil ? [] : subject.dispositionsToReview)))
        }
        if let over = line.over, over > 0 {
            items.append(item(.review, "\(over) of \(line.prepared ?? 0) prepared are beyond support"))
        }
        if !line.unknown.isZero, let supported = line.supported {
            items.append(
                item(
                    .incomplete,
                    "the log has holes: supported lies between \(supported + line.unknown.low) and "
                        + "\(supported + line.unknown.high)",
                    subject.witness.unread.indices.map { PacketReference(.gap, $0 + 1) }))
        }
        return items
    }

    /// Whether the scrub says already that more was billed than is supported.
    private func isFound(_ code: String) -> Bool {
        findings.contains { $0.hcpcs == code && $0.severity != .note && ["R2", "R3", "R5", "R13"].contains($0.rule) }
    }

    private var adjusted: [PacketOpenItem] {
        guard let count = heading.closing?.adjustments.count, count > 0 else { return [] }
        return [
            PacketOpenItem(
                weight: .review, hcpcs: nil,
                sentence: "the period is closed, and what arrived since changes it by \(count) adjustments",
                about: (1...count).map { PacketReference(.adjustment, $0) })
        ]
    }

    private var noLine: [PacketOpenItem] {
        let lost = Set(subject.billed.map(\.hcpcs)).subtracting(counts.map(\.line.hcpcs)).sorted().map { code in
            PacketOpenItem(
                weight: .review, hcpcs: code, sentence: "\(code) was billed, and nothing of this code is counted",
                about: subject.billed.enumerated().filter { $1.hcpcs == code }.map {
                    PacketReference(.billed, $0.offset + 1)
                })
        }
        guard counts.isEmpty else { return lost }
        return lost + [
            PacketOpenItem(
                weight: .incomplete, hcpcs: nil,
                sentence: "the order has no line in this period: nothing was in force, delivered or used",
                about: [PacketReference(.order)])
        ]
    }

    private var ofFindings: [PacketOpenItem] {
        findings.enumerated().filter { $1.severity != .note }.map { place, finding in
            PacketOpenItem(
                weight: finding.severity == .error ? .stops : .review, hcpcs: finding.hcpcs,
                sentence: "\(finding.rule): \(finding.line): \(finding.message)",
                about: [PacketReference(.finding, place + 1)])
        }
    }

    private var logs: [PacketOpenItem] {
        let unread = subject.witness.unread.enumerated().filter { matters($0.element) }.map { place, stretch in
            PacketOpenItem(
                weight: .incomplete, hcpcs: nil,
                sentence: "pump \(stretch.pump ?? "–"), \(stretch.from) to \(stretch.to): \(stretch.reason)",
                about: [PacketReference(.gap, place + 1)])
        }
        let doubtful = containers.filter { $0.isUncorrected || $0.isTimeDoubtful }
        guard !doubtful.isEmpty else { return unread }
        return unread + [
            PacketOpenItem(
                weight: .incomplete, hcpcs: nil,
                sentence: "\(doubtful.count) containers have times that nothing corrects, or that are in doubt",
                about: doubtful.map { PacketReference(.container, $0.id) })
        ]
    }

    /// The first hours of an order, in which nothing was due, are no hole that anybody has to fill.
    private func matters(_ stretch: OrderWitness.Stretch) -> Bool {
        if stretch.to.wallSeconds - stretch.from.wallSeconds >= 86_400 { return true }
        let due =
            (account?.slots ?? []).filter { $0.fate == .unknown }.map(\.at) + (account?.unknownHangTimes ?? [])
        return due.contains { stretch.from <= $0 && $0 <= stretch.to }
    }

    /// A carrier's number or a signature: one of the two has to stand for the delivery.
    private var proof: [PacketOpenItem] {
        let bare = deliveries.filter { $0.isInPeriod && $0.tracking == nil && $0.receivedBy == nil }
        return bare.map { row in
            PacketOpenItem(
                weight: .incomplete, hcpcs: row.hcpcs,
                sentence: "delivery \(row.id) has neither tracking nor received_by: no proof of delivery on record",
                about: [PacketReference(.delivery, row.id)])
        }
    }

    private var paper: [PacketOpenItem] {
        var missing: [String] = []
        if subject.order.signedOn == nil { missing.append("signed_on") }
        if subject.order.indication == nil { missing.append("indication") }
        if subject.order.prescriberNPI == nil { missing.append("prescriber_npi") }
        guard !missing.isEmpty else { return [] }
        return [
            PacketOpenItem(
                weight: .incomplete, hcpcs: nil,
                sentence: "the written order is not complete in the register: \(missing.joined(separator: ", "))",
                about: [PacketReference(.order)])
        ]
    }

    private var ofShelf: [PacketOpenItem] {
        shelf.filter { line in counts.contains { $0.line.hcpcs == line.hcpcs && $0.line.used != nil } }.compactMap {
            line in
            if line.counted == nil {
                return PacketOpenItem(
                    weight: .incomplete, hcpcs: line.hcpcs, sentence: "the shelf was not counted in the period",
                    about: [PacketReference(.shelf)])
            }
            guard let variance = line.variance, variance != 0 else { return nil }
            return PacketOpenItem(
                weight: .review, hcpcs: line.hcpcs,
                sentence: "the shelf count differs by \(variance) from what is expected",
                about: [PacketReference(.shelf)])
        }
    }

    private var unplaced: [PacketOpenItem] {
        guard !strays.isEmpty else { return [] }
        return [
            PacketOpenItem(
                weight: .review, hcpcs: nil,
                sentence: "\(strays.count) containers in the logs of these pumps belong to no order",
                about: strays.map { PacketReference(.container, $0.id) })
        ]
    }
}
