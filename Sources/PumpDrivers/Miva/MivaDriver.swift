import PumpCore

extension PumpDriver {
    static let mivaName = "miva"

    /// Zyno MIVA, an ambulatory cassette pump.
    package static let miva = PumpDriver(
        name: mivaName,
        maker: "Zyno Medical",
        family: "MIVA",
        models: ["MIVA", "MIVA counter", "MIVA calendar"],
        stability: .peer,
        // The pump shows itself as a USB serial port; its chip and ids are in no public source, and a generic chip's ids
        // would claim other people's adapters.
        usb: [],
        serial: Serial(baud: 9600),
        allowedCommands: MivaCommand.allowed,
        tells: [
            "infusion started, paused and completed, with the volume infused so far",
            "cassette emptied and cassette detached; the next infusion start means that one is in place again",
            "extra, automatic and clinician doses; occlusion, battery and power",
            "its own clock: a counter or a calendar",
        ],
        cannotTell: [
            "whether the cassette that is attached is a new one: there is no attach event and no cassette id",
            "which ordered dose an infusion served",
            "what was overwritten: the ring holds 43,264 events",
        ],
        integrity: "8-bit sum a frame; every batch and the serial number are read twice",
        needsConfirmingRead: true,
        signs: ContainerSigns(attachment: .flowAfterDetach, flow: [.deliveryStarted], primes: []),
        positions: .ring(size: MivaRing.size),
        makeDecoder: { MivaDecoder($0) },
        makeSession: { MivaSession($0) },
        makePassiveSession: { MivaListener($0) },
        commands: { MivaCommand.code(in: $0).map { [$0] } })
}
