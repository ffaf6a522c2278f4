import Glibc

/// A host as it stands in a link: a name, an IPv4 address, or an IPv6 address that needs brackets before a port.
package enum HostText {
    private static let longest = 253

    /// Whether only this machine can reach it. A name counts as this machine where it is `localhost`, and nothing else:
    /// whoever listens checks the address that it resolves to.
    package static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        if let four = address(host, AF_INET, count: 4) { return four.first == 127 }
        guard let six = address(host, AF_INET6, count: 16) else { return false }
        let isMappedLoopback = six.starts(with: mappedPrefix) && six.dropFirst(mappedPrefix.count).first == 127
        return isMappedLoopback || six == [UInt8](repeating: 0, count: 15) + [1]
    }

    static func isIPv6(_ text: String) -> Bool { address(text, AF_INET6, count: 16) != nil }

    /// Letters, digits, hyphens and dots (RFC 1123, 2.1), and the underscore that some networks have.
    static func isName(_ text: Substring) -> Bool {
        text.utf8.count <= longest && text.utf8.first != UInt8(ascii: "-") && text.utf8.allSatisfy(isNameByte)
            && !text.split(separator: ".", omittingEmptySubsequences: false).dropLast().contains { $0.isEmpty }
    }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// ::ffff:0:0/96, IPv4 inside IPv6 (RFC 4291, 2.5.5.2).
    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// The address in network order; nil where the text is not one of the family.
    private static func address(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
