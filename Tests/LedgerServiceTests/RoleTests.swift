import LedgerService
import PumpCore
import Testing

@Suite("Who may ask for what")
struct RoleTests {
    @Test("everybody sees the ports, a nurse no bill, a biller no trail, an auditor changes nothing")
    func table() {
        #expect(Request.status.roles == nil && Request.watch.roles == nil)
        #expect(Request.billable(period: "2026-09").roles == [.biller, .auditor, .admin])
        #expect(Request.audit(from: nil, to: nil).roles == [.auditor, .admin])
        #expect(Request.visit(pump: nil, dryRun: false).roles == [.nurse, .admin])
        let changing: [Request] = [
            .close(period: "2026-09", accept: nil), .reopen(period: "2026-09", reason: "x"),
            .disown(session: SessionID("x"), reason: "x"), .backup(file: "/x"),
            .importRegister(RegisterFiles(files: [], dryRun: false)),
            .importEvents(file: InputFile(name: "x", bytes: []), dryRun: false),
        ]
        for request in changing {
            #expect(request.roles?.contains(.auditor) == false && request.roles?.contains(.nurse) == false)
        }
    }

    @Test("one who may not is told what he needs, gets nothing, and is on record", arguments: Role.allCases)
    func turnedAway(role: Role) throws {
        let month = try OneMonth()
        try month.importRegister()
        let caller = Caller(user: "ben", uid: 1002, roles: role == .admin ? [] : [role])
        do {
            _ = try month.answer(.reopen(period: OneMonth.september, reason: "mine"), by: caller)
            Issue.record("\(role) reopened a month")
        } catch let error as ServiceError {
            #expect(error.kind == .usage)
            #expect("\(error)".contains("this needs the role admin, and ben has"))
            #expect("\(error)".contains("usermod -aG pumpledger-admin ben"))
        }
        guard case .audit(let trail) = try month.answer(.audit(from: nil, to: nil)) else { return }
        let entry = try #require(trail.lines.last { $0.user == "ben" })
        #expect(entry.action == "reopen" && entry.outcome == "refused: wrong usage")
    }
}
