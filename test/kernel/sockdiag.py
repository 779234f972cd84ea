# SPDX-License-Identifier: MIT
"""Ask a kernel by INET_DIAG which state one of its sockets is in, or have it destroyed.

One request names one socket by its four-tuple, so it costs the same however many sockets there
are. TIME-WAIT and request sockets answer too; where no connection matches, a listener does.
"""

import errno
import os
import socket
import struct

SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 20, 21
NLMSG_ERROR = 2
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NETLINK_SOCK_DIAG = 4
ALL_STATES = 0xFFFFFFFF
NO_COOKIE = 0xFFFFFFFF

# include/net/tcp_states.h; a request socket (12) is SYN-RECEIVED to RFC 9293.
STATES = {
    1: "ESTABLISHED",
    2: "SYN-SENT",
    3: "SYN-RECEIVED",
    4: "FIN-WAIT-1",
    5: "FIN-WAIT-2",
    6: "TIME-WAIT",
    7: "CLOSED",
    8: "CLOSE-WAIT",
    9: "LAST-ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN-RECEIVED",
}


class SockDiag:
    def __init__(self, namespace):
        self.netlink = namespace.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
        self.netlink.bind((0, 0))
        self.sequence = 0

    def _ask(self, kind, flags, local, remote):
        """Send one request about (local, remote), return (message type, body) of the answer."""
        family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
        ends = [socket.inet_pton(family, end[0]).ljust(16, b"\0") for end in (local, remote)]
        self.sequence += 1
        body = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, ALL_STATES)
        body += struct.pack("!HH16s16s", local[1], remote[1], *ends)
        body += struct.pack("=III", 0, NO_COOKIE, NO_COOKIE)
        size, flags = 16 + len(body), NLM_F_REQUEST | flags
        header = struct.pack("=IHHII", size, kind, flags, self.sequence, 0)
        self.netlink.send(header + body)
        while True:
            answer = self.netlink.recv(8192)
            _, kind, _, sequence, _ = struct.unpack_from("=IHHII", answer)
            if sequence == self.sequence:
                return kind, answer[16:]

    def state(self, local, remote):
        """The state of the socket between two (address, port), CLOSED if there is none."""
        kind, body = self._ask(SOCK_DIAG_BY_FAMILY, 0, local, remote)
        if kind != NLMSG_ERROR:
            return STATES[body[1]]
        code = -struct.unpack_from("=i", body)[0]
        if code in (errno.ENOENT, errno.ESTALE):
            return "CLOSED"
        raise OSError(code, f"sock_diag: {os.strerror(code)}")

    def destroy(self, local, remote):
        """Destroy the connection, never a listener; the kernel may send a RST for it."""
        if self.state(local, remote) not in ("CLOSED", "LISTEN"):
            self._ask(SOCK_DESTROY, NLM_F_ACK, local, remote)

    def close(self):
        self.netlink.close()
