import PumpCore
import PumpLinks
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("Paradigm session")
struct ParadigmSessionTests {
    /// Page 0 with three records, page 1 with 60, page 2 with 61.
    static let pages = [
        PageBuilder.page(PageBuilder.boluses(3, from: 300)), PageBuilder.page(PageBuilder.boluses(60, from: 200)),
        PageBuilder.page(PageBuilder.boluses(61, from: 100)),
    ]

    func download(_ fake: FakeCareLink = FakeCareLink(pages: Self.pages), _ set: (inout Download) -> Void = { _ in })
        -> Download
    {
        var download = Download(fake)
        set(&download)
        download.run()
        return download
    }

    func expectHarmless(_ download: Download) {
        #expect(download.fake.complaints == [])
        #expect(download.ended)
    }

    @Test("a download tells the pump, its clock, and every page from the newest to the oldest")
    func wholeDownload() {
        let done = download()
        expectHarmless(done)
        #expect(
            done.identities == [
                PumpIdentity(serial: "208850", driver: "paradigm", model: "515", firmware: "VER 2.1A1.1")
            ])
        #expect(done.clocks.map(\.description) == ["2026-10-05T04:03:23"])
        #expect(done.told == ["unknown 3", "precedes-previous 60", "precedes-previous 61"])
        #expect(done.faults == [])
        #expect(done.fake.pumpCommands == [93, 141, 113, 116, 112, 157, 128, 128, 128, 157, 93])
        #expect(done.outputs.contains(.progress(done: 3, total: 3)))
        #expect(done.outputs.suffix(2) == [.noDeadline, .finished])
        let packets = done.transfers.filter { $0.direction == .hostToDevice && $0.bytes.first == 1 }.map(\.bytes.hex)
        #expect(packets.first == "0100a7012088508002550000005d7a010aa2")
        #expect(packets.last == "0100a7012088508002550000005d7a000000")
        #expect(packets[1] == "0100a701208850800000020100" + "8dc700")
        #expect(packets[6] == "0100a701208850800100020200" + "809b0000")
    }

    @Test("it stops at the page from which on the ledger knows the log, and lets the radio sleep")
    func stopsAtKnown() {
        let done = download { $0.knownAfter = 1 }
        expectHarmless(done)
        #expect(done.told == ["unknown 3"])
        #expect(done.fake.pumpCommands.suffix(2) == [128, 93])
        let second = download { $0.knownAfter = 2 }
        #expect(second.told == ["unknown 3", "precedes-previous 60"])
    }

    @Test("bytes may arrive in pieces of any size", arguments: Array(1...70) + [100, 150, 205, 206, 207, 500])
    func tornChunks(size: Int) {
        let done = download { $0.chunk = { _ in size } }
        expectHarmless(done)
        #expect(done.outputs == download().outputs)
    }

    @Test("bytes may arrive in pieces of changing size", arguments: UInt64(1)...20)
    func randomChunks(seed: UInt64) {
        // The session takes chunks in turn, so one generator serves the run.
        final class Box {
            var random: SeededGenerator
            init(_ seed: UInt64) { random = SeededGenerator(seed: seed) }
        }
        let box = Box(seed)
        let done = download { $0.chunk = { Int.random(in: 1...max(1, $0), using: &box.random) } }
        expectHarmless(done)
        #expect(done.outputs == download().outputs, "seed \(seed)")
    }

    /// The replies of the conversation that fetches page 0: from the packet that asks for it to its last part.
    static func pageReplies(_ done: Download) -> Range<Int> {
        let asks = done.replies.indices.filter {
            done.replies[$0].asked.first == 1 && done.replies[$0].asked[13] == 128
        }
        guard let first = asks.first else { return 0..<0 }
        let next = done.replies.indices.first { $0 > first && done.replies[$0].asked.first == 1 } ?? first
        return first..<next
    }

    @Test("one broken byte anywhere in the reading of a page leads to another try and the right records")
    func brokenByte() {
        let fake = FakeCareLink(pages: [Self.pages[1]])
        let sound = download(fake)
        var retried = 0
        for reply in Self.pageReplies(sound) {
            for offset in 0..<sound.replies[reply].count {
                let done = download(fake) {
                    $0.damage = { index, bytes in
                        guard index == reply, offset < bytes.count else { return bytes }
                        var bytes = bytes
                        bytes[offset] ^= 0xFF
                        return bytes
                    }
                }
                #expect(done.batches == sound.batches, "reply \(reply), byte \(offset)")
                #expect(done.fake.complaints == [], "reply \(reply), byte \(offset)")
                let again = done.fake.pagesAsked.count > 1
                retried += again ? 1 : 0
                // Behind the 13 bytes of its head a part holds nothing whose loss could go unseen.
                if sound.replies[reply].asked.first == 0x0C, offset >= 13 {
                    #expect(again, "reply \(reply), byte \(offset)")
                }
            }
        }
        #expect(retried > 1_000)
    }

    @Test("a reply that is cut short, doubled or has noise before it leads to another try and the right records")
    func tornReplies() {
        let sound = download()
        for reply in sound.replies.indices {
            let kinds: [@Sendable ([UInt8]) -> [UInt8]] = [
                { Array($0.dropLast(7)) }, { $0 + $0 }, { [0x00, 0x7F] + $0 }, { _ in [] },
                { [UInt8](repeating: 0x55, count: 300) + $0 },
            ]
            for (kind, change) in kinds.enumerated() {
                let done = download { $0.damage = { index, bytes in index == reply ? change(bytes) : bytes } }
                expectHarmless(done)
                #expect(done.batches == sound.batches, "reply \(reply), kind \(kind)")
            }
        }
    }

    @Test("a silent stick ends the session with a plain sentence, after a bounded number of tries")
    func silentStick() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.stickIsSilent = true
        let done = download(fake)
        #expect(done.ended)
        #expect(done.faults.map(\.kind) == [.silent])
        #expect(done.faults.map(\.isFatal) == [true])
        #expect(done.faults.first?.message.contains("The CareLink stick does not answer. Pull it out") == true)
        #expect(done.replies.count == 3)
    }

    @Test("a stick that falls silent at any moment ends the session, and what was stored stays stored")
    func stickFallsSilent() {
        let sound = download()
        for reply in sound.replies.indices {
            let done = download { $0.damage = { index, bytes in index >= reply ? [] : bytes } }
            #expect(done.ended, "reply \(reply)")
            #expect(sound.batches.starts(with: done.batches), "reply \(reply)")
            let last = sound.replies.count - 1
            if reply < last - 1 { #expect(done.faults.last?.isFatal == true, "reply \(reply)") }
        }
    }

    @Test("a silent pump ends the session with a sentence about the pump, and its radio is told to sleep")
    func silentPump() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.pumpIsSilent = true
        let done = download(fake)
        expectHarmless(done)
        #expect(done.faults.map(\.kind) == [.silent])
        #expect(done.faults.first?.message.contains("Pump 208850 does not answer by radio") == true)
        #expect(done.batches.isEmpty)
        #expect(done.fake.pumpCommands.last == 93)
    }

    @Test("a device that babbles is not taken for a stick, and does not keep the session for ever")
    func babble() {
        let done = download { $0.damage = { _, _ in [UInt8](repeating: 0xAA, count: 4_000) } }
        #expect(done.ended)
        #expect(done.faults.last?.kind == .wrongDevice)
        #expect(done.faults.last?.isFatal == true)
    }

    @Test("a pump whose radio went to sleep is woken, and nothing is lost")
    func wakesAgain() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.sleepsAfter = 7
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told == ["unknown 3", "precedes-previous 60", "precedes-previous 61"])
        #expect(done.fake.pumpCommands.filter { $0 == 93 }.count >= 3)
    }

    @Test("a weak signal is waited for, and said when it stays weak")
    func weakSignal() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.signal = [10, 49, 50]
        let patient = download(fake)
        #expect(patient.faults == [])
        #expect(patient.replies.filter { $0.asked.first == 6 }.count == 3)
        fake.signal = [10]
        let weak = download(fake)
        #expect(weak.replies.filter { $0.asked.first == 6 }.count == 10)
        #expect(weak.faults.map(\.isFatal) == [false])
        #expect(weak.faults.first?.message.contains("signal is weak (10") == true)
        #expect(weak.told.count == 3)
    }

    @Test("without the pump's number nothing is sent", arguments: [nil, "", "SIM", "20885", "20885A", "PUMP 2088 50"])
    func noSerial(serial: String?) {
        var done = Download(FakeCareLink(pages: Self.pages), serial: serial)
        done.run()
        #expect(done.ended)
        #expect(done.replies.isEmpty)
        #expect(done.faults.map(\.isFatal) == [true])
        #expect(done.faults.first?.message.contains("Enrol") == true)
    }

    @Test("a pump that calls itself otherwise than it was called is not read")
    func otherSerial() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.namedSerial = "208851"
        let done = download(fake)
        expectHarmless(done)
        #expect(done.faults.map(\.kind) == [.wrongDevice])
        #expect(done.identities.isEmpty && done.batches.isEmpty)
    }

    @Test("a longer name is kept as the pump says it, and its last six digits are its address")
    func longerSerial() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.serial = "SIM123456"
        var done = Download(fake, serial: "SIM123456")
        done.run()
        expectHarmless(done)
        #expect(done.identities.map(\.serial) == ["SIM123456"])
        #expect(done.told.count == 3)
    }

    @Test("a page that never passes its check is a gap, and the next page's place is unknown")
    func brokenPage() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.pages[1][700] ^= 0x04
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told == ["unknown 3", "unknown 61"])
        #expect(done.gaps.map(\.reason) == [.failedCheck])
        #expect(done.gaps.first?.detail == "history page 1 failed its check 3 times")
        #expect(done.gaps.first?.to?.description == "2026-10-05T05:00:07")
        #expect(done.faults.map(\.kind) == [.garbled])
        #expect(done.fake.pagesAsked == [0, 1, 1, 1, 2])
    }

    /// Its check fails in the pump: no reading makes it better.
    @Test("a session with a page that the pump itself holds broken is finished; one that the line broke is not")
    func brokenOnTheWay() throws {
        var stored = FakeCareLink(pages: Self.pages)
        stored.pages[1][700] ^= 0x04
        #expect(download(stored).faults.allSatisfy { !$0.isFatal })
        // Page 1 as it comes over the air: its third segment never passes.
        var session = ParadigmSession(DecodingHints(serial: "208850"))
        var stick = FakeCareLink(pages: Self.pages)
        var said = session.start()
        var pending = said
        for _ in 0..<10_000 where !pending.isEmpty || !said.contains(.finished) {
            var more: [SessionOutput]
            switch pending.isEmpty ? .deadline(milliseconds: 0) : pending.removeFirst() {
            case .send(let request):
                var reply = stick.take(request)
                if reply.first == 0x02, stick.pagesAsked.last == 1, reply.count > 100 { reply[50] ^= 0x10 }
                more = session.receive(reply)
            case .identity: more = session.known(KnownLog())
            case .batch(let batch):
                more = session.stored(BatchReceipt(added: batch.records.count, known: 0, reachedKnown: false))
            case .deadline: more = pending.isEmpty ? session.deadlinePassed() : []
            default: more = []
            }
            said += more
            pending += more
        }
        let gaps = said.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
        #expect(gaps.map(\.reason) == [.failedCheck])
        let faults = said.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
        #expect(faults.map(\.isFatal) == [false, true])
        #expect(faults.last?.kind == .garbled)
        // Page 2 was read all the same.
        #expect(said.count { if case .batch = $0 { true } else { false } } == 2)
    }

    @Test("a page that the pump does not send, though it answers otherwise, is a gap")
    func unsentPage() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.silentPages = [1]
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told == ["unknown 3", "unknown 61"])
        #expect(done.gaps.map(\.reason) == [.unread])
    }

    @Test("where the pump counts more pages than it has, reading ends after two that it does not send")
    func countTooHigh() {
        var fake = FakeCareLink(pages: Self.pages + [PageBuilder.page([]), PageBuilder.page([]), PageBuilder.page([])])
        fake.silentPages = [3, 4, 5]
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told.count == 3)
        #expect(
            done.gaps.map(\.detail) == [
                "history page 3 was not sent by the pump, though it answers otherwise",
                "history page 4 was not sent by the pump, though it answers otherwise; older pages were not asked for",
            ])
        #expect(!done.fake.pagesAsked.contains(5))
    }

    @Test("a refused question is told as such")
    func refused() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.refuses = [157]
        let done = download(fake)
        expectHarmless(done)
        #expect(done.faults.map(\.kind) == [.refused])
        fake.refuses = [116]
        #expect(download(fake).told.count == 3)
    }

    @Test("a pump with a model that nobody knows is read by the model that a person gave")
    func unknownModel() {
        let total: [UInt8] = [0x07, 0, 0, 0x0B, 0x48, 0x05, 0x9A, 0, 0, 0]
        var fake = FakeCareLink(pages: [PageBuilder.page([total, total])])
        fake.model = "999"
        let alone = download(fake)
        expectHarmless(alone)
        #expect(alone.gaps.map(\.reason) == [.undecoded])
        let helped = download(fake) { $0.session = ParadigmSession(DecodingHints(model: "554", serial: "208850")) }
        #expect(helped.batches.map { $0.records.map(\.raw.count) } == [[10, 10]])
    }

    @Test("an unknown record type keeps the rest of its page and parts it from the newer page")
    func undecodedPage() {
        var fake = FakeCareLink(pages: Self.pages)
        fake.pages[1] = PageBuilder.page(PageBuilder.boluses(5, from: 200) + [[0xEE, 1]])
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told == ["unknown 3", "unknown 5", "precedes-previous 61"])
        #expect(done.batches[1].undecoded?.offset == 45)
        #expect(done.faults.map(\.kind) == [.undecoded])
    }

    @Test("an empty page 0 is passed over")
    func emptyPage() {
        let done = download(FakeCareLink(pages: [PageBuilder.page([])] + Self.pages))
        expectHarmless(done)
        #expect(done.told == ["unknown 3", "precedes-previous 60", "precedes-previous 61"])
    }

    @Test("both halves of a clock setting are joined where a page ends between them")
    func clockSetAcrossPages() {
        let (before, after) = (PageBuilder.time(10, 5, 3, 0, 0), PageBuilder.time(10, 5, 4, 0, 0))
        let done = download(
            FakeCareLink(pages: [
                PageBuilder.page([PageBuilder.clockAfter(after)]),
                PageBuilder.page(PageBuilder.boluses(3, from: 100) + [PageBuilder.clockBefore(before)]),
            ]))
        let changes = done.batches.flatMap(\.records).filter { $0.event.kind == .clockChanged }
        #expect(changes.map(\.event.newTime) == [CivilDateTime("2026-10-05T04:00:00")])
    }

    // MARK: Pages that move

    /// The log as the ledger has it when it follows adjacency and overlap, oldest first; nil where a hole is left.
    func merged(_ batches: [LogBatch]) -> [[UInt8]]? {
        var runs: [[[UInt8]]] = []
        var previous: Int?
        for batch in batches {
            let raw = batch.records.map(\.raw)
            if let place = runs.firstIndex(where: { !Set($0).isDisjoint(with: raw) }) {
                let all = runs[place]
                let older = raw.prefix { !all.contains($0) }
                let newer = raw.reversed().prefix { !all.contains($0) }.reversed()
                runs[place] = older + all + newer
                if batch.adjacency == .precedesPrevious, let previous, previous != place {
                    runs[place] += runs[previous]
                    runs.remove(at: previous)
                }
            } else if batch.adjacency == .precedesPrevious, let at = previous {
                runs[at] = raw + runs[at]
            } else {
                runs.append(raw)
            }
            previous = runs.firstIndex { !Set($0).isDisjoint(with: raw) }
        }
        return runs.count == 1 ? runs.first : nil
    }

    @Test("when page 0 fills while the log is read, no record is lost or comes twice", arguments: 0...3)
    func pagesMove(beforePage: Int) {
        var fake = FakeCareLink(pages: Self.pages)
        let full = PageBuilder.page(PageBuilder.boluses(90, from: 300))
        let fresh = PageBuilder.page(PageBuilder.boluses(4, from: 390))
        // The pump logs more before it sends this page for the first time.
        fake.beforePage = { fake, number in
            guard Int(number) == beforePage, fake.pages.count == 3 else { return }
            fake.pages = [fresh, full] + fake.pages.dropFirst()
        }
        let done = download(fake)
        expectHarmless(done)
        let all = PageBuilder.boluses(61, from: 100) + PageBuilder.boluses(60, from: 200)
        switch beforePage {
        case 0, 1, 2: #expect(merged(done.batches) == all + PageBuilder.boluses(94, from: 300))
        default: #expect(merged(done.batches) == all + PageBuilder.boluses(3, from: 300))
        }
        switch beforePage {
        case 1:
            #expect(
                done.told == [
                    "unknown 3", "unknown 90", "precedes-previous 60", "precedes-previous 61", "unknown 4",
                    "precedes-previous 90",
                ])
        case 2:
            #expect(
                done.told == [
                    "unknown 3", "precedes-previous 60", "precedes-previous 61", "unknown 4", "precedes-previous 90",
                ])
        default: break
        }
    }

    @Test("a page count that grew since the start is noticed, and what is new is read")
    func pagesMoveAtTheEnd() {
        var fake = FakeCareLink(pages: Self.pages)
        let full = PageBuilder.page(PageBuilder.boluses(90, from: 300))
        let fresh = PageBuilder.page(PageBuilder.boluses(4, from: 390))
        fake.beforePage = { fake, number in
            guard number == 2, fake.pages.count == 3 else { return }
            // Too late to be seen in a page: this one is sent as it was.
            fake.pages = [fresh, full, fake.pages[2], fake.pages[2]]
        }
        let done = download(fake)
        expectHarmless(done)
        #expect(done.told.suffix(2) == ["unknown 4", "precedes-previous 90"])
    }

    // MARK: The caller

    @Test("an unplugged stick ends the session once, with what to do")
    func linkEnds() {
        var session = ParadigmSession(DecodingHints(serial: "208850"))
        _ = session.start()
        let outputs = session.linkEnded()
        #expect(outputs.count == 3)
        guard case .fault(let fault) = outputs.dropFirst().first else {
            Issue.record("\(outputs)")
            return
        }
        #expect(fault.kind == .linkEnded && fault.isFatal)
        #expect(session.linkEnded() == [])
        #expect(session.receive([1, 2, 3]) == [])
        #expect(session.deadlinePassed() == [])
        #expect(session.start() == [])
    }

    @Test("answers of the caller that nobody asked for change nothing")
    func unaskedAnswers() {
        var session = ParadigmSession(DecodingHints(serial: "208850"))
        #expect(session.known(KnownLog()) == [])
        #expect(session.stored(BatchReceipt(added: 0, known: 0, reachedKnown: true)) == [])
        #expect(session.receive([1]) == [])
        #expect(session.deadlinePassed() == [])
        #expect(!session.start().isEmpty)
    }

    @Test(
        "every packet that can be built carries a command of the allow-list, and the row of the driver names them all")
    func allowList() {
        let allowed: [UInt8] = [93, 112, 113, 114, 115, 116, 117, 121, 128, 131, 141, 152, 157, 192, 206]
        #expect(ParadigmCommand.allCases.map(\.rawValue) == allowed)
        let named = PumpDriver.paradigm.allowedCommands.map(\.code)
        #expect(allowed.allSatisfy { named.contains(String($0)) })
        #expect(!named.contains("77"))
    }
}
