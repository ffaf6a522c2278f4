"""Reads a Paradigm through a CareLink stick with decocare, as it comes, and prints what it understood as one JSON line.

    python2.7 decocare_reader.py PORT SERIAL
"""

from __future__ import print_function

import json
import logging
import sys

from decocare import commands, history, link, models, session, stick


def field(record, *names):
    """A field of a record or of one of the parts that decocare appends to it."""
    for part in [record] + list(record.get("appended", [])):
        for name in names:
            if name in part:
                return part[name]
    return None


def main():
    logging.disable(logging.CRITICAL)
    port, serial = sys.argv[1:3]
    usb = stick.Stick(link.Link(port))
    usb.open()
    pump = session.Pump(usb, serial)
    pump.power_control(minutes=10)
    model = pump.read_model().getData()
    heard = {"model": model, "clock": str(pump.query(commands.ReadRTC).getData())}
    oldest = int(pump.query(commands.ReadCurPageNumber).getData())
    heard["pages"] = oldest
    records = []
    for number in range(oldest, -1, -1):
        raw = bytearray(pump.query(commands.ReadHistoryData, params=[number]).data)
        page = history.HistoryPage(raw, getattr(models, "Model" + model)(model, None))
        # decocare puts the newest first.
        for record in reversed(page.decode()):
            records.append({
                "type": record["_type"],
                "timestamp": str(record.get("timestamp")),
                "amount": field(record, "amount"),
                "programmed": field(record, "programmed"),
                "kind": field(record, "type"),
            })
    heard["records"] = records
    print(json.dumps(heard))


main()
