"""Servers for the probe to meet on the loopback: real ones of several makes, and some that are none."""

import datetime
import ipaddress
import re
import socket
import subprocess
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from e2e import PEERS
from relayed import join

NAME = "served.tlsmatrix.example"
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.utcnow()


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, issuer, key, signer, until, names=()):
    builder = (
        x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 30 * DAY).not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def make_credentials(folder):
    """root.pem, other-root.pem; chain.pem and key.pem, valid now; expired.pem with the same key.
    The present time is the real one for a probe, so nothing of the frozen forge will do."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    other_key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    pem = serialization.Encoding.PEM
    for file, certificates in {
        "root.pem": [_certificate("probe root", "probe root", root_key, root_key, NOW + 90 * DAY)],
        "other-root.pem": [_certificate("other root", "other root", other_key, other_key,
                                        NOW + 90 * DAY)],
        "chain.pem": [_certificate(NAME, "probe root", key, root_key, NOW + 30 * DAY, names)],
        "expired.pem": [_certificate(NAME, "probe root", key, root_key, NOW - DAY, names)],
    }.items():
        (folder / file).write_bytes(b"".join(one.public_bytes(pem) for one in certificates))
    (folder / "key.pem").write_bytes(key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return folder


class Program:
    """A server program; `listening` finds the port in what it says."""

    def __init__(self, argv, listening):
        self.process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = ""
        for line in self.process.stdout:
            said += line
            found = re.search(listening, line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise AssertionError(f"{argv[0]} does not serve: {said}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def tlspeer(stack, folder, *words, chain="chain.pem"):
    return Program([PEERS / f"tlspeer-{stack}", "server", "--listen", "127.0.0.1:0", "--deadline-ms",
                    5000, "--cert", folder / chain, "--key", folder / "key.pem", *words],
                   r"^listening on 127\.0\.0\.1:(\d+)")


def s_server(folder, *words, chain="chain.pem"):
    return Program(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", folder / chain, "-key",
                    folder / "key.pem", "-www", *words], r"^ACCEPT 127\.0\.0\.1:(\d+)")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def gnutls_serv(folder, priority):
    port = free_port()
    return Program(["gnutls-serv", "--port", port, "--http", "--priority", priority,
                    "--x509certfile", folder / "chain.pem", "--x509keyfile", folder / "key.pem"],
                   rf"listening on IPv4 0\.0\.0\.0 port ({port})")


class Fake:
    """A server of `behave(socket, number)`, in a thread for each connection, from 1."""

    def __init__(self, behave):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.num = 0
        self.behave = behave
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.num += 1
            threading.Thread(target=self._one, args=(client, self.num), daemon=True).start()

    def _one(self, client, number):
        with client:
            try:
                self.behave(client, number)
            except OSError:
                pass  # who probes may leave whenever it likes

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def says(first):
    """Says this at once, whatever comes, and then hears the client out."""
    def behave(client, _):
        client.sendall(first)
        while client.recv(4096):
            pass
    return behave


def answers(text):
    def behave(client, _):
        client.recv(4096)
        client.sendall(text)
    return behave


def silent(client, _):
    while client.recv(4096):
        pass


def hangs_up(client, _):
    client.recv(4096)


def hands_on(port, change=lambda first: first):
    """A proxy to another server; `change` is done to the client's first bytes."""
    def behave(client, _):
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(change(client.recv(65536)))
            join(client, server)
    return behave
