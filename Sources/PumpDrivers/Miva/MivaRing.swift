/// The pump's event ring as `RI` shows it: 169 flash pages of 4,096 bytes, 16 bytes an event.
///
/// Inside a session slots have a running number that never wraps: `position` is that number modulo the ring's size, and
/// a slot written later has a greater number.
struct MivaRing: Hashable, Sendable {
    static let size = 43_264

    /// Running number of the newest event. Its slot is written: the head is inclusive.
    private(set) var head: Int
    /// Running number of the oldest event that the ring still holds.
    private(set) var tail: Int

    /// Nil where an index lies outside the ring. `tail > head` means that the ring has gone round.
    init?(tailPosition: Int, headPosition: Int) {
        let slots = 0..<Self.size
        guard slots.contains(tailPosition), slots.contains(headPosition) else { return nil }
        head = headPosition + Self.size
        tail = head - Self.distance(from: tailPosition, to: headPosition)
    }

    /// Reads the payload of a reply to `RI`: the two letters, tail and head in 8 hexadecimal digits each.
    init?(reply payload: [UInt8]) {
        guard payload.count == 18, let tail = upperHexValue(payload.dropFirst(2).prefix(8)),
            let head = upperHexValue(payload.dropFirst(10))
        else { return nil }
        self.init(tailPosition: tail, headPosition: head)
    }

    var count: Int { head - tail + 1 }
    var numbers: ClosedRange<Int> { tail...head }

    static func position(of number: Int) -> Int { ((number % size) + size) % size }

    /// Steps from one ring position forward to another: 0 to size − 1.
    static func distance(from: Int, to: Int) -> Int { position(of: to - from) }

    /// The greatest running number not above `limit` that stands at `position`.
    static func number(at position: Int, notAbove limit: Int) -> Int { limit - distance(from: position, to: limit) }

    /// Takes a later reading of `RI` into account. Less than one whole ring is written during one session: at one event
    /// a second, and pumps write one in minutes, that takes twelve hours.
    mutating func move(to later: MivaRing) {
        let written = Self.distance(from: Self.position(of: head), to: Self.position(of: later.head))
        head += written
        tail = max(tail, head - (later.count - 1))
    }
}
