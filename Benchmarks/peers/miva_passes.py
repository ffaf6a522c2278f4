"""Reads the whole event log of a MIVA twice with the manufacturer's own reader, as it comes.

    python3 miva_passes.py PORT

Prints "EVENTS SECONDS": what one pass returned, and what both took together, connecting and asking who it is left out.
"""

import contextlib
import io
import sys
import time

from pyZynoUnifiedDrivers.miva.module_miva import Miva

# It prints as it goes.
with contextlib.redirect_stdout(io.StringIO()):
    miva = Miva(sys.argv[1])
    miva.get_pump_sn()
    started = time.monotonic()
    passes = [miva.read_multiple_event_log(-1) for _ in range(2)]
    seconds = time.monotonic() - started
    miva.close()
print(min(len(events) for events in passes), seconds)
