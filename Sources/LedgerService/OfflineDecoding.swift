import PumpCore
package import PumpDrivers

/// Raw log bytes to events without a ledger: what `decode` does, and what an import does before it stores anything.
package enum OfflineDecoding {
    /// A file as its decoder read it.
    package struct DecodedFile: Sendable {
        package var name: String
        package var outcome: DecodingOutcome
    }

    package static func decode(
        driver: String, hints: DecodingHints, files: [InputFile]
    ) throws(ServiceError) -> [DecodedFile] {
        let decoder = try row(named: driver).makeDecoder(hints)
        return files.map { file in
            let raw = hexText(file.bytes) ?? file.bytes
            return DecodedFile(name: file.name, outcome: decoder.decode(raw))
        }
    }

    package static func row(named name: String) throws(ServiceError) -> PumpDriver {
        guard let driver = DriverCatalog.driver(named: name) else {
            throw ServiceError(
                .usage, "no driver is called \"\(name)\"",
                remedy: "Drivers: \(DriverCatalog.all.map(\.name).joined(separator: ", ")). See: pumpledger drivers")
        }
        return driver
    }

    /// The bytes that hexadecimal text spells; nil where the file is binary. Lines that start with `#` are comments.
    static func hexText(_ file: [UInt8]) -> [UInt8]? {
        guard !file.isEmpty, file.allSatisfy({ $0 < 0x80 }) else { return nil }
        let text = String(decoding: file, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        return bytes(fromHex: lines.joined(separator: "\n"))
    }
}
