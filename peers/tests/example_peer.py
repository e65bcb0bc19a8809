#!/usr/bin/python3
"""A peer without a TLS library, in nothing but Python's own: it keeps the contract of
peers/README.md and declines every case. What a peer in another language begins with."""

import array
import json
import socket
import sys

CONTRACT = 2
CONTROL_FD = 3
MESSAGE_MAX = 64 * 1024

CAPABILITIES = {
    "stack": "example",
    "api": "example",
    "library": "no library",
    "release": "0",
    "versions": {},
    "suites": [],
}


def receive(control):
    """One message and the sockets that rode along; (None, []) at the end."""
    space = socket.CMSG_SPACE(array.array("i").itemsize)
    data, ancillary, _, _ = control.recvmsg(MESSAGE_MAX, space)
    sockets = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            sockets.frombytes(payload)
    return (json.loads(data) if data else None), [socket.socket(fileno=fd) for fd in sockets]


def send(control, message):
    control.send(json.dumps(message).encode())


def run_case(endpoint, connection):
    """Here a real peer would shake hands over `connection`, within endpoint["deadline_ms"]."""
    connection.close()
    return {
        "result": "declined",
        "stage": "configure",
        "error_text": "the example peer cannot be a TLS " + endpoint["role"],
    }


def main():
    control = socket.socket(fileno=CONTROL_FD)
    send(control, {"type": "hello", "contract": CONTRACT, "capabilities": CAPABILITIES})
    hello, _ = receive(control)
    if hello is None:
        return 0
    if hello.get("type") != "hello" or hello.get("contract") != CONTRACT:
        print("example peer: another contract:", hello, file=sys.stderr)
        return 3
    while True:
        message, sockets = receive(control)
        if message is None or message["type"] == "quit":
            return 0
        if message["type"] != "case" or len(sockets) != 1:
            print("example peer: unexpected message:", message, file=sys.stderr)
            return 3
        facts = run_case(message["endpoint"], sockets[0])
        send(control, {"type": "facts", "facts": facts})


if __name__ == "__main__":
    sys.exit(main())
