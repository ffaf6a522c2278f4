import PumpCore

/// Why bytes are no APDU of IEEE 11073-20601: each case names the part that does not hold.
enum ApduProblem: Error, Hashable, Sendable {
    /// The bytes end inside this part.
    case cut(String)
    /// A part says how long it is, and is not.
    case lengthDisagrees(String, says: Int, has: Int)
    /// A list says how many items it has, and its bytes hold another number.
    case countDisagrees(String, says: Int)
    case unknownChoice(String, UInt16)
    case tooLong(Int)
}

extension ApduProblem: CustomStringConvertible {
    var description: String {
        switch self {
        case .cut(let part): "the bytes end inside \(part)"
        case .lengthDisagrees(let part, let says, let has): "\(part) says \(says) bytes and has \(has)"
        case .countDisagrees(let part, let says): "\(part) says \(says) items, and its bytes hold another number"
        case .unknownChoice(let part, let choice):
            "\(part) has a choice that nobody knows (0x\([UInt8(choice >> 8), UInt8(choice & 0xFF)].hex))"
        case .tooLong(let count): "\(count) bytes are more than an APDU may have (\(Apdu.largest))"
        }
    }
}
