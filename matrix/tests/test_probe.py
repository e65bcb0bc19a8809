"""`tlsmatrix probe` against real servers whose configuration is known: what is off must be told as
refused, what is on as accepted, and nothing else claimed."""

import shutil
import ssl
import threading
import time

import pytest
import served
from e2e import OK, RED, USAGE, complaint, stack_names, tlsmatrix
from served import NAME, Fake, gnutls_serv, s_server, tlspeer

STACKS = stack_names()
ACCEPTED, REFUSED, NOT_TRIED = "accepted", "refused", "not-tried"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return served.make_credentials(tmp_path_factory.mktemp("served"))


def probe(port, *words, status=OK):
    done = tlsmatrix("probe", f"127.0.0.1:{port}", "--name", NAME, "--json", *words)
    assert done.status == status and done.err == "", done
    return done.json


def answers_of(rows):
    return {name: row["answer"] for name, row in rows.items()}


def accepted(rows):
    return [name for name, row in rows.items() if row["answer"] == ACCEPTED]


# ---- what is negotiated ----


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_tells_the_connection_and_the_chain(stack, folder):
    with tlspeer("openssl", folder, "--max-version", "tls1.2", "--suites",
                 "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "--groups", "secp256r1") as server:
        seen = probe(server.port, "--client", stack, "--ca", folder / "root.pem")
    assert (seen["answer"], seen["why"]) == (ACCEPTED, "") and seen["address"] == "127.0.0.1"
    said = seen["negotiated"]
    assert (said["stack"], said["version"], said["suite"], said["group"]) == (
        stack, "tls1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "secp256r1")
    assert said["signature_scheme"].startswith("ecdsa_") and said["completed"]
    (leaf,) = said["chain"]
    assert leaf["subject"].endswith(f"CN={NAME}") and leaf["issuer"].endswith("CN=probe root")
    assert leaf["names"] == f"{NAME}, 127.0.0.1" and leaf["key"] == "EC 256"
    assert leaf["not_before"] < time.time() < leaf["not_after"]
    assert not leaf["expired"] and not leaf["weak"] and not leaf["self_signed"]
    assert said["name_matches"] and not said["client_certificate_asked_for"]
    assert said["trust"] == {stack: {"answer": "trusted", "why": said["trust"][stack]["why"]}}


def test_the_chain_of_tls13_is_read_too(folder):
    with s_server(folder, "-tls1_3", "-cert_chain", folder / "root.pem") as server:
        said = probe(server.port)["negotiated"]
    assert said["version"] == "tls1.3" and len(said["chain"]) == 2
    assert said["chain"][1]["self_signed"] and said["tickets"] > 0


def test_no_tickets_are_none(folder):
    with s_server(folder, "-tls1_3", "-num_tickets", 0) as server:
        assert probe(server.port)["negotiated"]["tickets"] == 0


def trust(port, *words):
    said = probe(port, *words)["negotiated"]
    return {stack: row["answer"] for stack, row in said["trust"].items()}, said


def all_say(word):
    return {stack: word for stack in STACKS}


def test_trust_is_each_stacks_own_word(folder):
    with tlspeer("gnutls", folder) as server:
        assert trust(server.port, "--ca", folder / "root.pem")[0] == all_say("trusted")
        assert trust(server.port, "--ca", folder / "other-root.pem")[0] == all_say("not-trusted")
        answers, said = trust(server.port, "--ca", folder / "root.pem", "--name", "another.example")
        assert answers == all_say("not-trusted") and not said["name_matches"]
        answers, said = trust(server.port, "--ca", folder / "root.pem", "--name", "127.0.0.1")
        assert answers == all_say("trusted") and said["name_matches"]


def test_the_time_is_the_present(folder):
    with tlspeer("openssl", folder, chain="expired.pem") as server:
        answers, said = trust(server.port, "--ca", folder / "root.pem")
    assert answers == all_say("not-trusted") and said["chain"][0]["expired"]


def test_the_system_has_anchors_of_its_own(folder, monkeypatch):
    with tlspeer("openssl", folder) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
        assert trust(server.port)[0] == all_say("trusted")
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "other-root.pem"))
        assert trust(server.port)[0] == all_say("not-trusted")


