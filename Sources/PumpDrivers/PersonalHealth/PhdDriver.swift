import PumpCore

extension PumpDriver {
    static let phdName = "phd"

    /// An IEEE 11073-20601 agent with the documented log of infusion events.
    package static let phd = PumpDriver(
        name: phdName,
        maker: "IEEE 11073",
        family: "Personal Health Device, 11073-20601 with an event log",
        models: ["any with the extended configuration of docs/drivers.md"],
        stability: .standard,
        usbInterfaceClass: 0x0F,
        allowedCommands: PhdWord.allowed,
        tells: [
            "container attached, detached, low and empty: the log says so itself",
            "delivery started, stopped and completed, with the volume so far",
            "doses, boluses, primes, alarms, power, and both times of each setting of the clock",
            "a number for each event: a missing one is known to be missing",
        ],
        cannotTell: [
            "which ordered dose an infusion served",
            "whether a container that is attached again is a new one: it has no id",
            "what was overwritten before anybody read it",
        ],
        integrity: "CRC-16 an entry; who the pump is, is read twice",
        signs: ContainerSigns(attachment: .explicit, flow: [.deliveryStarted, .bolus]),
        positions: .series,
        makeDecoder: { PhdDecoder($0) },
        makeSession: { PhdSession($0) },
        makePassiveSession: { PhdListener($0) },
        commands: { PhdWord.code(in: $0).map { [$0] } })
}
