"""The by-hand commands where the acceptance table asks for more than one connection that works:
orders of preference, forward secrecy, first uses at once, contradictory options, descriptions."""

import os
import re
import select
import socket
import subprocess
import threading

import pytest

from conftest import FROZEN, NAME, PATIENCE_S, client, peer, present, tcp

pairs = [(c, s) for c in present for s in present]
FIRST, SECOND = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
TLS12 = ["--max-version", "tls1.2"]


@pytest.mark.parametrize("client_stack, server_stack", pairs)
@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
def test_the_clients_order_counts_where_the_server_is_told_none(server, root, client_stack,
                                                                server_stack, order):
    """None of the three libraries prefers its own order unless it is told to."""
    process, address = server(*TLS12, "--suites", ",".join(reversed(order)), stack=server_stack)
    done = client(address, *TLS12, "--suites", ",".join(order), trust=root, stack=client_stack)
    assert done.returncode == 0 and f" {order[0]} " in done.stdout, done
    assert f" {order[0]} " in process.stdout.readline()


@pytest.mark.parametrize("client_stack, server_stack", pairs)
@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
def test_the_servers_order_counts_where_it_is_told_to_keep_it(server, root, client_stack,
                                                              server_stack, order):
    process, address = server(*TLS12, "--suites", ",".join(order), "--server-order",
                              stack=server_stack)
    done = client(address, *TLS12, "--suites", ",".join(reversed(order)), trust=root,
                  stack=client_stack)
    assert done.returncode == 0 and f" {order[0]} " in done.stdout, done
    assert f" {order[0]} " in process.stdout.readline()


@pytest.mark.parametrize("client_stack, server_stack", pairs)
def test_a_server_of_ephemeral_keys_alone_refuses_who_has_none(server, root, client_stack,
                                                               server_stack):
    process, address = server(*TLS12, "--suites", FIRST, stack=server_stack)
    done = client(address, *TLS12, "--suites", "TLS_RSA_WITH_AES_128_GCM_SHA256", trust=root,
                  stack=client_stack)
    assert done.returncode == 1 and "received alert handshake_failure (40)" in done.stderr, done
    assert client(address, trust=root, stack=client_stack).returncode == 0


@pytest.mark.parametrize("client_stack, server_stack", pairs)
def test_by_default_the_newest_version_with_forward_secrecy(server, root, client_stack, server_stack):
    process, address = server(stack=server_stack)
    for more, version in ([], "tls1.3"), (TLS12, "tls1.2"):
        done = client(address, *more, trust=root, stack=client_stack)
        assert done.returncode == 0
        told = done.stdout.split()
        assert told[0] == version and ("ECDHE" in told[1] or version == "tls1.3"), told


@pytest.mark.parametrize("stack, suite", [("openssl", "TLS_RSA_WITH_RC4_128_SHA"),
                                          ("boringssl", "TLS_RSA_WITH_RC4_128_SHA"),
                                          ("gnutls", "TLS_RSA_WITH_IDEA_CBC_SHA")])
