import PumpCore
import Register

/// What of an order's stock falls to each of its lines. A container is counted once: where an order has several codes in
/// a period, each other line takes what was used and excused under its code, what lay on the shelf first, and the main
/// line has the rest with everything returned and carried forward. So rows add up to the order, and on each row
/// prepared = opening + delivered − returned − carried.
struct StockShares {
    struct Share: Equatable {
        var opening = 0
        var delivered = 0
        var returned = 0
        var carried = 0
        var prepared = 0
    }

    private var byCode: [String: Share] = [:]

    /// `codes`: those of the lines, the main one first.
    init(_ month: OrderMonth, _ shares: CodeShares, codes: [String]) {
        let stock = month.fold.stock
        let days = month.days
        var rest = Share(
            opening: stock.carried(over: days.lowerBound.adding(days: -1)), delivered: stock.delivered(in: days),
            returned: stock.returned(in: days), carried: stock.carried(over: days.upperBound),
            prepared: stock.prepared(in: days))
        guard let main = codes.first else { return }
        for code in codes.dropFirst() {
            let used = zip(month.containers, month.containerCodes).filter { $0.isUsed && $1 == code }.count
            var own = Share(prepared: min(used + shares[code].excused.count, rest.prepared))
            own.opening = min(own.prepared, rest.opening)
            own.delivered = own.prepared - own.opening
            rest.opening -= own.opening
            rest.delivered -= own.delivered
            rest.prepared -= own.prepared
            byCode[code] = own
        }
        byCode[main] = rest
    }

    subscript(code: String) -> Share { byCode[code] ?? Share() }
}
