#!/usr/bin/env python3
"""Lets other people's readers judge the simulator's encoders.

    python3 Tests/Peers/peers.py --pumpsim .build/release/pumpsim [miva] [paradigm] [--events N | --full]

miva      the manufacturer's reader, PyPI pyZynoUnifiedDrivers 0.0.9, run unmodified on a pseudo-terminal
paradigm  decocare 0.0.30 under Python 2.7, run unmodified on a pseudo-terminal

Both are installed on first use into .build-peers/ (ignored by git). What they read is compared, event by event, with the
acts that the simulator says it played (`--acts`), which were never bytes. A reader that cannot be had is skipped, with
the reason printed; where CI=true that is a failure, because CI has them. Exit code: 0 they agree, 1 they do not.
"""

import argparse
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
CACHE = TOP / ".build-peers"

MIVA_PACKAGES = ["pyZynoUnifiedDrivers==0.0.9", "pyserial==3.5"]
DECOCARE_PACKAGES = ["decocare==0.0.30", "pyserial==3.5", "python-dateutil==2.8.2"]
RING = 43264


# Two models of one run must not install the same package twice.
INSTALLING = threading.Lock()


class Skipped(Exception):
    """The reader cannot be had here."""


class Disagreement(Exception):
    """The reader read something else than what was played."""


def install(folder, python, packages, environment=None):
    """Installs packages into a folder of the cache, once."""
    with INSTALLING:
        return install_alone(folder, python, packages, environment)


