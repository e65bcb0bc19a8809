"""What is said inside a connection: each named exchange by hand and as a worker, over every pair."""

import os
import pickle
import socket
import struct
import subprocess
import sys
import types

import pytest

from conftest import NAME, PATIENCE_S, client, peer, present, run_pair, tcp

pairs = [(c, s) for c in present for s in present]
LENGTHS = {"pattern": (32, 32), "echo": (30, 30), "product": (9, 4), "get": (25, 151),
           "bank": (4, 233), "banner": (0, 30), "message": (65, 0)}


@pytest.mark.parametrize("exchange", LENGTHS)
@pytest.mark.parametrize("client_stack, server_stack", pairs)
def test_each_as_a_worker(worker, ends, client_stack, server_stack, exchange):
    for version in "tls1.2", "tls1.3":
        more = {"exchange": exchange, "min_version": version, "max_version": version}
        mine, theirs = run_pair(worker(peer(client_stack), "worker"),
                                worker(peer(server_stack), "worker"), ends(more, more))
        request, answer = LENGTHS[exchange]
        for facts, sent, got in (mine, request, answer), (theirs, answer, request):
            assert facts["result"] == "accepted" and facts["close"] == "clean", facts
            assert (facts.get("bytes_out", 0), facts.get("bytes_in", 0)) == (sent, got)


@pytest.mark.parametrize("client_says, server_says", [("product", "get"), ("bank", "echo"),
                                                      ("get", "bank"), ("message", "banner")])
def test_two_who_speak_of_different_things_do_not_agree(worker, ends, client_says, server_says):
    mine, theirs = run_pair(worker(peer("openssl"), "worker"), worker(peer("openssl"), "worker"),
                            ends({"exchange": client_says, "deadline_ms": 500},
                                 {"exchange": server_says, "deadline_ms": 500}))
    assert mine["result"] != "accepted"  # an echo takes anything, and only the client can tell


def test_an_unknown_exchange_is_a_broken_contract(worker, ends):
    one = worker(peer("openssl"), "worker")
    with socket.socketpair()[0] as connection:
        one.start(ends({"exchange": "gossip"})[0], connection)
    status, said = one.end()
    assert status == 3 and "endpoint.exchange" in said


# ---- product ----


@pytest.mark.parametrize("stack", present)
def test_the_product_of_the_first_primes(server, root, stack):
    process, address = server("--app", "product", stack=stack)
    done = client(address, "--app", "product", trust=root, stack=stack)
    assert done.returncode == 0 and "received: 223092870\n" in done.stdout, done
    assert "9 bytes in, 4 out, close clean" in process.stdout.readline()


@pytest.mark.parametrize("numbers, product", [("2,5,6", 60), ("7,0,255", 0), ("255,255,255", 16581375),
                                              ("0,255,255,255,255,255", 0)])
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_other_products(server, root, numbers, product, version):
    process, address = server("--app", "product", "--max-version", version)
    done = client(address, "--app", "product", "--numbers", numbers, trust=root)
    assert done.returncode == 0 and f"received: {product}\n" in done.stdout


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("numbers, said", [
    (",".join(["255"] * 5), "does not fit 4 bytes"),
    (",".join(["1"] * 1025), "more than 1024 numbers"),
])
def test_what_has_no_product_is_an_error_and_no_number(server, root, stack, numbers, said):
    process, address = server("--app", "product", stack=stack)
    done = client(address, "--app", "product", "--numbers", numbers, trust=root, stack=stack)
    assert done.returncode == 1 and "received" not in done.stdout
    assert said in process.stdout.readline()
    assert client(address, "--app", "product", trust=root).returncode == 0


def test_the_longest_request(server, root):
    process, address = server("--app", "product")
    done = client(address, "--app", "product", "--numbers", ",".join(["1"] * 1024), trust=root)
    assert done.returncode == 0 and "received: 1\n" in done.stdout


def python_tls(address, root):
    import ssl
    context = ssl.create_default_context(cafile=root)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the frozen certificates are not of today
    return context.wrap_socket(tcp(address))


def test_a_request_may_come_in_pieces_where_its_length_is_known(server, root):
    process, address = server("--app", "product", "--request-len", "3")
    with python_tls(address, root) as connection:
        for byte in b"\x02\x05\x06":
            connection.sendall(bytes([byte]))
        assert connection.recv(100) == struct.pack(">I", 60)


def test_without_a_length_the_first_piece_counts(server, root):
    process, address = server("--app", "product")
    with python_tls(address, root) as connection:
        connection.sendall(b"\x02\x05\x06")
        assert connection.recv(100) == struct.pack(">I", 60)


# ---- get, bank, banner, message ----


