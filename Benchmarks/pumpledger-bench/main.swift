import Foundation

// scripts/bench calls it:
//   pumpledger-bench FOLDER "PAGES SECONDS RECORDS of decocare" PAGE…
//   pumpledger-bench miva FOLDER PORT EVENTS "EVENTS SECONDS of the manufacturer's reader"
// by itself, or for a closer look:
//   pumpledger-bench ingest FOLDER
//   pumpledger-bench months FOLDER [PATIENTS RECORDS-A-DAY]
//   pumpledger-bench write PATH PATIENTS RECORDS-A-DAY
//   pumpledger-bench measure WHAT PATH
let arguments = Array(CommandLine.arguments.dropFirst())
var figures: [Figure] = []
switch (arguments.first, arguments.count) {
case ("measure", 3):
    try MonthBenchmark.measure(arguments[1], arguments[2])
    exit(0)
case ("write", 4):
    try PatientMonths(patients: Int(arguments[2]) ?? 1, recordsADay: Int(arguments[3]) ?? 10).write(to: arguments[1])
    exit(0)
case ("ingest", 2):
    figures.append(try IngestBenchmark.run(in: URL(filePath: arguments[1])))
case ("months", 2):
    figures += try MonthBenchmark.run(in: URL(filePath: arguments[1]))
case ("months", 4):
    let size = PatientMonths(patients: Int(arguments[2]) ?? 1, recordsADay: Int(arguments[3]) ?? 10)
    figures += try MonthBenchmark.run(in: URL(filePath: arguments[1]), sizes: [size])
case ("miva", 5):
    figures += try await MivaDownloadBenchmark.run(
        port: arguments[2], events: Int(arguments[3]) ?? 1, peerLine: arguments[4].isEmpty ? nil : arguments[4],
        in: URL(filePath: arguments[1]))
case (_, 2...):
    if arguments.count > 2 {
        let peer = arguments[1].isEmpty ? nil : arguments[1]
        if let figure = try DecodeBenchmark.run(pages: Array(arguments.dropFirst(2)), peerLine: peer) {
            figures.append(figure)
        }
    }
    let folder = URL(filePath: arguments[0])
    figures.append(try IngestBenchmark.run(in: folder))
    figures += try MonthBenchmark.run(in: folder)
default:
    print("usage: see scripts/bench")
    exit(2)
}
for figure in figures { print(figure.line) }
exit(figures.allSatisfy(\.isMet) ? 0 : 1)
