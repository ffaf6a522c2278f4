"""Runs the suite of the bulk link against a device on a mocked bus, and looks at what the device saw.

Usage: umockdev-wrapper /usr/bin/python3 bulk.py COMMAND…; the command runs with MOCKED_DEVICE set. The device must be
given back: every transfer reaped, the interface released, the kernel driver put on again.
"""

import os
import subprocess
import sys

from bus import Bus
from phdc import Device, descriptors

bus = Bus()
device = Device()
plugged = bus.plug_device("1-2", 2, descriptors(), device)
device.on_yank = lambda: bus.pull(plugged)
command = subprocess.run(
    sys.argv[1:], stdin=subprocess.DEVNULL,
    # umockdev sets the second one behind Python's back.
    env={**os.environ, "MOCKED_DEVICE": "/dev/bus/usb/001/002", "UMOCKDEV_DIR": bus.root})
wrong = []
if device.submitted == 0:
    wrong.append("the device heard nothing")
if device.reaped != device.submitted:
    wrong.append("%d transfers were begun, %d taken back" % (device.submitted, device.reaped))
if device.claimed and not device.gone:
    wrong.append("the interface was not released")
print("the bulk link: %d transfers begun, %d taken back%s" % (
    device.submitted, device.reaped, "".join("; WRONG: " + what for what in wrong)), flush=True)
os._exit(1 if wrong or command.returncode else 0)