def test_only_the_one_request_is_answered(server, root):
    process, address = server("--app", "get")
    for line, answered in (b"GET /index.html HTTP/1.1\n", True), (b"GET /index.html HTTP/1.0\n", False):
        with python_tls(address, root) as connection:
            connection.sendall(line)
            answer = connection.recv(4096)
            assert (len(answer) == 151 and answer.startswith(b"HTTP/1.0 200 OK\n")) == answered


class Customer:
    """What Python makes of the record; its module is set below."""


@pytest.fixture
def bank_module(monkeypatch):
    module = types.ModuleType("tlsmatrix.bank")
    module.Customer = Customer
    monkeypatch.setitem(sys.modules, "tlsmatrix", types.ModuleType("tlsmatrix"))
    monkeypatch.setitem(sys.modules, "tlsmatrix.bank", module)
    monkeypatch.setattr(Customer, "__module__", "tlsmatrix.bank")


def the_record(**changed):
    customer = Customer()
    customer.__dict__.update(dict(
        id=100124796, name="Ada Winter", email="ada.winter@example.com", account=40718263,
        sort_code=204060, street="7 Orchard Row", district="Northgate", town="Millbrook",
        postcode="ZZ9 9ZZ") | changed)
    return pickle.dumps(customer, 4)


def test_python_reads_what_the_server_writes(server, root, bank_module):
    process, address = server("--app", "bank")
    with python_tls(address, root) as connection:
        connection.sendall(struct.pack(">I", 100124796))
        record = connection.recv(4096)
    assert record == the_record() and pickle.loads(record).sort_code == 204060


@pytest.fixture
def python_server(pki):
    """One TLS server of Python's that answers a client's number with these bytes."""
    import ssl
    import threading
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "rsa2048/server-chain.pem", pki / "rsa2048/server-key.pem")
    started = []

    def start(answer):
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            try:
                with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                    connection.recv(4)
                    connection.sendall(answer)
                    connection.unwrap()
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        started.append((listener, thread))
        return "127.0.0.1:%d" % listener.getsockname()[1]

    yield start
    for listener, thread in started:
        thread.join(PATIENCE_S)
        listener.close()


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_the_client_reads_what_python_writes(python_server, root, bank_module):
    done = client(python_server(the_record(name="Grüße")), "--app", "bank", trust=root)
    assert done.returncode == 0 and "Grüße, account 40718263 (20-40-60)" in done.stdout


@pytest.mark.parametrize("what, said", [
    ("another class", "another class"), ("a call", "module"), ("another field", "another field"),
    ("an opcode", "opcode"), ("cut", "within the record"), ("a huge frame", "no record"),
    ("garbage", "no record"), ("a text as number", "no text"), ("another customer", "another customer's"),
])
def test_what_is_no_record_is_refused(python_server, root, bank_module, what, said):
    good = the_record()
    evil = pickle.dumps(Evil(), 4)
    record = {
        "another class": good.replace(b"\x08Customer", b"\x08Customes"), "a call": evil,
        "another field": good.replace(b"\x04town", b"\x04city"),
        "an opcode": good[:-3] + b"uR.", "cut": good[:-5],
        "a huge frame": good[:3] + struct.pack("<Q", 1 << 62) + good[11:],
        "garbage": b"GET /index.html", "a text as number": the_record(town=5),
        "another customer": the_record(id=100124797),
    }[what]
    assert record != good
    done = client(python_server(record), "--app", "bank", trust=root)
    assert done.returncode == 1 and "received" not in done.stdout and said in done.stderr, done


@pytest.mark.parametrize("stack", present)
def test_an_imposter_with_a_valid_chain_and_the_pin(server, root, leaf_hash, stack):
    """Without a pin its record is believed: that is the hole. With one not a byte is sent."""
    imposter, address = server("--app", "bank", "--message", "Somebody Else", stack=stack,
                               kind="rsa3072")
    real, real_address = server("--app", "bank", stack=stack)
    both = root.parent / "roots.pem"
    both.write_text(root.read_text() + (root.parent.parent / "rsa3072/root.pem").read_text())
    pin = ["--pin-leaf", leaf_hash("server-chain.pem")]
    done = client(address, "--app", "bank", trust=both, stack=stack)
    assert done.returncode == 0 and "Somebody Else" in done.stdout
    imposter.stdout.readline()
    done = client(address, "--app", "bank", *pin, trust=both, stack=stack)
    assert done.returncode == 12 and "Somebody" not in done.stdout
    assert "refused at application" in (line := imposter.stdout.readline()), line
    done = client(real_address, "--app", "bank", *pin, trust=both, stack=stack)
    assert done.returncode == 0 and "Ada Winter" in done.stdout


@pytest.mark.parametrize("stack", present)
def test_the_server_speaks_first(server, root, stack):
    process, address = server("--app", "banner", stack=stack)
    done = client(address, "--app", "banner", trust=root, stack=stack)
    assert done.returncode == 0 and "received: Simple is better than complex.\n" in done.stdout
    assert "0 bytes in, 30 out, close clean" in process.stdout.readline()


