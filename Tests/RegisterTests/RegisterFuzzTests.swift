import PumpCore
import Register
import TestSupport
import Testing

/// CSV files as an unlucky spreadsheet, editor or disk leaves them: always rows, or mistakes with their line.
@Suite("Mutated registers")
struct RegisterFuzzTests {
    static let seeds: [String: String] = smallRegister.merging([
        "assignments.csv": """
        pump_serial,channel,order_id,from,to
        M1,,O1,2026-10-01T06:00,2026-10-14
        M1,1,O2,2026-10-15T00:00-04:00,

        """,
        "deliveries.csv": """
        delivery_id,order_id,hcpcs,date,quantity,received_by
        D1,O1,A4222,2026-10-01,60,"Doe, ""J"" Jane"
        D2,O2,A4222,2026-10-02,30,

        """,
        "stays.csv": """
        patient_id,admitted_at,discharged_at,kind
        P1,2026-10-07T22:15,2026-10-09,emergency

        """,
        "billed.csv": """
        order_id,hcpcs,from,to,units,modifiers
        O1,A4222,2026-10-01,2026-10-31,60,KX;RR

        """,
        "events.csv": """
        pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note
        M1,,1,2026-10-05T06:00,container-attached,,,B1,RN Ada,
        M1,,2,2026-10-05T06:02,dose-completed,250,2026-10-05T06:00,B1,RN Ada,"calm, dry"
        M1,,3,2026-10-05T06:30,clock-changed,,,,,2026-10-05T07:30

        """,
    ]) { $1 }

    /// What people and programs put into cells by mistake.
    static let fragments: [[UInt8]] =
        [
            "\"", "\"\"", ",", ",,,,,,", "\n", "\r", "\r\n", "\n\n", "\t", ";", " ", "-", "0", "9999999999999999999999",
            "1e9",
            "-1", "2026-02-30", "9999-12-31", "0001-01-01", "2026-10-05T06:00+18:00", "9999-12-31T23:59-18:00", "24:00",
            "America/../America/New_York", "UTC", "\u{FEFF}", "\u{202E}", "é", "=1+1", "patient_id", "O1", "M1", "P1",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

    static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes.insert(contentsOf: fragments.randomElement(using: &random) ?? [], at: place)
            case 1: bytes.replaceSubrange(place..<end, with: fragments.randomElement(using: &random) ?? [])
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 4: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<7, using: &random) }
            case 5: bytes.removeSubrange(place...)
            default: if place < bytes.count { bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random) }
            }
        }
    }

    @Test("20,000 mutated files give rows that are read again alike, or mistakes with their lines", arguments: 0..<4)
    func mutated(quarter: UInt64) {
        let names = Self.seeds.keys.sorted()
        let sound = smallRegister.mapValues { Array($0.utf8) }
        var accepted = 0
        var refused = 0
        for seed in (quarter * 5000)..<(quarter * 5000 + 5000) {
            var random = SeededGenerator(seed: seed)
            guard let name = names.randomElement(using: &random), let text = Self.seeds[name] else { continue }
            var bytes = Array(text.utf8)
            Self.mutate(&bytes, &random)
            do throws(RegisterErrors) {
                if name == "events.csv" {
                    try attested(bytes, seed: seed)
                } else {
                    try imported(sound.merging([name: bytes]) { $1 }, seed: seed)
                }
                accepted += 1
            } catch {
                refused += 1
                checkMistakes(error, in: bytes, of: name, seed: seed)
            }
        }
        // A fuzzer of which nothing gets through, or everything, tests nothing.
        #expect(accepted > 250 && refused > 2000, "\(accepted) accepted, \(refused) refused")
    }

    private func imported(_ files: [String: [UInt8]], seed: UInt64) throws(RegisterErrors) {
        let entries = try RegisterImport.read(folder: files, existing: [])
        let again = try RegisterImport.read(folder: files, existing: entries)
        let typed = try SupplyRegister(entries: entries)
        let count =
            typed.patients.count + typed.pumps.count + typed.orders.count + typed.assignments.count
            + typed.deliveries.count + typed.stays.count + typed.billed.count
        if again != entries || count != entries.count || Set(entries.map { $0.table + $0.key }).count != count {
            Issue.record("seed \(seed): \(entries.count) entries, \(count) typed rows")
        }
    }

    private func attested(_ bytes: [UInt8], seed: UInt64) throws(RegisterErrors) {
        for (pump, records) in try AttestedEvents.read(bytes, file: "events.csv") {
            for record in records {
                let row = AttestedRow(canonical: record.raw)
                if row?.record != record || row?.pump != pump { Issue.record("seed \(seed): \(record)") }
            }
        }
    }

    /// Each mistake lies in a line that the file has; a mistake of another file follows from a row that changed here.
    private func checkMistakes(_ errors: RegisterErrors, in bytes: [UInt8], of name: String, seed: UInt64) {
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        var isSound = !errors.errors.isEmpty && errors.errors.count <= 20
        for error in errors.errors {
            let line = error.line ?? 0
            let isHere = error.file == name
            isSound = isSound && line >= 1 && (!isHere || line <= lines) && !error.why.isEmpty && !error.remedy.isEmpty
            isSound =
                isSound
                && !error.description.unicodeScalars.contains {
                    $0.properties.generalCategory == .control && $0 != "\n"
                }
        }
        if !isSound { Issue.record("seed \(seed): \(errors)") }
    }
}
