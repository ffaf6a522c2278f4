import PumpCore

extension LinkSpec {
    /// A link that cannot be read: the text, what is wrong with it, and what to write instead.
    package struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        package var text: String
        package var problem: LinkSpecProblem

        package var message: String { "link \"\(printable(withoutSerials(text), atMost: 120))\": \(problem)" }
        package var description: String { message }
    }
}

package enum LinkSpecProblem: Error, Hashable, Sendable {
    case empty
    case tooLong
    case controlCharacter
    /// What stands before the first colon is no kind of link.
    case unknownKind(String)
    case noDriver
    case badDriver(String)
    case unknownOption(String, allowed: [String])
    case repeatedOption(String)
    case emptyOption(String)
    case notAnOption(String)
    case relativePath(String)
    case badBaud(String)
    case noHostAndPort(kind: String)
    case bareIPv6(String)
    case badHost(String)
    case badPort(String)
    case openToOthers(String)
    case badAnywhere(String)
}

extension LinkSpecProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "there is nothing in it. Write for example serial:/dev/ttyUSB0?driver=miva"
        case .tooLong: "it is longer than \(LinkSpecReader.longestText) characters. Leave out what is too much"
        case .controlCharacter: "there is a control character in it. Type it anew"
        case .unknownKind(let kind):
            "\"\(short(kind))\" is no kind of link. Begin with serial:, usb:, tcp: or tcp-listen:"
        case .noDriver: "the driver is missing. Add driver=NAME; pumpledger drivers lists the names"
        case .badDriver(let name):
            "\"\(short(name))\" cannot be a driver's name. pumpledger drivers lists the names"
        case .unknownOption(let name, let allowed):
            "it has no option \"\(short(name))\". Here it may have \(allowed.joined(separator: ", "))"
        case .repeatedOption(let name): "\(name) stands there twice. Leave one"
        case .emptyOption(let name): "\(name) has no value. Write \(name)=VALUE, or leave it out"
        case .notAnOption(let text):
            "\"\(short(text))\" is not of the form name=value. Join options with &, and write usb:driver=NAME "
                + "without a question mark"
        case .relativePath(let path):
            "the device's path must begin with /. Write serial:/dev/\(short(path.isEmpty ? "ttyUSB0" : path))?…"
        case .badBaud(let text):
            "baud=\(short(text)) is no rate of a serial port. Take one of "
                + TerminalSettings.speeds.keys.sorted().map(String.init).joined(separator: ", ")
        case .noHostAndPort(let kind): "host and port are missing. Write \(kind):HOST:PORT?driver=NAME"
        case .bareIPv6(let host): "an IPv6 address stands in brackets. Write [\(short(host))]:PORT"
        case .badHost(let host): "\"\(short(host))\" is neither a host's name nor an address. Correct it"
        case .badPort(let text): "\"\(short(text))\" is not a port. Take a number from 1 to 65535"
        case .openToOthers(let host):
            "\(short(host)) lets other machines connect. Listen on 127.0.0.1, "
                + "or add &anywhere=yes if that is meant"
        case .badAnywhere(let text):
            "anywhere=\(short(text)) is not understood. Write anywhere=yes, or leave it out"
        }
    }
}

private func short(_ text: String) -> String { printable(text, atMost: 60) }
