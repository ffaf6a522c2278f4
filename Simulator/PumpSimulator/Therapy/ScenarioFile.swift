package import PumpCore

extension Scenario {
    /// Reads a scenario file. Its `like` names a built-in scenario whose values hold where the file says nothing.
    package init(json: [UInt8], zone defaultZone: HomeZone) throws(ScenarioError) {
        let top = try ScenarioTree(json: json).fields([
            "name", "like", "zone", "from", "until", "therapy", "habits", "incidents", "faults", "olderEvents",
            "register",
        ])
        let zone = try top["zone"].map(Self.zone) ?? defaultZone
        let base: Scenario? = try top["like"].map { tree throws(ScenarioError) in
            let name = try tree.text()
            guard let scenario = Scenario.builtIn(name, zone: zone) else {
                throw ScenarioError(
                    path: tree.path, problem: "no built-in scenario \"\(name)\"; there are \(Self.builtInNames)")
            }
            return scenario
        }
        let therapy = try top["therapy"].map(Self.therapy) ?? base?.therapy
        let register =
            try top["register"].map { tree throws(ScenarioError) in
                try Self.register(tree, base: base?.register)
            } ?? base?.register
        guard let therapy else {
            throw ScenarioError(path: "therapy", problem: "it is missing, and there is no \"like\" to take it from")
        }
        guard let register else {
            throw ScenarioError(path: "register", problem: "it is missing, and there is no \"like\" to take it from")
        }
        self.init(
            name: try top["name"]?.text() ?? base?.name ?? "scenario", zone: zone,
            from: try Self.date(top["from"]), until: try Self.date(top["until"]), therapy: therapy,
            habits: try top["habits"].map { tree throws(ScenarioError) in
                try Self.habits(tree, base: base?.habits ?? Habits())
            } ?? base?.habits ?? Habits(),
            incidents: try Self.incidents(top["incidents"]), faults: try Self.faults(top["faults"]),
            olderEvents: try top["olderEvents"]?.whole(0...1_000_000) ?? 0, register: register)
        for incident in incidents where !Incident.families(of: incident.kind).contains(family) {
            throw ScenarioError(
                path: "incidents", problem: "a \(family.rawValue) pump cannot log \"\(incident.kind.rawValue)\"")
        }
    }

    private static func zone(_ tree: ScenarioTree) throws(ScenarioError) -> HomeZone {
        let name = try tree.text()
        guard let zone = HomeZone(identifier: name) else {
            throw ScenarioError(path: tree.path, problem: "\"\(name)\" is no IANA zone such as America/Chicago")
        }
        return zone
    }

    private static func date(_ tree: ScenarioTree?) throws(ScenarioError) -> CivilDate? {
        guard let tree, !tree.isNull else { return nil }
        guard let date = CivilDate(try tree.text()) else {
            throw ScenarioError(path: tree.path, problem: "expected a date \"YYYY-MM-DD\"")
        }
        return date
    }

    /// `"06:30"` as seconds of the day.
    private static func clock(_ tree: ScenarioTree) throws(ScenarioError) -> Int {
        let text = try tree.text()
        guard let time = CivilDateTime("2000-01-01T" + text) else {
            throw ScenarioError(path: tree.path, problem: "expected a time of day \"HH:MM\"")
        }
        return time.secondOfDay
    }

    private static func milliliters(_ tree: ScenarioTree) throws(ScenarioError) -> Quantity {
        .milliliters(thousandths: Int((try tree.number(0...10_000) * 1000).rounded()))
    }

    private static func need(
        _ fields: [String: ScenarioTree], _ name: String, in path: String
    ) throws(ScenarioError) -> ScenarioTree {
        guard let tree = fields[name] else {
            throw ScenarioError(path: path, problem: "the field \"\(name)\" is missing")
        }
        return tree
    }

    private static func therapy(_ tree: ScenarioTree) throws(ScenarioError) -> Therapy {
        let all = [
            "program", "doseTimes", "everyHours", "firstAt", "doseMinutes", "doseMl", "dosesPerContainer",
            "overfillMl", "mlPerHour", "usableMl", "changeEveryHours", "demandMl", "lockoutMinutes", "demandsPerDay",
            "basalPerHour", "bolusesPerDay", "bolusTenths", "reservoirUnits", "model",
        ]
        let fields = try tree.fields(all)
        let path = tree.path
        let program = try need(fields, "program", in: path)
        switch try program.text() {
        case "doses":
            let schedule: DoseProgram.Schedule
            if let times = fields["doseTimes"] {
                var seconds: [Int] = []
                for time in try times.list() { seconds.append(try clock(time)) }
                guard !seconds.isEmpty, seconds == seconds.sorted() else {
                    throw ScenarioError(path: times.path, problem: "expected times of day, earliest first")
                }
                schedule = .timesOfDay(seconds)
            } else {
                schedule = .everyHours(
                    try need(fields, "everyHours", in: path).whole(1...8760),
                    first: try clock(need(fields, "firstAt", in: path)))
            }
            return .doses(
                DoseProgram(
                    schedule: schedule, doseMinutes: try need(fields, "doseMinutes", in: path).whole(1...20_160),
                    dose: try milliliters(need(fields, "doseMl", in: path)),
                    dosesPerContainer: try fields["dosesPerContainer"]?.whole(1...100) ?? 1,
                    overfill: try fields["overfillMl"].map(milliliters) ?? .milliliters(thousandths: 0)))
        case "bags":
            return .bags(
                BagProgram(
                    milliliterPerHour: try milliliters(need(fields, "mlPerHour", in: path)),
                    usable: try milliliters(need(fields, "usableMl", in: path)),
                    changeEveryHours: try fields["changeEveryHours"]?.whole(0...8760) ?? 0,
                    firstAt: try fields["firstAt"].map(clock) ?? 36_000,
                    demandDose: try fields["demandMl"].map(milliliters) ?? .milliliters(thousandths: 0),
                    lockoutMinutes: try fields["lockoutMinutes"]?.whole(0...1440) ?? 0,
                    demandsPerDay: try fields["demandsPerDay"]?.whole(0...1440) ?? 0))
        case "insulin":
            let model = try fields["model"].map { tree throws(ScenarioError) in
                let name = try tree.text()
                guard let model = ParadigmModel(rawValue: name) else {
                    throw ScenarioError(path: tree.path, problem: "expected \"515\", \"522\" or \"723\"")
                }
                return model
            }
            return .insulin(
                InsulinProgram(
                    basalPerHour: .units(
                        thousandths: Int((try need(fields, "basalPerHour", in: path).number(0...35) * 40).rounded())
                            * 25
                    ),
                    bolusesPerDay: try need(fields, "bolusesPerDay", in: path).range(0...20),
                    bolusTenths: try need(fields, "bolusTenths", in: path).range(1...250),
                    reservoirUnits: try need(fields, "reservoirUnits", in: path).range(10...315),
                    changeEveryHours: try need(fields, "changeEveryHours", in: path).whole(6...240),
                    firstAt: try fields["firstAt"].map(clock) ?? 32_400, model: model ?? .x15))
        case let other:
            throw ScenarioError(
                path: program.path, problem: "no program \"\(other)\"; there are doses, bags, insulin")
        }
    }

