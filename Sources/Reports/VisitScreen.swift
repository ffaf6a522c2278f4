/// Fits blocks of sentences onto one screen. What does not fit is counted, never cut off silently.
struct VisitScreen {
    static let columns = 80
    /// One line of 24 is left for the prompt.
    static let lines = 23
    /// Where all of it can be read, and no visit is put on record by reading it.
    private static let rest = "pumpledger visit --note --dry-run"

    struct Block {
        var title: String?
        /// Each a sentence, wrapped.
        var items: [[String]]
        /// So many stay, whatever happens.
        var least: Int
        private(set) var hidden = 0

        init(title: String? = nil, items: [[String]], least: Int) {
            self.title = title
            self.items = items
            self.least = least
        }

        var lines: [String] {
            guard !items.isEmpty else { return [] }
            return (title.map { [$0] } ?? []) + items.joined()
                + (hidden > 0 ? ["  (and \(hidden) more: \(VisitScreen.rest))"] : [])
        }

        fileprivate var spare: Int { items.count - least }

        fileprivate mutating func hideLast() {
            items.removeLast()
            hidden += 1
        }
    }

    var blocks: [Block]

    var text: String {
        var blocks = blocks.filter { !$0.items.isEmpty }
        var hasBlanks = true
        func height() -> Int {
            blocks.reduce(0) { $0 + $1.lines.count } + (hasBlanks ? max(0, blocks.count - 1) : 0)
        }
        // The titles part the blocks too: blank lines go first, then the longest block gives way, one sentence at a time.
        if height() > Self.lines { hasBlanks = false }
        while height() > Self.lines {
            let spare = blocks.indices.max { blocks[$0].spare < blocks[$1].spare }
            let longest = blocks.indices.max { blocks[$0].items.count < blocks[$1].items.count }
            guard let spare, let longest, blocks[longest].items.count > 1 else { break }
            blocks[blocks[spare].spare > 0 ? spare : longest].hideLast()
        }
        return blocks.map { $0.lines.joined(separator: "\n") }.joined(separator: hasBlanks ? "\n\n" : "\n") + "\n"
    }
}
