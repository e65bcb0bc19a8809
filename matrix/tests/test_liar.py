"""The harness must see through each lie of peers/liar, go on with the cases after it, and pass the
same cases where the same peer is honest."""

import os
import signal
from collections import namedtuple
from fnmatch import fnmatchcase

import pytest
from e2e import (
    HARNESS,
    LIAR,
    OK,
    PEERS,
    RED,
    Running,
    cases_of,
    command_line,
    complaint,
    tlsmatrix,
    write_ids,
    write_profile,
)

CLIENT, SERVER = "liar-openssl", "openssl-liar"

# Cases, after the stacks.
TLS12 = "tls1.2/ecdhe-rsa-aes128gcm/x25519/rsa2048/server/off"
TLS13 = "tls1.3/aes128gcm/x25519/rsa2048/server/off"
MUTUAL = "tls1.3/aes128gcm/x25519/rsa2048/mutual/off"
NONE_SENT = "tls1.3/aes128gcm/x25519/rsa2048/mutual-none-sent/off"
NONE_SENT_12 = "tls1.2/ecdhe-rsa-aes128gcm/x25519/rsa2048/mutual-none-sent/off"
NO_VERSION = "tls1.2:tls1.3/any/x25519/rsa2048/server/off"
PIN_WRONG = "tls1.3/aes128gcm/x25519/rsa2048/server/leaf-wrong"
SPKI_WRONG = "tls1.2/ecdhe-rsa-aes128gcm/x25519/rsa2048/server/spki-wrong"
FIRST_USE = "tls1.3/aes128gcm/x25519/rsa2048/server/tofu-first"
CHANGED = "tls1.3/aes128gcm/x25519/rsa2048/server/tofu-changed"
WRONG_PSK = "tls1.3/aes128gcm/x25519/none/psk-wrong-key/off"
WRONG_PSK_12 = "tls1.2/psk-aes128cbc-sha/none/none/psk-wrong-key/off"
UNKNOWN_PSK = "tls1.3/aes128gcm/x25519/none/psk-unknown/off"
WRONG_PASSWORD = "tls1.2/srp-sha-aes128cbc-sha/none/none/srp-wrong-password/off"
UNKNOWN_USER = "tls1.2/srp-sha-aes128cbc-sha/none/none/srp-unknown/off"

Lie = namedtuple("Lie", "name pair case verdict kind reason")

ACCEPTED = "accepted-what-must-be-refused"
DISAGREE = "ends-disagree"
DEADLINE = "*: the deadline passed at stage handshake *"

# With --capture none: the wire would know better, and has the last word.
HIDDEN = [
    Lie("no-alert-report", "liar-liar", NONE_SENT, "fail", "no-alert", "server: no alert *"),
    Lie("no-alert-report", "liar-liar", NO_VERSION, "fail", "no-alert", "server: no alert *"),
]

