import PumpCore
import PumpDrivers
import PumpLinks
import TestSupport
import Testing

/// What the listener makes of the recorded sessions of the maker's software.
enum RecordedPages {
    static func session(_ run: String) throws -> RecordedSession {
        try RecordedSession(csv: try Vectors.bytes("minimed_carelink/usb_sessions/\(run).csv"))
    }

    static func heard(_ session: RecordedSession) -> [SessionOutput] {
        var listener = ParadigmListener(DecodingHints())
        return session.transfers.flatMap { listener.observe($0.direction, $0.bytes) } + listener.end()
    }

    static func records(of run: String) throws -> [RawRecord] {
        heard(try session(run)).flatMap { output in
            if case .batch(let batch) = output { batch.records } else { [RawRecord]() }
        }
    }
}
