import PumpCore

/// What earlier patients left in the ring of a rented pump: a PCA with its doses, cassettes and batteries.
enum MivaPast {
    /// Days before therapy at which the counter began.
    static let firmwareAgeDays = 900
    private static let meanSeconds = 300

    /// Acts that write exactly so many slots, the last of them an hour before `end`.
    static func acts(events count: Int, before end: Instant, firmware: MivaPump.Firmware, seed: UInt64) -> [TimedAct] {
        var dice = Dice(seed: seed, stream: "earlier patients")
        let mean = max(1, min(meanSeconds, (firmwareAgeDays - 100) * 86_400 / max(1, count)))
        let last = end.adding(seconds: -3600)
        var at = last.adding(seconds: -count * mean)
        var acts: [TimedAct] = []
        guard count > 0 else { return [] }
        // A pump comes back from a patient without a cassette.
        var left = count - 1
        while left > 0 {
            at = min(at.adding(seconds: dice.roll(0...2 * mean)), last)
            let scene = scene(&dice, firmware, number: acts.count)
            // What is left at the end is filled up with time stamps of one slot each.
            let fits = scene.slots <= left
            acts += (fits ? scene.acts : [.timeStamped]).map { TimedAct(at, $0) }
            left -= fits ? scene.slots : 1
        }
        acts.append(TimedAct(last, .containerRemoved))
        return acts
    }

    private static func scene(
        _ dice: inout Dice, _ firmware: MivaPump.Firmware, number: Int
    ) -> (acts: [PumpAct], slots: Int) {
        let infused = Quantity.milliliters(thousandths: dice.roll(0...100_000))
        switch dice.roll(0...99) {
        case 0..<45:
            return (
                [.doseGranted(.extra, attempts: dice.roll(1...4)), .doseFinished(.extra)], firmware == .newer ? 2 : 1
            )
        case 45..<60: return ([.doseDenied(attempts: dice.roll(1...9))], 1)
        case 60..<72: return ([.stopped(infused: infused), .started], 2)
        case 72..<80: return ([.timeStamped], 1)
        case 80..<86: return ([.batteryLow], 1)
        case 86..<90:
            return firmware == .newer
                ? ([.containerEmptied, .stopped(infused: infused)], 2)
                : ([.completed(infused: infused), .stopped(infused: infused)], 2)
        case 90..<94: return ([.containerRemoved, .started], 2)
        case 94..<96: return ([.alarm(.occlusion), .alarmCleared(.occlusion)], 2)
        case 96: return ([.shiftTotalCleared], 1)
        case 97: return ([.powerOff], 1)
        default:
            let program = PumpAct.Prescription(
                milliliterPerHour: .milliliters(thousandths: dice.roll(1...40) * 100),
                volume: .milliliters(thousandths: dice.roll(20...250) * 1000),
                extraDose: .milliliters(thousandths: dice.roll(1...20) * 100), lockoutSeconds: 300 + number % 1800)
            // Who allowed it, what changed, begin, blocks, end. The lockout makes each one a new program.
            return ([.programmed(program)], firmware == .newer ? 6 : 20)
        }
    }
}
