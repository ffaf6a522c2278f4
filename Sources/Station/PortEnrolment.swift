/// A port that the station looks after: where it is, what is spoken there, and whom to expect.
package struct PortEnrolment: Hashable, Codable, Sendable {
    /// Names the port in reports: `serial:/dev/ttyUSB0`.
    package var id: String
    /// The driver's name in the driver table.
    package var driver: String
    /// The pump's own serial; nil where any pump of the family may be read.
    package var expectedSerial: String?
    /// Where the pump does not say what it is.
    package var model: String?
    /// How long to leave a pump alone that stays plugged in.
    package var readEverySeconds: Int

    package static let defaultReadEverySeconds = 900

    package init(
        id: String, driver: String, expectedSerial: String? = nil, model: String? = nil,
        readEverySeconds: Int = Self.defaultReadEverySeconds
    ) {
        self.id = id
        self.driver = driver
        self.expectedSerial = expectedSerial
        self.model = model
        self.readEverySeconds = max(1, readEverySeconds)
    }
}

/// The figures by which the station waits, gives up and shuts out. All in milliseconds and bytes.
package struct StationPolicy: Hashable, Codable, Sendable {
    /// First wait after a failure; each further one doubles it.
    package var firstRetry = 1_000
    package var longestRetry = 60_000
    /// After so long it is tried again whether the writer can store.
    package var storeRetry = 1_000
    /// Another pump than the expected one is asked for its name no oftener than this.
    package var wrongDeviceRetry = 60_000
    /// False where a hotplug monitor says when a device appears: then an empty port costs nothing.
    package var looksForAbsent = true
    /// A session that neither waits for an answer nor says anything for so long has stalled.
    package var stall = 30_000
    /// So many bytes that nobody asked for, without anything useful in them, and the device babbles. At 9600 baud that
    /// is 4.3 s.
    package var babbleBytes = 4_096
    /// The longest answer to one question on a serial line, and some room.
    package var longestAnswer = 512
    /// The same for families whose messages are long (IEEE 11073: up to 63 KB).
    package var babbleBytesOfLongMessages = 131_072
    /// So many downloads in a row that damaged bytes ended.
    package var garbledInARow = 3
    package var firstQuarantine = 600_000
    package var longestQuarantine = 7_200_000
    /// A pump that is there and was not read to its end for this many reading intervals is stale.
    package var staleIntervals = 2

    package init() {}
}
