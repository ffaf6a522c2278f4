import PumpCore
import Testing

@Suite("Civil dates")
struct CivilDateTests {
    @Test("every day from 1600 to 2400 survives the way to a day number and back")
    func everyDaySurvives() throws {
        var day = try #require(CivilDate("1600-01-01"))
        let last = try #require(CivilDate("2400-12-31"))
        while day <= last {
            let (y, m, d) = day.components
            #expect(CivilDate(year: y, month: m, day: d) == day)
            let next = day.adding(days: 1).components
            if next.day != 1 { #expect(next.day == d + 1 && next.month == m) }
            day = day.adding(days: 1)
        }
        #expect(CivilDate("1970-01-01")?.dayNumber == 0)
        #expect(CivilDate("2000-03-01")?.dayNumber == 11_017)
    }

    @Test(
        "dates that no calendar has are refused",
        arguments: ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "2026-01-01 ", "+026-01-01", ""])
    func refused(text: String) { #expect(CivilDate(text) == nil) }
}

@Suite("Home zones")
struct HomeZoneTests {
    let zone = HomeZone(identifier: "America/New_York")

    @Test("the repeated hour has two instants and the missing hour moves one hour on")
    func daylightSaving() throws {
        let zone = try #require(zone)
        let twice = try #require(CivilDateTime("2026-11-01T01:30"))
        #expect(
            zone.read(twice)
                == .twice(
                    first: try #require(Instant("2026-11-01T05:30Z")),
                    second: try #require(Instant("2026-11-01T06:30Z"))))
        let never = try #require(CivilDateTime("2026-03-08T02:30"))
        let moved = try #require(Instant("2026-03-08T07:30Z"))
        #expect(zone.read(never) == .never(moved: moved))
        #expect(zone.civil(moved).description == "2026-03-08T03:30:00")
    }

    @Test("civil and back is the same instant for every half hour of three years, but for the repeated hours")
    func roundTrip() throws {
        let zone = try #require(zone)
        var instant = try #require(Instant("2025-01-01T00:00Z"))
        let end = try #require(Instant("2028-01-01T00:00Z"))
        while instant < end {
            switch zone.read(zone.civil(instant)) {
            case .once(let back): #expect(back == instant)
            case .twice(let first, let second): #expect(first == instant || second == instant)
            case .never: Issue.record("\(instant) reads as a time that never was")
            }
            instant = instant.adding(seconds: 1800)
        }
    }

    @Test("names that are not IANA zones are refused", arguments: ["EST", "GMT+3", "New York", "Nowhere/X", ""])
    func refusedNames(name: String) { #expect(HomeZone(identifier: name) == nil) }
}
