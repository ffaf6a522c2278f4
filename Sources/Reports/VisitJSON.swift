import LedgerService
import PumpCore
import Supplies

extension VisitReport {
    package var json: JSONValue {
        .object(
            about + [
                .init("orders", .array(answer.orders.map(Self.order))),
                .init("containers", .array(answer.containers.map(Self.container))),
                .init("reseats", .integer(answer.reseats)), .init("volume", .optional(answer.volume?.description)),
                .init("alarms", .array(answer.alarms.map(Self.alarm))), .init("battery", .optional(answer.battery)),
                .init(
                    "clock",
                    .object([
                        .init("aheadSeconds", .optional(answer.clock.aheadSeconds)),
                        .init("changes", .integer(answer.clock.changes)),
                        .init("jumped", .bool(answer.clock.hasJumped)),
                        .init("uncorrected", .bool(answer.clock.isUncorrected)),
                    ])), .init("gaps", .array(answer.gaps.map(HeadingLines.json))),
                .init("attention", .strings(answer.attention)), .init("advice", .strings(answer.advice)),
            ])
    }

    private var about: [JSONValue.Field] {
        [
            .init("schema", "pumpledger.visit/1"), .init("pump", .string(answer.pump.serial)),
            .init("driver", .string(answer.pump.driver)), .init("model", .optional(answer.pump.model)),
            .init("simulated", .bool(answer.pump.isSimulated)), .init("pumpHcpcs", .optional(answer.pumpHcpcs)),
            .init("at", .string(answer.at.description)), .init("by", .string(answer.by)),
            .init("zone", .string(answer.zone)), .init("dryRun", .bool(answer.isDryRun)),
            .init("isComplete", .bool(answer.isComplete)), .init("incomplete", .optional(answer.incomplete)),
            .init("lastReadAt", .optional(answer.lastReadAt?.description)),
            .init(
                "last",
                answer.last.map {
                    .object([.init("at", .string($0.at.description)), .init("by", .string($0.by))])
                } ?? .null),
            .init("sinceCivil", .optional(answer.since?.description)),
            .init("completeThrough", .optional(answer.completeThrough?.description)),
            .init("newRecords", .integer(answer.newRecords)), .init("olderRecords", .integer(answer.olderRecords)),
            .init(
                "late",
                .object([
                    .init("containers", .integer(answer.late.containers)),
                    .init("alarms", .array(answer.late.alarms.map(Self.alarm))),
                ])),
        ]
    }

    private static func order(_ order: VisitAnswer.Order) -> JSONValue {
        .object([
            .init("order", .string(order.id)), .init("patient", .string(order.patient)),
            .init("drug", .string(order.drug)), .init("mode", .string(order.mode)),
            .init("container", .string(order.container)), .init("ended", .optional(order.ended?.description)),
            .init("doses", order.doses.map(doses) ?? .null),
            .init(
                "supplies",
                .array(
                    order.supplies.map { supply in
                        .object([
                            .init("hcpcs", .string(supply.hcpcs)), .init("onHand", .integer(supply.onHand)),
                            .init("daysLeft", .optional(supply.daysLeft)),
                            .init("expectedEnd", .optional(supply.lastDay?.description)),
                            .init("earliestContact", .optional(supply.earliestContact?.description)),
                            .init("earliestDelivery", .optional(supply.earliestDelivery?.description)),
                            .init("unknown", .integer(supply.unknown)),
                        ])
                    })),
        ])
    }

    private static func doses(_ doses: VisitAnswer.Doses) -> JSONValue {
        .object([
            .init("due", .integer(doses.due)), .init("given", .integer(doses.given)),
            .init(
                "late",
                .array(
                    doses.late.map {
                        .object([.init("slot", .string($0.slot.description)), .init("minutes", .integer($0.minutes))])
                    })), .init("missed", .strings(doses.missed.map(\.description))),
            .init("unknown", .integer(doses.unknown)), .init("inpatient", .integer(doses.inpatient)),
            .init("excused", .integer(doses.excused)),
        ])
    }

    private static func container(_ container: VisitAnswer.Container) -> JSONValue {
        .object([
            .init("container", .string(container.id)), .init("order", .optional(container.order)),
            .init("hungCivil", .optional(container.hung?.description)), .init("used", .bool(container.isUsed)),
            .init("counted", .string(container.counted.rawValue)), .init("reason", .string(container.reason)),
        ])
    }

    private static func alarm(_ alarm: VisitAnswer.Alarm) -> JSONValue {
        .object([
            .init("alarm", .string(alarm.kind)), .init("label", .optional(alarm.label)),
            .init("code", .optional(alarm.code)), .init("times", .integer(alarm.times)),
            .init("lastCivil", .optional(alarm.last?.description)),
        ])
    }
}
