"""A device of the Personal Healthcare class on the mocked bus: bulk endpoints, and trouble when asked for.

What the host sends decides what happens: STALL, SHORT, FLOOD, LONG, SILENT and YANK do what they say, anything else comes
back as it was sent. It answers usbfs(4) calls as the kernel would.
"""

import errno
import struct
import threading

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

CLAIM, RELEASE, CLEAR_HALT = 0x8004550F, 0x80045510, 0x80045515
CAPABILITIES, SUBMIT, REAP, DISCARD = 0x8004551A, 0x8038550A, 0x4008550D, 0x550B
DRIVER, DISCONNECT, CONNECT, DISCONNECT_CLAIM, DRIVER_CALL = 0x41045508, 0x5516, 0x5517, 0x8108551B, 0xC0105512
CONNECTION, CONTROL, SPEED = 0x40085511, 0xC0185500, 0x551F
# struct usbdevfs_urb: where its fields stand.
KIND, ENDPOINT, STATUS, BUFFER, LENGTH, DONE = 0, 1, 4, 16, 24, 28

PACKET = 64


def descriptors(interface_class=0x0F, endpoints=((0x81, 2), (0x02, 2)), packet=PACKET, total=None, extra=b""):
    body = struct.pack("<9B", 9, 4, 0, 0, len(endpoints), interface_class, 0, 0, 0)
    for address, kind in endpoints:
        body += struct.pack("<BBBBHB", 7, 5, address, kind, packet, 0)
    body += extra
    device = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, 0x1209, 2, 0x100, 0, 0, 0, 1)
    return device + struct.pack("<BBHBBBBB", 9, 2, total or len(body) + 9, 1, 1, 0, 0x80, 50) + body


class Device(UMockdev.IoctlBase):
    def __init__(self):
        super().__init__()
        self.lock = threading.RLock()
        self.waiting, self.done, self.answers = [], [], []
        self.stalled = self.silent = self.gone = False
        self.claimed = self.driver_is_off = False
        self.calls = {}
        self.submitted = self.reaped = 0
        self.on_yank = lambda: None

    def do_handle_ioctl(self, client):
        with self.lock:
            try:
                return self.call(client)
            except Exception as error:  # a test must see what is wrong with the mock
                print("mock:", repr(error), flush=True)
                client.complete(-1, errno.EIO)
                return True

    def call(self, client):
        request, argument = client.get_request() & 0xFFFFFFFF, client.get_arg()
        self.calls[request] = self.calls.get(request, 0) + 1
        if self.gone and not (request == REAP and self.done):
            client.complete(-1, errno.ENODEV)
        elif request == CAPABILITIES:
            argument.resolve(0, 4).update(0, struct.pack("<I", 0x01 | 0x04))
            client.complete(0, 0)
        elif request in (CLAIM, DISCONNECT_CLAIM):
            self.claimed = self.driver_is_off = True
            client.complete(0, 0)
        elif request == RELEASE:
            self.claimed = False
            client.complete(0, 0)
        elif request == DRIVER_CALL:
            # The kernel driver is put off its interface, or given it back.
            code = struct.unpack_from("<i", retrieved(argument.resolve(0, 16)), 4)[0]
            self.driver_is_off = code == DISCONNECT
            client.complete(0, 0)
        elif request == CLEAR_HALT:
            self.stalled = False
            client.complete(0, 0)
        elif request == DRIVER:
            client.complete(-1, errno.ENODATA)
        elif request == CONNECTION:
            argument.resolve(0, 8).update(0, struct.pack("<IB", 2, 0))
            client.complete(0, 0)
        elif request == CONTROL:
            # Only the number of the configuration is asked for.
            argument.resolve(0, 24).resolve(16, 1).update(0, b"\x01")
            client.complete(1, 0)
        elif request == SPEED:
            client.complete(3, 0)
        elif request == SUBMIT:
            self.submit(argument)
            client.complete(0, 0)
        elif request == DISCARD:
            client.complete(*((0, 0) if self.discard(struct.unpack("<Q", retrieved(argument))[0]) else (-1, errno.EINVAL)))
        elif request == REAP:
            if self.done:
                argument.resolve(0, 8).set_ptr(0, self.done.pop(0))
                self.reaped += 1
                client.complete(0, 0)
            else:
                client.complete(-1, errno.EAGAIN)
        else:
            client.complete(-1, errno.ENOTTY)
        return True

    def submit(self, argument):
        urb = argument.resolve(0, 56)
        fields = retrieved(urb)
        length = struct.unpack_from("<i", fields, LENGTH)[0]
        buffer = urb.resolve(BUFFER, length) if length else None
        self.submitted += 1
        if fields[ENDPOINT] & 0x80:
            if self.stalled:
                return self.finish(urb, -errno.EPIPE, 0)
            self.waiting.append((urb, buffer, length))
            return self.pump()
        heard = retrieved(buffer) if buffer else b""
        self.finish(urb, 0, length)
        self.obey(heard)

    def obey(self, heard):
        word = heard.split(b" ")[0].strip()
        if word == b"STALL":
            self.stalled = True
            self.fail_all(-errno.EPIPE)
        elif word == b"STALL-ALWAYS":
            self.fail_all(-errno.EPIPE)
        elif word == b"SHORT":
            self.answers += [bytes([byte]) for byte in b"short packets"]
        elif word == b"FLOOD":
            self.answers += [bytes([number % 251]) * PACKET for number in range(200)]
        elif word == b"LONG":
            self.fail_all(-errno.EOVERFLOW)
        elif word == b"SILENT":
            self.silent = True
        elif word == b"YANK":
            self.yank()
        else:
            self.answers += [heard[i:i + PACKET] for i in range(0, len(heard), PACKET)]
        self.pump()

    def pump(self):
        while self.answers and self.waiting and not self.silent:
            urb, buffer, length = self.waiting.pop(0)
            answer = self.answers.pop(0)[:length]
            buffer.update(0, answer)
            self.finish(urb, 0, len(answer))

    def discard(self, address):
        """The transfer at this address of the host's, and no other: libusb waits for the one that it named."""
        for number, (urb, _, _) in enumerate(self.waiting):
            if urb.client_addr == address:
                del self.waiting[number]
                self.finish(urb, -errno.ENOENT, 0)
                return True
        return False

    def fail_all(self, status):
        for urb, _, _ in self.waiting:
            self.finish(urb, status, 0)
        self.waiting = []

    def yank(self):
        self.fail_all(-errno.ESHUTDOWN)
        self.gone = True
        threading.Thread(target=self.on_yank, daemon=True).start()

    def finish(self, urb, status, count):
        urb.update(STATUS, struct.pack("<i", status))
        urb.update(DONE, struct.pack("<i", count))
        self.done.append(urb)


def retrieved(data):
    held = data.retrieve()
    return bytes(held[0] if isinstance(held, tuple) else held)
