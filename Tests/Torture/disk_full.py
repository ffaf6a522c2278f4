"""The daemon on a disk that runs full and has space again, and on one that fails. Wants root for a tmpfs of 600 kB.

A simulated MIVA logs, the daemon reads. What is timed is what `pumpledger status` says.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import Judge, figure, finish, here, programs

folder = tempfile.mkdtemp(prefix="pl-full-", dir="/tmp")
disk, socket = os.path.join(folder, "d"), os.path.join(folder, "s")
running = []


def start(program, *arguments, environment=None):
    log = open(os.path.join(folder, program + ".log"), "ab")
    process = subprocess.Popen(
        [os.path.join(programs, program), *arguments], stdin=subprocess.PIPE, stdout=log, stderr=log,
        env={**os.environ, **(environment or {})})
    running.append(process)
    return process


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    running.remove(process)


def ask(*arguments):
    done = subprocess.run(
        [os.path.join(programs, "pumpledger"), "--socket", socket, *arguments, "--json"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def port():
    ports = ask("status").get("ports") or [{}]
    return ports[0]


def within(seconds, condition):
    """How long it took, and what was seen last."""
    begun = time.monotonic()
    while True:
        seen = port()
        if condition(seen):
            return time.monotonic() - begun, seen
        if time.monotonic() - begun > seconds:
            return None, seen
        time.sleep(0.05)


def said(seen):
    return json.dumps(seen)


def log(pump, count):
    for number in range(count):
        pump.stdin.write(b"log battery-low\n")
    pump.stdin.flush()


def full():
    ledger = os.path.join(disk, "l.db")
    pump = start("pumpsim", "miva", "--pty", os.path.join(folder, "tty"), "--ends-at", "2026-11-01T12:00",
                 "--from", "2026-10-31")
    daemon = start("pumpledgerd", "--ledger", ledger, "--socket", socket, "--link",
                   f"serial:{folder}/tty?driver=miva", "--read-every", "10s")
    took, seen = within(30, lambda seen: seen.get("state") == "caught up")
    if took is None:
        return figure("disk full", "1 round", "the pump was not read: " + said(seen), False)
    ballast = open(os.path.join(disk, "ballast"), "wb", buffering=0)
    try:
        while True:
            ballast.write(bytes(512))
    except OSError:
        pass
    log(pump, 40)
    # The port reads every ten seconds: it has to say so within one more.
    told, seen = within(20, lambda seen: "disk is full" in said(seen) and seen.get("state") == "troubled")
    explained = "Free some space" in said(seen)
    # It goes on saying so, and stays alive.
    steady = all(port().get("state") == "troubled" or time.sleep(0.1) for _ in range(20))
    alive = daemon.poll() is None
    ballast.close()
    os.unlink(os.path.join(disk, "ballast"))
    resumed, after = within(15, lambda seen: seen.get("state") == "caught up")
    end(daemon)
    end(pump)
    verdict = Judge().verdict(ledger, 0)
    is_met = (told is not None and told <= 11 and explained and steady and alive and resumed is not None
              and resumed <= 5 and not verdict["problems"])
    if not is_met:
        print(said(seen), said(after), verdict, steady, alive, explained)
    figure(
        "disk full", "1 round, read every 10 s",
        f"said after {told or -1:.1f} s, resumed {resumed or -1:.1f} s after space came back, "
        f"daemon {'alive' if alive else 'dead'}", is_met)


def failing():
    place = os.path.join(folder, "failing")
    os.makedirs(place)
    library = os.path.join(folder, "fault.so")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, os.path.join(here, "fault.c")], check=True)
    calls = os.path.join(folder, "calls")
    pump = start("pumpsim", "miva", "--pty", os.path.join(folder, "tty"), "--ends-at", "2026-11-01T12:00")
    daemon = start(
        "pumpledgerd", "--ledger", os.path.join(place, "l.db"), "--socket", socket, "--link",
        f"serial:{folder}/tty?driver=miva", "--read-every", "10s",
        environment={
            "LD_PRELOAD": library, "FAULT_UNDER": place + "/", "FAULT_CALLS": "s", "FAULT_AT": "14",
            "FAULT_KIND": "eio", "FAULT_LOG": calls})
    took, seen = within(30, lambda seen: "disk error" in said(seen))
    faults = [int(line[2:]) for line in open(calls) if line.startswith("F ")]
    told = (time.monotonic_ns() - faults[0]) / 1e9 if faults else None
    time.sleep(2)
    steady = port().get("state") == "troubled" and "restart pumpledgerd" in said(port())
    alive = daemon.poll() is None
    end(daemon)
    end(pump)
    anew = sum(line == "R\n" for line in open(calls))
    verdict = Judge().verdict(os.path.join(place, "l.db"), 0)
    is_met = took is not None and told is not None and told <= 1 and steady and alive and not verdict["problems"]
    is_met = is_met and anew == 0
    if not is_met:
        print(said(seen), said(port()), verdict, steady, alive)
    figure(
        "a flush fails once (EIO)", "1 round",
        f"said after {told or -1:.2f} s and from then on, {anew} flushed anew, daemon {'alive' if alive else 'dead'}",
        is_met)


if os.geteuid() != 0:
    print("SKIPPED: a small disk wants root")
    sys.exit(1 if os.environ.get("CI") == "true" else 0)
os.makedirs(disk)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", disk], check=True)
try:
    full()
    failing()
finally:
    for process in running:
        process.kill()
    subprocess.run(["umount", disk], check=False)
    if os.environ.get("TORTURE_KEEP"):
        print(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
finish()
