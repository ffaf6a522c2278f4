import Foundation
import Ledger
import LedgerService
import PumpDrivers
import PumpLinks
import Station
import Synchronization

/// A whole download from a MIVA on a line that is held to 9600 baud: station, serial port and ledger as the daemon has them.
/// It is measured from the opening of the port to the last record's being durable, introductions included.
enum MivaDownloadBenchmark {
    private static let baud = 9600
    private static let bitsAByte = 10
    private static let passes = 2
    /// A request and its reply for one event.
    private static let bytesAnEvent = 14 + 46

    /// - Parameters:
    ///   - port: Where a paced `pumpsim miva` answers.
    ///   - events: What its ring holds.
    ///   - peerLine: Events of one pass and seconds of two, as the manufacturer's reader took them from the same pump.
    static func run(port: String, events: Int, peerLine: String?, in folder: URL) async throws -> [Figure] {
        let seconds = try await download(port, events: events, into: folder.appending(path: "miva.db").path)
        let wire = Double(events * passes * bytesAnEvent * bitsAByte) / Double(baud)
        let took = String(format: "%.1f s for %d events twice", seconds, events)
        var figures = [
            Figure(
                what: "MIVA download, share of the wire", ours: took,
                peer: String(format: "%d baud %.1f s", baud, wire),
                ratio: wire / seconds, goal: .atLeast(0.97))
        ]
        guard let peerLine else {
            print("the manufacturer's MIVA reader could not be had: no ratio")
            return figures
        }
        let numbers = peerLine.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { throw BenchmarkError.peerUnreadable(peerLine) }
        figures.append(
            Figure(
                what: "MIVA download, time", ours: took,
                peer: String(format: "pyZynoUnifiedDrivers 0.0.9 %.1f s for the same log twice", numbers[1]),
                ratio: seconds / numbers[1], goal: .atMost(0.8)))
        return figures
    }

    private static func download(_ port: String, events: Int, into path: String) async throws -> Double {
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        let driver = PumpDriver.miva
        let end = Mutex<ContinuousClock.Instant?>(nil)
        let start = ContinuousClock.now
        let station = Station(
            ports: [
                .init(
                    enrolment: PortEnrolment(id: port, driver: driver.name), driver: driver,
                    link: SerialLink(path: port, settings: SerialSettings(baud: baud)))
            ], sink: LedgerSink(ledger),
            onReport: { report in
                if case .caughtUp = report.state { end.withLock { $0 = $0 ?? .now } }
            })
        let running = Task { await station.run() }
        // Twice the wire and more: a download that takes longer has failed.
        for _ in 0..<(events * 3) where end.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(100)) }
        let reports = station.reports
        station.stop()
        await running.value
        let stored = try ledger.verify().recordCount
        guard let end = end.withLock({ $0 }), stored == events else {
            throw BenchmarkError.download("\(stored) of \(events) events; \(reports)")
        }
        let (whole, rest) = (end - start).components
        return Double(whole) + Double(rest) * 1e-18
    }
}
