package import PumpCore
import Register

/// The rules of all payers, as dated data. Which of them holds is decided by the date of service (rule R11).
package struct RuleBook: Hashable, Sendable {
    package let codes: CodeTable
    package let drugs: DrugTable
    /// By profile id.
    package let profiles: [String: PayerProfile]
    /// By profile id: where a verdict may change, found once and not for every patient.
    let stretches: [String: RuleStretches]
    /// Tables of CMS that the user has put beside the rules, the oldest first; none ships.
    package let unitLimits: [UnitLimitTable]
    package let fees: [FeeTable]
    /// The files in the order of their names, each with its name and length: what the digest on every report is of.
    package let canonicalBytes: [UInt8]

    /// `files`: file name, with or without `.json`, to bytes; names that end in `.csv` are tables of CMS.
    package init(files: [String: [UInt8]]) throws(RuleBookError) { try self.init(files: files, checksNames: true) }

    private init(files: [String: [UInt8]], checksNames: Bool) throws(RuleBookError) {
        let (codes, drugs, profiles) = try RuleFiles.read(
            files.filter { !Self.isTable($0.key) }, checksNames: checksNames)
        (self.codes, self.drugs, self.profiles) = (codes, drugs, profiles)
        stretches = profiles.mapValues { RuleStretches(codes, drugs, $0) }
        let tables = try CMSTables(files.filter { Self.isTable($0.key) })
        (unitLimits, fees) = (tables.limits, tables.fees)
        var canonical: [UInt8] = []
        for name in files.keys.sorted(by: { Self.stem($0) < Self.stem($1) }) {
            let bytes = files[name] ?? []
            canonical += Array("\(Self.stem(name))\n\(bytes.count)\n".utf8) + bytes
        }
        canonicalBytes = canonical
    }

    /// The rules that come with the program.
    package static var shipped: RuleBook {
        get throws(RuleBookError) { try shippedOrError.get() }
    }

    private static let shippedOrError: Result<RuleBook, RuleBookError> = {
        do throws(RuleBookError) {
            // A misspelled name among those that ship fails a test: no month has to look for it.
            return .success(try RuleBook(files: shippedFiles, checksNames: false))
        } catch {
            return .failure(error)
        }
    }()

    /// Name to bytes, for a folder to start from.
    package static var shippedFiles: [String: [UInt8]] {
        [
            "codes.json": PackageResources.codes_json,
            "drugs.json": PackageResources.drugs_json,
            "medicare-dme.json": PackageResources.medicare_dme_json,
            "texas-medicaid.json": PackageResources.texas_medicaid_json,
            "florida-medicaid.json": PackageResources.florida_medicaid_json,
            "maryland-medicaid.json": PackageResources.maryland_medicaid_json,
            "nhia-per-diem.json": PackageResources.nhia_per_diem_json,
            "bcbsnd-per-diem.json": PackageResources.bcbsnd_per_diem_json,
        ]
    }

    /// The unlikely edit of a code in force on a date of service, and the table that it stands in.
    package func unitLimit(_ code: String, on date: CivilDate) -> (limit: UnitLimitTable.Limit, table: UnitLimitTable)?
    {
        guard let table = unitLimits.last(where: { $0.from <= date }), let limit = table.limits[code] else {
            return nil
        }
        return (limit, table)
    }

    package func fee(_ code: String, on date: CivilDate) -> FeeReference? {
        guard let table = fees.last(where: { $0.from <= date }), let fee = table.fees[code] else { return nil }
        return FeeReference(
            ceiling: fee.ceiling, floor: fee.floor, category: fee.category, jurisdiction: fee.jurisdiction,
            source: "\(table.file), line \(fee.line), in force from \(table.from)")
    }

    private static func isTable(_ name: String) -> Bool { name.lowercased().hasSuffix(".csv") }

    static func stem(_ name: String) -> String { name.hasSuffix(".json") ? String(name.dropLast(5)) : name }
}

/// What `pumps.csv` writes where there is no durable pump.
enum PumpCode {
    static let none = "none"
    static let insulin = "E0784"
}

/// The containers that orders know, as the register writes them.
enum TherapyContainers {
    static let all = Dictionary(uniqueKeysWithValues: TherapyOrder.Container.allCases.map { ($0.rawValue, $0) })
    static let list = TherapyOrder.Container.allCases.map(\.rawValue).joined(separator: ", ")
}
