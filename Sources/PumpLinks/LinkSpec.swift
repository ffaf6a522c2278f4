/// Where a pump is to be found and which driver shall talk to it, as a person writes it:
///
///     serial:/dev/ttyUSB0?driver=miva          a serial port, or any path to one
///     usb:driver=phd                           any USB device that the driver claims
///     usb:driver=miva&adapter=A50285BI         the adapter with this serial number, wherever it is plugged in
///     usb:driver=miva&path=pci-0000:00:14.0-usb-0:2:1.0    whatever is plugged into this socket (udev's ID_PATH)
///     tcp:HOST:PORT?driver=phd                 connects
///     tcp-listen:HOST:PORT?driver=phd          waits for the pump to connect; this machine only, but with anywhere=yes
///
/// More may follow, joined with `&`: `serial=` (the pump's own number: another pump on that port is refused), `model=`,
/// and `baud=` for a serial port or a named adapter. An IPv6 address stands in brackets. The text names a driver; it does not know any.
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
    /// The serial number of the one USB adapter that is meant; its own, not the pump's.
    package var adapter: String?
    /// The one USB socket that is meant.
    package var path: String?

    /// True where a person has pointed at the adapter: then it may be one that any device could have.
    package var namesAdapter: Bool { adapter != nil || path != nil }

    package init(
        _ place: Place, driver: String, expectedSerial: String? = nil, model: String? = nil, baud: Int? = nil,
        isForAnywhere: Bool = false, adapter: String? = nil, path: String? = nil
    ) {
        self.place = place
        self.driver = driver
        self.expectedSerial = expectedSerial
        self.model = model
        self.baud = baud
        self.isForAnywhere = isForAnywhere
        self.adapter = adapter
        self.path = path
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
        if let adapter { options.append("adapter=" + adapter) }
        if let path { options.append("path=" + path) }
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