def test_a_suite_that_the_library_lacks_is_a_configuration_error(root, stack, suite):
    """GnuTLS still has RC4 for who asks for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = client("127.0.0.1:%d" % listener.getsockname()[1], "--suites", suite,
                      trust=root, stack=stack)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done
        assert not select.select([listener], [], [], 0)[0]  # no packet


@pytest.mark.parametrize("stack, selection, none", [("openssl", "ECDH+AES256", "RC4"),
                                                    ("boringssl", "ECDHE+AES256", "NOSUCH"),
                                                    ("gnutls", "SECURE256", "NOSUCH")])
def test_suites_that_a_selection_means(stack, selection, none):
    def ask(word):
        return subprocess.run([peer(stack), "ciphers", word], capture_output=True, text=True,
                              timeout=PATIENCE_S)

    done = ask(selection)
    assert done.returncode == 0 and re.search(r"^0x[0-9a-fA-F]{4}  TLS_\w*AES_256", done.stdout, re.M)
    assert ask(none).returncode == 2


@pytest.mark.parametrize("stack", present)
def test_a_certificate_is_described_with_the_same_fields_by_all(pki, stack):
    def ask(program, *argv):
        return subprocess.run([program, *map(str, argv)], capture_output=True, text=True,
                              check=True, timeout=PATIENCE_S).stdout

    path = pki / "rsa2048/server-chain.pem"
    serial = ask("openssl", "x509", "-in", path, "-noout", "-serial").strip().split("=")[1]
    modulus = ask("openssl", "x509", "-in", path, "-noout", "-modulus").strip().split("=")[1]
    text = ask(peer(stack), "describe", path)
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    assert NAME in text and "2048" in text
    assert modulus.lower() in digits
    assert serial.lower().lstrip("0") in digits or str(int(serial, 16)) in text
    key = ask(peer(stack), "describe", pki / "rsa2048/server-key.pem")
    assert "2048" in key and "PRIVATE" not in key  # its public half only


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("bad", ["missing", "directory", "short", "long", "empty"])
def test_a_pin_that_is_none_is_found_before_connecting(root, tmp_path, stack, bad):
    pin = tmp_path / "pin"
    if bad == "directory":
        pin.mkdir()
    elif bad != "missing":
        pin.write_bytes(bytes({"short": 31, "long": 33, "empty": 0}[bad]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for option in "--pin-leaf", "--pin-spki":
            done = client("127.0.0.1:%d" % listener.getsockname()[1], option, pin, trust=root,
                          stack=stack)
            assert done.returncode == 2 and str(pin) in done.stderr, done
        assert not select.select([listener], [], [], 0)[0]


class Gate:
    """A relay that lets nothing pass until so many clients have connected: all of them have then
    read their store, and none has written it."""

    def __init__(self, address, clients):
        self.address, self.barrier = address, clients
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.here = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def pass_on(self, mine):
        self.barrier.wait(PATIENCE_S)
        with mine, tcp(self.address) as theirs:
            ends = {mine: theirs, theirs: mine}
            while ends:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if data:
                        ends[end].sendall(data)
                    else:
                        (theirs if end is mine else mine).shutdown(socket.SHUT_WR)
                        del ends[end]

    def start(self):
        def serve():
            self.pass_on(self.listener.accept()[0])
            self.listener.close()

        threading.Thread(target=serve, daemon=True).start()


@pytest.mark.parametrize("stack", present)
def test_of_two_first_uses_at_once_one_is_stored_and_the_other_refused(server, root, tmp_path, stack,
                                                                       pki, leaf_hash):
    other = ["--cert", pki / "rsa2048/other-chain.pem", "--key", pki / "rsa2048/other-key.pem"]
    barrier, store, running = threading.Barrier(2), tmp_path / "store", []
    for more in [], other:
        gate = Gate(server(*more, stack=stack)[1], barrier)
        gate.start()
        running.append(subprocess.Popen(
            [peer(stack), "client", "--connect", gate.here, "--time", str(FROZEN), "--ca", root,
             "--name", NAME, "--tofu", store], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    codes = [process.wait(PATIENCE_S) for process in running]
    assert sorted(codes) == [0, 12], codes
    stored = ["server-chain.pem", "other-chain.pem"][codes.index(0)]
    assert store.read_bytes().hex() == leaf_hash(stored)
    assert os.listdir(tmp_path) == ["store"]


@pytest.mark.parametrize("words, said", [
    (["client", "--pin-leaf", "ab" * 32, "--tofu", "x"], "only one kind of pin"),
    (["client", "--min-version", "tls1.3", "--max-version", "tls1.2"], "above --max-version"),
    (["client", "--app", "banner", "--message", "x"], "no text to say"),
    (["client", "--app", "echo", "--numbers", "2"], "--app product only"),
    (["client", "--app", "product", "--numbers", "2,,3"], "from 0 to 255"),
    (["client", "--app", "product", "--numbers", "256"], "from 0 to 255"),
    (["client", "--app", "prodct"], "did you mean 'product'?"),
    (["client", "--app", "pattern"], "--app: unknown"),
    (["client", "--message", ""], "1 to 16384"),
    (["client", "--config", "/no/file"], "/no/file"),
    (["server", "--app", "get", "--request-len", "3"], "--app product only"),
    (["server", "--app", "product", "--request-len", "1025"], "from 1 to 1024"),
])
def test_options_that_contradict_each_other(pki, root, words, said):
    base = ["--connect", "127.0.0.1:1", "--ca", root, "--name", NAME] if words[0] == "client" else \
        ["--listen", "127.0.0.1:0", "--cert", pki / "rsa2048/server-chain.pem", "--key",
         pki / "rsa2048/server-key.pem"]
    done = subprocess.run([peer("openssl"), words[0], *map(str, base), *words[1:]],
                          capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1, done


# ---- --config ----


def test_a_command_line_comes_before_the_file(server, root, tmp_path):
    process, address = server()
    config = tmp_path / "pair.yaml"
    config.write_text(f"client:\n  connect: {address}\n  ca: {root}\n  name: other.example\n")
    argv = [peer("openssl"), "client", "--config", config, "--time", str(FROZEN)]
    for more, code in ([], 11), (["--name", NAME], 0):
        done = subprocess.run([*argv, *more], capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == code, done


@pytest.mark.parametrize("text, said", [
    ("client:\n  trust: x\n", ":2: unknown key 'trust'"),
    ("client:\n  nmae: x\n", ":2: unknown key 'nmae', did you mean 'name'?"),
    ("client:\n  listen: x\n", ":2: unknown key 'listen'"),
    ("server:\n  listen: x\n", ":1: there is no 'client:' in it"),
    ("client: x\n", ":1: "),
    ("clients:\n  ca: x\n", ":1: unknown key 'clients'"),
    ("client:\n  ca: [x]\n", ":2: "),
    ("client:\n  report: maybe\n", ":2: "),
    ("client:\n  config: x\n", ":2: unknown key 'config'"),
    ("client:\n  connect: localhost:1\n  verify: none\n  min-version: tls9\n", ":4: --min-version"),
    ("client:\n  connect: localhost:1\n  ca: /no/such/file\n", ":3: /no/such/file"),
    ("client:\n  connect: localhost:1\n  verify: none\n  deadline-ms: soon\n", ":4: --deadline-ms"),
    ("client: {\n", "pair.yaml:"),
    ("", "pair.yaml"),
])
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path, text, said):
    config = tmp_path / "pair.yaml"
    config.write_text(text)
    done = subprocess.run([peer("openssl"), "client", "--config", config], capture_output=True,
                          text=True, timeout=PATIENCE_S)
    assert done.returncode == 2 and said in done.stderr and "pair.yaml" in done.stderr, done
    assert done.stderr.count("\n") == 1


# ---- the bare minimum of trust ----


@pytest.mark.parametrize("stack, code", [("openssl", 10), ("boringssl", 10), ("gnutls", 10)])
def test_a_leaf_as_the_only_anchor(server, leaf_alone, stack, code):
    """What does not sign itself is no anchor where nobody asks for partial chains."""
    process, address = server()
    assert client(address, trust=leaf_alone, stack=stack).returncode == code


@pytest.fixture
def leaf_alone(pki, tmp_path):
    leaf = tmp_path / "leaf.pem"
    end = "-----END CERTIFICATE-----\n"
    leaf.write_text((pki / "rsa2048/server-chain.pem").read_text().split(end)[0] + end)
    return leaf


@pytest.mark.parametrize("stack", ["openssl", "boringssl"])
def test_a_leaf_is_an_anchor_where_partial_chains_are_asked_for(server, leaf_alone, stack):
    process, address = server()
    assert client(address, "--partial-chain", trust=leaf_alone, stack=stack).returncode == 0
    # An anchor like any other: the name counts all the same.
    other = client(address, "--partial-chain", "--name", "other.example", trust=leaf_alone,
                   stack=stack)
    assert other.returncode == 11, other


@pytest.mark.parametrize("option", ["--partial-chain", "--strict"])
def test_what_gnutls_cannot_be_told_is_no_silent_default(server, root, option):
    process, address = server()
    done = client(address, option, trust=root, stack="gnutls")
    assert done.returncode == 2 and "neither partial chains nor a strict way" in done.stderr, done
    assert done.stderr.count("\n") == 1


@pytest.fixture
def issued(tmp_path):
    """issued(ca, leaf): a server of Python's tool box: a CA and a leaf with these extensions."""
    running = []

    def openssl(*argv):
        subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True)

    def start(ca, leaf, subject="/CN=localhost"):
        root, root_key, key, request, chain, extensions = (
            tmp_path / name for name in ("ca.pem", "ca.key", "key", "request", "chain", "ext"))
        config = tmp_path / "config"
        config.write_text("[req]\ndistinguished_name=dn\n[dn]\n[ca]\nsubjectKeyIdentifier=hash\n" + ca)
        extensions.write_text(leaf)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", root_key, "-out", root,
                "-subj", "/CN=localhost ca", "-config", config, "-extensions", "ca")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj",
                subject)
        openssl("x509", "-req", "-in", request, "-CA", root, "-CAkey", root_key, "-CAcreateserial",
                "-out", chain, "-extfile", extensions)
        process = subprocess.Popen([peer("openssl"), "server", "--listen", "127.0.0.1:0", "--cert",
                                    chain, "--key", key], stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process.stdout.readline().split()[-1], root

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def asks(stack, address, root, name, *more):
    argv = [peer(stack), "client", "--connect", address, "--ca", root, "--name", name, *more]
    return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S).returncode


