extension Answer {
    /// Whether it holds something that a person has to settle: what `--check` asks.
    package var hasFindings: Bool {
        switch self {
        case .reconciled(let answer): answer.hasFindings
        case .scrubbed(let answer): !answer.entries.isEmpty
        default: false
        }
    }
}
