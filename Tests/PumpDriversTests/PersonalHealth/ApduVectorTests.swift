import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

/// Published APDUs and tapes of other people's implementations.
@Suite("Published APDUs", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct ApduVectorTests {
    private static let folder = "antidote_apdu"

    /// What is no APDU, and why.
    private static let refusals: [String: String] = [
        "H221_ID_0190": "the APDU says 168 bytes and has 174",
        "H221_ID_02BC": "the APDU says 148 bytes and has 154",
        "pulse_oximeter/pulse_oximeter_buf_scan_report_mp_grouped": "the APDU says 48 bytes and has 46",
        "scan_report_info_var": "the bytes end inside the event report",
    ]
    /// Messages without the APDU around them.
    private static let bare: Set<String> = ["data_apdu1", "data_apdu2"]
    /// Prose.
    private static let description = "pulse_oximeter/description"

    private static func names() throws -> [String] {
        let root = Vectors.url(folder).resolvingSymlinksInPath().path + "/"
        return Vectors.files(below: folder, suffix: "").map { $0.resolvingSymlinksInPath() }.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder) && !isFolder.boolValue
        }.map { String($0.path.dropFirst(root.count)) }.filter { $0 != description }
    }

    @Test("every published APDU decodes and encodes to the same bytes, or is refused for its reason")
    func corpus() throws {
        let names = try Self.names()
        #expect(names.count == 50)
        var roundTrips = 0
        for name in names {
            let bytes = try Vectors.bytes(Self.folder + "/" + name)
            do throws(ApduProblem) {
                let again = Self.bare.contains(name) ? try DataMessage(bytes: bytes).bytes : try Apdu(bytes).bytes
                #expect(Self.refusals[name] == nil, "\(name) was not refused")
                #expect(again == bytes, "\(name)")
                roundTrips += 1
            } catch {
                #expect(error.description == Self.refusals[name], "\(name)")
            }
        }
        #expect(roundTrips == names.count - Self.refusals.count)
    }

    @Test("the prose among the vectors is refused") func prose() throws {
        let bytes = try Vectors.bytes(Self.folder + "/" + Self.description)
        #expect(throws: ApduProblem.self) { try Apdu(bytes) }
    }

    @Test("no message of the corpus is kept as bytes that nobody looked into")
    func depth() throws {
        for name in try Self.names() where Self.refusals[name] == nil && !Self.bare.contains(name) {
            guard case .presentation(let message) = try Apdu(try Vectors.bytes(Self.folder + "/" + name)) else {
                continue
            }
            if case .event(let report, _) = message.body, case .other = report.content {
                Issue.record("\(name): event \(report.event)")
            }
        }
    }

    @Test("the tapes of another agent and manager come out of a stream in pieces of any size, and go back in")
    func tapes() throws {
        for url in Vectors.files(below: "antidote_live", suffix: ".tape") {
            let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            #expect(lines.count >= 7)
            for direction in ["recvh", "sendh"] {
                let sent = lines.filter { $0.hasPrefix(direction) }.compactMap {
                    bytes(fromHex: $0.dropFirst(direction.count))
                }
                for size in [1, 3, 64, 10_000] {
                    var stream = ApduStream()
                    var heard: [[UInt8]] = []
                    let all = sent.flatMap(\.self)
                    for start in stride(from: 0, to: all.count, by: size) {
                        let fits = stream.append(Array(all[start..<min(start + size, all.count)]))
                        #expect(fits)
                        while let apdu = stream.next() { heard.append(apdu) }
                    }
                    #expect(heard == sent)
                    #expect(stream.dropped == 0)
                }
                for apdu in sent { #expect(try Apdu(apdu).bytes == apdu) }
            }
        }
    }

    @Test("annex H of the standard: a scale says who it is")
    func identity() throws {
        guard case .presentation(let message) = try Apdu(try Vectors.bytes(Self.folder + "/H233")),
            case .getAnswer(_, let attributes) = message.body
        else {
            Issue.record("no answer with attributes")
            return
        }
        let system = try PhdSystem(attributes)
        #expect(system.name == "TheCompany TheScaleABC")
        #expect(system.identity.serial == "DE124567")
        #expect(system.identity.systemID == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
        #expect(system.clock == CivilDateTime("2007-02-01T12:05:00"))
    }
}
