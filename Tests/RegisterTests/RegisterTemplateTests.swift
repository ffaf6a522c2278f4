import Foundation
import PumpCore
import Register
import Testing

@Suite("Register template")
struct RegisterTemplateTests {
    let files = Dictionary(uniqueKeysWithValues: RegisterTemplate.files().map { ($0.name, $0.contents) })

    @Test(
        "every file of the contract is there, with its header line and no row",
        arguments: [
            ("patients.csv", "patient_id,home_zone,payer\n"),
            ("pumps.csv", "pump_serial,driver,model,hcpcs,ownership,owned_since,rented_since\n"),
            (
                "orders.csv",
                """
                order_id,patient_id,drug,drug_hcpcs,indication,route,mode,starts_at,ends_at,dose_times,\
                dose_interval_hours,dose_hours,container,doses_per_container,usable_ml,hang_limit_hours,\
                max_concentration_mg_per_ml,drug_mg_per_day,change_interval_hours,catheters,coverage,signed_on,\
                prescriber_npi

                """
            ),
            ("assignments.csv", "pump_serial,channel,order_id,from,to\n"),
            (
                "deliveries.csv",
                """
                delivery_id,order_id,hcpcs,date,quantity,lot,tracking,received_by,contacted_on,affirmed_by,\
                quantity_remaining

                """
            ),
            ("dispositions.csv", "order_id,date,quantity,reason,note,by\n"),
            ("stays.csv", "patient_id,admitted_at,discharged_at,kind,facility\n"),
            ("counts.csv", "order_id,counted_on,quantity,by\n"),
            ("billed.csv", "order_id,hcpcs,from,to,units,modifiers,claim,line\n"),
            (
                "events.csv",
                "pump_serial,channel,sequence,device_time,kind,volume_ml,dose_slot,container_id,by,note\n"
            ),
        ])
    func header(file: String, contents: String) {
        #expect(files[file] == contents)
        #expect(files.count == 11)
    }

    @Test("the template can be imported as it is")
    func imports() throws {
        #expect(try entries(files).isEmpty)
        #expect(try AttestedEvents.read(Array(try #require(files["events.csv"]).utf8), file: "events.csv").isEmpty)
    }

    private struct Package: Decodable {
        var resources: [Resource]

        struct Resource: Decodable {
            var name: String
            var path: String
            var schema: Schema
        }

        struct Schema: Decodable {
            var fields: [Field]
            var primaryKey: [String]?
        }

        struct Field: Decodable {
            var name: String
            var type: String
            var description: String
            var constraints: Constraints?
        }

        struct Constraints: Decodable {
            var required: Bool?
            var `enum`: [String]?
            var minimum: Double?
        }
    }

    @Test("the data package names the columns that must be filled, the words, the types and the keys")
    func dataPackage() throws {
        let json = try #require(files["datapackage.json"])
        let package = try JSONDecoder().decode(Package.self, from: Data(json.utf8))
        #expect(Set(package.resources.map(\.path)) == Set(files.keys).subtracting(["datapackage.json"]))
        let schemas = Dictionary(uniqueKeysWithValues: package.resources.map { ($0.name, $0.schema) })
        func required(_ name: String) -> [String] {
            schemas[name]?.fields.filter { $0.constraints?.required == true }.map(\.name) ?? []
        }
        #expect(required("pumps") == ["pump_serial", "hcpcs", "ownership"])
        #expect(required("orders") == ["order_id", "patient_id", "drug", "mode", "starts_at", "container"])
        #expect(required("assignments") == ["pump_serial", "order_id", "from"])
        #expect(required("deliveries") == ["delivery_id", "order_id", "hcpcs", "date", "quantity"])
        #expect(required("dispositions") == ["order_id", "date", "quantity", "reason", "by"])
        #expect(required("stays") == ["patient_id", "admitted_at", "kind"])
        #expect(required("counts") == ["order_id", "counted_on", "quantity", "by"])
        #expect(required("billed") == ["order_id", "hcpcs", "from", "to", "units"])
        #expect(required("events") == ["pump_serial", "sequence", "device_time", "kind"])
        #expect(schemas["stays"]?.primaryKey == ["patient_id", "admitted_at"])
        #expect(schemas["billed"]?.primaryKey == nil)
        let fields = schemas["orders"]?.fields ?? []
        let byName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        #expect(byName["mode"]?.constraints?.enum == ["intermittent", "prolonged-dose", "continuous"])
        #expect(byName["coverage"]?.constraints?.enum == ["kx", "ga", "gz"])
        #expect(byName["catheters"]?.type == "integer" && byName["catheters"]?.constraints?.minimum == 1)
        #expect(byName["signed_on"]?.type == "date" && byName["usable_ml"]?.type == "number")
        #expect(package.resources.allSatisfy { $0.schema.fields.allSatisfy { $0.description.hasSuffix(".") } })
    }

    @Test("a row without one of the columns that the data package calls required is refused, without another is not")
    func requiredColumns() throws {
        let filled = [
            "pumps.csv": ["pump_serial": "M2", "hcpcs": "none", "ownership": "rented"],
            "deliveries.csv": [
                "delivery_id": "D1", "order_id": "O1", "hcpcs": "A4222", "date": "2026-10-01", "quantity": "1",
            ],
            "assignments.csv": ["pump_serial": "M1", "order_id": "O1", "from": "2026-10-01"],
            "stays.csv": ["patient_id": "P1", "admitted_at": "2026-10-01", "kind": "planned"],
        ]
        for (file, cells) in filled {
            let table = try #require(RegisterTable(file: file))
            for left in table.columns {
                let columns = table.columns.filter { $0.name != left.name }.map(\.name)
                let text = [columns, columns.map { cells[$0] ?? "" }].map { csvRow($0) + "\n" }.joined()
                let isRefused = (try? entries(smallRegister.merging([file: text]) { $1 })) == nil
                #expect(isRefused == left.isRequired, "\(file) without \(left.name)")
            }
        }
    }
}
