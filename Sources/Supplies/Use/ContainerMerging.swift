import Timeline

/// Puts together what several pumps say of one order: containers by their ids, attempts in the order of time.
struct ContainerMerging {
    private let plan: OrderPlan
    private let pumps: [String]
    private let readings: [String: PumpReading]
    private(set) var containers: [FoldedContainer] = []
    private(set) var attempts: [DoseMatching.Attempt] = []

    init(_ plan: OrderPlan, pumps: [String], readings: [String: PumpReading]) {
        self.plan = plan
        self.pumps = pumps
        self.readings = readings
    }

    mutating func run() {
        var places: [[Int: Int]] = []
        var byID: [String: Int] = [:]
        var merged: [FoldedContainer] = []
        for (pump, serial) in pumps.enumerated() {
            var place: [Int: Int] = [:]
            defer { places.append(place) }
            guard let reading = readings[serial] else { continue }
            for index in reading.draftsOfPlan[plan.number] ?? [] {
                let draft = reading.drafts[index]
                let part = FoldedContainer.Part(pump: pump, draft: index)
                if let id = draft.containerID, let known = byID[id] {
                    Self.join(&merged[known], draft, part)
                    place[index] = known
                    continue
                }
                if let id = draft.containerID { byID[id] = merged.count }
                place[index] = merged.count
                merged.append(
                    FoldedContainer(
                        parts: [part], containerID: draft.containerID, startWall: draft.startWall,
                        hungWall: draft.hungWall, endWall: draft.endedWall, lastFlowWall: draft.lastFlowWall,
                        hasFlow: draft.hasFlow, isDoubtful: draft.isDoubtful, isInPlace: draft.isInPlace,
                        alarmBefore: draft.alarmBefore != nil, previous: draft.previous.flatMap { place[$0] }))
            }
        }
        // In the order in which they were hung; equal times keep the order of pumps and logs.
        let order = merged.indices.sorted { (merged[$0].hungWall, $0) < (merged[$1].hungWall, $1) }
        var newPlace = [Int](repeating: 0, count: merged.count)
        for (place, old) in order.enumerated() { newPlace[old] = place }
        containers = order.map { old in
            var container = merged[old]
            container.previous = container.previous.map { newPlace[$0] }
            container.parts.sort { a, b in
                (hungWall(a), a.pump) < (hungWall(b), b.pump)
            }
            return container
        }
        collectAttempts(places.map { $0.mapValues { newPlace[$0] } })
    }

    private func hungWall(_ part: FoldedContainer.Part) -> Int {
        readings[pumps[part.pump]]?.drafts[part.draft].hungWall ?? 0
    }

    private static func join(_ container: inout FoldedContainer, _ draft: UseDraft, _ part: FoldedContainer.Part) {
        container.parts.append(part)
        container.startWall = min(container.startWall, draft.startWall)
        if draft.hasFlow {
            container.hungWall = container.hasFlow ? min(container.hungWall, draft.hungWall) : draft.hungWall
            container.hasFlow = true
        }
        container.endWall = container.endWall.flatMap { a in draft.endedWall.map { max(a, $0) } }
        container.lastFlowWall = [container.lastFlowWall, draft.lastFlowWall].compactMap { $0 }.max()
        container.isDoubtful = container.isDoubtful && draft.isDoubtful
    }

    private mutating func collectAttempts(_ places: [[Int: Int]]) {
        for (pump, serial) in pumps.enumerated() {
            guard let reading = readings[serial] else { continue }
            let own = reading.attemptsOfPlan[plan.number] ?? []
            // Where the log speaks of doses, a run of the pump is not one.
            let speaksOfDoses = own.contains { reading.attempts[$0].isDose }
            for index in own where reading.attempts[index].isDose || !speaksOfDoses {
                let attempt = reading.attempts[index]
                attempts.append(
                    DoseMatching.Attempt(
                        pump: pump, channel: attempt.channel, startWall: attempt.startWall,
                        isCompleted: attempt.isCompleted, emptiedWall: attempt.emptiedWall,
                        attestedSlot: attempt.attestedSlot, isRun: !attempt.isDose,
                        containers: attempt.uses.compactMap { places[pump][$0] }, ordinal: index))
            }
        }
        attempts.sort { ($0.startWall, $0.pump, $0.ordinal) < ($1.startWall, $1.pump, $1.ordinal) }
    }
}
