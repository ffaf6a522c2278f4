import Glibc

/// A system call that failed: which one, and why.
package struct SystemCallFailure: Error, Hashable, Codable, Sendable {
    package var call: String
    package var code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }
}

extension SystemCallFailure: CustomStringConvertible {
    package var description: String { "\(call): \(reason)" }

    /// The system's own words.
    package var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The only place that makes system calls which return −1. Retries what a signal interrupted, names the call that failed.
@discardableResult
func systemCall<Result: FixedWidthInteger & SignedInteger>(
    _ name: StaticString, _ call: () -> Result
) throws(SystemCallFailure) -> Result {
    while true {
        let result = call()
        guard result == -1 else { return result }
        let code = errno
        guard code == EINTR else { throw SystemCallFailure(call: "\(name)", code: code) }
    }
}
