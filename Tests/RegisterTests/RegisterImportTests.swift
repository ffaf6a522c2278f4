import PumpCore
import Register
import Testing

@Suite("Register import")
struct RegisterImportTests {
    @Test("every column of every file arrives in its typed row")
    func everyColumn() throws {
        let files = [
            "patients.csv": "patient_id,home_zone,payer\n007,America/Denver,texas-medicaid\n",
            "pumps.csv": """
            pump_serial,driver,model,hcpcs,ownership,owned_since,rented_since
            0012,miva,MIVA,K0455,owned,2026-02-01,2025-01-01

            """,
            "orders.csv": """
            order_id,patient_id,drug,drug_hcpcs,indication,route,mode,starts_at,ends_at,dose_times,\
            dose_interval_hours,dose_hours,container,doses_per_container,usable_ml,hang_limit_hours,\
            max_concentration_mg_per_ml,drug_mg_per_day,change_interval_hours,catheters,coverage,signed_on,prescriber_npi
            O1,007,"foscarnet, ganciclovir",J1455;J1570,CMV retinitis,IV,prolonged-dose,2026-10-01,\
            2026-10-31T06:00-06:00,06:00;18:30,,8.5,prefilled-syringe,2,250,24,0.000024,12.5,48,2,kx,2026-09-30,1234567893
            O2,007,ziconotide,,,,continuous,2026-10-01T08:00:30,,,12,,bag,,,,,,,,,,

            """,
            "assignments.csv": """
            pump_serial,channel,order_id,from,to
            0012,2,O1,2026-10-01T06:00,2026-10-31
            0012,,O2,2026-10-01,

            """,
            "deliveries.csv": """
            delivery_id,order_id,hcpcs,date,quantity,lot,tracking,received_by,contacted_on,affirmed_by,quantity_remaining
            D1,O1,A4222,2026-10-01,060,L1,1Z9,"Doe, Jane",2026-09-25,Jane Doe,4

            """,
            "dispositions.csv": """
            order_id,date,quantity,reason,note,by
            O1,2026-10-07,3,emergency-admission,"fell
            at home",RN Ada

            """,
            "stays.csv": """
            patient_id,admitted_at,discharged_at,kind,facility
            007,2026-10-07T22:15,2026-10-09,emergency,General

            """,
            "counts.csv": "order_id,counted_on,quantity,by\nO1,2026-10-31,0,RN Ada\n",
            "billed.csv": """
            order_id,hcpcs,from,to,units,modifiers,claim,line
            O1,A4222,2026-10-01,2026-10-31,60,RR;KX GA,C1,01
            O1,per-diem,2026-10-01,2026-10-31,31,,,

            """,
        ]
        let read = try SupplyRegister(entries: try entries(files))
        func at(_ file: String, _ line: Int) -> RowOrigin { RowOrigin(file: file, line: line) }
        func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }
        func time(_ text: String) throws -> RegisterTime { try #require(RegisterTime(text)) }
        var expected = SupplyRegister()
        expected.patients = [
            Patient(
                id: "007", homeZone: try #require(HomeZone(identifier: "America/Denver")), payer: "texas-medicaid",
                origin: at("patients.csv", 2))
        ]
        expected.pumps = [
            RegisteredPump(
                serial: "0012", driver: "miva", model: "MIVA", hcpcs: "K0455", ownership: .owned,
                ownedSince: try day("2026-02-01"), rentedSince: try day("2025-01-01"), origin: at("pumps.csv", 2))
        ]
        expected.orders = [
            TherapyOrder(
                id: "O1", patient: "007", drug: "foscarnet, ganciclovir", drugHcpcs: ["J1455", "J1570"],
                indication: "CMV retinitis", route: "IV", mode: .prolongedDose, starts: try time("2026-10-01"),
                ends: try time("2026-10-31T12:00Z"), schedule: .timesOfDay([6 * 3600, 18 * 3600 + 1800]),
                doseHours: 8.5, container: .prefilledSyringe, dosesPerContainer: 2, usableMilliliters: 250,
                hangLimitHours: 24, maxConcentrationMgPerMl: 0.000_024, drugMgPerDay: 12.5, changeIntervalHours: 48,
                catheters: 2, coverage: .kx, signedOn: try day("2026-09-30"), prescriberNPI: "1234567893",
                origin: at("orders.csv", 2)),
            TherapyOrder(
                id: "O2", patient: "007", drug: "ziconotide", drugHcpcs: [], mode: .continuous,
                starts: try time("2026-10-01T08:00:30"), schedule: .everyHours(12), container: .bag,
                dosesPerContainer: 1, catheters: 1, origin: at("orders.csv", 3)),
        ]
        expected.assignments = [
            Assignment(
                pump: "0012", channel: 1, order: "O2", from: try time("2026-10-01"), origin: at("assignments.csv", 3)),
            Assignment(
                pump: "0012", channel: 2, order: "O1", from: try time("2026-10-01T06:00"), to: try time("2026-10-31"),
                origin: at("assignments.csv", 2)),
        ]
        expected.deliveries = [
            Delivery(
                id: "D1", order: "O1", hcpcs: "A4222", date: try day("2026-10-01"), quantity: 60, lot: "L1",
                tracking: "1Z9", receivedBy: "Doe, Jane", contactedOn: try day("2026-09-25"), affirmedBy: "Jane Doe",
                quantityRemaining: 4, origin: at("deliveries.csv", 2))
        ]
        expected.dispositions = [
            Disposition(
                order: "O1", date: try day("2026-10-07"), quantity: 3, reason: .emergencyAdmission,
                note: "fell\nat home", by: "RN Ada", origin: at("dispositions.csv", 2))
        ]
        expected.stays = [
            Stay(
                patient: "007", admitted: try time("2026-10-07T22:15"), discharged: try time("2026-10-09"),
                kind: .emergency, facility: "General", origin: at("stays.csv", 2))
        ]
        expected.counts = [
            ShelfCount(
                order: "O1", countedOn: try day("2026-10-31"), quantity: 0, by: "RN Ada", origin: at("counts.csv", 2))
        ]
        expected.billed = [
            BilledLine(
                order: "O1", hcpcs: "A4222", from: try day("2026-10-01"), to: try day("2026-10-31"), units: 60,
                modifiers: ["RR", "KX", "GA"], claim: "C1", line: "01", origin: at("billed.csv", 2)),
            BilledLine(
                order: "O1", hcpcs: "per-diem", from: try day("2026-10-01"), to: try day("2026-10-31"), units: 31,
                modifiers: [], origin: at("billed.csv", 3)),
        ]
        #expect(read == expected)
    }

