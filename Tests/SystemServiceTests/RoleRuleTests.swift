import SystemService
import Testing

@Suite("Roles of users and groups")
struct RoleRuleTests {
    @Test("a rule names a user, or a group with @")
    func read() {
        #expect(RoleRule("nurse=@ward-3") == RoleRule(role: "nurse", holder: .group("ward-3")))
        #expect(RoleRule("auditor=maria") == RoleRule(role: "auditor", holder: .user("maria")))
    }

    @Test(
        "anything else is refused",
        arguments: ["", "nurse", "nurse=", "nurse=@", "king=maria", "nurse=a b", "nurse=a=b"])
    func refused(text: String) { #expect(RoleRule(text) == nil) }

    @Test("it holds for its user, or for whoever is in its group")
    func holders() {
        let group = RoleRule(role: "nurse", holder: .group("ward-3"))
        #expect(group.holds(user: "maria", groups: ["users", "ward-3"]))
        #expect(!group.holds(user: "ward-3", groups: ["users"]))
        #expect(RoleRule(role: "nurse", holder: .user("maria")).holds(user: "maria", groups: []))
        #expect(!RoleRule(role: "nurse", holder: .user("maria")).holds(user: nil, groups: ["maria"]))
    }
}