@pytest.mark.parametrize("stack", present)
def test_a_ca_without_key_usage_is_one(issued, stack):
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "subjectAltName=DNS:localhost\n")
    assert asks(stack, address, root, "localhost") == 0


@pytest.mark.parametrize("stack, code", [("openssl", 10), ("boringssl", 0)])
def test_a_strict_client_wants_the_key_usage_of_a_ca(issued, stack, code):
    """OpenSSL does; BoringSSL has the same option and does not."""
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "subjectAltName=DNS:localhost\n")
    assert asks(stack, address, root, "localhost", "--strict") == code


@pytest.mark.parametrize("stack", ["openssl", "boringssl"])
def test_a_strict_client_takes_a_ca_with_its_key_usage(issued, stack):
    address, root = issued(
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n",
        "subjectAltName=DNS:localhost\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
    )
    assert asks(stack, address, root, "localhost", "--strict") == 0


@pytest.mark.parametrize("stack", present)
def test_the_common_name_counts_where_there_are_no_other_names_only(issued, stack):
    """RFC 9525 has done away with it; all three still look where there is no subjectAltName."""
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "basicConstraints=CA:FALSE\n")
    assert asks(stack, address, root, "localhost") == 0
    assert asks(stack, address, root, "other.test") == 11


@pytest.mark.parametrize("stack", present)
def test_a_dns_name_decides_over_the_common_name(issued, stack):
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "subjectAltName=DNS:other.test\n")
    assert asks(stack, address, root, "localhost") == 11
    assert asks(stack, address, root, "other.test") == 0


@pytest.mark.parametrize("stack, code", [("openssl", 0), ("boringssl", 11), ("gnutls", 11)])
def test_a_common_name_beside_an_address(issued, stack, code):
    """OpenSSL looks at the common name as long as there is no dNSName."""
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "subjectAltName=IP:127.0.0.9\n")
    assert asks(stack, address, root, "localhost") == code


@pytest.mark.parametrize("stack, code", [("openssl", 0), ("boringssl", 11), ("gnutls", 0)])
def test_a_common_name_with_spaces(issued, stack, code):
    address, root = issued("basicConstraints=critical,CA:TRUE\n", "basicConstraints=CA:FALSE\n",
                           subject="/CN=Expert Server of TLS")
    assert asks(stack, address, root, "Expert Server of TLS") == code