    @Test("columns may stand in any order, be absent where they may be empty, and have strangers among them")
    func columns() throws {
        let files = smallRegister.merging([
            "deliveries.csv": """
            driver,quantity,date,hcpcs,order_id,delivery_id,lot
            Bob,60,2026-10-01,A4222,O1,D1,
            ,60,2026-10-02,A4222,O1,D2,L2

            """
        ]) { $1 }
        let read = try entries(files)
        let deliveries = read.filter { $0.table == "deliveries" }
        #expect(
            deliveries == [
                RegisterEntry(
                    table: "deliveries", key: "D1",
                    columns: [
                        "delivery_id": "D1", "order_id": "O1", "hcpcs": "A4222", "date": "2026-10-01",
                        "quantity": "60", "driver": "Bob",
                    ], origin: RowOrigin(file: "deliveries.csv", line: 2)),
                RegisterEntry(
                    table: "deliveries", key: "D2",
                    columns: [
                        "delivery_id": "D2", "order_id": "O1", "hcpcs": "A4222", "date": "2026-10-02",
                        "quantity": "60", "lot": "L2",
                    ], origin: RowOrigin(file: "deliveries.csv", line: 3)),
            ])
        #expect(try SupplyRegister(entries: read).deliveries.map(\.lot) == [nil, "L2"])
        let unknown = RegisterImport.unknownColumns(folder: files.mapValues { Array($0.utf8) })
        #expect(unknown.map(\.file) == ["deliveries.csv"] && unknown.map(\.columns) == [["driver"]])
    }

    @Test("a row's key does not change with the way its values are typed")
    func keys() throws {
        func keys(_ file: String, _ header: String, _ rows: [String]) throws -> [String] {
            try rows.map { row in
                let read = try entries(smallRegister.merging([file: header + "\n" + row + "\n"]) { $1 })
                return try #require(read.last { $0.origin.file == file }).key
            }
        }
        #expect(
            try keys(
                "assignments.csv", "pump_serial,channel,order_id,from,to",
                ["M1,,O1,2026-10-01,", "M1,01,O1,2026-10-01T00:00,2026-10-02", "M1,1,O1,2026-10-01T00:00:00,"])
                == Array(repeating: "M1,1,O1,2026-10-01T00:00:00", count: 3))
        #expect(
            try keys(
                "stays.csv", "patient_id,admitted_at,kind",
                ["P1,2026-10-07T22:15-04:00,planned", "P1,2026-10-08T02:15Z,emergency"])
                == Array(repeating: "P1,2026-10-08T02:15:00Z", count: 2))
        #expect(
            try keys("counts.csv", "order_id,counted_on,quantity,by", ["O1,2026-10-31,4,A", "O1,2026-10-31,5,B"])
                == Array(repeating: "O1,2026-10-31", count: 2))
        #expect(
            try keys(
                "dispositions.csv", "order_id,date,quantity,reason,by,shelf",
                ["O1,2026-10-07,3,damaged,RN Ada,", "O1,2026-10-07,03,damaged,RN Ada,B4"])
                == Array(repeating: "O1,2026-10-07,3,damaged,,RN Ada,1", count: 2))
        #expect(
            try keys(
                "billed.csv", "order_id,hcpcs,from,to,units,modifiers",
                ["O1,A4222,2026-10-01,2026-10-31,60,RR KX", "O1,A4222,2026-10-01,2026-10-31,60,RR;KX"])
                == Array(repeating: "O1,A4222,2026-10-01,2026-10-31,60,RR;KX,,,1", count: 2))
    }

    @Test("ids keep their leading zeros, and ids with commas stay apart in a key")
    func exactIDs() throws {
        let read = try entries([
            "patients.csv": "patient_id,home_zone,payer\n007,UTC,medicare-dme\n7,UTC,medicare-dme\n",
            "stays.csv": "patient_id,admitted_at,kind\n",
        ])
        #expect(read.map(\.key) == ["007", "7"])
        let pumps = smallRegister["pumps.csv"].map { $0 + "\"M1,1\",E0781,rented\n" }
        let commas = try entries(
            smallRegister.merging([
                "pumps.csv": try #require(pumps),
                "assignments.csv": "pump_serial,order_id,from\n\"M1,1\",O1,2026-10-01\n",
            ]) { $1 })
        #expect(commas.last?.key == "\"M1,1\",1,O1,2026-10-01T00:00:00")
    }

    @Test("equal dispositions and billed lines count as often as they stand, and a second import adds none")
    func equalRows() throws {
        let files = smallRegister.merging([
            "dispositions.csv": """
            order_id,date,quantity,reason,by
            O1,2026-10-07,3,damaged,RN Ada
            O1,2026-10-07,3,damaged,RN Ada
            O1,2026-10-07,4,damaged,RN Ada

            """
        ]) { $1 }
        let once = try entries(files)
        #expect(Set(once.map(\.key)).count == once.count)
        #expect(try SupplyRegister(entries: once).dispositions.map(\.quantity) == [3, 3, 4])
        let twice = try entries(files, existing: once)
        #expect(twice == once)
    }

    @Test("a row that one types alone is checked like a row of a file, and counts as one more")
    func typedAlone() throws {
        let existing = try entries(smallRegister)
        let origin = RowOrigin(file: "dispose", line: 1)
        let columns = [
            "order_id": "O1", "date": "2026-10-07", "quantity": "3", "reason": "damaged", "by": "RN Ada", "note": "",
        ]
        let first = try RegisterImport.entry(.dispositions, columns: columns, origin: origin, existing: existing)
        #expect(first.key == "O1,2026-10-07,3,damaged,,RN Ada,1" && first.columns["note"] == nil)
        let second = try RegisterImport.entry(
            .dispositions, columns: columns, origin: origin, existing: existing + [first])
        #expect(second.key == "O1,2026-10-07,3,damaged,,RN Ada,2")
        let wrong = columns.merging(["order_id": "O9", "quantity": "three"]) { $1 }
        let errors = #expect(throws: RegisterErrors.self) {
            try RegisterImport.entry(.dispositions, columns: wrong, origin: origin, existing: existing)
        }
        #expect(errors?.errors.map(\.complaint) == [.notAWholeNumber])
        let unknown = #expect(throws: RegisterErrors.self) {
            try RegisterImport.entry(
                .dispositions, columns: columns.merging(["order_id": "O9"]) { $1 }, origin: origin, existing: existing)
        }
        #expect(unknown?.errors.map(\.complaint) == [.unknownReference(to: .orders)])
    }

    @Test("rows may refer to what the ledger has already, and only to that")
    func existingRows() throws {
        let existing = try entries(smallRegister)
        let deliveries = ["deliveries.csv": "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A4222,2026-10-01,60\n"]
        #expect(try entries(deliveries, existing: existing).map(\.key) == ["D1"])
        #expect(throws: RegisterErrors.self) { try entries(deliveries) }
        #expect(throws: RegisterErrors.self) {
            try entries(deliveries, existing: existing.filter { $0.key != "O1" })
        }
    }

    @Test("stored rows come in the order of their keys whatever order they are given in, the later of two versions")
    func storedOrder() throws {
        var stored = try entries(smallRegister)
        let expected = try SupplyRegister(entries: stored)
        stored.reverse()
        #expect(try SupplyRegister(entries: stored) == expected)
        #expect(expected.orders.map(\.id) == ["O1", "O2"])
        var newer = try #require(stored.first { $0.key == "O1" })
        newer.columns["drug"] = "ganciclovir"
        #expect(try SupplyRegister(entries: stored + [newer]).orders.map(\.drug) == ["ganciclovir", "milrinone"])
    }

    @Test("a stored row that no longer passes says where it came from")
    func storedMistake() throws {
        var stored = try entries(smallRegister)
        let index = try #require(stored.firstIndex { $0.key == "P1" })
        stored[index].columns["home_zone"] = "EST"
        stored.append(
            RegisterEntry(
                table: "wishes", key: "W1", columns: [:], origin: RowOrigin(file: "wishes.csv", line: 4)))
        let errors = #expect(throws: RegisterErrors.self) { try SupplyRegister(entries: stored) }
        #expect(
            errors?.errors.first?.description == """
                patients.csv:2 home_zone
                  |
                2 | EST
                  | ^^^
                This is not the IANA name of a time zone.
                Write a name such as America/New_York; abbreviations and offsets hide daylight saving.
                """)
        #expect(errors?.errors.map(\.complaint) == [.notAZone, .unknownTable])
    }
}
