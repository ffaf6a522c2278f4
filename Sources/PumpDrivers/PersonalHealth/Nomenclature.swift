/// Codes of IEEE 11073-10101 that this driver reads or sends, in their 16-bit form.
enum Nomenclature {
    enum ObjectClass {
        static let enumeration: UInt16 = 5
        static let numeric: UInt16 = 6
        static let system: UInt16 = 37
        static let store: UInt16 = 61
        static let segment: UInt16 = 62
    }

    enum AttributeID {
        static let instanceNumber: UInt16 = 2338
        static let model: UInt16 = 2344
        static let production: UInt16 = 2349
        static let type: UInt16 = 2351
        static let storeUsage: UInt16 = 2372
        static let segmentCount: UInt16 = 2385
        static let segmentUsage: UInt16 = 2427
        static let systemID: UInt16 = 2436
        static let systemType: UInt16 = 2438
        static let absoluteTime: UInt16 = 2439
        static let segmentEnd: UInt16 = 2442
        static let segmentStart: UInt16 = 2450
        static let configurationID: UInt16 = 2628
        /// Of an enumeration: a code of 16 bits.
        static let enumeratedCode: UInt16 = 2633
        static let storeCapability: UInt16 = 2637
        static let segmentMap: UInt16 = 2638
        /// Of a numeric: a FLOAT.
        static let simpleNumber: UInt16 = 2646
        static let storeLabel: UInt16 = 2647
        static let segmentLabel: UInt16 = 2648
        static let specializations: UInt16 = 2650
        static let clearTimeout: UInt16 = 2659
        static let transferTimeout: UInt16 = 2660
    }

    enum Event {
        static let configuration: UInt16 = 3356
        static let fixedScan: UInt16 = 3357
        static let variableScan: UInt16 = 3358
        static let personFixedScan: UInt16 = 3359
        static let personVariableScan: UInt16 = 3360
        static let segmentData: UInt16 = 3361
    }

    enum Action {
        static let segmentInfo: UInt16 = 3085
        static let transferSegment: UInt16 = 3100
    }

    /// Configurations from here on are the device's own; below are those of a specialization.
    static let firstExtendedConfiguration: UInt16 = 0x4000

    /// What a device of a standard configuration is (device specializations 11073-10404, 10407, 10415, 10417).
    static let standardDevices: [UInt16: String] = [
        0x0190: "a pulse oximeter", 0x02BC: "a blood pressure monitor", 0x05DC: "a weighing scale",
        0x06A4: "a glucose meter",
    ]
}
