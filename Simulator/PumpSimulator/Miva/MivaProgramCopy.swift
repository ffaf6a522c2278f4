import PumpCore

/// The copy of a program that the pump writes into its log, as raw blocks between two INFUSION_DATA events.
enum MivaProgramCopy {
    /// The subtype stands in its own byte, the first of the two.
    static let begin: UInt16 = 0x0100
    static let end: UInt16 = 0x0200
    /// Name id of `Daily 1`.
    private static let dailyOne: UInt32 = 2

    static func blocks(of program: PumpAct.Prescription, firmware: MivaPump.Firmware) -> [[UInt8]] {
        switch firmware {
        case .newer: short(program)
        case .older: long(program)
        }
    }

    /// Name id, rate, volume, starting dose; extra dose, lockout.
    private static func short(_ program: PumpAct.Prescription) -> [[UInt8]] {
        let words: [UInt32] = [
            dailyOne, MivaEvent.float(program.milliliterPerHour), MivaEvent.float(program.volume),
            MivaEvent.float(program.startingDose), MivaEvent.float(program.extraDose),
            UInt32(clamping: program.lockoutSeconds), 0, 0,
        ]
        return cut(words.flatMap { bigEndian($0) })
    }

    /// 256 bytes. Rate and volume first, the name in bytes 99 to 108; the rest is zero here.
    private static func long(_ program: PumpAct.Prescription) -> [[UInt8]] {
        let head = bigEndian(MivaEvent.float(program.milliliterPerHour)) + bigEndian(MivaEvent.float(program.volume))
        var bytes = head + [UInt8](repeating: 0, count: 256 - head.count)
        bytes.replaceSubrange(99..<106, with: Array("Daily 1".utf8))
        return cut(bytes)
    }

    private static func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: MivaEvent.byteCount).map { Array(bytes[$0..<($0 + MivaEvent.byteCount)]) }
    }
}