LIES = [
    # In what it reports
    Lie("wrong-suite", SERVER, TLS13, "fail", DISAGREE, "server: reports suite 0x1302; *0x1301;*"),
    Lie("wrong-suite", CLIENT, TLS12, "fail", DISAGREE, "client: reports suite 0x1301; *0xc02f;*"),
    Lie("wrong-version", SERVER, TLS13, "fail", DISAGREE, "server: reports version 0x0303; *0x0304*"),
    Lie("wrong-version", CLIENT, TLS12, "fail", DISAGREE, "client: reports version 0x0304; *0x0303*"),
    Lie("wrong-group", SERVER, TLS13, "fail", DISAGREE, "server: reports group 0x0017; *0x001d*"),
    Lie("wrong-group", CLIENT, TLS12, "fail", DISAGREE, "client: reports group 0x0017; *0x001d*"),
    Lie("wrong-exporter", SERVER, TLS13, "fail", DISAGREE, "server: exporter value *; by the *"),
    Lie("wrong-exporter", CLIENT, TLS12, "fail", DISAGREE, "client: exporter value *; by the *"),
    Lie("wrong-leaf", CLIENT, TLS13, "fail", DISAGREE, "client: reports a certificate *there was another;*"),
    Lie("wrong-leaf", SERVER, MUTUAL, "fail", DISAGREE, "server: reports a certificate *there was another;*"),
    Lie("wrong-leaf", SERVER, TLS13, "fail", DISAGREE, "server: reports a certificate *there was none;*"),
    Lie("accepted-when-refused", CLIENT, PIN_WRONG, "fail", ACCEPTED, "client: accepted; *"),
    Lie("accepted-when-refused", SERVER, NO_VERSION, "fail", ACCEPTED, "server: accepted; *"),
    Lie("accepted-when-refused", SERVER, NONE_SENT, "fail", ACCEPTED, "server: accepted; *"),
    Lie("refused-when-accepted", SERVER, TLS13, "fail", DISAGREE, "server: 32 application bytes *"),
    Lie("refused-when-accepted", CLIENT, TLS12, "fail", DISAGREE, "client: 32 application bytes *"),
    Lie("wrong-alert", SERVER, NONE_SENT, "fail", DISAGREE,
        "server: reports that it sent user_canceled; *there was certificate_required;*"),
    Lie("wrong-alert", CLIENT, NO_VERSION, "fail", DISAGREE,
        "client: received user_canceled; expected: protocol_version, which the server sent"),
    # In what it does
    Lie("no-verification", SERVER, MUTUAL, "fail", ACCEPTED,
        "server: accepted without having seen the client's certificate; *"),
    Lie("no-verification", SERVER, NONE_SENT, "fail", ACCEPTED, "client: accepted; *"),
    Lie("no-verification", SERVER, NONE_SENT_12, "fail", ACCEPTED, "client: accepted; *"),
    Lie("takes-wrong-secret", SERVER, WRONG_PSK, "fail", ACCEPTED, "client: accepted; *"),
    Lie("takes-wrong-secret", SERVER, WRONG_PSK_12, "fail", ACCEPTED, "client: accepted; *"),
    Lie("takes-wrong-secret", SERVER, WRONG_PASSWORD, "fail", ACCEPTED, "client: accepted; *"),
    Lie("takes-unknown-identity", SERVER, UNKNOWN_PSK, "fail", ACCEPTED, "client: accepted; *"),
    Lie("takes-unknown-identity", SERVER, UNKNOWN_USER, "fail", ACCEPTED, "client: accepted; *"),
    Lie("no-pin", CLIENT, PIN_WRONG, "fail", ACCEPTED, "client: accepted; *the pin"),
    Lie("no-pin", CLIENT, SPKI_WRONG, "fail", ACCEPTED, "client: accepted; *the pin"),
    Lie("no-pin", CLIENT, CHANGED, "fail", ACCEPTED, "client: accepted; *the stored one"),
    Lie("no-pin", CLIENT, FIRST_USE, "fail", ACCEPTED, "client: *stored nothing; *"),
    Lie("pin-after-data", CLIENT, PIN_WRONG, "fail", ACCEPTED, "server: accepted; *the pin"),
    Lie("truncates", CLIENT, TLS13, "fail", DISAGREE, "server: accepted at stage close; *"),
    Lie("truncates", SERVER, TLS12, "fail", DISAGREE, "client: accepted at stage close; *"),
    # In what becomes of it
    Lie("crash", SERVER, TLS13, "crash", "", "server: *killed by signal 11 *"),
    Lie("crash", CLIENT, TLS12, "crash", "", "client: *killed by signal 11 *"),
    Lie("exit", SERVER, TLS13, "crash", "", "server: *exited with status 0"),
    Lie("killed", CLIENT, TLS13, "crash", "", "client: *killed by signal 9 *"),
    Lie("hang", SERVER, TLS13, "timeout", "", "server: no facts before the deadline*"),
    Lie("hang", CLIENT, TLS12, "timeout", "", "client: no facts before the deadline*"),
    Lie("hang-hard", SERVER, TLS13, "timeout", "", "server: no facts before the deadline*"),
    Lie("silent", SERVER, TLS13, "timeout", "", DEADLINE),
    Lie("silent", CLIENT, TLS12, "timeout", "", DEADLINE),
    # In how it speaks
    Lie("garbage", SERVER, TLS13, "harness-error", "", "server: *not JSON*"),
    Lie("wrong-type", CLIENT, TLS13, "harness-error", "", "client: *not facts"),
    Lie("unknown-key", SERVER, TLS13, "harness-error", "", "server: *facts.mood: unknown key"),
    Lie("oversize", CLIENT, TLS13, "harness-error", "", "client: *larger than 65536 bytes"),
    Lie("declined", SERVER, TLS13, "harness-error", "", "server: declined what its stack *"),
]

NAMES = list(dict.fromkeys(lie.name for lie in LIES))

# These need only the command line, are no lies to the judge, or come too late (test_late.py).
ELSEWHERE = {"wrong-contract", "slow", "twice", "late-crash", "sulks", "no-alert-report"}

