"""`tlspeer-X client` and `server` over real sockets: exit codes, survival, readable output."""

import os
import re
import socket
import struct
import subprocess

import pytest

from conftest import FROZEN, NAME, PATIENCE_S, client, peer, present, tcp

@pytest.mark.parametrize("stack", present)
def test_a_text_comes_back(server, root, stack):
    process, address = server(stack=stack)
    done = client(address, "--message", "Grüße", trust=root, stack=stack)
    assert done.returncode == 0, done.stderr
    assert "received: Grüße" in done.stdout and "TLS_" in done.stdout
    line = process.stdout.readline()
    assert re.match(r"127\.0\.0\.1:\d+ tls1\.3 TLS_\S+ \S+ .*accepted.*close clean", line), line


@pytest.mark.parametrize("listen", ["localhost:0", "[::1]:0", ":0"])
def test_it_listens_where_it_is_told(server, root, listen):
    process, address = server(listen=listen)
    port = address.rsplit(":", 1)[1]
    to = f"[::1]:{port}" if "[" in address else f"127.0.0.1:{port}"
    assert client(to, trust=root).returncode == 0


@pytest.mark.parametrize(
    "more, code, said",
    [
        (["--name", "other.example"], 11, "certificate name"),
        (["--time", "1"], 10, "certificate time"),
        (["--pin-leaf", "ab" * 32], 12, "not the pinned one"),
        (["--pin-spki", "ab" * 32], 12, "not the pinned one"),
        (["--max-version", "tls1.1"], 1, "protocol_version"),
    ],
)
@pytest.mark.parametrize("stack", present)
def test_each_refusal_has_its_exit_code(server, root, stack, more, code, said):
    process, address = server("--min-version", "tls1.2")
    done = client(address, *more, trust=root, stack=stack)
    assert done.returncode == code and said in done.stderr, done.stderr
    assert client(address, trust=root).returncode == 0


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize(
    "server_has, client_has, refusal",
    [
        (["--serve", NAME], [], None),
        (["--serve", "other.example"], [], "unrecognized_name"),
        (["--alpn", "h2,http/1.1"], ["--alpn", "http/1.1"], None),
        (["--alpn", "h2"], ["--alpn", "http/1.1"], "no_application_protocol"),
    ],
)
def test_what_a_server_does_not_serve_it_refuses(server, root, stack, server_has, client_has, refusal):
    process, address = server(*server_has, stack=stack)
    done = client(address, *client_has, trust=root, stack=stack)
    assert done.returncode == (1 if refusal else 0), done.stderr
    assert refusal is None or refusal in done.stderr


@pytest.mark.parametrize("stack", present)
def test_who_judges_late_leaves_without_an_alert(server, root, stack):
    for late, heard in ([], "received alert"), (["--late-verify"], "close clean"):
        process, address = server(stack=stack)
        done = client(address, "--time", "1", *late, trust=root, stack=stack)
        assert done.returncode in (10, 12), done.stderr
        assert heard in process.stdout.readline()


@pytest.fixture
def at_address(tmp_path):
    """A server whose certificate is for the address 127.0.0.1 and no name; its address and root."""
    chain, key = tmp_path / "chain", tmp_path / "key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                    "-out", chain, "-subj", "/CN=address", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    with subprocess.Popen([peer("openssl"), "server", "--listen", "127.0.0.1:0", "--cert", chain,
                           "--key", key], stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().split()[-1], chain
        process.kill()


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("name, code", [(None, 0), ("127.0.0.1", 0), ("127.0.0.2", 11)])
def test_an_address_is_looked_for_among_addresses(at_address, stack, name, code):
    address, chain = at_address
    argv = [peer(stack), "client", "--connect", address, "--ca", chain]
    argv += ["--name", name] if name else []
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == code, done.stderr


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("listen, unnamed",
                         [("127.0.0.1:0", 0), ("[::1]:0", 11), ("localhost:0", 11)])
