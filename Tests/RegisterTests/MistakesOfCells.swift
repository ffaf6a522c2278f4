let mistakesOfCells: [Mistake] = [
    Mistake(
        "an empty field that must be filled", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,

        """,
        says: """
            deliveries.csv:2:24 quantity
              |
            2 | D1,O1,A4222,2026-10-01,
              |                        ^
            The field is empty.
            This column must be filled in every row.
            """),
    Mistake(
        "an id of 129 characters", in: "patients.csv",
        "patient_id,home_zone,payer\n" + String(repeating: "P", count: 129) + ",UTC,medicare-dme\n",
        says: """
            patients.csv:2:1 patient_id
              |
            2 | PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP…
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            The text has more than 128 characters.
            Shorten it.
            """),
    Mistake(
        "an id that hides a character", in: "patients.csv",
        "patient_id,home_zone,payer\nP1\u{200B},UTC,medicare-dme\n",
        says: """
            patients.csv:2:1 patient_id
              |
            2 | P1·,UTC,medicare-dme
              | ^^^
            The text holds a control character, or one that hides or reorders text.
            Delete it; copying the visible text by hand helps.
            """),
    Mistake(
        "an id that ends with a blank", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1 ,UTC,medicare-dme

        """,
        says: """
            patients.csv:2:1 patient_id
              |
            2 | P1 ,UTC,medicare-dme
              | ^^^
            The id begins or ends with a blank.
            Delete the blank.
            """),
    Mistake(
        "a day that no calendar has", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-02-29,60

        """,
        says: """
            deliveries.csv:2:13 date
              |
            2 | D1,O1,A4222,2026-02-29,60
              |             ^^^^^^^^^^
            This is not a day of the calendar.
            Write it as YYYY-MM-DD: 2026-10-05.
            """),
    Mistake(
        "a time that no clock shows", in: "stays.csv",
        """
        patient_id,admitted_at,kind
        P1,2026-10-01T24:00,planned

        """,
        says: """
            stays.csv:2:4 admitted_at
              |
            2 | P1,2026-10-01T24:00,planned
              |    ^^^^^^^^^^^^^^^^
            This is neither a day nor a time of the calendar.
            Write 2026-10-05, 2026-10-05T06:00 or 2026-10-05T06:00-04:00.
            """),
    Mistake(
        "an abbreviation for a zone", in: "patients.csv",
        """
        patient_id,home_zone,payer
        P1,EST,medicare-dme

        """,
        says: """
            patients.csv:2:4 home_zone
              |
            2 | P1,EST,medicare-dme
              |    ^^^
            This is not the IANA name of a time zone.
            Write a name such as America/New_York; abbreviations and offsets hide daylight saving.
            """),
    Mistake(
        "a word that the column does not know", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container
        O1,P1,foscarnet,Intermittent,2026-10-01,bag

        """,
        says: """
            orders.csv:2:17 mode
              |
            2 | O1,P1,foscarnet,Intermittent,2026-10-01,bag
              |                 ^^^^^^^^^^^^
            The column does not know this word.
            Write one of: intermittent, prolonged-dose, continuous.
            """),
    Mistake(
        "a quantity with a point", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,60.0

        """,
        says: """
            deliveries.csv:2:24 quantity
              |
            2 | D1,O1,A4222,2026-10-01,60.0
              |                        ^^^^
            This is not a whole number.
            Write digits only, without sign, point, comma or blank: 30.
            """),
    Mistake(
        "a quantity with a sign", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,A4222,2026-10-01,-1

        """,
        says: """
            deliveries.csv:2:24 quantity
              |
            2 | D1,O1,A4222,2026-10-01,-1
              |                        ^^
            This is not a whole number.
            Write digits only, without sign, point, comma or blank: 30.
            """),
    Mistake(
        "a number with an exponent", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,usable_ml
        O1,P1,foscarnet,intermittent,2026-10-01,bag,1e3

        """,
        says: """
            orders.csv:2:45 usable_ml
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,1e3
              |                                             ^^^
            This is not a number as the column takes it.
            Write digits, with a point and at most 6 decimals: 2.5; no sign, comma, unit or exponent.
            """),
    Mistake(
        "nothing as a volume", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,usable_ml
        O1,P1,foscarnet,intermittent,2026-10-01,bag,0

        """,
        says: """
            orders.csv:2:45 usable_ml
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,0
              |                                             ^
            The number is not between 0.001 and 100000.
            Correct the number.
            """),
    Mistake(
        "no catheter", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,catheters
        O1,P1,foscarnet,intermittent,2026-10-01,bag,0

        """,
        says: """
            orders.csv:2:45 catheters
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,0
              |                                             ^
            The number is not between 1 and 100.
            Correct the number.
            """),
    Mistake(
        "no dose in a container", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,doses_per_container
        O1,P1,foscarnet,intermittent,2026-10-01,bag,0

        """,
        says: """
            orders.csv:2:45 doses_per_container
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,0
              |                                             ^
            The number is not between 1 and 10000.
            Correct the number.
            """),
    Mistake(
        "a code in small letters", in: "deliveries.csv",
        """
        delivery_id,order_id,hcpcs,date,quantity
        D1,O1,a4222,2026-10-01,60

        """,
        says: """
            deliveries.csv:2:7 hcpcs
              |
            2 | D1,O1,a4222,2026-10-01,60
              |       ^^^^^
            This is not an HCPCS code.
            Write a capital letter and four digits: A4222.
            """),
    Mistake(
        "codes with a comma", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,drug_hcpcs
        O1,P1,foscarnet,intermittent,2026-10-01,bag,"J1455,J2260"

        """,
        says: """
            orders.csv:2:45 drug_hcpcs
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,"J1455,J2260"
              |                                             ^^^^^^^^^^^^^
            This is not a list of HCPCS codes.
            Write a capital letter and four digits; separate two codes with a semicolon: J1455;J2260.
            """),
    Mistake(
        "a code of a visit", in: "billed.csv",
        """
        order_id,hcpcs,from,to,units
        O1,99601,2026-10-01,2026-10-31,60

        """,
        says: """
            billed.csv:2:4 hcpcs
              |
            2 | O1,99601,2026-10-01,2026-10-31,60
              |    ^^^^^
            This is not an HCPCS code.
            Write a capital letter and four digits: A4222; or per-diem.
            """),
    Mistake(
        "times of the day in words", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,dose_times
        O1,P1,foscarnet,intermittent,2026-10-01,bag,6am;6pm

        """,
        says: """
            orders.csv:2:45 dose_times
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,6am;6pm
              |                                             ^^^^^^^
            These are not times of the day.
            Write hours and minutes, separated by semicolons: 06:00;18:00.
            """),
    Mistake(
        "times of the day that fall", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,dose_times
        O1,P1,foscarnet,intermittent,2026-10-01,bag,18:00;06:00

        """,
        says: """
            orders.csv:2:45 dose_times
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,18:00;06:00
              |                                             ^^^^^^^^^^^
            The times do not ascend, or one stands twice.
            Write each time once, the earliest first: 06:00;18:00.
            """),
    Mistake(
        "a time of the day twice", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,dose_times
        O1,P1,foscarnet,intermittent,2026-10-01,bag,06:00;06:00

        """,
        says: """
            orders.csv:2:45 dose_times
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,06:00;06:00
              |                                             ^^^^^^^^^^^
            The times do not ascend, or one stands twice.
            Write each time once, the earliest first: 06:00;18:00.
            """),
    Mistake(
        "nine digits for an NPI", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,prescriber_npi
        O1,P1,foscarnet,intermittent,2026-10-01,bag,123456789

        """,
        says: """
            orders.csv:2:45 prescriber_npi
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,123456789
              |                                             ^^^^^^^^^
            An NPI has ten digits.
            Write its digits only: 1234567893.
            """),
    Mistake(
        "an NPI with two digits changed", in: "orders.csv",
        """
        order_id,patient_id,drug,mode,starts_at,container,prescriber_npi
        O1,P1,foscarnet,intermittent,2026-10-01,bag,1234567839

        """,
        says: """
            orders.csv:2:45 prescriber_npi
              |
            2 | O1,P1,foscarnet,intermittent,2026-10-01,bag,1234567839
              |                                             ^^^^^^^^^^
            The check digit of the NPI is wrong.
            Compare it with the order: a digit is wrong, or two have changed places.
            """),
    Mistake(
        "a modifier of three letters", in: "billed.csv",
        """
        order_id,hcpcs,from,to,units,modifiers
        O1,A4222,2026-10-01,2026-10-31,60,KX;RRR

        """,
        says: """
            billed.csv:2:35 modifiers
              |
            2 | O1,A4222,2026-10-01,2026-10-31,60,KX;RRR
              |                                   ^^^^^^
            A modifier is two capital letters or digits.
            Separate several with a semicolon or a blank: KX;RR.
            """),
]
