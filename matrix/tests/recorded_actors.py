"""Plays the ends for which no program is at hand: `recorded_actors.py ROLE PORT [WORD…]`."""

import http.server
import os
import smtplib
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path

from relayed import join

GREETINGS = {
    "smtp": b"220 mail.good.example ESMTP ready\r\n",
    "imap": b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
    "pop3": b"+OK POP3 ready <1896.697170952@good.example>\r\n",
    "ftp": b"220 FTP server ready\r\n",
}


def reset(connection):
    """Closes with a RST: nothing lingers."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def until_closed(connection):
    while connection.recv(65536):
        pass


def serve(port, handle):
    listener = socket.create_server(("127.0.0.1", port), backlog=8)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=quietly, args=(handle, connection), daemon=True).start()


def quietly(handle, connection):
    try:
        handle(connection)
    except OSError:
        pass
    connection.close()


def reset_on_hello(connection):
    connection.recv(65536)
    reset(connection)


def close_on_hello(connection):
    connection.recv(65536)


def silent(connection):
    until_closed(connection)


def greeting(protocol):
    def handle(connection):
        connection.sendall(GREETINGS[protocol])
        until_closed(connection)

    return handle


def relay(upstream, end):
    """Hands on the client's hello and the first 100 bytes of the answer; then `end`s."""

    def handle(connection):
        with socket.create_connection(("127.0.0.1", int(upstream))) as server:
            server.sendall(connection.recv(65536))
            connection.sendall(server.recv(100))
            end(connection)

    return handle


def stall(upstream):
    return relay(upstream, until_closed)


def smtp(starttls, chain=None, key=None):
    """A dialogue as a mail server has it: with `starttls` "yes", "demanded" or "broken"."""

    def handle(connection):
        lines = connection.makefile("rb", 0)
        connection.sendall(GREETINGS["smtp"])
        for line in lines:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                connection.sendall(b"250-mail.good.example\r\n250-STARTTLS\r\n250 8BITMIME\r\n")
            elif word == b"STARTTLS" and starttls == "broken":
                connection.sendall(b"454 4.7.0 TLS not available due to local problem\r\n")
            elif word == b"STARTTLS":
                connection.sendall(b"220 2.0.0 Ready to start TLS\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(chain, key)
                with context.wrap_socket(connection, server_side=True) as secured:
                    while data := secured.recv(4096):
                        secured.sendall(b"221 bye\r\n" if b"QUIT" in data else b"250 ok\r\n")
                return
            elif word == b"QUIT":
                connection.sendall(b"221 2.0.0 Bye\r\n")
                return
            else:
                connection.sendall(b"530 5.7.0 Must issue a STARTTLS command first\r\n")

    return handle


def proxy(answer, upstream=None):
    """An HTTP proxy that answers CONNECT so, and where it agrees relays to `upstream`."""

    def handle(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        connection.sendall(f"HTTP/1.1 {answer}\r\n\r\n".encode())
        if upstream is None:
            return
        with socket.create_connection(("127.0.0.1", int(upstream))) as server:
            join(connection, server)

    return handle


def web(port):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Quiet).serve_forever()


def plain_mail(port):
    """A client that never says STARTTLS."""
    client = smtplib.SMTP("127.0.0.1", port, timeout=10)
    client.ehlo("client.example")
    print(client.docmd("MAIL FROM:<a@good.example>"))
    client.quit()


def fetch(port, trust, name="good.example", *options):
    """A client of Python's ssl: OPTION is min12, max12, min13, alpn=…, leave (without a byte),
    certificate=FILE.pem (with its key in FILE.key), patient (reads a second after it asked)."""
    context = ssl.create_default_context(cafile=trust)
    for option in options:
        if option == "max12":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        elif option == "min13":
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        elif option.startswith("alpn="):
            context.set_alpn_protocols(option[5:].split(","))
        elif option.startswith("certificate="):
            chain = Path(option.partition("=")[2])
            context.load_cert_chain(chain, chain.with_suffix(".key"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=name) as secured:
            if "leave" not in options:
                secured.sendall(b"GET / HTTP/1.0\r\n\r\n")
                time.sleep(1 if "patient" in options else 0)
                while secured.recv(65536):
                    pass
            secured.unwrap()


SERVERS = {
    "reset-on-hello": lambda: reset_on_hello,
    "close-on-hello": lambda: close_on_hello,
    "silent": lambda: silent,
    "greeting": greeting,
    "cut-reset": lambda upstream: relay(upstream, reset),
    "cut-fin": lambda upstream: relay(upstream, lambda _: None),
    "stall": stall,
    "smtp": smtp,
    "proxy": proxy,
}

if __name__ == "__main__":
    role, number, *words = sys.argv[1:]
    os.chdir("/")
    if role in SERVERS:
        serve(int(number), SERVERS[role](*words))
    else:
        {"web": web, "plain-mail": plain_mail, "fetch": fetch}[role](int(number), *words)
