/// What went wrong and what to do about it, in words for a person who is tired.
package struct ServiceError: Error, Codable, Equatable, Sendable {
    /// Each kind is one exit code of the contract.
    package enum Kind: Int32, Codable, Sendable {
        case usage = 2
        case badInput = 3
        case unreachable = 4
        case periodClosed = 5
        case integrity = 6
    }

    package var kind: Kind
    /// One sentence without a final stop: what, and where.
    package var message: String
    /// A sentence: what to do.
    package var remedy: String?

    package init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }
}

extension ServiceError: CustomStringConvertible {
    package var description: String { remedy.map { message + "\n" + $0 } ?? message }
}
