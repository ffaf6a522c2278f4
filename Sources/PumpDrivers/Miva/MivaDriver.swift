import PumpCore

/// The MIVA's row in the driver table.
package enum MivaDriver {
    package static let name = "miva"

    package static let row = PumpDriver(
        name: name, maker: "Zyno Medical", family: "MIVA", models: ["MIVA", "MIVA counter", "MIVA calendar"],
        stability: .peer,
        // The pump shows itself as a USB serial port; its chip and ids are in no public source. A generic chip's ids
        // would claim other people's adapters.
        usb: [], serial: .init(baud: 9600), allowedCommands: MivaCommand.allowed,
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
        integrity: "8-bit sum a frame; every batch is read twice", needsConfirmingRead: true,
        signs: ContainerSigns(
            attachment: .flowAfterDetach, flow: [.deliveryStarted], emptied: [.containerEmpty], primes: []),
        positions: .ring(size: MivaRing.size), decoderVersion: 1,
        makeDecoder: { MivaDecoder($0) }, makeSession: { MivaSession($0) },
        makePassiveSession: { MivaListener($0) })
}
