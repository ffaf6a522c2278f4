extension Simulation {
    /// A download of the whole log as the simulator's own reader makes it. The simulation itself is not changed by it.
    package func recordDownload() throws -> SessionRecording {
        if let stick = device.stick { return try ParadigmHost.record(stick, at: now) }
        if let pump = device.miva { return try MivaHost.record(pump, at: now) }
        if let pump = device.phd { return try PhdHost.record(pump, at: now) }
        return SessionRecording()
    }

    /// The raw log as files. Paradigm: history pages of 1,024 bytes, the newest `page-0.bin`. MIVA: `log.bin`, the events
    /// oldest first, and `ring.bin`, every slot of the ring by its index. 11073: `log.bin`, the entries of the store, oldest
    /// first.
    package var rawLog: [(name: String, bytes: [UInt8])] {
        if let pump = device.stick?.pump {
            return (0..<pump.pageCount).map { ("page-\($0).bin", pump.page($0)) }
        }
        if let ring = device.miva?.ring { return [("log.bin", ring.log), ("ring.bin", ring.dump)] }
        if let pump = device.phd { return [("log.bin", pump.log)] }
        return []
    }
}
