import PumpCore

/// How a stretch of a pump's clock turns into true time.
enum ClockLaw: Equatable {
    /// Nothing is known.
    case unknown
    /// The patient's wall clock shows the pump's time plus so many seconds: somebody keeps the pump on home time,
    /// daylight saving included.
    case wall(shift: Int)
    /// UTC is the pump's time plus so many seconds: the clock ran straight through, whatever the wall clock did.
    case elapsed(shift: Int)
}

/// Neighbouring items under one law.
struct ClockStretch {
    var items: Range<Int>
    var law: ClockLaw
    var method: ClockMethod
    /// Where the law was seen to hold; the doubt grows with the distance from it.
    var provenAt: Int?
    var uncertaintySeconds: Int
    var isDoubtful = false

    /// Crystal clocks of pumps were seen to drift by 4 s a day (600SeriesAndroidUploader); rounded up.
    static let driftSecondsPerDay = 5
    /// A reading and its answer take a moment, and both clocks count whole seconds.
    static let readingSeconds = 2
    /// A clock that nobody compared: up to a quarter of an hour is drift, more is another matter (Tidepool uploader).
    static let uncomparedSeconds = 900
    /// After a jump that nobody explained.
    static let unexplainedSeconds = 86_400

    func uncertainty(at seconds: Int) -> Int {
        guard let provenAt else { return uncertaintySeconds }
        let days = abs(seconds - provenAt) / 86_400
        return uncertaintySeconds + days * Self.driftSecondsPerDay
    }
}
