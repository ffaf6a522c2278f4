import PumpCore

/// Reads the tables of CMS that a user puts beside the rules: medically unlikely edits for DME suppliers, and the DMEPOS
/// fee schedule. A file is known by the names of its columns, and says in its own name from when it holds.
struct CMSTables {
    private(set) var limits: [UnitLimitTable] = []
    private(set) var fees: [FeeTable] = []

    /// `files`: name to bytes.
    init(_ files: [String: [UInt8]]) throws(RuleBookError) {
        for name in files.keys.sorted() { try add(name, files[name] ?? []) }
        limits.sort { $0.from < $1.from }
        fees.sort { $0.from < $1.from }
        try Self.refuseTwins(limits.map { ($0.file, $0.from) })
        try Self.refuseTwins(fees.map { ($0.file, $0.from) })
    }

    private static func refuseTwins(_ tables: [(file: String, from: CivilDate)]) throws(RuleBookError) {
        for (earlier, later) in zip(tables, tables.dropFirst()) where earlier.from == later.from {
            throw RuleBookError(
                file: later.file, entry: "",
                .wrongForm("holds from \(later.from), and so does \(earlier.file); keep one"))
        }
    }

    // MARK: A file

    /// What stands before the names of the columns: titles and notices of copyright.
    private static let mostLinesAbove = 30

    private struct Row {
        var line: Int
        var cells: [String]

        /// Empty where the row is shorter.
        func cell(_ place: Int?) -> String { place.flatMap { cells.indices.contains($0) ? cells[$0] : nil } ?? "" }
    }

    private mutating func add(_ file: String, _ bytes: [UInt8]) throws(RuleBookError) {
        let rows = try Self.rows(file, bytes)
        for (place, row) in rows.prefix(Self.mostLinesAbove).enumerated() {
            let names = row.cells.map(Self.normal)
            func column(_ name: String) -> Int? { names.firstIndex(of: name) }
            let body = rows[(place + 1)...]
            if let code = column("hcpcs/cpt code"), let units = column("dme supplier services mue values"),
                let adjudication = column("mue adjudication indicator")
            {
                let limits = try Self.limits(
                    file, body, code: code, units: units, adjudication: adjudication,
                    rationale: column("mue rationale"))
                self.limits.append(UnitLimitTable(file: file, from: try Self.date(file), limits: limits))
                return
            }
            if let code = column("hcpcs"), let modifier = column("mod"), let ceiling = column("ceiling"),
                let floor = column("floor")
            {
                let fees = try Self.fees(
                    file, body, code: code, modifiers: [modifier, column("mod2")], ceiling: ceiling, floor: floor,
                    category: column("catg"), jurisdiction: column("juris"))
                self.fees.append(FeeTable(file: file, from: try Self.date(file), fees: fees))
                return
            }
        }
        throw RuleBookError(
            file: file, entry: "",
            .wrongForm(
                "has the columns of no table that is known here: of unlikely edits, HCPCS/CPT Code, DME Supplier "
                    + "Services MUE Values and MUE Adjudication Indicator; of fees, HCPCS, Mod, Ceiling and Floor. Save "
                    + "the sheet of CMS as CSV, or take the file out of the folder"))
    }

    private static func rows(_ file: String, _ bytes: [UInt8]) throws(RuleBookError) -> [Row] {
        do throws(CSVFault) {
            var reader = try CSVReader(bytes)
            var rows: [Row] = []
            while let row = try reader.next() {
                rows.append(
                    Row(line: row.line, cells: row.fields.map { reader.text($0).trimmed }))
            }
            return rows
        } catch {
            throw RuleBookError(
                file: file, entry: "line \(error.line)", .wrongForm("is not CSV in UTF-8; save the sheet as CSV UTF-8"))
        }
    }

