import Foundation
package import PumpCore

/// One thing that a person or a script wants. Files travel as bytes: the one who owns the ledger opens no path of others.
package enum Request: Codable, Sendable {
    case replay(RecordingToReplay)
    case importLog(LogFilesToImport)
    case importRegister(RegisterFiles)
    case importEvents(file: InputFile, dryRun: Bool)
    case pumps
    case events(EventsFilter)
    case usage(period: String, order: String?)
    case billable(period: String)
    case reconcile(period: String)
    case refillDue(on: CivilDate?)
    case scrub(period: String)
    case enter(DeskEntry)
    case explain(id: String)
    case packet(PacketToMake)
    /// `against`: a checkpoint that somebody kept away from this machine.
    case verify(against: InputFile?)
    /// Signs what is on record, to be carried away.
    case checkpoint
    /// A copy, written by whoever owns the ledger: an absolute path of this machine.
    case backup(file: String)
    case disown(session: SessionID, reason: String)
    case close(period: String, accept: String?)
    case reopen(period: String, reason: String)
    case audit(from: CivilDate?, to: CivilDate?)
    case visit(pump: String?, dryRun: Bool)
    case status
    /// The status again and again, each time that it changes. Asked over a socket, it is answered with a stream.
    case watch
}

extension Request {
    /// Whether carrying it out puts something on record.
    var stores: Bool {
        switch self {
        case .replay, .importLog: true
        case .importRegister(let files): !files.dryRun
        case .importEvents(_, let dryRun), .visit(_, let dryRun): !dryRun
        case .enter(let entry): !entry.dryRun
        case .close, .reopen, .checkpoint, .backup, .disown: true
        case .pumps, .events, .usage, .billable, .reconcile, .refillDue, .scrub: false
        case .explain, .packet, .verify, .audit, .status, .watch: false
        }
    }

    /// Whether the ledger is asked at all. How the ports stand is told also when the disk is full or the ledger stopped,
    /// and names no patient: it is not put on record.
    var looksIntoLedger: Bool {
        switch self {
        case .status, .watch: false
        default: true
        }
    }

    /// Whether it makes no sense without a ledger.
    var needsLedger: Bool {
        switch self {
        case .enter, .explain, .packet, .verify, .checkpoint, .backup, .disown, .close, .reopen, .audit, .visit: true
        default: false
        }
    }
}

/// What every request carries.
package struct RequestContext: Codable, Sendable {
    /// The moment that "now" means; the caller's clock, or `--now`.
    package var now: Instant
    /// The day that "today" means, where `--today` names it.
    package var today: CivilDate?
    /// The zone of printing. Days, months and slots stay the patient's.
    package var zone: String
    /// Replaces the shipped rules, file by file name, where `--rules` names a folder.
    package var rules: [InputFile]?

    package init(now: Instant, today: CivilDate? = nil, zone: String, rules: [InputFile]? = nil) {
        self.now = now
        self.today = today
        self.zone = zone
        self.rules = rules
    }
}

package struct InputFile: Codable, Hashable, Sendable {
    /// For messages, and where the name means something (`deliveries.csv`, `page-3.bin`).
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    private enum CodingKeys: CodingKey {
        case name
        case bytes
    }

    /// The bytes travel in base 64: as a list of numbers they would be four times as long.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        bytes = [UInt8](try container.decode(Data.self, forKey: .bytes))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(Data(bytes), forKey: .bytes)
    }
}

package struct RecordingToReplay: Codable, Sendable {
    package var driver: String
    package var model: String?
    package var firmware: String?
    package var file: InputFile
    package var readAt: Instant?

    package init(
        driver: String, model: String? = nil, firmware: String? = nil, file: InputFile, readAt: Instant? = nil
    ) {
        self.driver = driver
        self.model = model
        self.firmware = firmware
        self.file = file
        self.readAt = readAt
    }
}

package struct LogFilesToImport: Codable, Sendable {
    package var driver: String
    package var serial: String
    package var model: String?
    package var firmware: String?
    package var readAt: Instant?
    package var files: [InputFile]

    package init(
        driver: String, serial: String, model: String? = nil, firmware: String? = nil, readAt: Instant? = nil,
        files: [InputFile]
    ) {
        self.driver = driver
        self.serial = serial
        self.model = model
        self.firmware = firmware
        self.readAt = readAt
        self.files = files
    }
}

package struct RegisterFiles: Codable, Sendable {
    package var files: [InputFile]
    package var dryRun: Bool

    package init(files: [InputFile], dryRun: Bool) {
        self.files = files
        self.dryRun = dryRun
    }
}

package struct EventsFilter: Codable, Sendable {
    package var pump: String?
    package var from: CivilDate?
    package var to: CivilDate?

    package init(pump: String? = nil, from: CivilDate? = nil, to: CivilDate? = nil) {
        self.pump = pump
        self.from = from
        self.to = to
    }
}
