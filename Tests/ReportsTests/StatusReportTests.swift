import LedgerService
import PumpCore
import PumpLinks
import Reports
import Station
import Testing

@Suite("The status, for a person with a cable in one hand")
struct StatusReportTests {
    /// 2026-11-23 17:05:00 UTC.
    private static let now = Instant("2026-11-23T17:05:00Z") ?? Instant(secondsSince1970: 0)
    private static let pump = PumpIdentity(serial: "M1234567", driver: "miva", model: "MIVA")

    private static func report(
        _ state: PortState, port: String = "serial:/dev/ttyUSB0", since: Int = 60, pump: PumpIdentity? = pump,
        newestStoredAt: Instant? = nil, nextReadAt: Instant? = nil, lastFault: String? = nil
    ) -> PortReport {
        PortReport(
            port: port, driver: "miva", state: state, since: now.adding(seconds: -since), pump: pump,
            newestStoredAt: newestStoredAt, nextReadAt: nextReadAt, lastFault: lastFault)
    }

    private static func status(_ ports: PortReport..., zone: String = "America/New_York") -> StatusReport {
        StatusReport(StatusAnswer(ports: ports, at: now, zone: zone))
    }

    @Test("while the newest is being read it says so, how far it is and how long it takes; times are the reader's")
    func reading() {
        let reading = PortState.reading(.init(pump: Self.pump, done: 400, total: 1_000))
        #expect(
            Self.status(Self.report(reading)).text == """
                1 port, 1 pump plugged in; 12:05

                /dev/ttyUSB0: pump M1234567
                  LEAVE PLUGGED IN (40 %)
                  Pump M1234567 is being read: 40 %.
                  Leave the data cable in, and care for the patient as usual. If you must pull the cable, what is stored stays and the \
                rest is read the next time. Do not clear or return the pump before all is read. If the patient needs another one, \
                swap it at once, and keep this one. All of it takes about 2 minutes more.

                """)
    }

    @Test("when it may be pulled, that comes first")
    func mayUnplug() {
        let backfill = PortState.reading(.init(pump: Self.pump, done: 990, total: 1_000, mayUnplug: true))
        #expect(Self.status(Self.report(backfill)).text.contains("  YOU MAY UNPLUG (99 %)\n"))
        let done = PortState.caughtUp(pump: Self.pump, at: Self.now)
        let report = Self.status(Self.report(done, nextReadAt: Self.now.adding(seconds: 900)))
        #expect(
            report.text.hasSuffix(
                """
                  YOU MAY UNPLUG
                  Everything in pump M1234567 is stored, up to 12:05.
                  Nothing is left to do here. You may unplug the data cable at any time. Before the pump is cleared or returned, \
                let it be read once more. If it stays, it is read again at 12:20.

                """))
        #expect(report.json.compact.contains("\"mayUnplug\":true"))
    }

    @Test("an empty port tells whoever comes late what became of the pump that was there")
    func afterwards() {
        let stored = Self.report(.absent, newestStoredAt: Self.now.adding(seconds: -86_400))
        #expect(
            Self.status(stored).text.contains(
                "Pump M1234567 was here; its newest events were stored at 2026-11-22 12:05, older ones are still only in "
                    + "the pump."))
        var whole = stored
        whole.lastCompleteAt = stored.newestStoredAt
        #expect(
            Self.status(whole).text.contains("Pump M1234567 was here and is stored up to 2026-11-22 12:05. ")
        )
        #expect(Self.status(stored).text.hasPrefix("1 port, 0 pumps plugged in"))
        let cut = Self.report(.absent, lastFault: "The connection ended before everything was read.")
        #expect(Self.status(cut).text.contains("Before that: The connection ended before everything was read."))
    }

    private static let states: [PortState] = [
        .absent, .busy(holders: [PortHolder(pid: 77, name: "minicom")]), .permissionDenied(group: "dialout"),
        .connecting, .wrongDevice(why: "Pump 2 is plugged in where 1 is expected; nothing of it is read."), .silent,
        .reading(.init(pump: pump)), .reading(.init(pump: pump, done: 1, total: 2, mayUnplug: true)),
        .caughtUp(pump: pump, at: now), .stale(since: now, why: "It does not answer."),
        .quarantined(why: "It babbles.", until: now),
        .troubled(why: "The disk is full.", remedy: "Free some space."),
    ]

    @Test("every state has a verdict in capitals, a sentence and a remedy, and no jargon", arguments: states)
    func everyState(state: PortState) {
        let lines = Self.status(Self.report(state)).text.split(separator: "\n").dropFirst().map(String.init)
        #expect(lines.count >= 4, "\(lines)")
        #expect(lines[1] == lines[1].uppercased())
        // A sentence, or a command to type, which a full stop would spoil.
        for line in lines[2...] { #expect(line.hasSuffix(".") || line.contains("kill "), "\(line)") }
        let text = lines.joined().lowercased()
        for jargon in ["enum", "nil", "errno", "optional(", "frame", "checksum", "timeout", "descriptor", "utc"] {
            #expect(!text.contains(jargon), "\(text)")
        }
    }

    @Test("the screen stays inside its window, whatever the window", arguments: [20, 40, 80, 200], [1, 4, 10, 24, 60])
    func window(width: Int, height: Int) {
        let ports = Self.states.enumerated().map { Self.report($1, port: "serial:/dev/serial/by-id/usb-\($0)") }
        for count in [0, 1, 3, ports.count] {
            let report = StatusReport(
                StatusAnswer(ports: Array(ports.prefix(count)), at: Self.now, zone: "UTC"))
            let lines = StatusScreen(report).lines(width: width, height: height)
            #expect(lines.count <= max(2, height), "\(lines.count) lines of \(height)")
            for line in lines { #expect(line.text.count <= width) }
        }
    }

    @Test("where blocks do not fit, each port is a line that begins with what counts")
    func compact() {
        let report = Self.status(
            Self.report(.caughtUp(pump: Self.pump, at: Self.now)), Self.report(.absent, port: "serial:/dev/ttyUSB1"))
        let lines = StatusScreen(report).lines(width: 60, height: 7).map(\.text)
        #expect(lines.contains("YOU MAY UNPLUG  ttyUSB0  pump M1234567"), "\(lines)")
        #expect(lines.contains("NO PUMP         ttyUSB1"), "\(lines)")
    }

    @Test("lines off a terminal come when something changes, or a tenth more is read")
    func lines() {
        var told = StatusLines()
        func reading(_ done: Int) -> StatusReport {
            Self.status(Self.report(.reading(.init(pump: Self.pump, done: done, total: 100))))
        }
        #expect(told.new(in: reading(1)).count == 1)
        #expect(told.new(in: reading(5)).isEmpty)
        #expect(told.new(in: reading(12)).count == 1)
        let done = told.new(in: Self.status(Self.report(.caughtUp(pump: Self.pump, at: Self.now))))
        #expect(done.first?.contains("YOU MAY UNPLUG") == true)
        #expect(told.new(in: Self.status(Self.report(.caughtUp(pump: Self.pump, at: Self.now)))).isEmpty)
    }

    @Test("a device's name cannot draw on the terminal")
    func escapes() {
        let evil = PumpIdentity(serial: "M1\u{1B}[2J", driver: "miva")
        let report = Self.status(Self.report(.caughtUp(pump: evil, at: Self.now), pump: evil))
        #expect(!report.text.contains("\u{1B}"))
        for line in StatusScreen(report).lines(width: 80, height: 24) { #expect(!line.text.contains("\u{1B}")) }
    }
}
