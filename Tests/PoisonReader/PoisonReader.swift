import Glibc
import PumpCore
import PumpDrivers
import ReaderProcess

/// A reader whose driver does what no driver may: the device's first byte says what. Tests start it as the daemon starts
/// its own.
@main
struct PoisonReader {
    static func main() {
        ReaderLoop.run { driver, hints in
            driver == "poison"
                ? PoisonSession() : DriverCatalog.driver(named: driver)?.makeSession?(hints)
        }
    }
}

private struct PoisonSession: DownloadSession {
    private var heard: [[UInt8]] = []

    mutating func start() -> [SessionOutput] { [.deadline(milliseconds: 50)] }

    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        guard let first = bytes.first else { return [] }
        switch first {
        case UInt8(ascii: "i"): return [.deadline(milliseconds: bytes[bytes.count + Int(first)].hashValue)]
        case UInt8(ascii: "h"): while true { heard = [bytes] }
        case UInt8(ascii: "m"): while true { heard.append([UInt8](repeating: first, count: 1 << 20)) }
        case UInt8(ascii: "e"): exit(3)
        case UInt8(ascii: "o"): _ = open("/etc/passwd", O_RDONLY)
        case UInt8(ascii: "s"): _ = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        case UInt8(ascii: "k"): kill(getppid(), SIGTERM)
        case UInt8(ascii: "x"):
            _ = mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        case UInt8(ascii: "g"): say([0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        case UInt8(ascii: "l"): say([0xFF, 0xFF, 0xFF, 0xFF])
        case UInt8(ascii: "t"): say([0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        case UInt8(ascii: "w"): return [.send(Array("W0".utf8))]
        case UInt8(ascii: "b"): return [.batch(LogBatch(records: [RawRecord(raw: [1], event: PumpEvent(.unknown))]))]
        case UInt8(ascii: "n"): return [.identity(PumpIdentity(serial: "\u{1B}[2J", driver: "poison"))]
        default: break
        }
        return [.deadline(milliseconds: Int(first))]
    }

    private func say(_ bytes: [UInt8]) { _ = write(3, bytes, bytes.count) }

    mutating func deadlinePassed() -> [SessionOutput] { [.deadline(milliseconds: 0)] }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { [] }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}
