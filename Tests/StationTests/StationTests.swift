import Foundation
import PumpCore
import PumpDrivers
import PumpLinks
import Station
import Synchronization
import TestSupport
import Testing

/// A ledger for several pumps.
private actor MemorySink: RecordSink {
    private var ledgers: [String: FakeLedger] = [:]
    private var pumps: [SessionID: String] = [:]
    private(set) var outcomes: [SessionOutcome] = []
    private(set) var clocks: [ClockReading] = []
    private let endsFail: Bool

    struct DiskFull: Error {}

    /// - Parameter endsFail: Records are stored, and how a session ended cannot be.
    init(endsFail: Bool = false) { self.endsFail = endsFail }

    func begin(_ opening: SessionOpening) -> BegunSession {
        let id = SessionID("s\(pumps.count + 1)")
        pumps[id] = opening.pump.serial
        var ledger = ledgers[opening.pump.serial] ?? FakeLedger()
        let known = ledger.known()
        ledgers[opening.pump.serial] = ledger
        return BegunSession(id: id, known: known)
    }

    func append(_ batch: LogBatch, to session: SessionID) -> BatchReceipt {
        guard let pump = pumps[session] else { return BatchReceipt(added: 0, known: 0, reachedKnown: false) }
        return ledgers[pump, default: FakeLedger()].store(batch)
    }

    func note(_ reading: ClockReading) { clocks.append(reading) }
    func note(_ gap: LogGap, in session: SessionID) {}
    func note(_ fault: SessionFault, in session: SessionID) {}
    func noteNewestStored(in session: SessionID) {}
    func end(_ session: SessionID, _ outcome: SessionOutcome, at: Instant) throws {
        if endsFail { throw DiskFull() }
        outcomes.append(outcome)
    }
    func stored(of serial: String) -> [[UInt8]] { ledgers[serial]?.log.map(\.raw) ?? [] }
}

/// A link to a fake pump, or to something that only talks.
private final class FakeLink: ByteLink, @unchecked Sendable {
    let name: String
    private let queue: DispatchQueue
    private var pump: FakeMiva?
    private var deliver: (@Sendable (LinkEvent) -> Void)?
    private var isThere: Bool
    private var isMute = false

    init(_ name: String, pump: FakeMiva?, isThere: Bool = true) {
        self.isThere = isThere
        self.name = name
        self.pump = pump
        queue = DispatchQueue(label: name)
    }

    func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        queue.async { @Sendable [self] in
            guard isThere else { return deliver(.ended(.absent(place: name))) }
            self.deliver = deliver
            deliver(.opened)
            if pump == nil { talk() }
        }
    }

    private func talk() {
        guard let deliver else { return }
        deliver(.bytes([UInt8](repeating: 0x3F, count: 512)))
        queue.asyncAfter(deadline: .now() + .milliseconds(1)) { @Sendable [self] in talk() }
    }

    func send(_ bytes: [UInt8]) {
        queue.async { @Sendable [self] in
            guard !isMute, let reply = pump?.receive(bytes), !reply.isEmpty else { return }
            deliver?(.bytes(reply))
        }
    }

    func close() { end(nil) }

    private func end(_ fault: LinkFault?) {
        queue.async { @Sendable [self] in
            let last = deliver
            deliver = nil
            last?(.ended(fault))
        }
    }

    /// Pulls the cable out of this machine.
    func unplug() {
        queue.async { @Sendable [self] in isThere = false }
        end(.gone(place: name))
    }

    func plug() { queue.async { @Sendable [self] in isThere = true } }

    /// Pulls the cable out of the pump: the adapter stays.
    func mute() { queue.async { @Sendable [self] in isMute = true } }
}

