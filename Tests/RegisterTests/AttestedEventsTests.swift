import PumpCore
import PumpDrivers
import Register
import Testing

@Suite("Attested events")
struct AttestedEventsTests {
    func read(_ text: String) throws -> [String: [RawRecord]] {
        try AttestedEvents.read(Array(text.utf8), file: "events.csv")
    }

    func text(_ record: RawRecord) -> String { String(decoding: record.raw, as: UTF8.self) }

    @Test("a row is one record: canonical bytes, sequence, device time, event")
    func record() throws {
        let read = try read(
            """
            pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note
            007,,12,2026-10-05T06:02,dose-completed,0250.50,2026-10-05T06:00,BAG-1,"Doe, RN",calm

            """)
        let record = try #require(read["007"]?.first)
        #expect(
            text(record)
                == "007,1,12,2026-10-05T06:02:00,dose-completed,250.5,2026-10-05T06:00:00,BAG-1,\"Doe, RN\",calm")
        #expect(record.devicePosition == 12)
        #expect(record.deviceTime == CivilDateTime("2026-10-05T06:02").map(DeviceTime.civil))
        let expected = PumpEvent(.doseCompleted) {
            $0.channel = 1
            $0.delivered = .milliliters(thousandths: 250_500)
            $0.doseSlot = CivilDateTime("2026-10-05T06:00")
            $0.containerID = "BAG-1"
            $0.by = "Doe, RN"
            $0.note = "calm"
        }
        #expect(record.event == expected)
    }

    @Test(
        "a volume is programmed at the begin of a dose or delivery, delivered at its end, and else an amount",
        arguments: EventKind.allCases)
    func volumes(kind: EventKind) throws {
        let read = try read(
            "pump_serial,sequence,device_time,kind,volume_ml,note\nM1,1,2026-10-05T06:00,\(kind.rawValue),2.125,2026-10-05T07:00\n"
        )
        let event = try #require(read["M1"]?.first).event
        let volume = Quantity.milliliters(thousandths: 2125)
        let begins: Set<EventKind> = [.doseStarted, .deliveryStarted]
        let ends: Set<EventKind> = [.doseCompleted, .doseCancelled, .bolus, .bolusCancelled, .deliveryStopped]
        #expect(event.programmed == (begins.contains(kind) ? volume : nil))
        #expect(event.delivered == (ends.contains(kind) ? volume : nil))
        #expect(event.amount == (begins.contains(kind) || ends.contains(kind) ? nil : volume))
        #expect(event.newTime == (kind == .clockChanged ? CivilDateTime("2026-10-05T07:00") : nil))
    }

    @Test(
        "the note of an alarm says which one it was",
        arguments: [
            ("occlusion", PumpEvent.Alarm.occlusion), ("Occlusion, line kinked", .occlusion), ("AIR in line", .air),
            ("a leak at the hub", .leak), ("empty-container", .emptyContainer), ("no-delivery", .noDelivery),
            ("door open", .other), ("repaired", .other), ("", nil),
        ])
    func alarms(note: String, alarm: PumpEvent.Alarm?) throws {
        let row = csvRow(["M1", "1", "2026-10-05T06:00", "alarm", note])
        let read = try read("pump_serial,sequence,device_time,kind,note\n\(row)\n")
        #expect(try #require(read["M1"]?.first).event.alarm == alarm)
    }

    @Test("pumps stand apart, each in the order of its sequence, whatever the order of the rows")
    func severalPumps() throws {
        let read = try read(
            """
            pump_serial,sequence,device_time,kind
            M2,5,2026-10-05T06:00,power-on
            M1,2,2026-10-05T07:00,power-off
            M1,1,2026-10-05T06:00,power-on

            """)
        #expect(read.mapValues { $0.map(\.devicePosition) } == ["M1": [1, 2], "M2": [5]])
    }

    @Test("an equal row twice is one event, however it is typed; a sequence of its own may be typed anew later")
    func versions() throws {
        let header = "pump_serial,channel,sequence,device_time,kind,volume_ml\n"
        let twice = try read(header + "M1,,1,2026-10-05T06:00,bolus,1.0\nM1,1,01,2026-10-05T06:00:00,bolus,1\n")
        #expect(twice["M1"]?.count == 1)
        let clocks = "pump_serial,sequence,device_time,kind,note\nM1,1,2026-10-05T06:00,clock-changed,2026-10-05T07:00"
        #expect(try self.read(clocks + "\n")["M1"] == self.read(clocks + ":00\n")["M1"])
        let first = try #require(twice["M1"]?.first)
        let corrected = try #require(try read(header + "M1,,1,2026-10-05T06:05,bolus,2\n")["M1"]?.first)
        #expect(first.raw != corrected.raw && first.isSame(as: corrected))
        let other = try #require(try read(header + "M1,,2,2026-10-05T06:00,bolus,1.0\n")["M1"]?.first)
        #expect(!first.isSame(as: other))
    }

    @Test("the driver reads back what the import wrote, and refuses what people type")
    func driver() throws {
        let driver = try #require(DriverCatalog.driver(named: "attested"))
        #expect(driver.signs == .attested && driver.stability == .attested && driver.makeSession == nil)
        let decoder = driver.makeDecoder(DecodingHints())
        let records = try #require(
            try read(
                """
                pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note
                M1,2,1,2026-10-05T06:00,container-attached,,,"B""1",RN Ada,"two
                lines"
                M1,1,2,2026-10-05T06:02,dose-started,100,2026-10-05T06:00,,,
                M1,1,3,2026-10-05T06:30,clock-changed,,,,,2026-10-05T07:30

                """)["M1"])
        for record in records {
            guard case .read(let reading) = decoder.decode(record.raw) else {
                Issue.record("\(text(record)) is not read")
                continue
            }
            var expected = record
            expected.offset = 0
            #expect(reading.records == [expected] && reading.undecoded == nil)
        }
        let file = csvRow(AttestedRow.columns) + "\r\n" + records.map { text($0) + "\n" }.joined()
        guard case .read(let all) = decoder.decode(Array(file.utf8)) else {
            Issue.record("the file is not read")
            return
        }
        #expect(all.records.map(\.raw) == records.map(\.raw) && all.undecoded == nil)
        for typed in ["M1,1,1,2026-10-05T06:00,bolus,,,,,", "M1,,1,2026-10-05T06:00:00,bolus,,,,,", "x", "", "\0"] {
            let outcome = decoder.decode(Array(typed.utf8))
            if typed.isEmpty {
                #expect(outcome == .read(LogReading(layout: "events.csv", records: [])))
            } else if case .refused = outcome {
            } else {
                Issue.record("\(typed) is read as \(outcome)")
            }
        }
        let begun = records[0].raw + Array("\nM1,x\n".utf8)
        guard case .read(let part) = decoder.decode(begun) else {
            Issue.record("the first record is lost")
            return
        }
        #expect(part.records.count == 1 && part.undecoded?.bytes == Array("M1,x\n".utf8))
    }
}
