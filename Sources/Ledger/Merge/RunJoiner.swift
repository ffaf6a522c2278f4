/// Lays runs of one log over each other by what they have in common: a run goes where it agrees with everything that
/// it meets, at the place where it meets most.
///
/// Runs are given one after the other. The caller brings them into an order that depends on their content alone, the
/// longest first, so that the result is a function of the set of runs and not of who read first; and a run that could
/// lie in several places is judged after the longer ones, which know more.
///
/// Tokens are small numbers from 0: equal token, same record. `O(n)` a run where tokens are mostly different.
struct RunJoiner: Sendable {
    /// Where a run's first token went. Coordinates of a node move when stretches join: see `resolve`.
    struct Place: Hashable, Sendable {
        var node: Int
        var coordinate: Int
    }

    /// One agreed stretch a root node. A node that joined another keeps nothing.
    private var strips: [TokenStrip] = []
    private var parents: [Int] = []
    /// Added to a coordinate of the node, it gives the coordinate in the parent.
    private var shifts: [Int] = []

    /// Where each token stands, as seen by the node that wrote it there. Most tokens stand in one place.
    private var firstPlaces: [Place?]
    private var morePlaces: [Int32: [Place]] = [:]
    /// Nodes whose strip began with this token when it was noted. Checked when used.
    private var beginnings: [Int32: [Int]] = [:]

    init(tokenCount: Int) { firstPlaces = Array(repeating: nil, count: tokenCount) }

    /// The nodes that stand for a stretch of their own.
    var roots: [Int] { parents.indices.filter { parents[$0] == $0 } }

    func strip(_ root: Int) -> TokenStrip { strips[root] }

    /// The stretch in which a place is now, and its coordinate there.
    func resolve(_ place: Place) -> Place {
        var at = place
        while parents[at.node] != at.node {
            at.coordinate += shifts[at.node]
            at.node = parents[at.node]
        }
        return at
    }

    // MARK: - A run

    /// `shift` is the coordinate in the strip of `root` at which the run's first token would stand.
    private struct Fit: Hashable {
        var root: Int
        var shift: Int
        var length: Int
    }

    /// Gives a run its place. Nil for one that lies whole inside what is known: it changes nothing, and where it lies is
    /// asked when every run is in (`place`). The run must not be empty.
    mutating func add(_ run: [Int32]) -> Place? {
        let fits = agreeingFits(run)
        if let whole = fits.first, whole.length == run.count { return nil }
        let telling = fits.filter { $0.length >= 2 || standsAlone($0, in: run) }
        guard let best = telling.first else { return begin(run) }
        extend(best.root, with: run, at: best.shift)
        let place = Place(node: best.root, coordinate: best.shift)
        for other in telling.dropFirst() {
            // What the run shows of both stretches places one beside the other; they must agree wherever they meet.
            let here = resolve(place)
            join(other.root, to: here.node, shift: here.coordinate - other.shift)
        }
        return place
    }

    /// Where a run lies that is known whole: the latest place, if there are several.
    func place(of run: [Int32]) -> Place? {
        guard let whole = agreeingFits(run).first, whole.length == run.count else { return nil }
        return Place(node: whole.root, coordinate: whole.shift)
    }

    /// Whether the log has this token in one place and no other.
    func isUnique(_ token: Int32) -> Bool { Set(places(of: token)).count == 1 }

    private mutating func begin(_ run: [Int32]) -> Place {
        let node = strips.count
        strips.append(TokenStrip(run))
        parents.append(node)
        shifts.append(0)
        for (coordinate, token) in run.enumerated() { note(token, at: Place(node: node, coordinate: coordinate)) }
        noteBeginning(node)
        return Place(node: node, coordinate: 0)
    }

    private mutating func extend(_ root: Int, with run: [Int32], at shift: Int) {
        let low = strips[root].low
        for index in stride(from: min(run.count, low - shift) - 1, through: 0, by: -1) {
            strips[root].prepend(run[index])
            note(run[index], at: Place(node: root, coordinate: strips[root].low))
        }
        var index = max(0, strips[root].end - shift)
        while index < run.count {
            note(run[index], at: Place(node: root, coordinate: strips[root].end))
            strips[root].append(run[index])
            index += 1
        }
        if strips[root].low != low { noteBeginning(root) }
    }

