import Foundation
import PumpCore
import PumpDrivers
import ReaderProcess
import TestSupport

/// The program of `Tests/PoisonReader`, and the row of its driver.
enum Poison {
    static let program: ReaderProgram = {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = own.appending(path: "poison-reader")
        let path =
            FileManager.default.isExecutableFile(atPath: beside.path)
            ? beside.path : Vectors.checkout.appending(path: ".build/debug/poison-reader").path
        return ReaderProgram(path: path, arguments: ["poison-reader"])
    }()

    static let driver: PumpDriver = {
        var driver = PumpDriver.miva
        driver.name = "poison"
        return driver
    }()

    static func session(_ patience: ReaderPatience = .init(), recordingsIn folder: String? = nil) -> ReaderSession {
        ReaderSession(driver, DecodingHints(), program: program, patience: patience, recordingsIn: folder)
    }

    /// What the device says, and what comes of it.
    static func swallow(_ text: String, _ patience: ReaderPatience = .init()) -> SessionFault? {
        var session = session(patience)
        guard session.start() == [.deadline(milliseconds: 50)] else { return nil }
        for case .fault(let fault) in session.receive(Array(text.utf8)) { return fault }
        return nil
    }
}
