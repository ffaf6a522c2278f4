import PumpCore
import Register
import Testing

@Suite("Mistakes of several rows and files")
struct CollectedMistakesTests {
    func mistakes(_ files: [String: String], existing: [RegisterEntry] = []) -> [String] {
        do throws(RegisterErrors) {
            _ = try entries(files, existing: existing)
            return []
        } catch {
            return error.errors.map { "\($0.place) \($0.why)" }
        }
    }

    @Test("one import shows the mistakes of all files, in the order of files and lines")
    func allFiles() {
        let files = smallRegister.merging([
            "patients.csv": "patient_id,home_zone,payer\nP1,EST,medicare-dme\nP2,UTC,\n",
            "deliveries.csv": "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A422,2026-13-01,60\n",
        ]) { $1 }
        #expect(
            mistakes(files) == [
                "patients.csv:2:4 This is not the IANA name of a time zone.",
                "patients.csv:3:8 The field is empty.",
                "deliveries.csv:2:7 This is not an HCPCS code.",
                "deliveries.csv:2:12 This is not a day of the calendar.",
            ])
    }

    @Test("nothing is said of references to a file that could not be read, or to a row that has its own mistake")
    func noFalseMistakes() {
        let deliveries = "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A4222,2026-10-01,60\n"
        #expect(
            mistakes(
                smallRegister.merging([
                    "orders.csv": "order_id,patient_id,drug,mode,starts_at,container\n\"O1,P1",
                    "deliveries.csv": deliveries,
                ]) { $1 }) == ["orders.csv:2:1 The quote that opens this field is never closed."])
        #expect(
            mistakes(
                smallRegister.merging([
                    "orders.csv": """
                    order_id,patient_id,drug,mode,starts_at,container
                    O1,P1,foscarnet,intermittent,2026-10-01,box

                    """,
                    "deliveries.csv": deliveries,
                ]) { $1 }) == ["orders.csv:2:41 The column does not know this word."])
    }

    @Test("after 20 mistakes reading stops and says so")
    func twenty() {
        let rows = (1...30).map { "P\($0),EST,medicare-dme\n" }.joined()
        let errors = #expect(throws: RegisterErrors.self) {
            try entries(["patients.csv": "patient_id,home_zone,payer\n" + rows])
        }
        #expect(errors?.errors.count == 20 && errors?.isFull == true)
        #expect(
            errors?.description.hasSuffix("\n\nNothing was imported. There may be more mistakes after these 20.")
                == true)
    }

    @Test("one mistake is printed whole")
    func printed() {
        let errors = #expect(throws: RegisterErrors.self) {
            try entries(["patients.csv": "patient_id,home_zone,payer\nP1,EST,medicare-dme\n"])
        }
        #expect(
            errors?.description == """
                patients.csv:2:4 home_zone
                  |
                2 | P1,EST,medicare-dme
                  |    ^^^
                This is not the IANA name of a time zone.
                Write a name such as America/New_York; abbreviations and offsets hide daylight saving.

                Nothing was imported.
                """)
    }

    @Test("a long line is shown around the mistake, and what a terminal would act on is a dot")
    func longLine() {
        let note = String(repeating: "n", count: 85)
        let errors = #expect(throws: RegisterErrors.self) {
            try entries(
                smallRegister.merging([
                    "counts.csv": """
                    note,order_id,counted_on,quantity,by,more
                    \(note),O1,2026-10-31,é4,RN Ada,\u{1B}[31m\(String(repeating: "m", count: 200))

                    """
                ]) { $1 })
        }
        #expect(
            errors?.errors.map(\.description) == [
                """
                counts.csv:2:101 quantity
                  |
                2 | …nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn,O1,2026-10-31,é4,RN Ada,·[31mmmmmmmmmmmmmmmmmmmmmmmmm…
                  |                                                              ^^
                This is not a whole number.
                Write digits only, without sign, point, comma or blank: 30.
                """
            ])
    }

    @Test("a folder without a file of the register is a mistake")
    func noFile() {
        let errors = #expect(throws: RegisterErrors.self) { try entries(["patient.csv": ""]) }
        #expect(
            errors?.errors.map(\.description) == [
                """
                register
                The folder holds no file of the register.
                Name the folder that holds patients.csv, orders.csv and the others; `--template` writes empty ones.
                """
            ])
    }

    @Test("a file larger than 64 MiB is refused before it is read")
    func tooLarge() {
        let bytes = [UInt8](repeating: 0x61, count: (64 << 20) + 1)
        let errors = #expect(throws: RegisterErrors.self) {
            try RegisterImport.read(folder: ["patients.csv": bytes], existing: [])
        }
        #expect(
            errors?.errors.map(\.description) == [
                """
                patients.csv:1
                The file is larger than 64 MiB.
                Split it, and import one part after the other.
                """
            ])
    }

    @Test(
        "the other limits of a file have their words",
        arguments: [
            (CSVFault.Kind.fieldTooLong(limit: 64 << 10), "The field is longer than 64 KiB."),
            (.tooManyFields(limit: 256), "The row has more than 256 fields."),
            (.tooManyRows(limit: 1_000_000), "The file has more than 1000000 rows."),
        ])
    func limits(kind: CSVFault.Kind, why: String) { #expect(RegisterComplaint.csv(kind).why == why) }

    @Test("a field over 64 KiB is found at its begin")
    func longField() {
        let quoted = "patient_id,home_zone,payer\nP1,UTC,\"" + String(repeating: "x\n", count: 40_000)
        #expect(mistakes(["patients.csv": quoted]) == ["patients.csv:2:8 The field is longer than 64 KiB."])
    }
}
