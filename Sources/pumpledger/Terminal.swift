import Foundation
import LedgerService
import Reports

/// Data goes to standard output, messages to standard error.
enum Terminal {
    static func print(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    static func message(_ text: String) {
        FileHandle.standardError.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    static func messages(_ lines: [String]) {
        for line in lines { message(SafeText.terminal(line, limit: 2000)) }
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