def install_alone(folder, python, packages, environment):
    target = CACHE / folder
    stamp = target / ".installed"
    if stamp.exists() and stamp.read_text() == " ".join(packages):
        return target
    shutil.rmtree(target, ignore_errors=True)
    command = python + ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(target)]
    try:
        done = subprocess.run(
            command + packages, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(f"{' '.join(packages)} cannot be installed: {error}")
    if done.returncode != 0:
        last = done.stdout.decode(errors="replace").strip().splitlines()[-1:]
        raise Skipped(f"{' '.join(packages)} cannot be installed: {' '.join(last)}")
    stamp.write_text(" ".join(packages))
    return target


class TooBusy(Disagreement):
    """The reader did not wait for replies that came late: that says nothing about them."""


class Pumpsim:
    """A running simulator; leaves with the block."""

    def __init__(self, program, arguments):
        self.process = subprocess.Popen(
            [str(program)] + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        line = self.process.stdout.readline()
        if not line:
            raise Disagreement("pumpsim said nothing: " + self.process.stderr.read().decode(errors="replace"))
        self.ready = json.loads(line)
        self.ready_at = time.time()
        # What it does is not looked at, but has to go somewhere.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.drain.wait(timeout=10)


def instant(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)


def near(a, b, tolerance=0.006):
    return abs(a - b) <= max(tolerance, abs(b) * 1e-6)


# MIVA -----------------------------------------------------------------------------------------------------------------


def miva_expectations(act):
    """What the manufacturer's reader has to say about an act: (type, fields) for each thing that it prints."""
    name = act["act"]
    if name == "delivery-started":
        return [("RUN_INFUSION", {})]
    if name == "delivery-stopped":
        return [("INFUSION_PAUSED", {"vinf (mL)": act["vinf"]})]
    if name == "container-empty":
        return [("CASSETTE_EMPTY_ALARM", {})]
    if name == "container-detached":
        return [("CASSETTE_DETACHED_ALARM", {})]
    if name == "dose-granted":
        return [("DOSE_GRANTED", {"sub_type": "EXTRA_DOSE"})]
    if name == "dose-denied":
        return [("EXTRA_DOSE_DENIED", {"attempted_no.": act["attempts"]})]
    if name == "dose-finished":
        return [("DOSE_FINISH", {"sub_type": "EXTRA_DOSE_FINISH"})]
    if name == "alarm":
        return [("OCCLUSION_ALARM", {"sub_type": "DOWNSTREAM_OCCLUSION"})]
    if name == "alarm-cleared":
        return [("OCCLUSION_ALARM", {"sub_type": "OCCLUSION_CLEARED"})]
    if name == "power-on":
        return [("POWER_ON", {
            "battery_status": "BATTERY_HIGH", "battery_voltage (V)": 3.9, "battery_vinf (mL)": act["vinf"]})]
    if name == "power-off":
        return [("POWER_OFF", {"battery_voltage (V)": 3.9, "battery_vinf (mL)": act["vinf"]})]
    if name == "battery-low":
        return [("BATTERY", {"battery_status": "BATTERY_LOW (b'00000010')"})]
    if name == "time-stamp":
        return [("TIME_STAMP", {})]
    if name == "shift-total-cleared":
        return [("CLEAR_SHIFT_TOTAL", {})]
    if name == "setting":
        copy = [
            ("INFUSION_DATA", {"infusion_data_frame": "INFUSION_DATA_BEGIN"}),
            (None, {
                "name": "Daily 1", "cont_dose_rate": act["rate"], "vtbi": act["volume"],
                "extra_dose": act["extraDose"], "extra_dose_lockout": act["lockoutSeconds"]}),
            ("INFUSION_DATA", {"infusion_data_frame": "INFUSION_DATA_END"}),
        ]
        # Begin, two blocks and end are four slots; where the program is new, two more stand before them.
        if len(act["raw"]) == 4:
            return copy
        return [
            ("AUTHENTICATION", {"auth code": 1}),
            ("SETTING_CHANGE", {"parameter_index": "RATE", "new_value": act["rate"]}),
        ] + copy
    raise Disagreement(f"no expectation is written for the act {name}")


def check_miva(program, events, full):
    library = install("zyno", [sys.executable], MIVA_PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        # The reader takes names such as com77 or /dev/ttyusb77, in small letters.
        link, acts = os.path.join(folder, "com77"), os.path.join(folder, "acts.jsonl")
        scenario = os.path.join(folder, "wrapped.json")
        with open(scenario, "w") as file:
            # The ring has gone round, and the newest thousand events lie on both sides of the seam.
            json.dump({"like": "antibiotic-q12h", "from": "2026-10-01", "olderEvents": RING}, file)
        arguments = ["miva", "--scenario", scenario, "--ends-at", "2026-11-01T08:00", "--pty", link, "--acts", acts]
        started = time.time()
        with Pumpsim(program, arguments) as pump:
            wanted = -1 if full else events
            environment = dict(os.environ, PYTHONPATH=str(library))
            done = subprocess.run(
                [sys.executable, str(HERE / "miva_reader.py"), "com77", str(wanted)], cwd=folder, env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if done.returncode != 0:
                raise Disagreement("the reader failed: " + done.stderr.decode(errors="replace"))
            heard = json.loads(done.stdout.decode().splitlines()[-1])
            ready, ready_at = pump.ready, pump.ready_at
        logged = [json.loads(line) for line in open(acts)]

    # Even asked five times, half a second apart, it did not hear these replies in time.
    if heard["lost"]:
        raise TooBusy(
            f"the reader gave up on {heard['lost']} replies that came later than it waits; this machine is too busy for it")
    if heard["serial"] != ready["serial"]:
        raise Disagreement(f"serial {heard['serial']}, not {ready['serial']}")
    head, tail = int(heard["head"], 16), int(heard["tail"], 16)
    count = (head - tail) % RING + 1
    slots = sum(len(act["raw"]) for act in logged)
    if count != ready["events"] or head != (slots - 1) % RING:
        raise Disagreement(f"indexes tail {tail} head {head}: {count} events, not {ready['events']} of {slots} written")
    if tail <= head:
        raise Disagreement("the ring has not gone round; the check needs it to")
    infused = add_counters(logged)
    if not near(heard["total"], infused % 6553.6, 0.2):
        raise Disagreement(f"total {heard['total']} mL, not {infused % 6553.6:.1f}")

    expected = [(act, wants) for act in logged if act["raw"] for wants in miva_expectations(act)]
    read = heard["events"]
    if len(read) < min(wanted, len(expected)) or not read:
        raise Disagreement(f"{len(read)} events were read")
    zero = None
    for (act, (kind, fields)), event in zip(reversed(expected), reversed(read)):
        if event.get("event_type") != kind:
            raise Disagreement(f"{act}: read as {event}")
        for name, value in fields.items():
            # Volumes are printed with one decimal or two, and stored in 24 bits.
            same = near(event[name], value, 0.06) if isinstance(value, float) else event[name] == value
            if not same:
                raise Disagreement(f"{act}: {name} read as {event[name]}")
        if kind is not None:
            seconds = int(re.search(r"(\d+) sec\)", event["time"]).group(1))
            began = instant(act["at"]) - datetime.timedelta(seconds=seconds)
            zero = zero or began
            if began != zero:
                raise Disagreement(f"{act}: {seconds} s does not fit a counter that began {zero}")
    clock = int("0" + heard["clock"][1:], 16)
    drift = clock - (instant(ready["at"]) - zero).total_seconds() - (heard["clock_at"] - ready_at)
    if abs(drift) > 2:
        raise Disagreement(f"the clock is {drift:.1f} s off")
    # A program is printed as one thing and fills two slots.
    slots_read = len(read) + sum("event_type" not in event for event in read)
    if slots_read <= head + 1:
        raise Disagreement("what was read does not reach across the seam of the ring")
    print(
        f"miva: pyZynoUnifiedDrivers 0.0.9 agrees on serial {heard['serial']}, clock ({drift:+.1f} s), tail {tail}, "
        f"head {head}, total {heard['total']} mL and {len(read)} events across the seam of the ring "
        f"({heard['seconds']:.1f} s, {1000 * heard['seconds'] / len(read):.0f} ms an event, {heard['repeated']} asked for again; "
        f"{time.time() - started:.0f} s in all)")


def add_counters(acts):
    """Writes to each act what the volume counter shows after it; returns the volume of the pump's life.

    An act says what went in since its program began; the counter shows what went in since the shift total was cleared.
    """
    of_program = counter = life = 0.0
    for act in acts:
        if act["act"] == "setting":
            of_program = 0.0
        elif act["act"] == "shift-total-cleared":
            counter = 0.0
        elif act["act"] in ("delivery-stopped", "completed"):
            more = max(0.0, act["infused"] - of_program)
            counter, life, of_program = counter + more, life + more, act["infused"]
        act["vinf"] = counter
    return life


# Paradigm -------------------------------------------------------------------------------------------------------------


def python27():
    """Python 2.7: pyenv's, else whatever answers to the name."""
    for environment in (dict(os.environ, PYENV_VERSION="2.7.18"), dict(os.environ)):
        try:
            done = subprocess.run(
                ["python2.7", "-c", "pass"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError:
            continue
        if done.returncode == 0:
            return environment
    raise Skipped("there is no Python 2.7 (pyenv install 2.7.18), which decocare needs")


def paradigm_expectations(act):
    """What decocare has to say about an act: (type, civil time, fields) for each record that counts."""
    name, civil = act["act"], act["civil"]
    if name == "rewind":
        return [("Rewind", civil, {})]
    if name == "primed":
        return [("Prime", civil, {"kind": act["primeType"], "amount": act["amount"]})]
    if name == "bolus":
        # It is logged when it ends and stamped when it began.
        earlier = instant(act["at"]) - instant(act["beganAt"])
        began = datetime.datetime.strptime(civil, "%Y-%m-%dT%H:%M:%S") - earlier
        return [("Bolus", began.isoformat(), {"programmed": act["programmed"], "amount": act["delivered"]})]
    if name == "suspended":
        return [("PumpSuspend", civil, {})]
    if name == "resumed":
        return [("PumpResume", civil, {})]
    if name == "daily-total":
        return [("ResultDailyTotal", civil, {})]
    if name == "container-low":
        return [("LowReservoir", civil, {})]
    if name == "battery-changed":
        return [("Battery", civil, {}), ("Battery", civil, {})]
    if name == "power-on":
        return [("Battery", civil, {})]
    if not act["raw"] or name == "basal-rate":
        return []
    raise Disagreement(f"no expectation is written for the act {name}")


COUNTED = {"Rewind", "Prime", "Bolus", "PumpSuspend", "PumpResume", "ResultDailyTotal", "LowReservoir", "Battery"}


def check_paradigm(program, model):
    environment = python27()
    library = install("decocare", ["python2.7"], DECOCARE_PACKAGES, environment)
    with tempfile.TemporaryDirectory() as folder:
        link, acts = os.path.join(folder, "stick"), os.path.join(folder, "acts.jsonl")
        # decocare refuses a port that somebody has open, and the simulator has it open.
        fuser = os.path.join(folder, "fuser")
        with open(fuser, "w") as file:
            file.write("#!/bin/sh\nexit 1\n")
        os.chmod(fuser, 0o755)
        arguments = [
            "paradigm", "--model", model, "--scenario", str(TOP / "Examples/demo/paradigm-october.json"), "--ends-at",
            "2026-11-01T08:00", "--pty", link, "--acts", acts]
        started = time.time()
        with Pumpsim(program, arguments) as pump:
            environment = dict(environment, PYTHONPATH=str(library), PATH=folder + os.pathsep + environment["PATH"])
            done = subprocess.run(
                ["python2.7", str(HERE / "decocare_reader.py"), link, pump.ready["serial"][-6:]], env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
            if done.returncode != 0:
                raise Disagreement("the reader failed: " + done.stderr.decode(errors="replace"))
            heard = json.loads(done.stdout.decode().splitlines()[-1])
            ready = pump.ready
        logged = [json.loads(line) for line in open(acts)]

    if heard["model"] != model:
        raise Disagreement(f"model {heard['model']}, not {model}")
    if heard["pages"] + 1 != ready["pages"]:
        raise Disagreement(f"the oldest page is {heard['pages']}, of {ready['pages']} pages")
    clock = datetime.datetime.strptime(heard["clock"], "%Y-%m-%dT%H:%M:%S")
    present = datetime.datetime(2026, 11, 1, 8)
    if not 0 <= (clock - present).total_seconds() <= 120:
        raise Disagreement(f"the clock shows {clock}")
    expected = [wants for act in logged for wants in paradigm_expectations(act)]
    read = [record for record in heard["records"] if record["type"] in COUNTED]
    if len(read) != len(expected):
        raise Disagreement(f"{len(read)} records that count were read, not {len(expected)}")
    for (kind, civil, fields), record in zip(expected, read):
        if record["type"] != kind or record["timestamp"] != civil:
            raise Disagreement(f"{kind} {civil} {fields}: read as {record}")
        for name, value in fields.items():
            same = near(record[name], value) if isinstance(value, (int, float)) else record[name] == value
            if not same:
                raise Disagreement(f"{kind} {civil}: {name} {value} read as {record}")
    print(
        f"paradigm: decocare 0.0.30 agrees on model {model}, clock, {ready['pages']} pages and {len(read)} records that "
        f"count, of {len(heard['records'])} ({time.time() - started:.0f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", choices=[[], "miva", "paradigm"], help="default: both")
    parser.add_argument("--pumpsim", default=str(TOP / ".build/release/pumpsim"))
    parser.add_argument("--events", type=int, default=1000, help="newest MIVA events to read (default 1000)")
    parser.add_argument("--full", action="store_true", help="the whole MIVA ring, 40 minutes; all Paradigm models")
    options = parser.parse_args()
    # The manufacturer's reader gives up on a reply after 50 ms: where it is allowed, other programs do not come first.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    program = pathlib.Path(options.pumpsim).resolve()
    readers = options.readers or ["miva", "paradigm"]
    checks = []
    if "miva" in readers:
        attempts = 1 if options.full else 3
        checks.append(("miva", lambda: patiently(attempts, lambda: check_miva(program, options.events, options.full))))
    if "paradigm" in readers:
        for model in ["515", "522", "723"] if options.full else ["515"]:
            checks.append(("paradigm", lambda model=model: check_paradigm(program, model)))
    # The readers wait for their lines most of the time, so all of them read at once.
    with concurrent.futures.ThreadPoolExecutor(len(checks)) as pool:
        verdicts = [(name, pool.submit(check)) for name, check in checks]
        failed = any([not agrees(name, verdict) for name, verdict in verdicts])
    sys.exit(1 if failed else 0)


def patiently(attempts, check):
    """Runs a check again where this machine was too busy for the reader."""
    for _ in range(attempts - 1):
        try:
            return check()
        except TooBusy as reason:
            print(f"again: {reason}", flush=True)
    return check()


def agrees(name, verdict):
    """Prints what came of a check; false where it failed, or where nothing may be skipped."""
    try:
        verdict.result()
        return True
    except Skipped as reason:
        missing = os.environ.get("CI") == "true"
        print(f"{name}: {'MISSING' if missing else 'SKIPPED'}: {reason}")
        return not missing
    except Disagreement as reason:
        print(f"{name}: DISAGREES: {reason}")
        return False
    finally:
        sys.stdout.flush()


if __name__ == "__main__":
    main()
