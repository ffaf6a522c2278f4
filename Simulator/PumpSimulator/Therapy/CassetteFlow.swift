import PumpCore

/// Fluid from one container at one rate, with the interruptions that the scenario has in store: what dose and bag
/// therapies have in common.
struct CassetteFlow {
    let milliliterPerHour: Quantity
    /// What earlier flows of the same program gave.
    private let before: Int
    /// What this one gave.
    private(set) var counter = 0
    /// When the flow began or went on last.
    private var runningSince: Instant?

    init(milliliterPerHour: Quantity, before: Int = 0) {
        self.milliliterPerHour = milliliterPerHour
        self.before = before
    }

    /// Volume given since the pump was set to this program: what its counter shows.
    var infused: Quantity { .milliliters(thousandths: before + counter) }

    /// Thousandths of a milliliter that flow in so many seconds.
    func volume(in seconds: Int) -> Int { milliliterPerHour.thousandths * seconds / 3600 }

    /// Seconds that so many thousandths need, rounded up.
    func seconds(for thousandths: Int) -> Int {
        let rate = max(1, milliliterPerHour.thousandths)
        return (thousandths * 3600 + rate - 1) / rate
    }

    mutating func start(on stage: inout Stage, at: Instant) {
        stage.act(at, .started)
        runningSince = at
    }

    mutating func stop(on stage: inout Stage, at: Instant, limit most: Int = .max) {
        advance(to: at)
        limit(to: most)
        runningSince = nil
        stage.act(at, .stopped(infused: infused))
    }

    mutating func advance(to moment: Instant) {
        guard let since = runningSince else { return }
        counter += volume(in: moment.seconds(since: since))
        runningSince = moment
    }

    /// The pump stops by volume, not by the second: what whole seconds gave too much is taken back.
    mutating func limit(to thousandths: Int) { counter = min(counter, thousandths) }

    /// A dose beside the rate.
    mutating func add(_ amount: Quantity) { counter += amount.thousandths }

    static let interruptions: Set<Incident.Kind> = [.refit, .batteryPull, .occlusion, .clockReset]

    /// Plays what interrupts a running flow and lets it go on. Returns when it does.
    mutating func interrupt(_ incident: Incident, on stage: inout Stage, at: Instant) -> Instant {
        stage.note(incident, at: at)
        let back: Instant
        switch incident.kind {
        case .refit:
            back = at.adding(seconds: stage.dice.roll(40...300))
            stop(on: &stage, at: at)
            stage.act(at, .containerRemoved)
        case .batteryPull:
            back = at.adding(seconds: stage.dice.roll(30...200))
            advance(to: at)
            stage.act(at, .powerOff)
            stage.act(back.adding(seconds: -10), .powerOn)
        case .clockReset:
            back = at.adding(seconds: stage.dice.roll(1200...2400))
            advance(to: at)
            stage.act(at, .powerOff)
            stage.act(back.adding(seconds: -60), .powerOn)
            stage.act(back.adding(seconds: -60), .clockLost)
            stage.act(back.adding(seconds: -20), .clockSet(stage.zone.civil(back.adding(seconds: -20))))
        default:
            back = at.adding(seconds: stage.dice.roll(60...400))
            stage.act(at, .alarm(.occlusion))
            stop(on: &stage, at: at)
            stage.act(back.adding(seconds: -5), .alarmCleared(.occlusion))
        }
        runningSince = nil
        start(on: &stage, at: back)
        return back
    }
}
