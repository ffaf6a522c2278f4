#!/usr/bin/env python3
"""The Debian package on a Debian 12 that boots: systemd, udev, USB and people are the real ones, the pumps are simulated.

Installs the package, plugs pumps, pulls them in the middle, restarts, kills, hangs and cuts the power, and lets people in and not.
Every line that it prints is one thing that was seen, with the seconds since the start."""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time

from machine import Failure, Machine

MIVA_PORT = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_PUMP0001-if00-port0"
PARADIGM_PORT = "/dev/serial/by-id/usb-Medtronic_CareLink_USB_STICK0001-if00-port0"
SETTINGS = "/etc/pumpledger/pumpledgerd.json"
# A CareLink stick by its ids, made by the kernel's own gadget drivers on a bus within the guest; its far end is a tty too.
STICK = "/sys/kernel/config/usb_gadget/stick"
MAKE_STICK = (
    f"modprobe -a dummy_hcd libcomposite usb_f_serial && mkdir -p {STICK} && cd {STICK} && echo 0x0a21 >idVendor && echo 0x8001 >idProduct"
    " && mkdir -p strings/0x409 configs/c.1 functions/gser.0 && echo Medtronic >strings/0x409/manufacturer"
    " && echo 'CareLink USB' >strings/0x409/product && echo STICK0001 >strings/0x409/serialnumber && ln -s functions/gser.0 configs/c.1")
