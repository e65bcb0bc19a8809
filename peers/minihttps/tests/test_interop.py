"""The protocol over real sockets, against a second implementation of both ends in Python, which
shares with the first only the library underneath; then what the commands say of bad ends."""

import base64
import os
import pathlib
import socket
import struct
import subprocess
import threading

import pytest

# Without Debian's python3-cryptography there is no second implementation: skipped, and ctest says so.
pytest.importorskip("cryptography")
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PROGRAM = str(pathlib.Path(os.environ.get("PEERS_DIR", "build/peers")) / "minihttps")
NAME = "greenpath.program"
FROZEN = 1754006400
DAY = 86400
PATIENCE_S = 20  # a hang is a failure, not a wait for ever
TEXTS = [
    "The one and only!",
    "Are you looking for me?",
    "Simply the best!",
    "100% legit!",
    "Don't trust anyone else!",
]


def run(*argv):
    return subprocess.run([PROGRAM, *argv], capture_output=True, text=True, timeout=PATIENCE_S)


# ---- the second implementation ----


def public_bytes(key):
    public = key.public_key()
    return public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def session_key(own, peer_der):
    shared = own.exchange(ec.ECDH(), serialization.load_der_public_key(peer_der))
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"").derive(shared)


def seal(key, plain):
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def unseal(key, sealed):
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], None)


def pad(data):
    count = 16 - len(data) % 16
    return data + bytes([count]) * count


def unpad(data):
    count = data[-1]
    assert 1 <= count <= 16 and data.endswith(bytes([count]) * count)
    return data[:-count]


def send_message(connection, message):
    connection.sendall(struct.pack(">I", len(message)) + message)


def receive_exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


def receive_message(connection):
    prefix = receive_exactly(connection, 4)
    return receive_exactly(connection, struct.unpack(">I", prefix)[0]) if prefix else None


def read_file(path):
    return base64.b64decode(path.read_text(), validate=True)


