/// The three generations that the simulator can be. Records grew with the third one.
package enum ParadigmModel: String, CaseIterable, Sendable {
    case x15 = "515"
    case x22 = "522"
    case x23 = "723"

    /// Whether its boluses, daily totals and wizard records have the longer form of x23 and newer pumps.
    var hasLargerRecords: Bool { self == .x23 }

    /// What command 116 answers. The facts record the first one; the other two are the simulator's own.
    var firmware: String {
        switch self {
        case .x15: "VER 2.1A1.1"
        case .x22: "VER 2.2S1.1"
        case .x23: "VER 2.4S1.1"
        }
    }

    /// Where the clock starts after a loss of power, as recorded logs of these models show (midnight, 1 January).
    var firstYear: Int {
        switch self {
        case .x15: 2004
        case .x22: 2005
        case .x23: 2007
        }
    }

    /// Whether the log notes every change of the basal rate (record 0x7B is seen in logs of x23 and newer only).
    var logsBasalSegments: Bool { self == .x23 }
}
