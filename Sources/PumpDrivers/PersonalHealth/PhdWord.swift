import PumpCore

/// What this manager may say, and nothing else: a call that is not here cannot be sent.
enum PhdWord: Hashable, Sendable {
    case accept(configurationKnown: Bool)
    case refuseAssociation
    case configuration(UInt16, call: UInt16, isSupported: Bool, of: EventReport)
    case describeSystem(call: UInt16)
    case listSegments(call: UInt16, store: UInt16)
    case transfer(call: UInt16, store: UInt16, segment: UInt16)
    /// Entries are stored for good.
    case stored(SegmentPlace, call: UInt16, of: EventReport)
    case release
    case released
    case abort(UInt16)

    var bytes: [UInt8] { apdu.bytes }

    private var apdu: Apdu {
        switch self {
        case .accept(let isKnown):
            answer(
                isKnown ? AssociationResponse.Result.accepted : AssociationResponse.Result.acceptedUnknownConfiguration)
        case .refuseAssociation: answer(AssociationResponse.Result.noCommonProtocol)
        case .configuration(let id, let call, let isSupported, let report):
            .presentation(
                DataMessage(
                    call: call,
                    .eventAnswer(
                        EventAnswer(
                            handle: report.handle, time: report.time, event: report.event,
                            content: .configuration(
                                id: id,
                                verdict: isSupported
                                    ? ConfigurationReport.Verdict.accepted : ConfigurationReport.Verdict.unsupported))))
            )
        case .describeSystem(let call): .presentation(DataMessage(call: call, .get(handle: 0, attributes: [])))
        case .listSegments(let call, let store):
            .presentation(DataMessage(call: call, .action(.segmentInfo(store: store), confirmed: true)))
        case .transfer(let call, let store, let segment):
            .presentation(
                DataMessage(call: call, .action(.transfer(store: store, segment: segment), confirmed: true)))
        case .stored(var place, let call, let report):
            {
                place.status |= SegmentPlace.Status.managerConfirm
                return .presentation(
                    DataMessage(
                        call: call,
                        .eventAnswer(
                            EventAnswer(
                                handle: report.handle, time: report.time, event: report.event,
                                content: .segment(place)))))
            }()
        case .release: .releaseRequest(reason: 0)
        case .released: .releaseResponse(reason: 0)
        case .abort(let reason): .abort(reason: reason)
        }
    }

    private func answer(_ result: UInt16) -> Apdu {
        .associationResponse(AssociationResponse(result: result, chosen: .exchange(.ours)))
    }

    /// Everything that may be sent, as the driver table states it.
    static let allowed: [PumpDriver.Command] = [
        .init("AARE", "accept or refuse an association"),
        .init("RLRQ", "ask for the end of an association"),
        .init("RLRE", "agree to the end of an association"),
        .init("ABRT", "break an association off, so that the device begins anew"),
        .init("0103", "read the attributes of the device"),
        .init("0107/3085", "list the segments of the event log"),
        .init("0107/3100", "send a segment of the event log; it stays in the device"),
        .init("0201/3356", "answer to a configuration"),
        .init("0201/3361", "confirm that entries of the event log are stored"),
    ]
}
