"""Identity faults: what each stack does with every row of the forge's table, at either end.

Rows that must be accepted are; rows that must be refused are refused within the handshake, with no
byte of application data, for the right reason and with an alert that the RFCs have for it. Where a
stack does otherwise it stands in DEVIATIONS with the reason, and has to go on doing so. What was
seen is written to identities.txt beside the peers, a line a fault, a column a stack: accepted, or
refused with the problem and the alert.
"""

import hashlib
import json
import ssl
import subprocess
from dataclasses import dataclass

import pytest

from conftest import FROZEN, NAME, PEERS, Worker, endpoint, peer, run_pair

STACKS = [s for s in ["openssl", "boringssl", "gnutls"] if (PEERS / f"tlspeer-{s}").exists()]
KINDS = ["rsa2048", "ecdsa-p256"]
VERSIONS = {"tls1.2": 0x0303, "tls1.3": 0x0304}
SIDES = ["server", "client"]
GROUPS = ["x25519", "secp256r1", "secp384r1", "secp521r1"]  # the curves of certificates too
FFDHE = ["ffdhe2048"]
SUITES = {  # where the server signs, so that a wrong key shows
    ("tls1.2", "rsa2048"): "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ("tls1.2", "ecdsa-p256"): "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ("tls1.3", "rsa2048"): "TLS_AES_128_GCM_SHA256",
    ("tls1.3", "ecdsa-p256"): "TLS_AES_128_GCM_SHA256",
}

