import Foundation
import LedgerService
import PumpCore

/// A ledger of its own in a folder of its own.
final class Desk {
    let folder = FileManager.default.temporaryDirectory.appending(path: "months-\(UUID().uuidString)")
    let context: RequestContext

    init(now: Instant, zone: String) { context = RequestContext(now: now, zone: zone) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func ask(_ request: Request) throws -> Answer {
        let service = try LedgerService.open(path: folder.appending(path: "ledger.db").path, for: request)
        defer { service.close() }
        return try service.answer(request, context)
    }
}
