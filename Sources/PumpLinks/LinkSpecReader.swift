/// Takes a link's text apart.
struct LinkSpecReader {
    /// A path may have 4,096 bytes; nobody types as much.
    static let longestText = 1024
    private let text: String

    init(_ text: String) { self.text = text }

    func read() throws(LinkSpecProblem) -> LinkSpec {
        if text.isEmpty { throw .empty }
        if text.unicodeScalars.count > Self.longestText { throw .tooLong }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw .controlCharacter
        }
        guard let colon = text.firstIndex(of: ":") else { throw .unknownKind(text) }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "serial": return try serial(rest)
        case "usb":
            if rest.hasPrefix("?") { throw .notAnOption(String(rest)) }
            return try usb(Options(rest, allowed: ["driver", "serial", "model", "adapter", "path", "baud"]))
        case "tcp":
            let (place, question) = Self.split(rest)
            let options = try Options(question, allowed: ["driver", "serial", "model"])
            let (host, port) = try endpoint(place, kind: "tcp")
            return try options.link(.tcp(host: host, port: port))
        case "tcp-listen": return try listening(rest)
        case let kind: throw .unknownKind(String(kind))
        }
    }

    private func serial(_ rest: Substring) throws(LinkSpecProblem) -> LinkSpec {
        let (path, question) = Self.split(rest)
        guard path.hasPrefix("/"), path != "/" else { throw .relativePath(path == "/" ? "" : String(path)) }
        let options = try Options(question, allowed: ["driver", "serial", "model", "baud"])
        var link = try options.link(.serial(path: String(path)))
        link.baud = try options.baud()
        return link
    }

    private func usb(_ options: Options) throws(LinkSpecProblem) -> LinkSpec {
        var link = try options.link(.usb)
        link.adapter = options["adapter"]
        link.path = options["path"]
        link.baud = try options.baud()
        return link
    }

    private func listening(_ rest: Substring) throws(LinkSpecProblem) -> LinkSpec {
        let (place, question) = Self.split(rest)
        let options = try Options(question, allowed: ["driver", "serial", "model", "anywhere"])
        if let wish = options["anywhere"], wish != "yes" { throw .badAnywhere(wish) }
        let (host, port) = try endpoint(place, kind: "tcp-listen")
        var link = try options.link(.tcpListen(host: host, port: port))
        link.isForAnywhere = options["anywhere"] != nil
        if !link.isForAnywhere, !HostText.isLoopback(host) { throw .openToOthers(host) }
        return link
    }

    private static func split(_ rest: Substring) -> (place: Substring, question: Substring) {
        guard let mark = rest.firstIndex(of: "?") else { return (rest, "") }
        return (rest[..<mark], rest[rest.index(after: mark)...])
    }

    private func endpoint(_ place: Substring, kind: String) throws(LinkSpecProblem) -> (host: String, port: UInt16) {
        if HostText.isIPv6(String(place)) { throw .bareIPv6(String(place)) }
        guard let colon = place.lastIndex(of: ":") else { throw .noHostAndPort(kind: kind) }
        var host = place[..<colon]
        let digits = place[place.index(after: colon)...]
        if host.isEmpty { throw .noHostAndPort(kind: kind) }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard HostText.isIPv6(String(host)) else { throw .badHost(String(host)) }
        } else if HostText.isIPv6(String(host)) {
            throw .bareIPv6(String(host))
        } else {
            guard HostText.isName(host) else { throw .badHost(String(host)) }
        }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits),
            port > 0
        else { throw .badPort(String(digits)) }
        return (String(host), port)
    }
}

/// The part after the question mark: `name=value`, joined with `&`.
private struct Options {
    private var values: [String: String] = [:]

    init(_ text: Substring, allowed: [String]) throws(LinkSpecProblem) {
        if text.isEmpty { return }
        for piece in text.split(separator: "&", omittingEmptySubsequences: false) {
            guard let equals = piece.firstIndex(of: "=") else { throw .notAnOption(String(piece)) }
            let name = String(piece[..<equals])
            let value = String(piece[piece.index(after: equals)...])
            if !allowed.contains(name) { throw .unknownOption(name, allowed: allowed) }
            if value.isEmpty { throw .emptyOption(name) }
            if values.updateValue(value, forKey: name) != nil { throw .repeatedOption(name) }
        }
    }

    subscript(name: String) -> String? { values[name] }

    func baud() throws(LinkSpecProblem) -> Int? {
        guard let wanted = values["baud"] else { return nil }
        guard let baud = TerminalSettings.speeds.keys.first(where: { String($0) == wanted }) else {
            throw .badBaud(wanted)
        }
        return baud
    }

    func link(_ place: LinkSpec.Place) throws(LinkSpecProblem) -> LinkSpec {
        guard let driver = values["driver"] else { throw .noDriver }
        let isName = driver.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isName else { throw .badDriver(driver) }
        return LinkSpec(place, driver: driver, expectedSerial: values["serial"], model: values["model"])
    }
}
