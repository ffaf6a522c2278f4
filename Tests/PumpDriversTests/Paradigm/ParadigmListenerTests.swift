import PumpCore
import PumpLinks
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("Paradigm listener, recorded", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct ParadigmRecordedSessionTests {
    @Test(
        "a session of the maker's software gives pump, clock and the whole page",
        arguments: [
            ("third_run", 47, "2000-01-01T04:03:23", "2000-01-01T03:50:10", "2000-01-01T04:03:23"),
            ("first_run", 32, "2000-01-01T03:40:23", "2004-01-01T00:00:00", "2000-01-01T03:40:23"),
        ])
    func recordedSession(run: String, count: Int, clock: String, first: String, last: String) throws {
        let heard = RecordedPages.heard(try RecordedPages.session(run))
        let batches = heard.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
        #expect(batches.map(\.records.count) == [count])
        #expect(batches.map(\.adjacency) == [.unknown])
        #expect(batches.allSatisfy { $0.undecoded == nil })
        #expect(batches.first?.records.first?.deviceTime?.description == first)
        #expect(batches.first?.records.last?.deviceTime?.description == last)
        let pumps = heard.compactMap { if case .identity(let pump) = $0 { pump } else { nil } }
        #expect(Set(pumps.map(\.serial)) == ["208850"])
        #expect(Set(pumps.map(\.model)) == ["515"])
        #expect(pumps.last?.firmware == "VER 2.1A1.1")
        let clocks = heard.compactMap { if case .clock(let time) = $0 { time } else { nil } }
        #expect(clocks.map(\.description) == [clock])
        #expect(!heard.contains { if case .gap = $0 { true } else { false } })
        #expect(!heard.contains { if case .fault = $0 { true } else { false } })
        #expect(!heard.contains { if case .send = $0 { true } else { false } })
        #expect(heard.last == .finished)
    }

    @Test("the two recorded sessions share no record")
    func nothingShared() throws {
        let first = Set(try RecordedPages.records(of: "first_run").map(\.raw))
        let third = Set(try RecordedPages.records(of: "third_run").map(\.raw))
        #expect(first.isDisjoint(with: third))
    }

    @Test("a recorded session says the same when its transfers are torn", arguments: [1, 2, 7, 63, 64, 65])
    func torn(size: Int) throws {
        let session = try RecordedPages.session("third_run")
        var pieces: [RecordedSession.Transfer] = []
        for transfer in session.transfers {
            for start in stride(from: 0, to: transfer.bytes.count, by: size) {
                pieces.append(.init(transfer.direction, Array(transfer.bytes[start...].prefix(size))))
            }
        }
        #expect(RecordedPages.heard(RecordedSession(pieces)) == RecordedPages.heard(session))
    }

    @Test("a recording that breaks off in the page reports the page and believes nothing of it")
    func breaksOff() throws {
        var session = try RecordedPages.session("third_run")
        let part = try #require(session.transfers.lastIndex { $0.bytes.starts(with: [0x0C, 0x00, 0x00, 0x8E]) })
        session.transfers.removeSubrange(part...)
        let heard = RecordedPages.heard(session)
        #expect(!heard.contains { if case .batch = $0 { true } else { false } })
        let gaps = heard.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
        #expect(gaps.map(\.detail) == ["history page 0 broke off after 6 parts"])
        #expect(heard.last == .finished)
    }
}

@Suite("Paradigm listener")
struct ParadigmListenerTests {
    func heard(_ transfers: [RecordedSession.Transfer], _ hints: DecodingHints = DecodingHints()) -> [SessionOutput] {
        var listener = ParadigmListener(hints)
        return transfers.flatMap { listener.observe($0.direction, $0.bytes) } + listener.end()
    }

    func batches(_ outputs: [SessionOutput]) -> [LogBatch] {
        outputs.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
    }

    func gaps(_ outputs: [SessionOutput]) -> [LogGap] {
        outputs.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
    }

    func recording(_ fake: FakeCareLink, _ set: (inout Download) -> Void = { _ in }) -> Download {
        var download = Download(fake)
        set(&download)
        download.run()
        return download
    }

    @Test("it hears of our own download what the download told")
    func ownDownload() {
        let done = recording(FakeCareLink(pages: ParadigmSessionTests.pages))
        let outputs = heard(done.transfers)
        #expect(batches(outputs) == done.batches)
        #expect(outputs.contains(.clock(done.clocks[0])))
        #expect(outputs.filter { if case .identity = $0 { true } else { false } }.last == .identity(done.identities[0]))
    }

    @Test("a page that was asked for again after a broken part comes once, without a gap")
    func retriedPage() throws {
        let sound = recording(FakeCareLink(pages: ParadigmSessionTests.pages))
        let reply = try #require(ParadigmSessionTests.pageReplies(sound).last)
        let done = recording(FakeCareLink(pages: ParadigmSessionTests.pages)) {
            $0.damage = { index, bytes in index == reply ? bytes.dropLast() + [bytes.last.map { $0 ^ 1 } ?? 0] : bytes }
        }
        #expect(done.fake.pagesAsked == [0, 0, 1, 2])
        let outputs = heard(done.transfers)
        #expect(batches(outputs) == sound.batches)
        #expect(gaps(outputs) == [])
    }

    @Test("a page that fails its check for good is a gap, and the next page's place is unknown")
    func brokenPage() {
        var fake = FakeCareLink(pages: ParadigmSessionTests.pages)
        fake.pages[1][700] ^= 0x04
        let done = recording(fake)
        let outputs = heard(done.transfers)
        #expect(batches(outputs) == done.batches)
        #expect(gaps(outputs).map(\.reason) == [.failedCheck])
        #expect(gaps(outputs).map(\.detail) == ["history page 1 failed its check"])
    }

    @Test("a host that asks something else before it asks for a broken page again loses nothing")
    func detour() throws {
        let done = recording(FakeCareLink(pages: ParadigmSessionTests.pages))
        // The first half of page 1, and a question about the clock, come before page 1 once more.
        let start = try #require(
            done.transfers.firstIndex { $0.bytes.count == 17 && $0.bytes[13] == 128 && $0.bytes[15] == 1 })
        let question = try #require(done.transfers.first { $0.bytes.count == 16 && $0.bytes[13] == 112 })
        var transfers = done.transfers
        transfers.insert(
            contentsOf: done.transfers[start..<(start + 6)] + [question], at: start)
        let outputs = heard(transfers)
        #expect(batches(outputs) == done.batches)
        #expect(gaps(outputs) == [])
    }

    @Test("pages that moved while the host read them do not follow each other")
    func movedPages() {
        var fake = FakeCareLink(pages: ParadigmSessionTests.pages)
        let full = PageBuilder.page(PageBuilder.boluses(90, from: 300))
        fake.beforePage = { fake, number in
            guard number == 1, fake.pages.count == 3 else { return }
            fake.pages = [PageBuilder.page([]), full] + fake.pages.dropFirst()
        }
        let adjacencies = batches(heard(recording(fake).transfers)).map(\.adjacency)
        #expect(adjacencies.prefix(4) == [.unknown, .unknown, .precedesPrevious, .precedesPrevious])
    }

    @Test("without the model a page that reads in two ways is reported, with it it is read")
    func ambiguousPage() {
        let total: [UInt8] = [0x07, 0, 0, 0x0B, 0x48, 0x05, 0x9A, 0, 0, 0]
        let done = recording(FakeCareLink(pages: [PageBuilder.page([total, total])]))
        let silent = done.transfers.filter { transfer in
            !(transfer.direction == .hostToDevice && transfer.bytes.count > 13 && transfer.bytes[13] == 141)
        }
        let outputs = heard(silent)
        #expect(batches(outputs) == [])
        #expect(gaps(outputs).map(\.reason) == [.undecoded])
        #expect(batches(heard(silent, DecodingHints(model: "522"))).map(\.records.count) == [2])
        #expect(batches(heard(done.transfers)).map(\.records.count) == [2])
    }

    @Test("two pumps in one recording are two pumps")
    func twoPumps() {
        var other = FakeCareLink(pages: [ParadigmSessionTests.pages[2]])
        other.serial = "111222"
        var second = Download(other, serial: "111222")
        second.run()
        let first = recording(FakeCareLink(pages: [ParadigmSessionTests.pages[1]]))
        let outputs = heard(first.transfers + second.transfers)
        var serial = ""
        var heardOf: [String: Int] = [:]
        for output in outputs {
            if case .identity(let pump) = output { serial = pump.serial }
            if case .batch(let batch) = output { heardOf[serial, default: 0] += batch.records.count }
        }
        #expect(heardOf == ["208850": 60, "111222": 61])
        #expect(batches(outputs).map(\.adjacency) == [.unknown, .unknown])
    }

    @Test("a conversation about nothing that concerns a pump gives nothing")
    func nothing() {
        #expect(heard([]) == [.finished])
        #expect(heard([.init(.hostToDevice, [9, 9, 9]), .init(.deviceToHost, [1, 2, 3])]) == [.finished])
        #expect(heard([.init(.deviceToHost, [2, 0, 3, 0, 0, 0x80, 1])]) == [.finished])
    }
}
