import LedgerService
import PumpCore
import Supplies

/// A small chart of container use: a day a column, the hours from top to bottom, a mark a container at its first flow.
/// Shape says what colour says. Below it runs a strip of when each container was in use.
struct PacketChart {
    private let answer: PacketAnswer
    private let anchors: PacketAnchors
    private let days: Int

    private static let width = 720.0
    private static let left = 40.0
    private static let right = 6.0
    private static let top = 8.0
    private static let hours = 126.0
    private static let strip = 14.0
    private static let stripGap = 10.0
    private static let axis = 30.0

    private var stripTop: Double { Self.top + Self.hours + Self.stripGap }
    private var bottom: Double { stripTop + Self.strip }
    private var height: Double { bottom + Self.axis }
    private var dayWidth: Double { (Self.width - Self.left - Self.right) / Double(days) }
    private var radius: Double { min(4, max(1.6, dayWidth * 0.26)) }

    init(_ answer: PacketAnswer, _ anchors: PacketAnchors) {
        self.answer = answer
        self.anchors = anchors
        days = max(1, answer.heading.period.to.dayNumber - answer.heading.period.from.dayNumber + 1)
    }

    var figure: Markup {
        let marks = containers
        let counted = marks.filter { $0.use.counted == .yes }.count
        let review = marks.filter { $0.use.counted == .review }.count
        let outside = answer.containers.count - marks.count
        let summary =
            "\(marks.count) containers: \(counted) counted, \(marks.count - counted - review) not counted, "
            + "\(review) to be reviewed; \(missed.count) ordered doses not given."
            + (outside > 0 ? " \(outside) more began outside these days." : "")
        let title = "Containers by day and hour of first flow, on the patient's wall clock"
        let drawing = element(
            "svg",
            [
                ("viewBox", "0 0 \(n(Self.width)) \(n(height))"), ("role", "group"), ("aria-label", title),
                ("class", "chart"),
            ],
            [
                element("title", [], [.text(title)]), element("desc", [], [.text(summary)]), hatch,
                grid, shades(answer.witness.unread, "url(#unread)"), shades(answer.witness.stays, "url(#stay)"),
                useStrip, element("g", [], missed.map(cross)), element("g", [], marks.map(mark)), axisLabels,
            ])
        return element(
            "figure", [], [drawing, element("figcaption", [], [.text(title + ". " + summary)]), legend])
    }

    // MARK: Places

    private func x(_ wall: Double) -> Double {
        let start = Double(answer.heading.period.from.dayNumber) * 86_400
        return Self.left + min(max((wall - start) / 86_400, 0), Double(days)) * dayWidth
    }

    private func y(_ second: Int) -> Double { Self.top + Double(second) / 86_400 * Self.hours }

    private func isInside(_ time: CivilDateTime) -> Bool { answer.heading.period.dates.contains(time.date) }

    private func center(_ time: CivilDateTime) -> Double { x(Double(time.date.dayNumber) * 86_400 + 43_200) }

    private struct Mark {
        let use: ContainerUse
        let at: CivilDateTime
    }

    private var containers: [Mark] {
        answer.containers.compactMap { use in
            (use.firstFlow ?? use.attached).flatMap { isInside($0.civil) ? Mark(use: use, at: $0.civil) : nil }
        }
    }

    private var missed: [CivilDateTime] {
        (answer.account?.slots ?? []).filter { $0.fate == .missed || $0.fate == .excused }.map(\.at)
    }

    // MARK: Ground

    private var hatch: Markup {
        func pattern(_ id: String, _ path: String, _ colour: String) -> Markup {
            element(
                "pattern",
                [("id", id), ("width", "6"), ("height", "6"), ("patternUnits", "userSpaceOnUse")],
                [
                    element("rect", [("width", "6"), ("height", "6"), ("fill", "#f1f1f1")]),
                    element("path", [("d", path), ("stroke", colour), ("stroke-width", "1"), ("fill", "none")]),
                ])
        }
        return element(
            "defs", [],
            [
                pattern("unread", "M0 6 L6 0", "#8a8a8a"),
                pattern("stay", "M3 0 L3 6 M0 3 L6 3", "#9fb4cf"),
            ])
    }

    private var grid: Markup {
        var lines: [Markup] = []
        for hour in [0, 6, 12, 18, 24] {
            lines.append(line(Self.left, y(hour * 3600), Self.width - Self.right, y(hour * 3600), "#d0d0d0"))
            lines.append(text(padded(hour, 2) + ":00", Self.left - 5, y(hour * 3600) + 3, anchor: "end"))
        }
        for day in 0...days where days <= 62 || day % 7 == 0 || day == days {
            let at = Self.left + Double(day) * dayWidth
            lines.append(line(at, Self.top, at, Self.top + Self.hours, "#e6e6e6"))
        }
        return element("g", [], lines)
    }

