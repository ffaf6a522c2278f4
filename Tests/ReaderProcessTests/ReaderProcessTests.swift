import Foundation
import PumpCore
import PumpDrivers
import ReaderProcess
import TestSupport
import Testing

/// Processes of their own, each for what one device sends.
@Suite("A reader's process", .serialized, .timeLimit(.minutes(3)))
struct ReaderProcessTests {
    @Test("says what the session itself would say", arguments: [UInt64(1), 2, 3])
    func sameWords(seed: UInt64) throws {
        func download(_ session: any DownloadSession) -> Conversation {
            let line = FakeLine(chunk: 7, seed: seed) { reply, generator in
                for index in reply.indices where UInt8.random(in: 0..<200, using: &generator) == 0 {
                    reply[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
            var conversation = Conversation(
                session, FakeMiva(serial: "SIM00042", first: 3, records: 150), line: line)
            conversation.run()
            return conversation
        }
        let hints = DecodingHints(serial: "SIM00042")
        let makeSession = try #require(PumpDriver.miva.makeSession)
        let here = download(makeSession(hints))
        let there = download(ReaderSession(.miva, hints, program: Poison.program))
        #expect(there.said == here.said)
        #expect(there.said.count > 150)
        #expect(there.ledger.log.map(\.raw) == here.ledger.log.map(\.raw))
    }

    @Test(
        "that does what no reader may is ended, whatever it is",
        arguments: [
            ("i", "crash (signal 4)"), ("m", "crash"), ("o", "crash (signal 31)"), ("s", "crash (signal 31)"),
            ("k", "crash (signal 31)"), ("x", "crash (signal 31)"), ("e", "end too early (exit code 3)"),
            ("l", "more than any answer has"), ("g", "break its rules"), ("t", "break its rules"),
            ("w", "a command that is not on the driver's list"), ("b", "records that nobody waits for"),
            ("n", "a name that no pump has"),
        ])
    func poison(byte: String, consequence: String) throws {
        let fault = try #require(Poison.swallow(byte))
        #expect(fault.kind == .readerFailed && fault.isFatal)
        #expect(fault.message.contains(consequence), "\(fault.message)")
    }

    @Test("that hangs is ended when its time is up, and no sooner")
    func hang() throws {
        var patience = ReaderPatience()
        patience.processorMilliseconds = 300
        let begun = ContinuousClock.now
        let fault = try #require(Poison.swallow("h", patience))
        #expect(fault.message.contains("hang"))
        let took = ContinuousClock.now - begun
        #expect(took > .milliseconds(290) && took < .milliseconds(patience.milliseconds), "\(took)")
        #expect(Children.all.isEmpty)
    }

    /// In a process of its own: beside it other tests open files and start programs.
    @Test("crashes 200 times: no process and no descriptor stays behind")
    func manyCrashes() async {
        await #expect(processExitsWith: .exitCode(7)) {
            _ = Poison.swallow("i")
            let before = try Children.descriptors()
            for _ in 0..<200 {
                guard Poison.swallow("i")?.kind == .readerFailed else { exit(1) }
            }
            guard try Children.descriptors() == before else { exit(2) }
            exit(Children.all.isEmpty ? 7 : 3)
        }
    }

    @Test("ends with its session, and has nothing of the daemon's but its socket")
    func bareProcess() throws {
        var session: ReaderSession? = Poison.session()
        _ = session?.start()
        let pid = try #require(Children.all.first)
        let inside = "/proc/\(pid)"
        let open = try FileManager.default.contentsOfDirectory(atPath: inside + "/fd").sorted()
        #expect(open == ["0", "1", "2", "3"])
        let environment = try String(contentsOfFile: inside + "/environ", encoding: .utf8)
        #expect(environment == "SWIFT_BACKTRACE=enable=no\0")
        let status = try String(contentsOfFile: inside + "/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        let limits = try String(contentsOfFile: inside + "/limits", encoding: .utf8)
        for (name, most) in [("Max core file size", "0"), ("Max open files", "4"), ("Max cpu time", "60")] {
            let line = limits.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            #expect(line.dropFirst(26).split(separator: " ").prefix(2).allSatisfy { $0 == most }, "\(line)")
        }
        session = nil
        #expect(Children.all.isEmpty)
    }

    @Test("that cannot be started is no fault of the pump's")
    func noProgram() throws {
        var session = ReaderSession(
            .miva, DecodingHints(), program: ReaderProgram(path: "/nonexistent", arguments: ["x"]))
        let said = session.start()
        guard case .fault(let fault)? = said.first else { return #expect(Bool(false), "\(said)") }
        #expect(fault.kind == .noReader && fault.isFatal)
        #expect(session.receive([1]).isEmpty)
    }

    @Test("that the system does not confine reads nothing, and is no fault of the pump's")
    func unconfined() throws {
        let program = ReaderProgram(path: "/bin/sh", arguments: ["sh", "-c", "exit 71"])
        var session = ReaderSession(.miva, DecodingHints(), program: program)
        guard case .fault(let fault)? = session.start().first else {
            Issue.record("it goes on")
            return
        }
        #expect(fault.kind == .noReader && fault.message.contains("confined"))
    }

    @Test("the sentence says where the recording is, or that there is none")
    func sentence() throws {
        let crash = ReaderFailure.crashed(signal: 4)
        #expect(crash.fault(recordingsIn: "/var/rec").message.contains("kept in /var/rec"))
        #expect(crash.fault(recordingsIn: nil).message.contains("recordSessionsTo"))
    }
}

/// Readers that this process started and has not waited for, zombies among them.
enum Children {
    static func descriptors() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").sorted()
    }

    static var all: [Int32] {
        let me = getpid()
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[end...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(me)" && stat[..<end].hasSuffix("-reader")
        }
    }
}
