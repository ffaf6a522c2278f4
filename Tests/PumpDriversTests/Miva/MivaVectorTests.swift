import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

/// Frames and decoded events as the maker's own reader gives them.
@Suite("MIVA against the maker's reader", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct MivaVectorTests {
    struct Oracle: Decodable {
        struct Event: Decodable {
            struct Parsed: Decodable {
                var type: String
                var time: String
                var subtype: String?
                var status: String?
                var voltage: Double?
                var vinf: Double?
                var batteryVinf: Double?

                enum CodingKeys: String, CodingKey {
                    case type = "event_type"
                    case time
                    case subtype = "sub_type"
                    case status = "battery_status"
                    case voltage = "battery_voltage (V)"
                    case vinf = "vinf (mL)"
                    case batteryVinf = "battery_vinf (mL)"
                }
            }

            var hex: String
            var parsed: Parsed
        }

        var frames: [String: String]
        var events: [String: Event]
    }

    let oracle: Oracle

    init() throws {
        oracle = try JSONDecoder().decode(Oracle.self, from: Data(Vectors.bytes("miva/miva_oracle.json")))
    }

    @Test("every request frame is the maker's, byte for byte")
    func frames() throws {
        #expect(oracle.frames.count == 14)
        let commands: [MivaCommand] = [
            .indexes, .event(0), .event(0xA8FF), .clock, .serialNumber, .firmware, .library, .platform, .baseYear,
            .totalVolume, .batteryVoltage, .onTime, .identification, .serialByName,
        ]
        for command in commands {
            let text = String(decoding: command.payload, as: UTF8.self)
            let expected = try #require(oracle.frames[text], "\(text)")
            #expect(MivaFrame.bytes(command.payload).hex == expected, "\(text)")
        }
    }

    @Test("every event says what the maker's reader says")
    func events() throws {
        let kinds: [String: EventKind] = [
            "RUN_INFUSION": .deliveryStarted, "INFUSION_PAUSED": .deliveryStopped,
            "CASSETTE_EMPTY_ALARM": .containerEmpty, "DOSE_GRANTED": .bolus, "DOSE_FINISH": .bolus,
            "CASSETTE_DETACHED_ALARM": .containerDetached, "CLEAR_SHIFT_TOTAL": .note, "POWER_ON": .powerOn,
            "POWER_OFF": .powerOff, "BATTERY": .battery, "OCCLUSION_ALARM": .alarm,
        ]
        let labels: [String: String] = [
            "EXTRA_DOSE": "extra dose granted", "EXTRA_DOSE_FINISH": "extra dose finished",
            "DOWNSTREAM_OCCLUSION": "downstream occlusion",
        ]
        #expect(oracle.events.count == 11)
        for (name, event) in oracle.events {
            let raw = try #require(bytes(fromHex: event.hex))
            let decoder = MivaDecoder(format: .counter, meaning: .newer)
            guard case .read(let reading) = decoder.decode(raw), let record = reading.records.first else {
                Issue.record("\(name) was not read")
                continue
            }
            #expect(record.raw == raw, "\(name)")
            #expect(record.event.kind == kinds[event.parsed.type], "\(name)")
            let seconds = event.parsed.time.split(separator: "(").last?.split(separator: " ").first.flatMap { Int($0) }
            #expect(record.deviceTime == .counter(seconds: try #require(seconds)), "\(name)")
            if let volume = event.parsed.vinf ?? event.parsed.batteryVinf {
                #expect(record.event.amount?.value == volume, "\(name)")
            }
            if let subtype = event.parsed.subtype {
                #expect(record.event.label?.hasPrefix(try #require(labels[subtype])) == true, "\(name)")
            }
            if let volts = event.parsed.voltage {
                let text = String(format: "%.2f V", volts)
                #expect(record.event.label?.hasSuffix(text) == true, "\(name)")
            }
        }
    }

    @Test(
        "all of them in one file need no hint: the later types prove newer firmware, and only a counter fits the times")
    func together() throws {
        let all = try oracle.events.values.sorted { $0.parsed.time < $1.parsed.time }
            .map { try #require(bytes(fromHex: $0.hex)) }
        guard case .read(let reading) = MivaDecoder(DecodingHints()).decode(Array(all.joined())) else {
            Issue.record("not read")
            return
        }
        #expect(reading.records.count == 11)
        #expect(reading.layout == "counter clock, firmware with cassette alarms")
        #expect(reading.records.contains { $0.event.kind == .containerEmpty })
    }
}
