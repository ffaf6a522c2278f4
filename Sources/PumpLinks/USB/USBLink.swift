import Dispatch

/// A USB device whose bytes go over a pair of bulk endpoints, with no serial port in between.
package final class USBLink: ByteLink, @unchecked Sendable {
    package let name: String
    private let descriptors: USBDescriptors?
    private let interfaceClass: UInt8
    private let home: LinkExecutor
    /// Touched only on the queue of `home`.
    private var stream: USBStream?

    /// - Parameters:
    ///   - node: `/dev/bus/usb/001/004`.
    ///   - interfaceClass: Of the interface whose endpoints are used; nothing else of the device is touched.
    package init(node: String, descriptors: USBDescriptors?, interfaceClass: UInt8, home: LinkExecutor? = nil) {
        name = node
        self.descriptors = descriptors
        self.interfaceClass = interfaceClass
        self.home = home ?? LinkExecutor(label: "usb link \(node)")
    }

    package var executor: LinkExecutor? { home }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        home.queue.async { @Sendable [self] in
            guard stream == nil else { return }
            do throws(LinkFault) {
                let handle = try USBHandle(node: name, pair: try pair())
                let opened = USBStream(
                    owning: handle, place: name, queue: home.queue,
                    deliver: { @Sendable [self] event in
                        if case .ended = event { stream = nil }
                        deliver(event)
                    })
                stream = opened
                opened.start()
            } catch {
                deliver(.ended(error))
            }
        }
    }

    package func send(_ bytes: [UInt8]) { home.perform { [self] in stream?.send(bytes) } }
    package func close() { home.queue.async { @Sendable [self] in stream?.end(nil) } }

    private func pair() throws(LinkFault) -> USBBulkPair {
        do throws(USBDescriptorProblem) {
            guard let descriptors else { throw .noDevice }
            return try descriptors.bulkPair(ofClass: interfaceClass)
        } catch {
            throw .unusable(place: name, reason: error.description)
        }
    }
}
