"""A session of records is killed at each of its system calls, and each of its calls is made to fail.

fault.c, preloaded into the writer, is what kills and what fails. It counts over all threads and does real short writes,
both of which an injection from outside (`strace -e inject`) cannot.

Usage: system_calls.py kills | errors
"""

import os
import shutil
import subprocess
import sys
import tempfile

from common import WRITER, acknowledged, figure, finish, here, in_parallel, sized, spread

RECORDS = sized("KILL_RECORDS", 50, 50, 200) if sys.argv[1:] == ["kills"] else sized("ERROR_RECORDS", 50, 50, 50)
folder = tempfile.mkdtemp(prefix="pl-torture-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
library = os.path.join(folder, "fault.so")
subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, os.path.join(here, "fault.c")], check=True)


def write(name, calls, at, kind, sticky=False, control=""):
    """One session with one fault in it. Returns where the ledger is, what was said, and the log of the calls."""
    place = os.path.join(folder, name)
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    log = place + ".log"
    if os.path.exists(log):
        os.unlink(log)
    environment = {
        **os.environ, "LD_PRELOAD": library, "FAULT_UNDER": place + "/", "FAULT_CALLS": calls, "FAULT_AT": str(at),
        "FAULT_KIND": kind, "FAULT_LOG": log, **({"FAULT_STICKY": "1"} if sticky else {})}
    ledger = os.path.join(place, "l.db")
    done = subprocess.run(
        [WRITER, "write", ledger, str(RECORDS), "10", control, os.path.join(place, "copy.db")],
        env=environment, stdout=subprocess.PIPE, text=True, timeout=60)
    lines = open(log).read().split("\n") if os.path.exists(log) else []
    return ledger, done, lines


def clear(name):
    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    os.unlink(os.path.join(folder, name) + ".log")


def judged(point, judge):
    calls, at, kind, sticky, control = point
    name = f"{kind}-{calls}-{at}{'-on' if sticky else ''}{control}"
    ledger, done, lines = write(name, calls, at, kind, sticky, control)
    acks = acknowledged(done.stdout)
    faults = [int(line[2:]) for line in lines if line.startswith("F ")]
    verdict = judge.verdict(ledger, acks[-1][0] if acks else 0)
    verdict["point"] = name
    verdict["met"] = bool(faults)
    verdict["late"] = sum(at > faults[0] for _, at in acks) if faults else 0
    verdict["flushed anew"] = lines.count("R")
    verdict["end"] = done.returncode
    verdict["failures"] = done.stdout.count("fail ")
    clear(name)
    return verdict


def is_bad(verdict):
    return verdict["lost"] or verdict["double"] or verdict["problems"]


def tell(bad):
    for verdict in bad[:5]:
        print(verdict)


def kills():
    _, done, lines = write("all", "wsurt", 0, "")
    letters = [line for line in lines if line in tuple("wsurt")]
    kinds = ", ".join(
        f"{letters.count(letter)} {what}" for letter, what in
        (("w", "write"), ("s", "fsync"), ("u", "unlink"), ("r", "rename/link"), ("t", "ftruncate")))
    clear("all")
    numbers = range(1, len(letters) + 1)
    points = [("wsurt", n, "kill", False, "") for n in numbers]
    points += [("wsurt", n, "torn", False, "") for n in numbers if letters[n - 1] == "w"]
    points = spread(points, sized("KILLS", 60, 100_000, 100_000))
    verdicts = list(in_parallel(points, judged))
    bad = [v for v in verdicts if is_bad(v) or v["end"] != -9]
    tell(bad)
    figure(
        f"kill at system call N of a session of {RECORDS} records", f"{len(points)} points ({kinds})",
        f"{sum(v['lost'] > 0 for v in verdicts)} lost, {sum(v['double'] > 0 for v in verdicts)} double, "
        f"{sum(v['problems'] > 0 for v in verdicts)} not sound", not bad)
    points = spread([("w", n, "kill", False, "early") for n in range(1, letters.count("w") + 1)], 30)
    verdicts = list(in_parallel(points, judged))
    figure(
        "– control: acknowledging before storing must lose", f"{len(points)} points",
        f"{sum(v['lost'] > 0 for v in verdicts)} lost", any(v["lost"] for v in verdicts))


def errors():
    _, _, lines = write("all", "wsurt", 0, "")
    letters = [line for line in lines if line in tuple("wsurt")]
    clear("all")
    most = sized("ERRORS", 20, 100_000, 100_000)
    for kind, called, calls in (
        ("eio", "EIO", "wsurt"), ("enospc", "ENOSPC", "wsurt"), ("short", "short write", "w")
    ):
        count = sum(letter in calls for letter in letters)
        for sticky in (False, True):
            points = spread([(calls, n, kind, sticky, "") for n in range(1, count + 1)], most)
            verdicts = list(in_parallel(points, judged))
            # Half of a write, and half of the rest, and so on, is a write in the end: that may go on for ever.
            late = [v for v in verdicts if sticky and kind != "short" and v["late"]]
            bad = [v for v in verdicts if is_bad(v) or not v["met"] or v["flushed anew"]] + late
            tell(bad)
            figure(
                f"{called} at call N, {'from then on' if sticky else 'once'}", f"{len(points)} points",
                f"{sum(v['lost'] > 0 for v in verdicts)} lost, {sum(v['double'] > 0 for v in verdicts)} double, "
                f"{sum(v['problems'] > 0 for v in verdicts)} not sound, "
                f"{sum(v['flushed anew'] > 0 for v in verdicts)} flushed anew"
                + (f", {len(late)} acknowledged after it" if sticky and kind != "short" else ""), not bad)
    points = spread([("w", n, "eio", True, "fleeting") for n in range(1, letters.count("w") + 1)], 20)
    verdicts = list(in_parallel(points, judged))
    figure(
        "– control: a failed step called stored must lose", f"{len(points)} points",
        f"{sum(v['lost'] > 0 for v in verdicts)} lost", any(v["lost"] for v in verdicts))


try:
    {"kills": kills, "errors": errors}[sys.argv[1]]()
finally:
    shutil.rmtree(folder, ignore_errors=True)
finish()
