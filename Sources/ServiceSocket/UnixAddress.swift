package import Glibc

/// Where a Unix socket is: a path in the file system, or a name in Linux's abstract space.
package struct UnixAddress: Hashable, Sendable {
    /// `sun_path` holds 108 bytes, one of them the closing zero (unix(7)).
    package static let longestPath = 107

    package enum Unusable: Error, Hashable, Sendable {
        case empty
        case tooLong(bytes: Int)
        case zeroByte
    }

    /// As it stands in `sun_path`: an abstract name begins with a zero byte, a path ends with one.
    private let name: [UInt8]

    package init(path: String) throws(Unusable) {
        try Self.check(path)
        name = Array(path.utf8) + [0]
    }

    /// `name` without the zero byte, or the `@` that stands for it in text.
    package init(abstract name: String) throws(Unusable) {
        try Self.check(name)
        self.name = [0] + Array(name.utf8)
    }

    private static func check(_ text: String) throws(Unusable) {
        if text.isEmpty { throw .empty }
        if text.utf8.count > longestPath { throw .tooLong(bytes: text.utf8.count) }
        if text.utf8.contains(0) { throw .zeroByte }
    }

    /// Lends the address in the form that `bind`, `connect` and `sendto` take.
    package func withSocketAddress<Answer>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            unsafe place.copyBytes(from: name)
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }
}
