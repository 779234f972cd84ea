#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program under test: a server and its client on one machine, one request, one answer.

    exchange.py            both close what they opened
    exchange.py --leak     the server forgets to close: its end stays in CLOSE-WAIT
"""

import socket
import sys
import threading
import time

PORT = 18080


def serve(listener, leak, kept):
    connection, _ = listener.accept()
    connection.recv(1024)
    connection.sendall(b"welcome\n")
    connection.recv(1024)  # empty: the client has closed
    if leak:
        kept.append(connection)
    else:
        connection.close()


def main(leak):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen()
    kept = []
    server = threading.Thread(target=serve, args=(listener, leak, kept))
    server.start()
    with socket.create_connection(("127.0.0.1", PORT)) as client:
        client.sendall(b"hello\n")
        client.recv(1024)
    server.join()
    if leak:
        time.sleep(0.5)


if __name__ == "__main__":
    main("--leak" in sys.argv[1:])
