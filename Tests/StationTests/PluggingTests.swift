import PumpCore
import PumpDrivers
import PumpLinks
import Station
import TestSupport
import Testing

/// Cables that come and go, where a monitor says when a device appears.
@Suite("Plugging in and pulling out")
struct PluggingTests {
    private var watched: StationPolicy {
        var policy = StationPolicy()
        policy.looksForAbsent = false
        return policy
    }

    private func isCaughtUp(_ state: PortState) -> Bool { if case .caughtUp = state { true } else { false } }

    @Test("a device that appears while the empty port is being opened is not missed")
    func race() {
        var now = StationTime(milliseconds: 0, wall: Bench.start)
        var life = PortLife(PortEnrolment(id: "p", driver: "miva"), driver: .miva, policy: watched, at: now)
        #expect(life.handle(.start, at: now) == [.open])
        _ = life.handle(.deviceAppeared, at: now)
        let actions = life.handle(.link(.ended(.absent(place: "p"))), at: now)
        #expect(actions.contains(.wake(atMilliseconds: 1_000)), "\(actions)")
        now.milliseconds = 1_000
        #expect(life.handle(.clockPassed, at: now).contains(.open))
        // Nothing came this time: from now on it waits for the monitor.
        let rest = life.handle(.link(.ended(.absent(place: "p"))), at: now)
        #expect(!rest.contains { if case .wake(let moment?) = $0 { moment > 0 } else { false } }, "\(rest)")
    }

    @Test("a device that re-enumerates under the same name, unseen by the monitor, is opened again after a second")
    func flap() {
        var bench = Bench(FakeMiva(records: 5), policy: watched)
        bench.tell(.start)
        #expect(isCaughtUp(bench.life.state))
        bench.unplug()
        bench.tell(.clockPassed)
        #expect(bench.life.state == .absent)
        bench.pass(milliseconds: 1_000)
        #expect(isCaughtUp(bench.life.state))
    }

    @Test("pulling the cable when all is read, or after it was allowed, is no trouble; before, it is said")
    func pulled() {
        var bench = Bench(FakeMiva(records: 5), policy: watched)
        bench.tell(.start)
        bench.unplug()
        bench.tell(.clockPassed)
        #expect(bench.life.currentReport.lastFault == nil)
        #expect(bench.life.currentReport.newestStoredAt == Bench.start)

        // 1,024 of 3,000 are the newest for which a nurse waits; a reading of one takes 76 bytes or so.
        var allowed = Bench(FakeMiva(records: 3_000), policy: watched)
        allowed.endsAfter = 200_000
        allowed.tell(.start)
        #expect(allowed.actions.contains(.noteNewestStored))
        #expect(allowed.life.state == .absent)
        #expect(allowed.life.currentReport.lastFault == nil)

        var early = Bench(FakeMiva(records: 3_000), policy: watched)
        early.endsAfter = 20_000
        early.tell(.start)
        #expect(!early.actions.contains(.noteNewestStored))
        #expect(early.life.currentReport.lastFault?.contains("connect its data cable") == true)
        early.refusal = .absent(place: Bench.place)
        early.pass(milliseconds: 60_000)
        // It stays to be read for whoever comes later.
        #expect(early.life.currentReport.lastFault?.contains("connect its data cable") == true)
    }

    @Test("two links to one device: the daemon does not advise to kill itself")
    func sameDevice() {
        var bench = Bench(nil)
        let own = PortHolder.holding("/proc/self/exe").first { $0.isThisProcess }
        bench.refusal = .busy(place: Bench.place, holders: own.map { [$0] } ?? [PortHolder(pid: 1, name: "init")])
        bench.tell(.start)
        guard own != nil else { return }
        #expect(bench.life.state.message.contains("another link of this daemon"))
    }

    @Test("the state is as old as its kind, not as its last percent")
    func since() {
        var bench = Bench(FakeMiva(records: 600))
        bench.answersAtOnce = false
        bench.tell(.start)
        let began = bench.life.currentReport.since
        bench.pass(milliseconds: 500)
        #expect(bench.life.currentReport.since == began)
    }
}
