/// The eight bytes that begin a control transfer (USB 2.0, 9.3).
package struct UsbSetup: Equatable, Sendable {
    package let requestType, request: UInt8
    package let value, index, length: UInt16

    package init(_ requestType: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0) {
        (self.requestType, self.request) = (requestType, request)
        (self.value, self.index, self.length) = (value, index, length)
    }

    var isToHost: Bool { requestType & 0x80 != 0 }
    /// Neither of a class nor of a vendor.
    var isStandard: Bool { requestType & 0x60 == 0 }
}

/// What a kind of device does beyond what every USB device does: how a stream of bytes in either direction goes through its
/// endpoints. Sans-I/O; times are nanoseconds of a clock that never goes back.
package protocol UsbFunction: Sendable {
    var shape: UsbShape { get }
    /// Where the stream to the host comes out.
    var streamIn: UInt8 { get }
    /// Where the stream from the host goes in.
    var streamOut: UInt8 { get }
    /// Where the device tells of events; nil where it has none.
    var events: UInt8? { get }
    /// A serial line does not wait for a reader: what nobody reads is gone.
    var losesWhatNobodyReads: Bool { get }

    /// A request of class or vendor. What goes to the host, empty for nothing; nil is a stall.
    mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]?
    /// The host sent a transfer; what of it reaches the pump.
    mutating func hostSent(_ bytes: [UInt8]) -> [UInt8]
    /// The pump sends. `now` is when.
    mutating func pumpSent(_ bytes: [UInt8])
    /// What fills a transfer of at most `length` bytes to the host now; nil to let it wait.
    mutating func fill(_ length: Int, at now: Int) -> [UInt8]?
    /// When a transfer that waits is filled without a new byte of the pump.
    var fillsAt: Int? { get }
    /// An event for the host, where there is one.
    mutating func event(_ length: Int) -> [UInt8]?
    /// Nobody reads any more.
    mutating func readerWent()
}

extension UsbFunction {
    package var events: UInt8? { nil }
    package var losesWhatNobodyReads: Bool { true }
    package var fillsAt: Int? { nil }
    package mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]? { nil }
    package mutating func hostSent(_ bytes: [UInt8]) -> [UInt8] { bytes }
    package mutating func event(_ length: Int) -> [UInt8]? { nil }
}
