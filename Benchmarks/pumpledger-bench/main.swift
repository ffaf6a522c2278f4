import Foundation

// scripts/bench calls it:
//   pumpledger-bench FOLDER "PAGES SECONDS RECORDS of decocare" PAGE…
//   pumpledger-bench --miva FOLDER PORT EVENTS "EVENTS SECONDS of the manufacturer's reader"
let arguments = Array(CommandLine.arguments.dropFirst())
var figures: [Figure] = []
if arguments.first == "--miva", arguments.count == 5, let events = Int(arguments[3]) {
    figures += try await MivaDownloadBenchmark.run(
        port: arguments[2], events: events, peerLine: arguments[4].isEmpty ? nil : arguments[4],
        in: URL(filePath: arguments[1]))
} else if arguments.count >= 2 {
    let peer = arguments[1].isEmpty ? nil : arguments[1]
    if arguments.count > 2 {
        if let figure = try DecodeBenchmark.run(pages: Array(arguments.dropFirst(2)), peerLine: peer) {
            figures.append(figure)
        }
    }
    figures.append(try IngestBenchmark.run(in: URL(filePath: arguments[0])))
} else {
    print("usage: see scripts/bench")
    exit(2)
}
for figure in figures { print(figure.line) }
exit(figures.allSatisfy(\.isMet) ? 0 : 1)
