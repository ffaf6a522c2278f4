import LedgerService
import PumpCore
import Testing

@Suite("Ids of reports")
struct DeskIDTests {
    @Test(
        "an id reads back to itself, also of an order whose own id holds colons",
        arguments: ["O-0001", "A:B:C", "l:2026-10-01..2026-10-31:x", "Ümläut"])
    func roundTrip(order: String) throws {
        let period = try Period("2026-10", today: CivilDate(dayNumber: 0))
        let stock = StockLineID(period: period, order: order, hcpcs: "A4222")
        #expect(StockLineID(stock.description) == stock)
        let refill = RefillID(day: period.from, order: order)
        #expect(RefillID(refill.description) == refill)
        let finding = FindingID(period: period, mark: "3fa9c1d2-2")
        #expect(FindingID(finding.description) == finding)
    }

    @Test(
        "what is no id is none",
        arguments: [
            "", "s:", "d:", "f:", "s:2026-10-31..2026-10-01:O:A4222", "d:2026-13-01:O", "d:2026-10-01:", "f:2026-10:x",
            "f:2026-10-01..2026-10-31:", "l:2026-10-01..2026-10-31:O:A4222",
        ])
    func noIDs(text: String) {
        #expect(StockLineID(text) == nil)
        #expect(RefillID(text) == nil)
        #expect(FindingID(text) == nil)
    }
}
