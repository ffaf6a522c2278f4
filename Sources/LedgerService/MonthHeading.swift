import Crypto
import Foundation
import PumpCore
import Supplies

extension ReportHeading {
    /// `ruleSets` in force on the last day, one a payer, in order.
    init(_ period: Period, ruleSets: [String], coverage: [CoverageLine], rules: RuleBook, zone: String) {
        self.init(
            period: period, zone: zone,
            rules: ruleSets.isEmpty ? "none: no order in this period" : ruleSets.joined(separator: ", "),
            rulesDigest: "sha256:" + SHA256.hash(data: Data(rules.canonicalBytes)).map { $0 }.hex, coverage: coverage)
    }
}

extension CoverageLine {
    init(_ coverage: PumpCoverageReport) {
        self.init(
            pump: coverage.pump, isSimulated: PumpIdentity.isSimulated(coverage.pump),
            completeThrough: coverage.completeThrough,
            gaps: coverage.gaps.map { gap in
                GapLine(
                    pump: coverage.pump, from: gap.from?.description ?? gap.fromCivil?.description,
                    to: gap.to?.description ?? gap.toCivil?.description, reason: gap.reason,
                    detail: gap.missing.map { "\($0) records" })
            }
                + (coverage.isUnread
                    ? [GapLine(pump: coverage.pump, from: nil, to: nil, reason: "never-read")] : []))
    }
}
