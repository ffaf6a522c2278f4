import PumpCore
import Testing

@testable import PumpDrivers

@Suite("CareLink stick commands")
struct StickCommandTests {
    @Test("both ways to write the short commands are told apart, also when they stand together")
    func split() {
        let maker: [UInt8] = [0x04, 0x00, 0x03, 0x00, 0x0C, 0x00, 0x00, 0x4E, 0x95, 0x03, 0x00, 0x06, 0x00, 0x00]
        #expect(
            StickCommand.split(maker) == [
                .productInfo, .linkStatus, .readRadio(size: 78), .linkStatus, .signalStrength,
            ])
        let ours: [StickCommand] = [
            .productInfo, .radioStatistics, .usbStatistics, .signalStrength, .linkStatus, .readRadio(size: 206),
        ]
        #expect(StickCommand.split(ours.flatMap(\.bytes)) == ours)
        #expect(StickCommand.split([0x7F, 0x03, 0x00]) == [])
        #expect(StickCommand.split([0x0C, 0x00, 0x00, 0x4E, 0x96]) == [])
    }

    @Test("a packet is read back as it was written, and not when a byte of it is broken or missing")
    func packets() throws {
        let address = try #require(RadioAddress(serial: "208850"))
        let packet = PumpPacket(.historyPage, to: address, parameters: [7])
        #expect(PumpPacket(packet.bytes[...]) == packet)
        #expect(packet.bytes.count == packet.length)
        for index in packet.bytes.indices {
            var broken = packet.bytes
            broken[index] ^= 0x40
            #expect(PumpPacket(broken[...]) == nil, "byte \(index)")
            #expect(PumpPacket(packet.bytes[..<index]) == nil)
        }
    }
}
