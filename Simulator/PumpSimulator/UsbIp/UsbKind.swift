/// The kinds of USB device that a simulated pump can be.
package enum UsbKind: String, CaseIterable, Sendable {
    case acm, ftdi, carelink, phdc

    /// What a pump of this family is where nobody says otherwise.
    package init(usualFor family: PumpFamily) {
        switch family.rawValue {
        case PumpFamily.miva.rawValue: self = .ftdi
        case PumpFamily.paradigm.rawValue: self = .carelink
        default: self = .phdc
        }
    }

    /// `serial` nil: a device that has none, as many adapters.
    package func function(name: String, serial: String?) -> any UsbFunction {
        switch self {
        case .acm: CdcAcm(name: name, serial: serial)
        case .ftdi: Ftdi(name: name, serial: serial)
        case .carelink: CareLinkUsb(name: name, serial: serial)
        case .phdc: Phdc(name: name, serial: serial)
        }
    }
}
