import GRDB
import Glibc
import PumpCore

#if DEBUG
    @testable import Ledger
#else
    import Ledger
#endif

// The tortured side of `make torture`, and its judge. It belongs to no package and is shipped with nothing.
//   torture-writer write LEDGER RECORDS [A-SESSION [CONTROL [COPY]]]
//     stores records 1, 2, 3 … one by one through the ledger as a live session does, and prints `ack N NANOSECONDS` after
//     each call that returned. CONTROL breaks a promise on purpose: `normal` commits with synchronous=NORMAL, `early`
//     acknowledges before it stores, `fleeting` forgets that a failed step is not stored. COPY is backed up to half-way.
//   torture-writer check
//     reads lines `LEDGER ACKNOWLEDGED` and answers each with `lost L double D records R problems P TEXT`.

/// One write of several parts: what makes a disk fail or a process die counts calls of `write` and `pwrite`, not these.
func say(_ line: String) {
    var bytes = Array((line + "\n").utf8)
    bytes.withUnsafeMutableBytes { buffer in
        var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        _ = writev(1, &part, 1)
    }
}

func nanoseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
}

let pump = PumpIdentity(serial: "TORTURE1", driver: "paradigm")

func record(_ number: Int) -> RawRecord {
    let raw = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    return RawRecord(raw: raw, opcode: 1, event: PumpEvent(.note))
}

struct Writing {
    var path: String
    var records: Int
    var aSession: Int
    var control: String
    var copy: String?
    /// A step that fails is tried so often again.
    static let attempts = 4

    func run() throws {
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        #if DEBUG
            if control == "normal" {
                try ledger.onConnection { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
            }
        #else
            guard control != "normal" else { return say("fail the control needs a debug build") }
        #endif
        var session: SessionID?
        for number in 1...max(1, records) {
            if session == nil { session = try insist { () throws in try begin(ledger) } }
            guard let open = session else { return }
            if control == "early" { say("ack \(number) \(nanoseconds())") }
            do {
                _ = try insist { () throws in
                    try ledger.append(LogBatch(records: [record(number)], adjacency: .followsPrevious), in: open)
                }
            } catch {
                guard control == "fleeting" else { throw error }
            }
            if control != "early" { say("ack \(number) \(nanoseconds())") }
            if number % aSession == 0 || number == records {
                try insist { () throws in
                    try ledger.end(open, SessionEnd(.complete, readToNewest: true, endedAt: moment, readAt: moment))
                }
                session = nil
            }
            if number == records / 2, let copy { _ = try ledger.backUp(to: copy, at: moment) }
        }
    }

    private var moment: Instant { Instant(secondsSince1970: time(nil)) }

    private func begin(_ ledger: Ledger) throws -> SessionID {
        let id = try ledger.begin(
            session: SessionStart(pump: pump, link: "torture", origin: .live, decoderVersion: 1, startedAt: moment))
        return id
    }

    /// A live session is begun anew after a failure; here the step is.
    private func insist<Value>(_ step: () throws -> Value) throws -> Value {
        for _ in 1..<Self.attempts {
            do { return try step() } catch { say("fail \(nanoseconds()) \(error)") }
        }
        return try step()
    }
}

func check(_ path: String, acknowledged: Int) -> String {
    do {
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        var seen: [Int: Int] = [:]
        for record in try ledger.log(of: pump)?.records ?? [] {
            seen[record.record.raw.reduce(0) { $0 << 8 | Int($1) }, default: 0] += 1
        }
        let lost = acknowledged > 0 ? (1...acknowledged).count { seen[$0] == nil } : 0
        let found = try ledger.verify().problems
        return "lost \(lost) double \(seen.values.count { $0 > 1 }) records \(seen.count) problems \(found.count) "
            + (found.first ?? "none").replacing("\n", with: " ")
    } catch {
        return "lost \(acknowledged) double 0 records 0 problems 1 \(error)"
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("write", 3...):
    let aSession = arguments.count > 3 ? Int(arguments[3]) ?? 25 : 25
    let writing = Writing(
        path: arguments[1], records: Int(arguments[2]) ?? 50, aSession: max(1, aSession),
        control: arguments.count > 4 ? arguments[4] : "", copy: arguments.count > 5 ? arguments[5] : nil)
    do { try writing.run() } catch {
        say("fail \(nanoseconds()) \(error)")
        exit(3)
    }
case ("check", 1):
    while let line = readLine() {
        let words = line.split(separator: " ")
        guard words.count == 2, let acknowledged = Int(words[1]) else { exit(2) }
        say(check(String(words[0]), acknowledged: acknowledged))
    }
default:
    print("usage: see the first lines of this program's source")
    exit(2)
}