/// A clock that is moved by hand.
private final class HandClock: StationClock {
    private struct Face {
        var milliseconds = 0
        var waiting: [Int: (moment: Int, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let face = Mutex(Face())

    var now: StationTime {
        let milliseconds = face.withLock { $0.milliseconds }
        return StationTime(milliseconds: milliseconds, wall: Bench.start.adding(seconds: milliseconds / 1000))
    }

    func wait(untilMilliseconds moment: Int) async throws {
        let number = face.withLock { face in
            face.next += 1
            return face.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = face.withLock { face in
                    if face.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    if face.milliseconds >= moment { return .success(()) }
                    face.waiting[number] = (moment, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = face.withLock { face in
                let waiting = face.waiting.removeValue(forKey: number)
                if waiting == nil { face.cancelled.insert(number) }
                return waiting
            }
            waiting?.continuation.resume(throwing: CancellationError())
        }
    }

    func move(milliseconds: Int) {
        let due = face.withLock { face in
            face.milliseconds += milliseconds
            let due = face.waiting.filter { $0.value.moment <= face.milliseconds }
            for number in due.keys { face.waiting[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }
}

/// Every report that a station gave, oldest first.
private final class Reports: Sendable {
    private let all = Mutex<[PortReport]>([])

    func add(_ report: PortReport) { all.withLock { $0.append(report) } }

    func count(_ state: String, port: String) -> Int {
        all.withLock { $0.count { $0.port == port && $0.state.name == state } }
    }
}

/// Looks for ten seconds whether it becomes true.
private func becomesTrue(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<1_000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

@Suite("The station", .serialized, .timeLimit(.minutes(1)))
struct StationTests {
    private func port(_ link: any ByteLink) -> Station.Port {
        Station.Port(
            enrolment: PortEnrolment(id: link.name, driver: "miva"), driver: PumpDriver.miva, link: link)
    }

    /// Runs the station until `condition` holds, or ten seconds have passed.
    private func run(_ station: Station, until condition: @Sendable @escaping ([PortReport]) -> Bool) async -> Bool {
        await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                await station.run()
                return nil
            }
            group.addTask {
                for _ in 0..<1_000 {
                    if condition(station.reports) { return true }
                    try? await Task.sleep(for: .milliseconds(10))
                }
                return false
            }
            var held = false
            for await result in group {
                if let result { held = result }
                station.stop()
            }
            return held
        }
    }

    @Test("a babbling port does not disturb the one beside it, and is shut out")
    func independence() async {
        let pump = FakeMiva(serial: "SIM00011", records: 700)
        let sink = MemorySink()
        let station = Station(
            ports: [port(FakeLink("babbler", pump: nil)), port(FakeLink("good", pump: pump))], sink: sink)
        let held = await run(station) { reports in
            reports.map(\.state.name) == ["quarantined", "caught up"]
        }
        #expect(held, "\(station.reports.map(\.state))")
        #expect(await sink.stored(of: "SIM00011") == pump.truth)
        #expect(await sink.outcomes == [.complete])
        #expect(await sink.clocks.count == 1)
    }

    @Test("a reading whose end cannot be stored is never shown as caught up, not for an instant")
    func failingEnd() async {
        let reports = Reports()
        let station = Station(
            ports: [port(FakeLink("full", pump: FakeMiva(serial: "SIM00016", records: 30)))],
            sink: MemorySink(endsFail: true), onReport: { reports.add($0) })
        let held = await run(station) { $0.first?.state.name == "troubled" }
        #expect(held, "\(station.reports)")
        #expect(reports.count("caught up", port: "full") == 0)
    }

    @Test("two ports that show one serial number: one is read, the other raises an alarm")
    func twins() async {
        let pump = FakeMiva(serial: "SIM00012", records: 3_000)
        let station = Station(
            ports: [port(FakeLink("a", pump: pump)), port(FakeLink("b", pump: pump))], sink: MemorySink())
        let held = await run(station) { reports in
            Set(reports.map(\.state.name)).contains("wrong device")
        }
        #expect(held, "\(station.reports.map(\.state))")
    }

    @Test("the second of two devices with one serial number is not read when the first is done, only when it is gone")
    func patientTwin() async {
        let pump = FakeMiva(serial: "SIM00014", records: 30)
        let (first, second) = (FakeLink("first", pump: pump), FakeLink("second", pump: pump, isThere: false))
        let (clock, reports, sink) = (HandClock(), Reports(), MemorySink())
        let station = Station(
            ports: [port(first), port(second)], sink: sink, clock: clock, onReport: { reports.add($0) })
        func state(_ port: String) -> String? { station.reports.first { $0.port == port }?.state.name }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await station.run() }
            #expect(await becomesTrue { state("first") == "caught up" && state("second") == "absent" })
            second.plug()
            var refused = 0
            for _ in 0..<4 {
                clock.move(milliseconds: 61_000)
                // Each time the first is read anew, to see whether it is still there.
                let isRefused = await becomesTrue {
                    let isAgain = reports.count("wrong device", port: "second") > refused
                    let readings = await sink.outcomes.count
                    return isAgain && state("first") == "caught up" && readings >= refused + 2
                }
                #expect(isRefused, "\(station.reports)")
                guard isRefused else { break }
                refused = reports.count("wrong device", port: "second")
                #expect(refused < 5)
            }
            #expect(reports.count("caught up", port: "second") == 0)
            first.unplug()
            #expect(await becomesTrue { state("first") == "absent" })
            clock.move(milliseconds: 61_000)
            #expect(await becomesTrue { state("second") == "caught up" }, "\(station.reports)")
            station.stop()
        }
    }

    @Test("a pump that moves to another adapter while its old one stays in is read there within minutes")
    func moved() async {
        let pump = FakeMiva(serial: "SIM00015", records: 30)
        let (old, new) = (FakeLink("old", pump: pump), FakeLink("new", pump: pump, isThere: false))
        let clock = HandClock()
        let station = Station(ports: [port(old), port(new)], sink: MemorySink(), clock: clock)
        func state(_ port: String) -> String? { station.reports.first { $0.port == port }?.state.name }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await station.run() }
            #expect(await becomesTrue { state("old") == "caught up" && state("new") == "absent" })
            old.mute()
            new.plug()
            for _ in 0..<180 where state("new") != "caught up" {
                clock.move(milliseconds: 1_000)
                try? await Task.sleep(for: .milliseconds(10))
            }
            #expect(state("new") == "caught up", "\(station.reports)")
            station.stop()
        }
    }

    @Test("stopping a station ends its run while pumps are being read, and closes their links")
    func stop() async {
        let station = Station(
            ports: (0..<4).map {
                port(FakeLink("port \($0)", pump: FakeMiva(serial: "SIM0010\($0)", records: 20_000)))
            },
            sink: MemorySink())
        let began = await run(station) { $0.contains { $0.state.name == "reading" } }
        #expect(began)
    }

    @Test("through a real terminal line: unplugged in the middle, plugged in elsewhere, nothing lost")
    func terminal() async throws {
        let pump = Mutex(FakeMiva(serial: "SIM00013", records: 900))
        let truth = pump.withLock { $0.truth }
        let sink = MemorySink()
        let settings = SerialSettings(baud: 9600)
        let first = try Pty()
        let answered = Mutex(0)
        first.serve { [weak first] bytes in
            let count = answered.withLock { count in
                count += 1
                return count
            }
            if count == 900 {
                first?.unplug()
                return []
            }
            return pump.withLock { $0.receive(bytes) }
        }
        let cut = Station(ports: [port(SerialLink(path: first.path, settings: settings))], sink: sink)
        let isAbsent = await run(cut) { reports in
            reports.first?.lastFault != nil && reports.first?.state == .absent
        }
        #expect(isAbsent, "\(cut.reports)")
        let partly = await sink.stored(of: "SIM00013").count
        #expect(partly > 0 && partly < 900)
        let second = try Pty()
        second.serve { bytes in pump.withLock { $0.receive(bytes) } }
        let again = Station(ports: [port(SerialLink(path: second.path, settings: settings))], sink: sink)
        #expect(await run(again) { $0.first?.state.name == "caught up" }, "\(again.reports)")
        #expect(await sink.stored(of: "SIM00013") == truth)
        second.unplug()
    }
}