    /// Makes one stretch of two, if they agree wherever they meet. `shift` takes a coordinate of `other` to `root`.
    private mutating func join(_ other: Int, to root: Int, shift: Int) {
        let (a, b) = (strips[root], strips[other])
        let from = max(a.low, b.low + shift)
        let to = min(a.end, b.end + shift)
        if from < to {
            for coordinate in from..<to where a[coordinate] != b[coordinate - shift] { return }
        }
        // The shorter one moves, so that no token moves more often than the logarithm of their number.
        if b.count > a.count {
            attach(root, to: other, shift: -shift)
        } else {
            attach(other, to: root, shift: shift)
        }
    }

    private mutating func attach(_ other: Int, to root: Int, shift: Int) {
        let moved = strips[other]
        strips[other] = TokenStrip([])
        parents[other] = root
        shifts[other] = shift
        // Places that the moved node wrote stay true through the shift, so nothing is noted again.
        let low = strips[root].low
        for coordinate in stride(from: min(moved.end, low - shift) - 1, through: moved.low, by: -1) {
            strips[root].prepend(moved[coordinate])
        }
        var coordinate = max(moved.low, strips[root].end - shift)
        while coordinate < moved.end {
            strips[root].append(moved[coordinate])
            coordinate += 1
        }
        if strips[root].low != low { noteBeginning(root) }
    }

    /// Puts one stretch directly before another that shares no record with it.
    mutating func abut(_ earlier: Int, before later: Int) {
        attach(later, to: earlier, shift: strips[earlier].end - strips[later].low)
    }

    // MARK: - Where a run agrees

    /// The best place in every stretch that the run agrees with: the longest meeting first, then the latest.
    private func agreeingFits(_ run: [Int32]) -> [Fit] {
        var found: Set<Fit> = []
        // A meeting begins where the run begins or where the stretch begins, so these are all the places there are.
        if let head = run.first {
            for place in places(of: head) { found.insert(fit(run, place.node, shift: place.coordinate)) }
        }
        if !beginnings.isEmpty {
            for (index, token) in run.enumerated() {
                for node in beginnings[token] ?? [] where parents[node] == node {
                    let low = strips[node].low
                    if strips[node][low] == token { found.insert(fit(run, node, shift: low - index)) }
                }
            }
        }
        let ordered = found.sorted { a, b in
            a.length != b.length ? a.length > b.length : a.shift != b.shift ? a.shift > b.shift : a.root < b.root
        }
        var settled: Set<Int> = []
        var fits: [Fit] = []
        for candidate in ordered where !settled.contains(candidate.root) && agrees(run, candidate) {
            fits.append(candidate)
            if candidate.length == run.count { break }
            settled.insert(candidate.root)
        }
        return fits
    }

    private func fit(_ run: [Int32], _ root: Int, shift: Int) -> Fit {
        let strip = strips[root]
        return Fit(
            root: root, shift: shift, length: min(strip.end, shift + run.count) - max(strip.low, shift))
    }

    private func agrees(_ run: [Int32], _ fit: Fit) -> Bool {
        let strip = strips[fit.root]
        let from = max(strip.low, fit.shift)
        for coordinate in from..<(from + fit.length) where strip[coordinate] != run[coordinate - fit.shift] {
            return false
        }
        return true
    }

    /// A meeting of one record is believed where that record stands nowhere else, in the log or in the run.
    private func standsAlone(_ fit: Fit, in run: [Int32]) -> Bool {
        let token = run[max(0, strips[fit.root].low - fit.shift)]
        return isUnique(token) && run.count(where: { $0 == token }) == 1
    }

    // MARK: - Where tokens stand

    private func places(of token: Int32) -> [Place] {
        guard let first = firstPlaces[Int(token)] else { return [] }
        return [resolve(first)] + (morePlaces[token] ?? []).map(resolve)
    }

    private mutating func note(_ token: Int32, at place: Place) {
        if firstPlaces[Int(token)] == nil {
            firstPlaces[Int(token)] = place
        } else {
            morePlaces[token, default: []].append(place)
        }
    }

    private mutating func noteBeginning(_ root: Int) {
        beginnings[strips[root][strips[root].low], default: []].append(root)
    }
}
