import PumpCore
import Register
import Supplies

/// A billable line in sentences: each number with what it is made of.
enum LineSentences {
    static func of(_ line: BillableLine) -> [String] {
        var out = [
            "Order \(line.order), code \(line.hcpcs), \(line.mode.rawValue), on pump "
                + (line.pump.map { "\($0) (\(line.pumpHcpcs ?? "no code"))" } ?? "none") + "."
        ]
        if let prepared = line.prepared {
            out.append(
                "Prepared \(prepared) = opening \(line.opening) + delivered \(line.delivered) − returned \(line.returned) "
                    + "− carried forward \(line.carried).")
        }
        if let used = line.used { out.append("Used \(used): containers that the log shows in use.") }
        if let doses = line.doses { out.append("Doses \(doses): ordered slots that the log shows given.") }
        if let ceiling = line.ceiling { out.append("Ceiling \(ceiling).") }
        if let fewest = line.fewest { out.append("Fewest \(fewest): hang times that fall in the period.") }
        if let avoidable = line.avoidable, avoidable > 0 {
            out.append("Avoidable \(avoidable) = used − fewest: shown, never denied by itself.")
        }
        if line.excused > 0 { out.append("Excused \(line.excused): not used for an unforeseen reason on record.") }
        if let supported = line.supported { out.append("Supported \(supported): what the rules uphold.") }
        if line.review > 0 { out.append("Review \(line.review): a person has to look at these.") }
        if let over = line.over, let prepared = line.prepared, let supported = line.supported {
            out.append(
                "Over \(over) = prepared \(prepared) − supported \(supported) − review \(line.review) − unknown "
                    + "\(line.unknown.high), never below 0.")
        }
        if !line.unknown.isZero, let supported = line.supported {
            out.append(
                "The truth lies between \(supported + line.unknown.low) and \(supported + line.unknown.high): "
                    + "the log has holes.")
        }
        if let payable = line.payable {
            out.append("Payable \(payable), on the basis of what was \(line.basis.rawValue).")
        }
        out += line.holds.map { hold in
            "HOLD \(hold.rule): \(hold.reason)" + (hold.column.map { " (column \($0))" } ?? "") + "."
        }
        return out + line.notes
    }
}

/// A container in sentences.
enum ContainerSentences {
    static func short(_ container: ContainerUse) -> String {
        "counted \(container.counted.rawValue), \(container.rule): \(container.reason)"
    }

    static func long(_ container: ContainerUse) -> [String] {
        var out = [
            "Container" + (container.containerID.map { " \($0)" } ?? "") + " on pump \(container.pump), channel "
                + "\(container.channel): \(container.containerClass.rawValue)."
        ]
        for (moment, what) in [
            (container.attached, "attached"), (container.firstFlow, "first flow"), (container.ended, "ended"),
        ] {
            guard let moment else { continue }
            out.append(
                "\(what) \(moment.civil) on the patient's clock" + (moment.utc.map { ", \($0)" } ?? ", uncorrected")
                    + ".")
        }
        if let volume = container.volume { out.append("The log says that \(volume) were given from it.") }
        if container.reseats > 0 {
            out.append("Taken off and put back \(container.reseats) times: still the same one.")
        }
        if !container.slots.isEmpty {
            out.append(
                "It served the ordered slots " + container.slots.map(\.description).joined(separator: ", ") + ".")
        }
        out.append("Counted: \(container.counted.rawValue), by rule \(container.rule): \(container.reason)")
        if container.isTimeDoubtful { out.append("The pump's clock had jumped: its time is doubtful.") }
        return out
    }
}
