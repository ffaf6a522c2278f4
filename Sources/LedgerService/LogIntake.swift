import Ledger
import PumpCore
import PumpDrivers
import PumpLinks

/// The way of a log into the ledger, from a recording or from files. The live daemon goes the same way through the
/// same sessions and batches.
struct LogIntake {
    let ledger: Ledger
    let now: Instant

    /// What was stored, counted as it happened.
    struct Tally {
        var session: SessionID
        var pump: PumpIdentity
        var read = 0
        var added = 0
        var known = 0
        var superseded = 0
        var remarks: [String] = []
    }

    func replay(_ recording: RecordingToReplay) throws -> Tally {
        let driver = try OfflineDecoding.row(named: recording.driver)
        let hints = DecodingHints(
            model: recording.model, firmware: recording.firmware, hostTime: recording.readAt)
        guard var listener = driver.makePassiveSession?(hints) else {
            throw ServiceError(
                .usage, "the driver \(driver.name) has no recordings to replay",
                remedy: "Use: pumpledger import log --driver \(driver.name)")
        }
        var outputs: [SessionOutput] = []
        for transfer in try Self.transfers(of: recording.file) {
            outputs += listener.observe(transfer.direction, transfer.bytes)
        }
        outputs += listener.end()
        guard let identity = outputs.firstIdentity else {
            throw ServiceError(
                .badInput, "\(recording.file.name): no \(driver.maker) pump says its serial number in this recording",
                remedy: (outputs.faults.first?.message).map { "The driver says: \($0)" }
                    ?? "Check that it is a recording of this family: pumpledger drivers")
        }
        return try store(
            outputs, of: identity, driver: driver, link: "replay of " + recording.file.baseName, origin: .replay,
            readAt: recording.readAt, readToNewest: recording.readAt != nil)
    }

    func importLog(_ log: LogFilesToImport) throws -> Tally {
        let driver = try OfflineDecoding.row(named: log.driver)
        guard driver.makePassiveSession != nil || driver.makeSession != nil else {
            throw ServiceError(
                .usage, "the driver \(driver.name) has no log pages",
                remedy: "Attested events come in as CSV: pumpledger import events FILE")
        }
        guard Self.isSerial(log.serial) else {
            throw ServiceError(
                .usage, "--serial \"\(log.serial)\" is no serial number",
                remedy: "Write it as the pump shows it: 1 to 128 characters, no control characters, not blank.")
        }
        let identity = PumpIdentity(
            serial: log.serial, driver: driver.name, model: log.model, firmware: log.firmware)
        let decoded = try OfflineDecoding.decode(
            driver: driver.name, hints: DecodingHints(model: log.model, firmware: log.firmware), files: log.files)
        // Nothing is stored unless every file can be read. Batches are stored one by one; an import that is cut short
        // goes on where it was when it is repeated.
        var readings: [(name: String, reading: LogReading)] = []
        for file in decoded {
            switch file.outcome {
            case .read(let reading): readings.append((file.name, reading))
            case .ambiguous(let both):
                throw ServiceError(
                    .badInput,
                    "\(file.name): ambiguous: the bytes fit \(both.map(\.layout).joined(separator: " and "))",
                    remedy: "Say which pump it was with --model. Nothing was imported.")
            case .refused(let reason):
                throw ServiceError(
                    .badInput, "\(file.name): \(reason)",
                    remedy: "Leave this file out, or read it from the pump again. "
                        + "Nothing was imported.")
            }
        }
        var outputs: [SessionOutput] = []
        var remarks: [String] = []
        var previous: PageName?
        for (name, reading) in PageName.newestFirst(readings, numbered: driver.pageNumbersCountBackwards) {
            let page = driver.pageNumbersCountBackwards ? PageName(name) : nil
            let isNeighbour = page.flatMap { page in previous.map { $0.isDirectlyNewer(than: page) } } ?? false
            outputs.append(
                .batch(
                    LogBatch(
                        records: reading.records, adjacency: isNeighbour ? .precedesPrevious : .unknown,
                        readAt: log.readAt, undecoded: reading.undecoded)))
            if let undecoded = reading.undecoded {
                remarks.append(
                    "\(name): page not fully decoded: stopped at offset \(undecoded.offset); its bytes are kept")
            }
            remarks += reading.remarks.map { "\(name): \($0)" }
            previous = page
        }
        // Without page numbers a file is taken for what its reader called it: the log as it was then.
        let holdsNewest = readings.contains { name, _ in
            !driver.pageNumbersCountBackwards || (PageName(name)?.number ?? 0) == 0
        }
        var tally = try store(
            outputs, of: identity, driver: driver,
            link: "import of " + (log.files.count == 1 ? log.files[0].baseName : "\(log.files.count) files"),
            origin: .imported, readAt: log.readAt, readToNewest: log.readAt != nil && holdsNewest)
        tally.remarks += remarks
        return tally
    }

