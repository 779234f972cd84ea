# SPDX-License-Identifier: MIT
"""A private network namespace with one TUN device, whose other end is this program.

Nothing leaves the machine: the namespace has no other device, and what its TCP sends is only ever
read by the program that made it. Sockets are made inside by entering for a moment; they stay
there when the program has left again, so one thread can hold sockets of several namespaces.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
IFF_UP, IFF_RUNNING = 0x1, 0x40
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS, SIOCGIFINDEX = 0x8916, 0x891C, 0x8914, 0x8933
TUN_NAME = b"tun0"
PATIENCE_MS = 20000
SELF = "/proc/thread-self/ns/net"

libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This machine does not let us make namespaces or TUN devices."""


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


class Namespace:
    """A network namespace, its TUN device and its settings."""

    def __init__(self, ip4, ip6):
        self.ip4, self.ip6 = ip4, ip6
        self.home = os.open(SELF, os.O_RDONLY)
        try:
            check(libc.unshare(CLONE_NEWNET), "a network namespace needs root")
            self.handle = os.open(SELF, os.O_RDONLY)
            try:
                self.tun = self._open_tun()
                self._configure()
            finally:
                check(libc.setns(self.home, CLONE_NEWNET), "setns")
        except OSError as error:
            raise Unavailable(f"two kernels: {error.strerror or error}") from error

    @contextlib.contextmanager
    def entered(self):
        check(libc.setns(self.handle, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            check(libc.setns(self.home, CLONE_NEWNET), "setns")

    def _open_tun(self):
        try:
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            raise OSError(error.errno, f"/dev/net/tun: {error.strerror}") from error
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", TUN_NAME, IFF_TUN | IFF_NO_PI))
        return tun

    def _configure(self):
        for name, value in (("accept_dad", 0), ("router_solicitations", 0), ("addr_gen_mode", 1)):
            write_setting(f"net/ipv6/conf/tun0/{name}", value)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            for request, address in ((SIOCSIFADDR, self.ip4), (SIOCSIFNETMASK, "255.255.255.0")):
                sockaddr = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(control, request, struct.pack("16s16s8x", TUN_NAME, sockaddr))
            flags = struct.pack("16sH22x", TUN_NAME, IFF_UP | IFF_RUNNING)
            fcntl.ioctl(control, SIOCSIFFLAGS, flags)
            request = fcntl.ioctl(control, SIOCGIFINDEX, struct.pack("16s24x", TUN_NAME))
            index = struct.unpack_from("=i", request, 16)[0]
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            address = socket.inet_pton(socket.AF_INET6, self.ip6)
            fcntl.ioctl(control, SIOCSIFADDR, struct.pack("=16sIi", address, 64, index))
        await_local_route(address)

    def set(self, settings):
        """Write sysctls under net.ipv4; one that this kernel lacks is left alone."""
        with self.entered():
            for name, value in settings.items():
                write_setting(f"net/ipv4/{name}", value)

    def socket(self, family, kind=socket.SOCK_STREAM, protocol=0):
        with self.entered():
            return socket.socket(family, kind, protocol)

    def read_packet(self):
        """The next packet the namespace has sent, or None."""
        try:
            return os.read(self.tun, 65536)
        except BlockingIOError:
            return None

    def write_packet(self, packet):
        """Hand a packet to the namespace; when this returns its TCP has dealt with it."""
        os.write(self.tun, packet)

    def close(self):
        for handle in (self.tun, self.handle, self.home):
            os.close(handle)


def await_local_route(address):
    """The kernel makes an IPv6 address usable in its own time, even where it detects no duplicates.

    Until it has put in the route, binding fails and packets to the address are dropped.
    """
    wanted = address.hex() + " 80 "
    for _ in range(PATIENCE_MS):
        with open("/proc/thread-self/net/ipv6_route", encoding="ascii") as routes:
            if any(line.startswith(wanted) for line in routes):
                return
        time.sleep(0.001)
    raise OSError(errno.ETIMEDOUT, "no route to the own IPv6 address")


def write_setting(name, value):
    try:
        with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
            file.write(str(value))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EINVAL):
            raise
