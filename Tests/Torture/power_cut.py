"""Power cuts: a file system's image is cloned, block for block and in an instant, while a session is being stored in it.

An ext4 file system lies in a file, the file on a btrfs file system that can clone it (both in files of ours, on loop
devices). A clone holds what had reached the disk at that moment and nothing that was in memory only: mounting it is
starting again after the power went. Wants root, btrfs-progs and e2fsprogs.

What it does not show: torn sectors, and drives that say "flushed" and have not.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import WRITER, Judge, acknowledged, figure, finish, sized


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Mounts:
    """A folder with the two file systems, and what is mounted of them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pl-cut-")
        self.mounted = []
        self.host = self.path("host")
        image = self.path("host.img")
        run("truncate", "-s", "1600M", image)
        run("mkfs.btrfs", "-q", image)
        self.mount(image, self.host)

    def path(self, name):
        return os.path.join(self.folder, name)

    def mount(self, image, place):
        os.makedirs(place, exist_ok=True)
        run("mount", "-o", "loop", image, place)
        self.mounted.append(place)

    def unmount(self, place):
        run("umount", place)
        self.mounted.remove(place)

    def close(self):
        for place in reversed(self.mounted):
            subprocess.run(["umount", place], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


def campaign(mounts, images, control):
    """Returns what the judge says of each image."""
    disk, place = os.path.join(mounts.host, "disk.img"), mounts.path("disk")
    run("truncate", "-s", "96M", disk)
    run("mkfs.ext4", "-q", "-F", disk)
    mounts.mount(disk, place)
    said = mounts.path("said")
    open(said, "w").close()
    with open(said, "w") as out:
        writer = subprocess.Popen([WRITER, "write", os.path.join(place, "l.db"), "10000000", "200", control], stdout=out)
    clones = []
    try:
        while not acknowledged(open(said).read()):
            time.sleep(0.02)
            if writer.poll() is not None:
                raise RuntimeError("the writer ended: " + open(said).read())
        for number in range(images):
            time.sleep(random.uniform(0, 0.05))
            # Read before the clone is made: what was acknowledged by then must be in it.
            last = acknowledged(open(said).read())[-1][0]
            clone = os.path.join(mounts.host, f"cut-{number}.img")
            run("cp", "--reflink=always", disk, clone)
            clones.append((clone, last))
        if writer.poll() is not None:
            raise RuntimeError("the writer ended: " + open(said).read()[-300:])
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        mounts.unmount(place)
    judge = Judge()
    verdicts = []
    for clone, last in clones:
        mounts.mount(clone, mounts.path("again"))
        verdicts.append({**judge.verdict(os.path.join(mounts.path("again"), "l.db"), last), "acked": last})
        mounts.unmount(mounts.path("again"))
        os.unlink(clone)
    judge.close()
    os.unlink(disk)
    return verdicts


def told(verdicts):
    lost = [v["lost"] for v in verdicts if v["lost"]]
    return (
        f"{len(lost)} images with lost records (at most {max(lost, default=0)}), "
        f"{sum(v['double'] > 0 for v in verdicts)} with double ones, "
        f"{sum(v['problems'] > 0 for v in verdicts)} not sound; up to {max(v['acked'] for v in verdicts)} acknowledged")


if os.geteuid() != 0 or not shutil.which("mkfs.btrfs"):
    print("SKIPPED: power cuts want root and btrfs-progs")
    sys.exit(1 if os.environ.get("CI") == "true" else 0)
images, controls = sized("CUTS", 15, 200, 2000), sized("CUT_CONTROLS", 10, 40, 100)
mounts = Mounts()
try:
    verdicts = []
    while len(verdicts) < images:
        verdicts += campaign(mounts, min(100, images - len(verdicts)), "")
    bad = [v for v in verdicts if v["lost"] or v["double"] or v["problems"]]
    for verdict in bad[:3]:
        print(verdict)
    figure("power cut", f"{images} images", told(verdicts), not bad)
    verdicts = campaign(mounts, controls, "normal")
    figure(
        "– control: synchronous=NORMAL must lose", f"{controls} images", told(verdicts),
        any(v["lost"] for v in verdicts))
finally:
    mounts.close()
finish()
