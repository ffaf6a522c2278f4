import Ledger
import LedgerService
import PumpCore
import PumpLinks
import ServiceSocket

/// Why the daemon does not start, with the exit code that says so to a script.
enum StartFailure: Error, CustomStringConvertible {
    case link(LinkSpec, LinkProblem)
    case ledger(LedgerError)
    case socket(SocketServerError)
    case system(SystemCallFailure)

    /// A link that reads well and that this daemon cannot open.
    enum LinkProblem {
        /// The driver is reached through adapters that any device may have.
        case anybodysAdapter
        case unknownDriver
        case filesOnly
    }

    var exitCode: Int32 {
        let kind: ServiceError.Kind =
            switch self {
            case .ledger(.inUse), .socket(.alreadyServed): .unreachable
            case .ledger(.damaged): .integrity
            case .link, .ledger, .socket, .system: .badInput
            }
        return kind.rawValue
    }

    var description: String {
        switch self {
        case .link(let spec, let problem):
            "link \"\(printable(withoutSerials(spec.description)))\": \(problem.sentence(spec))"
        case .ledger(.inUse(let path, let holder)):
            "\(path) is in use by \(holder.map { "process \($0)" } ?? "another process"), perhaps another pumpledgerd. "
                + "Stop that one (systemctl stop pumpledgerd), or give this one another --ledger"
        case .ledger(let error): "\(error)"
        case .socket(let error): "\(error)"
        case .system(let failure): "the system refuses what the daemon needs: \(failure)"
        }
    }
}

extension StartFailure.LinkProblem {
    fileprivate func sentence(_ spec: LinkSpec) -> String {
        switch self {
        case .anybodysAdapter:
            "the cable of a \(spec.driver) pump is an adapter like many others. Say which one: "
                + "usb:driver=\(spec.driver)&adapter=ITS-SERIAL-NUMBER, or usb:driver=\(spec.driver)&path=ITS-SOCKET; "
                + "pumpledger doctor lists what is plugged in"
        case .unknownDriver:
            "there is no driver \"\(printable(spec.driver))\". pumpledger drivers lists the names"
        case .filesOnly:
            "the driver \(spec.driver) reads files only. Take this link out, and use pumpledger import"
        }
    }
}