    private func shades(_ stretches: [OrderWitness.Stretch], _ fill: String) -> Markup {
        element(
            "g", [],
            stretches.flatMap { stretch in
                pieces(stretch).map { piece in
                    element(
                        "rect",
                        [
                            ("x", n(piece.x)), ("y", n(piece.y)), ("width", n(piece.width)),
                            ("height", n(piece.height)),
                            ("fill", fill),
                        ],
                        [element("title", [], [.text("\(stretch.reason), \(stretch.from) to \(stretch.to)")])])
                }
            })
    }

    /// A stretch of time is the end of one column, whole columns, and the beginning of another.
    private func pieces(_ stretch: OrderWitness.Stretch) -> [(x: Double, y: Double, width: Double, height: Double)] {
        var pieces: [(x: Double, y: Double, width: Double, height: Double)] = []
        var day = stretch.from.date
        let last = stretch.to.adding(seconds: -1).date
        while day <= last {
            let from = day == stretch.from.date ? stretch.from.secondOfDay : 0
            let to = day == stretch.to.date ? stretch.to.secondOfDay : 86_400
            let wall = Double(day.dayNumber) * 86_400
            if to > from { pieces.append((x(wall), y(from), dayWidth, y(to) - y(from))) }
            day = day.adding(days: 1)
        }
        return pieces
    }

    private var axisLabels: Markup {
        let every = dayWidth >= 14 ? 1 : dayWidth >= 7 ? 2 : dayWidth >= 3.4 ? 7 : 0
        var labels: [Markup] = []
        for offset in 0..<days {
            let date = answer.heading.period.from.adding(days: offset)
            let at = Self.left + (Double(offset) + 0.5) * dayWidth
            if every > 0 ? offset % every == 0 : date.day == 1 {
                labels.append(text(String(date.day), at, bottom + 12, anchor: "middle"))
            }
            if offset == 0 || date.day == 1 {
                labels.append(
                    text(
                        String(date.description.prefix(7)), Self.left + Double(offset) * dayWidth, bottom + 25,
                        anchor: "start"))
            }
        }
        labels.append(text("in use", Self.left - 5, stripTop + Self.strip - 3, anchor: "end"))
        return element("g", [], labels)
    }

    // MARK: Marks

    private func mark(_ mark: Mark) -> Markup {
        let (cx, cy, r) = (center(mark.at), y(mark.at.secondOfDay), radius)
        let number = anchors.number(ofContainer: mark.use.id).map { "Container \($0)" } ?? "Container"
        let title = element(
            "title", [], [.text("\(number): \(mark.at), counted \(mark.use.counted.rawValue): \(mark.use.reason)")])
        let shape = Self.shape(mark.use.counted, cx, cy, r, [title])
        guard let place = anchors.container(mark.use.id) else { return shape }
        return element("a", [("href", "#" + place)], [shape])
    }

    private static func shape(
        _ counted: Counted, _ cx: Double, _ cy: Double, _ r: Double, _ children: [Markup]
    ) -> Markup {
        switch counted {
        case .yes:
            PageParts.element(
                "circle", [("cx", n(cx)), ("cy", n(cy)), ("r", n(r)), ("fill", "#1d3f72")], children)
        case .no:
            PageParts.element(
                "circle",
                [
                    ("cx", n(cx)), ("cy", n(cy)), ("r", n(r)), ("fill", "#ffffff"), ("stroke", "#1a1a1a"),
                    ("stroke-width", "1.3"),
                ], children)
        case .review:
            PageParts.element(
                "path",
                [
                    (
                        "d",
                        "M\(n(cx)) \(n(cy - r * 1.5)) L\(n(cx + r * 1.5)) \(n(cy)) L\(n(cx)) \(n(cy + r * 1.5)) "
                            + "L\(n(cx - r * 1.5)) \(n(cy)) Z"
                    ), ("fill", "#e8b64c"), ("stroke", "#5c3d00"), ("stroke-width", "1.2"),
                ], children)
        }
    }

    private func cross(_ slot: CivilDateTime) -> Markup {
        let title = element("title", [], [.text("Ordered dose of \(slot) not given")])
        return Self.crossShape(center(slot), y(slot.secondOfDay), radius, [title])
    }

