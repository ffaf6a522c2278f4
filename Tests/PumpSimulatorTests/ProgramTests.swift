import Foundation
import Glibc
import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

/// The built program, run as a tester runs it.
@Suite("pumpsim, the program", .serialized)
struct ProgramTests {
    private static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "pumpsim")

    /// A running pumpsim; ended with its owner.
    private final class Running {
        let process = Process()
        let input = Pipe()
        private let output = Pipe()
        private let errors = Pipe()
        private var rest: [UInt8] = []
        let folder: URL

        init(_ arguments: [String]) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "pumpsim-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            process.executableURL = ProgramTests.program
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.standardInput = input
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            // No test waits for ever: a simulator that hangs is ended, and what is read from it ends too.
            let number = process.processIdentifier
            DispatchQueue.global().asyncAfter(deadline: .now() + 20) { [weak process] in
                if process?.isRunning == true { kill(number, SIGKILL) }
            }
        }

        deinit {
            if process.isRunning { process.terminate() }
            try? FileManager.default.removeItem(at: folder)
        }

        /// The next line that contains `part`; nil when the output ends before.
        func line(with part: String) -> String? {
            while true {
                while let end = rest.firstIndex(of: 0x0A) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(...end)
                    if line.contains(part) { return line }
                }
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                rest += more
            }
        }

        func type(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

        func end() -> (status: Int32, errors: String) {
            process.waitUntilExit()
            return (
                process.terminationStatus,
                String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            )
        }
    }

    /// Writes a frame and reads what comes back within two seconds.
    private static func ask(_ descriptor: Int32, _ text: String) -> String {
        let frame = MivaFrame.bytes(text)
        _ = write(descriptor, frame, frame.count)
        var reply: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while reply.last != 0x03 {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 2000) > 0 else { break }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            reply += buffer.prefix(count)
        }
        return String(decoding: reply.dropFirst().dropLast(3), as: UTF8.self)
    }

    @Test("it serves a pseudo-terminal under the name that was asked for, can be unplugged, and takes its link away")
    func pseudoTerminal() throws {
        let running = try Running(["miva", "--pty", "ttyUSB77", "--ends-at", "2026-10-05T12:00"])
        let ready = try #require(running.line(with: "\"ready\""))
        #expect(ready.contains("\"serial\":\"SIM00001\""))
        let link = running.folder.appending(path: "ttyUSB77").path
        let descriptor = open(link, O_RDWR | O_NOCTTY)
        #expect(descriptor >= 0)
        #expect(Self.ask(descriptor, "RN") == "RNSIM00001")
        running.type("log container-detached")
        #expect(running.line(with: "\"logged\"")?.contains("\"act\":\"container-detached\"") == true)
        running.type("unplug")
        #expect(running.line(with: "\"control\":\"unplug\",\"ok\":true") != nil)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(descriptor, &buffer, 16) <= 0)
        close(descriptor)
        #expect(!FileManager.default.fileExists(atPath: link))
        running.type("plug")
        #expect(running.line(with: "\"control\":\"plug\",\"ok\":true") != nil)
        let again = open(link, O_RDWR | O_NOCTTY)
        #expect(Self.ask(again, "RN") == "RNSIM00001")
        close(again)
        running.process.terminate()
        #expect(running.end().status == 0)
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == nil)
    }

    @Test("a forbidden command ends it loudly")
    func violation() throws {
        let running = try Running(["miva", "--pty", "pump", "--ends-at", "2026-10-05T12:00"])
        _ = try #require(running.line(with: "\"ready\""))
        let descriptor = open(running.folder.appending(path: "pump").path, O_RDWR | O_NOCTTY)
        #expect(Self.ask(descriptor, "WN12345678") == "")
        close(descriptor)
        let (status, errors) = running.end()
        #expect(status == 7)
        #expect(errors.contains("forbidden command WN12345678: it writes to the pump"))
    }

    @Test("so does a forbidden command through the stick: the maker's own uploader would be caught")
    func violationThroughTheStick() throws {
        let running = try Running(["paradigm", "--pty", "stick", "--ends-at", "2026-10-05T12:00"])
        _ = try #require(running.line(with: "\"ready\""))
        let descriptor = open(running.folder.appending(path: "stick").path, O_RDWR | O_NOCTTY)
        // Suspend: command 77, parameter 1.
        let head: [UInt8] = [0x01, 0x00, 0xA7, 0x01, 0x00, 0x00, 0x01, 0x80, 0x01, 0x00, 0x02, 0x01, 0x00, 77]
        let packet = head + [crc8(head)] + [1] + [crc8([1])]
        _ = write(descriptor, packet, packet.count)
        let (status, errors) = running.end()
        close(descriptor)
        #expect(status == 7)
        #expect(errors.contains("forbidden command 77 (0x4D): it suspends or resumes delivery"), "\(errors)")
    }

    @Test("a cable that is pulled at a byte lets exactly the bytes before it through, and comes back")
    func drop() throws {
        let running = try Running([
            "miva", "--pty", "pump", "--ends-at", "2026-10-05T12:00", "--fault", "drop:60:1",
        ])
        _ = try #require(running.line(with: "\"ready\""))
        let link = running.folder.appending(path: "pump").path
        let descriptor = open(link, O_RDWR | O_NOCTTY)
        // 46 bytes each.
        let requests = MivaFrame.bytes("RE00000000") + MivaFrame.bytes("RE00000001")
        _ = write(descriptor, requests, requests.count)
        #expect(running.line(with: "\"did\":\"unplugged\"") != nil)
        var heard = 0
        var buffer = [UInt8](repeating: 0, count: 256)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { heard += count }
        close(descriptor)
        // The test may read only after the cable is out; then what nobody read is gone, but never is it more.
        #expect(heard <= 60)
        #expect(running.line(with: "\"did\":\"plugged\"") != nil)
        let again = open(link, O_RDWR | O_NOCTTY)
        #expect(Self.ask(again, "RN") == "RNSIM00001")
        close(again)
    }

    @Test("the next host finds the line free and empty, whatever the last one left")
    func nextHost() throws {
        let (readExclusive, setExclusive): (UInt, UInt) = (0x8004_5440, 0x540C)
        let running = try Running(["miva", "--pty", "pump", "--ends-at", "2026-10-05T12:00"])
        _ = try #require(running.line(with: "\"ready\""))
        let link = running.folder.appending(path: "pump").path
        let first = open(link, O_RDWR | O_NOCTTY)
        #expect(ioctl(first, setExclusive) == 0)
        let request = MivaFrame.bytes("RE00000000")
        _ = write(first, request, request.count)
        #expect(running.line(with: "\"index\":0") != nil)
        close(first)
        usleep(200_000)
        let second = open(link, O_RDWR | O_NOCTTY)
        var isExclusive: Int32 = -1
        #expect(ioctl(second, readExclusive, &isExclusive) == 0)
        #expect(isExclusive == 0)
        #expect(Self.ask(second, "RN") == "RNSIM00001")
        close(second)
    }

    @Test("simulated time runs as fast as it is told, and the pump goes on logging")
    func speed() throws {
        let running = try Running([
            "miva", "--pty", "pump", "--ends-at", "2026-10-05T12:00", "--speed", "100000",
        ])
        _ = try #require(running.line(with: "\"ready\""))
        #expect(running.line(with: "\"act\":\"delivery-started\"") != nil)
        running.type("quit")
        #expect(running.end().status == 0)
    }

    @Test("it serves TCP on this machine, and refuses to listen beyond it unless told")
    func tcp() throws {
        let running = try Running(["miva", "--tcp", "127.0.0.1:0", "--ends-at", "2026-10-05T12:00"])
        let ready = try #require(running.line(with: "\"ready\""))
        let port = try #require(
            ready.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.output.1) })
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        #expect(Self.ask(descriptor, "RI").hasPrefix("RI"))
        close(descriptor)
        running.type("quit")
        #expect(running.end().status == 0)
        #expect(try Running(["miva", "--tcp", "0.0.0.0:0"]).end().status == 4)
    }

    @Test(
        "wrong usage is 2, a bad scenario 3",
        arguments: [
            (["miva", "--usbip", "--usb", "modem"], 2, "acm, ftdi, carelink, phdc"),
            (["miva", "--usb", "acm"], 2, "go with --usbip"),
            (["miva", "--usbip", "0.0.0.0:0"], 4, "--anywhere"),
            (["miva", "--usbip", "here"], 4, "HOST:PORT"),
            (["phd", "--scenario", "insulin"], 2, "pumpsim paradigm"),
            (["phd", "--connect", "nowhere"], 4, "HOST:PORT"),
            (["miva", "--scenario", "insulin"], 2, "pumpsim paradigm"),
            (["miva", "--scenario", "nowhere.json"], 2, "no file"),
            (["miva", "--serial", "M1234567"], 2, "SIM"),
            (["miva", "--fault", "explode"], 2, "no such fault"),
            (["miva", "--fault", "cancel-prime"], 2, "no such thing in its log"),
            (["miva", "--zone", "CST"], 2, "IANA"),
            (["miva", "--scenario", Vectors.checkout.appending(path: "LICENSE").path], 3, "not JSON"),
        ] as [([String], Int32, String)])
    func usage(arguments: [String], status: Int32, part: String) throws {
        let (found, errors) = try Running(arguments).end()
        #expect(found == status, "\(errors)")
        #expect(errors.contains(part), "\(errors)")
    }
}
