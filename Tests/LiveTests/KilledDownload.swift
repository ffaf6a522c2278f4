import Foundation
import TestSupport
import Testing

/// A pump whose downloads are broken off, and how long one of them takes.
final class KilledPump {
    let family: String
    let serial: String
    let link: String
    let process: Running
    let traffic: PumpTraffic
    private let recordsAtFirst: Int
    private var written = 0
    /// From the first request of a download to the first part of the log.
    private let introduction: Duration
    /// From one part of the log to the next.
    private var aPart: Duration
    private let partsARecord: Double

    /// - Parameters:
    ///   - traffic: What one undisturbed download was, and nothing else.
    ///   - records: How many that download stored.
    init(
        _ family: String, serial: String, link: String, process: Running, afterUndisturbed traffic: PumpTraffic,
        records: Int
    ) throws {
        self.family = family
        (self.serial, self.link, self.process, self.traffic) = (serial, link, process, traffic)
        recordsAtFirst = records - traffic.logged
        let logBegun = try #require(traffic.logBegunAt)
        introduction = try #require(traffic.begunAt).duration(to: logBegun)
        aPart = logBegun.duration(to: try #require(traffic.lastAt)) / max(1, traffic.logParts)
        partsARecord = Double(traffic.logParts) / Double(max(1, records))
    }

    /// Records that its log holds now.
    var held: Int { recordsAtFirst + traffic.logged }

    /// How long a download takes, from its first request to its end, that finds so many records stored.
    func span(stored: Int) -> Duration {
        introduction + aPart * (Double(min(held, held - stored + Self.readAgain)) * partsARecord)
    }

    /// A download reads some stored records again, to see that they are what goes before: two dozen slots, or a page.
    private static let readAgain = 40

    /// Learns from the last download, broken off or not: the machine may be busier or less busy than it was.
    func learnPace() {
        guard traffic.logParts >= 50, let begun = traffic.logBegunAt, let last = traffic.lastAt else { return }
        aPart = (aPart + begun.duration(to: last) / traffic.logParts) / 2
    }

    /// True where the last download has broken off: a part of the log had come (the next one was asked for), and the
    /// ledger lacks records that the pump holds.
    func wasMet(stored: Int) -> Bool { stored < held && traffic.logParts >= 2 }

    /// It logs so many events. In a MIVA's log those of one second are alike but for their place.
    func writeEvents(_ count: Int) {
        for _ in 0..<count {
            written += 1
            process.type(family == "miva" ? "log battery-low" : "log bolus \(Double(1 + written % 240) / 10)")
        }
    }
}

/// What the kills came to.
struct KillTally: CustomStringConvertible {
    var kills = 0
    /// Kills that met a download.
    var met = 0
    /// By family: kills that met its download, and those of them after which more of it was stored than before.
    var metFamily: [String: Int] = [:]
    var metLater: [String: Int] = [:]

    mutating func count(_ pumps: [KilledPump], before: [String: Int], after: [String: Int]) {
        kills += 1
        let met = pumps.filter { $0.wasMet(stored: after[$0.serial] ?? 0) }
        self.met += met.isEmpty ? 0 : 1
        for pump in met {
            metFamily[pump.family, default: 0] += 1
            if after[pump.serial] ?? 0 > before[pump.serial] ?? 0 { metLater[pump.family, default: 0] += 1 }
        }
    }

    var description: String {
        let families = metFamily.keys.sorted().map {
            "\(metFamily[$0] ?? 0) a \($0)'s (\(metLater[$0] ?? 0) after a part of it was stored)"
        }
        return "\(kills) kills, \(met) of which met a download: \(families.joined(separator: ", "))"
    }
}

extension Ward {
    /// How many records of each pump a ledger holds that a killed daemon left. It is read in a copy: the next daemon must
    /// find the ledger and its write-ahead log as they were.
    func recordsLeft(in ledger: String) async throws -> [String: Int] {
        let copy = path("left.db")
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: ledger + suffix) {
            try FileManager.default.copyItem(atPath: ledger + suffix, toPath: copy + suffix)
        }
        let outcome = try await Programs.pumpledger(["--ledger", copy, "pumps", "--json"])
        try #require(outcome.exitCode == 0, "\(outcome.err)")
        let pumps = try outcome.json()["pumps"] as? [[String: Any]] ?? []
        return Dictionary(
            pumps.map { ($0["pump"] as? String ?? "", $0["records"] as? Int ?? 0) }, uniquingKeysWith: { $1 })
    }
}
