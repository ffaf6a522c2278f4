package import PumpCore

/// Listens to both directions of a conversation between some host, the CareLink stick and a pump, and takes from it what
/// a download would have taken. It never sends. What the host asked for and this driver would not is passed over.
package struct ParadigmListener: PassiveSession {
    /// A question to the pump whose answer has not come whole.
    private struct Question: Sendable {
        let packet: PumpPacket
        var payload: [UInt8] = []
        var parts = 0

        var page: Int? {
            packet.command == ParadigmCommand.historyPage.rawValue ? packet.parameters.first.map { Int($0) } : nil
        }
    }

    /// A page that did not come whole; the host may ask for it again.
    private struct MissedPage: Sendable {
        let address: RadioAddress
        let number: Int
        var reason: LogGap.Reason
        var why: String
    }

    /// More than any command or radio read has.
    private static let longestBuffer = 65_536

    private var hostBytes: [UInt8] = []
    private var deviceBytes: [UInt8] = []
    /// True while what the stick sends is a radio read.
    private var isReadingRadio = false
    private var question: Question?
    private var missed: MissedPage?
    private var report: SelfReport?
    private var told: PumpIdentity?
    private var trail = PageTrail()
    private var pagesHeard = 0
    private var oldestPage = 0
    private let hints: DecodingHints

    package init(_ hints: DecodingHints) { self.hints = hints }

    package mutating func observe(_ direction: Direction, _ bytes: [UInt8]) -> [SessionOutput] {
        switch direction {
        case .hostToDevice:
            deviceBytes = []
            isReadingRadio = false
            hostBytes += bytes.prefix(Self.longestBuffer - hostBytes.count)
            return []
        case .deviceToHost:
            // The host waits for an answer, so what it sent is whole.
            var outputs: [SessionOutput] = []
            for command in StickCommand.split(hostBytes) { outputs += heard(command) }
            hostBytes = []
            guard isReadingRadio else { return outputs }
            deviceBytes += bytes.prefix(Self.longestBuffer - deviceBytes.count)
            return outputs + readRadio()
        }
    }

    package mutating func end() -> [SessionOutput] {
        var outputs: [SessionOutput] = []
        for command in StickCommand.split(hostBytes) { outputs += heard(command) }
        hostBytes = []
        abandonQuestion()
        outputs += reportMissed()
        if told == nil, let report, report.serial != nil { outputs += identify(report) }
        return outputs + [.finished]
    }

    // MARK: The host

    private mutating func heard(_ command: StickCommand) -> [SessionOutput] {
        switch command {
        case .readRadio:
            isReadingRadio = true
            return []
        case .transmit(let packet):
            isReadingRadio = false
            abandonQuestion()
            question = packet.answers == PumpPacket.Answers.none.rawValue ? nil : Question(packet: packet)
            var outputs: [SessionOutput] = []
            if let missed, givesUp(missed, packet) { outputs = reportMissed() }
            if report?.address != packet.address { meet(packet.address) }
            return outputs
        case .productInfo, .radioStatistics, .usbStatistics, .signalStrength, .linkStatus:
            isReadingRadio = false
            return []
        }
    }

    /// Who asks for another page, or calls another pump, does not come back to this one.
    private func givesUp(_ missed: MissedPage, _ packet: PumpPacket) -> Bool {
        guard packet.address == missed.address else { return true }
        return question?.page.map { $0 != missed.number } ?? false
    }

    /// Another pump: nothing heard so far is about it.
    private mutating func meet(_ address: RadioAddress) {
        report = SelfReport(address, hints)
        told = nil
        trail.interrupt()
        pagesHeard = 0
        oldestPage = 0
    }

    // MARK: The pump

    private mutating func readRadio() -> [SessionOutput] {
        guard let length = RadioSegment.length(deviceBytes), deviceBytes.count >= length else { return [] }
        isReadingRadio = false
        let bytes = Array(deviceBytes.prefix(length))
        deviceBytes = []
        guard var current = question else { return [] }
        let segment: RadioSegment
        switch RadioSegment.read(bytes, from: current.packet.address) {
        case .success(let read): segment = read
        case .failure(.garbled):
            question = nil
            return miss(current, .failedCheck, "arrived with a broken check")
        case .failure(.otherPump(let other)):
            question = nil
            let fault = SessionFault(
                .wrongDevice, "Pump \(current.packet.address.text) was called and pump \(other.text) answered.",
                isFatal: false)
            return [.fault(fault)] + miss(current, .unread, "was answered by another pump")
        }
        current.payload += segment.payload.prefix(Self.longestBuffer - current.payload.count)
        current.parts += 1
        question = segment.isLast ? nil : current
        return segment.isLast ? answered(current) : []
    }

    private mutating func answered(_ question: Question) -> [SessionOutput] {
        guard let command = ParadigmCommand(rawValue: question.packet.command), var heard = report else { return [] }
        switch command {
        case .model, .firmware, .pumpID:
            guard heard.take(command, question.payload) else {
                return [
                    .fault(
                        SessionFault(
                            .wrongDevice,
                            "Pump \(heard.address.text) calls itself "
                                + "\(PumpAnswer.serial(question.payload) ?? "by no readable number").", isFatal: false))
                ]
            }
            report = heard
            return []
        case .clock:
            guard let time = PumpAnswer.clock(question.payload) else { return [] }
            return identify(heard) + [.clock(.civil(time))]
        case .pageNumber:
            oldestPage = PumpAnswer.oldestPage(question.payload) ?? oldestPage
            return []
        case .historyPage: return page(question)
        default: return []
        }
    }

    /// Says who speaks, again where more is known than last time.
    private mutating func identify(_ heard: SelfReport) -> [SessionOutput] {
        let identity = heard.identity
        guard told != identity else { return [] }
        told = identity
        return [.identity(identity)]
    }

    // MARK: Pages

    private mutating func page(_ question: Question) -> [SessionOutput] {
        guard let number = question.page, let heard = report else { return [] }
        var page: PageReading
        switch PageReading.read(question.payload, model: heard.readableModel) {
        case .success(let read): page = read
        case .failure(.brokenCheck): return miss(question, .failedCheck, "failed its check")
        case .failure(.ambiguous):
            return miss(question, .undecoded, "reads in two ways, and no model was heard; name it with --model")
        case .failure(.refused(let reason)): return miss(question, .undecoded, "was refused: \(reason)")
        }
        missed = nil
        pagesHeard += 1
        var outputs = identify(heard)
        outputs.append(.progress(done: pagesHeard, total: max(pagesHeard, oldestPage + 1)))
        let placement = trail.place(&page, number: number)
        if let undecoded = page.undecoded {
            outputs.append(.fault(SessionFault.undecoded(page: number, undecoded)))
        }
        if page.records.isEmpty, page.undecoded == nil { return outputs }
        outputs.append(
            .batch(LogBatch(records: page.records, adjacency: .init(placement), undecoded: page.undecoded)))
        return outputs
    }

    /// Keeps a page in mind that did not come whole: the host may ask again.
    private mutating func miss(_ question: Question, _ reason: LogGap.Reason, _ why: String) -> [SessionOutput] {
        guard let number = question.page else { return [] }
        missed = MissedPage(address: question.packet.address, number: number, reason: reason, why: why)
        return []
    }

    private mutating func abandonQuestion() {
        guard let current = question else { return }
        question = nil
        _ = miss(current, .unread, "broke off after \(current.parts) parts")
    }

    private mutating func reportMissed() -> [SessionOutput] {
        guard let page = missed, let heard = report else { return [] }
        missed = nil
        let detail = "history page \(page.number) \(page.why)"
        let gap = LogGap(
            after: nil, before: nil, from: nil, to: trail.oldest?.deviceTime, reason: page.reason, detail: detail)
        let kind: SessionFault.Kind = page.reason == .undecoded ? .undecoded : .garbled
        return identify(heard) + [
            .gap(gap),
            .fault(SessionFault(kind, "H" + detail.dropFirst() + "; nothing of it is believed.", isFatal: false)),
        ]
    }
}