PLUG_STICK = f"ls /sys/class/udc >{STICK}/UDC"
# The far end of the stick and the simulator, each on its own: neither ends when the stick is pulled.
PUMP_ON_STICK = (
    "systemd-run -q --unit=sim pumpsim paradigm --scenario insulin --tcp 127.0.0.1:7001 && sleep 1 && "
    "systemd-run -q --unit=wire -p Restart=always -p RestartSec=1 socat /dev/ttyGS0,raw,echo=0 TCP:127.0.0.1:7001")


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.start = time.monotonic()
        self.seen = 0
        self.failed = []
        self.machine = None

    def seconds(self):
        return time.monotonic() - self.start

    def check(self, sentence, holds, detail=""):
        self.seen += 1
        print(f"[{self.seconds():6.1f}] {'ok    ' if holds else 'FAILED'} {sentence}{': ' + str(detail) if detail else ''}", flush=True)
        if not holds:
            self.failed.append(sentence)
        return holds

    def must(self, command, seconds=130):
        code, said = self.machine.run(command, seconds)
        if code != 0:
            raise Failure(f"in the guest: {command}\n  exit code {code}: {said}")
        return said

    def until(self, what, seconds, look):
        """Looks until there is something; how long it took, and what it was."""
        begin = time.monotonic()
        while True:
            found = look()
            if found:
                return time.monotonic() - begin, found
            if time.monotonic() - begin > seconds:
                raise Failure(f"{what} did not come in {seconds} s")
            time.sleep(0.2)

    def boot(self, port):
        a = self.arguments
        self.machine = Machine(
            a.work, a.kernel, a.initrd, f"{a.work}/disk.ext4", f"{a.work}/cargo.ext4",
            ["-chardev", f"socket,id=pump,host=127.0.0.1,port={port}"])
        took = self.machine.wait_until_up(180)
        self.must("mount -o ro /dev/vdb /mnt")
        return took

    # What the daemon says, asked by somebody who may.

    def ask(self, command):
        return json.loads(self.must(f"runuser -u nurse -- pumpledger {command} --json"))

    def port(self, name):
        return next((port for port in self.ask("status")["ports"] if name in port["port"]), None)

    def records(self, pump):
        line = next((line for line in self.ask("pumps")["pumps"] if line["pump"] == pump), None)
        return line["records"] if line else 0

    def caught_up(self, name, seconds):
        def look():
            port = self.port(name)
            return port if port and port["state"] == "caught up" and port["done"] is None else None
        return self.until(f"caught up at {name}", seconds, look)

    def property(self, name):
        return self.must(f"systemctl show pumpledgerd -P {name}")

    def plug_cable(self):
        self.machine.tell("device_add", driver="usb-serial", chardev="pump", id="cable", bus="usb.0", serial="PUMP0001")

    def pull_cable(self):
        self.machine.tell("device_del", id="cable")

    # The chapters.

    def install(self):
        self.must("useradd -m nurse && useradd -m auditor && useradd -m visitor")
        begin = time.monotonic()
        code, said = self.machine.run("dpkg -i /mnt/pumpledger.deb")
        self.check("the package installs on a plain Debian 12", code == 0, f"{time.monotonic() - begin:.1f} s" if code == 0 else said)
        self.must("usermod -aG pumpledger,pumpledger-nurse nurse && usermod -aG pumpledger,pumpledger-auditor auditor")
        self.check("the unit is active and enabled", self.must("systemctl is-active pumpledgerd; systemctl is-enabled pumpledgerd") == "active\nenabled")
        begun, ready = int(self.property("ExecMainStartTimestampMonotonic")), int(self.property("ActiveEnterTimestampMonotonic"))
        self.check("it was ready soon after its start, with no pump", ready - begun < 10_000_000, f"{(ready - begun) / 1e6:.2f} s")
        self.check("the watchdog waits 30 s", self.property("WatchdogUSec") == "30s")
        status = self.must("cat /proc/$(pidof pumpledgerd)/status")
        resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        self.check("it runs as pumpledger, with no capability",
                   self.must("ps -o user= -p $(pidof pumpledgerd) 2>/dev/null || stat -c %U /proc/$(pidof pumpledgerd)") == "pumpledger"
                   and re.search(r"Cap(Eff|Prm|Bnd):\s+0+\n", status) is not None)
        self.check("it needs less than 64 MB", resident < 64 << 10, f"{resident / 1024:.1f} MB resident, cgroup {int(self.property('MemoryCurrent')) / 1048576:.1f} MB")
        self.check("the ledger is its own alone", self.must("stat -c '%U %a' /var/lib/pumpledger /var/lib/pumpledger/ledger.db") == "pumpledger 700\npumpledger 600")
        self.check("systemd-analyze security is at most 1.0", self.machine.run("systemd-analyze security --offline=true --threshold=10 pumpledgerd.service")[0] == 0,
                   self.must("systemd-analyze security --offline=true pumpledgerd.service | tail -n 1 | sed 's/.*: //'"))
        code, said = self.machine.run("systemd-analyze verify pumpledgerd.service 2>&1 | grep -v \"Command 'man\"")
        self.check("systemd-analyze verify finds nothing", said == "", said)

    def people(self):
        code, said = self.machine.run("runuser -u nurse -- pumpledger status")
        self.check("a member of the group is served", code == 0 and "0 ports" in said)
        code, said = self.machine.run("runuser -u visitor -- pumpledger status")
        self.check("somebody outside the group is refused, and told which group", code == 4 and "for the group pumpledger" in said, f"exit code {code}")
        code, said = self.machine.run("runuser -u visitor -- socat - UNIX-CONNECT:/run/pumpledger/pumpledger.sock")
        self.check("the kernel refuses him too", code != 0 and "Permission denied" in said)
        code, said = self.machine.run("runuser -u nurse -- pumpledger verify")
        self.check("a nurse is no auditor, and is told which group makes one", code == 2 and "pumpledger-auditor" in said)
        self.must("runuser -u auditor -- pumpledger verify")
        audit = self.must("runuser -u auditor -- pumpledger audit --json")
        self.check("the audit names the nurse, not a number", '"nurse"' in audit)

    def stick(self):
        """A device of the driver table: the shipped rules alone open it."""
        self.must(MAKE_STICK)
        self.must(PUMP_ON_STICK)
        self.must(PLUG_STICK + " && udevadm settle")
        took, _ = self.until("the stick's tty", 20, lambda: self.machine.run(f"test -e {PARADIGM_PORT}")[0] == 0)
        self.check("the kernel's carelink driver takes the stick", "carelink" in self.must("dmesg | grep -i carelink"), f"{took:.1f} s")
        self.check("its tty is for the group pumpledger, 0660", self.must(f"stat -L -c '%G %a' {PARADIGM_PORT}") == "pumpledger 660")
        node = self.must("grep -l 0a21 /sys/bus/usb/devices/*/idVendor | xargs dirname | while read d; do udevadm info -q name -p $d; done")
        self.check("its USB node too", self.must(f"stat -c '%G %a' /dev/{node}") == "pumpledger 660", node)
        facts = self.must(f"udevadm info /dev/{node}")
        self.check("ModemManager and MTP leave it alone, and it is not suspended",
                   all(fact in facts for fact in ("ID_MM_DEVICE_IGNORE=1", "ID_MTP_DEVICE_IGNORE=1", "ID_AUTOSUSPEND=0")))
        self.check("no desktop user gets it by being logged in", ":uaccess:" not in facts)

    def enrol(self, *links):
        text = ", ".join(f'"{link}"' for link in links).replace("&", "\\&")
        self.must(f"sed -i 's|\"links\": .*|\"links\": [{text}],|' {SETTINGS} && systemctl reload pumpledgerd")

    def read_and_yank(self, events):
        self.enrol(f"serial:{MIVA_PORT}?driver=miva")
        _, port = self.until("the enrolled port", 10, lambda: self.port("PUMP0001"))
        self.check("a reload enrols a port that is not there yet", port["state"] == "absent")
        process = self.property("MainPID")
        self.plug_cable()
        took, _ = self.until("a record of the MIVA", 60, lambda: self.records("SIM00001"))
        self.check("a plugged FTDI cable is read by the unprivileged service", True, f"first record durable and shown {took:.1f} s after the plug")
        self.check("(its node is the distribution's: dialout, 0660)", self.must(f"stat -L -c '%G %a' {MIVA_PORT}") == "dialout 660")
        # A second pump reads beside it: that is the load.
        self.enrol(f"serial:{MIVA_PORT}?driver=miva", f"serial:{PARADIGM_PORT}?driver=paradigm&serial=SIM000001")
        self.until("100 records", 90, lambda: self.records("SIM00001") >= 100)
        self.pull_cable()
        took, _ = self.until("NO PUMP", 20, lambda: self.port("PUMP0001")["state"] == "absent")
        kept = self.records("SIM00001")
        self.check("pulled under load: the port says that nothing is there", True, f"{took:.1f} s after")
        self.check("what was read is kept, and it was pulled in the middle", 100 <= kept < events, f"{kept} of {events}")
        self.plug_cable()
        took, _ = self.caught_up("PUMP0001", 150)
        self.check("plugged again, it is read to its end", self.records("SIM00001") >= events, f"{self.records('SIM00001')} records, {took:.1f} s")
        took, _ = self.caught_up("CareLink", 150)
        self.check("the CareLink stick was read beside it, by the shipped rule's group", self.records("SIM000001") > 0, f"{self.records('SIM000001')} records")
        self.check("the same process did all of it", self.property("MainPID") == process)
        peak = int(re.search(r"VmHWM:\s+(\d+)", self.must("cat /proc/$(pidof pumpledgerd)/status"))[1])
        self.check("it needs less than 64 MB with two pumps", peak < 64 << 10, f"{peak / 1024:.1f} MB at most")

    def counts(self):
        return self.records("SIM00001"), self.records("SIM000001")

    def ends(self):
        before = self.counts()
        begin = time.monotonic()
        self.must("systemctl restart pumpledgerd")
        self.check("a restart ends cleanly and is ready again", self.property("Result") == "success", f"{time.monotonic() - begin:.1f} s")
        self.check("every record is there after it", self.no_fewer(before), self.counts())

        process = self.property("MainPID")
        self.must(f"kill -KILL {process}")
        took, _ = self.until("the service after SIGKILL", 30, lambda: self.property("ActiveState") == "active" and self.property("MainPID") not in ("0", process))
        self.check("killed, it is back by itself", True, f"{took:.1f} s")

        self.must("mkdir -p /run/systemd/system/pumpledgerd.service.d && printf '[Service]\\nWatchdogSec=3\\n'"
                  " >/run/systemd/system/pumpledgerd.service.d/short.conf && systemctl daemon-reload && systemctl restart pumpledgerd")
        process = self.property("MainPID")
        self.must(f"sleep 7; test $(systemctl show pumpledgerd -P MainPID) = {process}")
        self.check("a watchdog of 3 s is fed", True)
        self.must(f"kill -STOP {process}")
        took, _ = self.until("the service after a hang", 60, lambda: self.property("ActiveState") == "active" and self.property("MainPID") not in ("0", process))
        self.check("a daemon that hangs is ended and started again", "watchdog" in self.must("journalctl -u pumpledgerd -n 40 --no-pager").lower(), f"{took:.1f} s")
        self.check("every record is there after both", self.no_fewer(before), self.counts())
        self.check("no core file and no memory in the journal", self.machine.run("journalctl -u pumpledgerd | grep -iE 'backtrace|rsp|core dumped'")[0] == 1)
        self.check("no pump's serial number in the journal", self.machine.run("journalctl -u pumpledgerd -o cat | grep -E 'SIM0'")[0] == 1)
        self.must("rm -r /run/systemd/system/pumpledgerd.service.d && systemctl daemon-reload && systemctl restart pumpledgerd")

        self.must(f"sed -i 's/readEvery/readEfery/' {SETTINGS}")
        self.machine.run("systemctl restart pumpledgerd")
        time.sleep(4)
        state, restarts = self.property("ActiveState"), int(self.property("NRestarts"))
        said = self.must("journalctl -u pumpledgerd -n 6 -o cat --no-pager")
        self.check("a configuration that cannot be used is told, not tried for ever", state == "failed" and restarts <= 2 and "readEfery" in said, state)
        self.must(f"sed -i 's/readEfery/readEvery/' {SETTINGS} && systemctl restart pumpledgerd")

    def no_fewer(self, before):
        return all(now >= then for now, then in zip(self.counts(), before))

    def power_cut(self, port):
        before = self.counts()
        self.machine.end()
        took = self.boot(port)
        self.until("the service after the power cut", 60, lambda: self.machine.run("systemctl is-active pumpledgerd")[0] == 0)
        self.check("after a power cut the service comes with the machine", True, f"guest up in {took:.1f} s")
        self.check("every record survived it", self.no_fewer(before), self.counts())
        self.check("the ledger verifies", self.machine.run("runuser -u auditor -- pumpledger verify")[0] == 0)

    def remove(self):
        size = self.must("stat -c %s /var/lib/pumpledger/ledger.db")
        self.must("dpkg -i /mnt/pumpledger.deb")
        self.check("installed over itself, it runs again, with the settings that were made",
                   self.machine.run(f"systemctl is-active pumpledgerd && grep -q PUMP0001 {SETTINGS}")[0] == 0)
        self.must("dpkg -r pumpledger")
        self.check("removed, the service is gone", self.machine.run("systemctl is-active pumpledgerd")[0] != 0 and self.machine.run("test -e /usr/bin/pumpledgerd")[0] != 0)
        code, said = self.machine.run("dpkg -P pumpledger")
        self.check("purged, it keeps the ledger and says so", code == 0 and "stays" in said
                   and int(self.must("stat -c %s /var/lib/pumpledger/ledger.db")) >= int(size))
        self.check("nothing else of it is left", self.must("find /etc /usr -xdev -name '*pumpledger*' ! -path '*/dpkg/*'") == "")

    def story(self):
        a = self.arguments
        shutil.copyfile(a.image, f"{a.work}/disk.ext4")
        # Held to 9600 baud, as the real line is: there is time to pull the cable in the middle.
        # Into a file: a pipe that nobody empties would hold it up.
        said = f"{a.work}/pumpsim.log"
        with open(said, "w") as log:
            simulator = subprocess.Popen([a.pumpsim, "miva", "--scenario", "antibiotic-q12h", "--pace", "--tcp", "127.0.0.1:0"],
                                         stdout=log, stdin=subprocess.PIPE)
        try:
            _, ready = self.until("the simulated pump", 30, lambda: next((json.loads(line) for line in open(said) if line.endswith("\n")), None))
            port = ready["ready"]["tcp"].split(":")[1]
            took = self.boot(port)
            self.check("a Debian 12 with systemd is up", True, f"{took:.1f} s, {self.machine.accelerator}")
            self.install()
            self.people()
            self.stick()
            self.read_and_yank(ready["events"])
            self.ends()
            self.power_cut(port)
            self.remove()
        except Failure as failure:
            self.check("the story goes on", False, failure)
            self.tell_more()
        finally:
            if self.machine:
                self.machine.end()
            simulator.kill()
            simulator.wait()
        print(f"T3: {self.seen} seen, {len(self.failed)} failed, {self.seconds():.0f} s")
        return 1 if self.failed else 0

    def tell_more(self):
        try:
            print(self.machine.run("journalctl -u pumpledgerd --no-pager -n 30; ls -l /dev/serial/by-id; runuser -u nurse -- pumpledger status")[1])
        except (Failure, AttributeError, OSError) as failure:
            print(failure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("work", "image", "kernel", "initrd", "pumpsim"):
        parser.add_argument("--" + name, required=True)
    sys.exit(Run(parser.parse_args()).story())
