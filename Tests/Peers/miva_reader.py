"""Reads a MIVA with the manufacturer's own reader, as it comes, and prints what it understood as one JSON line.

    python3 miva_reader.py PORT EVENTS        (EVENTS -1: all)
"""

import contextlib
import io
import json
import sys
import time

from pyZynoUnifiedDrivers.miva.module_miva import Miva


def main():
    port, wanted = sys.argv[1], int(sys.argv[2])
    # It prints as it goes, and what it gave up on is told nowhere else.
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        miva = Miva(port)
        heard = {
            "serial": miva.get_pump_sn(),
            "firmware": miva.get_firmware_version(),
            "total": miva.get_total_volume_infused(),
            "clock": miva.read_pump_time(),
            "clock_at": time.time(),
        }
        heard.update(miva.read_event_log_indices())
        started = time.time()
        heard["events"] = miva.read_multiple_event_log(wanted)
        heard["seconds"] = time.time() - started
        miva.close()
    heard["lost"] = printed.getvalue().count("Reading [Event Log] Failed")
    print(json.dumps(heard))


main()
