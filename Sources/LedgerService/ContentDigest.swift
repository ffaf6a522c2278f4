import Crypto
import Foundation
import PumpCore

/// What a person compares to see that a file is the one that was made.
package enum ContentDigest {
    /// SHA-256 in lower-case hexadecimal, 64 digits.
    package static func sha256(_ bytes: [UInt8]) -> String { SHA256.hash(data: Data(bytes)).map { $0 }.hex }
}