    private static func normal(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: Rows

    private static func limits(
        _ file: String, _ rows: ArraySlice<Row>, code: Int, units: Int, adjudication: Int, rationale: Int?
    ) throws(RuleBookError) -> [String: UnitLimitTable.Limit] {
        var found: [String: UnitLimitTable.Limit] = [:]
        for row in rows where isCode(row.cell(code)) {
            guard let most = Int(row.cell(units)), most >= 0 else {
                throw RuleBookError(
                    file: file, entry: "line \(row.line)",
                    .wrongForm("\"\(row.cell(units))\" is no whole number of units; correct it"))
            }
            guard let kind = row.cell(adjudication).first?.wholeNumberValue,
                let judged = UnitLimitTable.Limit.Adjudication(rawValue: kind)
            else {
                throw RuleBookError(
                    file: file, entry: "line \(row.line)",
                    .wrongForm("\"\(row.cell(adjudication))\" is no adjudication indicator; it begins with 1, 2 or 3"))
            }
            let limit = UnitLimitTable.Limit(
                units: most, adjudication: judged, rationale: row.cell(rationale), line: row.line)
            if found.updateValue(limit, forKey: row.cell(code)) != nil {
                throw RuleBookError(file: file, entry: "line \(row.line)", .duplicate(row.cell(code)))
            }
        }
        return found
    }

    private static func fees(
        _ file: String, _ rows: ArraySlice<Row>, code: Int, modifiers: [Int?], ceiling: Int, floor: Int, category: Int?,
        jurisdiction: Int?
    ) throws(RuleBookError) -> [String: FeeTable.Fee] {
        var found: [String: FeeTable.Fee] = [:]
        for row in rows where isCode(row.cell(code)) && modifiers.allSatisfy({ row.cell($0).isEmpty }) {
            let fee = FeeTable.Fee(
                category: row.cell(category), jurisdiction: row.cell(jurisdiction),
                ceiling: try amount(row, ceiling, file), floor: try amount(row, floor, file), line: row.line)
            if found.updateValue(fee, forKey: row.cell(code)) != nil {
                throw RuleBookError(file: file, entry: "line \(row.line)", .duplicate(row.cell(code)))
            }
        }
        return found
    }

    /// Dollars and cents. An empty field and 0.00 mean that there is none.
    private static func amount(_ row: Row, _ column: Int, _ file: String) throws(RuleBookError) -> String? {
        var text = row.cell(column)
        if text.hasPrefix("$") { text.removeFirst() }
        text.removeAll { $0 == "," }
        if text.isEmpty { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isAmount = (1...2).contains(parts.count) && parts.allSatisfy { $0.allSatisfy { ("0"..."9").contains($0) } }
        guard isAmount, let whole = parts.first, !whole.isEmpty else {
            throw RuleBookError(
                file: file, entry: "line \(row.line)", .wrongForm("\"\(row.cell(column))\" is no amount; correct it"))
        }
        return text.contains { ("1"..."9").contains($0) } ? text : nil
    }

    /// A letter and four digits; what else stands in the column are headings and notices.
    private static func isCode(_ text: String) -> Bool {
        text.utf8.count == 5 && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
            && text.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
    }

    // MARK: From when

    /// `mue-2026-10-01.csv`, `MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv`, `DMEPOS26_OCT.csv`.
    static func date(_ file: String) throws(RuleBookError) -> CivilDate {
        if let found = file.firstMatch(of: /(\d{4})-(\d{2})-(\d{2})/) {
            if let date = CivilDate("\(found.1)-\(found.2)-\(found.3)") { return date }
        } else if let found = file.firstMatch(of: /(\d{2})-(\d{2})-(\d{4})/) {
            if let date = CivilDate("\(found.3)-\(found.1)-\(found.2)") { return date }
        } else if let found = file.uppercased().firstMatch(of: /DMEPOS\D{0,3}(\d{2})\D{0,2}(JAN|APR|JUL|OCT)/) {
            let month = ["JAN": "01", "APR": "04", "JUL": "07", "OCT": "10"][String(found.2)] ?? ""
            if let date = CivilDate("20\(found.1)-\(month)-01") { return date }
        }
        throw RuleBookError(
            file: file, entry: "",
            .wrongForm("does not say in its name from when it holds; call it for example \"mue-2026-10-01.csv\""))
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
