# SPDX-License-Identifier: MIT
"""One of the two hosts: its kernel, and the program on it that uses a TCP socket.

An action returns "" or the name of the errno with which the kernel refused it. No action blocks.
"""

import contextlib
import errno
import socket
import struct

import netns
import sockdiag

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_FASTOPEN = 19, 20, 21, 23
TCP_REPAIR_ON, TCP_REPAIR_OFF_NO_PROBE, TCP_SEND_QUEUE = 1, -1, 2
ABORT = struct.pack("=ii", 1, 0)

# Timers short, so that waiting for them is cheap; everything else as Linux has it.
SETTINGS = {
    "tcp_rto_min_us": 20000,
    "tcp_tw_reuse": 1,
    "tcp_tw_reuse_delay": 1,
    "tcp_syn_retries": 3,
    "tcp_synack_retries": 2,
    "tcp_retries2": 4,
    "tcp_orphan_retries": 3,
    "tcp_fastopen": 3,
    "tcp_fastopen_blackhole_timeout_sec": 0,
    "tcp_no_metrics_save": 1,
    "tcp_max_tw_buckets": 4096,
}


class Host:
    def __init__(self, name, ip4, ip6):
        self.name = name
        self.kernel = netns.Namespace(ip4, ip6)
        self.kernel.set(SETTINGS)
        self.diag = sockdiag.SockDiag(self.kernel)
        self.sock = None
        self.listener = None
        self.aside = []
        self.local = self.remote = None

    def begin(self, local, remote):
        """A new connection between these two (address, port); nothing of it exists yet."""
        self.local, self.remote = local, remote
        self.family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET

    def state(self):
        return self.diag.state(self.local, self.remote)

    # -- what a program can do ---------------------------------------------------------------

    def _socket(self):
        sock = self.kernel.socket(self.family)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(self.local)
        return sock

    def listen(self, fast_open=False, receive_buffer=0):
        self.listener = self._socket()
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if fast_open:
            self.listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
        self.listener.listen(16)
        return ""

    def stoplisten(self):
        self.listener.close()
        self.listener = None
        return ""

    def accept(self):
        """Take the connection from the listener if it is there. Moves no state."""
        if self.sock or not self.listener:
            return
        with contextlib.suppress(OSError):
            self.sock, _ = self.listener.accept()
            self.sock.setblocking(False)

    def _attempt(self, action):
        try:
            action()
        except OSError as error:
            if error.errno not in (errno.EINPROGRESS, errno.EAGAIN):
                return errno.errorcode[error.errno]
        return ""

    def connect(self, **settings):
        """Connect, with an initial sequence number of our choice if `iss` is given."""
        refused = self._attempt(lambda: self._set_up(**settings))
        return refused or self._attempt(lambda: self.sock.connect(self.remote))

    def fastopen(self, size, **settings):
        """Connect with data in the SYN, if a cookie is at hand."""
        refused, data = self._attempt(lambda: self._set_up(**settings)), b"f" * size
        return refused or self._attempt(
            lambda: self.sock.sendto(data, socket.MSG_FASTOPEN, self.remote)
        )

    def _set_up(self, iss=0, keep_alive=False, receive_buffer=0):
        self.sock = self._socket()
        if iss:
            self._choose_iss(iss)
        if keep_alive:
            self._keep_alive()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)

    def _choose_iss(self, iss):
        """What restoring a saved connection is made for also sets where a new one begins."""
        for option, value in (
            (TCP_REPAIR, TCP_REPAIR_ON),
            (TCP_REPAIR_QUEUE, TCP_SEND_QUEUE),
            (TCP_QUEUE_SEQ, iss),
            (TCP_REPAIR, TCP_REPAIR_OFF_NO_PROBE),
        ):
            self.sock.setsockopt(socket.IPPROTO_TCP, option, struct.pack("=I", value % (1 << 32)))
        # Leaving repair mode took this away.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def _keep_alive(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            (socket.TCP_KEEPIDLE, 1),
            (socket.TCP_KEEPINTVL, 1),
            (socket.TCP_KEEPCNT, 3),
        ):
            self.sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def send(self, size):
        return self._attempt(lambda: self.sock.send(b"d" * size, socket.MSG_NOSIGNAL))

    def recv(self, size=65536):
        return self._attempt(lambda: self.sock.recv(size))

    def shutdown(self):
        return self._attempt(lambda: self.sock.shutdown(socket.SHUT_WR))

    def close(self):
        self.sock.close()
        self.sock = None
        return ""

    def abort(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        return self.close()

    def crash(self):
        """The host loses its memory of the connection. A listener comes back with the host.

        A socket in repair mode is closed without a word. What no program holds any more is
        destroyed by its address, for which the kernel may send a RST: the caller throws away what
        is sent during this call.
        """
        self.set_aside()
        while self.aside:
            sock = self.aside.pop()
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON)
            sock.close()
        self.diag.destroy(self.local, self.remote)
        return ""

    def set_aside(self):
        """The program keeps its socket but looks for another one; the connection lives on."""
        if self.sock:
            self.aside.append(self.sock)
            self.sock = None

    def forget(self):
        """Close whatever the program still holds. The caller decides what becomes of the RSTs."""
        self.set_aside()
        while self.aside:
            self.aside.pop().close()
        if self.listener:
            self.stoplisten()

    def shut_down(self):
        self.forget()
        self.diag.close()
        self.kernel.close()
