import PumpCore
import Register
import Supplies

/// Each number of each line, with what it is made of and where that stands.
struct PacketFigures {
    let subject: PacketSubject
    let deliveries: [PacketDelivery]
    let containers: [ContainerUse]

    var counts: [PacketCount] {
        subject.lines.map { line in
            PacketCount(
                id: LineID(period: subject.period, order: line.order, hcpcs: line.hcpcs).description,
                descriptor: subject.rules.codes.code(line.hcpcs)?.descriptor, figures: figures(line), line: line)
        }
    }

    /// One row a line, and one for each code that was billed and that nothing is counted for.
    func summary(_ counts: [PacketCount], _ open: [PacketOpenItem]) -> [PacketSummaryRow] {
        let billed = subject.billed
        let rows = counts.map { count in
            let line = count.line
            let units = billed.filter { $0.hcpcs == line.hcpcs }.reduce(0) { $0 + $1.units }
            return PacketSummaryRow(
                hcpcs: line.hcpcs, descriptor: count.descriptor, line: count.id, delivered: line.delivered,
                prepared: line.prepared, used: line.used, supported: line.supported, over: line.over,
                review: line.review, unknown: line.unknown, payable: line.payable, billed: units,
                difference: line.supported.map { units - $0 }, open: open.filter { $0.hcpcs == line.hcpcs }.count)
        }
        let others = Set(billed.map(\.hcpcs)).subtracting(counts.map(\.line.hcpcs)).sorted()
        return rows
            + others.map { code in
                let units = billed.filter { $0.hcpcs == code }.reduce(0) { $0 + $1.units }
                return PacketSummaryRow(
                    hcpcs: code, descriptor: subject.rules.codes.code(code)?.descriptor, line: nil,
                    delivered: deliveries.filter { $0.isInPeriod && $0.hcpcs == code && $0.order == subject.order.id }
                        .reduce(0) { $0 + $1.quantity },
                    prepared: nil, used: nil, supported: nil, over: nil, review: 0, unknown: CountRange(), payable: nil,
                    billed: units, difference: nil, open: open.filter { $0.hcpcs == code }.count)
            }
    }

    private func figures(_ line: BillableLine) -> [PacketFigure] {
        let units = billedUnits(line)
        return stock(line) + use(line) + verdict(line) + [
            PacketFigure(
                name: "billed", value: units.reduce(0) { $0 + $1.units },
                meaning: "units of this code on claims whose first day lies in the period",
                restsOn: billedReferences(line)),
            PacketFigure(
                name: "difference", value: line.supported.map { units.reduce(0) { $0 + $1.units } - $0 },
                meaning: "billed − supported; above 0 more was billed than is supported",
                restsOn: billedReferences(line)),
        ]
    }

    // MARK: What was there

    private func stock(_ line: BillableLine) -> [PacketFigure] {
        let own = deliveries.filter { isOf(line, $0) }
        let returned = subject.dispositions.enumerated().filter {
            $1.isInPeriod && $1.reason == Disposition.Reason.returned.rawValue
        }
        return [
            PacketFigure(
                name: "opening", value: line.opening, meaning: "on hand for this order when the period began",
                restsOn: own.filter { !$0.isInPeriod }.map { PacketReference(.delivery, $0.id) }),
            PacketFigure(
                name: "delivered", value: line.delivered, meaning: "quantities of the deliveries of the period",
                restsOn: own.filter(\.isInPeriod).map { PacketReference(.delivery, $0.id) }),
            PacketFigure(
                name: "returned", value: line.returned, meaning: "went back to the pharmacy",
                restsOn: returned.map { PacketReference(.disposition, $0.offset + 1) }),
            PacketFigure(
                name: "carried", value: line.carried, meaning: "on hand for doses or days still to come", restsOn: []),
            PacketFigure(
                name: "prepared", value: line.prepared,
                meaning: line.prepared == line.opening + line.delivered - line.returned - line.carried
                    ? "opening \(line.opening) + delivered \(line.delivered) − returned \(line.returned) "
                        + "− carried \(line.carried)"
                    : "opening + delivered − returned − carried, less what other codes of the order took",
                restsOn: own.filter(\.isInPeriod).map { PacketReference(.delivery, $0.id) }),
        ]
    }

    /// A line of containers takes deliveries under any container code: the code of a line comes from pump, container and
    /// date (contract, Counting 14).
    private func isOf(_ line: BillableLine, _ delivery: PacketDelivery) -> Bool {
        if line.used == nil { return delivery.hcpcs == line.hcpcs }
        return delivery.order == line.order && subject.containerCodes.contains(delivery.hcpcs)
    }

