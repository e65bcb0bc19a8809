"""The runner's side of the control contract, apart from the C implementation."""

import array
import hashlib
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).parent
PEERS = pathlib.Path(os.environ.get("PEERS_DIR", "build/peers"))
CONTRACT = 2
FROZEN = 1767225600
NAME = "server.tlsmatrix.example"
PATIENCE_S = 20  # a hang is a failure, not a wait for ever


def peer(stack):
    return str(PEERS / f"tlspeer-{stack}")


class Worker:
    """One worker process and our end of its control socket."""

    def __init__(self, *argv, hello=True, contract=CONTRACT):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(PATIENCE_S)
        self.stderr = tempfile.TemporaryFile()
        actions = [
            (os.POSIX_SPAWN_DUP2, theirs.fileno(), 3),
            (os.POSIX_SPAWN_DUP2, self.stderr.fileno(), 2),
        ]
        self.pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
        self.status = None
        theirs.close()
        self.hello = self.receive() if hello else None
        if hello:
            self.send({"type": "hello", "contract": contract})

    def send_bytes(self, data, connection=None):
        ancillary = []
        if connection is not None:
            fds = array.array("i", [connection.fileno()])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
        self.control.sendmsg([data], ancillary)

    def send(self, message, connection=None):
        self.send_bytes(json.dumps(message).encode(), connection)

    def receive(self):
        data = self.control.recv(64 * 1024 + 1)
        return json.loads(data) if data else None

    def start(self, endpoint, connection):
        self.send({"type": "case", "endpoint": endpoint}, connection)

    def facts(self):
        message = self.receive()
        assert message is not None and message["type"] == "facts", self.end()
        return message["facts"]

    def end(self):
        """(exit status or minus the signal, what it said on stderr)"""
        if self.status is None:
            deadline = time.monotonic() + PATIENCE_S
            done = 0
            while done == 0 and time.monotonic() < deadline:
                done, status = os.waitpid(self.pid, os.WNOHANG)
                if done == 0:
                    select_pause()
            if done == 0:
                os.kill(self.pid, signal.SIGKILL)
                _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
        self.stderr.seek(0)
        return self.status, self.stderr.read().decode()

    def close(self):
        self.control.close()
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.end()
        self.stderr.close()


def select_pause():
    """Polling interval of waiting for a process; decides nothing."""
    time.sleep(0.01)


def tcp_pair():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    for end in client, server:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client, server


@pytest.fixture(scope="session")
def pki():
    directory = PEERS / "test-pki"
    subprocess.run([PEERS / "make_pki", directory, PEERS / "test-keys"], check=True, timeout=300)
    return directory.resolve()


@pytest.fixture(scope="session")
def imposters(pki, tmp_path_factory):
    """imposters.kind, and imposters(name, role, file): the "chain" or "key" of an identity."""
    folder, kind = tmp_path_factory.mktemp("imposters"), "ecdsa-p256"
    subprocess.run([PEERS / "make_pki", pki, PEERS / "test-keys", folder, kind], check=True,
                   timeout=300)

    def path(name, role, file):
        own = folder / kind / f"{'client-' if role == 'client' else ''}{name}-{file}.pem"
        # Where the key is not the imposter's own, it is the genuine one.
        return str(own if file == "chain" or own.exists() else pki / kind / f"{role}-{file}.pem")

    path.kind = kind
    return path


@pytest.fixture
def worker():
    started = []

    def start(*argv, **options):
        started.append(Worker(*argv, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


def endpoint(role, **more):
    base = {"role": role, "min_version": "tls1.2", "max_version": "tls1.3", "deadline_ms": 5000}
    return {**base, **more}


@pytest.fixture
def ends(pki):
    """A client and a server endpoint that get on well."""

    def make(client=None, server=None, kind="rsa2048"):
        folder = pki / kind
        c = endpoint("client", trust_file=f"{folder}/root.pem", peer_name=NAME, verify="require",
                     verify_time=FROZEN, request_len=32, **(client or {}))
        s = endpoint("server", chain_file=f"{folder}/server-chain.pem",
                     key_file=f"{folder}/server-key.pem", verify_time=FROZEN, request_len=32,
                     **(server or {}))
        return c, s

    return make


@pytest.fixture
def leaf_hash(pki):
    def read(file, kind="rsa2048"):
        first = (pki / kind / file).read_text().split("-----END CERTIFICATE-----")[0]
        der = ssl.PEM_cert_to_DER_cert(first + "-----END CERTIFICATE-----\n")
        return hashlib.sha256(der).hexdigest()

    return read


def run_pair(client, server, ends):
    """Both ends of one case; the facts of client and server."""
    c, s = tcp_pair()
    server.start(ends[1], s)
    client.start(ends[0], c)
    c.close()
    s.close()
    return client.facts(), server.facts()


# ---- by hand ----

present = [s for s in ("openssl", "boringssl", "gnutls") if os.path.exists(peer(s))]


@pytest.fixture
def server(pki):
    running = []

    def start(*more, stack="openssl", listen="127.0.0.1:0", kind="rsa2048"):
        process = subprocess.Popen(
            [peer(stack), "server", "--listen", listen, "--time", str(FROZEN),
             "--cert", pki / kind / "server-chain.pem", "--key", pki / kind / "server-key.pem",
             *map(str, more)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        first = process.stdout.readline()
        assert first.startswith("listening on "), first
        return process, first.split()[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def client(address, *more, stack="openssl", trust=None):
    argv = [peer(stack), "client", "--connect", address, "--time", str(FROZEN)]
    if trust:
        argv += ["--ca", str(trust), "--name", NAME]
    argv += map(str, more)
    return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.fixture
def root(pki):
    return pki / "rsa2048/root.pem"


def tcp(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)))
