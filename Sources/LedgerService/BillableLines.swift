import PumpCore
package import Supplies

/// The lines of a month, in order. Those of many patients are kept packed, and beyond some megabyte in a file without a
/// name; whoever goes through them has one at a time.
package struct BillableLines: Sendable {
    private enum Store: Sendable {
        case lines([BillableLine])
        case packed(PackedLines)
        case frozen(FrozenBillable)
    }

    private let store: Store

    package init(_ lines: [BillableLine]) { store = .lines(lines) }

    init(_ packed: PackedLines) { store = .packed(packed) }
    init(_ frozen: FrozenBillable) { store = .frozen(frozen) }

    package var count: Int {
        switch store {
        case .lines(let lines): lines.count
        case .packed(let packed): packed.count
        case .frozen(let frozen): frozen.count
        }
    }

    package var isEmpty: Bool { count == 0 }
    package var first: BillableLine? { first { _ in true } }
}

extension BillableLines: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var lines: IndexingIterator<[BillableLine]>?
        fileprivate var packed: PackedLines.Iterator?
        fileprivate var frozen: FrozenBillable.Iterator?

        package mutating func next() -> BillableLine? {
            if frozen != nil { return frozen?.next() }
            return packed == nil ? lines?.next() : packed?.next()
        }
    }

    package func makeIterator() -> Iterator {
        switch store {
        case .lines(let lines): Iterator(lines: lines.makeIterator())
        case .packed(let packed): Iterator(packed: packed.makeIterator())
        case .frozen(let frozen): Iterator(frozen: frozen.makeIterator())
        }
    }

    package var underestimatedCount: Int { count }
}

extension BillableLines: Equatable {
    package static func == (a: BillableLines, b: BillableLines) -> Bool { a.count == b.count && a.elementsEqual(b) }
}

extension BillableLines: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: BillableLine...) { self.init(elements) }
}

extension BillableLines: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([BillableLine].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for line in self { try container.encode(line) }
    }
}
