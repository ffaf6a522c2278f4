/// Patients who have to be counted together, because a pump went from one to the other.
package struct PatientGroup: Hashable, Sendable {
    /// In the order of the register.
    package var patients: [String]
    /// Serials of all their pumps, in order.
    package var pumps: [String]

    package init(patients: [String], pumps: [String]) {
        self.patients = patients
        self.pumps = pumps
    }
}

/// Cuts a register into such groups. Together they are every patient, in the order of the first of each group.
package struct PatientGroups: Sendable {
    package let groups: [PatientGroup]

    /// `uses`: which pump some order of which patient was served by, in any order. A use of a patient who is not among
    /// `patients` is left out.
    package init(patients: [String], uses: some Sequence<(pump: String, patient: String)>) {
        let number = Dictionary(patients.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var leader = Array(patients.indices)
        func find(_ index: Int) -> Int {
            var at = index
            while leader[at] != at {
                leader[at] = leader[leader[at]]
                at = leader[at]
            }
            return at
        }
        /// The first patient that each pump was seen with.
        var first: [String: Int] = [:]
        for use in uses {
            guard let patient = number[use.patient] else { continue }
            guard let other = first[use.pump] else {
                first[use.pump] = patient
                continue
            }
            let (a, b) = (find(other), find(patient))
            leader[max(a, b)] = min(a, b)
        }
        var places: [Int: Int] = [:]
        var groups: [PatientGroup] = []
        for (index, patient) in patients.enumerated() where number[patient] == index {
            let root = find(index)
            if let place = places[root] {
                groups[place].patients.append(patient)
            } else {
                places[root] = groups.count
                groups.append(PatientGroup(patients: [patient], pumps: []))
            }
        }
        for (pump, patient) in first {
            if let place = places[find(patient)] { groups[place].pumps.append(pump) }
        }
        for place in groups.indices where groups[place].pumps.count > 1 { groups[place].pumps.sort() }
        self.groups = groups
    }
}