    private static func habits(_ tree: ScenarioTree, base: Habits) throws(ScenarioError) -> Habits {
        let fields = try tree.fields([
            "minutesOff", "late", "lateMinutes", "early", "earlyMinutes", "missed", "abandoned",
        ])
        return Habits(
            minutesOff: try fields["minutesOff"]?.whole(0...600) ?? base.minutesOff,
            late: try fields["late"]?.number(0...1) ?? base.late,
            lateMinutes: try fields["lateMinutes"]?.whole(0...1440) ?? base.lateMinutes,
            early: try fields["early"]?.number(0...1) ?? base.early,
            earlyMinutes: try fields["earlyMinutes"]?.whole(0...1440) ?? base.earlyMinutes,
            missed: try fields["missed"]?.number(0...1) ?? base.missed,
            abandoned: try fields["abandoned"]?.number(0...1) ?? base.abandoned)
    }

    private static func incidents(_ tree: ScenarioTree?) throws(ScenarioError) -> [Incident] {
        var incidents: [Incident] = []
        for entry in try tree?.list() ?? [] {
            let fields = try entry.fields(["do", "at", "minutes"])
            let kind = try need(fields, "do", in: entry.path)
            guard let known = Incident.Kind(rawValue: try kind.text()) else {
                let names = Incident.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ScenarioError(path: kind.path, problem: "no incident of this name; there are \(names)")
            }
            let at = try need(fields, "at", in: entry.path)
            guard let time = CivilDateTime(try at.text()) else {
                throw ScenarioError(path: at.path, problem: "expected a civil time \"YYYY-MM-DDTHH:MM\"")
            }
            incidents.append(Incident(known, at: time, minutes: try fields["minutes"]?.whole(-1440...1440) ?? 0))
        }
        return incidents
    }

    private static func faults(_ tree: ScenarioTree?) throws(ScenarioError) -> [LineFault] {
        var faults: [LineFault] = []
        for entry in try tree?.list() ?? [] {
            guard case .line(let fault)? = FaultVerb(try entry.text()) else {
                throw ScenarioError(path: entry.path, problem: "no such fault of the line; see --fault")
            }
            faults.append(fault)
        }
        return faults
    }

    private static func register(_ tree: ScenarioTree, base: RegisterEntry?) throws(ScenarioError) -> RegisterEntry {
        let fields = try tree.fields([
            "patient", "payer", "order", "drug", "drugHcpcs", "route", "mode", "container", "pumpHcpcs",
            "hangLimitHours", "maxConcentrationMgPerMl", "drugMgPerDay", "coverage", "deliveryDays",
        ])
        var entry =
            base ?? RegisterEntry(drug: "unnamed drug", route: "intravenous", mode: "continuous", container: "bag")
        entry.patient = try fields["patient"]?.text() ?? entry.patient
        entry.payer = try fields["payer"]?.text() ?? entry.payer
        entry.order = try fields["order"]?.text() ?? entry.order
        entry.drug = try fields["drug"]?.text() ?? entry.drug
        entry.drugHcpcs = try fields["drugHcpcs"]?.text() ?? entry.drugHcpcs
        entry.route = try fields["route"]?.text() ?? entry.route
        entry.mode = try fields["mode"]?.text() ?? entry.mode
        entry.container = try fields["container"]?.text() ?? entry.container
        entry.pumpHcpcs = try fields["pumpHcpcs"]?.text() ?? entry.pumpHcpcs
        entry.hangLimitHours = try fields["hangLimitHours"]?.whole(1...2000) ?? entry.hangLimitHours
        entry.maxConcentrationMgPerMl =
            try fields["maxConcentrationMgPerMl"]?.number(0...100_000) ?? entry.maxConcentrationMgPerMl
        entry.drugMgPerDay = try fields["drugMgPerDay"]?.number(0...1_000_000) ?? entry.drugMgPerDay
        entry.coverage = try fields["coverage"]?.text() ?? entry.coverage
        entry.deliveryDays = try fields["deliveryDays"]?.whole(1...365) ?? entry.deliveryDays
        return entry
    }
}