class PythonServer:
    """Serves one client; `spoil` may change each message before it goes out."""

    def __init__(self, directory, spoil=lambda step, message: message):
        self.key = serialization.load_der_private_key(read_file(directory / "priv.key"), None)
        self.certificate = read_file(directory / "server.cert")
        self.text = read_file(directory / "data.txt")
        self.spoil = spoil
        self.said = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE_S)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(PATIENCE_S)
        self.listener.close()
        assert not self.thread.is_alive()

    def serve(self):
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE_S)
        with connection:
            self.talk(connection)

    def talk(self, connection):
        theirs = receive_message(connection)
        ephemeral = ec.generate_private_key(ec.SECP384R1())
        ours = public_bytes(ephemeral)
        key = session_key(ephemeral, theirs)
        content = theirs + ours + self.certificate
        proof = pad(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        if not self.send(connection, "hello", ours + seal(key, proof + self.certificate)):
            return
        ready = receive_message(connection)
        self.said = ready and unseal(key, ready)
        if self.said == b"READY":
            self.send(connection, "data", seal(key, self.text))

    def send(self, connection, step, message):
        message = self.spoil(step, message)
        if message is not None:
            send_message(connection, message)
        return message is not None


def python_client(address, certificate, ready=b"READY"):
    """The text, or None if the server refused; the certificate is trusted for what it is."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
        ephemeral = ec.generate_private_key(ec.SECP384R1())
        ours = public_bytes(ephemeral)
        send_message(connection, ours)
        hello = receive_message(connection)
        key = session_key(ephemeral, hello[:120])
        plain = unseal(key, hello[120:])
        assert plain[112:] == certificate
        public = x509.load_der_x509_certificate(certificate).public_key()
        content = ours + hello[:120] + certificate
        public.verify(unpad(plain[:112]), content, ec.ECDSA(hashes.SHA256()))
        send_message(connection, seal(key, ready))
        data = receive_message(connection)
        return None if data is None else unseal(key, data)


# ---- fixtures ----


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    directory = tmp_path_factory.mktemp("five")
    done = run("credentials", str(directory), "--time", str(FROZEN))
    assert done.returncode == 0, done.stderr
    return directory


class CServer:
    def __init__(self, directory, *options):
        argv = [PROGRAM, "server", "--dir", str(directory), "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    def connect(self):
        host, port = self.address.rsplit(":", 1)
        return socket.create_connection((host, int(port)), PATIENCE_S)


@pytest.fixture(scope="module")
def server4(five):
    """One process for all that is done to it: it must survive each."""
    with CServer(five / "server4") as server:
        yield server


def client(five, address, *more, name=NAME, when=FROZEN):
    return run(
        *("client", "--trust", str(five / "trusted_certs"), "--name", name),
        *("--connect", address, "--time", str(when), *more),
    )


def assert_still_serves(five, server):
    done = client(five, server.address)
    assert (done.returncode, done.stdout) == (0, "100% legit!\n"), done.stderr


# ---- credentials ----


def test_credentials_are_one_line_of_base64_each(five):
    files = sorted(path for path in five.rglob("*") if path.is_file())
    assert len(files) == 3 + 5 * 3
    for path in files:
        assert read_file(path)
        assert path.read_text().strip() == path.read_text()


@pytest.mark.parametrize("number", range(1, 6))
def test_private_key_is_of_the_certificate_except_in_server_1(five, number):
    directory = five / f"server{number}"
    key = serialization.load_der_private_key(read_file(directory / "priv.key"), None)
    certificate = x509.load_der_x509_certificate(read_file(directory / "server.cert"))
    same = key.public_key().public_numbers() == certificate.public_key().public_numbers()
    assert same == (number != 1)


@pytest.mark.parametrize(
    "number, issuer, genuine",
    [
        (1, "TrustCert", True),
        (2, "SecureSign", True),
        (3, "ShadowCert", None),
        (4, "IronRoot", True),
        (5, "TrustCert", False),
    ],
)
def test_issuers_are_what_the_scenario_says(five, number, issuer, genuine):
    certificate = x509.load_der_x509_certificate(read_file(five / f"server{number}/server.cert"))
    assert certificate.issuer.rfc4514_string() == f"O={issuer}"
    path = five / "trusted_certs" / f"{issuer}.cert"
    assert path.exists() == (genuine is not None)
    if genuine is None:
        return
    public = x509.load_der_x509_certificate(read_file(path)).public_key()
    verify = (certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
    if genuine:
        public.verify(*verify)
    else:
        with pytest.raises(InvalidSignature):
            public.verify(*verify)


@pytest.mark.parametrize("number", range(1, 6))
def test_certificates_are_for_the_name_except_in_server_2(five, number):
    certificate = x509.load_der_x509_certificate(read_file(five / f"server{number}/server.cert"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    wanted = NAME if number != 2 else "gr33npath.program"
    assert names.get_values_for_type(x509.DNSName) == [wanted]
    assert certificate.subject.rfc4514_string() == f"O={wanted}"


@pytest.mark.parametrize("number", range(1, 6))
def test_texts_are_what_the_scenario_says(five, number):
    assert read_file(five / f"server{number}/data.txt").decode() == TEXTS[number - 1]


# ---- both ways between the two implementations ----


def test_python_client_gets_the_text_from_the_c_server(five, server4):
    certificate = read_file(five / "server4/server.cert")
    for _ in range(20):
        assert python_client(server4.address, certificate) == b"100% legit!"


def test_python_client_sees_that_server_1_has_the_wrong_key(five):
    with CServer(five / "server1") as server:
        with pytest.raises(InvalidSignature):
            python_client(server.address, read_file(five / "server1/server.cert"))


def test_c_client_gets_the_text_from_the_python_server(five):
    with PythonServer(five / "server4") as server:
        done = client(five, server.address)
    assert (done.returncode, done.stdout) == (0, "100% legit!\n"), done.stderr
    assert server.said == b"READY"


# ---- the five, by exit code ----


@pytest.mark.parametrize(
    "number, code, said",
    [
        (1, 1, "server_hello refused: signature"),
        (2, 11, "server_hello refused: name"),
        (3, 10, "server_hello refused: issuer-unknown"),
        (4, 0, ""),
        (5, 10, "server_hello refused: issuer-forged"),
    ],
)
def test_exit_code_tells_the_imposters(five, number, code, said):
    with PythonServer(five / f"server{number}") as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (code, said)
    assert done.stdout == ("100% legit!\n" if number == 4 else "")
    assert server.said == (b"READY" if number == 4 else None)


@pytest.mark.parametrize("number", range(1, 6))
def test_unchecked_client_gets_every_text(five, number):
    with PythonServer(five / f"server{number}") as server:
        done = run("client", "--unchecked", "--connect", server.address)
    assert (done.returncode, done.stdout.rstrip("\n")) == (0, TEXTS[number - 1])


@pytest.mark.parametrize("when", [FROZEN - 2 * DAY, FROZEN + 366 * DAY])
@pytest.mark.parametrize("number", range(1, 6))
def test_outside_validity_all_five_are_refused_alike(five, number, when):
    with PythonServer(five / f"server{number}") as server:
        done = client(five, server.address, when=when)
    assert (done.returncode, done.stderr.strip()) == (10, "server_hello refused: time")


def test_case_of_the_name_does_not_matter(five, server4):
    assert client(five, server4.address, name="GREENPATH.program").returncode == 0


@pytest.mark.parametrize("name", ["greenpath.program.", ""])
def test_names_that_are_none_are_errors_of_usage(five, server4, name):
    done = client(five, server4.address, name=name)
    assert done.returncode == 2
    assert "not a server's name" in done.stderr


def test_directory_without_authorities_is_an_error_of_usage(tmp_path, server4):
    argv = ["client", "--trust", str(tmp_path), "--name", NAME, "--connect", server4.address]
    done = run(*argv)
    assert done.returncode == 2
    assert "nothing could be trusted" in done.stderr


def test_nobody_listening_has_its_own_exit_code(five):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert client(five, "127.0.0.1:%d" % bound.getsockname()[1]).returncode == 13


# ---- bad servers ----


def flip(at):
    """Negative: from the end."""

    def flipped(message):
        changed = bytearray(message)
        changed[at] ^= 1
        return bytes(changed)

    return flipped


@pytest.mark.parametrize(
    "what, fault",
    [
        *((flip(at), "key") for at in (0, 20, 23, 24, 119)),
        *((flip(at), "tag") for at in (120, 131, 132, 243, 244, 400, -17, -1)),
        *((lambda m, n=n: m[:n], "key") for n in (0, 50, 119)),
        *((lambda m, n=n: m[:n], "tag") for n in (120, 131, 132, 147, 148, 259, 300, -1)),
        (lambda m: m + b"\0", "tag"),
    ],
)
def test_spoilt_server_hello_is_refused_with_its_fault(five, what, fault):
    with PythonServer(five / "server4", lambda _, message: what(message)) as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (1, f"server_hello refused: {fault}")
    assert server.said is None


def test_spoilt_data_is_refused(five):
    spoil = lambda step, message: flip(14)(message) if step == "data" else message
    with PythonServer(five / "server4", spoil) as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (1, "data refused: tag")
    assert done.stdout == ""


@pytest.mark.parametrize("step, name", [("hello", "server_hello"), ("data", "data")])
def test_server_that_closes_early_has_its_own_exit_code(five, step, name):
    spoil = lambda at, message: None if at == step else message
    with PythonServer(five / "server4", spoil) as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (15, f"{name} did not pass: end")


def test_message_beyond_all_bounds_is_not_even_read(five):
    with PythonServer(five / "server4", lambda _, message: bytes(65537)) as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (1, "server_hello did not pass: too-long")


def test_longest_message_is_read(five):
    with PythonServer(five / "server4", lambda _, message: message[:120] + bytes(65416)) as server:
        done = client(five, server.address)
    assert (done.returncode, done.stderr.strip()) == (1, "server_hello refused: tag")


def test_silent_server_costs_the_deadline(five):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        done = client(five, address, "--deadline-ms", "200")
    assert (done.returncode, done.stderr.strip()) == (14, "server_hello did not pass: timeout")


# ---- bad clients ----


def curve_key(curve):
    return public_bytes(ec.generate_private_key(curve))


BAD_HELLOS = {
    "p256": curve_key(ec.SECP256R1()),
    "p521": curve_key(ec.SECP521R1()),
    "x25519": public_bytes(X25519PrivateKey.generate()),
    "off-curve": flip(119)(curve_key(ec.SECP384R1())),
    "short": curve_key(ec.SECP384R1())[:119],
    "long": curve_key(ec.SECP384R1()) + b"\0",
    "empty": b"",
    "garbage": os.urandom(120),
    "huge": bytes(65536),
}


@pytest.mark.parametrize("kind", BAD_HELLOS)
def test_server_refuses_a_bad_hello_and_survives(five, server4, kind):
    with server4.connect() as connection:
        send_message(connection, BAD_HELLOS[kind])
        assert receive_message(connection) is None
    assert_still_serves(five, server4)


@pytest.mark.parametrize("ready", [b"ready", b"", b"READY\n", b"READY" * 1000])
def test_server_refuses_what_is_not_ready_and_survives(five, server4, ready):
    certificate = read_file(five / "server4/server.cert")
    assert python_client(server4.address, certificate, ready) is None
    assert_still_serves(five, server4)


@pytest.mark.parametrize(
    "raw",
    [
        b"",  # connects and leaves
        b"\0\0",  # within the length
        b"\0\0\0\x78" + b"x" * 50,  # within the message
        b"\0\x01\0\x01" + b"x" * 70000,  # more than a message may have
        b"\xff\xff\xff\xff",
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(4096),
    ],
)
def test_server_survives_bad_framing(five, server4, raw):
    with server4.connect() as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        assert receive_message(connection) is None
    assert_still_serves(five, server4)


def test_server_survives_a_reset(five, server4):
    connection = server4.connect()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    send_message(connection, curve_key(ec.SECP384R1()))
    connection.close()
    assert_still_serves(five, server4)


def test_server_survives_a_client_that_leaves_after_its_hello(five, server4):
    for _ in range(10):
        with server4.connect() as connection:
            send_message(connection, curve_key(ec.SECP384R1()))
    assert_still_serves(five, server4)


def test_server_takes_a_message_one_byte_at_a_time(five, server4):
    with server4.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = curve_key(ec.SECP384R1())
        for byte in struct.pack(">I", len(hello)) + hello:
            connection.sendall(bytes([byte]))
        certificate = read_file(five / "server4/server.cert")
        assert len(receive_message(connection)) == 260 + len(certificate)


def test_silent_client_costs_the_deadline_only(five):
    with CServer(five / "server4", "--deadline-ms", "300") as server:
        with server.connect():
            assert_still_serves(five, server)


# ---- --once ----


def test_once_ends_with_0_after_a_client_that_got_the_text(five):
    with CServer(five / "server4", "--once") as server:
        assert_still_serves(five, server)
        assert server.process.wait(PATIENCE_S) == 0


def test_once_ends_with_1_after_one_that_did_not(five):
    with CServer(five / "server4", "--once") as server:
        with server.connect() as connection:
            send_message(connection, b"")
            assert receive_message(connection) is None
        assert server.process.wait(PATIENCE_S) == 1


# ---- configuration ----


@pytest.mark.parametrize("file", ["priv.key", "server.cert", "data.txt"])
def test_server_without_one_of_its_files_does_not_start(five, tmp_path, file):
    for each in {"priv.key", "server.cert", "data.txt"} - {file}:
        (tmp_path / each).write_bytes((five / "server4" / each).read_bytes())
    done = run("server", "--dir", str(tmp_path), "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert file in done.stderr


def private_bytes(key):
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    "der",
    [
        private_bytes(ec.generate_private_key(ec.SECP256R1())),
        private_bytes(ec.generate_private_key(ec.SECP384R1())) + b"\0",
        private_bytes(ec.generate_private_key(ec.SECP384R1()))[:-1],
        b"",
    ],
    ids=["p256", "long", "short", "empty"],
)
def test_server_with_a_bad_key_does_not_start(five, tmp_path, der):
    for each in "server.cert", "data.txt":
        (tmp_path / each).write_bytes((five / "server4" / each).read_bytes())
    (tmp_path / "priv.key").write_bytes(base64.b64encode(der))
    done = run("server", "--dir", str(tmp_path), "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert "not a P-384 private key" in done.stderr


def test_private_key_file_is_its_owners_alone(five):
    assert (five / "server4/priv.key").stat().st_mode & 0o777 == 0o600


# ---- the scenario as a command ----


def test_five_servers_ends_with_0_and_a_sentence_each():
    done = run("five-servers")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:5]] == [f"server{i}" for i in range(1, 6)]
    assert "is the one to trust" in lines[3]
    assert sum("imposter" in line for line in lines) == 4
