"""The real daemon on a mocked bus: plug, pull, renumber, twins, strangers, hostile devices, and cycles of it.

Usage: umockdev-wrapper /usr/bin/python3 plugging.py FOLDER-OF-PROGRAMS [CYCLES [ATTACHED]]. Ends with 1 where something
is not as it should be.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from bus import Bus, outside
from phdc import Device, descriptors

programs = os.path.abspath(sys.argv[1])
cycles = int(sys.argv[2]) if len(sys.argv) > 2 else 20
attached = int(sys.argv[3]) if len(sys.argv) > 3 else 0
work = tempfile.mkdtemp(prefix="pl-bus-")
bus = Bus()
running = []
wrong = []
socket = os.path.join(work, "s")
ledger = os.path.join(work, "ledger.db")
SOCKET = "pci-0000:00:14.0-usb-0:%s:1.0"


def start(program, *arguments, environment=None, says="out"):
    process = subprocess.Popen(
        [os.path.join(programs, program), *arguments], stdin=subprocess.PIPE,
        stdout=open(os.path.join(work, says + ".log"), "ab"), stderr=open(os.path.join(work, program + ".log"), "ab"),
        env=environment)
    running.append(process)
    return process


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    code = process.wait()
    running.remove(process)
    return code


def pump(tty, serial, family="miva", *more):
    """A simulated pump whose line shows on the bus as /dev/TTY."""
    node = bus.node(tty)
    process = start(
        "pumpsim", family, "--pty", node, "--serial", serial, "--ends-at", "2026-11-01T12:00", "--from", "2026-10-30",
        *more, environment=outside(), says=serial)
    until(lambda: os.path.islink(node), "the simulator's line")
    return process


def daemon(*options):
    process = start("pumpledgerd", "--ledger", ledger, "--socket", socket, *options)
    until(lambda: ask("status") is not None, "the daemon's answer")
    return process


def ask(*arguments):
    answer = subprocess.run(
        [os.path.join(programs, "pumpledger"), "--socket", socket, *arguments, "--json"], capture_output=True,
        env=outside(), timeout=60)
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def ports():
    return {port["port"]: port for port in (ask("status") or {"ports": []})["ports"]}


def until(holds, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    wrong.append("not within %d s: %s" % (seconds, what))
    print("WRONG  not within %d s: %s %s" % (seconds, what, ports()), flush=True)
    return False


def state(port, wanted, seconds=30):
    return until(lambda: ports().get(port, {}).get("state") == wanted, "%s is %s" % (port, wanted), seconds)


def check(holds, what):
    if not holds:
        wrong.append(what)
    print("%s  %s" % ("ok   " if holds else "WRONG", what), flush=True)


def records():
    """Keys of all events in the ledger."""
    answer = subprocess.run(
        [os.path.join(programs, "pumpledger"), "--socket", socket, "events", "--json"], capture_output=True,
        env=outside())
    return [json.loads(line)["key"] for line in answer.stdout.splitlines() if line.startswith(b"{")]


def of_process(pid):
    with open("/proc/%d/status" % pid) as file:
        memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return len(os.listdir("/proc/%d/fd" % pid)), memory, seconds, len(os.listdir("/proc/%d/task" % pid))


def miva_link(adapter):
    return ["--link", "usb:driver=miva&adapter=" + adapter]


def plug_pull_renumber():
    pump("ttyUSB0", "SIM00001")
    served = daemon(*miva_link("A1"), *miva_link("TWIN"))
    port = "usb:miva@" + SOCKET % "1"
    begun = time.monotonic()
    plugged = bus.plug_serial("ttyUSB0", "1-1", "ftdi", serial="A1", also=("bind", "change", "add"))
    state(port, "caught up")
    print("       plug to everything stored: %.2f s" % (time.monotonic() - begun))
    known = records()
    check(len(known) > 0 and len(set(known)) == len(known), "a plugged pump is read once: %d events" % len(known))
    bus.pull(plugged)
    state(port, "absent")
    os.rename(bus.node("ttyUSB0"), bus.node("ttyUSB5"))
    plugged = bus.plug_serial("ttyUSB5", "1-1", "ftdi", serial="A1")
    state(port, "caught up")
    check(records() == known, "under another name it is the same port and the same log")
    check(len(ports()) == 1, "and there is one line for it")
    # The stranger has the same chip; its line is a terminal too, and must hear nothing.
    stranger = pump("ttyUSB6", "SIM00006")
    bus.plug_serial("ttyUSB6", "1-6", "ftdi", serial="PRINTER")
    bus.plug_serial("ttyUSB7", "1-7", "ch340")
    time.sleep(0.5)
    check(len(ports()) == 1, "adapters that nobody named get no line")
    with open(os.path.join(work, "SIM00006.log")) as file:
        check('"did"' not in file.read(), "and no byte")
    with open(os.path.join(work, "SIM00001.log")) as file:
        check('"did"' in file.read(), "while the named one was asked")
    stop(stranger)
    # Two adapters with one serial number of their own, two pumps.
    pump("ttyUSB8", "SIM00008")
    pump("ttyUSB9", "SIM00009")
    twins = [bus.plug_serial("ttyUSB%d" % n, "1-%d" % n, "ftdi", serial="TWIN") for n in (8, 9)]
    for n in (8, 9):
        state("usb:miva@" + SOCKET % n, "caught up")
    pumps = {port["pump"] for port in ports().values()}
    check(pumps == {"SIM00001", "SIM00008", "SIM00009"}, "two adapters of one serial number are two pumps: %s" % pumps)
    for twin in twins:
        bus.pull(twin)
    bus.pull(plugged)
    check(stop(served) == 0, "the daemon ends cleanly")


def coldplug_and_claimed():
    """Plugged in before the daemon starts; claimed by its numbers, without a link."""
    pump("ttyUSB20", "SIM000020", "paradigm")
    plugged = bus.plug_serial("ttyUSB20", "1-20")
    served = daemon("--link", "usb:driver=paradigm&serial=SIM000020")
    state("usb:paradigm@" + SOCKET % "20", "caught up")
    check(True, "what was plugged in before the start is read")
    bus.pull(plugged)
    stop(served)


def pulled_in_the_middle():
    slow = pump("ttyUSB30", "SIM00030", "miva", "--from", "2026-06-01")
    served = daemon(*miva_link("A30"))
    port = "usb:miva@" + SOCKET % "30"
    plugged = bus.plug_serial("ttyUSB30", "1-30", "ftdi", serial="A30")
    until(lambda: records(), "the first records are stored")
    bus.pull(plugged)
    state(port, "absent")
    before = set(records())
    check(ports()[port]["state"] == "absent" and before, "pulled while it is read: %d events are stored" % len(before))
    for number in range(3):
        os.rename(bus.node("ttyUSB3%d" % number), bus.node("ttyUSB3%d" % (number + 1)))
        plugged = bus.plug_serial("ttyUSB3%d" % (number + 1), "1-30", "ftdi", serial="A30")
        until(lambda: len(records()) > len(before) or ports()[port]["state"] == "caught up", "the reading goes on")
        bus.pull(plugged)
        state(port, "absent")
        now = set(records())
        check(before <= now, "nothing that was stored is lost: %d, then %d events" % (len(before), len(now)))
        before = now
    plugged = bus.plug_serial("ttyUSB33", "1-30", "ftdi", serial="A30")
    state(port, "caught up")
    now = records()
    check(before <= set(now) and len(set(now)) == len(now), "the last plug reads the rest: %d events, none twice" % len(now))
    stop(slow)
    stop(served)


def hostile():
    served = daemon()
    wanted = {
        "50": (descriptors(endpoints=()), "lacks a bulk endpoint in each direction"),
        "51": (descriptors(endpoints=((0x81, 3), (0x02, 3))), "lacks a bulk endpoint in each direction"),
        "52": (descriptors(packet=0), "lacks a bulk endpoint in each direction"),
        "53": (descriptors(total=4000), "announced"),
        "54": (descriptors(extra=b"\x00\x04\x01"), "claims 0 bytes"),
        "55": (descriptors(extra=b"\x09\x04\x01\x00\x00\x0f\x00\x00\x00" * 60), "more than 32 interfaces"),
    }
    plugged = []
    for name, (bytes_, _) in wanted.items():
        plugged.append(bus.plug_device("1-" + name, int(name), bytes_, Device(), serial="H" + name))
    mouse = Device()
    plugged.append(bus.plug_device("1-60", 60, descriptors(interface_class=3), mouse))
    big = bus.plug_serial("ttyUSB61", "1-61", "carelink", serial="A" * 1500)
    time.sleep(1)
    for name, (_, reason) in wanted.items():
        found = [p for p in ports().values() if p["port"].endswith("usb-0:" + name)]
        check(found and reason in json.dumps(found), "device %s: %s" % (name, reason))
    check(mouse.calls == {}, "a device of another class gets no call")
    big_line = [p for p in ports().values() if ":61" in p["port"]]
    check(big_line and "more than a USB text may have" in json.dumps(big_line), "a text that is too long for USB is refused")
    check(ask("status") is not None, "the daemon answers")
    bus.pull(big)
    for paths in plugged:
        bus.pull(paths)
    stop(served)


def many_cycles(count):
    pump("ttyUSB70", "SIM00070")
    served = daemon(*miva_link("A70"))
    port = "usb:miva@" + SOCKET % "70"
    known = None
    baseline = None
    begun = time.monotonic()
    for number in range(count):
        plugged = bus.plug_serial("ttyUSB70", "1-70", "ftdi", serial="A70", also=("bind",) if number % 3 else ())
        # Every second time it is pulled at some moment of the reading.
        if number % 2 and number > 5:
            time.sleep(0.013 * (number % 17))
        elif not state(port, "caught up"):
            break
        bus.pull(plugged)
        if not state(port, "absent"):
            break
        if number == min(20, count // 2):
            known, baseline = records(), of_process(served.pid)
    plugged = bus.plug_serial("ttyUSB70", "1-70", "ftdi", serial="A70")
    state(port, "caught up")
    bus.pull(plugged)
    state(port, "absent")
    time.sleep(1)
    after = of_process(served.pid)
    print("       %d cycles in %.0f s; descriptors %d -> %d, memory %.1f -> %.1f MB, threads %d -> %d" % (
        count, time.monotonic() - begun, baseline[0], after[0], baseline[1] / 1024, after[1] / 1024, baseline[3],
        after[3]))
    check(after[0] <= baseline[0], "no descriptor leaks")
    check(after[1] <= baseline[1] * 1.2 + 2048, "memory stays flat")
    check(known is not None and set(known) <= set(records()), "no record is lost")
    check(len(set(records())) == len(records()), "none is there twice")
    stop(served)


def many_attached(count):
    names = ["ttyUSB%d" % (200 + n) for n in range(count)]
    for n, name in enumerate(names):
        pump(name, "SIM2%04d" % n)
    served = daemon(*[part for n in range(count) for part in miva_link("B%d" % n)])
    for n, name in enumerate(names):
        bus.plug_serial(name, "2-%d" % (n + 1), "ftdi", serial="B%d" % n)
        # umockdev's socket holds few messages, and it aborts where the kernel's would drop them.
        time.sleep(0.05)
    until(lambda: sum(p["state"] == "caught up" for p in ports().values()) == count, "all are read", 180)
    time.sleep(5)
    before = of_process(served.pid)
    time.sleep(20)
    after = of_process(served.pid)
    print("       %d attached, idle: %.2f %% of a core, %.1f MB" % (
        count, 100 * (after[2] - before[2]) / 20, after[1] / 1024))
    check((after[2] - before[2]) / 20 < 0.01, "%d attached and idle take less than 1 %% of a core" % count)
    check(after[1] < 64 * 1024, "and less than 64 MB")
    stop(served)


try:
    for scenario in (plug_pull_renumber, coldplug_and_claimed, pulled_in_the_middle, hostile):
        print("== " + scenario.__name__.replace("_", " "), flush=True)
        scenario()
        if os.path.exists(ledger):
            for name in os.listdir(work):
                if name.startswith("ledger"):
                    os.unlink(os.path.join(work, name))
    print("== %d cycles of plugging" % cycles, flush=True)
    many_cycles(cycles)
    if attached:
        print("== %d attached" % attached, flush=True)
        many_attached(attached)
finally:
    for process in list(running):
        process.kill()
        process.wait()
    if wrong and "-v" in sys.argv:
        subprocess.run(["cat", os.path.join(work, "pumpledgerd.log")])
    subprocess.run(["rm", "-rf", work])

print("%d wrong" % len(wrong) if wrong else "the mocked bus: all as it should be")
os._exit(1 if wrong else 0)
