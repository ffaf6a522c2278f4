import PumpCore

/// Containers as a closed period keeps them.
extension FrozenWriter {
    package mutating func put(_ containers: some Collection<ContainerUse>) throws {
        put(containers.count)
        for container in containers { try put(container) }
    }

    private mutating func put(_ use: ContainerUse) throws {
        put(use.id)
        putShared(use.order)
        putShared(use.pump)
        try putShared(value: use.pumps)
        put(use.channel)
        put(use.containerID)
        put(use.attached)
        put(use.firstFlow)
        put(use.ended)
        put(use.volume?.thousandths)
        putShared(use.volume?.unit.rawValue)
        putShared(use.containerClass.rawValue)
        put(use.reseats)
        put(use.ranEmpty)
        put(use.slots.count)
        for slot in use.slots { put(slot.wallSeconds) }
        put(use.doses)
        put(use.date)
        put(use.isUsed)
        putShared(use.counted.rawValue)
        putShared(use.reason)
        putShared(use.rule)
        put(use.records.map(\.text))
        put(use.isUncorrected)
        put(use.isTimeDoubtful)
    }
}

extension FrozenReader {
    package mutating func containers() throws -> [ContainerUse] {
        let count = try int()
        var containers: [ContainerUse] = []
        for _ in 0..<max(0, count) { containers.append(try container()) }
        return containers
    }

    /// Fields stand in the order in which they were written.
    private mutating func container() throws -> ContainerUse {
        ContainerUse(
            id: try text(), order: try optionalSharedText(), pump: try sharedText(), pumps: try sharedValue(),
            channel: try int(), containerID: try optionalText(), attached: try optionalMoment(),
            firstFlow: try optionalMoment(), ended: try optionalMoment(), volume: try quantity(),
            containerClass: try name(), reseats: try int(), ranEmpty: try bool(), slots: try slots(),
            doses: try optionalInt(), date: try optionalDate(), isUsed: try bool(), counted: try name(),
            reason: try sharedText(), rule: try sharedText(), records: try list().map(RecordKey.init),
            isUncorrected: try bool(), isTimeDoubtful: try bool())
    }

    private mutating func quantity() throws -> Quantity? {
        let thousandths = try optionalInt()
        guard let unit = try optionalSharedText() else { return nil }
        guard let thousandths, let known = Quantity.Unit(rawValue: unit) else { throw Failure.unreadable(unit) }
        return Quantity(thousandths: thousandths, known)
    }

    private mutating func slots() throws -> [CivilDateTime] {
        let count = try int()
        var slots: [CivilDateTime] = []
        for _ in 0..<max(0, count) { slots.append(CivilDateTime(wallSeconds: try int())) }
        return slots
    }
}
