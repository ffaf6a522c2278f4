import PumpCore
import Register
import Testing

@Suite("What cells take")
struct AcceptedCellsTests {
    /// The complaints about one cell of an order that is right but for it.
    func complaints(_ column: String, _ cell: String) -> [RegisterComplaint] {
        complaints(
            "orders.csv", "order_id,patient_id,drug,mode,starts_at,container", "O1,P1,x,continuous,2026-10-01,bag",
            column, cell)
    }

    func complaints(_ file: String, _ header: String, _ row: String, _ column: String, _ cell: String)
        -> [RegisterComplaint]
    {
        do throws(RegisterErrors) {
            _ = try entries(
                smallRegister.merging([file: "\(header),\(column)\n\(row),\(csvRow([cell]))\n"]) { $1 })
            return []
        } catch {
            return error.errors.map(\.complaint)
        }
    }

    @Test("NPIs are judged by the Luhn digit of 80840 and the number")
    func npi() {
        // The example of the CMS check digit rule, and numbers one digit off.
        #expect(complaints("prescriber_npi", "1234567893") == [])
        #expect(complaints("prescriber_npi", "1245319599") == [])
        for digit in "012456789" { #expect(complaints("prescriber_npi", "123456789\(digit)") == [.wrongCheckDigit]) }
        #expect(complaints("prescriber_npi", "12345678930") == [.notAnNPI])
        #expect(complaints("prescriber_npi", "１２３４５６７８９３") == [.notAnNPI])
    }

    @Test("decimals are digits and a point within the range of their column")
    func decimals() {
        for cell in ["0.001", "100000", "2.50", "00012.125000"] {
            #expect(complaints("usable_ml", cell) == [], "\(cell)")
        }
        for cell in [".5", "5.", "1,5", "+1", "-1", "1e2", "0x1", "inf", "nan", "1.0000001", "1 ", "1.2.3", "٣"] {
            #expect(complaints("usable_ml", cell).count == 1, "\(cell)")
        }
        let outside = RegisterComplaint.outside(low: "0.001", high: "100000")
        for cell in ["0", "0.0009", "100000.1", "9999999999999999999999"] {
            #expect(complaints("usable_ml", cell) == [outside], "\(cell)")
        }
        #expect(complaints("drug_mg_per_day", "0.000001") == [])
        #expect(complaints("drug_mg_per_day", "0") == [.outside(low: "0.000001", high: "1000000")])
        #expect(complaints("dose_hours", "0.333333") == [])
    }

    @Test("whole numbers are digits within the range of their column")
    func wholeNumbers() {
        for cell in ["1", "01", "100"] { #expect(complaints("catheters", cell) == [], "\(cell)") }
        for cell in ["-1", "+1", "1.0", "1e1", " 1", "one", "１"] {
            #expect(complaints("catheters", cell) == [.notAWholeNumber], "\(cell)")
        }
        for cell in ["0", "101", "99999999999999999999999"] {
            #expect(complaints("catheters", cell) == [.outside(low: "1", high: "100")], "\(cell)")
        }
    }

    @Test("ids take any visible text of 128 characters")
    func ids() {
        func id(_ cell: String) -> [RegisterComplaint] {
            complaints("pumps.csv", "hcpcs,ownership", "none,rented", "pump_serial", cell)
        }
        for cell in ["0", "M-1/2 (b)", "Żółw", "a,b", "\"q\"", String(repeating: "é", count: 128)] {
            #expect(id(cell) == [], "\(cell)")
        }
        #expect(id(String(repeating: "é", count: 129)) == [.tooLong(128)])
        for cell in ["a\nb", "a\tb", "\u{7F}", "a\u{85}", "\u{202E}a", "a\u{2028}b"] {
            #expect(id(cell) == [.controlCharacter], "\(cell.debugDescription)")
        }
        for cell in [" a", "a ", "\u{A0}a"] { #expect(id(cell) == [.surroundingBlanks], "\(cell)") }
        #expect(id("") == [.missing])
    }

    @Test("texts take line ends and 2,000 characters, but no blanks alone and nothing that a terminal acts on")
    func texts() {
        #expect(complaints("indication", "two\r\nlines\tand a tab ") == [])
        #expect(complaints("indication", String(repeating: "é", count: 2000)) == [])
        #expect(complaints("indication", String(repeating: "é", count: 2001)) == [.tooLong(2000)])
        #expect(complaints("indication", "\u{1B}[31m") == [.controlCharacter])
        #expect(complaints("indication", "  ") == [.missing])
    }

    @Test("codes, lists of codes, times of the day and modifiers")
    func lists() {
        for cell in ["J1455", "J1455;J2260"] { #expect(complaints("drug_hcpcs", cell) == [], "\(cell)") }
        for cell in ["J1455;", ";J1455", "J1455 J2260", "J145", "J14555", "11455", "j1455", "É1455"] {
            #expect(complaints("drug_hcpcs", cell) == [.notHCPCSList], "\(cell)")
        }
        for cell in ["00:00", "06:00;18:00", "23:59"] { #expect(complaints("dose_times", cell) == [], "\(cell)") }
        for cell in ["6:00", "24:00", "06:60", "06:00:00", "06:00,18:00", "06:00;", "06:00; 18:00"] {
            #expect(complaints("dose_times", cell) == [.notTimesOfDay], "\(cell)")
        }
        func modifiers(_ cell: String) -> [RegisterComplaint] {
            complaints(
                "billed.csv", "order_id,hcpcs,from,to,units", "O1,A4222,2026-10-01,2026-10-31,1", "modifiers", cell)
        }
        for cell in ["KX", "RR;KX", "RR KX", "RR; KX"] { #expect(modifiers(cell) == [], "\(cell)") }
        for cell in ["kx", "K", "KX,RR", ";", "KXR"] { #expect(modifiers(cell) == [.notModifiers], "\(cell)") }
    }

    @Test("a stay that ends on the day of its admission is a stay")
    func dayStay() {
        #expect(
            complaints(
                "stays.csv", "patient_id,admitted_at,kind", "P1,2026-10-07,emergency", "discharged_at", "2026-10-07")
                == [])
        #expect(
            complaints(
                "stays.csv", "patient_id,admitted_at,kind", "P1,2026-10-07,emergency", "discharged_at", "2026-10-06")
                == [.endBeforeStart(startColumn: "admitted_at")])
    }

    @Test("times with an offset are compared with civil times in the patient's zone")
    func zones() {
        func assignment(to: String) -> [RegisterComplaint] {
            complaints("assignments.csv", "pump_serial,order_id,from", "M1,O1,2026-10-01T06:00", "to", to)
        }
        #expect(assignment(to: "2026-10-01T10:01Z") == [])
        #expect(assignment(to: "2026-10-01T10:00Z") == [.endBeforeStart(startColumn: "from")])
        #expect(assignment(to: "2026-10-01T04:00-07:00") == [])
    }
}
