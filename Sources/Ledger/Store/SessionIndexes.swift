/// What belongs to one session is found without looking at that of all the others: a month asks it of every pump.
enum SessionIndexes {
    static let sql = """
        CREATE INDEX clock_by_session ON clock (session);
        CREATE INDEX gap_by_session ON gap (session);
        CREATE INDEX identity_by_session ON identity (session);
        """
}
