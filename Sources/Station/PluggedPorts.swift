package import PumpLinks

/// Which ports there are because something is, or was, plugged into the USB. A port belongs to a socket, not to a name
/// under `/dev`: ports are renumbered, two adapters may show one serial number, and some have none. Who the pump is, its
/// own protocol says.
///
/// It does nothing itself: what is told goes in, steps come out. Messages may be repeated and come in any order.
package struct PluggedPorts: Sendable {
    package enum Step: Hashable, Sendable {
        /// A port that was not there before, with its first device.
        case add(port: String, LinkSpec, PluggedDevice)
        /// A device is at this port, again or under another name: to be tried at once.
        case plug(port: String, LinkSpec, PluggedDevice)
        case pull(port: String)
        /// Nobody needs the port any more.
        case drop(port: String)
        /// A device that no rule names: it is left alone.
        case ignore(PluggedDevice)
    }

    private struct Port {
        var link: LinkSpec
        /// The adapter's serial number, where it has one.
        var serial: String?
        /// What is plugged in; nil: nothing.
        var device: PluggedDevice?
    }

    /// Sockets in which nothing is any more and that are still shown. A hub into which many different things are plugged
    /// must not grow without end.
    package static let mostEmpty = 16

    private var rules: DeviceRules
    private var present: [String: PluggedDevice] = [:]
    private var ports: [String: Port] = [:]
    /// Empty ports, the one that was left first first.
    private var emptied: [String] = []

    package init(_ rules: DeviceRules) { self.rules = rules }

    /// - Parameter taken: Device nodes that links of their own have already.
    package mutating func handle(_ event: HotplugEvent, taken: Set<String> = []) -> [Step] {
        switch event {
        case .present(let device): plugged(device, taken)
        case .gone(let path): pulled(path)
        }
    }

    /// Other rules hold from here on. A port whose link is the same goes on, unless everything is to begin anew.
    package mutating func renew(_ rules: DeviceRules, taken: Set<String> = [], everything: Bool = false) -> [Step] {
        self.rules = rules
        var steps: [Step] = []
        for (id, port) in ports.sorted(by: { $0.key < $1.key }) {
            guard let device = port.device else {
                // Nothing is lost with an empty line, and its link may not be wanted any more.
                steps += drop(id)
                continue
            }
            if everything || rules.link(for: device) != port.link || taken.contains(device.node) { steps += drop(id) }
        }
        let held = Set(ports.values.compactMap { $0.device?.sysfsPath })
        for device in present.values.sorted(by: { $0.sysfsPath < $1.sysfsPath }) where !held.contains(device.sysfsPath)
        {
            steps += plugged(device, taken)
        }
        return steps
    }

    private mutating func plugged(_ device: PluggedDevice, _ taken: Set<String>) -> [Step] {
        let before = present.updateValue(device, forKey: device.sysfsPath)
        guard let link = taken.contains(device.node) ? nil : rules.link(for: device) else {
            var steps: [Step] = []
            for (id, port) in ports where port.device?.sysfsPath == device.sysfsPath { steps += drop(id) }
            return before == nil ? steps + [.ignore(device)] : steps
        }
        var steps: [Step] = []
        let id = "usb:\(link.driver)@\(device.path)"
        // What it says of itself may come in pieces: with the last one it may be at another socket, or speak otherwise.
        for (other, port) in ports
        where port.device?.sysfsPath == device.sysfsPath && (other != id || port.link != link) {
            steps += drop(other)
        }
        // The adapter was put into another socket: its old line says nothing any more.
        if let serial = device.serial {
            for other in emptied where other != id && ports[other]?.serial == serial { steps += drop(other) }
        }
        let known = ports[id]
        ports[id] = Port(link: link, serial: device.serial, device: device)
        emptied.removeAll { $0 == id }
        guard let known, known.link == link else {
            if known != nil { steps.append(.drop(port: id)) }
            return steps + [.add(port: id, link, device)]
        }
        return steps + [.plug(port: id, link, device)]
    }

    private mutating func pulled(_ path: String) -> [Step] {
        present[path] = nil
        guard let id = ports.first(where: { $0.value.device?.sysfsPath == path })?.key else { return [] }
        ports[id]?.device = nil
        emptied.append(id)
        var steps = [Step.pull(port: id)]
        if emptied.count > Self.mostEmpty, let oldest = emptied.first { steps += drop(oldest) }
        return steps
    }

    private mutating func drop(_ id: String) -> [Step] {
        guard ports.removeValue(forKey: id) != nil else { return [] }
        emptied.removeAll { $0 == id }
        return [.drop(port: id)]
    }
}
