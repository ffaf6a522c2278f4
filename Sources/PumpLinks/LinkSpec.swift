/// Where a pump is to be found and which driver shall talk to it, as a person writes it:
///
///     serial:/dev/ttyUSB0?driver=miva          a serial port, or any path to one
///     usb:driver=phd                           any USB device that the driver claims
///     tcp:HOST:PORT?driver=phd                 connects
///     tcp-listen:HOST:PORT?driver=phd          waits for the pump to connect; this machine only, but with anywhere=yes
///
/// More may follow, joined with `&`: `serial=` (the pump's own number: another pump on that port is refused), `model=`,
/// and `baud=` for a serial port. An IPv6 address stands in brackets. The text names a driver; it does not know any.
package struct LinkSpec: Hashable, Sendable {
    /// A host is a name or an address, without brackets.
    package enum Place: Hashable, Sendable {
        case serial(path: String)
        case usb
        case tcp(host: String, port: UInt16)
        case tcpListen(host: String, port: UInt16)
    }

    package var place: Place
    /// By its name in the driver table.
    package var driver: String
    /// The pump's own serial number, where only this pump is meant.
    package var expectedSerial: String?
    package var model: String?
    /// Overrides the driver's speed of a serial port.
    package var baud: Int?
    /// Whether other machines may connect to a `tcpListen`.
    package var isForAnywhere: Bool

    package init(
        _ place: Place, driver: String, expectedSerial: String? = nil, model: String? = nil, baud: Int? = nil,
        isForAnywhere: Bool = false
    ) {
        self.place = place
        self.driver = driver
        self.expectedSerial = expectedSerial
        self.model = model
        self.baud = baud
        self.isForAnywhere = isForAnywhere
    }

    package init(_ text: String) throws(Malformed) {
        do { self = try LinkSpecReader(text).read() } catch { throw Malformed(text: text, problem: error) }
    }
}

extension LinkSpec: CustomStringConvertible {
    /// The text that reads back as this link.
    package var description: String {
        var options = ["driver=" + driver]
        if let expectedSerial { options.append("serial=" + expectedSerial) }
        if let model { options.append("model=" + model) }
        if let baud { options.append("baud=\(baud)") }
        if isForAnywhere { options.append("anywhere=yes") }
        let start: String
        switch place {
        case .serial(let path): start = "serial:\(path)?"
        case .usb: start = "usb:"
        case .tcp(let host, let port): start = "tcp:" + HostText.bracketed(host) + ":\(port)?"
        case .tcpListen(let host, let port): start = "tcp-listen:" + HostText.bracketed(host) + ":\(port)?"
        }
        return start + options.joined(separator: "&")
    }
}

extension LinkSpec: Codable {
    package init(from decoder: any Decoder) throws {
        self = try LinkSpec(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
