"""`tlspeer-X worker`: the contract, one case at one end, and the lies of the liar."""

import json
import os
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

import pytest

from conftest import CONTRACT, HERE, NAME, endpoint, peer, run_pair, tcp_pair

STACKS = ["openssl", "boringssl", "gnutls"]
VERSIONS = ["tls1.0", "tls1.1", "tls1.2", "tls1.3"]
present = [s for s in STACKS if os.path.exists(peer(s))]
with_careless = present + ["careless"]  # which has TLS 1.2 and 1.3


def only(version):
    return {"min_version": version, "max_version": version}


@pytest.fixture
def openssl(worker):
    return worker(peer("openssl"), "worker")


@pytest.fixture
def other(worker):
    return worker(peer("openssl"), "worker")


# ---- the contract ----


@pytest.mark.parametrize("stack", present + ["null", "liar", "careless"])
def test_it_says_hello_first(worker, stack):
    hello = worker(peer(stack), "worker").hello
    assert hello["type"] == "hello" and hello["contract"] == CONTRACT
    assert hello["capabilities"]["stack"] == stack


def test_another_contract_ends_it(worker):
    one = worker(peer("openssl"), "worker", contract=CONTRACT + 1)
    status, said = one.end()
    assert status == 3 and f"contract {CONTRACT + 1}" in said


@pytest.mark.parametrize(
    "message, named",
    [
        (b"nonsense", "not JSON"),
        (b"{}", "type"),
        (b" " * (64 * 1024 + 1), "larger than"),
        (b'{"type":"dance"}', "dance"),
        (b'{"type":"case","endpoint":{}}', "without a socket"),
    ],
)
def test_a_malformed_message_ends_it_with_a_line(openssl, message, named):
    openssl.send_bytes(message)
    status, said = openssl.end()
    assert status == 3 and named in said and said.count("\n") == 1


@pytest.mark.parametrize(
    "more, named",
    [({"colour": 1}, "endpoint.colour"), ({"suites": ["TLS_X"]}, "endpoint.suites"),
     ({"keylog": "yes"}, "endpoint.keylog")],
)
def test_a_malformed_endpoint_ends_it_with_its_key(openssl, more, named):
    client, server = tcp_pair()
    openssl.start(endpoint("client", **more), client)
    status, said = openssl.end()
    assert status == 3 and named in said


@pytest.mark.parametrize("how", ["quit", "close"])
def test_it_ends_when_told(openssl, how):
    if how == "quit":
        openssl.send({"type": "quit"})
    else:
        openssl.control.shutdown(socket.SHUT_WR)
    assert openssl.end() == (0, "")


def test_an_honest_peer_declines_faults(openssl):
    client, _ = tcp_pair()
    openssl.start(endpoint("client", fault="crash"), client)
    facts = openssl.facts()
    assert facts["result"] == "declined" and "crash" in facts["error_text"]


@pytest.mark.parametrize("argv", [[peer("null"), "worker"],
                                  [sys.executable, str(HERE / "example_peer.py")]])
def test_a_peer_that_can_do_nothing_declines_and_lives_on(worker, argv):
    one = worker(*argv)
    for _ in range(2):
        client, _ = tcp_pair()
        one.start(endpoint("client"), client)
        facts = one.facts()
        assert facts["result"] == "declined" and facts["stage"] == "configure"
    one.send({"type": "quit"})
    assert one.end()[0] == 0


# ---- one case ----


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
@pytest.mark.parametrize("server", with_careless)
@pytest.mark.parametrize("client", with_careless)
def test_both_ends_see_the_same(worker, ends, leaf_hash, client, server, version):
    range_ = {"min_version": version, "max_version": version}
    c, s = run_pair(worker(peer(client), "worker"), worker(peer(server), "worker"),
                    ends(range_, range_))
    for facts in c, s:
        assert facts["result"] == "accepted" and facts["stage"] == "done", facts
        assert facts["close"] == "clean" and facts["version"] == version
        assert facts["bytes_in"] == facts["bytes_out"] == 32
    for key in "suite", "group", "exporter":
        assert c[key] == s[key]
    assert c["peer_leaf_sha256"] == leaf_hash("server-chain.pem")


