import PumpCore
import Register
import Testing

/// A file with a mistake, and every word that a person reads about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    let bytes: [UInt8]
    let text: String

    init(_ name: String, in file: String, _ contents: String, says text: String) {
        self.init(name, in: file, Array(contents.utf8), says: text)
    }

    init(_ name: String, in file: String, _ bytes: [UInt8], says text: String) {
        self.name = name
        self.file = file
        self.bytes = bytes
        self.text = text
    }

    var testDescription: String { name }
}

@Suite("What a person reads about a mistake")
struct MistakeTests {
    @Test(
        "file, line, column, excerpt, reason and remedy",
        arguments: mistakesOfFiles + mistakesOfRows + mistakesOfCells + mistakesOfEvents)
    func words(mistake: Mistake) {
        let errors = #expect(throws: RegisterErrors.self) {
            if mistake.file == AttestedEvents.file {
                _ = try AttestedEvents.read(mistake.bytes, file: mistake.file)
            } else {
                let files = smallRegister.mapValues { Array($0.utf8) }.merging([mistake.file: mistake.bytes]) { $1 }
                _ = try RegisterImport.read(folder: files, existing: [])
            }
        }
        #expect(errors?.errors.map(\.description).joined(separator: "\n\n") == mistake.text)
    }
}

let mistakesOfFiles: [Mistake] = [
    Mistake(
        "a file without a byte", in: "patients.csv",
        "",
        says: """
            patients.csv:1
            The file is empty.
            Its first line must name the columns: patient_id,home_zone,payer.
            """),
    Mistake(
        "a file that is no UTF-8", in: "patients.csv",
        Array("patient_id,home_zone,payer\nJos".utf8) + [0xE9] + Array(",America/New_York,medicare-dme\n".utf8),
        says: """
            patients.csv:2:4
              |
            2 | Jos�,America/New_York,medicare-dme
              |    ^
            This byte is not UTF-8.
            Save the file as CSV UTF-8.
            """),
    Mistake(
        "a NUL byte", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1,America\0,medicare-dme

        """,
        says: """
            patients.csv:2:11
              |
            2 | P1,America·,medicare-dme
              |           ^
            The file holds a NUL byte here.
            Save the file as CSV UTF-8, not as UTF-16 or as a spreadsheet.
            """),
    Mistake(
        "a quote inside a plain field", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1,America "NY",medicare-dme

        """,
        says: """
            patients.csv:2:12
              |
            2 | P1,America "NY",medicare-dme
              |            ^
            A quote stands inside a field that does not begin with one.
            Put the whole field in quotes, and double each quote inside: "6"" tubing".
            """),
    Mistake(
        "text after a closing quote", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1,"America/New_York" zone,medicare-dme

        """,
        says: """
            patients.csv:2:22
              |
            2 | P1,"America/New_York" zone,medicare-dme
              |                      ^
            Text stands after the closing quote of the field.
            Put the whole field in quotes, and double each quote inside: "6"" tubing".
            """),
    Mistake(
        "a quote that is never closed", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1,America/New_York,"medicare-dme
        P2,UTC,medicare-dme

        """,
        says: """
            patients.csv:2:21
              |
            2 | P1,America/New_York,"medicare-dme
              |                     ^
            The quote that opens this field is never closed.
            Close it, or double it if it belongs to the text.
            """),
    Mistake(
        "a carriage return alone", in: "patients.csv",
        "patient_id,home_zone,payer\nP1,America/New_York,medicare-dme\rP2,UTC,medicare-dme\r",
        says: """
            patients.csv:2:33
              |
            2 | P1,America/New_York,medicare-dme·P2,UTC,medicare-dme
              |                                 ^
            A carriage return without a line feed stands here.
            Save the file with line ends of Windows (CRLF) or Unix (LF).
            """),
    Mistake(
        "a column without a name", in: "patients.csv",
        """
        patient_id,home_zone,payer,
        P1,UTC,medicare-dme,

        """,
        says: """
            patients.csv:1:28
              |
            1 | patient_id,home_zone,payer,
              |                            ^
            This column has no name.
            Name it, or delete it.
            """),
    Mistake(
        "a column twice", in: "patients.csv",
        """
        patient_id,home_zone,payer,payer
        P1,UTC,medicare-dme,medicare-dme

        """,
        says: """
            patients.csv:1:28 payer
              |
            1 | patient_id,home_zone,payer,payer
              |                            ^^^^^
            Two columns have this name.
            Delete or rename one of them.
            """),
    Mistake(
        "a column that is missing", in: "patients.csv",
        """
        patient_id,home_zone
        P1,UTC

        """,
        says: """
            patients.csv:1:12 payer
              |
            1 | patient_id,home_zone
              |            ^^^^^^^^^
            The column `payer` is missing.
            Add `payer` to the first line, and its values below.
            """),
    Mistake(
        "a column that is nearly right", in: "assignments.csv",
        """
        pump_serial,order_id,from,To
        M1,O1,2026-10-01,

        """,
        says: """
            assignments.csv:1:27 To
              |
            1 | pump_serial,order_id,from,To
              |                           ^^
            This is not the column `to`, but nearly.
            Write `to`.
            """),
    Mistake(
        "semicolons between the fields", in: "patients.csv",
        """
        patient_id;home_zone;payer
        P1;UTC;medicare-dme

        """,
        says: """
            patients.csv:1:1
              |
            1 | patient_id;home_zone;payer
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^
            The fields are separated by semicolons, not by commas.
            Save the file as CSV with commas.
            """),
]
