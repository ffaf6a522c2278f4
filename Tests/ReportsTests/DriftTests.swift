import Foundation
import PumpDrivers
import Reports
import TestSupport
import Testing

/// What is printed from the driver table is committed too, because packagers and people read it there.
@Suite("Files printed from the driver table")
struct DriftTests {
    private let report = DriverReport(DriverCatalog.all)

    private func committed(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: Vectors.checkout.appending(path: path)), as: UTF8.self)
    }

    @Test("udev rules and hwdb are what the table prints; if not, run: make udev")
    func udev() throws {
        #expect(try committed("udev/70-pumpledger.rules") == report.udevRules)
        #expect(try committed("udev/70-pumpledger.hwdb") == report.hwdb)
    }

    @Test("the README's table of pumps is what the table prints; if not, run: make udev")
    func readme() throws { #expect(try committed("README.md").contains(report.markdown)) }

    @Test("no rule gives a logged-in desktop user or the whole world access")
    func access() {
        #expect(!report.udevRules.contains("uaccess\""))
        #expect(!report.udevRules.contains("MODE=\"0666\""))
        #expect(report.udevRules.contains("GROUP=\"pumpledger\""))
    }
}
