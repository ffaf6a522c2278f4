package import PumpCore

/// A MIVA pump on a virtual clock: its ring of events and its answers on the serial line. It opens nothing and reads no
/// clock.
package struct MivaPump: Sendable {
    /// What types 3 and 14 stand for, and how long a copied program is.
    package enum Firmware: String, CaseIterable, Sendable {
        /// 3 is an empty cassette, 14 a detached one; a program is 2 blocks.
        case newer
        /// 3 is an infusion completed, 14 an opened cassette; a program is 16 blocks; no type above 22.
        case older

        /// What `RS` answers. The maker names no version at which it changed; these are the simulator's own.
        var version: String {
            switch self {
            case .newer: "2.10-SIM"
            case .older: "1.20-SIM"
            }
        }
    }

    /// How events are stamped and what `RC` answers.
    package enum ClockKind: String, CaseIterable, Sendable {
        case counter
        case calendar
    }

    package let serial: String
    package let firmware: Firmware
    package let clockKind: ClockKind
    private(set) var ring = MivaRing()
    private var cutter = MivaFrame.Cutter()
    private var clock: PumpClock
    private var counterBegan: Instant
    private var prescription: PumpAct.Prescription?
    private var runningSince: Instant?
    private var volumes = MivaVolumes()

    static let serialLength = 8
    /// The top four bits of a counter, which readers have to mask.
    static let reservedBits: UInt32 = 0xF
    private static let batteryVolts: Float = 3.9
    /// Liters a rotation × 10⁶ / 5, and what that makes of a milliliter.
    private static let calibration = 4600

    /// Nil unless `serial` is `SIM` and five letters or digits. `loaded` is when the counter began.
    package init?(
        serial: String, firmware: Firmware = .newer, clock clockKind: ClockKind = .counter, zone: HomeZone,
        loaded: Instant
    ) {
        guard serial.hasPrefix("SIM"), serial.utf8.count == Self.serialLength,
            serial.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
        else { return nil }
        self.serial = serial
        self.firmware = firmware
        self.clockKind = clockKind
        clock = PumpClock(zone: zone)
        counterBegan = loaded
    }

    /// Events that the ring holds.
    package var eventCount: Int { ring.count }

    // MARK: What it answers

    /// Takes what the host wrote, in pieces of any size, and answers each frame that is whole.
    package mutating func receive(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        var answers: [Answer] = []
        for byte in bytes {
            switch cutter.take(byte) {
            case nil: break
            case .broken(let inside):
                // A pump that did not understand says nothing.
                answers.append(Answer([], Deed(at: now, "silent", ["noise": .text(inside.hex)])))
            case .payload(let payload): answers.append(try answer(payload, at: now))
            }
        }
        return answers
    }

    /// Drops what was left of a frame when the cable came out.
    package mutating func unplug() { cutter = MivaFrame.Cutter() }

    private func answer(_ payload: [UInt8], at now: Instant) throws(CommandViolation) -> Answer {
        let text = String(decoding: payload, as: UTF8.self)
        guard let command = MivaCommand(payload) else {
            throw CommandViolation(
                command: String(text.prefix(16)), bytes: payload, reason: MivaCommand.danger(text))
        }
        switch command {
        case .indexes:
            return served(text, text + Self.hex(ring.tail, 8) + Self.hex(ring.head ?? 0, 8), at: now)
        case .event(let digits):
            guard let index = Int(digits, radix: 16), digits == digits.uppercased(), let slot = ring.slot(index) else {
                return served("RE", "REERROR", at: now)
            }
            return Answer(
                MivaFrame.bytes("RE" + digits + slot.hex.uppercased()),
                Deed(at: now, "served", ["command": "RE", "index": .int(index)]))
        case .plain(let code): return served(code, code + plain(code, at: now), at: now)
        case .identification: return served(text, "ZYNO,MIVA,\(serial),\(firmware.version)", at: now)
        case .serial: return served(text, serial, at: now)
        case .volumeInfused:
            return served(text, Quantity.milliliters(thousandths: infused(at: now)).number, at: now)
        case .screen:
            // 1,024 bytes of pixels, all dark.
            let dark = [UInt8](repeating: 0, count: 1024)
            return Answer(MivaFrame.bytes(dark), Deed(at: now, "served", ["command": .text(text)]))
        case .unpublished:
            return Answer(
                MivaFrame.bytes("ERROR"),
                Deed(
                    at: now, "refused", ["command": .text(text), "why": "not implemented: the answer is not published"])
            )
        }
    }

    private func served(_ command: String, _ reply: String, at now: Instant) -> Answer {
        Answer(
            MivaFrame.bytes(reply), Deed(at: now, "served", ["command": .text(command), "reply": .text(reply)]))
    }

    private func plain(_ code: String, at now: Instant) -> String {
        let volts = Int((Self.batteryVolts * 100).rounded())
        switch code {
        case "RC":
            switch clockKind {
            case .counter:
                let value = UInt32(truncatingIfNeeded: counter(at: now)) & 0x0FFF_FFFF | Self.reservedBits << 28
                return Self.hex(Int(value), 8)
            case .calendar:
                let time = clock.reading(at: now)
                let (year, month, day) = time.date.components
                return [day, month, year - 2000, time.hour, time.minute, time.second].map { Self.hex($0, 2) }.joined()
            }
        case "RN": return serial
        case "RS": return firmware.version
        // Name and version, filled up to 20 characters.
        case "RL": return "SIMLIB 1.0".padding(to: 20)
        case "RM": return "01"
        case "RB": return Self.hex(2000, 4)
        case "R3": return Self.hex(volumes.life / 100, 4)
        case "R7": return Self.hex(volts, 4)
        case "R8":
            // Volume = rotations × calibration × 0.000005 mL.
            let rotations = volumes.life * 200 / Self.calibration
            return Self.hex(Self.calibration, 4) + Self.hex(rotations, 6)
        case "R9": return Self.hex(counter(at: now), 8)
        case "RA": return Self.hex(1000, 4) + Self.hex(volts, 4)
        case "RD": return Self.hex(0x0123, 4) + Self.hex(0x0145, 4)
        case "Q0": return "CONTINUOUS"
        case "Q3": return Self.hex(runningSince.map { now.seconds(since: $0) } ?? 0, 8)
        default: return "ML/HR"
        }
    }

    /// Upper-case digits, leading zeros; what does not fit loses its upper digits.
    private static func hex(_ value: Int, _ digits: Int) -> String {
        let text = String(max(0, value), radix: 16, uppercase: true)
        return String(String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).suffix(digits).description
    }

    private func counter(at now: Instant) -> Int { now.seconds(since: counterBegan) }

    private func infused(at now: Instant) -> Int {
        guard let since = runningSince, let rate = prescription?.milliliterPerHour.thousandths else {
            return volumes.shift
        }
        return volumes.shift + rate * max(0, now.seconds(since: since)) / 3600
    }

    // MARK: What it logs

    /// Takes note of an act. Returns the slots that it wrote, in order.
    @discardableResult
    package mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] {
        var slots: [[UInt8]] = []
        for entry in entries(of: act, at: now) {
            let bytes: [UInt8] =
                switch entry {
                case .event(let event): event.bytes(stamp: stamp(at: now))
                case .block(let raw): raw
                }
            ring.append(bytes)
            slots.append(bytes)
        }
        return slots
    }

    private func stamp(at now: Instant) -> [UInt8] {
        switch clockKind {
        case .counter: MivaStamp.counter(counter(at: now), reserved: Self.reservedBits)
        case .calendar: MivaStamp.calendar(clock.reading(at: now))
        }
    }

    private enum Entry {
        case event(MivaEvent)
        /// A raw block of a copied program: data, never an event.
        case block([UInt8])
    }

    private mutating func entries(of act: PumpAct, at now: Instant) -> [Entry] {
        switch act {
        case .programmed(let new): return programmed(new)
        case .started:
            runningSince = now
            return [.event(MivaEvent(.runInfusion))]
        case .stopped(let infused):
            volumes.book(ofProgram: infused.thousandths)
            runningSince = nil
            return [.event(MivaEvent(.infusionPaused, volumeInfused))]
        case .completed(let infused):
            volumes.book(ofProgram: infused.thousandths)
            return firmware == .older ? [.event(MivaEvent(.cassetteEmpty))] : []
        case .containerEmptied: return firmware == .newer ? [.event(MivaEvent(.cassetteEmpty))] : []
        case .containerRemoved: return [.event(MivaEvent(.cassetteDetached))]
        case .doseGranted(let kind, let attempts):
            return [
                .event(MivaEvent(.doseGranted, subtype: MivaEvent.doseCode(kind) << 8 | UInt16(clamping: attempts)))
            ]
        case .doseDenied(let attempts):
            return [.event(MivaEvent(.extraDoseDenied, subtype: UInt16(clamping: attempts)))]
        case .doseFinished(let kind):
            return firmware == .newer ? [.event(MivaEvent(.doseFinish, subtype: kind == .starting ? 2 : 1))] : []
        case .doseCancelled(let kind):
            return [.event(MivaEvent(.doseCancel, subtype: kind == .starting ? 1 : 2))]
        case .alarm(let alarm): return [.event(MivaEvent(alarm))]
        case .alarmCleared(let alarm):
            return alarm == .occlusion ? [.event(MivaEvent(.occlusion, subtype: MivaEvent.Occlusion.cleared))] : []
        case .powerOff:
            runningSince = nil
            return [.event(powerEvent(.powerOff, state: 0))]
        case .powerOn:
            // Older firmware has no type of its own for it; it says how the battery is.
            return [.event(powerEvent(firmware == .newer ? .powerOn : .battery, state: 1))]
        case .batteryChanged:
            return [.event(powerEvent(.powerOff, state: 0))] + entries(of: .powerOn, at: now)
        case .batteryLow: return [.event(powerEvent(.battery, state: 2))]
        case .clockSet(let new):
            // A counter cannot be set.
            guard clockKind == .calendar else { return [] }
            clock.set(to: new, at: now)
            return [.event(MivaEvent(.timeStamp))]
        case .clockLost:
            counterBegan = now
            if let start = CivilDateTime(year: 2000, month: 1, day: 1) { clock.set(to: start, at: now) }
            return [.event(MivaEvent(.timeStamp))]
        case .shiftTotalCleared:
            volumes.clearShift()
            return [.event(MivaEvent(.clearShiftTotal))]
        case .timeStamped: return [.event(MivaEvent(.timeStamp))]
        case .authenticated: return [.event(MivaEvent(.authentication, subtype: 1))]
        case .containerPlaced, .containerLow, .rewound, .primed, .bolus, .suspended, .resumed, .basalSegment,
            .dayEnded:
            return []
        }
    }

    /// A new program: who allowed it, what changed, and a copy of it between a begin and an end.
    private mutating func programmed(_ new: PumpAct.Prescription) -> [Entry] {
        var entries: [Entry] = []
        if new != prescription {
            entries.append(.event(MivaEvent(.authentication, subtype: 1)))
            // Program 0, its value, parameter 1: the rate, before and after.
            entries.append(
                .event(
                    MivaEvent(
                        .settingChange, subtype: 1,
                        MivaEvent.float(prescription?.milliliterPerHour ?? .milliliters(thousandths: 0)),
                        MivaEvent.float(new.milliliterPerHour))))
        }
        prescription = new
        volumes.beginProgram()
        let blocks = MivaProgramCopy.blocks(of: new, firmware: firmware)
        return entries + [.event(MivaEvent(.infusionData, subtype: MivaProgramCopy.begin))] + blocks.map { .block($0) }
            + [.event(MivaEvent(.infusionData, subtype: MivaProgramCopy.end))]
    }

    private var volumeInfused: UInt32 { MivaEvent.float(.milliliters(thousandths: volumes.shift)) }

    private func powerEvent(_ type: MivaEventType, state: UInt16) -> MivaEvent {
        MivaEvent(type, subtype: state, Self.batteryVolts.bitPattern, volumeInfused)
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String { self + String(repeating: " ", count: max(0, length - count)) }
}
