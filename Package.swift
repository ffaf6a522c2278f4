// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours. Warnings are errors here and nowhere else.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// The same SQLite as GRDB's, spoken to directly where a row is too small for anything in between.
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

func room(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, resources: [Resource]? = nil,
    extra: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, resources: resources, swiftSettings: house + extra)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

let package = Package(
    name: "pumpledger",
    products: [
        .executable(name: "pumpledger", targets: ["pumpledger"]),
        .executable(name: "pumpledgerd", targets: ["pumpledgerd"]),
        .executable(name: "pumpsim", targets: ["pumpsim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
        .systemLibrary(name: "CConfine"),
        .systemLibrary(name: "CUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),

        room("PumpCore"),
        room("PumpDrivers", ["PumpCore"]),
        room("PumpLinks", ["PumpCore", "CUdev", "CUSB"]),
        room("Station", ["PumpCore", "PumpDrivers", "PumpLinks"]),
        room(
            "ReaderProcess", ["CConfine", "PumpCore", "PumpDrivers", "PumpLinks"], extra: [.strictMemorySafety()]),
        room("Register", ["PumpCore"]),
        room("Ledger", ["PumpCore", crypto, grdb, sqlite, system]),
        room("Timeline", ["PumpCore"]),
        room("Supplies", ["PumpCore", "Register", "Timeline"], resources: [.embedInCode("Rules")]),
        room(
            "LedgerService",
            ["PumpCore", "PumpDrivers", "PumpLinks", "Station", "Register", "Ledger", "Timeline", "Supplies", crypto]),
        room("HostCheck", ["CUdev", "PumpLinks", "Station"]),
        room("Reports", ["HostCheck", "PumpCore", "PumpDrivers", "Register", "Station", "Supplies", "LedgerService"]),
        room("ServiceSocket", ["PumpLinks"], extra: [.strictMemorySafety()]),
        room(
            "SystemService", ["PumpCore", "PumpLinks", "ServiceSocket", configuration, logging, system],
            extra: [.strictMemorySafety()]),
        .executableTarget(
            name: "pumpledger",
            dependencies: [
                "HostCheck", "PumpCore", "PumpDrivers", "LedgerService", "Reports", "Register", "ServiceSocket",
                argumentParser,
            ],
            swiftSettings: house),
        .executableTarget(
            name: "pumpledgerd",
            dependencies: [
                "PumpCore", "PumpDrivers", "PumpLinks", "ReaderProcess", "Station", "Ledger", "LedgerService",
                "ServiceSocket", "SystemService", argumentParser, logging,
            ],
            swiftSettings: house),

        room("PumpSimulator", ["PumpCore"], path: "Simulator/PumpSimulator"),
        .executableTarget(
            name: "pumpsim", dependencies: ["PumpCore", "PumpSimulator", argumentParser],
            path: "Simulator/pumpsim", swiftSettings: house),

        .systemLibrary(
            name: "CSQLite", path: "Benchmarks/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "pumpledger-bench",
            dependencies: [
                "CSQLite", "Ledger", "LedgerService", "PumpCore", "PumpDrivers", "PumpLinks", "Station", "Supplies",
            ],
            path: "Benchmarks/pumpledger-bench", swiftSettings: house),

        .executableTarget(
            name: "torture-writer", dependencies: ["Ledger", "PumpCore", grdb], path: "Tests/Torture/Writer",
            swiftSettings: house),

        room("TestSupport", ["PumpCore", "PumpDrivers"], path: "Tests/TestSupport"),
        tests("PumpCoreTests", ["PumpCore", "TestSupport"]),
        tests("PumpDriversTests", ["PumpCore", "PumpDrivers", "PumpLinks", "TestSupport"]),
        tests("DriverConformance", ["PumpCore", "PumpDrivers", "ReaderProcess", "TestSupport"]),
        tests("PumpLinksTests", ["PumpCore", "PumpLinks", "TestSupport"]),
        .executableTarget(
            name: "poison-reader", dependencies: ["PumpCore", "PumpDrivers", "ReaderProcess"],
            path: "Tests/PoisonReader", swiftSettings: house),
        tests("ReaderProcessTests", ["PumpCore", "PumpDrivers", "ReaderProcess", "TestSupport", "poison-reader"]),
        tests("StationTests", ["PumpCore", "PumpDrivers", "PumpLinks", "Station", "TestSupport"]),
        tests("RegisterTests", ["PumpCore", "PumpDrivers", "Register", "TestSupport"]),
        tests("LedgerTests", ["PumpCore", "Ledger", grdb, "TestSupport"]),
        tests("TimelineTests", ["PumpCore", "Timeline", "TestSupport"]),
        tests("SuppliesTests", ["PumpCore", "Register", "Timeline", "Supplies", "TestSupport"]),
        tests(
            "LedgerServiceTests",
            [
                "PumpCore", "PumpDrivers", "Station", "Register", "Ledger", "Timeline", "Supplies", "LedgerService",
                "TestSupport", grdb,
            ]),
        tests(
            "ReportsTests",
            ["PumpCore", "PumpDrivers", "PumpLinks", "Station", "LedgerService", "Reports", "TestSupport"]),
        tests("HostCheckTests", ["HostCheck", "PumpLinks", "TestSupport"]),
        tests("ServiceSocketTests", ["PumpLinks", "ServiceSocket", "TestSupport"]),
        tests("SystemServiceTests", ["PumpLinks", "ServiceSocket", "SystemService", "TestSupport", logging]),
        tests("EndToEndTests", ["TestSupport", "pumpledger", "pumpsim"]),
        tests("LiveTests", ["TestSupport", "pumpledger", "pumpledgerd", "pumpsim"]),
        tests(
            "LineTests", ["PumpCore", "PumpDrivers", "PumpLinks", "Station", "PumpSimulator", "TestSupport", "pumpsim"]),
        tests("PumpSimulatorTests", ["PumpCore", "PumpSimulator", "TestSupport", "pumpsim"]),
        tests(
            "SimulatedMonthsTests",
            ["PumpCore", "PumpDrivers", "PumpSimulator", "Register", "Timeline", "Supplies", "LedgerService"]),
    ],
    swiftLanguageModes: [.v6]
)