    private static func crossShape(_ cx: Double, _ cy: Double, _ r: Double, _ children: [Markup]) -> Markup {
        PageParts.element(
            "path",
            [
                (
                    "d",
                    "M\(n(cx - r)) \(n(cy - r)) L\(n(cx + r)) \(n(cy + r)) M\(n(cx - r)) \(n(cy + r)) "
                        + "L\(n(cx + r)) \(n(cy - r))"
                ), ("stroke", "#8c1d18"), ("stroke-width", "1.5"), ("fill", "none"),
            ], children)
    }

    /// Bars from first flow to end, two shades in turn; what has no end yet goes on to the next
    /// one, or as far as the log is known.
    private var useStrip: Markup {
        let period = answer.heading.period
        let from = Double(period.from.dayNumber) * 86_400
        let to = Double(period.to.adding(days: 1).dayNumber) * 86_400
        var bars: [Markup] = [
            element(
                "rect",
                [
                    ("x", n(Self.left)), ("y", n(stripTop)), ("width", n(Self.width - Self.left - Self.right)),
                    ("height", n(Self.strip)), ("fill", "#ffffff"), ("stroke", "#d0d0d0"),
                ])
        ]
        for stretch in answer.witness.unread {
            let (a, b) = (x(Double(stretch.from.wallSeconds)), x(Double(stretch.to.wallSeconds)))
            bars.append(
                element(
                    "rect",
                    [
                        ("x", n(a)), ("y", n(stripTop)), ("width", n(max(b - a, 0.5))), ("height", n(Self.strip)),
                        ("fill", "url(#unread)"),
                    ]))
        }
        let used = answer.containers.filter { $0.firstFlow != nil }
        let known = logEnd
        for (place, use) in used.enumerated() {
            guard let flow = use.firstFlow else { continue }
            let start = Double(flow.civil.wallSeconds)
            let end = use.ended.map { Double($0.civil.wallSeconds) }
            let next = place + 1 < used.count ? used[place + 1].firstFlow : nil
            let shown = end ?? min(next.map { Double($0.civil.wallSeconds) } ?? known, known)
            guard start < to, shown >= from else { continue }
            let (a, b) = (x(start), x(max(shown, start)))
            bars.append(
                element(
                    "rect",
                    [
                        ("x", n(a)), ("y", n(stripTop + 2)), ("width", n(max(b - a, 1))),
                        ("height", n(Self.strip - 4)), ("fill", place.isMultiple(of: 2) ? "#5f7fab" : "#a9bcd6"),
                        ("stroke", "#1d3f72"), ("stroke-width", "0.5"),
                    ]))
        }
        return element("g", [], bars)
    }

    /// How far the logs are known, on the patient's wall clock.
    private var logEnd: Double {
        let zone = HomeZone(identifier: answer.homeZone) ?? .utc
        let known = answer.heading.coverage.compactMap(\.completeThrough).max().map { zone.civil($0).wallSeconds }
        return Double(known ?? answer.heading.period.from.dayNumber * 86_400)
    }

    private var legend: Markup {
        func key(_ shape: Markup, _ words: String) -> Markup {
            element(
                "span", [("class", "key")],
                [element("svg", [("viewBox", "0 0 14 14"), ("aria-hidden", "true")], [shape]), .text(words)])
        }
        func swatch(_ fill: String) -> Markup {
            element(
                "rect",
                [("x", "1"), ("y", "1"), ("width", "12"), ("height", "12"), ("fill", fill), ("stroke", "#8a8a8a")])
        }
        return element(
            "div", [("class", "legend")],
            [
                key(Self.shape(.yes, 7, 7, 4, []), "counted"), key(Self.shape(.no, 7, 7, 4, []), "not counted"),
                key(Self.shape(.review, 7, 7, 3.5, []), "to be reviewed"),
                key(Self.crossShape(7, 7, 4, []), "ordered dose not given"), key(swatch("url(#unread)"), "unread time"),
                key(swatch("url(#stay)"), "in hospital"),
            ])
    }

    // MARK: Shapes

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> Markup {
        element(
            "line",
            [
                ("x1", n(x1)), ("y1", n(y1)), ("x2", n(x2)), ("y2", n(y2)), ("stroke", colour), ("stroke-width", "0.7"),
            ])
    }

    private func text(_ words: String, _ x: Double, _ y: Double, anchor: String) -> Markup {
        element("text", [("x", n(x)), ("y", n(y)), ("text-anchor", anchor)], [.text(words)])
    }

    private func element(
        _ name: StaticString, _ attributes: [(StaticString, String)] = [], _ children: [Markup] = []
    ) -> Markup { PageParts.element(name, attributes, children) }

    private func n(_ value: Double) -> String { Self.n(value) }

    /// Hundredths are finer than any printer.
    private static func n(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(padded(rest, 2))"
    }
}
