# SPDX-License-Identifier: MIT
"""Sockets inside a network namespace, moved by commands on standard input, one answer a line.

listen PORT | connect NAME ADDRESS PORT | accept NAME | send NAME TEXT | receive NAME |
finish NAME (no more to send) | close NAME | reset NAME | scan ADDRESS FIRST LAST | states
"""

import socket
import struct
import sys

STATES = {1: "ESTABLISHED", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2",
          6: "TIME-WAIT", 7: "CLOSED", 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN", 11: "CLOSING",
          12: "SYN-RECEIVED"}

sockets = {}
listening = None


def endpoint(text):
    address, port = text.split(":")
    return socket.inet_ntoa(struct.pack("<I", int(address, 16))), int(port, 16)


def states():
    """local port, remote port, state of every connection the kernel has."""
    found = []
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            words = line.split()
            state = STATES[int(words[3], 16)]
            if state != "LISTEN":
                found.append(f"{endpoint(words[1])[1]},{endpoint(words[2])[1]},{state}")
    return " ".join(found)


def listen(port):
    global listening
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("0.0.0.0", int(port)))
    listening.listen(128)


def connect(name, address, port):
    sockets[name] = socket.socket()
    sockets[name].setblocking(False)
    sockets[name].connect_ex((address, int(port)))
    return None


def local_port(name):
    return sockets[name].getsockname()[1]


def accept(name):
    sockets[name], _ = listening.accept()


def reset(name):
    sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sockets.pop(name).close()


def scan(address, first, last):
    refused = 0
    for port in range(int(first), int(last) + 1):
        with socket.socket() as probe:
            refused += probe.connect_ex((address, port)) != 0
    return refused


def receive(name):
    sockets[name].setblocking(True)
    sockets[name].settimeout(20)
    return len(sockets[name].recv(65536))


COMMANDS = {
    "listen": listen, "connect": connect, "port": local_port, "accept": accept,
    "send": lambda name, text: sockets[name].send(text.encode()),
    "receive": receive,
    "finish": lambda name: sockets[name].shutdown(socket.SHUT_WR),
    "close": lambda name: sockets.pop(name).close(),
    "reset": reset, "scan": scan, "states": states,
}

for command in sys.stdin:
    word, *arguments = command.split()
    print(COMMANDS[word](*arguments), flush=True)
