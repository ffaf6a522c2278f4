package import PumpCore

/// A pump family as a row of data. udev rules, hwdb, `pumpledger drivers` and the README's table are printed from it.
package struct PumpDriver: Sendable {
    package enum Stability: String, Codable, Sendable {
        /// Judged against recordings of real pumps.
        case recorded = "judged by recordings"
        /// Judged against the maker's own reader, never by a real pump.
        case peer = "judged by the maker's reader"
        /// Judged against a public standard and other people's implementations of it.
        case standard = "judged by the standard"
        /// Typed in by people.
        case attested = "attested by a person"
    }

    package struct USBID: Hashable, Codable, Sendable {
        package var vendor: UInt16
        package var product: UInt16
        package var what: String
        package init(vendor: UInt16, product: UInt16, what: String) {
            self.vendor = vendor
            self.product = product
            self.what = what
        }
    }

    package struct Serial: Hashable, Codable, Sendable {
        package var baud: Int
        /// `8N1` and the like.
        package var framing: String
        package init(baud: Int, framing: String = "8N1") {
            self.baud = baud
            self.framing = framing
        }
    }

    /// A command that this driver may send. Every one reads; a test holds the sessions to this list.
    package struct Command: Hashable, Codable, Sendable {
        package var code: String
        package var meaning: String
        package init(_ code: String, _ meaning: String) {
            self.code = code
            self.meaning = meaning
        }
    }

    /// The `--driver` name: lower case.
    package var name: String
    package var maker: String
    package var family: String
    package var models: [String]
    package var stability: Stability
    package var usb: [USBID]
    /// Read over bulk endpoints of interfaces of this class, whoever made the device (0x0F: Personal Healthcare).
    package var usbInterfaceClass: UInt8?
    package var serial: Serial?
    package var allowedCommands: [Command]
    /// What its log can tell about containers and doses, and what it cannot.
    package var tells: [String]
    package var cannotTell: [String]
    /// The check that guards its bytes, in words: `CRC-16 a page`.
    package var integrity: String
    /// True where the check is too weak for one reading to be believed (8-bit sums).
    package var needsConfirmingRead: Bool
    package var signs: ContainerSigns
    /// What the positions of its records mean.
    package var positions: LogPositions
    /// True where a pump answers only to its own serial number, which has to be known before it is read.
    package var isCalledBySerial: Bool
    /// True where a log comes as numbered pages, 0 the newest: `page-1` ends where `page-0` begins.
    package var pageNumbersCountBackwards: Bool
    /// Raised whenever the same bytes decode to other events than before.
    package var decoderVersion: Int
    package var makeDecoder: @Sendable (DecodingHints) -> any LogDecoder
    /// Nil where the family has no wire protocol.
    package var makeSession: (@Sendable (DecodingHints) -> any DownloadSession)?
    package var makePassiveSession: (@Sendable (DecodingHints) -> any PassiveSession)?
    /// The codes of all commands in bytes that a session wants to send, as `allowedCommands` has them; nil where any of it
    /// is no command of this driver. Whoever sends for a session that is not trusted asks here first.
    package var commands: (@Sendable ([UInt8]) -> [String]?)?

    package init(
        name: String, maker: String, family: String, models: [String], stability: Stability, usb: [USBID] = [],
        usbInterfaceClass: UInt8? = nil, serial: Serial? = nil, allowedCommands: [Command] = [], tells: [String],
        cannotTell: [String],
        integrity: String, needsConfirmingRead: Bool = false, signs: ContainerSigns, positions: LogPositions = .none,
        isCalledBySerial: Bool = false, pageNumbersCountBackwards: Bool = false, decoderVersion: Int = 1,
        makeDecoder: @escaping @Sendable (DecodingHints) -> any LogDecoder,
        makeSession: (@Sendable (DecodingHints) -> any DownloadSession)? = nil,
        makePassiveSession: (@Sendable (DecodingHints) -> any PassiveSession)? = nil,
        commands: (@Sendable ([UInt8]) -> [String]?)? = nil
    ) {
        self.name = name
        self.maker = maker
        self.family = family
        self.models = models
        self.stability = stability
        self.usb = usb
        self.usbInterfaceClass = usbInterfaceClass
        self.serial = serial
        self.allowedCommands = allowedCommands
        self.tells = tells
        self.cannotTell = cannotTell
        self.integrity = integrity
        self.needsConfirmingRead = needsConfirmingRead
        self.signs = signs
        self.positions = positions
        self.isCalledBySerial = isCalledBySerial
        self.pageNumbersCountBackwards = pageNumbersCountBackwards
        self.decoderVersion = decoderVersion
        self.makeDecoder = makeDecoder
        self.makeSession = makeSession
        self.makePassiveSession = makePassiveSession
        self.commands = commands
    }
}
