import PumpCore
import PumpDrivers
import TestSupport
import Testing

/// A driver and a fake pump for it. Every driver with a wire protocol has one, and passes the same suite.
struct DriverFixture: Sendable, CustomTestStringConvertible {
    var driver: PumpDriver
    /// A pump with so many records in its log.
    var pump: @Sendable (Int) -> any FakePump
    /// The code, as in the driver table, of the command that a sent frame carries; nil for what is no frame.
    var command: @Sendable ([UInt8]) -> String?
    /// What the pump's clock shows; nil for a pump of another family.
    var clock: @Sendable (any FakePump) -> DeviceTime?
    /// How many records a test uses where time grows with their number.
    var few = 24
    /// Enough for several batches or pages.
    var many = 600

    var testDescription: String { driver.name }

    func session(_ pump: any FakePump) throws -> any DownloadSession {
        let makeSession = try #require(driver.makeSession)
        return makeSession(DecodingHints(serial: pump.serial))
    }

    static let all: [DriverFixture] = [.miva, .paradigm, .phd]
}

extension DriverFixture {
    static let miva = DriverFixture(
        driver: PumpDriver.miva,
        pump: { FakeMiva(serial: "SIM00042", first: FakeMiva.ringSize - 10, records: $0) },
        command: { frame in
            guard frame.first == 0x02, frame.last == 0x03, frame.count > 4 else { return nil }
            let text = String(decoding: frame.dropFirst().dropLast(3), as: UTF8.self)
            return text.first == "R" || text.first == "Q" ? String(text.prefix(2)) : text
        },
        // One minute after the newest event.
        clock: { ($0 as? FakeMiva).map { .counter(seconds: $0.now + 60) } })
}

extension DriverFixture {
    static let paradigm = DriverFixture(
        driver: .paradigm, pump: { FakeParadigm(records: $0) }, command: FakeParadigm.command,
        clock: { $0 is FakeParadigm ? CivilDateTime("2026-10-05T04:03:23").map { .civil($0) } : nil }, many: 1_000)
}

extension DriverFixture {
    static let phd = DriverFixture(
        driver: .phd, pump: { FakePhd(records: $0) }, command: FakePhd.command,
        // One minute after the newest event.
        clock: { pump in
            (pump as? FakePhd).flatMap { pump in
                CivilDateTime("2026-10-05T00:00").map { .civil($0.adding(seconds: 60 * (pump.minutes + 1))) }
            }
        }, many: 1_000)
}