HONEST = "openssl-openssl/" + TLS13


def run(folder, ids, *words):
    ids = write_ids(folder.parent / "ids", ids)
    # A lane of its own: the honest case comes after all lies, and meets the workers they left.
    return tlsmatrix(
        "run", "--ids", ids, "--out", folder, "--stacks", "openssl", "--stack", LIAR, "--lanes", 1,
        "--quiet", *words,
    )


def case_id(lie):
    return f"{lie.pair}/{lie.case}"


def test_every_lie_is_in_the_table():
    told = tlsmatrix("lies", program=PEERS / "tlspeer-liar").out
    assert {line.split()[0] for line in told.splitlines()} == {*NAMES, *ELSEWHERE}


@pytest.mark.parametrize("name", NAMES)
def test_a_lie_is_seen_through(name, run_folder):
    lies = [lie for lie in LIES if lie.name == name]
    # Waiting is for those that keep one waiting; a loaded machine may be slow with the others.
    deadline = ["--deadline-ms", 2000] if lies[0].verdict == "timeout" else []
    done = run(run_folder, [*map(case_id, lies), HONEST], "--fault", f"liar={name}", *deadline)
    cases = cases_of(run_folder)
    for lie in lies:
        case = cases[case_id(lie)]
        assert (case.verdict, case.kind) == (lie.verdict, lie.kind), case.reason
        assert fnmatchcase(case.reason, lie.reason)
    assert cases[HONEST].verdict == "pass"
    assert len(cases) == len(lies) + 1
    assert done.status == (HARNESS if lies[0].verdict == "harness-error" else RED)


def test_hidden_alerts_are_missed_where_nobody_looks_at_the_wire(run_folder):
    ids = [case_id(lie) for lie in HIDDEN]
    run(run_folder, ids, "--fault", "liar=no-alert-report", "--capture", "none")
    cases = cases_of(run_folder)
    for lie in HIDDEN:
        case = cases[case_id(lie)]
        assert (case.verdict, case.kind) == (lie.verdict, lie.kind), case.reason
        assert fnmatchcase(case.reason, lie.reason)


def test_hidden_alerts_are_seen_on_the_wire(run_folder):
    """That an end does not know of its alert is allowed (peers/README.md); the wire has it."""
    ids = [case_id(lie) for lie in HIDDEN]
    run(run_folder, ids, "--fault", "liar=no-alert-report")
    assert {case.verdict for case in cases_of(run_folder).values()} == {"pass"}


ANY = "tls1.2-1.3/any/any/ecdsa-p256/server/off"


@pytest.mark.parametrize("name", ["wrong-suite", "wrong-version", "wrong-group", "wrong-exporter"])
def test_two_ends_that_tell_the_same_lie_are_caught_at_the_wire(run_folder, name):
    run(run_folder, [f"liar-liar/{ANY}"], "--fault", f"liar={name}")
    (case,) = cases_of(run_folder).values()
    assert (case.verdict, case.kind) == ("fail", DISAGREE)
    assert fnmatchcase(case.reason, "client: * on the wire it was *") or fnmatchcase(
        case.reason, "client: exporter value *by the secrets that open the connection it is *"
    )


def test_the_same_case_with_two_honest_ends_passes(run_folder):
    run(run_folder, [f"liar-liar/{ANY}"])
    (case,) = cases_of(run_folder).values()
    assert case.verdict == "pass"


def test_the_same_cases_with_an_honest_peer_pass(run_folder):
    # OpenSSL has the wrong alert for WRONG_PSK (deviation openssl.psk-binder-illegal-parameter).
    ids = [case_id(lie) for lie in LIES if lie.case != WRONG_PSK]
    done = run(run_folder, [*dict.fromkeys(ids), HONEST])
    assert {case.verdict for case in cases_of(run_folder).values()} == {"pass"}
    assert done.status == OK


def test_a_worker_killed_from_outside_costs_its_case_alone(run_folder, tmp_path):
    profile = write_profile(tmp_path / "many.yaml", credential=["ecdsa-p256"])
    words = [profile, "--stacks", "openssl", "--repeat", 2000, "--lanes", 1, "--out", run_folder]
    with Running("run", *words) as run:
        run.until_percent(10)
        worker = next(pid for pid in run.children() if "tlspeer-openssl" in command_line(pid))
        os.kill(worker, signal.SIGKILL)
        done = run.wait()
    cases = cases_of(run_folder)
    assert len(cases) == 2000
    (lost,) = (case for case in cases.values() if case.verdict != "pass")
    assert lost.verdict == "crash"
    assert "killed by signal 9" in lost.reason
    assert done.status == RED


