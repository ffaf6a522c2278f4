import Register

/// One patient, one pump, two orders: what the rows under test refer to.
let smallRegister = [
    "patients.csv": """
    patient_id,home_zone,payer
    P1,America/New_York,medicare-dme

    """,
    "pumps.csv": """
    pump_serial,hcpcs,ownership
    M1,E0781,rented

    """,
    "orders.csv": """
    order_id,patient_id,drug,mode,starts_at,container
    O1,P1,foscarnet,intermittent,2026-10-01,bag
    O2,P1,milrinone,continuous,2026-10-01,bag

    """,
]

/// The entries of a folder with these files.
func entries(_ files: [String: String], existing: [RegisterEntry] = []) throws(RegisterErrors) -> [RegisterEntry] {
    try RegisterImport.read(folder: files.mapValues { Array($0.utf8) }, existing: existing)
}

/// The small register with these files beside it or in place of its own.
func register(with files: [String: String] = [:]) throws(RegisterErrors) -> SupplyRegister {
    try SupplyRegister(entries: try entries(smallRegister.merging(files) { $1 }))
}
