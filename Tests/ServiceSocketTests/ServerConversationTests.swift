import Testing

@testable import ServiceSocket

@Suite("A client's conversation")
struct ServerConversationTests {
    static let limits = ServerConversation.Limits(
        largestRequest: 100, helloTime: .seconds(1), requestTime: .seconds(2), idleTime: .seconds(3))
    static let hello = wire(Hello(largestFrame: 0).frame)

    static func wire(_ frame: Frame) -> [UInt8] { frame.header + frame.payload }

    private func greeted() -> ServerConversation {
        var conversation = ServerConversation(Self.limits)
        _ = conversation.start()
        #expect(conversation.receive(Self.hello[...]) == [.deadline(.seconds(3))])
        return conversation
    }

    private func refused(_ reason: Refusal.Reason, _ sentence: String) -> [ServerConversation.Output] {
        let refusal = Refusal(reason, sentence)
        return [.deadline(nil), .send(refusal.frame), .hangUp(refusal)]
    }

    @Test("greet, ask, be answered, ask again")
    func asked() {
        var conversation = ServerConversation(Self.limits)
        #expect(conversation.start() == [.send(Hello(largestFrame: 100).frame), .deadline(.seconds(1))])
        #expect(conversation.receive(Self.hello[...]) == [.deadline(.seconds(3))])
        for question: [UInt8] in [[1, 2, 3], []] {
            let wire = Self.wire(Frame(.request, question))
            #expect(conversation.receive(wire.prefix(2)) == [.deadline(.seconds(2))])
            #expect(conversation.receive(wire.dropFirst(2)) == [.deadline(nil), .answer(question)])
            #expect(conversation.isAnswering)
            #expect(conversation.held == question.count)
            #expect(conversation.answered() == [.deadline(.seconds(3))])
            #expect(conversation.held == 0)
        }
    }

    @Test("greeting and question may come in one piece")
    func inOnePiece() {
        var conversation = ServerConversation(Self.limits)
        _ = conversation.start()
        let outputs = conversation.receive((Self.hello + Self.wire(Frame(.request, [9])))[...])
        #expect(outputs == [.deadline(.seconds(3)), .deadline(.seconds(2)), .deadline(nil), .answer([9])])
    }

    @Test("a trickle does not move the deadline of a request")
    func trickle() {
        var conversation = greeted()
        let wire = Self.wire(Frame(.request, [1, 2, 3]))
        #expect(conversation.receive(wire[0..<1]) == [.deadline(.seconds(2))])
        for index in 1..<7 { #expect(conversation.receive(wire[index...index]) == []) }
        #expect(conversation.deadlinePassed() == refused(.tooSlow, "the request did not arrive within 2 s"))
        #expect(conversation.receive(wire[7...7]) == [])
    }

    @Test("who does not greet or does not ask is sent away")
    func silent() {
        var shy = ServerConversation(Self.limits)
        _ = shy.start()
        #expect(shy.deadlinePassed() == refused(.tooSlow, "no greeting within 1 s"))
        var idle = greeted()
        #expect(idle.deadlinePassed() == refused(.tooSlow, "no question for 3 s"))
        #expect(idle.deadlinePassed() == [])
    }

    @Test("a deadline that passes while the answer is made means nothing")
    func answeringHasNoDeadline() {
        var conversation = greeted()
        _ = conversation.receive(Self.wire(Frame(.request, [1]))[...])
        #expect(conversation.deadlinePassed() == [])
        #expect(conversation.isAnswering)
    }

    @Test("another version is refused by number")
    func version() {
        var conversation = ServerConversation(Self.limits)
        _ = conversation.start()
        let outputs = conversation.receive(Self.wire(Hello(version: 7, largestFrame: 0).frame)[...])
        #expect(outputs == refused(.wrongVersion, "the daemon speaks version 1 of the protocol, the program 7"))
    }

    @Test("a later version's longer greeting is read for what is known of it")
    func longerGreeting() {
        var conversation = ServerConversation(Self.limits)
        _ = conversation.start()
        let payload = Hello(largestFrame: 0).frame.payload + [1, 2, 3]
        #expect(conversation.receive(Self.wire(Frame(.hello, payload))[...]) == [.deadline(.seconds(3))])
    }

    @Test("what is not the protocol is refused and said")
    func notTheProtocol() {
        let cases: [(String, [UInt8], String)] = [
            ("HTTP", Array("GET / HTTP/1.1\r\n".utf8), "the greeting is too long"),
            ("request first", Self.wire(Frame(.request, [1])), "a request does not belong here"),
            ("other program", Self.wire(Frame(.hello, [1, 2])), "the greeting is not that of a pumpledger program"),
            ("answer", Self.hello + Self.wire(Frame(.part, [])), "a part does not belong here"),
            ("hello twice", Self.hello + Self.hello, "a hello does not belong here"),
            ("kind 77", Self.hello + [0, 0, 0, 1, 77], "a frame of unknown kind 77"),
            ("empty frame", [0, 0, 0, 0, 0], "an empty frame"),
        ]
        for (name, bytes, sentence) in cases {
            var conversation = ServerConversation(Self.limits)
            _ = conversation.start()
            #expect(
                conversation.receive(bytes[...]).suffix(3) == refused(.badProtocol, sentence)[...], "\(name)")
        }
    }

    @Test("a request above the limit is refused with both numbers")
    func tooLarge() {
        var conversation = greeted()
        let outputs = conversation.receive(Frame(.request, [UInt8](repeating: 0, count: 101)).header[...])
        #expect(
            outputs.suffix(3)
                == refused(.requestTooLarge, "the request has 101 bytes, and the daemon takes at most 100")[...])
        #expect(conversation.held == 0)
    }

    @Test("a question while the last one is being answered is refused")
    func impatient() {
        var conversation = greeted()
        let request = Self.wire(Frame(.request, [1]))
        let outputs = conversation.receive((request + request)[...])
        #expect(
            outputs.suffix(3)
                == refused(.badProtocol, "a question came before the one before it was answered")[...])
    }
}
