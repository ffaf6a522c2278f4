import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

/// Pages of real pumps against what other people's decoders, and the maker's own software, made of them.
@Suite("Paradigm history, recorded", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct ParadigmRecordedHistoryTests {
    struct Listed {
        let type: String
        let raw: [UInt8]
        /// The civil part only: the list's offsets are those of its author's machine.
        let time: String?
        let fields: Any?
    }

    static let pages = Vectors.files(below: "minimed_history_ecc1", suffix: ".data")

    /// `model-522.data`, `ps2-554-1.data`.
    static func model(of file: URL) -> String {
        file.lastPathComponent.split { $0 == "-" || $0 == "." }.first { $0.count == 3 && Int($0) != nil }.map(
            String.init)
            ?? ""
    }

    static func bytes(of file: URL) throws -> [UInt8] {
        try #require(PumpCore.bytes(fromHex: String(decoding: try Data(contentsOf: file), as: UTF8.self)))
    }

    /// Oldest first.
    static func listed(beside file: URL) throws -> [Listed] {
        let json = file.deletingPathExtension().appendingPathExtension("json")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [[String: Any]])
        return try rows.reversed().map { row in
            Listed(
                type: try #require(row["Type"] as? String),
                raw: [UInt8](try #require(Data(base64Encoded: row["Data"] as? String ?? ""))),
                time: (row["Time"] as? String).map { String($0.prefix(19)) }, fields: row["Info"])
        }
    }

    static func read(_ bytes: [UInt8], model: String?) throws -> LogReading {
        let outcome = ParadigmDecoder(DecodingHints(model: model)).decode(bytes)
        guard case .read(let reading) = outcome else {
            Issue.record("\(outcome)")
            throw CancellationError()
        }
        return reading
    }

    /// The list's type names and our kinds.
    static let kinds: [String: EventKind] = [
        "Bolus": .bolus, "Prime": .primed, "Rewind": .rewind, "LowReservoir": .containerLow,
        "SuspendPump": .deliveryStopped, "ResumePump": .deliveryStarted, "Alarm": .alarm, "ClearAlarm": .alarmCleared,
        "SensorAlarm": .alarm, "ChangeTime": .clockChanged, "NewTime": .note, "BatteryChange": .battery,
        "LowBattery": .battery, "DailyTotal": .counter, "DailyTotal515": .counter, "DailyTotal522": .counter,
        "DailyTotal523": .counter, "TempBasalDuration": .setting, "TempBasalRate": .setting,
        "ChangeBasalPattern": .setting, "BasalProfileStart": .note, "MaxBolus": .setting, "MaxBasal": .setting,
        "EnableRemote": .setting, "BolusWizardSetup": .setting, "BolusWizard": .note, "BolusWizard512": .note,
        "UnabsorbedInsulin": .note, "UnabsorbedInsulin512": .note, "BGCapture": .note, "BGReceived": .note,
        "BGReceived512": .note, "MealMarker": .note, "AlarmClock": .note, "ChangeMeterID": .setting,
        "ChangeTimeFormat": .setting, "EnableAlarmClock": .setting, "ChangeBGReminder": .setting,
        "EnableBGReminder": .setting, "DeleteAlarmClockTime": .setting, "SetAlarmClockTime": .setting,
        "ChangeTempBasalType": .setting, "EnableVariableBolus": .setting, "ChangeOtherDevice": .setting,
        "ChangeMarriage": .setting, "DeleteOtherDevice": .setting, "ConnectOtherDevices": .setting,
        "SensorStatus": .setting, "Unknown2E": .unknown,
    ]

    @Test("each record that the list beside a page names is read, in order, to the page's last byte", arguments: pages)
    func listedRecords(file: URL) throws {
        let bytes = try Self.bytes(of: file)
        let reading = try Self.read(bytes, model: Self.model(of: file))
        let listed = try Self.listed(beside: file)
        #expect(reading.undecoded == nil)
        #expect(reading.records.map(\.raw) == listed.map(\.raw))
        for (record, row) in zip(reading.records, listed) {
            #expect(record.deviceTime?.description == row.time, "\(row.type)")
            #expect(record.event.kind == Self.kinds[row.type], "\(row.type)")
            #expect(try Self.differences(record.event, row) == [], "\(row.type) \(record.raw.hex)")
        }
        let covered = Set(reading.records.flatMap { ($0.offset ?? 0)..<(($0.offset ?? 0) + $0.raw.count) })
        #expect(bytes.indices.allSatisfy { covered.contains($0) || bytes[$0] == 0 })
    }

    /// What the list says in figures, against ours.
    static func differences(_ event: PumpEvent, _ row: Listed) throws -> [String] {
        var found: [String] = []
        func compare(_ ours: Quantity?, _ theirs: Any?) {
            guard let number = theirs as? NSNumber else { return found.append("no number") }
            if ours != Quantity(number.doubleValue, .units) {
                found.append("\(String(describing: ours)) and \(number)")
            }
        }
        let object = row.fields as? [String: Any] ?? [:]
        switch row.type {
        case "Bolus":
            compare(event.programmed, object["Programmed"])
            compare(event.delivered, object["Amount"])
        case "Prime":
            compare(event.amount, object["Manual"])
            compare(event.programmed ?? .units(thousandths: 0), object["Fixed"])
        case "LowReservoir", "DailyTotal": compare(event.amount, row.fields)
        case "Alarm", "ClearAlarm", "SensorAlarm":
            if event.code != (row.fields as? NSNumber)?.intValue { found.append("code") }
        case "TempBasalRate":
            let value = Quantity(try #require(object["Value"] as? NSNumber).doubleValue, .units)
            let isRate = object["Type"] as? String == "Absolute"
            if event.note != (isRate ? "\(value?.description ?? "")/h" : "\(value?.number ?? "") %") {
                found.append(event.note ?? "no note")
            }
        default: break
        }
        return found
    }

    @Test("there are pages to judge by, and of both record sizes")
    func pagesArePresent() {
        #expect(Self.pages.count >= 9)
        #expect(Set(Self.pages.map { RecordSize(model: Self.model(of: $0)) }) == [.older, .larger])
    }

    static let bench = Vectors.files(below: "minimed_carelink/bench_series", suffix: ".bin")

    @Test("every page of the bench series reads wholly, with or without the model", arguments: bench)
    func benchPage(file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        let reading = try Self.read(bytes, model: "515")
        #expect(reading.undecoded == nil)
        #expect(!reading.records.isEmpty)
        #expect(try Self.read(bytes, model: nil).records == reading.records)
        var broken = bytes
        broken[500] ^= 1
        guard case .refused(let reason) = ParadigmDecoder(DecodingHints(model: "515")).decode(broken) else {
            Issue.record("a page with a broken check was read")
            return
        }
        #expect(reason.contains("CRC-16"))
    }

    /// Page 0 of a step of the bench series.
    func step(_ prefix: String) throws -> [RawRecord] {
        let file = try #require(
            Self.bench.first { $0.path.contains("/\(prefix)_") && $0.lastPathComponent == "page-0.bin" })
        return try Self.read([UInt8](try Data(contentsOf: file)), model: "515").records
    }

    @Test("what lies between two steps of the bench series is what was done to the pump")
    func benchActions() throws {
        var steps: [[RawRecord]] = []
        for prefix in ["00", "01", "02", "03", "04"] { steps.append(try step(prefix)) }
        let done = zip(steps, steps.dropFirst()).map { before, after in
            #expect(after.starts(with: before) { $0.raw == $1.raw })
            return after.dropFirst(before.count).filter { $0.event.kind != .note }.map(Self.line)
        }
        #expect(
            done == [
                ["2006-07-07T15:05:03 bolus 0.6 U"],
                [],
                ["2006-07-07T16:14:05 bolus 0.6 U"],
                [
                    "2006-07-07T16:47:57 rewind", "2006-07-07T16:48:52 primed manual 1.9 U",
                    "2006-07-07T16:49:12 primed fixed 0.3 U",
                ],
            ])
    }

    static func line(_ record: RawRecord) -> String {
        let event = record.event
        return [
            record.deviceTime?.description, event.kind.rawValue, event.primeType?.rawValue,
            (event.delivered ?? event.amount)?.description,
        ].compactMap { $0 }.joined(separator: " ")
    }

    @Test("the events that an independent decoder took from three pages are found with equal offset, time and amounts")
    func expectedEvents() throws {
        let data = try Vectors.bytes("minimed_carelink/expected_events.json")
        let sets = try #require(try JSONSerialization.jsonObject(with: Data(data)) as? [String: [[String: Any]]])
        let pages = [
            "00_ground-start-0_start_page0": try step("00"), "04_ground-start-0_priming-event_page0": try step("04"),
            "third_run_page0": try RecordedPages.records(of: "third_run"),
        ]
        #expect(Set(sets.keys) == Set(pages.keys))
        for (name, rows) in sets {
            let records = try #require(pages[name])
            for row in rows {
                let record = try #require(records.first { $0.offset == row["page_offset"] as? Int }, "\(name)")
                #expect(record.raw.hex == row["raw"] as? String)
                let time = row["pump_local_time"] as? String ?? (row["valid_date"] as? String).map { $0 + "T00:00:00" }
                #expect(record.deviceTime?.description == time)
                let event = record.event
                func units(_ key: String) -> Quantity? {
                    (row[key] as? NSNumber).flatMap { Quantity($0.doubleValue, .units) }
                }
                switch row["type"] as? String {
                case "bolus":
                    #expect(event.kind == .bolus)
                    #expect(event.programmed == units("programmed_u"))
                    #expect(event.delivered == units("delivered_u"))
                case "suspend", "resume":
                    #expect(event.kind == (row["type"] as? String == "suspend" ? .deliveryStopped : .deliveryStarted))
                    #expect(event.requestedBy == (row["requested_by_rf"] as? Bool == true ? .radio : .pump))
                case "rewind": #expect(event.kind == .rewind)
                case "prime":
                    #expect(event.kind == .primed)
                    #expect(event.primeType?.rawValue == row["prime_type"] as? String)
                    #expect(event.amount == units("amount_u"))
                case "daily_total":
                    #expect(event.kind == .counter)
                    #expect(event.amount == units("total_u"))
                default: Issue.record("\(row)")
                }
            }
        }
    }

    @Test("the 21 records of the third run that the maker's own export shows have its times and amounts")
    func makersExport() throws {
        let table = try Vectors.text("minimed_carelink/usb_sessions/carelink_export_events.tsv")
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        let head = try #require(table.first)
        func column(_ name: String) throws -> Int { try #require(head.firstIndex(of: name)) }
        let (date, time, asked, given) = (
            try column("Date"), try column("Time"), try column("Bolus Volume Selected (U)"),
            try column("Bolus Volume Delivered (U)")
        )
        let (prime, primed, suspend, rewind) = (
            try column("Prime Type"), try column("Prime Volume Delivered (U)"), try column("Suspend"),
            try column("Rewind")
        )
        let shown = Set(
            table.dropFirst().map { row in
                [row[date], row[time], row[asked], row[given], row[prime], row[primed], row[suspend], row[rewind]]
                    .joined(separator: "|")
            })
        let kinds: Set<EventKind> = [.bolus, .primed, .rewind, .deliveryStopped, .deliveryStarted]
        let records = try RecordedPages.records(of: "third_run").filter { kinds.contains($0.event.kind) }
        #expect(records.count == 21)
        for record in records {
            let event = record.event
            let civil = try #require(record.deviceTime?.civil)
            #expect(civil.date == CivilDate("2000-01-01"))
            func units(_ quantity: Quantity?) -> String { quantity.map { String($0.value) } ?? "" }
            let line = [
                "1/1/00", String(civil.description.suffix(8)),
                units(event.programmed == nil ? nil : event.kind == .bolus ? event.programmed : nil),
                units(event.delivered), event.primeType.map { $0 == .manual ? "Manual" : "Fixed" } ?? "",
                units(event.kind == .primed ? event.amount : nil),
                event.kind == .deliveryStopped ? "Suspended" : event.kind == .deliveryStarted ? "Resume" : "",
                event.kind == .rewind ? "Rewind" : "",
            ].joined(separator: "|")
            #expect(shown.contains(line), "\(line)")
        }
    }
}
