import Ledger
import LedgerService
import Logging
import PumpLinks
import ServiceSocket
import Station
import SystemService

/// Everything that runs: the ledger, the ports with their watch, the socket, and what systemd is told.
actor Daemon {
    private var settings: DaemonSettings
    private var plans: [PortPlan]
    private let ledger: Ledger
    private let station: Station
    private let server: SocketServer
    private let watch: DeviceWatch
    private let plugs: PlugDesk
    private var hotplug: Hotplug?
    private let notifier: SystemdNotifier
    private let journal: PortJournal
    private let log: Logger
    private let pool: WorkPool
    private var running: Task<Void, Never>?
    private var tick: WatchdogTick?

    /// Opens the ledger; nothing else happens yet.
    init(
        _ settings: DaemonSettings, _ plans: [PortPlan], pool: WorkPool, notifier: SystemdNotifier, log: Logger
    ) throws(StartFailure) {
        self.settings = settings
        self.plans = plans
        self.pool = pool
        self.notifier = notifier
        self.log = log
        do { ledger = try Ledger.open(at: settings.ledger, options: Ledger.Options(signsWithin: .seconds(60))) } catch {
            throw .ledger(error)
        }
        let journal = PortJournal(log)
        let news = PortNews()
        let station = Station(sink: LedgerSink(ledger), executor: pool) { report in
            if journal.note(report) { try? notifier.send(.status(journal.summary)) }
            news.tell()
        }
        self.journal = journal
        self.station = station
        plugs = PlugDesk(PlugPlan(settings), station: station, journal: journal, log: log)
        let ports: @Sendable () -> [PortReport] = { station.reports }
        let desk = ServiceDesk(
            LedgerService(over: ledger, ports: ports), ports: ports, news: news, roles: settings.roles)
        server = SocketServer(
            .init(path: settings.socket, group: settings.socketGroup), observe: { Self.note($0, log) }, workers: pool,
            handler: { peer, request in await desk.reply(to: request, from: peer) })
        do throws(SystemCallFailure) {
            watch = try DeviceWatch { station.deviceAppeared(port: "serial:" + $0) }
        } catch { throw .system(error) }
    }

    /// Returns when the socket listens and every port is being looked after.
    func start(watchdog: Watchdog?) async throws(StartFailure) {
        do { try await server.open() } catch { throw .socket(error) }
        do { try ledger.announce(socket: settings.socket) } catch { throw .ledger(error) }
        let station = station
        running = Task(executorPreference: pool) { await station.run() }
        for plan in plans { try add(plan) }
        startHotplug()
        if let watchdog { await startTick(watchdog) }
        tell(.ready, .status(journal.summary))
        log.notice(
            "ready",
            metadata: [
                "ledger": .string(settings.ledger), "socket": .string(settings.socket),
                "ports": .stringConvertible(plans.count),
            ])
    }

    /// Reads the settings again. Ports that are the same go on undisturbed; settings that cannot be used change nothing.
    func reload(_ read: () async throws(DaemonSettingsError) -> DaemonSettings) async {
        tell(.reloading)
        defer { tell(.ready, .status(journal.summary)) }
        let fresh: DaemonSettings
        let wanted: [PortPlan]
        do {
            fresh = try await read()
            wanted = try PortPlan.all(fresh)
        } catch {
            log.error("settings refused, the old ones stay", metadata: ["why": .string("\(error)")])
            return
        }
        for plan in plans where !wanted.contains(plan) { await remove(plan) }
        for plan in wanted where !plans.contains(plan) {
            do { try add(plan) } catch { log.error("port refused", metadata: ["why": .string("\(error)")]) }
        }
        var late = fresh.needingRestart(since: settings)
        if fresh.logLevel != settings.logLevel { late.append(.logLevel) }
        if !late.isEmpty {
            log.warning(
                "settings that need a restart are not taken up",
                metadata: ["settings": .string(late.map(\.rawValue).joined(separator: ","))])
        }
        log.notice(
            "settings read again",
            metadata: [
                "ports": .stringConvertible(wanted.count),
                "unchanged": .stringConvertible(wanted.count { plans.contains($0) }),
            ])
        plans = wanted
        await plugs.renew(PlugPlan(fresh))
        startHotplug(PlugPlan(fresh))
        var taken = fresh
        (taken.ledger, taken.socket, taken.socketGroup) = (settings.ledger, settings.socket, settings.socketGroup)
        taken.logLevel = settings.logLevel
        settings = taken
    }

    /// What is on its way is stored first; then the socket goes, then the ledger.
    func stop() async {
        tell(.stopping)
        log.notice("stopping")
        hotplug?.stop()
        await tick?.stop()
        station.stop()
        await running?.value
        await server.close(grace: .seconds(2))
        ledger.close()
        log.notice("stopped")
    }

    // MARK: Ports

    private func add(_ plan: PortPlan) throws(StartFailure) {
        let log = log
        let port = try plan.port { path, failure in
            log.error(
                "session not recorded, or not to its end",
                metadata: ["file": .string(path), "why": .string(failure.description)])
        }
        if let path = plan.watchedPath { watch.watch(path) }
        station.add(port)
    }

    private func remove(_ plan: PortPlan) async {
        if let path = plan.watchedPath { watch.forget(path) }
        await station.remove(port: plan.id)
        journal.forget(plan.id)
    }

    /// Begins to listen for devices, where any could be read; what is plugged in already is told at once.
    private func startHotplug(_ plan: PlugPlan? = nil) {
        guard hotplug == nil, !(plan ?? PlugPlan(settings)).rules.areEmpty else { return }
        do throws(SystemCallFailure) {
            hotplug = try Hotplug(on: pool) { [weak self] in await self?.take($0) }
            if !HotplugMonitor.isServed {
                log.notice("no udev runs here: what is plugged in later is not noticed, but for links with a path")
            }
        } catch {
            log.warning(
                "USB devices cannot be watched; links with a path or an address go on",
                metadata: ["why": .string(error.description)])
        }
    }

    private func take(_ event: HotplugEvent) async { await plugs.take(event) }

    // MARK: What systemd and the journal are told

    private func tell(_ messages: SystemdNotifier.Message...) {
        for message in messages {
            do { try notifier.send(message) } catch {
                log.warning("systemd cannot be told", metadata: ["why": .string(error.description)])
            }
        }
    }

    private func startTick(_ watchdog: Watchdog) async {
        let (notifier, log) = (notifier, log)
        let tick = WatchdogTick(
            every: watchdog.interval, through: [.actor("daemon", self, on: pool), .actor("socket", server, on: pool)],
            tick: { try? notifier.send(.watchdog) },
            stalled: { log.critical("a loop does not answer", metadata: ["loop": .string($0)]) })
        self.tick = tick
        await tick.start()
    }

    private static func note(_ trouble: SocketTrouble, _ log: Logger) {
        switch trouble {
        case .refused(let peer, let refusal):
            log.info(
                "client refused",
                metadata: ["uid": .stringConvertible(peer.uid), "why": .string(refusal.sentence)])
        case .notReading(let peer):
            log.info("client does not read its answer", metadata: ["uid": .stringConvertible(peer.uid)])
        case .outOfDescriptors(let failure), .failed(_, let failure):
            log.error("socket", metadata: ["why": .string(failure.description)])
        }
    }
}
