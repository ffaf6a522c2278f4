"""What the torture campaigns share: their sizes, the judge, and the lines of the table.

A line of the table is printed as `FIGURE|test|size|figure|ok`, and scripts/torture puts them together at the end.
"""

import os
import queue
import re
import subprocess
import sys
import threading

here = os.path.dirname(os.path.abspath(__file__))
programs = os.path.abspath(os.environ.get("TORTURE_PROGRAMS", ".build/debug"))
WRITER = os.path.join(programs, "torture-writer")
size = os.environ.get("TORTURE_SIZE", "ci")
failures = []


def sized(name, short, ci, release):
    """A campaign's size; TORTURE_<NAME> overrules that of the form."""
    return int(os.environ.get("TORTURE_" + name, {"short": short, "ci": ci, "release": release}[size]))


def figure(test, amount, result, is_met):
    print(f"FIGURE|{test}|{amount}|{result}|{'ok' if is_met else 'MISSED'}", flush=True)
    if not is_met:
        failures.append(test)


def finish():
    sys.exit(1 if failures else 0)


class Judge:
    """`torture-writer check`: one that many ledgers are shown to."""

    def __init__(self):
        self.process = subprocess.Popen(
            [WRITER, "check"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def verdict(self, ledger, acknowledged):
        self.process.stdin.write(f"{ledger} {acknowledged}\n")
        answer = self.process.stdout.readline()
        found = re.match(r"lost (\d+) double (\d+) records (\d+) problems (\d+) (.*)", answer)
        if not found:
            return {"lost": acknowledged, "double": 0, "records": 0, "problems": 1, "text": "the judge died"}
        names = ("lost", "double", "records", "problems")
        return {**{name: int(part) for name, part in zip(names, found.groups())}, "text": found.group(5)}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def acknowledged(text):
    """The (number, nanoseconds) of each whole line that says so."""
    whole = text[: text.rfind("\n") + 1]
    return [(int(n), int(at)) for n, at in re.findall(r"^ack (\d+) (\d+)$", whole, re.M)]


def in_parallel(points, work):
    """Calls work(point, judge) for all, on as many threads as there are processors; yields the results."""
    waiting, done = queue.Queue(), queue.Queue()
    for point in points:
        waiting.put(point)

    def worker():
        judge = Judge()
        try:
            while True:
                try:
                    point = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    done.put(work(point, judge))
                except Exception as trouble:  # a point that cannot be tried is no point that passed
                    done.put(trouble)
        finally:
            judge.close()

    threads = [threading.Thread(target=worker) for _ in range(os.cpu_count() or 2)]
    for thread in threads:
        thread.start()
    for _ in points:
        result = done.get()
        if isinstance(result, Exception):
            raise result
        yield result
    for thread in threads:
        thread.join()


def spread(points, most):
    """All of them, or so many at even distances."""
    points = list(points)
    if len(points) <= most:
        return points
    return [points[i * len(points) // most] for i in range(most)]
