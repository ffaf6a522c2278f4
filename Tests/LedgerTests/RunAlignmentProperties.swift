import PumpCore
import TestSupport
import Testing

@testable import Ledger

/// A log that really was, and the windows of it that somebody read.
private struct TrueLog {
    struct Window: Hashable {
        var range: Range<Int>
        var readAt: Int
    }

    var generator: SeededGenerator
    let count: Int
    let ringSize: Int?
    /// What each record says: equal numbers are equal records.
    private(set) var contents: [Int] = []
    /// When an updatable record was updated, in the log's own time (the number of records that there were).
    private(set) var updates: [Int: [Int]] = [:]
    let hasClock: Bool
    /// Whether the clock ever went back, so that later records repeat what earlier ones say, time and all.
    let hasResets: Bool

    init(seed: UInt64, count: Int, ringSize: Int? = nil) {
        generator = SeededGenerator(seed: seed)
        self.count = count
        self.ringSize = ringSize
        hasClock = Bool.random(using: &generator) || ringSize != nil
        hasResets = Bool.random(using: &generator) && ringSize == nil
        var next = 0
        while contents.count < count {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0 where !contents.isEmpty && updates[contents.count - 1] == nil:
                // A twin: the same record twice in the same second.
                contents.append(contents[contents.count - 1])
            case 1 where contents.count > 4 && hasResets:
                // The clock went back, and what it wrote then it writes again.
                let from = Int.random(in: 0..<(contents.count - 2), using: &generator)
                for index in from..<(from + 2) where updates[index] == nil { contents.append(contents[index]) }
            case 2:
                let at = contents.count
                updates[at] = (0..<Int.random(in: 1...3, using: &generator))
                    .map { _ in at + 1 + Int.random(in: 0..<20, using: &generator) }.sorted()
                contents.append(next)
                next += 1
            default:
                contents.append(next)
                next += 1
            }
        }
        contents.removeLast(contents.count - count)
        updates = updates.filter { $0.key < count }
    }

    /// The record of an index as the pump showed it when it had `readAt` records.
    func record(_ index: Int, readAt: Int) -> RawRecord {
        let version = updates[index].map { $0.count(where: { $0 <= readAt }) }
        let content = contents[index]
        let raw = [UInt8(truncatingIfNeeded: content >> 8), UInt8(truncatingIfNeeded: content)]
        return RawRecord(
            raw: raw + (version.map { [UInt8($0)] } ?? []), devicePosition: ringSize.map { index % $0 },
            deviceTime: hasClock ? .counter(seconds: content * 60) : nil, event: PumpEvent(.note),
            stableIdentity: version == nil ? nil : raw)
    }

    func download(_ window: Window) -> Download {
        Download(records: window.range.map { record($0, readAt: window.readAt) }, at: window.readAt)
    }

    /// Windows that tell the truth beyond doubt: any two of them meet in four records and more or not at all, and agree
    /// nowhere but where they really meet.
    mutating func windows(_ wanted: Int) -> [Window] {
        var chosen: [Window] = []
        for _ in 0..<(wanted * 4) where chosen.count < wanted {
            let readAt = Int.random(in: 6...count, using: &generator)
            let oldest = ringSize.map { max(0, readAt - $0) } ?? 0
            let length = Int.random(in: 5...14, using: &generator)
            guard readAt - oldest > length else { continue }
            let start = Int.random(in: oldest...(readAt - length), using: &generator)
            let window = Window(range: start..<(start + length), readAt: readAt)
            if chosen.allSatisfy({ isBeyondDoubt($0, window) }) { chosen.append(window) }
        }
        return chosen
    }

    private func isBeyondDoubt(_ a: Window, _ b: Window) -> Bool {
        let meeting = min(a.range.upperBound, b.range.upperBound) - max(a.range.lowerBound, b.range.lowerBound)
        if (1...3).contains(meeting) { return false }
        if let ringSize {
            // A whole number of rounds between two readings cannot be seen in the records.
            let between = -meeting
            return between <= 0 || between % ringSize != 0
        }
        let truth = b.range.lowerBound - a.range.lowerBound
        for shift in (1 - b.range.count)..<a.range.count where shift != truth {
            let from = max(0, shift)
            let to = min(a.range.count, shift + b.range.count)
            if (from..<to).allSatisfy({
                contents[a.range.lowerBound + $0] == contents[b.range.lowerBound + $0 - shift]
            }) {
                return false
            }
        }
        return true
    }

    /// What the windows together say: stretch, then versions of each record, oldest first.
    func truth(_ windows: [Window]) -> [[[UInt8]]] {
        var stretches: [[[UInt8]]] = []
        var end = -2
        for index in 0..<count {
            let seen = windows.filter { $0.range.contains(index) }
            guard !seen.isEmpty else { continue }
            // Neighbours in a ring are known by their index, even when no reading shows both.
            let continues = windows.contains { $0.range.contains(index) && $0.range.contains(index - 1) }
            if end != index - 1 || (!continues && ringSize == nil) { stretches.append([]) }
            end = index
            var versions: [[UInt8]] = []
            for window in seen.sorted(by: { $0.readAt < $1.readAt }) {
                let raw = record(index, readAt: window.readAt).raw
                if !versions.contains(raw) { versions.append(raw) }
            }
            stretches[stretches.count - 1].append(contentsOf: versions)
        }
        return stretches
    }
}

