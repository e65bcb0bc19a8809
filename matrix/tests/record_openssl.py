"""record_openssl.py FOLDER: connections of the `openssl` program, each recorded by tcpdump into
FOLDER/NAME.pcap with FOLDER/NAME.keys. Runs in a network namespace of its own (unshare -n)."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

FIRST, LAST = b"what was sent begins here", b"that is all that was sent"


class Talk:
    """A program that is spoken to; nothing is assumed that it has not said."""

    def __init__(self, *words, folder):
        self.process = subprocess.Popen(
            words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0,
        )
        self.said = b""

    def hear(self, text):
        while text not in self.said:
            more = self.process.stdout.read(4096)
            if not more:
                raise SystemExit(f"{self.process.args}: no {text!r} in {self.said!r}")
            self.said += more
        self.said = self.said.partition(text)[2]

    def say(self, text):
        self.process.stdin.write(text)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        return self.process.wait()


def send_mark(mark):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(mark, ("127.0.0.1", 9))


class Recorder:
    """tcpdump from one datagram that it has seen to another."""

    def __init__(self, path, *words):
        # In immediate mode a packet takes the room of a whole snapshot: by default there is room
        # for eight.
        room = ["-s", "65550", "-B", "32768"]
        command = ["tcpdump", "--immediate-mode", "-Z", "root", *room, "-U", "-w", "-", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.path, self.data = path, b""
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self.read)
        self.thread.start()
        while not self.begun.wait(0.05) and self.thread.is_alive():
            send_mark(FIRST)
        if not self.begun.is_set():
            raise SystemExit("tcpdump does not record")

    def read(self):
        while LAST not in self.data:
            more = self.process.stdout.read1()
            if not more:
                return
            self.data += more
            if FIRST in self.data:
                self.begun.set()
        self.path.write_bytes(self.data)

    def end(self):
        send_mark(LAST)
        self.thread.join()
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()


def chat(client, _=None):
    """The server sends each line back reversed, so that it is known to have come."""
    client.say(b"hello\n")
    client.hear(b"olleh")


def key_updates(client, _):
    chat(client)
    client.say(b"K\n")  # both directions
    client.hear(b"KEYUPDATE")
    client.say(b"again\n")
    client.hear(b"niaga")
    client.say(b"k\n")  # one
    client.hear(b"KEYUPDATE")
    client.say(b"more\n")
    client.hear(b"erom")


def renegotiation(client, _):
    chat(client)
    client.say(b"R\n")
    client.hear(b"RENEGOTIATING")
    client.say(b"again\n")
    client.hear(b"niaga")


def talk_to_plain_server(client, server):
    """What the server says comes behind its tickets."""
    client.say(b"hello\n")
    server.hear(b"hello")
    server.say(b"olleh\n")
    client.hear(b"olleh")


def early(client, _):
    client.hear(b"Early data was accepted")


def early_lost(client, _):
    """Rejected, and not sent again."""
    client.hear(b"Early data was rejected")


LO = ["-i", "lo"]
EARLY = ["-early_data", "early.txt"]

# name: options of the server; of each client, and what it does; of tcpdump
CASES = {
    "plain13": (["-rev", "-tls1_3"], [([], chat)], LO),
    "plain12": (["-rev", "-tls1_2"], [([], chat)], LO),
    "cooked": (["-rev"], [([], chat)], ["-i", "any", "-y", "LINUX_SLL"]),
    "cooked2": (["-rev"], [([], chat)], ["-i", "any", "-y", "LINUX_SLL2"]),
    "ipv6": (["-rev"], [(["-6"], chat)], LO),
    "retry": (["-rev", "-groups", "P-384"], [(["-groups", "X25519:P-384"], chat)], LO),
    "key-update": (["-rev", "-tls1_3"], [([], key_updates)], LO),
    "renegotiation-aead": (
        ["-rev", "-tls1_2", "-client_renegotiation"], [([], renegotiation)], LO,
    ),
    "renegotiation-cbc": (
        ["-rev", "-tls1_2", "-client_renegotiation"],
        [(["-cipher", "ECDHE-ECDSA-AES128-SHA"], renegotiation)], LO,
    ),
    "resumed12": (
        ["-rev", "-tls1_2"],
        [(["-sess_out", "ticket12"], chat), (["-sess_in", "ticket12"], chat)], LO,
    ),
    "resumed13": (
        ["-rev", "-tls1_3"],
        [(["-sess_out", "ticket13"], chat), (["-sess_in", "ticket13"], chat)], LO,
    ),
    "early": (
        ["-early_data", "-tls1_3", "-no_anti_replay"],
        [(["-sess_out", "ticket"], talk_to_plain_server), (["-sess_in", "ticket", *EARLY], early)], LO,
    ),
    # Another server does not know the ticket's key.
    "early-refused": (["-rev", "-tls1_3"], [(["-sess_in", "ticket", *EARLY], chat)], LO),
    "early-lost": (["-rev", "-tls1_3"], [(["-sess_in", "ticket", *EARLY], early_lost)], LO),
}


def record(folder, name, server_words, clients, dump_words):
    port = str(5000 + list(CASES).index(name))
    host = "[::1]" if name == "ipv6" else "127.0.0.1"
    recorder = Recorder(folder / f"{name}.pcap", *dump_words)
    server = Talk("openssl", "s_server", "-cert", "cert.pem", "-key", "key.pem", "-naccept",
                  str(len(clients)), "-accept", f"{host}:{port}", *server_words, folder=folder)
    server.hear(b"ACCEPT")
    for words, talk in clients:
        client = Talk("openssl", "s_client", "-connect", f"{host}:{port}", "-keylogfile",
                      f"{name}.keys", *words, folder=folder)
        talk(client, server)
        client.say(b"Q\n")
        client.end()
    server.end()
    recorder.end()


def main(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    (folder / "early.txt").write_text("too early?\n")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost"],
        cwd=folder, check=True, capture_output=True,
    )
    for name, case in CASES.items():
        print(name, flush=True)
        record(folder, name, *case)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
