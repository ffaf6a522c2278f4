/// Every pump family that this build knows. A new driver is one folder and one line here.
package enum DriverCatalog {
    package static let all: [PumpDriver] = [
        .paradigm,
        .miva,
        .phd,
        .attested,
    ]

    package static func driver(named name: String) -> PumpDriver? { all.first { $0.name == name } }
}