def test_without_a_name_the_host_must_be_in_the_certificate(server, root, stack, listen, unnamed):
    """The forge's certificates are for NAME and for 127.0.0.1."""
    process, address = server(listen=listen)
    if listen.startswith("localhost"):
        address = "localhost:" + address.rsplit(":", 1)[1]
    argv = [peer(stack), "client", "--connect", address, "--time", str(FROZEN)]
    for more, code in (["--ca", root], unnamed), (["--ca", root, "--name", ""], unnamed), \
            (["--ca", root, "--name", NAME], 0), (["--verify", "none"], 0):
        done = subprocess.run([*argv, *more], capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == code, done.stderr


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize(
    "more",
    [["--ca", "{none}"], ["--ca", "{root}", "--cert", "{none}", "--key", "{none}"],
     ["--ca", "{root}", "--pin-leaf", "{none}"], ["--ca", "{root}", "--tofu", "{root}"]],
)
def test_nobody_is_bothered_with_a_bad_configuration(root, tmp_path, stack, more):
    files = {"none": tmp_path / "none", "root": root}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = client("127.0.0.1:%d" % listener.getsockname()[1],
                      *[word.format(**files) for word in more], stack=stack)
        assert done.returncode == 2, done.stderr
        assert any(str(file) in done.stderr for file in files.values())
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("stack", present)
def test_a_good_configuration_connects(root, stack):
    """The twin: the listener would have noticed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        assert client(address, "--deadline-ms", "100", trust=root, stack=stack).returncode == 14
        listener.setblocking(False)
        listener.accept()[0].close()


def test_an_untrusted_chain_has_its_own(server, pki):
    process, address = server()
    done = client(address, trust=pki / "ecdsa-p256/root.pem")
    assert done.returncode == 10 and "unknown_ca" in done.stderr
    assert "received alert unknown_ca (48)" in process.stdout.readline()


def test_nobody_there():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % unused.getsockname()[1]
        assert client(address, "--verify", "none").returncode == 13


def test_a_silent_server_and_one_that_cuts_off():
    for answer, code in (None, 14), (b"", 15):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = "127.0.0.1:%d" % listener.getsockname()[1]
            process = subprocess.Popen(
                [peer("openssl"), "client", "--connect", address, "--verify", "none",
                 "--deadline-ms", "300" if answer is None else "10000"],
                stderr=subprocess.DEVNULL)
            accepted, _ = listener.accept()
            with accepted:
                accepted.recv(1)
                if answer is not None:
                    accepted.recv(65536)
                    accepted.shutdown(socket.SHUT_WR)
                assert process.wait(PATIENCE_S) == code


@pytest.mark.parametrize(
    "argv, said",
    [
        (["clinet"], "did you mean 'client'"),
        (["client", "--conect", "x"], "did you mean '--connect'"),
        (["client"], "--connect"),
        (["client", "--connect", "x:1"], "--ca"),
        (["client", "--connect", "nonsense", "--verify", "none"], "HOST:PORT"),
        (["client", "--connect", "localhost:65536", "--verify", "none"], "at most 65535"),
        (["client", "--connect", "x:1", "--suites", "aes128gmc"], "did you mean 'aes128gcm'"),
        (["client", "--connect", "x:1", "--groups", "x25591"], "did you mean 'x25519'"),
        (["client", "--connect", "x:1", "--min-version", "tls1.5"], "did you mean 'tls1."),
        (["client", "--connect", "x:1", "--verify", "nome"], "did you mean 'none'"),
        (["client", "--connect", "x:1", "--psk", "xyz"], "--psk"),
        (["client", "--connect", "x:1", "--pin-leaf", "/no/file"], "/no/file"),
        (["client", "--connect", "x:1", "--deadline-ms", "0"], "--deadline-ms"),
        (["server", "--listen", "127.0.0.1:0", "--cert", "/no/file"], "--key"),
        (["server", "--listen", "127.0.0.1:0", "--cert", "/no/file", "--key", "/no/file"],
         "/no/file"),
        (["server", "--listen", "127.0.0.1:0"], "--cert and --key, --psk, --srp-user"),
        (["server", "--listen", "127.0.0.1:0", "--suites", "TLS_SRP_SHA_WITH_AES_128_CBC_SHA"],
         "--cert and --key, --psk, --srp-user"),
        (["client", "--connect", "x:1", "--psk", "abcd"], "--psk-identity"),
        (["client", "--connect", "x:1", "--psk-identity", "me"], "--psk and --psk-identity"),
        (["client", "--connect", "x:1", "--srp-user", "me"], "--srp-password"),
        (["client", "--connect", "x:1", "--srp-password", "me"], "--srp-user"),
        (["client", "--connect", "x" * 64 + ":1", "--ca", "/no/file"], "longer than 63"),
        (["ciphers"], "selection string"),
        (["describe", "/no/file"], "/no/file"),
    ],
)
def test_usage_errors_are_two_and_helpful(argv, said):
    done = subprocess.run([peer("openssl"), *argv], capture_output=True, text=True,
                          timeout=PATIENCE_S)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("stack", present)
def test_a_file_that_cannot_be_read_is_told_alike_by_every_stack(stack, pki, tmp_path):
    client_words = ["client", "--connect", "x:1", "--verify", "none"]
    chain = pki / "rsa2048/server-chain.pem"
    (tmp_path / "secret").write_text("")
    (tmp_path / "secret").chmod(0)
    paths = [(tmp_path, "Is a directory"), (tmp_path / "none", "No such file or directory"),
             (chain / "below", "Not a directory")]
    if os.geteuid() != 0:
        paths.append((tmp_path / "secret", "Permission denied"))
    for path, text in paths:
        for words in ["describe", path], [*client_words, "--ca", path], \
                [*client_words, "--cert", path, "--key", chain], \
                [*client_words, "--cert", chain, "--key", path], \
                [*client_words, "--pin-leaf", path], [*client_words, "--pin-spki", path]:
            done = subprocess.run([peer(stack), *map(str, words)], capture_output=True, text=True,
                                  timeout=PATIENCE_S)
            option = f"{words[-2]}: " if "--pin" in words[-2] else ""
            assert done.returncode == 2, done
            assert done.stderr == f"tlspeer-{stack}: {option}{path}: {text}\n"


@pytest.mark.parametrize(
    "words, client_only",
    [
        (["--psk-identity", "me", "--psk", "abcd"], []),
        (["--srp-user", "me", "--srp-password", "it", "--max-version", "tls1.2", "--suites",
          "TLS_SRP_SHA_WITH_AES_128_CBC_SHA"], []),
        (["--suites", "TLS_DH_anon_WITH_AES_128_CBC_SHA"], ["--verify", "none"]),
    ],
)
def test_a_server_needs_no_certificate_for_these(words, client_only):
    with subprocess.Popen([peer("gnutls"), "server", "--listen", "127.0.0.1:0", "--once", *words],
                          stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().split()[-1]
        done = client(address, *words, *client_only, stack="gnutls")
        assert done.returncode == 0, done.stderr


def test_pin_files_are_32_raw_bytes(server, root, tmp_path, leaf_hash):
    process, address = server()
    pin = tmp_path / "pin"
    pin.write_bytes(bytes.fromhex(leaf_hash("server-chain.pem")))
    assert client(address, "--pin-leaf", pin, trust=root).returncode == 0
    for wrong in bytes(31), bytes(33), b"":
        pin.write_bytes(wrong)
        assert client(address, "--pin-leaf", pin, trust=root).returncode == 2
    pin.write_bytes(bytes(32))
    assert client(address, "--pin-leaf", pin, trust=root).returncode == 12


@pytest.mark.parametrize("stack", present)
def test_the_server_survives_bad_clients(server, root, stack):
    process, address = server("--deadline-ms", "300", stack=stack)
    for bad in b"", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(100), \
            b"\x15\x03\x03\x00\x02\x02\x28", b"\x80\x2e\x01\x00\x02":
        with tcp(address) as connection:
            connection.sendall(bad)
            connection.shutdown(socket.SHUT_WR)
            assert "refused at handshake" in process.stdout.readline()
    with tcp(address) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line = process.stdout.readline()
    assert "refused at handshake" in line, line
    with tcp(address):
        assert "timeout at handshake" in process.stdout.readline()
    assert client(address, trust=root).returncode == 0


def test_mutual_authentication(server, root, pki):
    process, address = server("--ca", root)
    assert client(address, trust=root).returncode == 1
    assert "certificate_required" in process.stdout.readline()
    own = ["--cert", pki / "rsa2048/client-chain.pem", "--key", pki / "rsa2048/client-key.pem"]
    assert client(address, *own, trust=root).returncode == 0
    assert re.search("peer certificate [0-9a-f]{64}", process.stdout.readline())


def test_the_key_log_is_appended(server, root, tmp_path):
    process, address = server()
    log = tmp_path / "keys"
    for times in 1, 2:
        assert client(address, "--keylog", log, trust=root).returncode == 0
        assert log.read_text().count("CLIENT_TRAFFIC_SECRET_0 ") == times


@pytest.mark.parametrize("stack", present)
def test_what_people_ask_for(stack, pki):
    def ask(*argv):
        return subprocess.run([peer(stack), *map(str, argv)], capture_output=True, text=True,
                              check=True, timeout=PATIENCE_S).stdout

    assert "TLS_AES_128_GCM_SHA256" in ask("features")
    assert "tls1.3" in ask("features", "--json")
    assert NAME in ask("describe", pki / "rsa2048/server-chain.pem")
    help_ = ask("client", "--help")
    for option in "--pin-leaf", "--tofu", "Exit codes", "12 it is not the pinned one":
        assert option in help_
    assert stack in ask("--version")


def test_bench_counts_all_cells(pki):
    import json
    done = subprocess.run([peer("openssl"), "bench", "--pki", pki, "--seconds", "1", "--json"],
                          capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    result = json.loads(done.stdout)
    assert len(result["cells"]) == 8 and result["handshakes"] % 8 == 0
    assert result["handshakes_per_second"] > 0
