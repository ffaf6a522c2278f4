import Foundation
import LedgerService
import Reports

/// Data goes to standard output, messages to standard error.
enum Terminal {
    /// Ends the program where the output cannot be written: a reader that went away is nobody's fault, a full disk is
    /// said.
    static func print(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            if errno != EPIPE {
                message("Error: the output could not be written: \(String(cString: strerror(errno)))")
            }
            exit(errno == EPIPE ? 0 : ServiceError.Kind.badInput.rawValue)
        }
    }

    static func message(_ text: String) {
        // Where even this cannot be written there is nobody left to tell.
        try? FileHandle.standardError.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// An excerpt and its underline take several lines; what stands in each is made harmless by itself.
    static func messages(_ lines: [String]) {
        for line in lines.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
            message(SafeText.terminal(String(line), limit: 2000))
        }
    }

    static func complain(_ error: ServiceError) {
        messages(["Error: " + error.message] + (error.remedy.map { [$0] } ?? []))
    }

    /// One sheet after the other, in the format asked for.
    static func show(_ sheets: [Sheet], csv: Bool) {
        if csv {
            for sheet in sheets { print(CSVReport.render(sheet)) }
        } else {
            print(sheets.map(TextReport.render).joined(separator: "\n"))
        }
    }
}
