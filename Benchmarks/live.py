"""How the living daemon behaves, in figures: ready time, idle cost, and one babbling port among sixteen.

Usage: live.py FOLDER-OF-PROGRAMS. Ends with 1 where a goal is missed.
"""

import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

programs = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="pl-live-")
running = []
missed = []


def start(program, *arguments, environment=None):
    process = subprocess.Popen(
        [os.path.join(programs, program), *arguments],
        stdin=subprocess.PIPE,
        stdout=open(os.path.join(work, "out.log"), "ab"),
        stderr=open(os.path.join(work, "err.log"), "ab"),
        env={**os.environ, **(environment or {})},
    )
    running.append(process)
    return process


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    process.wait()
    running.remove(process)


def pump(name, serial, *more):
    path = os.path.join(work, name)
    process = start(
        "pumpsim", "miva", "--pty", path, "--serial", serial, "--ends-at", "2026-11-01T12:00", *more
    )
    return process, "serial:%s?driver=miva" % path


def tell(process, *lines):
    """Types these lines to a simulated pump."""
    process.stdin.write("".join(line + "\n" for line in lines).encode())
    process.stdin.flush()


def until(what, is_so, seconds=20):
    """Looks every 2 ms, and gives up after so many seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            sys.exit("after %d s still not: %s" % (seconds, what))
        time.sleep(0.002)


class Stored:
    """What a ledger holds of a pump, read from the file beside the daemon: another process sees a record when its commit
    has been synced, and not before. Nothing is asked of the daemon."""

    def __init__(self, ledger, serial):
        self.base = sqlite3.connect("file:%s?mode=ro" % os.path.join(work, ledger), uri=True, isolation_level=None)
        (self.pump,) = self.base.execute("SELECT id FROM pump WHERE serial = ?", (serial,)).fetchone()

    def records(self):
        return self.base.execute("SELECT count(*) FROM record WHERE pump = ?", (self.pump,)).fetchone()[0]


def time_to_durable(ledger, name, serial, process, babbler):
    """A pump that is plugged in with a new event: seconds from the event until it is in the ledger for good."""
    link = os.path.join(work, name)
    tell(process, "unplug")
    until("unplugged " + name, lambda: not os.path.islink(link))
    time.sleep(0.1)
    if babbler:
        # Plugged in anew it is heard anew, quarantined or not: it babbles while the other is read.
        tell(babbler, "unplug", "plug")
        time.sleep(0.1)
    stored = Stored(ledger, serial)
    before = stored.records()
    begun = time.monotonic()
    tell(process, "log battery-low", "plug")
    until("an event of %s stored" % name, lambda: stored.records() > before)
    return time.monotonic() - begun


def wait_for_links(count):
    while sum(os.path.islink(os.path.join(work, name)) for name in os.listdir(work)) < count:
        time.sleep(0.02)


def ask(*arguments):
    answer = subprocess.run(
        [os.path.join(programs, "pumpledger"), "--socket", os.path.join(work, "s"), *arguments, "--json"],
        capture_output=True,
    )
    return json.loads(answer.stdout) if answer.returncode == 0 else {}


class Daemon:
    """Started, and asked by the notification that systemd would get."""

    def __init__(self, ledger, links):
        address = os.path.join(work, "notify-%d" % time.monotonic_ns())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            heard.bind(address)
            heard.settimeout(20)
            begun = time.monotonic()
            options = [part for link in links for part in ("--link", link)]
            self.process = start(
                "pumpledgerd", "--ledger", os.path.join(work, ledger), "--socket", os.path.join(work, "s"), *options,
                environment={"NOTIFY_SOCKET": address},
            )
            while b"READY=1" not in heard.recv(4096):
                pass
            self.ready = time.monotonic() - begun
        os.unlink(address)
        self.begun = begun

    def read_after(self, names):
        """Seconds from the start until all of these ports are read to their end."""
        while True:
            states = {port["port"].split("/")[-1]: port["state"] for port in ask("status").get("ports", [])}
            if all(states.get(name) == "caught up" for name in names):
                return time.monotonic() - self.begun
            if time.monotonic() - self.begun > 120:
                sys.exit("not read: %s" % states)
            time.sleep(0.02)

    def kilobytes(self, name):
        with open("/proc/%d/status" % self.process.pid) as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name))

    def processor_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def switches(self):
        total = 0
        for thread in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/status" % (self.process.pid, thread)) as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
        return total


def judge(what, value, unit, goal):
    is_met = value < goal
    if not is_met:
        missed.append(what)
    print("%-80s %8.3g %-4s (goal < %g)%s" % (what, value, unit, goal, "" if is_met else "  MISSED"), flush=True)


try:
    times = []
    for _ in range(11):
        daemon = Daemon("ready.db", ["serial:/dev/ttyNONE%d?driver=miva" % i for i in range(4)])
        times.append(daemon.ready * 1000)
        stop(daemon.process)
    judge("daemon: from start to ready, median of 11", statistics.median(times[1:]), "ms", 100)

    names = ["tty%d" % i for i in range(15)]
    pumps = [pump(name, "SIM1%04d" % i) for i, name in enumerate(names)]
    links = [link for _, link in pumps]
    # The control has as many pumps, so that the simulators take as much of the machine.
    calm, sixteenth = pump("ttyC", "SIM19998")
    babbler, babble = pump("ttyB", "SIM19999", "--fault", "babble")
    wait_for_links(17)
    daemon = Daemon("quiet.db", [sixteenth] + links)
    beside_calm = daemon.read_after(names)
    stop(daemon.process)
    stop(calm)
    daemon = Daemon("babble.db", [babble] + links)
    beside = daemon.read_after(names)
    judge("daemon: 15 pumps beside a babbling port, longer than beside a calm one", max(0, beside - beside_calm), "s", 1)
    times = [
        time_to_durable("babble.db", name, "SIM1%04d" % i, pumps[i][0], babbler) for i, name in enumerate(names)
    ]
    judge("daemon: beside it, from an event to its being durable, median of 15 ports", statistics.median(times), "s", 1)
    judge("daemon: the same, the slowest", max(times), "s", 1)
    time.sleep(5)
    judge("daemon: most memory with 16 ports, one babbling", daemon.kilobytes("VmHWM") / 1024, "MB", 64)
    stop(daemon.process)
    stop(babbler)

    names = ["tty%d" % i for i in range(50)]
    for i, name in enumerate(names[15:]):
        pumps.append(pump(name, "SIM2%04d" % i, "--from", "2026-10-30"))
    wait_for_links(50)
    daemon = Daemon("idle.db", [link for _, link in pumps])
    daemon.read_after(names)
    time.sleep(8)
    before, switches, seconds = daemon.processor_seconds(), daemon.switches(), 20
    time.sleep(seconds)
    judge(
        "daemon: 50 plugged-in pumps, all read, of one core",
        100 * (daemon.processor_seconds() - before) / seconds, "%", 1,
    )
    judge("daemon: the same, wake-ups in 20 s", daemon.switches() - switches, "", 3)
    print("daemon: the same, memory %57.1f MB" % (daemon.kilobytes("VmRSS") / 1024))
    stop(daemon.process)
finally:
    for process in list(running):
        process.kill()
        process.wait()
    subprocess.run(["rm", "-rf", work])

sys.exit(1 if missed else 0)
