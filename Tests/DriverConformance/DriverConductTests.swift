import PumpCore
import PumpDrivers
import ReaderProcess
import TestSupport
import Testing

/// The daemon holds every session to rules of its own (`ReaderConduct`). A driver that breaks one of them is never read.
@Suite("Every driver, held to the daemon's rules")
struct DriverConductTests {
    private func breach(_ fixture: DriverFixture, _ pump: any FakePump, _ ledger: FakeLedger, _ line: FakeLine) throws
        -> (Conversation, ReaderConduct.Breach?)
    {
        let held = Held(try fixture.session(pump), fixture.driver)
        var conversation = Conversation(held, pump, ledger, line: line)
        conversation.run()
        return (conversation, (conversation.session as? Held)?.breach)
    }

    @Test("a download breaks no rule, nor does the next one", arguments: DriverFixture.all)
    func clean(fixture: DriverFixture) throws {
        var pump = fixture.pump(fixture.many)
        let (first, breach) = try breach(fixture, pump, FakeLedger(), FakeLine())
        #expect(breach == nil && first.isFinished)
        pump.live(records: 30)
        let (second, later) = try self.breach(fixture, pump, first.ledger, FakeLine(chunk: 3))
        #expect(later == nil && second.isFinished)
        #expect(second.ledger.log.map(\.raw) == pump.truth)
    }

    @Test("whatever the line does to the bytes, no rule is broken", arguments: DriverFixture.all)
    func noise(fixture: DriverFixture) throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            let line = FakeLine(endsAfter: seed % 4 == 0 ? 900 : nil, seed: seed) { reply, generator in
                for index in reply.indices where UInt8.random(in: 0..<60, using: &generator) == 0 {
                    reply[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                if UInt8.random(in: 0..<9, using: &generator) == 0 { reply += reply }
            }
            let (_, breach) = try breach(fixture, fixture.pump(fixture.few), FakeLedger(), line)
            #expect(breach == nil, "seed \(seed)")
        }
    }

    @Test("its own commands are recognised for what they are, and no byte may differ", arguments: DriverFixture.all)
    func commands(fixture: DriverFixture) throws {
        let commands = try #require(fixture.driver.commands, "a driver with sessions says which commands bytes are")
        let allowed = Set(fixture.driver.allowedCommands.map(\.code))
        var conversation = Conversation(try fixture.session(fixture.pump(50)), fixture.pump(50))
        conversation.run()
        let sent = Set(conversation.sent)
        #expect(sent.count > 5)
        for frame in sent {
            let codes = try #require(commands(frame), "\(frame.hex)")
            #expect(allowed.isSuperset(of: codes), "\(frame.hex)")
            #expect(fixture.command(frame).map(codes.contains) == true, "\(frame.hex): \(codes)")
            #expect(commands(frame + frame) == nil && commands(Array(frame.dropLast())) == nil)
        }
    }
}

/// A session, and the first rule that it broke.
private struct Held: DownloadSession {
    private var session: any DownloadSession
    private var conduct: ReaderConduct
    private(set) var breach: ReaderConduct.Breach?

    init(_ session: any DownloadSession, _ driver: PumpDriver) {
        self.session = session
        conduct = ReaderConduct(driver)
    }

    private mutating func hold(_ outputs: [SessionOutput], _ input: ReaderConduct.Input) -> [SessionOutput] {
        do { try conduct.admit(outputs, to: input) } catch { breach = breach ?? error }
        return outputs
    }

    mutating func start() -> [SessionOutput] { hold(session.start(), .start) }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        hold(session.receive(bytes), .receive(count: bytes.count))
    }
    mutating func deadlinePassed() -> [SessionOutput] { hold(session.deadlinePassed(), .deadlinePassed) }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { hold(session.known(log), .known) }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { hold(session.stored(receipt), .stored) }
    mutating func linkEnded() -> [SessionOutput] { hold(session.linkEnded(), .linkEnded) }
}
