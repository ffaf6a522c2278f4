extension Simulation {
    /// A download of the whole log as the simulator's own reader makes it. The simulation itself is not changed by it.
    package func recordDownload() throws -> SessionRecording {
        guard let stick = device.stick else { return SessionRecording() }
        return try ParadigmHost.record(stick, at: now)
    }

    /// The raw log as files: history pages of 1,024 bytes, the newest `page-0.bin`.
    package var rawLog: [(name: String, bytes: [UInt8])] {
        guard let pump = device.stick?.pump else { return [] }
        return (0..<pump.pageCount).map { ("page-\($0).bin", pump.page($0)) }
    }
}