@pytest.mark.parametrize("mine, theirs", [("ffdhe2048", "ffdhe3072"), ("ffdhe3072", "ffdhe2048")])
def test_a_dhe_group_is_the_prime_that_came_not_the_one_asked_for(worker, other, ends, mine,
                                                                  theirs):
    """OpenSSL 3.0's server uses its own before TLS 1.3, whatever the client names (RFC 7919)."""
    if "gnutls" not in present:
        pytest.skip("needs gnutls")
    base = {**only("tls1.2"), "suites": ["TLS_DHE_RSA_WITH_AES_128_CBC_SHA"]}
    pair = ends({**base, "groups": [mine]}, {**base, "groups": [theirs]})
    for facts in run_pair(worker(peer("gnutls"), "worker"), other, pair):
        assert (facts["result"], facts["group"]) == ("accepted", theirs), facts


@pytest.mark.parametrize("version", ["tls1.0", "tls1.1", "tls1.2"])
def test_what_a_gnutls_client_cannot_sign_with_its_server_verifies(worker, ends, pki, version):
    """Its capability list says so: dsa2048 among the credentials, not among a client's."""
    if not {"openssl", "gnutls"} <= set(present):
        pytest.skip("needs both")
    folder = pki / "dsa2048"
    range_ = {"min_version": version, "max_version": version,
              "suites": ["TLS_DHE_DSS_WITH_AES_128_CBC_SHA"]}
    own = {"chain_file": f"{folder}/client-chain.pem", "key_file": f"{folder}/client-key.pem"}
    demand = {"verify": "require", "trust_file": f"{folder}/root.pem"}
    pair = ends({**range_, **own}, {**range_, **demand}, kind="dsa2048")
    gnutls = worker(peer("gnutls"), "worker")
    abilities = gnutls.hello["capabilities"]["versions"][version]
    signs = "dsa2048" in abilities.get("client_credentials", abilities["credentials"])
    assert "dsa2048" in abilities["credentials"] and signs == (version == "tls1.2")
    for facts in run_pair(worker(peer("openssl"), "worker"), gnutls, pair):
        assert facts["result"] == "accepted" and facts["verify_code"] == 0, facts
    client, _ = run_pair(gnutls, worker(peer("openssl"), "worker"), pair)
    assert client["result"] == ("accepted" if signs else "refused"), client


@pytest.mark.parametrize("stack, version",
                         [(s, v) for s in present for v in VERSIONS]
                         + [("careless", v) for v in VERSIONS[2:]])
@pytest.mark.parametrize("name, sent", [(NAME, True), ("127.0.0.1", False), ("fe80::1234", False)])
def test_names_are_sent_and_addresses_are_not(worker, ends, stack, version, name, sent):
    client, server = tcp_pair()
    worker(peer(stack), "worker").start({**ends(only(version))[0], "peer_name": name}, client)
    assert (name.encode() in server.recv(4096)) == sent


HOSTILE_POLICY = """openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = policy
[policy]
SignatureAlgorithms = RSA+SHA512
Groups = P-521
"""


def test_the_systems_policy_does_not_apply(worker, other, ends, tmp_path):
    (tmp_path / "policy").write_text(HOSTILE_POLICY)
    system = subprocess.run(["openssl", "version", "-d"], capture_output=True, text=True)
    where = os.path.realpath(system.stdout.split('"')[1] + "/openssl.cnf")
    masked = ["/usr/bin/unshare", "-rm", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && "$@"',
              "sh", str(tmp_path / "policy"), where]
    if subprocess.run([*masked, "true"], capture_output=True).returncode != 0:
        pytest.skip("no namespace to put another system policy in")
    under_policy = worker(*masked, peer("openssl"), "worker")
    range_ = {"min_version": "tls1.3", "max_version": "tls1.3"}
    client, server = run_pair(under_policy, other, ends(range_, range_))
    assert client["result"] == server["result"] == "accepted"
    assert client["group"] == "x25519"


