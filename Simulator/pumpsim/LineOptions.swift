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

    @Flag(help: "Let --tcp listen beyond this machine.")
    var anywhere = false

    @Option(help: ArgumentHelp("Serve as a USB device (not implemented).", valueName: "host:port"))
    var usbip: String?

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
        if [pty, tcp, usbip].compactMap({ $0 }).count > 1 {
            throw ValidationError("Give one of --pty, --tcp and --usbip.")
        }
        if !(300...4_000_000).contains(baud) { throw ValidationError("--baud must be from 300 to 4000000.") }
        if baud != Wire.usualBaud, !pace {
            throw ValidationError("--baud is the speed of a paced line: give --pace too.")
        }
        if !(speed > 0 && speed <= 1_000_000) { throw ValidationError("--speed must be above 0 and at most 1000000.") }
    }

    func refuseMissing() throws {
        if usbip != nil { throw NotImplemented(what: "--usbip") }
    }

    func write(_ simulation: Simulation) throws {
        if let recording { try put(try simulation.recordDownload().text, at: recording) }
        if let pages {
            try FileManager.default.createDirectory(atPath: pages, withIntermediateDirectories: true)
            for file in simulation.rawLog { try put(file.bytes, at: pages + "/" + file.name) }
        }
    }

    /// Serves until it is stopped, where a line was asked for.
    func serve(_ simulation: Simulation, faults: [LineFault]) throws {
        let outlet: any Outlet
        if let pty {
            outlet = try PseudoTerminal(link: pty)
        } else if let tcp {
            outlet = try TCPPort(tcp, mayLeaveLoopback: anywhere)
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
