/// What is known of one channel of a pump while its log is read. Numbers are places of records, drafts and attempts.
struct ChannelState {
    /// The container in place, or last in place.
    var current: Int?
    /// It was put in place and nothing has flowed from it yet.
    var awaitsFlow = false
    var hasAttach = false
    /// It came by rewind and prime.
    var isRewound = false
    /// Its id was read since the last flow, so no reset and no prime makes it another one.
    var isKnownByID = false
    var isDetached = false
    /// A gap lies between its last flow and now, and nothing has said since that it is still the same one.
    var hasGap = false
    /// Taken off or put in place since the last flow, and nothing has decided yet whether it is another one.
    var opening: Opening?
    var rewinds: [Int] = []
    var lastPrimeWall = 0
    /// Delivery was stopped by an alarm since then.
    var wasStoppedSincePrime = false
    /// A reset of the reservoir volume after a power-off.
    var ambiguousReset: Int?
    var sawPowerOff = false
    /// An alarm that says occlusion, leak or air, since the last flow; and the last one at all, with its wall seconds.
    var alarm: Int?
    var lastAlarm: (record: Int, wall: Int)?
    /// Delivery was started and not stopped.
    var isRunning = false
    /// The attempt at a dose that is open, the run that is open, and the last of either.
    var dose: Int?
    var run: Int?
    var lastAttempt: Int?
    /// The pump's running total, in thousandths.
    var total: Int?
}

struct Opening {
    var attach: Int?
    var detach: Int?
}

/// The channels of a pump that its log has spoken of. Most pumps have one.
struct PumpChannels {
    private(set) var numbers: [Int] = []
    private(set) var states: [ChannelState] = []

    var isEmpty: Bool { numbers.isEmpty }

    /// What is known of a channel, to be put back: so it is changed in its place.
    mutating func take(_ channel: Int) -> ChannelState {
        guard let place = numbers.firstIndex(of: channel) else { return ChannelState() }
        var state = ChannelState()
        swap(&state, &states[place])
        return state
    }

    mutating func put(_ channel: Int, _ state: consuming ChannelState) {
        if let place = numbers.firstIndex(of: channel) {
            states[place] = state
        } else {
            numbers.append(channel)
            states.append(state)
        }
    }

    /// Nil for a channel that the log has not spoken of.
    subscript(channel: Int) -> ChannelState? {
        get { numbers.firstIndex(of: channel).map { states[$0] } }
        set { if let newValue { put(channel, newValue) } }
    }
}
