import Foundation

// usage: pumpledger-bench FOLDER PEER-LINE PAGE…   (scripts/bench calls it)
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
    print("usage: pumpledger-bench FOLDER \"PAGES SECONDS RECORDS of decocare\" PAGE…")
    exit(2)
}
let peer = arguments[1].isEmpty ? nil : arguments[1]
var figures: [Figure] = []
if arguments.count > 2 {
    if let figure = try DecodeBenchmark.run(pages: Array(arguments.dropFirst(2)), peerLine: peer) {
        figures.append(figure)
    }
}
figures.append(try IngestBenchmark.run(in: URL(filePath: arguments[0])))
for figure in figures { print(figure.line) }
exit(figures.allSatisfy(\.isMet) ? 0 : 1)
