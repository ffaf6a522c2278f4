import PumpCore
package import PumpDrivers

/// Holds a session to what every session promises, on the daemon's side: whoever took over its process can still only say
/// what a driver could have said. The first thing that it may not say ends the session.
package struct ReaderConduct: Sendable {
    package struct Breach: Error, Hashable, Sendable {
        /// What it said, behind "it said".
        package var what: String
        init(_ what: String) { self.what = what }
    }

    /// What a session has been told, as far as it matters here.
    package enum Input: Hashable, Sendable {
        case start
        case receive(count: Int)
        case deadlinePassed
        case known
        case stored
        case linkEnded
    }

    /// So many deadlines in a row, without a byte from the device: a session that goes round in circles.
    static let mostDeadlinesInARow = 10_000
    static let mostSendsAtOnce = 64
    /// A record is made of what the device sent; a read may be repeated and its records kept twice.
    static let recordBytesPerByteHeard = 8
    static let recordBytesAtLeast = 65_536
    static let longestSerial = 128

    private let driver: PumpDriver
    private let allowed: Set<String>
    private var pump: PumpIdentity?
    private var knowsLog = false
    private var awaitsReceipt = false
    private var deadlinesInARow = 0
    private var bytesHeard = 0
    private var recordBytes = 0
    /// Nothing more may be said.
    package private(set) var isOver = false

    package init(_ driver: PumpDriver) {
        self.driver = driver
        allowed = Set(driver.allowedCommands.map(\.code))
    }

    /// What of it is to be carried out: all, but for what stands behind a session's last word, which nobody hears.
    @discardableResult
    package mutating func admit(
        _ outputs: [SessionOutput], to input: Input
    ) throws(Breach) -> [SessionOutput] {
        switch input {
        case .start: break
        case .receive(let count):
            bytesHeard = min(bytesHeard + count, 1 << 40)
            deadlinesInARow = 0
        case .deadlinePassed:
            deadlinesInARow += 1
            if deadlinesInARow > Self.mostDeadlinesInARow { throw Breach("nothing but new deadlines") }
        case .known: knowsLog = true
        case .stored: awaitsReceipt = false
        case .linkEnded: break
        }
        var heard: [SessionOutput] = []
        var sends = 0
        for output in outputs {
            if case .send = output { sends += 1 }
            guard sends <= Self.mostSendsAtOnce else { throw Breach("too many commands at once") }
            try admit(output)
            heard.append(output)
            if isOver { break }
        }
        return heard
    }

    private mutating func admit(_ output: SessionOutput) throws(Breach) {
        switch output {
        case .send(let bytes):
            guard !awaitsReceipt else { throw Breach("a command before its records were stored") }
            guard let commands = driver.commands?(bytes), !commands.isEmpty, commands.allSatisfy(allowed.contains)
            else {
                throw Breach("a command that is not on the driver's list")
            }
        case .deadline, .noDeadline: break
        case .identity(let pump): try admit(pump)
        case .clock: guard pump != nil else { throw Breach("a clock before a name") }
        case .progress: break
        case .mayUnplug: guard knowsLog else { throw Breach("the end of a log that it had not begun") }
        case .batch(let batch): try admit(batch)
        case .gap: guard knowsLog else { throw Breach("a gap in a log that it had not begun") }
        case .fault(let fault):
            if fault.kind == .readerFailed || fault.kind == .noReader { throw Breach("that it has failed") }
            isOver = fault.isFatal
        case .finished:
            guard knowsLog, !awaitsReceipt else { throw Breach("its end before its time") }
            isOver = true
        }
    }

    private mutating func admit(_ named: PumpIdentity) throws(Breach) {
        guard pump == nil else { throw Breach("a second name") }
        let texts = [named.serial, named.model ?? "", named.firmware ?? ""]
        guard named.driver == driver.name, !named.serial.isEmpty,
            texts.allSatisfy({ $0.unicodeScalars.count <= Self.longestSerial && printable($0) == $0 })
        else { throw Breach("a name that no pump has") }
        pump = named
    }

    private mutating func admit(_ batch: LogBatch) throws(Breach) {
        guard knowsLog, !awaitsReceipt else { throw Breach("records that nobody waits for") }
        guard !batch.records.isEmpty || batch.undecoded != nil else { throw Breach("records that are none") }
        for record in batch.records {
            guard !record.raw.isEmpty else { throw Breach("a record without bytes") }
            if let position = record.devicePosition {
                switch driver.positions {
                case .none: throw Breach("a position that no record has")
                case .ring(let size):
                    guard (0..<size).contains(position) else { throw Breach("a position off the ring") }
                case .series: guard position >= 0 else { throw Breach("a position below the first") }
                }
            }
            recordBytes += record.raw.count
        }
        recordBytes += batch.undecoded?.bytes.count ?? 0
        guard recordBytes <= bytesHeard * Self.recordBytesPerByteHeard + Self.recordBytesAtLeast else {
            throw Breach("more records than the device sent")
        }
        awaitsReceipt = true
    }
}