@Suite("Any downloads, in any order")
struct RunAlignmentProperties {
    private static func stretches(_ lines: [PaperMerge.Line]) -> [[[UInt8]]] {
        var stretches: [[[UInt8]]] = []
        for line in lines {
            if line.stretch == stretches.count { stretches.append([]) }
            stretches[line.stretch].append(line.raw)
        }
        return stretches
    }

    private static func lines(_ downloads: [(name: String, download: Download)], _ positions: LogPositions)
        -> [PaperMerge.Line]
    {
        var paper = PaperMerge(positions)
        for (name, download) in downloads { paper.add(download, name: name) }
        return paper.lines()
    }

    @Test(
        "the merged log is the true one, by two hubs in any order",
        arguments: [nil, 16, 40] as [Int?])
    func truth(ringSize: Int?) {
        for seed in UInt64(1)...150 {
            var log = TrueLog(seed: seed, count: 90, ringSize: ringSize)
            let windows = log.windows(9)
            let positions = ringSize.map { LogPositions.ring(size: $0) } ?? .none
            var downloads = windows.enumerated().map { ("s\($0.offset)", log.download($0.element)) }
            let first = Self.lines(downloads, positions)
            let found = Self.stretches(first)
            if log.hasClock && !log.hasResets {
                #expect(found == log.truth(windows), "seed \(seed)")
            } else {
                // Without a true clock nothing tells the order of stretches, but what each of them holds is known.
                #expect(Set(found) == Set(log.truth(windows)), "seed \(seed)")
            }
            for _ in 0..<5 {
                downloads.shuffle(using: &log.generator)
                #expect(Self.lines(downloads, positions) == first, "seed \(seed)")
            }
        }
    }

    @Test("even where the truth cannot be known, the order of arrival decides nothing")
    func doubt() {
        for seed in UInt64(1)...600 {
            var generator = SeededGenerator(seed: seed)
            // Two or three different records: every run agrees with every other one somewhere.
            let letters = Array("abcDE".prefix(Int.random(in: 2...5, using: &generator)))
            var downloads = (0..<6).map { index in
                let parts = (0..<Int.random(in: 1...3, using: &generator)).map { part in
                    let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                        let letter = letters[Int.random(in: 0..<letters.count, using: &generator)]
                        return String(letter) + (letter.isUppercase && Bool.random(using: &generator) ? "'" : "")
                    }
                    return Download.Part(
                        records: LogOnPaper.records(text.joined()),
                        adjacency: part == 0
                            ? .unknown
                            : [.unknown, .precedesPrevious, .followsPrevious][Int.random(in: 0..<3, using: &generator)],
                        isCutShort: Int.random(in: 0..<6, using: &generator) == 0)
                }
                var download = Download(
                    at: Bool.random(using: &generator) ? Int.random(in: 0..<9, using: &generator) : nil)
                download.parts = parts
                return (name: "s\(index)", download: download)
            }
            let first = Self.lines(downloads, .none)
            for _ in 0..<5 {
                downloads.shuffle(using: &generator)
                #expect(Self.lines(downloads, .none) == first, "seed \(seed)")
            }
            // Every record that was read is somewhere, as often as one run shows it.
            for (name, download) in downloads {
                for part in download.parts {
                    let wanted = Dictionary(grouping: part.records.map(\.raw), by: { $0 }).mapValues(\.count)
                    let found = Dictionary(grouping: first.map(\.raw), by: { $0 }).mapValues(\.count)
                    for (raw, count) in wanted {
                        #expect(found[raw, default: 0] >= count, "seed \(seed), session \(name)")
                    }
                }
            }
        }
    }

    @Test("two ledgers that get the same downloads in another order hold the same log")
    func twoLedgers() throws {
        for seed in UInt64(1)...3 {
            var log = TrueLog(seed: seed, count: 80)
            var downloads = log.windows(8).map { log.download($0) }
            let folders = [try TemporaryFolder(), try TemporaryFolder()]
            var found: [PumpLog] = []
            for folder in folders {
                let ledger = try folder.ledger()
                for download in downloads { try ledger.store(download) }
                downloads.shuffle(using: &log.generator)
                for download in downloads.prefix(3) {
                    #expect(try ledger.store(download).allSatisfy { $0.added == 0 }, "seed \(seed)")
                }
                found.append(try #require(try ledger.log(of: .onPaper)))
                #expect(try ledger.verify().problems == [])
            }
            #expect(found[0].records.map(\.key) == found[1].records.map(\.key), "seed \(seed)")
            #expect(found[0].records.map(\.record.raw) == found[1].records.map(\.record.raw), "seed \(seed)")
            #expect(found[0].records.map(\.stretch) == found[1].records.map(\.stretch), "seed \(seed)")
            #expect(found[0].records.map(\.readAt) == found[1].records.map(\.readAt), "seed \(seed)")
            #expect(found[0].gaps == found[1].gaps, "seed \(seed)")
        }
    }
}