WRONG_KEY_SUITES = {
    **{kind: {"tls1.2": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "tls1.3": "TLS_AES_128_GCM_SHA256"}
       for kind in ["rsa2048", "rsapss2048"]},
    **{kind: {"tls1.2": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
              "tls1.3": "TLS_AES_128_GCM_SHA256"}
       for kind in ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ed448"]},
    "dsa2048": {"tls1.2": "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"},
}


@dataclass(frozen=True)
class Deviation:
    """What a stack does with a row, unlike the table; an empty condition holds for all."""

    stack: str
    row: str
    does: str  # "accepts", "refuses", "says PROBLEM", "sends ALERT", "is not presented"
    reason: str
    side: str = ""
    version: str = ""
    kind: str = ""

    def holds_for(self, **case):
        return all(getattr(self, name) in ("", value) for name, value in case.items())


def deviations(stacks, rows, does, reason, **where):
    return [Deviation(stack, row, does, reason, **where)
            for stack in stacks.split() for row in rows.split()]


DEVIATIONS = [
    # What must be refused and is not.
    *deviations("openssl boringssl gnutls", "cn-only", "accepts",
                "falls back on the common name where there is no subjectAltName, as RFC 6125 "
                "section 6.4.4 let it and RFC 9525 does not"),
    *deviations("openssl boringssl gnutls", "version-1", "accepts",
                "takes a leaf of X.509 version 1, and its common name for the host's: RFC 8446 "
                "section 4.4.2.2 and RFC 5246 section 7.4.2 want X.509v3"),
    *deviations("boringssl", "md5-signature", "accepts",
                "has no measure for digests in a chain; RFC 8446 section 4.4.2.4: MUST abort",
                version="tls1.3"),
    # What must be accepted and is not.
    *deviations("openssl boringssl", "expires-now", "refuses",
                "ends a certificate's time at notAfter, which belongs to it by RFC 5280 section "
                "4.1.2.5"),
    # Refused with an alert that is for something else.
    *deviations("openssl", "not-yet-valid-leaf not-yet-valid-intermediate not-yet-valid-root",
                "sends 42", "has certificate_expired for what has expired only; RFC 8446 section "
                "6.2: expired or not currently valid"),
    *deviations("gnutls", "self-signed unknown-ca missing-intermediate", "sends 42",
                "has one alert for every failed verification; RFC 8446 section 6.2: unknown_ca"),
    *deviations("gnutls", "expired-leaf expired-intermediate expired-root expired-by-a-second "
                "not-yet-valid-leaf not-yet-valid-intermediate not-yet-valid-root", "sends 42",
                "likewise; RFC 8446 section 6.2: certificate_expired"),
    *deviations("gnutls", "revoked revoked-intermediate", "sends 42",
                "likewise; RFC 8446 section 6.2: certificate_revoked"),
    *deviations("gnutls", "ocsp-stapled-revoked ocsp-stapled-forged ocsp-stapled-stale", "sends 42",
                "likewise; RFC 6066 section 8: MUST be bad_certificate_status_response"),
    *deviations("gnutls", "wrong-key-usage", "sends 80",
                "has no alert for GNUTLS_E_KEY_USAGE_VIOLATION; RFC 8446 section 6.2: "
                "internal_error is unrelated to the peer"),
    # The presenter's doing: RFC 5246 section 7.4.2 and RFC 8446 section 4.4.2.2 have no end send a
    # certificate whose key is not to sign, and few libraries can be made to.
    *deviations("openssl", "wrong-key-usage", "is not presented", "selects no suite for such a key",
                side="server", version="tls1.2", kind="ecdsa-p256"),
    *deviations("boringssl", "wrong-key-usage", "is not presented", "cannot be configured so",
                kind="ecdsa-p256"),
    *deviations("gnutls", "wrong-key-usage", "is not presented",
                "selects no suite for such a key as a server, and does not sign as a client",
                version="tls1.2"),
    *deviations("gnutls", "wrong-key-usage", "is not presented",
                "selects no suite for such a key", version="tls1.3", side="server"),
]


@pytest.fixture(scope="session")
def table():
    made = subprocess.run([PEERS / "make_identities", PEERS / "test-pki", PEERS / "test-keys",
                           *KINDS], check=True, timeout=300, capture_output=True)
    return json.loads(made.stdout)


@pytest.fixture(scope="session")
def workers():
    """A verifier and a presenter of each stack, for all cases."""
    started = {(stack, part): Worker(peer(stack), "worker")
               for stack in STACKS for part in ("verifier", "presenter")}
    yield started
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def seen():
    """[row name, side and version and kind, presenter][stack]: what it did."""
    notes = {}
    yield notes
    line = "%-40s %-25s %-10s" + "%-24s" * len(STACKS)
    lines = [line % ("row", "fault at", "shown by", *STACKS)]
    for key, did in notes.items():
        lines.append(line % (*key, *(did.get(stack, "-") for stack in STACKS)))
    (PEERS / "identities.txt").write_text("\n".join(lines) + "\n")


def features(worker):
    return worker.hello["capabilities"]["features"]


def lacking(row, files, verifier, presenter):
    """The feature that one of the ends lacks for this row."""
    needed = [
        ("crl_file" in files["verifier"], verifier, "crl"),
        ("staple_file" in files["presenter"], verifier, "ocsp-verify"),
        ("staple_file" in files["presenter"], presenter, "ocsp-staple"),
        (row["wrong_key"], presenter, "wrong-key"),
    ]
    return next((name for needs, end, name in needed if needs and name not in features(end)), None)


def endpoints(row, side, kind, version, genuine, suite=None):
    """Client and server; the fault is at `side`."""
    suite = suite or SUITES[version, kind]
    common = dict(min_version=version, max_version=version, suites=[suite], verify_time=FROZEN,
                  groups=FFDHE if "_DHE_" in suite else GROUPS, request_len=32)
    files = row[f"{side}/{kind}"]
    presenter = {**files["presenter"], "wrong_key": row["wrong_key"]}
    verifier = {**files["verifier"], "verify": "require"}
    usual = genuine[f"server/{kind}"]
    if side == "server":
        verifier["check_staple"] = "staple_file" in presenter
        return (endpoint("client", **{**common, **verifier, "peer_name": row["peer_name"]}),
                endpoint("server", **{**common, **presenter}))
    return (endpoint("client", **{**common, **usual["verifier"], **presenter, "verify": "require",
                                  "peer_name": NAME}),
            endpoint("server", **{**common, **usual["presenter"], **verifier}))


def run(row, side, kind, version, genuine, verifier, presenter, suite=None):
    """The facts of the end that judges and of the one that is judged."""
    ends = endpoints(row, side, kind, version, genuine, suite)
    if side == "server":
        judge, judged = run_pair(verifier, presenter, ends)
    else:
        judged, judge = run_pair(presenter, verifier, ends)
    return judge, judged


def genuine_row(pki, kind):
    """As the table's first row, for kinds of which no imposters were made."""
    folder = pki / kind
    row = {"name": "genuine", "peer_name": NAME, "wrong_key": False}
    for side in SIDES:
        row[f"{side}/{kind}"] = {
            "presenter": {"chain_file": f"{folder}/{side}-chain.pem",
                          "key_file": f"{folder}/{side}-key.pem"},
            "verifier": {"trust_file": f"{folder}/root.pem"},
        }
    return row


def wrong_key_row(pki, kind, side):
    row = {**genuine_row(pki, kind), "name": "wrong-key", "wrong_key": True}
    row[f"{side}/{kind}"]["presenter"]["key_file"] = f"{pki / kind}/other-key.pem"
    return row


def leaf_hash(path):
    with open(path) as chain:
        first = chain.read().split("-----END CERTIFICATE-----")[0]
    der = ssl.PEM_cert_to_DER_cert(first + "-----END CERTIFICATE-----\n")
    return hashlib.sha256(der).hexdigest()


def differences(row, version, judge, judged):
    """Every way in which the facts are not what the row demands."""
    is_open = row["open"] or VERSIONS[version] < row["open_below"]
    gave_up = judged["result"] == "declined" or "alert_sent" in judged
    if gave_up and "peer_leaf_sha256" not in judge and "verify_problem" not in judge:
        yield "is not presented"
        return
    if judge["result"] == judged["result"] == "accepted":
        if not row["accepted"] and not is_open:
            yield "accepts"
        return
    if row["accepted"] and not is_open:
        yield "refuses"
        return
    problem = judge.get("verify_problem", "none")
    if problem != row["problem"]:
        yield f"says {problem}"
    if judge.get("alert_sent") not in row["alerts"]:
        yield f"sends {judge.get('alert_sent')}"


def check_soundness(files, judge, judged):
    """What holds of every outcome, whatever the stack."""
    if "peer_leaf_sha256" in judge:
        assert judge["peer_leaf_sha256"] == leaf_hash(files["presenter"]["chain_file"])
    if judge["result"] == "accepted":
        assert judged["result"] == "accepted" and judge["verify_code"] == 0
        assert judge["bytes_in"] == judge["bytes_out"] == 32
        return
    assert judge["result"] == "refused", judge
    assert judged["result"] in ("refused", "declined"), judged
    assert judge["stage"] == "handshake" and not judge.get("handshake_done"), judge
    for facts, ways in (judge, ("bytes_in", "bytes_out")), (judged, ("bytes_in",)):
        assert all(facts.get(way, 0) == 0 for way in ways), facts
    assert judge["error_text"], judge


def note(seen, row, where, presenter, stack, judge):
    if judge["result"] == "accepted":
        text = "accepted"
    else:
        alert = judge.get("alert_sent", "-")
        text = f"{judge['result']} {judge.get('verify_problem', '-')} {alert}"
    seen.setdefault((row["name"], where, presenter), {})[stack] = text


def applying(table, side, kind):
    return [row for row in table if f"{side}/{kind}" in row]


class Outcome:
    """What differs from the table, sorted into what was known and what was not."""

    def __init__(self):
        self.met, self.wrong, self.run, self.not_presented = set(), [], set(), set()

    def sort(self, row, does, stack, presenter, judge, **case):
        by = stack
        if does == "is not presented":
            by = presenter
            self.not_presented.add(row["name"])
        excuses = [d for d in DEVIATIONS if (d.stack, d.row, d.does) == (by, row["name"], does)
                   and d.holds_for(**case)]
        self.met.update(excuses)
        if not excuses:
            self.wrong.append((row["name"], case, does, judge.get("verify_text"),
                               judge.get("error_text")))


def run_row(outcome, table, workers, seen, row, stack, presenter, **case):
    verifier = workers[stack, "verifier"]
    where = "{side} {version} {kind}".format(**case)
    files = row["{side}/{kind}".format(**case)]
    lacks = lacking(row, files, verifier, workers[presenter, "presenter"])
    if lacks:
        seen.setdefault((row["name"], where, presenter), {})[stack] = f"(no {lacks})"
        return
    judge, judged = run(row, genuine=table[0], verifier=verifier,
                        presenter=workers[presenter, "presenter"], **case)
    note(seen, row, where, presenter, stack, judge)
    check_soundness(files, judge, judged)
    outcome.run.add(row["name"])
    for does in differences(row, case["version"], judge, judged):
        outcome.sort(row, does, stack, presenter, judge, **case)


def gone(outcome, stack, presenter, **case):
    """Deviations that should have been met and were not."""
    def is_due(d):
        if d.does == "is not presented":
            return d.stack == presenter and d.row in outcome.run
        return d.stack == stack and d.row in outcome.run - outcome.not_presented

    return [d for d in DEVIATIONS if is_due(d) and d.holds_for(**case) and d not in outcome.met]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("presenter", STACKS)
@pytest.mark.parametrize("stack", STACKS)
def test_every_fault_is_met_as_the_table_says(table, workers, seen, stack, presenter, kind, version,
                                              side):
    outcome, case = Outcome(), dict(kind=kind, version=version, side=side)
    for row in applying(table, side, kind):
        run_row(outcome, table, workers, seen, row, stack, presenter, **case)
    assert not outcome.wrong, "\n".join(map(str, outcome.wrong))
    assert not gone(outcome, stack, presenter, **case)
    assert len(outcome.run) >= 40


def can_present(worker, version, kind, side):
    own = worker.hello["capabilities"]["versions"].get(version, {"credentials": []})
    return kind in own.get("client_credentials" if side == "client" else "", own["credentials"])


@pytest.mark.parametrize("presenter", STACKS)
@pytest.mark.parametrize("kind", WRONG_KEY_SUITES)
def test_a_wrong_key_of_every_kind_signs_and_is_noticed(pki, workers, presenter, kind):
    """decrypt_error, since the signature itself is a good one (RFC 8446 section 4.4.3)."""
    num_run = 0
    for version, suite in WRONG_KEY_SUITES[kind].items():
        for side in SIDES:
            if not can_present(workers[presenter, "presenter"], version, kind, side):
                continue
            judge, judged = run(wrong_key_row(pki, kind, side), side, kind, version,
                                genuine_row(pki, kind), workers["openssl", "verifier"],
                                workers[presenter, "presenter"], suite)
            assert judge["result"] == "refused" and judge["stage"] == "handshake", judge
            assert judge["alert_sent"] == 51 and judge["verify_code"] == 0, judge
            assert judged["result"] == "refused", judged
            num_run += 1
    if num_run == 0:
        pytest.skip(f"{presenter} has no {kind}")


@pytest.mark.parametrize("stack", STACKS)
def test_a_key_that_does_not_fit_is_declined_unless_asked_for(pki, workers, stack):
    row = {**wrong_key_row(pki, "rsa2048", "server"), "wrong_key": False}
    _, judged = run(row, "server", "rsa2048", "tls1.3", genuine_row(pki, "rsa2048"),
                    workers["openssl", "verifier"], workers[stack, "presenter"])
    assert judged["result"] == "declined" and "does not fit" in judged["error_text"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("stack", STACKS)
def test_a_staple_that_nobody_asked_for_is_none(table, workers, stack, version):
    row = next(row for row in table if row["name"] == "ocsp-stapled-revoked")
    client, server = endpoints(row, "server", "rsa2048", version, table[0])
    facts = run_pair(workers[stack, "verifier"], workers["openssl", "presenter"],
                     ({**client, "check_staple": False}, server))
    assert [f["result"] for f in facts] == ["accepted", "accepted"], facts


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("stack", [s for s in STACKS if s != "boringssl"])
def test_where_a_staple_is_asked_for_none_will_do(table, workers, stack, version):
    client, server = endpoints(table[0], "server", "rsa2048", version, table[0])
    facts = run_pair(workers[stack, "verifier"], workers["openssl", "presenter"],
                     ({**client, "check_staple": True}, server))
    assert [f["result"] for f in facts] == ["accepted", "accepted"], facts


@pytest.mark.parametrize("role, stack", [("client", "boringssl"), ("server", "boringssl"),
                                         ("server", "openssl")])
def test_who_cannot_judge_a_staple_declines_to(table, workers, role, stack):
    if stack not in STACKS:
        pytest.skip(f"no {stack}")
    ends = dict(zip(("client", "server"),
                    endpoints(table[0], "client", "rsa2048", "tls1.3", table[0])))
    ends[role]["check_staple"] = True
    names = {"client": "openssl", "server": "openssl", role: stack}
    facts = dict(zip(("client", "server"), run_pair(
        workers[names["client"], "verifier"], workers[names["server"], "presenter"],
        (ends["client"], ends["server"]))))
    assert facts[role]["result"] == "declined" and "staple" in facts[role]["error_text"]


@pytest.mark.parametrize("key, text, named", [
    ("crl_file", "nothing", "CRL"),
    ("crl_file", None, "cannot be read|No such file"),
    ("staple_file", None, "cannot be read|No such file"),
])
@pytest.mark.parametrize("stack", STACKS)
def test_a_file_that_cannot_be_used_is_declined(table, workers, tmp_path, stack, key, text, named):
    path = tmp_path / "file"
    if text is not None:
        path.write_text(text)
    client, server = endpoints(table[0], "server", "rsa2048", "tls1.3", table[0])
    role, end = ("client", client) if key == "crl_file" else ("server", server)
    end[key] = str(path)
    facts = run_pair(workers[stack, "verifier"], workers[stack, "presenter"], (client, server))
    mine = facts[("client", "server").index(role)]
    assert mine["result"] == "declined" and str(path) in mine["error_text"], mine


@pytest.mark.parametrize("stack", STACKS)
def test_a_missing_crl_counts_for_what_the_library_says(table, workers, tmp_path, stack):
    """A status that nothing determines: OpenSSL and BoringSSL refuse, GnuTLS goes on."""
    row = next(row for row in table if row["name"] == "not-revoked")
    end = "-----END X509 CRL-----\n"
    with open(row["server/rsa2048"]["verifier"]["crl_file"]) as crls:
        texts = [text + end for text in crls.read().split(end)[:-1]]
    assert len(texts) == 2  # the intermediate's and the root's
    for text in texts:
        (tmp_path / "crl.pem").write_text(text)
        client, server = endpoints(row, "server", "rsa2048", "tls1.3", table[0])
        client["crl_file"] = str(tmp_path / "crl.pem")
        facts, _ = run_pair(workers[stack, "verifier"], workers["openssl", "presenter"],
                            (client, server))
        expected = ("accepted", None) if stack == "gnutls" else ("refused", "revoked")
        assert (facts["result"], facts.get("verify_problem")) == expected


@pytest.mark.parametrize("stack", STACKS)
def test_a_changed_crl_is_read_again(table, workers, tmp_path, stack):
    """The same path, first with the CRLs of one row and then with those of another."""
    rows = {row["name"]: row for row in table}
    crl = tmp_path / "crl.pem"
    results = []
    for name in "not-revoked", "revoked":
        with open(rows[name]["server/rsa2048"]["verifier"]["crl_file"]) as source:
            crl.write_text(source.read())
        client, server = endpoints(rows["revoked"], "server", "rsa2048", "tls1.3", table[0])
        client["crl_file"] = str(crl)
        facts, _ = run_pair(workers[stack, "verifier"], workers["openssl", "presenter"],
                            (client, server))
        results.append((facts["result"], facts.get("verify_problem", "none")))
    assert results == [("accepted", "none"), ("refused", "revoked")]


@pytest.mark.skipif("gnutls" not in STACKS, reason="no other stack asks a client")
@pytest.mark.parametrize("check, staple, result", [
    (True, False, "accepted"), (True, True, "refused"), (False, True, "accepted"),
])
def test_a_client_staples_where_it_is_asked(table, workers, check, staple, result):
    """RFC 8446 section 4.4.2.1. The response is about another leaf, and so says nothing good."""
    client, server = endpoints(table[0], "client", "rsa2048", "tls1.3", table[0])
    row = next(row for row in table if row["name"] == "ocsp-stapled-good")
    if staple:
        client["staple_file"] = row["server/rsa2048"]["presenter"]["staple_file"]
    facts = run_pair(workers["gnutls", "presenter"], workers["gnutls", "verifier"],
                     (client, {**server, "check_staple": check}))
    assert facts[1]["result"] == result, facts
    assert facts[1].get("verify_problem") == ("revoked" if result == "refused" else None)