    // MARK: What happened

    private func use(_ line: BillableLine) -> [PacketFigure] {
        let hasDoses = line.mode != .continuous
        var figures = [
            PacketFigure(
                name: "used", value: line.used, meaning: "containers that the log shows in use",
                restsOn: line.containers.map { PacketReference(.container, $0) })
        ]
        if subject.isWeekly(line.hcpcs) {
            figures.append(
                PacketFigure(
                    name: "ceiling", value: line.ceiling, meaning: "weeks of use, and up to four after it",
                    restsOn: [PacketReference(.weeks)]))
            return figures
        }
        if hasDoses {
            figures.append(
                PacketFigure(
                    name: "doses", value: line.doses, meaning: "ordered doses that the log shows given",
                    restsOn: [PacketReference(.slots)]))
            figures.append(
                PacketFigure(
                    name: "ceiling", value: line.ceiling,
                    meaning: "doses given, and the ordered doses that excused containers were for",
                    restsOn: [PacketReference(.slots)]))
        }
        if line.mode != .intermittent {
            figures.append(
                PacketFigure(
                    name: "fewest", value: line.fewest, meaning: "hang times that fall in the period",
                    restsOn: [PacketReference(.slots)]))
            figures.append(
                PacketFigure(
                    name: "avoidable", value: line.avoidable,
                    meaning: "used − fewest: shown, never denied by itself",
                    restsOn: [PacketReference(.slots)]))
        }
        return figures
    }

    // MARK: What the rules make of it

    private func verdict(_ line: BillableLine) -> [PacketFigure] {
        let own = Set(line.containers)
        let mine = containers.filter { own.contains($0.id) }
        let excused = line.excused > 0 ? subject.witness.excused.indices.map { PacketReference(.excused, $0 + 1) } : []
        let upheld = mine.filter { $0.counted == .yes }.map { PacketReference(.container, $0.id) }
        let unread = line.unknown.isZero ? [] : subject.witness.unread.indices.map { PacketReference(.gap, $0 + 1) }
        return [
            PacketFigure(
                name: "excused", value: line.excused, meaning: "not used for an unforeseen reason on record",
                restsOn: excused),
            PacketFigure(
                name: "supported", value: line.supported,
                meaning: supported(line, upheld.count + excused.count),
                restsOn: subject.isWeekly(line.hcpcs) ? [PacketReference(.weeks)] : upheld + excused),
            PacketFigure(
                name: "review", value: line.review, meaning: "a person has to look at these",
                restsOn: mine.filter { $0.counted == .review }.map { PacketReference(.container, $0.id) }
                    + (line.used == nil ? [] : subject.dispositionsToReview)),
            PacketFigure(
                name: "unknown", value: line.unknown.high,
                meaning: line.unknown.isZero
                    ? "nothing is left open"
                    : "so many more may be supported: the truth lies between "
                        + (line.supported.map { "\($0 + line.unknown.low) and \($0 + line.unknown.high)" } ?? "them"),
                restsOn: unread),
            PacketFigure(
                name: "over", value: line.over,
                meaning: "prepared − supported − review − unknown, never below 0: nothing supports these",
                restsOn: mine.filter { $0.counted == .no }.map { PacketReference(.container, $0.id) }),
            PacketFigure(
                name: "payable", value: line.payable,
                meaning: line.payable == line.supported
                    ? "supported, past every gate of coverage" : "supported, less what the holds below stop",
                restsOn: []),
        ]
    }

    private func supported(_ line: BillableLine, _ upheld: Int) -> String {
        if line.supported == nil { return "cannot be assessed: see the holds" }
        if subject.isWeekly(line.hcpcs) { return "weeks that count, never more than were prepared" }
        if line.containers.isEmpty, upheld == 0 { return "what the rules uphold" }
        return line.supported == upheld
            ? "containers counted yes, and excused ones"
            : "containers counted yes and excused ones, never more than were prepared"
    }

    private func billedUnits(_ line: BillableLine) -> [PacketBilled] {
        subject.billed.filter { $0.hcpcs == line.hcpcs }
    }

    private func billedReferences(_ line: BillableLine) -> [PacketReference] {
        subject.billed.enumerated().filter { $1.hcpcs == line.hcpcs }.map { PacketReference(.billed, $0.offset + 1) }
    }
}
