"""A Debian guest in QEMU: commands go in over a serial port, devices are plugged over QMP."""

import json
import os
import socket
import subprocess
import time


class Failure(Exception):
    pass


def stream(path, seconds):
    """Connects to a Unix socket that QEMU is about to make."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            end = socket.socket(socket.AF_UNIX)
            end.connect(path)
            return end
        except OSError:
            end.close()
            if time.monotonic() > deadline:
                raise Failure(f"QEMU did not open {path}")
            time.sleep(0.05)


def has_kvm():
    """/dev/kvm alone does not say that the processor can: a nested machine may show it and hang."""
    wanted = os.environ.get("PUMPLEDGER_KVM")
    if wanted:
        return wanted == "yes"
    with open("/proc/cpuinfo") as file:
        flags = set(next((line for line in file if line.startswith("flags")), "").split())
    return bool(flags & {"vmx", "svm"}) and os.access("/dev/kvm", os.R_OK | os.W_OK)


class Machine:
    def __init__(self, work, kernel, initrd, disk, cargo, arguments=()):
        self.console_file = f"{work}/console.log"
        places = {name: f"{work}/{name}.socket" for name in ("agent", "qmp")}
        for place in places.values():
            if os.path.exists(place):
                os.remove(place)
        self.accelerator = "kvm" if has_kvm() else "tcg"
        processor = "host" if self.accelerator == "kvm" else "max"
        tcg = ",tb-size=256" if self.accelerator == "tcg" else ""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-M", "q35,vmport=off,smm=off", "-accel", self.accelerator + tcg, "-cpu", processor,
             "-smp", "1", "-m", "768", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-serial", f"file:{self.console_file}", "-serial", f"unix:{places['agent']},server=on,wait=off",
             "-qmp", f"unix:{places['qmp']},server=on,wait=off",
             "-kernel", kernel, "-initrd", initrd, "-append",
             "root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check nokaslr "
             "cryptomgr.notests random.trust_cpu=on net.ifnames=0 systemd.show_status=0 "
             "systemd.mask=getty@tty1.service systemd.mask=serial-getty@ttyS0.service",
             "-drive", f"file={disk},format=raw,if=none,id=disk", "-device", "virtio-blk-pci,drive=disk",
             "-drive", f"file={cargo},format=raw,if=none,id=cargo,readonly=on", "-device", "virtio-blk-pci,drive=cargo",
             "-device", "qemu-xhci,id=usb", *arguments],
            stdin=subprocess.DEVNULL)
        self.agent = stream(places["agent"], 20)
        self.rest = b""
        self.qmp = stream(places["qmp"], 20).makefile("rw")
        self.qmp.readline()
        self.tell("qmp_capabilities")

    def wait_until_up(self, seconds):
        self.read_mark(seconds)
        return time.monotonic() - self.started

    def read_mark(self, seconds):
        """What the agent said, up to its mark, and what stands after the mark."""
        deadline = time.monotonic() + seconds
        while True:
            said, mark, after = self.rest.partition(b"\x1e")
            if mark and b"\n" in after:
                word, _, self.rest = after.partition(b"\n")
                return said.decode(errors="replace"), word.decode(errors="replace")
            left = deadline - time.monotonic()
            if left <= 0 or self.process.poll() is not None:
                raise Failure(f"the guest does not answer any more; see {self.console_file}")
            self.agent.settimeout(left)
            try:
                self.rest += self.agent.recv(65536)
            except socket.timeout:
                pass

    def run(self, command, seconds=130):
        """Exit code and output of a command in the guest."""
        self.agent.settimeout(10)
        self.agent.sendall(command.replace("\n", " ").encode() + b"\n")
        said, code = self.read_mark(seconds)
        return int(code), said.strip()

    def tell(self, verb, **arguments):
        """A QMP command; its answer comes after events that nobody asked for."""
        self.qmp.write(json.dumps({"execute": verb, "arguments": arguments}) + "\n")
        self.qmp.flush()
        while True:
            answer = json.loads(self.qmp.readline())
            if "error" in answer:
                raise Failure(f"QEMU refuses {verb}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def end(self):
        self.process.kill()
        self.process.wait()
