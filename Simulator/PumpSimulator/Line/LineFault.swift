/// Something that happens to the bytes between pump and host.
package enum LineFault: Equatable, Sendable {
    /// After so many bytes of the pump the cable comes out; it goes back in after so many seconds, or by hand.
    case drop(afterBytes: Int, backAfterSeconds: Int?)
    /// Each bit from the pump is flipped with this probability.
    case corrupt(bitErrorRate: Double)
    /// After so many bytes the pump says nothing for so many seconds.
    case stall(afterBytes: Int, seconds: Int)
    /// So many random bytes a second that nobody asked for.
    case babble(bytesPerSecond: Int)
    /// Each reply is sent twice with this probability.
    case duplicate(probability: Double)
}
