let mistakesOfRows: [Mistake] = [
    Mistake(
        "a row with a field too many", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,60,left at the door, signed

        """,
        says: """
            deliveries.csv:2:27
              |
            2 | D1,O1,A4222,2026-10-01,60,left at the door, signed
              |                           ^^^^^^^^^^^^^^^^
            The row has 7 fields, the header names 5.
            Put quotes around a text that holds a comma; an empty field keeps its comma.
            """),
    Mistake(
        "a row with a field too few", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01

        """,
        says: """
            deliveries.csv:2:13
              |
            2 | D1,O1,A4222,2026-10-01
              |             ^^^^^^^^^^
            The row has 4 fields, the header names 5.
            Put quotes around a text that holds a comma; an empty field keeps its comma.
            """),
    Mistake(
        "a row of commas", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,60
        ,,,,

        """,
        says: """
            deliveries.csv:3:1
              |
            3 | ,,,,
              | ^
            The row is empty.
            Delete it; spreadsheets leave such rows at the end.
            """),
    Mistake(
        "a key twice", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,60
        D2,O1,A4222,2026-10-02,60
        D1,O1,A4222,2026-10-03,60

        """,
        says: """
            deliveries.csv:4:1 delivery_id
              |
            4 | D1,O1,A4222,2026-10-03,60
              | ^^
            Line 2 has the same `delivery_id`.
            Keep one of the two rows.
            """),
    Mistake(
        "a key of four columns twice", in: "assignments.csv",
        """
        pump_serial,channel,order_id,from,to
        M1,1,O1,2026-10-01,2026-10-05
        M1,,O1,2026-10-01T00:00,

        """,
        says: """
            assignments.csv:3:1 pump_serial
              |
            3 | M1,,O1,2026-10-01T00:00,
              | ^^
            Line 2 has the same `pump_serial`, `channel`, `order_id` and `from`.
            Keep one of the two rows.
            """),
    Mistake(
        "an order that nobody knows", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O9,A4222,2026-10-01,60

        """,
        says: """
            deliveries.csv:2:4 order_id
              |
            2 | D1,O9,A4222,2026-10-01,60
              |    ^^
            No row of orders.csv and none in the ledger has this `order_id`.
            Correct it, or add the row to orders.csv.
            """),
    Mistake(
        "a pump that nobody knows", in: "assignments.csv",
        """
        pump_serial,channel,order_id,from,to
        M9,,O1,2026-10-01,

        """,
        says: """
            assignments.csv:2:1 pump_serial
              |
            2 | M9,,O1,2026-10-01,
              | ^^
            No row of pumps.csv and none in the ledger has this `pump_serial`.
            Correct it, or add the row to pumps.csv.
            """),
    Mistake(
        "a patient that nobody knows", in: "stays.csv",
        """
        patient_id,admitted_at,kind
        P9,2026-10-01,planned

        """,
        says: """
            stays.csv:2:1 patient_id
              |
            2 | P9,2026-10-01,planned
              | ^^
            No row of patients.csv and none in the ledger has this `patient_id`.
            Correct it, or add the row to patients.csv.
            """),
    Mistake(
        "times and an interval", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,dose_times,dose_interval_hours
        O1,P1,foscarnet,intermittent,2026-10-01,bag,06:00;18:00,12

        """,
        says: """
            orders.csv:2:57 dose_interval_hours
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,06:00;18:00,12
              |                                                         ^^
            The row has `dose_times` and `dose_interval_hours`.
            Leave one of the two empty.
            """),
    Mistake(
        "an end before the start", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,ends_at
        O1,P1,foscarnet,intermittent,2026-10-01,bag,2026-09-30

        """,
        says: """
            orders.csv:2:45 ends_at
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,2026-09-30
              |                                             ^^^^^^^^^^
            This is not after `starts_at`.
            Correct one of the two, or leave this one empty while it is not known.
            """),
    Mistake(
        "an assignment of no length", in: "assignments.csv",
        """
        pump_serial,channel,order_id,from,to
        M1,,O1,2026-10-01T06:00,2026-10-01T06:00

        """,
        says: """
            assignments.csv:2:25 to
              |
            2 | M1,,O1,2026-10-01T06:00,2026-10-01T06:00
              |                         ^^^^^^^^^^^^^^^^
            This is not after `from`.
            Correct one of the two, or leave this one empty while it is not known.
            """),
    Mistake(
        "a service that ends before it begins", in: "billed.csv",
        """
        order_id,hcpcs,from,to,units
        O1,A4222,2026-10-31,2026-10-01,60

        """,
        says: """
            billed.csv:2:21 to
              |
            2 | O1,A4222,2026-10-31,2026-10-01,60
              |                     ^^^^^^^^^^
            This is not after `from`.
            Correct one of the two, or leave this one empty while it is not known.
            """),
    Mistake(
        "two orders on one channel", in: "assignments.csv",
        """
        pump_serial,channel,order_id,from,to
        M1,,O1,2026-10-01,
        M1,1,O2,2026-10-15,

        """,
        says: """
            assignments.csv:3:1 pump_serial
              |
            3 | M1,1,O2,2026-10-15,
              | ^^
            This channel of the pump serves another order at that time: line 2.
            End the earlier assignment in its column `to`, or correct pump or channel.
            """),
]

let mistakesOfEvents: [Mistake] = [
    Mistake(
        "a sequence twice with other content", in: "events.csv",
        """
        pump_serial,sequence,device_time,kind,note
        M1,1,2026-10-01T06:00,dose-completed,
        M1,1,2026-10-01T18:00,dose-completed,

        """,
        says: """
            events.csv:3:4 sequence
              |
            3 | M1,1,2026-10-01T18:00,dose-completed,
              |    ^
            Line 2 has the same sequence with other content.
            Give every event of a pump a number of its own.
            """),
    Mistake(
        "a clock change that does not say to what", in: "events.csv",
        """
        pump_serial,sequence,device_time,kind,note
        M1,1,2026-10-01T06:00,clock-changed,battery

        """,
        says: """
            events.csv:2:37 note
              |
            2 | M1,1,2026-10-01T06:00,clock-changed,battery
              |                                     ^^^^^^^
            The row does not say what the pump's clock was set to.
            Write the new device time in the note: 2026-10-05T06:00.
            """),
    Mistake(
        "a device time with an offset", in: "events.csv",
        """
        pump_serial,sequence,device_time,kind,note
        M1,1,2026-10-01T06:00Z,dose-completed,

        """,
        says: """
            events.csv:2:6 device_time
              |
            2 | M1,1,2026-10-01T06:00Z,dose-completed,
              |      ^^^^^^^^^^^^^^^^^
            This is not a time of the calendar.
            Write it as YYYY-MM-DDTHH:MM[:SS], without offset: 2026-10-05T06:00.
            """),
]