@pytest.mark.parametrize("length", [0, 1, 16384, 16385, 1000000])
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
@pytest.mark.parametrize("client, server", [("openssl", "openssl"), ("openssl", "careless"),
                                            ("careless", "openssl")])
def test_requests_of_any_length(worker, ends, client, server, version, length):
    pair = [{**e, "request_len": length} for e in ends(only(version), only(version))]
    for facts in run_pair(worker(peer(client), "worker"), worker(peer(server), "worker"), pair):
        assert facts["result"] == "accepted", facts
        assert facts.get("bytes_in", 0) == facts.get("bytes_out", 0) == length


def test_a_silent_other_end_costs_the_deadline(openssl):
    client, server = tcp_pair()
    begin = time.monotonic()
    openssl.start(endpoint("client", deadline_ms=200), client)
    facts = openssl.facts()
    assert facts["result"] == "timeout" and facts["stage"] == "handshake"
    # The deadline counts from the command, duration_us only from the first call into the library.
    assert time.monotonic() - begin >= 0.2
    assert 100_000 <= facts["duration_us"]


@pytest.mark.parametrize("stack", ["openssl", "careless"])
def test_a_flood_does_not_outlast_the_deadline(worker, stack):
    client, server = tcp_pair()
    one = worker(peer(stack), "worker")
    one.start(endpoint("client", deadline_ms=300), client)
    client.close()
    server.recv(5)
    server.settimeout(5)
    try:
        while True:
            server.send(b"\x15\x03\x03\x00\x02\x02\x28" * 1000)
    except OSError:
        pass
    assert one.facts()["result"] == "refused"


@pytest.mark.parametrize("how, kind", [("fin", "truncated"), ("reset", "reset")])
@pytest.mark.parametrize("stack", ["openssl", "careless"])
def test_how_the_other_end_went_is_told(worker, stack, how, kind):
    client, server = tcp_pair()
    one = worker(peer(stack), "worker")
    one.start(endpoint("client"), client)
    client.close()
    assert server.recv(65536)[0] == 22
    if how == "reset":
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    facts = one.facts()
    assert (facts["result"], facts["stage"], facts["close"]) == ("refused", "handshake", kind)


def test_a_received_alert_is_told(openssl):
    client, server = tcp_pair()
    openssl.start(endpoint("client"), client)
    client.close()
    server.recv(65536)
    server.send(b"\x15\x03\x03\x00\x02\x02\x28")
    server.close()
    facts = openssl.facts()
    assert facts["alert_received"] == 40 and facts["close"] == "alert"