def test_a_banner_without_close_notify_is_told_as_truncated(pki, root):
    import ssl
    import threading
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "rsa2048/server-chain.pem", pki / "rsa2048/server-key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection = context.wrap_socket(listener.accept()[0], server_side=True)
            connection.sendall(b"Simple is better than complex.")
            connection.close()  # without unwrap(): no close_notify

        thread = threading.Thread(target=serve)
        thread.start()
        done = client("127.0.0.1:%d" % listener.getsockname()[1], "--app", "banner", trust=root)
        thread.join()
    assert done.returncode == 15 and "received: Simple" in done.stdout, done


@pytest.mark.parametrize("stack", present)
def test_a_message_without_an_answer(server, root, stack):
    process, address = server("--app", "message", stack=stack)
    assert client(address, "--app", "message", trust=root, stack=stack).returncode == 0
    line = process.stdout.readline()
    assert "65 bytes in, 0 out, close clean" in line and line.count("What is said here") == 1


def test_control_characters_do_not_reach_the_terminal(server, root):
    process, address = server("--app", "message")
    assert client(address, "--app", "message", "--message", "a\x1b[2Jb", trust=root).returncode == 0
    line = process.stdout.readline()
    assert "received: a?[2Jb" in line and "\x1b" not in line


# ---- a line in clear first ----


@pytest.mark.parametrize("client_stack, server_stack", pairs)
def test_tls_on_top_of_a_plain_line(server, root, client_stack, server_stack):
    process, address = server("--starttls", stack=server_stack)
    done = client(address, "--starttls", trust=root, stack=client_stack)
    assert done.returncode == 0 and "received: Simple" in done.stdout
    assert client(address, trust=root, stack=client_stack, ).returncode != 0
    process.stdout.readline()
    assert "refused before TLS" in process.stdout.readline()


def test_what_is_slipped_in_behind_the_line_reaches_tls_and_is_refused(server, root):
    process, address = server("--starttls")
    with tcp(address) as connection:
        connection.sendall(b"STARTTLS\r\nMAIL FROM:<mallory>\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert "refused at handshake" in process.stdout.readline()
    assert client(address, "--starttls", trust=root).returncode == 0


def test_a_server_that_does_not_grant_it_is_left(root):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        process = subprocess.Popen([peer("openssl"), "client", "--connect", address, "--starttls",
                                    "--ca", root, "--name", NAME], stderr=subprocess.PIPE, text=True)
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(100) == b"STARTTLS\r\n"
            accepted.sendall(b"5")
            assert process.wait(PATIENCE_S) == 13
            assert "did not say '220 Go ahead'" in process.stderr.read()
            assert accepted.recv(100) == b""  # nothing more was said in clear


# ---- --report ----


@pytest.mark.parametrize("client_stack, server_stack", pairs)
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_both_ends_report_the_same_connection(server, root, pki, client_stack, server_stack, version):
    process, address = server("--report", "--verify", "request", "--ca", root, "--max-version",
                              version, stack=server_stack)
    own = ["--cert", pki / "rsa2048/client-chain.pem", "--key", pki / "rsa2048/client-key.pem"]
    for more, certificate in ([], "none"), (own, "provided"):
        done = client(address, "--report", *more, trust=root, stack=client_stack)
        assert done.returncode == 0, done.stderr
        mine = fields(done.stdout.splitlines())
        assert mine["one of them matches the host"] == f"yes ({NAME})"
        process.stdout.readline()
        theirs = fields([process.stdout.readline() for _ in range(8 if more else 7)])
        assert theirs["peer certificate"] == certificate
        assert mine["peer certificate"] == "provided" and NAME in mine["names on it"]
        for title in "protocol version", "cipher suite", "bits of its key", "compression", \
                "group of the key exchange":
            assert mine[title] == theirs[title], title
        assert mine["protocol version"] == version and mine["compression"] == "none"
        assert mine["bits of its key"] in ("128", "256")


def fields(lines):
    return {line[2:38].rstrip(): line[38:].rstrip() for line in lines if line.startswith("  ")}


@pytest.mark.parametrize("stack", present)
def test_a_mismatch_is_told_where_nobody_asked_tls_to_look(server, root, stack):
    process, address = server(stack=stack)
    done = client(address, "--report", "--verify", "none", "--name", "other.example", stack=stack)
    assert done.returncode == 0
    told = fields(done.stdout.splitlines())
    assert told["one of them matches the host"] == "no (other.example)"
    assert told["its verification"].startswith("not asked for")
    assert client(address, "--name", "other.example", "--ca", root, stack=stack).returncode == 11
