import ArgumentParser
import Foundation
import PumpCore
import PumpSimulator

/// How the simulated pump is reached, and what is written instead of, or before, being reached.
struct LineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Serve on a pseudo-terminal, with a symbolic link to it.", valueName: "link"))
    var pty: String?

    @Option(help: ArgumentHelp("Serve on a TCP port.", valueName: "host:port"))
    var tcp: String?

    @Option(
        help: ArgumentHelp("Connect to a manager that listens, and again when it has gone.", valueName: "host:port"))
    var connect: String?

    @Flag(help: "Let --tcp or --usbip listen beyond this machine.")
    var anywhere = false

    @Option(
        defaultAsFlag: "127.0.0.1:\(UsbIpPort.usualPort)",
        help: ArgumentHelp("Be a USB device, for `usbip attach -r HOST -b 1-1`.", valueName: "host:port"))
    var usbip: String?

    @Option(
        help: ArgumentHelp(
            "The USB device that --usbip makes of it: acm, ftdi, carelink or phdc (default: what such a pump is).",
            valueName: "kind"))
    var usb: String?

    @Option(
        help: ArgumentHelp(
            "The serial number that the USB device tells (default: the pump's; empty: it has none).",
            valueName: "text"))
    var usbSerial: String?

    @Option(help: "Simulated seconds that pass in a real one, after ready.")
    var speed: Double = 1

    @Flag(help: "Hold the line to its baud: 10 bits a byte, one direction at a time.")
    var pace = false

    @Option(help: "Bits a second of a paced line.")
    var baud = Wire.usualBaud

    @Option(help: ArgumentHelp("Write a recorded download, as `pumpledger replay` reads it.", valueName: "file"))
    var recording: String?

    @Option(help: ArgumentHelp("Write the raw log: history pages, or the whole ring.", valueName: "folder"))
    var pages: String?

    func validate() throws {
        if [pty, tcp, connect, usbip].compactMap({ $0 }).count > 1 {
            throw ValidationError("Give one of --pty, --tcp, --connect and --usbip.")
        }
        if usbip == nil, usb != nil || usbSerial != nil {
            throw ValidationError("--usb and --usb-serial go with --usbip.")
        }
        if let usb, UsbKind(rawValue: usb) == nil {
            throw ValidationError(
                "--usb: \"\(usb)\" is not simulated; there are "
                    + UsbKind.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        if !(300...4_000_000).contains(baud) { throw ValidationError("--baud must be from 300 to 4000000.") }
        if baud != Wire.usualBaud, !pace {
            throw ValidationError("--baud is the speed of a paced line: give --pace too.")
        }
        if !(speed > 0 && speed <= 1_000_000) { throw ValidationError("--speed must be above 0 and at most 1000000.") }
    }

    func write(_ simulation: Simulation) throws {
        if let recording { try put(try simulation.recordDownload().text, at: recording) }
        if let pages {
            try FileManager.default.createDirectory(atPath: pages, withIntermediateDirectories: true)
            for file in simulation.rawLog { try put(file.bytes, at: pages + "/" + file.name) }
        }
    }

    private func function(of simulation: Simulation) -> any UsbFunction {
        let kind = usb.flatMap(UsbKind.init) ?? UsbKind(usualFor: simulation.scenario.family)
        let serial = usbSerial ?? simulation.serial
        return kind.function(name: "Simulated \(simulation.model)", serial: serial.isEmpty ? nil : serial)
    }

    /// Serves until it is stopped, where a line was asked for.
    func serve(_ simulation: Simulation, faults: [LineFault]) throws {
        let outlet: any Outlet
        if let usbip {
            outlet = try UsbIpPort(usbip, as: function(of: simulation), mayLeaveLoopback: anywhere)
        } else if let pty {
            outlet = try PseudoTerminal(link: pty)
        } else if let tcp {
            outlet = try TCPPort(tcp, mayLeaveLoopback: anywhere)
        } else if let connect {
            outlet = try TCPCaller(connect)
        } else {
            return
        }
        let service = Service(
            simulation, at: outlet, faults: faults, baud: pace ? baud : nil, speed: speed, readsInput: true,
            report: printLine)
        defer { outlet.unplug() }
        try service.run()
    }
}
