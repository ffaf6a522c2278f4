import PumpCore
import PumpDrivers

/// What a reader says to one question: everything that its session wants done.
enum ReaderAnswer {
    /// More than any session says at once.
    static let mostOutputs = 4_096
    static let longestMessage = 4_096
    /// Ten minutes.
    static let longestDeadline = 600_000

    static func bytes(_ outputs: [SessionOutput]) -> [UInt8] {
        var out = WireWriter()
        out.list(outputs) { $0.output($1) }
        return out.bytes
    }

    static func outputs(_ bytes: [UInt8]) throws(WireProblem) -> [SessionOutput] {
        var reader = WireReader(bytes)
        let outputs = try reader.list(atMost: mostOutputs) { (reader) throws(WireProblem) in try reader.output() }
        guard reader.isAtEnd else { throw WireProblem("more than its length promised") }
        return outputs
    }
}

extension WireWriter {
    fileprivate mutating func output(_ output: SessionOutput) {
        switch output {
        case .send(let bytes):
            byte(0)
            block(bytes)
        case .deadline(let milliseconds):
            byte(1)
            int(milliseconds)
        case .noDeadline: byte(2)
        case .identity(let pump):
            byte(3)
            text(pump.serial)
            text(pump.driver)
            for part in [pump.model, pump.firmware] { optional(part) { $0.text($1) } }
        case .clock(let time):
            byte(4)
            deviceTime(time)
        case .progress(let done, let total):
            byte(5)
            int(done)
            int(total)
        case .mayUnplug: byte(6)
        case .batch(let batch):
            byte(7)
            self.batch(batch)
        case .gap(let gap):
            byte(8)
            self.gap(gap)
        case .fault(let fault):
            byte(9)
            text(fault.kind.rawValue)
            text(fault.message)
            flag(fault.isFatal)
        case .finished: byte(10)
        }
    }
}

extension WireReader {
    fileprivate mutating func output() throws(WireProblem) -> SessionOutput {
        switch try byte() {
        case 0: return .send(try block(atMost: ReaderAnswer.longestMessage))
        case 1: return .deadline(milliseconds: try int(in: 0...ReaderAnswer.longestDeadline))
        case 2: return .noDeadline
        case 3:
            let serial = try sentence()
            let driver = try sentence()
            let model = try optional { (reader) throws(WireProblem) in try reader.sentence() }
            let firmware = try optional { (reader) throws(WireProblem) in try reader.sentence() }
            return .identity(PumpIdentity(serial: serial, driver: driver, model: model, firmware: firmware))
        case 4: return .clock(try deviceTime())
        case 5: return .progress(done: try number(), total: try number())
        case 6: return .mayUnplug
        case 7: return .batch(try batch())
        case 8: return .gap(try gap())
        case 9:
            let kind = try word(SessionFault.Kind.self)
            return .fault(SessionFault(kind, try sentence(), isFatal: try flag()))
        case 10: return .finished
        default: throw WireProblem("an answer of no kind")
        }
    }
}