def test_the_real_name_is_sent(folder):
    asked = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)

    def serve(client, _):
        with context.wrap_socket(client, server_side=True) as secure:
            secure.recv(1)
    with Fake(serve) as server:
        probe(server.port)
        assert set(asked) == {NAME}
        asked.clear()
        assert tlsmatrix("probe", f"127.0.0.1:{server.port}").status == OK
        assert set(asked) == {None}, "an address is no server name (RFC 6066 section 3)"


def test_application_protocols(folder):
    with tlspeer("openssl", folder, "--alpn", "http/1.1") as server:
        assert probe(server.port)["negotiated"]["protocol"] == "http/1.1"
        assert probe(server.port, "--alpn", "h2")["negotiated"]["protocol"] == ""
    with s_server(folder) as server:
        assert probe(server.port)["negotiated"]["protocol"] == ""


def test_a_demand_for_a_client_certificate_is_seen(folder):
    with s_server(folder, "-Verify", 1, "-tls1_2") as server:
        said = probe(server.port, "--ca", folder / "root.pem")["negotiated"]
    assert said["client_certificate_asked_for"] and not said["completed"]
    assert said["chain"][0]["names"].startswith(NAME)


@pytest.mark.parametrize("stack", STACKS)
def test_starttls(stack, folder):
    with tlspeer(stack, folder, "--starttls") as server:
        assert probe(server.port, "--starttls")["negotiated"]["completed"]
        assert probe(server.port, status=RED)["answer"] != ACCEPTED
    with tlspeer(stack, folder, "--deadline-ms", 300) as server:
        said = probe(server.port, "--starttls", status=RED)
        assert said["answer"] == "not-tls" and said["why"].startswith("before TLS: ")


# ---- what is accepted ----


