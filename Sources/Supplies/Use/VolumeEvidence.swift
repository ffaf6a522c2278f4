import PumpCore
import Register
import Timeline

/// What the volumes say afterwards of cassettes that were taken off and followed by flow, on pumps that count what they
/// infuse: two that together gave no more than one holds, the second of them to its end, were one; and two that gave
/// more than one holds were two, whatever alarm came between.
extension ContainerInference {
    /// Volumes are as exact as bags and pumps: within a tenth.
    private static let tolerance = 0.1
    /// A full container that ran empty gave more than so much of its usable volume.
    private static let full = 0.8

    mutating func weighVolumes() {
        guard timeline.signs.attachment == .flowAfterDetach else { return }
        /// Where a draft went that turned out to be the one before it.
        var home = Array(drafts.indices)
        for index in drafts.indices {
            guard let before = drafts[index].previous.map({ home[$0] }), let number = drafts[index].plan,
                drafts[before].plan == number, !drafts[before].ranEmpty,
                let usable = plans[number].order.usableMilliliters, usable > 0, isUnbroken(from: before, to: index),
                drafts[before].volumeUnit == .milliliters, drafts[index].volumeUnit == .milliliters
            else { continue }
            let own = Double(drafts[index].volumeThousandths) / 1000
            let both = own + Double(drafts[before].volumeThousandths) / 1000
            if drafts[index].ranEmpty, own < usable * Self.full, both <= usable * (1 + Self.tolerance),
                both >= usable * (1 - Self.tolerance)
            {
                join(index, to: before)
                home[index] = before
            } else if drafts[index].isDoubtful, both > usable * (1 + Self.tolerance) {
                drafts[index].isDoubtful = false
                drafts[index].reason += "; with the one before it gave more than one holds: a new one"
            }
        }
        leaveOut(home)
    }

    /// Whether nothing is missing from the beginning of one to the end of the other.
    private func isUnbroken(from before: Int, to index: Int) -> Bool {
        let last = drafts[index].records.max() ?? drafts[index].start
        return timeline.records[drafts[before].start].record.stretch == timeline.records[last].record.stretch
    }

    private mutating func join(_ index: Int, to before: Int) {
        let rest = drafts[index]
        drafts[before].records += rest.records
        drafts[before].volumeThousandths += rest.volumeThousandths
        drafts[before].reseats += rest.reseats + 1
        drafts[before].ranEmpty = true
        drafts[before].lastFlow = rest.lastFlow ?? drafts[before].lastFlow
        drafts[before].lastFlowWall = rest.lastFlowWall ?? drafts[before].lastFlowWall
        drafts[before].detached = rest.detached
        drafts[before].ended = rest.ended
        drafts[before].endedWall = rest.endedWall
        drafts[before].flowsBehindGaps += rest.flowsBehindGaps
        drafts[before].gapsCrossed += rest.gapsCrossed
        drafts[before].isTimeDoubtful = drafts[before].isTimeDoubtful || rest.isTimeDoubtful
    }

    /// Takes out what was joined to another draft, and renumbers what points to the others.
    private mutating func leaveOut(_ home: [Int]) {
        let kept = home.indices.filter { home[$0] == $0 }
        guard kept.count < home.count else { return }
        var place = [Int](repeating: 0, count: home.count)
        for (new, old) in kept.enumerated() { place[old] = new }
        drafts = kept.map { old in
            var draft = drafts[old]
            draft.previous = draft.previous.map { place[home[$0]] }
            return draft
        }
        for index in attempts.indices {
            var uses: [Int] = []
            for use in attempts[index].uses.map({ place[home[$0]] }) where !uses.contains(use) { uses.append(use) }
            attempts[index].uses = uses
        }
    }
}
