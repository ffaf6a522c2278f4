/// Where a pump is to be found and how it is spoken to, as a person writes it:
/// `serial:/dev/ttyUSB0?driver=miva`, `usb:driver=phd`, `tcp:HOST:PORT?driver=phd`, `tcp-listen:HOST:PORT?driver=phd`.
///
/// `serial=…` names the pump that is expected there, `baud=…` overrides the driver's speed.
package struct LinkSpec: Hashable, Codable, Sendable {
    package enum Place: Hashable, Codable, Sendable {
        case serial(path: String)
        case usb
        case tcp(host: String, port: UInt16)
        case tcpListen(host: String, port: UInt16)
    }

    package struct Malformed: Error, Hashable, Sendable {
        package var text: String
        package var reason: String
        package var message: String {
            "“\(text)” names no link: \(reason). Write for example serial:/dev/ttyUSB0?driver=miva"
        }
    }

    package var place: Place
    package var driver: String
    package var expectedSerial: String?
    package var baud: Int?

    package init(_ text: String) throws(Malformed) {
        func malformed(_ reason: String) -> Malformed { Malformed(text: text, reason: reason) }
        guard let colon = text.firstIndex(of: ":") else { throw malformed("it has no kind before a colon") }
        let rest = text[text.index(after: colon)...]
        let kind = text[..<colon]
        let query = kind == "usb" ? rest : rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        let address = String(rest.prefix { $0 != "?" })
        switch kind {
        case "serial":
            guard address.hasPrefix("/") else { throw malformed("a serial port is a path that begins with /") }
            place = .serial(path: address)
        case "usb": place = .usb
        case "tcp", "tcp-listen":
            guard let last = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: last)...]),
                port > 0, last > address.startIndex
            else { throw malformed("after \(kind): stand a host, a colon and a port") }
            let host = String(address[..<last].drop { $0 == "[" }.prefix { $0 != "]" })
            place = kind == "tcp" ? .tcp(host: host, port: port) : .tcpListen(host: host, port: port)
        default: throw malformed("“\(kind)” is no kind of link; known are serial, usb, tcp and tcp-listen")
        }
        var driver: String?
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw malformed("“\(pair)” is not name=value") }
            switch parts[0] {
            case "driver": driver = String(parts[1])
            case "serial": expectedSerial = String(parts[1])
            case "baud":
                guard let baud = Int(parts[1]), TerminalSettings.speeds[baud] != nil else {
                    throw malformed("“\(parts[1])” is no usual baud rate")
                }
                self.baud = baud
            default: throw malformed("“\(parts[0])” is not known; known are driver, serial and baud")
            }
        }
        guard let driver else { throw malformed("it does not say driver=…") }
        self.driver = driver
    }
}