def test_suites_that_are_off_are_refused_and_on_accepted(folder):
    on = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
    off = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    with s_server(folder, "-tls1_2", "-cipher",
                  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384") as server:
        said = probe(server.port, "--all")["versions"]
    assert sorted(accepted(said["tls1.2"]["suites"])) == on
    assert answers_of(said["tls1.2"]["suites"])[off] == REFUSED
    assert [said[v]["answer"] for v in ("tls1.0", "tls1.1", "tls1.3")] == [REFUSED] * 3
    # The twin: the same, switched on.
    with s_server(folder, "-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305") as server:
        said = probe(server.port, "--all")["versions"]
    assert accepted(said["tls1.2"]["suites"]) == [off]
    assert said["tls1.2"]["why"] == said["tls1.2"]["suites"][off]["why"] == ""
    assert answers_of(said["tls1.2"]["suites"])[on[0]] == REFUSED


@pytest.mark.parametrize("only", ["tls1.0", "tls1.1", "tls1.2", "tls1.3"])
def test_versions(only, folder):
    with tlspeer("gnutls", folder, "--min-version", only, "--max-version", only) as server:
        said = probe(server.port, "--all")["versions"]
    for version in "tls1.0", "tls1.1", "tls1.2", "tls1.3":
        assert said[version]["answer"] == (ACCEPTED if version == only else REFUSED), version
        assert said[version]["weakness"] == (
            "deprecated, RFC 8996" if version in ("tls1.0", "tls1.1") else "")


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_groups(version, folder):
    limits = ["--min-version", version, "--max-version", version]
    with tlspeer("openssl", folder, *limits, "--groups", "x25519,secp256r1") as server:
        said = probe(server.port, "--all")
    groups = said["versions"][version]["groups"]
    assert sorted(accepted(groups)) == ["secp256r1", "x25519"]
    assert groups["secp384r1"]["answer"] == REFUSED
    assert said["hello_retry_request"] == ("yes" if version == "tls1.3" else NOT_TRIED)
    with tlspeer("openssl", folder, *limits, "--groups", "secp384r1") as server:
        said = probe(server.port, "--all")["versions"][version]["groups"]
    assert accepted(said) == ["secp384r1"] and said["x25519"]["answer"] == REFUSED


def test_a_server_that_prefers_its_certificates_curve_hides_the_others(folder):
    """Before TLS 1.3 that curve must be offered too: what stands before it is not refused thereby."""
    words = ["-tls1_2", "-groups", "P-256:X25519"]
    with s_server(folder, *words, "-serverpref") as server:
        said = probe(server.port, "--all")["versions"]["tls1.2"]["groups"]
    assert accepted(said) == ["secp256r1"] and said["x25519"]["answer"] == NOT_TRIED
    assert "must be offered too" in said["x25519"]["why"]
    with s_server(folder, *words) as server:
        said = probe(server.port, "--all")["versions"]["tls1.2"]["groups"]
    assert sorted(accepted(said)) == ["secp256r1", "x25519"]
    assert said["secp384r1"]["answer"] == REFUSED


def test_gnutls_serv_is_told_as_it_is_configured(folder):
    if shutil.which("gnutls-serv") is None:
        pytest.skip("gnutls-serv is not installed")
    priority = "NONE:+VERS-TLS1.3:+AEAD:+AES-256-GCM:+SHA384:+ECDHE-ECDSA:+SIGN-ALL:+GROUP-X448"
    with gnutls_serv(folder, priority) as server:
        said = probe(server.port, "--all")["versions"]
    assert accepted(said["tls1.3"]["suites"]) == ["TLS_AES_256_GCM_SHA384"]
    assert said["tls1.3"]["suites"]["TLS_AES_128_GCM_SHA256"]["answer"] == REFUSED
    assert accepted(said["tls1.3"]["groups"]) == ["x448"]
    assert said["tls1.2"]["answer"] == REFUSED


def test_what_our_stack_lacks_is_not_tried_and_not_refused(folder):
    lacking = "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"
    with tlspeer("openssl", folder, "--max-version", "tls1.2", "--suites", lacking) as server:
        seen = probe(server.port, "--all", "--client", "boringssl", status=RED)
        assert seen["versions"]["tls1.2"]["suites"][lacking]["answer"] == NOT_TRIED
        assert seen["answer"] == REFUSED, "of what BoringSSL offers"
        seen = probe(server.port, "--all")
    assert accepted(seen["versions"]["tls1.2"]["suites"]) == [lacking]
    row = seen["versions"]["tls1.2"]["suites"]["TLS_PSK_WITH_AES_128_GCM_SHA256"]
    assert row["answer"] == NOT_TRIED and row["stack"] == "", "we have no secret"


@pytest.mark.parametrize("words, order", [(["-serverpref"], "server"), ([], "client")])
def test_whose_order_counts(words, order, folder):
    with s_server(folder, "-tls1_2", *words) as server:
        assert probe(server.port, "--all")["versions"]["tls1.2"]["order"] == order


def test_weak_suites_are_called_so(folder):
    with s_server(folder, "-tls1_2", "-cipher",
                  "ECDHE-ECDSA-NULL-SHA:AECDH-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0") as server:
        said = probe(server.port, "--all")["versions"]["tls1.2"]["suites"]
    assert {name: said[name]["weakness"] for name in accepted(said)} == {
        "TLS_ECDHE_ECDSA_WITH_NULL_SHA": "no encryption",
        "TLS_ECDH_anon_WITH_AES_128_CBC_SHA": "no authentication",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "",
    }


def without_mark(first):
    """The fallback's mark taken for another signalling suite: RFC 7507 never reaches the server."""
    return first.replace(b"\x56\x00\x01\x00", b"\x00\xff\x01\x00")


def test_a_marked_fallback(folder):
    with s_server(folder, "-min_protocol", "TLSv1.2") as server:
        assert probe(server.port, "--all")["fallback_refused"] == "yes"
        with Fake(served.hands_on(server.port, without_mark)) as careless:
            assert probe(careless.port, "--all")["fallback_refused"] == "no"
    with s_server(folder, "-tls1_2") as server:
        assert probe(server.port, "--all")["fallback_refused"] == NOT_TRIED


# ---- servers that are none, or will not ----


@pytest.mark.parametrize("behave, answer, said", [
    (served.says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), "not-tls", "'SSH-2.0-OpenSSH_9.2p1 Debian-2' (SSH)"),
    (served.says(b"220 mail.example ESMTP\r\n"), "not-tls", "TLS after STARTTLS"),
    (served.answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not-tls", "(HTTP in clear)"),
    (served.answers(b"\x00\x01\x02\x1b[31mred"), "not-tls", "'....[31mred'"),
    (served.silent, "stalled", "no answer within 500 ms"),
    (served.hangs_up, "closed", "without a word"),
    (served.answers(b"\x15\x03\x01\x00\x02\x02\x28"), REFUSED, "alert handshake_failure"),
])
def test_what_is_no_tls_server_is_told_in_clear_words(behave, answer, said):
    begun = time.monotonic()
    with Fake(behave) as server:
        seen = probe(server.port, "--deadline-ms", 500, status=RED)
    assert seen["answer"] == answer and said in seen["why"]
    assert time.monotonic() - begun < 20


def test_a_stalling_server_has_an_end_with_all_too():
    with Fake(served.silent) as server:
        seen = probe(server.port, "--all", "--deadline-ms", 300, status=RED)
        assert server.num < 20
    assert seen["ended_early"].startswith("no answer")
    assert {row["answer"] for row in seen["versions"].values()} <= {"stalled", NOT_TRIED}


def test_a_server_that_never_closes_is_told_all_the_same(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    ended = threading.Event()

    def serve(client, _):
        secure = context.wrap_socket(client, server_side=True)
        while secure.recv(1):  # to its close_notify, which it leaves unanswered
            pass
        ended.wait()
    with Fake(serve) as server:
        said = probe(server.port, "--deadline-ms", 1500, "--ca", folder / "root.pem")["negotiated"]
    ended.set()
    assert said["completed"] and said["trust"]["openssl"]["answer"] == "trusted"


def test_a_limit_on_connections_is_no_refusal(folder):
    with s_server(folder) as server:
        proxy = served.hands_on(server.port)

        def limited(client, number):
            if number <= 8:
                proxy(client, number)
        with Fake(limited) as few:
            seen = probe(few.port, "--all", "--ca", folder / "root.pem")
    assert "limit connections" in seen["ended_early"]
    assert REFUSED not in {row["answer"] for version in seen["versions"].values()
                           for row in version["suites"].values() if row["why"].startswith("closed")}


def test_ipv6_is_reached_too(folder):
    words = ["-accept", "[::1]:0", "-cert", folder / "chain.pem", "-key", folder / "key.pem", "-www"]
    with served.Program(["openssl", "s_server", "-6", *words], r"^ACCEPT \[::1\]:(\d+)") as server:
        done = tlsmatrix("probe", f"[::1]:{server.port}", "--json")
    assert done.json["address"] == "::1" and done.json["name"] == "::1"
    assert done.json["answer"] == ACCEPTED and not done.json["negotiated"]["name_matches"]


def test_nobody_there():
    port = served.free_port()
    seen = probe(port, status=RED)
    assert seen["answer"] == "unreachable" and "refused" in seen["why"].lower()
    assert "nowhere.invalid" in complaint(tlsmatrix("probe", "nowhere.invalid:443"))


@pytest.mark.parametrize("words, said", [
    ([], "probe needs one HOST:PORT"),
    (["a:1", "b:2"], "probe needs one HOST:PORT"),
    (["localhost"], "HOST:PORT"),
    ([":443"], "HOST:PORT"),
    (["localhost:1", "--ca", "/not/there"], "/not/there: cannot be read"),
    (["localhost:1", "--client", "opensl"], "did you mean 'openssl'?"),
    (["localhost:1", "--client", "openssl", "--stacks", "gnutls"], "--client names one stack"),
    (["localhost:1", "--name", "x" * 70], "up to 63 characters"),
    (["localhost:1", "--deadline-ms", "1"], "from 100 to"),
])
def test_what_cannot_be_asked(words, said):
    assert said in complaint(tlsmatrix("probe", *words))
    assert tlsmatrix("probe", *words).status == USAGE


def test_people_read_the_same(folder):
    with s_server(folder, "-tls1_2") as server:
        done = tlsmatrix("probe", f"127.0.0.1:{server.port}", "--all", "--ca", folder / "root.pem")
    assert done.status == OK and "\x1b" not in done.out
    assert "name                matches: 127.0.0.1" in done.out
    assert "tls1.2              accepted" in done.out and "tls1.3              refused: alert" in done.out
    assert "SSL 2, SSL 3        not tried" in done.out
    for stack in STACKS:
        assert f"trust               {stack}: trusted" in done.out
