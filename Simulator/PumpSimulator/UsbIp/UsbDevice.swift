/// A USB device: what every device answers (USB 2.0, 9.4), and behind it the function that makes it this one.
package struct UsbDevice: Sendable {
    package private(set) var function: any UsbFunction
    /// 0 until the host chooses.
    private var configuration: UInt8 = 0
    private var halted: Set<UInt8> = []

    package init(_ function: any UsbFunction) { self.function = function }

    package var shape: UsbShape { function.shape }

    private enum Request {
        static let getStatus: UInt8 = 0
        static let clearFeature: UInt8 = 1
        static let setFeature: UInt8 = 3
        static let getDescriptor: UInt8 = 6
        static let getConfiguration: UInt8 = 8
        static let setConfiguration: UInt8 = 9
        static let getInterface: UInt8 = 10
        static let setInterface: UInt8 = 11
        static let endpointHalt: UInt16 = 0
    }

    private enum Recipient {
        static let device: UInt8 = 0
        static let interface: UInt8 = 1
        static let endpoint: UInt8 = 2
    }

    /// What a control transfer brings, at most `setup.length` bytes of it; nil is a stall.
    package mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]? {
        let answer = setup.isStandard ? standard(setup) : function.control(setup, data: data)
        return answer.map { Array($0.prefix(setup.isToHost ? Int(setup.length) : 0)) }
    }

    private mutating func standard(_ setup: UsbSetup) -> [UInt8]? {
        let low = UInt8(setup.value & 0xFF)
        let endpoint = UInt8(setup.index & 0xFF)
        switch (setup.requestType & 0x1F, setup.isToHost, setup.request) {
        case (Recipient.device, true, Request.getDescriptor):
            return shape.descriptor(type: UInt8(setup.value >> 8), index: low)
        case (Recipient.device, true, Request.getConfiguration): return [configuration]
        case (Recipient.device, false, Request.setConfiguration):
            guard low == 0 || low == UsbShape.configurationValue else { return nil }
            configuration = low
            halted = []
            function.readerWent()
            return []
        case (Recipient.device, true, Request.getStatus): return [0, 0]
        case (Recipient.interface, true, Request.getStatus) where hasInterface(setup.index): return [0, 0]
        case (Recipient.interface, true, Request.getInterface) where hasInterface(setup.index): return [0]
        case (Recipient.interface, false, Request.setInterface) where hasInterface(setup.index):
            return setup.value == 0 ? [] : nil
        case (Recipient.endpoint, true, Request.getStatus) where has(endpoint):
            return [halted.contains(endpoint) ? 1 : 0, 0]
        case (Recipient.endpoint, false, Request.setFeature) where has(endpoint) && setup.value == Request.endpointHalt:
            if endpoint & 0x0F != 0 { halted.insert(endpoint) }
            return []
        case (Recipient.endpoint, false, Request.clearFeature)
        where has(endpoint) && setup.value == Request.endpointHalt:
            halted.remove(endpoint)
            return []
        default: return nil
        }
    }

    private func hasInterface(_ index: UInt16) -> Bool {
        configuration != 0 && shape.interfaces.indices.contains(Int(index & 0xFF))
    }

    private func has(_ endpoint: UInt8) -> Bool {
        endpoint & 0x0F == 0 || shape.interfaces.contains { $0.endpoints.contains { $0.address == endpoint } }
    }

    /// False for an endpoint that stalls: halted, not there, or not configured yet.
    package func takes(_ endpoint: UInt8) -> Bool {
        configuration != 0 && endpoint & 0x0F != 0 && has(endpoint) && !halted.contains(endpoint)
    }

    package mutating func hostSent(_ bytes: [UInt8]) -> [UInt8] { function.hostSent(bytes) }
    package mutating func pumpSent(_ bytes: [UInt8]) { function.pumpSent(bytes) }
    package mutating func readerWent() { function.readerWent() }

    /// What fills a transfer to the host; nil to let it wait.
    package mutating func fill(_ endpoint: UInt8, _ length: Int, at now: Int) -> [UInt8]? {
        if endpoint == function.streamIn { return function.fill(length, at: now) }
        if endpoint == function.events { return function.event(length) }
        return nil
    }
}
