package import LedgerService
import PumpCore

/// The two files of a packet, made from one answer: the page names the digest of the JSON file beside it.
package struct PacketFiles: Sendable {
    package let files: [(name: String, contents: [UInt8])]
    private let answer: PacketAnswer
    private let digest: String

    package init(_ answer: PacketAnswer) {
        self.answer = answer
        let stem = "packet-\(Self.safe(answer.orderID))-\(Self.name(answer.heading.period))"
        let json = Array(PacketJSON.json(answer).pretty.utf8)
        digest = ContentDigest.sha256(json)
        let page = PacketPage(answer, jsonName: stem + ".json", jsonDigest: digest).html
        files = [(stem + ".html", Array(page.utf8)), (stem + ".json", json)]
    }

    /// `2026-10` for a whole month, else both days.
    private static func name(_ period: Period) -> String {
        period == Period.month(containing: period.from)
            ? String(period.from.description.prefix(7)) : "\(period.from)..\(period.to)"
    }

    /// An order's id may hold anything: letters, digits, points, dashes and underscores stay, the rest becomes its code.
    /// No two ids become the same name.
    private static func safe(_ id: String) -> String {
        var out = ""
        for (place, scalar) in id.unicodeScalars.enumerated() {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": out.unicodeScalars.append(scalar)
            case "." where place > 0: out += "."
            default: out += "%" + String(scalar.value, radix: 16) + "%"
            }
        }
        return out
    }

    // MARK: What is said of it

    package func receipt(in folder: String) -> JSONValue {
        .object([
            .init("schema", "pumpledger.packet-receipt/1"), .init("order", .string(answer.orderID)),
            .init("files", .strings(files.map { "\(folder)/\($0.name)" })), .init("jsonSha256", .string(digest)),
            .init("simulated", .bool(answer.isSimulated)), .init("open", .integer(answer.open.count)),
        ])
    }

    package func words(in folder: String) -> String {
        var lines = files.map { "\(folder)/\($0.name)" }
        lines.append(
            answer.open.isEmpty
                ? "Nothing is open." : "\(counted(answer.open.count, "thing")) open: see the first page.")
        if answer.isSimulated { lines.append("SIMULATED: nothing in it is a patient's.") }
        return lines.map { SafeText.terminal($0, limit: 4096) + "\n" }.joined()
    }
}