def test_a_slow_peer_is_not_a_failed_one(run_folder):
    ids = [f"{CLIENT}/{TLS13}", f"{SERVER}/{NONE_SENT_12}"]
    done = run(run_folder, ids, "--fault", "liar=slow")
    assert {case.verdict for case in cases_of(run_folder).values()} == {"pass"}
    assert done.status == OK


def test_a_peer_of_another_contract_is_refused_before_anything_is_run(run_folder):
    stack = ["--stack", f"{LIAR} --fault wrong-contract"]
    done = tlsmatrix("run", "smoke", *stack, "--out", run_folder)
    assert "speaks contract version 3, this tlsmatrix speaks version 2" in complaint(done, HARNESS)
    assert not run_folder.exists()


def test_a_lie_that_the_liar_does_not_know_runs_nothing(run_folder):
    done = run(run_folder, [f"{SERVER}/{TLS13}"], "--fault", "liar=nosuch")
    assert complaint(done) == "--fault 'liar=nosuch': liar has no fault 'nosuch'"
    assert not run_folder.exists()


def test_a_server_has_to_survive_its_refusals(run_folder):
    """The twin of a refusal is run in a new process as well: only the old one is spoilt."""
    refused = f"{SERVER}/{NONE_SENT}"
    done = run(run_folder, [refused], "--fault", "liar=sulks")
    case = cases_of(run_folder)[refused]
    assert (case.verdict, case.kind) == ("fail", "refused-what-must-be-accepted")
    assert case.reason.startswith("the same server process did not serve the next client: ")
    assert done.status == RED
    assert "survived refusals: 0 of 1" in done.out


def test_a_server_that_survives_its_refusals_passes(run_folder):
    refused = [f"{SERVER}/{NONE_SENT}", f"{SERVER}/{NONE_SENT_12}"]
    done = run(run_folder, refused)
    assert {case.verdict for case in cases_of(run_folder).values()} == {"pass"}
    assert "survived refusals: 2 of 2" in done.out
    assert done.status == OK


@pytest.mark.parametrize("leaf", ["client-not-yet-valid-leaf", "client-not-yet-valid-root"])
def test_a_client_that_fails_by_itself_is_no_proof_against_the_server(run_folder, leaf):
    """The server refuses as it is known to, and serves the next client, which lies."""
    refused = f"{CLIENT}/tls1.2/any/any/ecdsa-p256/mutual/off/{leaf}"
    run(run_folder, [refused], "--fault", "liar=no-verification")
    cases = cases_of(run_folder, planned_only=False)
    assert (cases[refused].verdict, cases[refused].kind) == ("xfail", "wrong-alert")
    assert cases[refused.removesuffix(f"/{leaf}")].verdict == "fail"


def test_a_refusal_proves_nothing_where_the_healthy_twin_fails(run_folder):
    """A server that reports another suite refuses a client without certificate as it must, but it
    fails with one, too."""
    done = run(run_folder, [f"{SERVER}/{NONE_SENT_12}"], "--fault", "liar=wrong-suite")
    (case,) = cases_of(run_folder).values()
    twin = cases_of(run_folder, planned_only=False)[case.id.replace("-none-sent", "")]
    assert case.verdict == "inconclusive"
    assert case.reason.startswith(f"its healthy twin {twin.id}: fail: server: reports suite ")
    assert (twin.verdict, twin.kind, twin.planned) == ("fail", DISAGREE, 0)
    assert done.status == RED


def test_a_refusal_counts_where_the_healthy_twin_passes(run_folder):
    done = run(run_folder, [f"{SERVER}/{NONE_SENT_12}"])
    cases = cases_of(run_folder, planned_only=False)
    assert {case.verdict for case in cases.values()} == {"pass"} and len(cases) == 2
    assert done.status == OK


def test_a_kept_capture_says_how_its_run_was_begun(run_folder):
    run(run_folder, [f"{SERVER}/{TLS13}"], "--fault", "liar=wrong-suite")
    (capture,) = (run_folder / "captures").iterdir()
    (again,) = (line for line in tlsmatrix("explain", capture).out.splitlines()
                if line.split()[:1] == ["again"])
    assert f"rerun -v '{SERVER}/{TLS13}'" in again
    assert "--stack liar=" in again and "--fault liar=wrong-suite" in again
