import ArgumentParser

@main
struct PumpLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pumpledger")
}
