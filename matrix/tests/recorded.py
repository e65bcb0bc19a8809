"""Records the rows of recorded_table.py with tcpdump, in a network namespace of its own.

    unshare -nm /usr/bin/python3 recorded.py FOLDER

(as root; anybody else: unshare -nm -U --map-current-user --keep-caps)
leaves FOLDER/recorded.pcap, FOLDER/keys.log and FOLDER/ports.json (row -> port)."""

import fcntl
import json
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recorded_pki import trust_in_nss, write_credentials
from recorded_table import NODE, ROWS

HERE = Path(__file__).resolve().parent
FIRST_PORT = 20001
CLIENT_DEADLINE_S = 60  # a browser on a busy machine
REQUEST = b"GET / HTTP/1.0\r\n\r\n"  # for programs that send what they read


def loopback_up():
    with socket.socket() as handle:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(handle, 0x8914, request)  # SIOCSIFFLAGS


def bind(source, target):
    subprocess.run(["mount", "--bind", source, target], check=True)


def own_etc(folder):
    """An /etc that is the machine's own, entry by entry, where a file may be added."""
    real, etc = folder / "real-etc", folder / "etc"
    real.mkdir()
    etc.mkdir()
    bind("/etc", real)
    for entry in real.iterdir():
        # A link of /etc's own may lead to its neighbours: the same link, not one to it.
        (etc / entry.name).symlink_to(entry.readlink() if entry.is_symlink() else entry)
    bind(etc, "/etc")


def own_names(folder):
    """good.example is 127.0.0.1, in a mount namespace that nobody else sees."""
    names = "127.0.0.1 localhost good.example\n"
    if not Path("/etc/hosts").exists():  # as on a bare Debian
        own_etc(folder)
        Path("/etc/hosts").write_text(names)
        return
    hosts = folder / "hosts"
    hosts.write_text(names)
    bind(hosts, "/etc/hosts")


def listening():
    rows = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    return {int(port, 16) for port in re.findall(r":([0-9A-F]{4}) [0-9A-F]+:0000 0A ", rows)}


def wait_for(condition, what, deadline_s=20):
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"recorded.py: {what}")
        time.sleep(0.02)


class Recording:
    def __init__(self, folder):
        self.folder = folder
        self.keys = folder / "keys.log"
        self.keys.touch()
        self.processes = []
        self.ports = {row.name: FIRST_PORT + 2 * i for i, row in enumerate(ROWS)}

    def fill(self, row, template):
        port = self.ports[row.name]
        return template.format(
            c=self.folder, here=HERE, port=port, port2=port + 1, keys=self.keys
        )

    def start(self, words, **options):
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.folder,
            start_new_session=True, **options,
        )
        self.processes.append(process)
        return process

    def start_server(self, row):
        text = self.fill(row, row.server)
        if text.startswith("nginx "):
            self.nginx.append((self.ports[row.name], text.removeprefix("nginx ")))
        elif text:
            self.start(shlex.split(text))
            self.ports_used.add(self.ports[row.name])
        if "port2" in row.server + row.client:
            self.start_helper(row)

    def start_helper(self, row):
        """On the second port: what a relay stands before, or a proxy before the server."""
        port = self.ports[row.name]
        helper = (
            f"openssl s_server -accept 127.0.0.1:{port + 1} -www -cert {self.folder}/good.pem"
            f" -key {self.folder}/good.key"
        )
        if "port2" in row.client:
            helper = (
                f"/usr/bin/python3 {HERE}/recorded_actors.py proxy {port + 1}"
                f" '200 Connection established' {port}"
            )
        self.start(shlex.split(helper))
        self.ports_used.add(port + 1)

    def start_nginx(self):
        blocks = ""
        for port, text in self.nginx:
            options = [word for word in text.split(";") if word]
            flags = "proxy_protocol" if "proxy_protocol" in options else ""
            lines = "".join(f"{word}; " for word in options if word != "proxy_protocol")
            certificate = (
                "" if "ssl_reject_handshake" in lines else
                f"ssl_certificate {self.folder}/good.pem;"
                f" ssl_certificate_key {self.folder}/good.key;"
            )
            blocks += (
                f"server {{ listen 127.0.0.1:{port} ssl {flags}; {certificate} {lines}"
                " return 200 ok; }\n"
            )
            self.ports_used.add(port)
        config = self.folder / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; user root; pid {self.folder}/nginx.pid;"
            f" error_log {self.folder}/nginx-error.log;\n"
            "events { }\nhttp { access_log off; "
            + "".join(f"{kind}_temp_path {self.folder}/{kind}; "
                      for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + f"\n{blocks}}}\n"
        )
        self.start(["nginx", "-c", config])

    def run_client(self, row):
        words = [NODE if word == "@NODE" else word
                 for word in shlex.split(self.fill(row, row.client))]
        environment = {**os.environ, "SSLKEYLOGFILE": str(self.keys)}
        with open(self.folder / f"{row.name}.out", "wb") as out:
            try:
                subprocess.run(words, input=REQUEST, stdout=out, stderr=out,
                               env=environment, timeout=CLIENT_DEADLINE_S, check=False)
            except subprocess.TimeoutExpired:
                raise SystemExit(f"recorded.py: {row.name}: the client did not end") from None

    def tcpdump(self):
        path = self.folder / "tcpdump.log"
        with open(path, "wb") as log:
            process = subprocess.Popen(
                ["tcpdump", "--immediate-mode", "-Z", "root", "-B", "16384", "-n", "-i", "lo",
                 "-w", self.folder / "recorded.pcap"],
                stdin=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )
        self.processes.append(process)
        wait_for(lambda: b"listening on" in path.read_bytes(), "tcpdump does not start")
        return process

    def run(self):
        self.log = open(self.folder / "servers.log", "wb")
        self.nginx, self.ports_used = [], set()
        for row in ROWS:
            self.start_server(row)
        self.start_nginx()
        wait_for(lambda: self.ports_used <= listening(), "servers do not listen")
        tcpdump = self.tcpdump()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self.run_client, ROWS))
        # Loopback delivers in order: once this reaches the capture, all before it has.
        marker = b"that was all"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(marker, ("127.0.0.1", 9))
        capture = self.folder / "recorded.pcap"
        tcpdump.send_signal(signal.SIGUSR2)  # flush
        wait_for(lambda: (tcpdump.send_signal(signal.SIGUSR2), marker in capture.read_bytes())[1],
                 "the capture does not end")
        tcpdump.send_signal(signal.SIGINT)
        tcpdump.wait()
        (self.folder / "ports.json").write_text(json.dumps(self.ports))

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve()
    loopback_up()
    own_names(place)
    write_credentials(place)
    trust_in_nss(place)
    recording = Recording(place)
    try:
        recording.run()
    finally:
        recording.stop()
