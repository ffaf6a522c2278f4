import PumpCore
import PumpDrivers
import TestSupport
import Testing

@testable import ReaderProcess

/// What the two processes say to each other.
@Suite("The words between a reader and the daemon")
struct WireTests {
    @Test("every answer arrives as it was given")
    func answers() throws {
        var random = RandomWords(seed: UInt64.random(in: 0...UInt64.max))
        for _ in 0..<2_000 {
            let outputs = random.outputs()
            #expect(try ReaderAnswer.outputs(ReaderAnswer.bytes(outputs)) == outputs, "seed \(random.seed)")
        }
    }

    @Test("every question arrives as it was asked")
    func questions() throws {
        var random = RandomWords(seed: UInt64.random(in: 0...UInt64.max))
        for _ in 0..<2_000 {
            let question = random.question()
            #expect(try ReaderQuestion(question.bytes) == question, "seed \(random.seed)")
        }
    }

    @Test("what is cut off, goes on too long or is changed at random is refused or means something: it never traps")
    func damaged() throws {
        var random = RandomWords(seed: UInt64.random(in: 0...UInt64.max))
        var refused = 0
        for round in 0..<20_000 {
            var bytes = ReaderAnswer.bytes(random.outputs())
            switch round % 4 {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random.generator))
            case 1: bytes.append(0)
            case 2: bytes = (0..<40).map { _ in UInt8.random(in: 0...3, using: &random.generator) }
            default:
                for _ in 0..<3 {
                    let place = Int.random(in: 0..<bytes.count, using: &random.generator)
                    bytes[place] = UInt8.random(in: .min ... .max, using: &random.generator)
                }
            }
            do {
                let outputs = try ReaderAnswer.outputs(bytes)
                #expect(round % 4 > 1, "seed \(random.seed), round \(round)")
                // Whatever it is, the daemon can print it.
                #expect("\(outputs)".isEmpty == false)
            } catch { refused += 1 }
            _ = try? ReaderQuestion(bytes)
        }
        #expect(refused > 10_000)
    }

    @Test("a number of records that nobody sent takes no memory")
    func lies() throws {
        var writer = WireWriter()
        writer.int(1)
        writer.byte(7)
        writer.int(RecordBounds.mostRecords)
        #expect(throws: WireProblem.self) { try ReaderAnswer.outputs(writer.bytes) }
        #expect(ReaderFrame.length([0, 0x40, 0, 0]) == 4 << 20)
        #expect(ReaderFrame.length([0, 0x40, 0, 1]) == nil)
        #expect(ReaderFrame.length([0, 0, 1]) == nil)
    }
}

/// Everything that can be said, at random.
private struct RandomWords {
    var generator: SeededGenerator
    var seed: UInt64 { generator.seed }

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func maybe<Value>(_ value: (inout RandomWords) -> Value) -> Value? {
        Bool.random(using: &generator) ? value(&self) : nil
    }
    private mutating func number(_ most: Int = 1 << 40) -> Int { Int.random(in: 0...most, using: &generator) }
    private mutating func bytes(_ most: Int = 40) -> [UInt8] {
        (0..<number(most)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
    private mutating func text() -> String {
        String((0..<number(12)).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0...255, using: &generator))) })
    }
    private mutating func civil() -> CivilDateTime {
        CivilDateTime(wallSeconds: Int.random(in: RecordBounds.wallSeconds, using: &generator))
    }
    private mutating func time() -> DeviceTime {
        Bool.random(using: &generator) ? .civil(civil()) : .counter(seconds: number())
    }
    private mutating func quantity() -> Quantity {
        let amount = Int.random(in: RecordBounds.thousandths, using: &generator)
        return Quantity(thousandths: amount, Bool.random(using: &generator) ? .units : .milliliters)
    }

    mutating func event() -> PumpEvent {
        var event = PumpEvent(EventKind.allCases.randomElement(using: &generator) ?? .unknown)
        event.label = maybe { $0.text() }
        event.programmed = maybe { $0.quantity() }
        event.delivered = maybe { $0.quantity() }
        event.amount = maybe { $0.quantity() }
        event.primeType = maybe { PumpEvent.PrimeType.allCases.randomElement(using: &$0.generator) ?? .fixed }
        event.code = maybe { $0.number() }
        event.alarm = maybe { PumpEvent.Alarm.allCases.randomElement(using: &$0.generator) ?? .other }
        event.newTime = maybe { $0.civil() }
        event.requestedBy = maybe { PumpEvent.Requester.allCases.randomElement(using: &$0.generator) ?? .pump }
        event.channel = maybe { $0.number() }
        event.doseSlot = maybe { $0.civil() }
        event.containerID = maybe { $0.text() }
        event.by = maybe { $0.text() }
        event.note = maybe { $0.text() }
        return event
    }

    mutating func record() -> RawRecord {
        RawRecord(
            raw: bytes(), opcode: maybe { $0.number() }, offset: maybe { $0.number() },
            devicePosition: maybe { $0.number() }, deviceTime: maybe { $0.time() }, event: event(),
            stableIdentity: maybe { $0.bytes() })
    }

    mutating func output() -> SessionOutput {
        switch number(10) {
        case 0: return .send(bytes())
        case 1: return .deadline(milliseconds: number(ReaderAnswer.longestDeadline))
        case 2: return .noDeadline
        case 3:
            return .identity(
                PumpIdentity(serial: text(), driver: text(), model: maybe { $0.text() }, firmware: maybe { $0.text() }))
        case 4: return .clock(time())
        case 5: return .progress(done: number(), total: number())
        case 6: return .mayUnplug
        case 7:
            let records = (0..<number(4)).map { _ in record() }
            let undecoded = maybe { LogBatch.Undecoded(offset: $0.number(), bytes: $0.bytes()) }
            return .batch(LogBatch(records: records, adjacency: .followsPrevious, undecoded: undecoded))
        case 8:
            return .gap(
                LogGap(
                    after: nil, before: nil, from: maybe { $0.time() }, to: maybe { $0.time() }, reason: .failedCheck,
                    missing: maybe { $0.number() }, detail: maybe { $0.text() }))
        case 9: return .fault(SessionFault(.garbled, text(), isFatal: Bool.random(using: &generator)))
        default: return .finished
        }
    }

    mutating func outputs() -> [SessionOutput] { (0...number(3)).map { _ in output() } }

    mutating func question() -> ReaderQuestion {
        switch number(5) {
        case 0:
            return .start(
                driver: text(), model: maybe { $0.text() }, firmware: maybe { $0.text() }, serial: maybe { $0.text() })
        case 1: return .receive(bytes())
        case 2: return .deadlinePassed
        case 3:
            let ranges = (0..<number(3)).map { _ in
                let low = number(1_000)
                return low...(low + number(1_000))
            }
            return .known(KnownLog(confirmed: ranges, newest: (0..<number(3)).map { _ in record() }))
        case 4:
            return .stored(
                BatchReceipt(
                    added: number(), known: number(), reachedKnown: Bool.random(using: &generator),
                    superseded: number()))
        default: return .linkEnded
        }
    }
}
