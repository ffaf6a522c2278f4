import Foundation
import PumpDrivers

/// Page decoding against decocare on the same pages.
enum DecodeBenchmark {
    /// `decocare.txt` holds the peer's line: pages, seconds, records.
    static func run(pages paths: [String], peerLine: String?) throws -> Figure? {
        guard let driver = DriverCatalog.driver(named: "paradigm") else { return nil }
        let pages = try paths.map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
        let decoder = driver.makeDecoder(DecodingHints(model: "515"))
        var records = 0
        for page in pages {
            guard case .read(let reading) = decoder.decode(page), reading.undecoded == nil else {
                throw BenchmarkError.pageUnreadable
            }
            records += reading.records.count
        }
        var counted = 0
        let rounds = 400
        let time = median(
            (0..<7).map { _ in
                seconds {
                    for _ in 0..<rounds {
                        for page in pages {
                            if case .read(let reading) = decoder.decode(page) { counted += reading.records.count }
                        }
                    }
                }
            })
        guard counted == 7 * rounds * records else { throw BenchmarkError.pageUnreadable }
        let ours = Double(rounds * pages.count) / time
        print("page decode: \(pages.count) pages, \(records) records, \(Int(ours)) pages/s")
        guard let peerLine else {
            print("decocare could not be had: no ratio")
            return nil
        }
        let numbers = peerLine.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3, numbers[1] > 0 else { throw BenchmarkError.peerUnreadable(peerLine) }
        if Int(numbers[2]) != records { print("decocare reads \(Int(numbers[2])) records of them") }
        let peer = numbers[0] / numbers[1]
        return Figure(
            what: "Paradigm page decode", ours: "\(Int(ours)) pages/s", peer: "decocare 0.0.30 \(Int(peer)) pages/s",
            ratio: ours / peer, goal: .atLeast(50))
    }
}

enum BenchmarkError: Error {
    case pageUnreadable
    case peerUnreadable(String)
    case sqlite(String)
    case download(String)
}
