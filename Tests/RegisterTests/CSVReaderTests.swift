import PumpCore
import TestSupport
import Testing

@Suite("CSV")
struct CSVReaderTests {
    func rows(_ bytes: [UInt8], _ limits: CSVLimits = .standard) throws(CSVFault) -> [[String]] {
        var reader = try CSVReader(bytes, limits: limits)
        var rows: [[String]] = []
        while let row = try reader.next() { rows.append(row.fields.map(reader.text)) }
        return rows
    }

    func rows(_ text: String) throws(CSVFault) -> [[String]] { try rows(Array(text.utf8)) }

    @Test("quotes, doubled quotes, commas and line ends inside quotes, CRLF and LF")
    func rfc4180() throws {
        #expect(try rows("a,b\r\nc,d\n") == [["a", "b"], ["c", "d"]])
        #expect(try rows("a,\"b \"\"c\"\", d\"\n") == [["a", "b \"c\", d"]])
        #expect(try rows("\"a\r\nb\",c\n") == [["a\r\nb", "c"]])
        #expect(try rows("\"\",\n") == [["", ""]])
        #expect(try rows("\"\"\"\"\"\"") == [["\"\""]])
        #expect(try rows("a,b") == [["a", "b"]])
        #expect(try rows("") == [])
    }

    @Test("a byte order mark and lines without a byte are skipped")
    func skipped() throws {
        #expect(try rows([0xEF, 0xBB, 0xBF] + Array("a\n\n\r\nb\n\n".utf8)) == [["a"], ["b"]])
    }

    @Test("line numbers count the line ends inside quotes and the blank lines")
    func lineNumbers() throws {
        var reader = try CSVReader(Array("h1,h2\n\n\"x\ny\",\"z\"\nlast,\"\n\n!\"\n".utf8))
        let found = try (0..<3).map { _ in try #require(try reader.next()) }
        #expect(found.map(\.line) == [1, 3, 5])
        #expect(found.map { $0.fields.map(\.line) } == [[1, 1], [3, 4], [5, 5]])
        #expect(try reader.next() == nil)
    }

    @Test("each fault is found where it is, and nothing comes after it")
    func faults() throws {
        func fault(_ bytes: [UInt8], _ limits: CSVLimits = .standard) -> CSVFault? {
            do throws(CSVFault) {
                var reader = try CSVReader(bytes, limits: limits)
                do throws(CSVFault) {
                    while try reader.next() != nil {}
                    return nil
                } catch {
                    #expect((try? reader.next()) == nil)
                    throw error
                }
            } catch { return error }
        }
        func fault(_ text: String, _ limits: CSVLimits = .standard) -> CSVFault? { fault(Array(text.utf8), limits) }
        let small = CSVLimits(fileBytes: 20, fieldBytes: 4, fieldsInRow: 3, rows: 2)
        #expect(fault("a,b\nc,\0") == CSVFault(kind: .nul, extent: 6..<7, line: 2))
        #expect(fault("a\n\"b\n\0\"") == CSVFault(kind: .nul, extent: 5..<6, line: 3))
        #expect(fault([0x61, 0x0A, 0xC3, 0x28]) == CSVFault(kind: .notUTF8, extent: 2..<3, line: 2))
        #expect(fault("a\"") == CSVFault(kind: .quoteInPlainField, extent: 1..<2, line: 1))
        #expect(fault("\"a\"b") == CSVFault(kind: .textAfterQuote, extent: 3..<4, line: 1))
        #expect(fault("\"a\" ,") == CSVFault(kind: .textAfterQuote, extent: 3..<4, line: 1))
        #expect(fault("\"a\"\r") == CSVFault(kind: .textAfterQuote, extent: 3..<4, line: 1))
        #expect(fault("a\n,\"b\nc") == CSVFault(kind: .unterminatedQuote, extent: 3..<4, line: 2))
        #expect(fault("a\rb") == CSVFault(kind: .bareCarriageReturn, extent: 1..<2, line: 1))
        #expect(fault(String(repeating: "a", count: 21), small)?.kind == .fileTooLong(limit: 20))
        #expect(fault("a\nbcdef", small) == CSVFault(kind: .fieldTooLong(limit: 4), extent: 2..<3, line: 2))
        #expect(fault("a\n\"bcdef", small) == CSVFault(kind: .fieldTooLong(limit: 4), extent: 2..<3, line: 2))
        #expect(fault("a,b,c\nd,e,f,g", small) == CSVFault(kind: .tooManyFields(limit: 3), extent: 12..<12, line: 2))
        #expect(fault("a\nb\nc\n", small) == CSVFault(kind: .tooManyRows(limit: 2), extent: 4..<4, line: 3))
        #expect(fault("abcd,abcd,abcd\nabcd", small) == nil)
    }

    @Test("what is written is read back, and only what needs quotes has them")
    func written() throws {
        #expect(csvRow(["a", "b c", "", "d,e", "f\"g", "h\ni"]) == "a,b c,,\"d,e\",\"f\"\"g\",\"h\ni\"")
        var random = SeededGenerator(seed: 4180)
        let alphabet = Array("ab,\"\n\r é☃")
        for _ in 0..<2000 {
            let fields = (0..<Int.random(in: 2...5, using: &random)).map { _ in
                String(
                    (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in alphabet.randomElement(using: &random)
                    })
            }
            #expect(try rows(csvRow(fields)) == [fields], "seed \(random.seed)")
        }
    }
}
