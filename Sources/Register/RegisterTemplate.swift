import Foundation
import PumpCore

/// Empty files to begin with, and their description for other programs.
package enum RegisterTemplate {
    /// Every CSV file with its header line and no row, and `datapackage.json` (Frictionless Table Schema), all from the
    /// descriptions that the import checks against.
    package static func files() -> [(name: String, contents: String)] {
        let tables = RegisterTable.allCases.map {
            TableSchema(file: $0.file, columns: $0.columns, key: $0.keyColumns, meaning: $0.meaning)
        }
        let events = TableSchema(
            file: AttestedEvents.file, columns: EventColumns.all,
            key: [EventColumns.pump.name, EventColumns.sequence.name],
            meaning: "Events that a person attests, for pumps whose log cannot be read by wire: import events.")
        let all = tables + [events]
        return all.map { ($0.file, csvRow($0.columns.map(\.name)) + "\n") } + [("datapackage.json", package(all))]
    }

    private struct TableSchema {
        let file: String
        let columns: [ColumnDescription]
        let key: [String]
        let meaning: String
    }

    private static func package(_ tables: [TableSchema]) -> String {
        let package = DataPackage(
            name: "pumpledger-register", profile: "tabular-data-package",
            resources: tables.map { table in
                DataPackage.Resource(
                    name: String(table.file.dropLast(".csv".count)), path: table.file,
                    profile: "tabular-data-resource", format: "csv", mediatype: "text/csv", encoding: "utf-8",
                    description: table.meaning,
                    schema: DataPackage.Schema(
                        fields: table.columns.map(DataPackage.Field.init),
                        primaryKey: table.key.isEmpty ? nil : table.key, missingValues: [""]))
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(package) else { return "" }
        return String(decoding: json, as: UTF8.self) + "\n"
    }
}

/// A tabular data package as far as the register needs one (Data Package 1.0, Table Schema 1.0).
private struct DataPackage: Encodable {
    let name: String
    let profile: String
    let resources: [Resource]

    struct Resource: Encodable {
        let name: String
        let path: String
        let profile: String
        let format: String
        let mediatype: String
        let encoding: String
        let description: String
        let schema: Schema
    }

    struct Schema: Encodable {
        let fields: [Field]
        let primaryKey: [String]?
        let missingValues: [String]
    }

    struct Field: Encodable {
        let name: String
        let type: String
        let description: String
        let constraints: Constraints?
    }

    struct Constraints: Encodable, Equatable {
        var required: Bool?
        var maxLength: Int?
        var pattern: String?
        var `enum`: [String]?
        var minimum: Double?
        var maximum: Double?
    }
}

extension DataPackage.Field {
    init(_ column: ColumnDescription) {
        var constraints = DataPackage.Constraints()
        if column.isRequired { constraints.required = true }
        let day = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
        let time = "T[0-9]{2}:[0-9]{2}(:[0-9]{2})?"
        let code = "[A-Z][0-9]{4}"
        var type = "string"
        switch column.form {
        case .id: constraints.maxLength = ColumnForm.idLength
        case .text: constraints.maxLength = ColumnForm.textLength
        case .date: type = "date"
        case .time: constraints.pattern = "\(day)(\(time)(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
        case .civilTime: constraints.pattern = day + time
        case .zone: constraints.pattern = "UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+"
        case .choice(let words): constraints.enum = words
        case .hcpcs: constraints.pattern = code
        case .hcpcsList: constraints.pattern = "\(code)(;\(code))*"
        case .billedCode: constraints.pattern = "\(code)|\(CellText.perDiem)"
        case .wholeNumber(let range):
            type = "integer"
            constraints.minimum = Double(range.lowerBound)
            constraints.maximum = Double(range.upperBound)
        case .decimal(let range):
            type = "number"
            constraints.minimum = range.low
            constraints.maximum = range.high
        case .timesOfDay: constraints.pattern = "[0-2][0-9]:[0-5][0-9](;[0-2][0-9]:[0-5][0-9])*"
        case .npi: constraints.pattern = "[0-9]{10}"
        case .modifiers: constraints.pattern = "[A-Z0-9]{2}([; ]+[A-Z0-9]{2})*"
        }
        self.init(
            name: column.name, type: type, description: column.meaning,
            constraints: constraints == DataPackage.Constraints() ? nil : constraints)
    }
}
