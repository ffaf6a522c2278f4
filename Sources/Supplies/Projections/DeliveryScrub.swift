import PumpCore
import Register

/// What is wrong with the deliveries of an order: each is measured against the expected end just before it.
struct DeliveryScrub {
    let fold: OrderFold
    let builder: LineBuilder
    let countedCodes: Set<String>
    let period: ClosedRange<CivilDate>

    private var plan: OrderPlan { fold.plan }
    private var profile: PayerProfile { builder.profile }

    func scrub(_ sheet: inout ScrubSheet) {
        let stock = PhysicalStock(fold, countedCodes: countedCodes)
        let need = DailyNeed.of(plan)
        for delivery in plan.deliveries where period.contains(delivery.date) {
            stay(delivery, &sheet)
            if let limit = profile.limit(.neverBilled, of: delivery.hcpcs, on: delivery.date) {
                sheet.add(
                    .error, limit.rule, ScrubSubject(delivery),
                    "\(delivery.hcpcs) is never billed to this payer: \(limit.citation)",
                    fix: "it is included in the supply code")
            }
            guard builder.rules.codes.code(delivery.hcpcs).map({ $0.counts != .pump && $0.counts != .none }) ?? false
            else { continue }
            proof(delivery, &sheet)
            guard countedCodes.contains(delivery.hcpcs) else { continue }
            most(delivery, need, &sheet)
            refill(delivery, stock, need, &sheet)
        }
        unassessed(need, &sheet)
        use(&sheet)
    }

    /// Without a daily need nobody can say whether a delivery was too large or too early.
    private func unassessed(_ need: DailyNeed?, _ sheet: inout ScrubSheet) {
        guard need == nil,
            let delivery = plan.deliveries.first(where: { countedCodes.contains($0.hcpcs) && period.contains($0.date) })
        else { return }
        let columns = DailyNeed.missing(plan).joined(separator: ", ")
        sheet.add(
            .warning, "R9", ScrubSubject(delivery),
            "how long the delivery lasts cannot be assessed: \(columns) missing in the order",
            fix: "enter \(columns) in orders.csv")
    }

    private func proof(_ delivery: Delivery, _ sheet: inout ScrubSheet) {
        guard delivery.receivedBy == nil, delivery.tracking == nil else { return }
        sheet.add(
            .warning, "R9", ScrubSubject(delivery), "no proof of delivery is on record",
            fix: "enter received_by, or the carrier's tracking")
    }

    private func stay(_ delivery: Delivery, _ sheet: inout ScrubSheet) {
        if plan.stays.inpatient(on: delivery.date) != nil {
            sheet.add(
                .error, "R10", ScrubSubject(delivery), "delivered while the patient was in hospital",
                fix: "deliver supplies after the discharge; the two days before it are for equipment only")
        }
    }

    /// Use inside a stay, as the pumps' logs show it.
    private func use(_ sheet: inout ScrubSheet) {
        let inside = fold.containers.filter { $0.isInStay && $0.hasFlow && period.contains($0.day) }
        guard let first = inside.first else { return }
        sheet.add(
            .warning, "R10", ScrubSubject(plan.order, on: first.day),
            "\(inside.count) containers were used while the patient was in hospital, the first on \(first.day)",
            fix: "they are not counted; check the days of the stay")
    }

    /// Rows of one day are one delivery: it is judged once, with the last of them.
    private func most(_ delivery: Delivery, _ need: DailyNeed?, _ sheet: inout ScrubSheet) {
        let sameDay = plan.deliveries.filter { $0.date == delivery.date && countedCodes.contains($0.hcpcs) }
        guard let need, sameDay.last?.id == delivery.id else { return }
        let subject = ScrubSubject(delivery)
        let quantity = sameDay.reduce(0) { $0 + $1.quantity }
        if let limit = profile.limit(.daysADelivery, of: delivery.hcpcs, on: delivery.date), let days = limit.days,
            quantity > need.containers(in: days)
        {
            sheet.add(
                .error, limit.rule, subject,
                "\(quantity) is more than \(days) days of need (\(need.containers(in: days)))",
                fix: "deliver and bill at most \(days) days at a time")
        }
        guard let refill = profile.refill(on: delivery.date) else { return }
        if quantity > need.containers(in: refill.mostDays) {
            sheet.add(
                .error, "R9", subject,
                "\(quantity) is more than three months of need (\(need.containers(in: refill.mostDays)))",
                fix: "dispense at most three months at a time")
        } else if let days = refill.narrativeDays, quantity > need.containers(in: days) {
            sheet.add(
                .note, "R9", subject,
                "\(quantity) is more than one month of need (\(need.containers(in: days))): the claim needs a narrative",
                fix: "\(need.days(of: quantity))-DAY SUPPLY")
        }
    }

    private func refill(_ delivery: Delivery, _ stock: PhysicalStock, _ need: DailyNeed?, _ sheet: inout ScrubSheet) {
        let before = delivery.date.adding(days: -1)
        // Several rows of one day are one delivery, and the first one ever is no refill.
        guard stock.delivered.sum(through: before) > 0, let rule = profile.refill(on: delivery.date) else { return }
        let subject = ScrubSubject(delivery)
        if rule.needsAnswer, delivery.affirmedBy == nil {
            sheet.add(
                .error, "R9", subject, "no affirmative response to the refill is on record",
                fix: "enter affirmed_by: who said that the refill is wanted")
        }
        if rule.needsAnswer, delivery.quantityRemaining == nil {
            sheet.add(
                .error, "R9", subject, "the quantity remaining is not on record", fix: "enter quantity_remaining")
        }
        guard
            let end = SupplyEnd(onHand: stock.balance(through: before), need: need, on: delivery.date, refill: rule)
        else { return }
        if delivery.date < end.earliestDelivery {
            sheet.add(
                .error, "R9", subject,
                "delivered too early: the supply was expected to last to \(end.expectedEnd), so not before "
                    + "\(end.earliestDelivery)",
                fix: "deliver at most \(rule.deliveryDays) days before the expected end")
        }
        guard let contacted = delivery.contactedOn else {
            if rule.needsAnswer {
                sheet.add(
                    .warning, "R9", subject, "no contact about the refill is on record", fix: "enter contacted_on")
            }
            return
        }
        let earliest =
            rule.contactBefore == .delivery ? delivery.date.adding(days: -rule.contactDays) : end.earliestContact
        if contacted < earliest {
            let anchor = rule.contactBefore == .delivery ? "the delivery" : "the expected end on \(end.expectedEnd)"
            sheet.add(
                .error, "R9", subject,
                "contacted too early, on \(contacted): at most \(rule.contactDays) days before \(anchor), so not before "
                    + "\(earliest)", fix: "ask again")
        }
    }
}