def client_hello(version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    out = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    return out.read()


WARNING, FATAL = 1, 2
BAD_CERTIFICATE, USER_CANCELED = 42, 90


@pytest.mark.parametrize(
    "stack, version, level, alert, told",
    [(stack, *row) for stack in with_careless for row in [
        (ssl.TLSVersion.TLSv1_2, FATAL, BAD_CERTIFICATE, True),
        (ssl.TLSVersion.TLSv1_2, WARNING, BAD_CERTIFICATE, False),
        (ssl.TLSVersion.TLSv1_3, FATAL, BAD_CERTIFICATE, True),
        (ssl.TLSVersion.TLSv1_3, WARNING, BAD_CERTIFICATE, True),
        (ssl.TLSVersion.TLSv1_3, WARNING, USER_CANCELED, False),
    ] if stack in ("openssl", "careless") or row[0] < ssl.TLSVersion.TLSv1_3],
)
def test_the_level_of_an_alert_counts_before_tls13_only(worker, ends, stack, version, level, alert,
                                                        told):
    """RFC 8446 section 6. Few read an alert in clear once the ServerHello is sent."""
    client, server = tcp_pair()
    one = worker(peer(stack), "worker")
    one.start(ends()[1], server)
    server.close()
    client.sendall(client_hello(version))
    assert client.recv(65536)[0] == 22
    client.sendall(bytes([21, 3, 3, 0, 2, level, alert]))
    client.shutdown(socket.SHUT_WR)
    facts = one.facts()
    assert (facts["result"], facts["stage"]) == ("refused", "handshake")
    assert facts.get("alert_received") == (alert if told else None), facts


def test_memory_that_is_not_there_is_no_refusal(openssl, other, ends):
    length = 16 * 1024 * 1024
    with open(f"/proc/{openssl.pid}/statm") as statm:
        in_use = int(statm.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    if in_use > 1 << 40:
        pytest.skip("a sanitizer holds the memory")
    pair = [{**e, "request_len": length} for e in ends()]
    assert run_pair(openssl, other, pair)[0]["result"] == "accepted"
    resource.prlimit(openssl.pid, resource.RLIMIT_AS, (in_use + length // 2,) * 2)
    client, _ = run_pair(openssl, other, pair)
    assert (client["result"], client["stage"]) == ("declined", "application")
    assert client["error_text"] == "out of memory"


def test_more_contexts_than_the_cache_holds(openssl, other, ends, pki):
    """Names make contexts differ; the first come again after they were evicted."""
    for kind in ["rsa2048", "ecdsa-p256"] * 2:
        for minute in range(40):
            c, s = ends(kind=kind)
            c["verify_time"] += 60 * minute
            for facts in run_pair(openssl, other, (c, s)):
                assert facts["result"] == "accepted", facts


def test_a_renewed_file_is_read_again(openssl, other, ends, pki, tmp_path, leaf_hash):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    seen = []
    for who in "server", "other":
        for target, kind in (chain, "chain"), (key, "key"):
            fresh = tmp_path / "fresh"
            fresh.write_bytes((pki / f"rsa2048/{who}-{kind}.pem").read_bytes())
            fresh.rename(target)
        c, s = ends()
        s.update(chain_file=str(chain), key_file=str(key))
        seen.append(run_pair(openssl, other, (c, s))[0]["peer_leaf_sha256"])
    assert seen == [leaf_hash("server-chain.pem"), leaf_hash("other-chain.pem")]


def test_a_file_with_its_old_time_put_back_is_read_again(openssl, other, ends, pki, tmp_path,
                                                         leaf_hash):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    size = {f: max(len((pki / f"rsa2048/{who}-{f}.pem").read_bytes()) for who in ("server", "other"))
            for f in ("chain", "key")}
    seen = []
    for who in "server", "other":
        for target, kind in (chain, "chain"), (key, "key"):
            before = target.stat().st_ctime_ns if target.exists() else 0
            target.write_bytes((pki / f"rsa2048/{who}-{kind}.pem").read_bytes().ljust(size[kind],
                                                                                     b"\n"))
            os.utime(target, (0, 0))
            while target.stat().st_ctime_ns == before:  # as fine as the file system's clock
                os.utime(target, (0, 0))
        c, s = ends()
        s.update(chain_file=str(chain), key_file=str(key))
        seen.append(run_pair(openssl, other, (c, s))[0]["peer_leaf_sha256"])
    assert seen == [leaf_hash("server-chain.pem"), leaf_hash("other-chain.pem")]


def test_a_missing_file_is_declined_with_its_name(openssl, ends):
    client, _ = tcp_pair()
    c, _ = ends()
    openssl.start({**c, "trust_file": "/no/such/root.pem"}, client)
    facts = openssl.facts()
    assert facts["result"] == "declined" and "/no/such/root.pem" in facts["error_text"]


# ---- refusals say why, and where ----


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize(
    "change, problem",
    [({"peer_name": "other.example"}, "name"), ({"verify_time": 1}, "time")],
)
def test_a_bad_certificate_is_refused_for_its_reason(worker, other, ends, stack, change, problem):
    c, s = ends()
    client, server = run_pair(worker(peer(stack), "worker"), other, ({**c, **change}, s))
    assert client["result"] == server["result"] == "refused"
    assert client["verify_problem"] == problem and client["alert_sent"] == server["alert_received"]


@pytest.mark.parametrize("stack", present)
def test_an_untrusted_chain_is_refused(worker, other, ends, pki, stack):
    c, s = ends()
    c["trust_file"] = str(pki / "ecdsa-p256/root.pem")
    client, _ = run_pair(worker(peer(stack), "worker"), other, (c, s))
    assert (client["result"], client["verify_problem"]) == ("refused", "chain")


# What is wrong, what the verifier must name, and the alerts that the STACKS send.
IMPOSTERS = [
    ("expired-leaf", "time", (45, 45, 42)),
    ("not-yet-valid-leaf", "time", (42, 45, 42)),
    ("unknown-ca", "chain", (48, 48, 42)),
    ("wrong-host", "name", (42, 42, 42)),
    ("missing-intermediate", "chain", (48, 48, 42)),
    ("wrong-extended-key-usage", "usage", (43, 43, 42)),
]


@pytest.fixture
def certificate_case(worker, ends, imposters):
    """The facts of a verifier of this stack, and of who presents this identity to it."""

    def run(stack, version, verifies, identity):
        presents = "server" if verifies == "client" else "client"
        c, s = ends(only(version), only(version), kind=imposters.kind)
        endpoints = {"client": c, "server": s}
        endpoints[presents].update(chain_file=imposters(identity, presents, "chain"),
                                   key_file=imposters(identity, presents, "key"))
        if verifies == "server":
            s.update(verify="require", trust_file=c["trust_file"])
        peers = [worker(peer(who), "worker")
                 for who in ((stack, "openssl") if verifies == "client" else ("openssl", stack))]
        client, server = run_pair(*peers, (c, s))
        return (client, server) if verifies == "client" else (server, client)

    return run


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("verifies", ["client", "server"])
def test_the_genuine_certificate_is_accepted(certificate_case, stack, version, verifies):
    for facts in certificate_case(stack, version, verifies, "genuine"):
        assert facts["result"] == "accepted" and facts["version"] == version, facts
        assert facts["bytes_in"] == facts["bytes_out"] == 32


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "verifies, identity, problem, alerts",
    [(verifies, *row) for verifies in ("client", "server") for row in IMPOSTERS
     if (verifies, row[1]) != ("server", "name")],  # nobody expects a client to have one
)
def test_an_imposter_is_refused_for_its_reason(certificate_case, stack, version, verifies, identity,
                                               problem, alerts):
    verifier, presenter = certificate_case(stack, version, verifies, identity)
    assert (verifier["result"], verifier["stage"]) == ("refused", "handshake"), verifier
    assert verifier["verify_problem"] == problem, verifier
    assert verifier["alert_sent"] == alerts[STACKS.index(stack)]
    assert "bytes_in" not in verifier and "bytes_out" not in verifier
    assert presenter["result"] == "refused" and "bytes_in" not in presenter
    assert presenter["alert_received"] == verifier["alert_sent"]


@pytest.mark.parametrize("stack", present)
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_missing_client_certificate_is_refused_at_both_ends(worker, ends, pki, stack, version):
    range_ = {"min_version": version, "max_version": version}
    demand = {"verify": "require", "trust_file": str(pki / "rsa2048/root.pem")}
    for length in 0, 32:
        c, s = ends(range_, {**range_, **demand})
        c["request_len"] = s["request_len"] = length
        one, two = worker(peer(stack), "worker"), worker(peer(stack), "worker")
        client, server = run_pair(one, two, (c, s))
        assert client["result"] == server["result"] == "refused"
        assert client["alert_received"] == server["alert_sent"]


# ---- pins ----


def pin_case(openssl, other, ends, pin):
    return run_pair(openssl, other, ends(client=pin))


@pytest.mark.parametrize("right", [True, False])
def test_a_leaf_pin(openssl, other, ends, leaf_hash, right):
    pin = {"pin": "leaf", "pin_sha256": leaf_hash("server-chain.pem") if right else "ab" * 32}
    client, server = pin_case(openssl, other, ends, pin)
    if right:
        assert client["result"] == server["result"] == "accepted"
        return
    assert (client["result"], client["stage"]) == ("refused", "pin")
    assert client["handshake_done"] and "bytes_out" not in client and "alert_sent" not in client
    assert (server["result"], server["stage"]) == ("refused", "application")
    assert server["close"] == "clean" and "bytes_in" not in server


def test_trust_on_first_use(openssl, other, ends, leaf_hash, tmp_path):
    store = tmp_path / "store"
    pin = {"pin": "tofu", "tofu_store": str(store)}
    for _ in range(2):
        assert pin_case(openssl, other, ends, pin)[0]["result"] == "accepted"
        assert store.read_bytes().hex() == leaf_hash("server-chain.pem")
    store.write_bytes(bytes(32))
    client, _ = pin_case(openssl, other, ends, pin)
    assert (client["result"], client["stage"]) == ("refused", "pin")
    assert store.read_bytes() == bytes(32)
    assert os.listdir(tmp_path) == ["store"]


def test_a_refused_chain_is_not_remembered(openssl, other, ends, pki, tmp_path):
    store = tmp_path / "store"
    c, s = ends(client={"pin": "tofu", "tofu_store": str(store)})
    c["trust_file"] = str(pki / "ecdsa-p256/root.pem")
    assert run_pair(openssl, other, (c, s))[0]["verify_problem"] == "chain"
    assert os.listdir(tmp_path) == []


def test_a_bad_store_is_declined_before_a_byte_is_sent(openssl, ends, tmp_path):
    store = tmp_path / "store"
    store.write_bytes(bytes(31))
    client, server = tcp_pair()
    openssl.start(ends(client={"pin": "tofu", "tofu_store": str(store)})[0], client)
    client.close()
    assert server.recv(1) == b""
    server.close()
    assert openssl.facts()["result"] == "declined"


def test_a_store_that_cannot_be_written_is_no_refusal(openssl, other, ends, tmp_path):
    store = tmp_path / "no-such-folder" / "store"
    client, server = pin_case(openssl, other, ends, {"pin": "tofu", "tofu_store": str(store)})
    assert (client["result"], client["stage"]) == ("declined", "pin")
    assert str(store) in client["error_text"] and "bytes_in" not in server


# ---- the liar ----


@pytest.fixture
def lie(worker, other, ends):
    """The facts of a lying client and its honest server."""

    def tell(fault, client=None):
        return run_pair(worker(peer("liar"), "worker"), other,
                        ends(client={"fault": fault, **(client or {})}))

    return tell


def test_a_liar_without_a_lie_is_honest(worker, other, ends):
    for facts in run_pair(worker(peer("liar"), "worker"), other, ends()):
        assert facts["result"] == "accepted"


@pytest.mark.parametrize(
    "fault, key",
    [("wrong-suite", "suite"), ("wrong-version", "version"), ("wrong-group", "group"),
     ("wrong-exporter", "exporter")],
)
def test_it_misreports_one_thing(lie, fault, key):
    client, server = lie(fault)
    assert client["result"] == server["result"] == "accepted"
    different = {k for k in ("suite", "version", "group", "exporter") if client[k] != server[k]}
    assert different == {key}


def test_it_misreports_the_leaf(lie, leaf_hash):
    client, _ = lie("wrong-leaf")
    assert client["peer_leaf_sha256"] != leaf_hash("server-chain.pem")


def test_it_misreports_the_end(lie):
    assert lie("refused-when-accepted")[0]["result"] == "refused"
    client, server = lie("accepted-when-refused", {"pin": "leaf", "pin_sha256": "ab" * 32})
    assert (client["result"], server["result"]) == ("accepted", "refused")


def test_it_forgets_to_verify(worker, other, ends, pki):
    c, s = ends(client={"fault": "no-verification"})
    c["trust_file"] = str(pki / "ecdsa-p256/root.pem")
    client, server = run_pair(worker(peer("liar"), "worker"), other, (c, s))
    assert client["result"] == server["result"] == "accepted"


def test_it_forgets_the_pin(lie):
    client, server = lie("no-pin", {"pin": "leaf", "pin_sha256": "ab" * 32})
    assert client["result"] == server["result"] == "accepted"


def test_it_sends_before_the_pin(lie, leaf_hash):
    client, server = lie("pin-after-data", {"pin": "leaf", "pin_sha256": "ab" * 32})
    assert client["stage"] == "pin" and server["bytes_in"] == 32
    right = {"pin": "leaf", "pin_sha256": leaf_hash("server-chain.pem")}
    assert lie("pin-after-data", right)[1]["result"] == "accepted"


def test_it_truncates(lie):
    _, server = lie("truncates")
    assert (server["result"], server["close"]) == ("accepted", "truncated")


@pytest.mark.parametrize("fault, told", [("wrong-alert", 90), ("no-alert-report", None)])
def test_it_misreports_alerts(worker, other, ends, fault, told):
    c, s = ends(client={"fault": fault})
    client, server = run_pair(worker(peer("liar"), "worker"), other,
                              ({**c, "peer_name": "other.example"}, s))
    assert client.get("alert_sent") == told and server["alert_received"] == 42


def test_it_is_silent_or_slow(lie):
    client, server = lie("silent", {"deadline_ms": 300})
    assert client["result"] == "timeout" and server["result"] == "refused"
    assert lie("slow")[0]["result"] == "accepted"


@pytest.mark.parametrize(
    "fault, status",
    [("crash", -signal.SIGSEGV), ("exit", 0), ("killed", -signal.SIGKILL)],
)
def test_it_dies(worker, fault, status):
    client, _ = tcp_pair()
    one = worker(peer("liar"), "worker")
    one.start(endpoint("client", fault=fault), client)
    assert one.receive() is None
    assert one.end()[0] == status


@pytest.mark.parametrize("fault", ["hang", "hang-hard"])
def test_it_hangs(worker, fault):
    client, _ = tcp_pair()
    one = worker(peer("liar"), "worker")
    one.start(endpoint("client", fault=fault, deadline_ms=100), client)
    one.control.settimeout(0.5)
    with pytest.raises(TimeoutError):
        one.receive()


@pytest.mark.parametrize("fault", ["garbage", "wrong-type", "unknown-key", "oversize"])
def test_it_breaks_the_contract(worker, fault):
    client, server = tcp_pair()
    one = worker(peer("liar"), "worker")
    one.start(endpoint("client", fault=fault, deadline_ms=100), client)
    data = one.control.recv(100_000)
    if fault == "garbage":
        with pytest.raises(ValueError):
            json.loads(data)
    elif fault == "oversize":
        assert len(data) > 64 * 1024
    else:
        message = json.loads(data)
        assert message["type"] != "facts" or "mood" in message["facts"]


def test_it_claims_another_contract(worker):
    assert worker(peer("liar"), "worker", "--fault", "wrong-contract").hello["contract"] == CONTRACT + 1


def test_it_declines_a_lie_it_does_not_know(worker):
    client, _ = tcp_pair()
    one = worker(peer("liar"), "worker")
    one.start(endpoint("client", fault="white"), client)
    assert one.facts()["result"] == "declined"
