import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

@Suite("The demo that ships")
struct DemoRecordingTests {
    private static let folder = Vectors.checkout.appending(path: "Examples/demo")

    private static func simulation() throws -> Simulation {
        let file = try Data(contentsOf: folder.appending(path: "paradigm-october.json"))
        let scenario = try Scenario(json: [UInt8](file), zone: .utc)
        let end = scenario.zone.instant(try #require(CivilDateTime("2026-11-01T08:00")))
        return try Simulation(scenario, family: .paradigm, seed: 1, endsAt: end)
    }

    @Test("the committed recording is what the simulator makes of its scenario")
    func recordingIsCurrent() throws {
        let committed = try String(contentsOf: Self.folder.appending(path: "paradigm-october.csv"), encoding: .utf8)
        #expect(
            try Self.simulation().recordDownload().text == committed,
            "run `pumpsim paradigm --scenario Examples/demo/paradigm-october.json --ends-at 2026-11-01T08:00 --recording Examples/demo/paradigm-october.csv --register Examples/demo/register` and look at the difference"
        )
    }

    @Test("the committed register files fit it")
    func registerIsCurrent() throws {
        for file in try Self.simulation().register.files {
            let committed = try String(
                contentsOf: Self.folder.appending(path: "register/" + file.name), encoding: .utf8)
            #expect(file.text == committed, "\(file.name)")
        }
    }

    @Test("its month has ten reservoirs and the four events that must not make it eleven")
    func story() throws {
        let truth = try Self.simulation().truth
        let zone = try #require(HomeZone(identifier: "America/Phoenix"))
        let october = truth.containers.filter { zone.civil($0.firstFlowAt).date.month == 10 }
        #expect(october.count == 10)
        #expect(Set(truth.incidents.map(\.what)) == [.doubleRewind, .primeWithoutRewind, .suspendedBolus])
    }
}
