import PumpCore

extension PumpDriver {
    static let paradigmName = "paradigm"

    /// Medtronic MiniMed Paradigm through the CareLink USB stick.
    package static let paradigm = PumpDriver(
        name: paradigmName,
        maker: "Medtronic MiniMed",
        family: "Paradigm 5xx and 7xx, through the CareLink USB stick (MMT-7305)",
        models: ["512", "515", "522", "523", "551", "554", "712", "715", "722", "723", "751", "754"],
        stability: .recorded,
        usb: [
            USBID(
                vendor: 0x0A21, product: 0x8001, what: "CareLink USB stick, kernel driver usb_serial_simple (carelink)")
        ],
        // Nominal: the stick is a bulk device and heeds no rate.
        serial: Serial(baud: 9600),
        allowedCommands: stickCommands + ParadigmCommand.allCases.map { Command(String($0.rawValue), $0.meaning) },
        tells: [
            "rewind of the plunger, manual and fixed primes with their volumes",
            "boluses, asked for and given; delivery suspended and resumed, at the pump or by radio",
            "empty and low reservoir, alarms with the maker's code",
            "both times of each setting of the clock",
            "the total of each day",
        ],
        cannotTell: [
            "that a reservoir was put in: it is inferred from a rewind followed by a prime",
            "a fixed prime that was cancelled: the pump does not record it",
            "which reservoir it is: there is no number and no lot",
            "the first drop of basal insulin after a change: it has no record of its own",
        ],
        integrity: "CRC-16 a page of 1,022 bytes, CRC-8 each of its 7 radio reads",
        signs: ContainerSigns(attachment: .rewindThenPrime, flow: [.bolus, .deliveryStarted]),
        isCalledBySerial: true, pageNumbersCountBackwards: true,
        makeDecoder: { ParadigmDecoder($0) },
        makeSession: { ParadigmSession($0) },
        makePassiveSession: { ParadigmListener($0) },
        commands: { StickCommand.codes(in: $0) })

    /// What goes to the stick and no further; 01 carries the numbered commands to the pump.
    private static let stickCommands = [
        Command("stick 01", "send one of the commands below to the pump"),
        Command("stick 03", "read the state of the radio link"),
        Command("stick 04", "read the stick's version"),
        Command("stick 05", "read the counters of radio and USB"),
        Command("stick 06", "read the signal strength"),
        Command("stick 0C", "read what the radio received"),
    ]
}
