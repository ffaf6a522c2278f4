import Crypto
import Foundation
package import PumpCore

/// The chain as it stood after an entry, signed. It is carried off the machine as text: whoever keeps one can show later
/// that the ledger still holds everything that it held then.
///
/// The text is a signed note with a checkpoint body: C2SP tlog-checkpoint and signed-note, https://c2sp.org (origin, size,
/// head in base 64, one line more for the time; then the signature by an Ed25519 key).
package struct Checkpoint: Hashable, Sendable {
    /// The ledger's name.
    package var origin: String
    /// Entries of the chain, this one included.
    package var number: Int
    /// 32 bytes.
    package var head: [UInt8]
    package var at: Instant
    /// 32 bytes.
    package var publicKey: [UInt8]
    /// 64 bytes.
    package var signature: [UInt8]

    /// What is signed.
    static func body(origin: String, number: Int, head: [UInt8], at: Instant) -> [UInt8] {
        Array("\(origin)\n\(number)\n\(Data(head).base64EncodedString())\nat \(at)\n".utf8)
    }

    package var isSigned: Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(
            signature, for: Self.body(origin: origin, number: number, head: head, at: at))
    }

    /// The text that is carried away.
    package var note: String {
        let body = String(decoding: Self.body(origin: origin, number: number, head: head, at: at), as: UTF8.self)
        let stamp = Self.keyHash(origin: origin, publicKey: publicKey) + signature
        return "\(body)\n— \(origin) \(Data(stamp).base64EncodedString())\n"
    }

    /// The public key as a verifier keeps it: name, hash and key.
    package var verifierKey: String {
        let hash = Self.keyHash(origin: origin, publicKey: publicKey)
        let digits = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(origin)+\(digits)+\(Data([Self.ed25519] + publicKey).base64EncodedString())"
    }

    private static let ed25519: UInt8 = 1

    static func keyHash(origin: String, publicKey: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array(origin.utf8) + [0x0A, ed25519] + publicKey).prefix(4))
    }
}

/// A checkpoint that somebody kept, read back from its text. It names its key by a hash only.
package struct KeptCheckpoint: Hashable, Sendable {
    package var origin: String
    package var number: Int
    package var head: [UInt8]
    package var at: Instant?
    var keyHash: [UInt8]
    var signature: [UInt8]
    private var body: [UInt8]

    package static let largestText = 4096

    /// Nil for a text that is not a checkpoint.
    package init?(note: [UInt8]) {
        guard note.count <= Self.largestText, let text = String(validating: note, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let blank = lines.firstIndex(of: ""), blank >= 3, lines.count > blank + 1 else { return nil }
        let body = lines[..<blank]
        guard let origin = body.first, !origin.isEmpty, let number = Int(body[1]), number > 0,
            let head = Data(base64Encoded: String(body[2])), head.count == Chain.headLength
        else { return nil }
        let marks = lines[(blank + 1)...].filter { $0.hasPrefix("— ") }
        for mark in marks {
            let words = mark.split(separator: " ")
            guard words.count == 3, words[1] == origin, let stamp = Data(base64Encoded: String(words[2])),
                stamp.count == 68
            else { continue }
            self.origin = String(origin)
            self.number = number
            self.head = Array(head)
            at = body.dropFirst(3).first { $0.hasPrefix("at ") }.flatMap { Instant(String($0.dropFirst(3))) }
            keyHash = Array(stamp.prefix(4))
            signature = Array(stamp.dropFirst(4))
            self.body = Array((body.joined(separator: "\n") + "\n").utf8)
            return
        }
        return nil
    }

    func isSigned(by publicKey: [UInt8]) -> Bool {
        guard Checkpoint.keyHash(origin: origin, publicKey: publicKey) == keyHash,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: body)
    }
}
