package import PumpCore

/// Ids of containers, in the order of time. Most of them are made of pump, channel and first record; those are spelled
/// when somebody asks for them, because a month counts many containers and prints the ids of few. Those of a closed
/// period stay as they were frozen until then.
package struct ContainerIDs: Sendable {
    private enum Item: Hashable, Sendable {
        /// `place`: number of its pump and channel among `places`.
        case record(place: Int, key: RecordKey)
        case text(String)
    }

    /// `c:` and pump and channel, each once, in the order in which they come.
    private var places: [String] = []
    private var items: [Item] = []
    /// Where it is there, `places` and `items` are empty.
    private var frozen: Frozen?

    private enum Frozen: Sendable {
        /// The first form.
        case texts(FrozenTexts)
        case keys(FrozenIDs)

        var count: Int {
            switch self {
            case .texts(let texts): texts.count
            case .keys(let keys): keys.count
            }
        }
    }

    package init() {}

    package init(_ texts: some Sequence<String>) {
        for text in texts { append(text) }
    }

    init(_ frozen: FrozenTexts) { self.frozen = .texts(frozen) }
    init(_ frozen: FrozenIDs) { self.frozen = .keys(frozen) }

    package mutating func reserveCapacity(_ count: Int) { items.reserveCapacity(count) }

    package mutating func append(_ text: String) {
        // `@r:` and twenty digits stand at the end, and an ordinal behind them where there are equal records.
        if let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) {
            let key = RecordKey(String(text[text.index(after: at)...]))
            if key.digest != nil { return append(place: String(text[..<at]), key) }
        }
        spell()
        items.append(.text(text))
    }

    /// - Parameter place: `c:`, pump, point, channel.
    package mutating func append(place: String, _ key: RecordKey) {
        spell()
        guard key.digest != nil else { return items.append(.text(place + "@" + key.text)) }
        if places.last == place {
            items.append(.record(place: places.count - 1, key: key))
        } else if let number = places.firstIndex(of: place) {
            items.append(.record(place: number, key: key))
        } else {
            items.append(.record(place: places.count, key: key))
            places.append(place)
        }
    }

    private mutating func spell() {
        guard frozen != nil else { return }
        let texts = Array(self)
        frozen = nil
        for text in texts { append(text) }
    }

    /// For those who keep them smaller still: pump and channel with the record's key, or a whole text.
    package func forEach(
        record: (_ place: String, _ key: RecordKey) throws -> Void, text: (String) throws -> Void
    ) rethrows {
        if frozen != nil { for whole in self { try text(whole) } }
        for item in items {
            switch item {
            case .record(let place, let key): try record(places[place], key)
            case .text(let whole): try text(whole)
            }
        }
    }
}

extension ContainerIDs: Sequence {
    package struct Iterator: IteratorProtocol {
        private let places: [String]
        private var items: IndexingIterator<[Item]>
        private var texts: FrozenTexts.Iterator?
        private var keys: FrozenIDs.Iterator?

        fileprivate init(_ ids: ContainerIDs) {
            places = ids.places
            items = ids.items.makeIterator()
            switch ids.frozen {
            case .texts(let frozen): texts = frozen.makeIterator()
            case .keys(let frozen): keys = frozen.makeIterator()
            case nil: break
            }
        }

        package mutating func next() -> String? {
            if let text = texts?.next() ?? keys?.next() { return text }
            return switch items.next() {
            case .record(let place, let key)?: places[place] + "@" + key.text
            case .text(let text)?: text
            case nil: nil
            }
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
    package var underestimatedCount: Int { count }

    package var count: Int { frozen?.count ?? items.count }
    package var isEmpty: Bool { count == 0 }
}

extension ContainerIDs: Hashable {
    package static func == (a: ContainerIDs, b: ContainerIDs) -> Bool { a.count == b.count && a.elementsEqual(b) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for id in self { hasher.combine(id) }
    }
}

extension ContainerIDs: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: String...) { self.init(elements) }
}

extension ContainerIDs: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Array(self))
    }
}

/// A list of texts in the bytes of a closed period, which its reader has gone over once: every text is there.
struct FrozenTexts: Sequence, Sendable {
    /// All bytes of the part that it lies in, shared.
    let bytes: [UInt8]
    /// Where the first text's length stands.
    let start: Int
    let count: Int

    struct Iterator: IteratorProtocol {
        private var reader: FrozenReader
        private var left: Int

        fileprivate init(_ texts: FrozenTexts) {
            reader = FrozenReader(texts.bytes, at: texts.start)
            left = texts.count
        }

        mutating func next() -> String? {
            guard left > 0 else { return nil }
            left -= 1
            return try? reader.text()
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
}