    private static func isSerial(_ text: String) -> Bool {
        (1...128).contains(text.count) && text.contains { $0 != " " }
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    /// Attested events of one pump: placed by their number, in whatever order they come.
    func importEvents(_ records: [RawRecord], of serial: String, driver: PumpDriver, file: InputFile) throws -> Tally {
        try store(
            [.batch(LogBatch(records: records.sorted { ($0.devicePosition ?? 0) < ($1.devicePosition ?? 0) }))],
            of: PumpIdentity(serial: serial, driver: driver.name), driver: driver, link: "import of " + file.baseName,
            origin: .imported, readAt: nil, readToNewest: false)
    }

    private func store(
        _ outputs: [SessionOutput], of identity: PumpIdentity, driver: PumpDriver, link: String,
        origin: SessionStart.Origin, readAt: Instant?, readToNewest: Bool
    ) throws -> Tally {
        let session = try ledger.begin(
            session: SessionStart(
                pump: identity, link: link, origin: origin, positions: driver.positions,
                decoderVersion: driver.decoderVersion, startedAt: now, readAt: readAt))
        var tally = Tally(session: session, pump: identity)
        // Two batches may hold equal records that turn out to be two: what is new is what the merged log gained.
        let before = try ledger.recordCount(of: identity)
        for output in outputs {
            switch output {
            case .identity(let named):
                // The same pump may say more of itself later; another pump in one recording is refused by the ledger.
                try ledger.note(identity: named, in: session)
            case .clock(let device):
                try ledger.note(clock: ClockReading(session: session, device: device, host: readAt))
            case .batch(var batch):
                batch.readAt = batch.readAt ?? readAt
                let receipt = try ledger.append(batch, in: session)
                tally.read += batch.records.count
                tally.superseded += receipt.superseded
            case .gap(let gap):
                try ledger.note(gap: gap, in: session)
            case .fault(let fault):
                tally.remarks.append(fault.message)
            case .send, .deadline, .noDeadline, .progress, .mayUnplug, .finished:
                continue
            }
        }
        // Nobody can say of a recording or a file that it went down to the pump's oldest record.
        try ledger.end(session, SessionEnd(.partial, readToNewest: readToNewest, endedAt: now, readAt: readAt))
        tally.added = max(0, try ledger.recordCount(of: identity) - before)
        tally.known = tally.read - tally.added
        return tally
    }

    private static func transfers(of file: InputFile) throws -> [RecordedSession.Transfer] {
        do {
            return try RecordedSession(csv: file.bytes).transfers
        } catch {
            throw ServiceError(.badInput, "\(file.name): \(error)")
        }
    }
}

/// A page file's place in its download, where its name says it: `page-3.bin` in one folder is the page before `page-2.bin`.
struct PageName: Equatable {
    var folder: String
    var number: Int

    init?(_ name: String) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last else { return nil }
        let stem = last.split(separator: ".", omittingEmptySubsequences: false).first ?? last
        let digits = stem.reversed().prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count <= 4, let number = Int(String(digits.reversed())) else { return nil }
        folder = parts.dropLast().joined(separator: "/") + "/" + stem.dropLast(digits.count)
        self.number = number
    }

    func isDirectlyNewer(than other: PageName) -> Bool { folder == other.folder && other.number == number + 1 }

    /// Pages of one folder are put newest first; everything else keeps its order.
    static func newestFirst<Page>(
        _ pages: [(name: String, reading: Page)], numbered: Bool
    ) -> [(name: String, reading: Page)] {
        guard numbered else { return pages }
        let keys = pages.enumerated().map { i, page in
            (
                index: i, folder: PageName(page.name).map(\.folder) ?? "\u{0}\(i)",
                number: PageName(page.name)?.number ?? 0
            )
        }
        var firstOfFolder: [String: Int] = [:]
        for key in keys where firstOfFolder[key.folder] == nil { firstOfFolder[key.folder] = key.index }
        return keys.sorted {
            (firstOfFolder[$0.folder] ?? 0, $0.number, $0.index) < (firstOfFolder[$1.folder] ?? 0, $1.number, $1.index)
        }.map { pages[$0.index] }
    }
}

extension InputFile {
    /// The file's own name: folders may tell more than a ledger should keep.
    var baseName: String { name.split(separator: "/").last.map(String.init) ?? name }
}

extension [SessionOutput] {
    var firstIdentity: PumpIdentity? {
        for case .identity(let identity) in self { return identity }
        return nil
    }

    var faults: [SessionFault] {
        compactMap { output in if case .fault(let fault) = output { fault } else { nil } }
    }
}
