"""The peers by hand, every stack against every other, over real sockets, with the credentials that
`tlsmatrix pki` writes. (What each does on its own is tested in peers/tests.)"""

import re
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
from e2e import OK, PEERS, RED, stack_names, tlsmatrix

# When the credentials are valid, and for whom (harness/pki/forge.h).
FROZEN = 1767225600
NAME = "server.tlsmatrix.example"

UNTRUSTED, OTHER_NAME, NOT_PINNED = 10, 11, 12  # exit codes of a client

STACKS = stack_names()
PAIRS = [(client, server) for client in STACKS for server in STACKS]
pairs = pytest.mark.parametrize("client, server", PAIRS, ids=map("-".join, PAIRS))


class Credentials:
    """The folder that `tlsmatrix pki` has written, and the hashes that it printed."""

    def __init__(self, folder):
        self.folder = folder
        done = tlsmatrix("pki", folder)
        assert done.status == OK
        text = re.search(r"^rsa2048\n((?:  .*\n)*)", done.out, re.MULTILINE)[1]
        self.hashes = dict(re.findall(r"^  (\S.*?)  +([0-9a-f]{64})$", text, re.MULTILINE))

    def file(self, name, kind="rsa2048"):
        return str(self.folder / kind / name)

    def own(self, role):
        return ["--cert", self.file(f"{role}-chain.pem"), "--key", self.file(f"{role}-key.pem")]


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Credentials(tmp_path_factory.mktemp("credentials") / "pki")


Connected = namedtuple("Connected", "status out err server")  # the last: the server's line


class Server:
    """A server by hand; it prints a line for each connection."""

    def __init__(self, stack, *words):
        self.process = subprocess.Popen(
            [PEERS / f"tlspeer-{stack}", "server", "--listen", "127.0.0.1:0", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.address = re.fullmatch(r"listening on (\S+)\n", self.process.stdout.readline())[1]


@pytest.fixture(scope="module")
def servers(pki):
    """servers(stack, *options): one for all tests that want the same."""
    running = {}

    def get(stack, *words):
        key = (stack, *words)
        if key not in running:
            running[key] = Server(stack, *pki.own("server"), "--time", str(FROZEN), *words)
        return running[key]

    yield get
    for server in running.values():
        server.process.kill()
        server.process.communicate()


def connect(stack, server, *words):
    done = tlsmatrix(
        "client", "--connect", server.address, "--time", FROZEN, *words,
        program=PEERS / f"tlspeer-{stack}",
    )
    return Connected(*done, server.process.stdout.readline())


@pairs
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_text_goes_there_and_back(client, server, version, servers, pki):
    done = connect(client, servers(server), "--ca", pki.file("root.pem"), "--name", NAME,
                   "--message", "Grüße", "--min-version", version, "--max-version", version)
    assert (done.status, done.err) == (OK, "")
    assert "received: Grüße" in done.out
    for text in (done.out, done.server):
        assert version in text
        assert "accepted" in text and "close clean" in text
    suite = re.search(r"TLS_\w+", done.out)[0]
    assert suite in done.server
    assert ("_WITH_" in suite) == (version == "tls1.2")


@pairs
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_another_trust_anchor_refuses_the_chain(client, server, version, servers, pki):
    """GnuTLS gives its reason as bad_certificate, the others as unknown_ca. In TLS 1.3 a client of
    OpenSSL 3.0 sends the alert in the clear, which only its own kind of server reads."""
    words = ["--ca", pki.file("root.pem", "ecdsa-p256"), "--name", NAME, "--max-version", version]
    done = connect(client, servers(server), *words)
    assert done.status == UNTRUSTED
    assert "refused at handshake" in done.server
    alert = re.search(r"sent alert (unknown_ca \(48\)|bad_certificate \(42\))", done.err)[1]
    if version == "tls1.2" or client != "openssl":
        assert f"received alert {alert}" in done.server


@pairs
def test_another_name_is_refused(client, server, servers, pki):
    words = ["--ca", pki.file("root.pem"), "--name", "other.example"]
    done = connect(client, servers(server), *words)
    assert done.status == OTHER_NAME
    assert "refused at handshake" in done.err and "refused at handshake" in done.server


@pairs
@pytest.mark.parametrize("pin, known", [("leaf", "server leaf"), ("spki", "server public key")])
def test_a_pin_decides(client, server, pin, known, servers, pki):
    there = servers(server)
    words = ["--ca", pki.file("root.pem"), "--name", NAME, f"--pin-{pin}"]
    done = connect(client, there, *words, pki.hashes[known])
    assert done.status == OK and "accepted" in done.server
    # The hash of another certificate, and the other hash of this one.
    (other,) = {"server leaf", "server public key"} - {known}
    for wrong in ("other server leaf", other):
        done = connect(client, there, *words, pki.hashes[wrong])
        assert done.status == NOT_PINNED
        assert "not the pinned one" in done.err
        assert "0 bytes in" in done.server


@pairs
def test_the_first_use_is_trusted_and_another_certificate_then_is_not(
    client, server, servers, pki, tmp_path
):
    there, store = servers(server), tmp_path / "store"
    words = ["--ca", pki.file("root.pem"), "--name", NAME, "--tofu", store]
    for _ in ("first", "again"):
        assert connect(client, there, *words).status == OK
        assert store.read_bytes().hex() == pki.hashes["server leaf"]
    changed = bytes.fromhex(pki.hashes["other server leaf"])
    store.write_bytes(changed)
    assert connect(client, there, *words).status == NOT_PINNED
    assert store.read_bytes() == changed


@pairs
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_client_without_certificate_is_refused_and_one_with_is_not(
    client, server, version, servers, pki
):
    there = servers(server, "--ca", pki.file("root.pem"), "--max-version", version)
    words = ["--ca", pki.file("root.pem"), "--name", NAME]
    done = connect(client, there, *words)
    assert done.status == RED
    alert = re.search(r"sent alert (\w+ \(\d+\))", done.server)[1]
    assert f"received alert {alert}" in done.err
    assert (alert == "certificate_required (116)") == (version == "tls1.3")

    done = connect(client, there, *words, *pki.own("client"))
    assert done.status == OK
    assert "accepted" in done.server and pki.hashes["client leaf"] in done.server


def test_the_credentials_are_where_it_says(pki):
    for name in ("root.pem", "server-chain.pem", "server-key.pem", "client-chain.pem"):
        assert Path(pki.file(name)).read_text().startswith("-----BEGIN ")
