import Foundation
import Logging
import PumpDrivers
import PumpLinks
import Station

/// Keeps a port for each socket of the USB into which something readable is, or was, plugged.
final class PlugDesk {
    private var ports: PluggedPorts
    private var plan: PlugPlan
    private var links: [String: PluggedLink] = [:]
    /// What was plugged last into each.
    private var devices: [String: PluggedDevice] = [:]
    private var pending: [PluggedPorts.Step] = []
    private var isWorking = false
    private let station: Station
    private let journal: PortJournal
    private let log: Logger

    init(_ plan: PlugPlan, station: Station, journal: PortJournal, log: Logger) {
        self.plan = plan
        self.station = station
        self.journal = journal
        self.log = log
        ports = PluggedPorts(plan.rules)
    }

    func take(_ event: HotplugEvent) async { await carryOut(ports.handle(event, taken: plan.takenNodes)) }

    func renew(_ plan: PlugPlan) async {
        let everything = !plan.readsLike(self.plan)
        self.plan = plan
        await carryOut(ports.renew(plan.rules, taken: plan.takenNodes, everything: everything))
    }

    /// One step after another, also where new ones come while a port is being closed: a port of the same name may follow.
    private func carryOut(_ steps: [PluggedPorts.Step]) async {
        pending += steps
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        while !pending.isEmpty {
            let step = pending.removeFirst()
            switch step {
            case .add(let id, let spec, let device):
                guard let driver = DriverCatalog.driver(named: spec.driver) else { continue }
                let link = PluggedLink(name: id)
                link.plug(PluggedLine.to(device, driver, baud: spec.baud))
                links[id] = link
                devices[id] = device
                station.add(
                    Station.Port(
                        enrolment: plan.enrolment(id, spec), driver: plan.isolated(driver),
                        link: plan.recorded(link, port: id) { [log] path, failure in
                            log.error(
                                "session not recorded, or not to its end",
                                metadata: ["file": .string(path), "why": .string(failure.description)])
                        }, isWatched: true))
                log.notice("plugged in", metadata: ["port": .string(id)])
            case .plug(let id, let spec, let device):
                guard let link = links[id], let driver = DriverCatalog.driver(named: spec.driver) else { continue }
                // udev tells of one device several times (add, bind, change); its open line stays open.
                if devices.updateValue(device, forKey: id) != device {
                    link.plug(PluggedLine.to(device, driver, baud: spec.baud))
                }
                station.deviceAppeared(port: id)
            case .pull(let id):
                links[id]?.pull()
                devices[id] = nil
                log.notice("pulled", metadata: ["port": .string(id)])
            case .drop(let id):
                links[id] = nil
                devices[id] = nil
                await station.remove(port: id)
                journal.forget(id)
            case .ignore(let device):
                log.debug(
                    "left alone, no driver claims it",
                    metadata: ["device": .string(device.node), "id": .string(device.numbers ?? "?")])
            }
        }
    }
}
