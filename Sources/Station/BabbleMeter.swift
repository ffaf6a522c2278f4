import PumpDrivers

/// Tells a device that answers from one that only talks: it counts the bytes that nobody asked for since something last
/// made sense.
struct BabbleMeter: Sendable {
    private let limit: Int
    private let longestAnswer: Int
    private var uselessBytes = 0
    private var lastQuestion: [UInt8] = []
    /// Bytes that the last question entitles the device to and that have not come.
    private var allowance = 0

    init(_ driver: PumpDriver, _ policy: StationPolicy) {
        let isSerial = driver.serial != nil
        limit = isSerial ? policy.babbleBytes : policy.babbleBytesOfLongMessages
        longestAnswer = isSerial ? policy.longestAnswer : policy.babbleBytesOfLongMessages
    }

    var isTooMuch: Bool { uselessBytes > limit }

    /// A new conversation. What was held against the device before still counts.
    mutating func begin() {
        lastQuestion = []
        allowance = 0
    }

    mutating func asked(_ question: [UInt8]) {
        lastQuestion = question
        allowance = longestAnswer
    }

    /// A question entitles the device to one answer; what comes beyond it came unasked.
    mutating func heard(_ count: Int) {
        uselessBytes += max(0, count - allowance)
        allowance = max(0, allowance - count)
    }

    /// What a session made of the bytes. Asking the same thing again does not show that they made sense.
    mutating func understood(_ outputs: [SessionOutput]) {
        let isUseful = outputs.contains { output in
            switch output {
            case .send(let question): question != lastQuestion
            case .identity, .clock, .progress, .mayUnplug, .batch, .gap, .finished: true
            case .deadline, .noDeadline, .fault: false
            }
        }
        if isUseful { uselessBytes = 0 }
    }
}
