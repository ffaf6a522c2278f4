"""A USB bus that is not there: umockdev shows a program below it devices that a test plugs and pulls.

Programs started without `outside` see the mocked /dev and /sys and hear udev's messages; simulated pumps run outside of
it. A serial port of the bus is a name in the mocked /dev that leads to a simulator's pseudo-terminal.
"""

import os
import threading

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

ADAPTERS = {
    "carelink": ("0a21", "8001"),
    "ftdi": ("0403", "6001"),
    "ch340": ("1a86", "7523"),
    "mouse": ("046d", "c077"),
}


class RealTerminal(UMockdev.IoctlBase):
    """Calls on a terminal go to the pseudo-terminal itself."""

    def do_handle_ioctl(self, client):
        try:
            result, code = client.execute()
            client.complete(result, code)
        except GLib.GError:
            # The program that asked has closed the terminal meanwhile.
            client.abort()
        return True


class Bus:
    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        self.root = self.testbed.get_root_dir()
        os.makedirs(os.path.join(self.root, "dev/bus/usb/001"), exist_ok=True)
        self.terminals = {}
        # umockdev answers calls on devices from this loop.
        threading.Thread(target=GLib.MainLoop().run, daemon=True).start()

    def node(self, name):
        """Where a simulator has to put its pseudo-terminal so that it shows as /dev/NAME."""
        if name not in self.terminals:
            self.terminals[name] = RealTerminal()
            self.testbed.attach_ioctl("/dev/" + name, self.terminals[name])
        return os.path.join(self.root, "dev", name)

    def plug_serial(self, tty, socket, adapter="carelink", serial=None, title="Adapter", also=()):
        """A USB device in a socket with a serial port on it. Returns what `pull` takes. `also`: further messages."""
        vendor, product = ADAPTERS[adapter]
        path = "pci-0000:00:14.0-usb-0:%s" % socket.split("-", 1)[1]
        common = ["ID_BUS", "usb", "ID_VENDOR_ID", vendor, "ID_MODEL_ID", product, "ID_MODEL", title]
        common += ["ID_SERIAL_SHORT", serial] if serial else []
        attributes = ["idVendor", vendor, "idProduct", product] + (["serial", serial] if serial else [])
        add = self.testbed.add_device
        device = add("usb", socket, None, attributes, ["DEVTYPE", "usb_device", "ID_PATH", path] + common)
        interface = add("usb", socket + ":1.0", device, [], ["DEVTYPE", "usb_interface"])
        port = add(
            "tty", tty, interface, [],
            ["DEVNAME", "/dev/" + tty, "ID_PATH", path + ":1.0", "ID_USB_INTERFACE_NUM", "00"] + common)
        for action in also:
            self.testbed.uevent(port, action)
        return [port, interface, device]

    def plug_device(self, socket, number, descriptors, handler, serial=None):
        """A whole device whose calls `handler` answers. `descriptors`: as it sends them."""
        node = "bus/usb/001/%03d" % number
        path = os.path.join(self.root, "dev", node)
        with open(path, "wb") as file:
            file.write(descriptors)
        self.testbed.attach_ioctl("/dev/" + node, handler)
        serial_line = "E: ID_SERIAL_SHORT=%s\n" % serial if serial else ""
        self.testbed.add_from_string(
            "P: /devices/%s\nE: DEVNAME=/dev/%s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
            "E: BUSNUM=001\nE: DEVNUM=%03d\nE: MAJOR=189\nE: MINOR=%d\nE: ID_PATH=pci-0000:00:14.0-usb-0:%s\n%s"
            "A: busnum=1\\n\nA: devnum=%d\\n\nA: bConfigurationValue=1\\n\nH: descriptors=%s\n\n"
            % (socket, node, number, number - 1, socket.split("-", 1)[1], serial_line, number, descriptors.hex().upper()))
        return ["/sys/devices/" + socket]

    def pull(self, paths):
        for path in paths:
            self.testbed.uevent(path, "remove")
            self.testbed.remove_device(path)


def outside():
    """The environment of a program that shall see the real machine."""
    return {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "UMOCKDEV_DIR")}
