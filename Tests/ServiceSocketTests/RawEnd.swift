import Foundation
import Glibc
import PumpLinks

@testable import ServiceSocket

/// One end of a socket that does what no honest program does. Its calls block for at most five seconds.
struct RawEnd {
    let descriptor: Descriptor

    init(connectedTo path: String) throws {
        descriptor = try streamSocket()
        let address = try UnixAddress(path: path)
        let number = descriptor.number
        _ = try systemCall("connect") { address.withSocketAddress { connect(number, $0, $1) } }
        limitWait()
    }

    /// Somebody else's server: takes one client.
    static func accepting(at path: String, _ body: @escaping @Sendable (RawEnd) -> Void) throws -> Descriptor {
        let listening = try streamSocket()
        let address = try UnixAddress(path: path)
        _ = try systemCall("bind") { address.withSocketAddress { bind(listening.number, $0, $1) } }
        _ = try systemCall("listen") { listen(listening.number, 4) }
        Thread.detachNewThread { @Sendable in
            let number = accept(listening.number, nil, nil)
            if number >= 0 { body(RawEnd(Descriptor(owning: number))) }
        }
        return listening
    }

    private init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        limitWait()
    }

    private func limitWait() {
        var wait = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor.number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    }

    /// True when the kernel took all of it.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func send(_ frame: Frame) { send(frame.header + frame.payload) }

    func hello(version: UInt16 = Hello.currentVersion) { send(Hello(version: version, largestFrame: 0).frame) }

    /// The next frame; nil when the other end hangs up or five seconds have gone.
    func next() -> Frame? {
        var reader = FrameReader(limit: 1 << 20)
        while true {
            var byte: [UInt8] = [0]
            if recv(descriptor.number, &byte, 1, 0) != 1 { return nil }
            var piece = byte[...]
            if let frame = try? reader.take(from: &piece) { return frame }
        }
    }

    /// Everything that still comes, until the other end hangs up or five seconds have gone without a byte.
    func rest() -> [Frame] {
        var frames: [Frame] = []
        var reader = FrameReader(limit: 1 << 20)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor.number, &buffer, buffer.count, 0)
            if count <= 0 { return frames }
            var bytes = buffer[..<count]
            while let frame = try? reader.take(from: &bytes) { frames.append(frame) }
        }
    }

    /// The refusal among what still comes.
    func refusal() -> Refusal? { rest().last { $0.kind == .refusal }.flatMap { Refusal($0.payload) } }
}
