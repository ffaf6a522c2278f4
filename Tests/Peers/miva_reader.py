"""Reads a MIVA with the manufacturer's own reader, as it comes, and prints what it understood as one JSON line.

    python3 miva_reader.py PORT EVENTS        (EVENTS -1: all)

The reader waits 50 ms for a reply, asks once, and takes a reply that comes later for the next one's. On a machine that is
busy for a moment that costs an event, and says nothing about the replies: an event is asked for again until the reply
names it. Every question and every reply is still made and understood by the reader's own code.
"""

import contextlib
import io
import json
import sys
import time

import serial
from pyZynoUnifiedDrivers.miva.module_miva import Miva


class PatientMiva(Miva):
    """Asks again for an event where the reader would go on without it."""

    repeated = 0

    def query(self, sent_text):
        for _ in range(5):
            with contextlib.suppress(serial.SerialTimeoutException):
                text = super().query(sent_text)
                # A reply to RE begins with the question: the command and the event's index.
                if sent_text[:2] != "RE" or text[:10] == sent_text:
                    return text
            self.repeated += 1
            time.sleep(0.5)
            self.serial.reset_input_buffer()
        return ""


def main():
    port, wanted = sys.argv[1], int(sys.argv[2])
    # It prints as it goes, and what it gave up on is told nowhere else.
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        miva = PatientMiva(port)
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
    heard["repeated"] = miva.repeated
    heard["lost"] = printed.getvalue().count("Reading [Event Log] Failed")
    print(json.dumps(heard))


main()
