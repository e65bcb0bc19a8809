"""`tlsmatrix reproduce` on captures of our own: each failure comes again with the stack that it was
recorded of, and does not where nothing failed or a stack does otherwise."""

import json
import os
import shutil
import subprocess

import pytest
from e2e import HARNESS, LIAR, OK, PROGRAM, RED, USAGE, complaint, stack_names, tlsmatrix, write_ids

# The case, the end and alert that are recorded, and the attempt by which they come again.
FAILURES = {
    "gnutls-openssl/tls1.2:tls1.3/any/any/rsa2048/server/off":
        ("server", "protocol_version", "no-common-version"),
    "openssl-boringssl/tls1.3:tls1.2/any/any/rsa2048/server/off":
        ("server", "protocol_version", "no-common-version"),
    "openssl-gnutls/tls1.2/ecdhe-rsa-aes128gcm:ecdhe-rsa-aes256gcm/any/rsa2048/server/off":
        ("server", "handshake_failure", "no-common-suite"),
    "boringssl-openssl/tls1.2/ecdhe-rsa-aes128gcm:ecdhe-rsa-aes256gcm/any/rsa2048/server/off":
        ("server", "handshake_failure", "no-common-suite"),
    "openssl-gnutls/tls1.3/any/x25519:p256/ecdsa-p256/server/off":
        ("server", "handshake_failure", "no-common-group"),
    "gnutls-boringssl/tls1.3/any/x25519:p384/rsa2048/server/off":
        ("server", "handshake_failure", "no-common-group"),
    "openssl-gnutls/tls1.2/any/any/ecdsa-p256/server/off/expired-leaf":
        ("client", "certificate_expired", "server-certificate"),
    "boringssl-openssl/tls1.3/any/any/rsa2048/server/off/expired-leaf":
        ("client", "certificate_expired", "server-certificate"),
    "gnutls-openssl/tls1.3/any/any/ecdsa-p256/server/off/expired-leaf":
        ("client", "bad_certificate", "server-certificate"),
    "openssl-boringssl/tls1.3/any/any/rsa2048/server/off/wrong-host":
        ("client", "bad_certificate", "server-certificate"),
    "gnutls-boringssl/tls1.2/any/any/rsa2048/server/off/wrong-host":
        ("client", "bad_certificate", "server-certificate"),
    "openssl-openssl/tls1.2/any/any/rsa2048/server/off/unknown-ca":
        ("client", "unknown_ca", "server-unknown-ca"),
    "boringssl-gnutls/tls1.3/any/any/ecdsa-p256/server/off/unknown-ca":
        ("client", "unknown_ca", "server-unknown-ca"),
    "openssl-gnutls/tls1.2/any/any/ecdsa-p256/server/off/revoked":
        ("client", "certificate_revoked", "server-revoked"),
    "openssl-openssl/tls1.2/any/any/ecdsa-p256/server/off/wrong-key":
        ("client", "decrypt_error", "server-proof"),
    "openssl-boringssl/tls1.3/any/any/ecdsa-p256/mutual-none-sent/off":
        ("server", "certificate_required", "client-missing"),
    "boringssl-openssl/tls1.2/any/any/rsa2048/mutual-none-sent/off":
        ("server", "handshake_failure", "client-missing"),
    "openssl-openssl/tls1.3/any/any/ecdsa-p256/mutual/off/client-expired-leaf":
        ("server", "certificate_expired", "client-certificate"),
    "openssl-openssl/tls1.2/any/any/rsa2048/mutual/off/client-unknown-ca":
        ("server", "unknown_ca", "client-unknown-ca"),
    "openssl-openssl/tls1.2/any/any/ecdsa-p256/server/off/flip-request":
        ("server", "bad_record_mac", "damaged-request"),
    "boringssl-gnutls/tls1.2/any/any/rsa2048/server/off/flip-request":
        ("server", "bad_record_mac", "damaged-request"),
    "openssl-openssl/tls1.2/any/any/rsa2048/server/leaf-wrong": ("client", None, "pin"),
}
HEALTHY = [
    "openssl-gnutls/tls1.2/any/any/rsa2048/server/off",
    "openssl-boringssl/tls1.3/any/any/ecdsa-p256/mutual/off",
]
EXPIRED = "openssl-gnutls/tls1.2/any/any/ecdsa-p256/server/off/expired-leaf"
SUITE = "boringssl-openssl/tls1.2/ecdhe-rsa-aes128gcm:ecdhe-rsa-aes256gcm/any/rsa2048/server/off"


@pytest.fixture(scope="module")
def captures(tmp_path_factory):
    """{case: its capture}, of one run."""
    folder = tmp_path_factory.mktemp("reproduce")
    ids = write_ids(folder / "ids", [*FAILURES, *HEALTHY])
    done = tlsmatrix("run", "--ids", ids, "--capture", "all", "--quiet", "-o", folder / "run")
    assert done.status == OK, done
    made = {}
    for case in [*FAILURES, *HEALTHY]:
        name = case.replace("/", "_").replace(":", "~") + ".pcapng"
        made[case] = folder / "run" / "captures" / name
        assert made[case].exists()
    return made


def reproduce(*words):
    done = tlsmatrix("reproduce", "--json", *words)
    assert done.err == ""
    return done.status, done.json


def outcomes(attempt):
    return {stack["stack"]: stack["outcome"] for stack in attempt["stacks"]}


@pytest.mark.parametrize("case", list(FAILURES))
def test_the_stack_that_was_recorded_does_it_again(captures, run_folder, case):
    by, alert, name = FAILURES[case]
    status, told = reproduce(captures[case], "-o", run_folder)
    assert status == OK and told["reproduced"]
    assert (told["recorded"]["by"], told["recorded"]["alert"]) == (by, alert)
    attempt = next(a for a in told["attempts"] if a["name"] == name)
    client, server = case.split("/")[0].split("-")
    stack = client if by == "client" else server
    assert outcomes(attempt)[stack] == "same", attempt
    assert attempt["judged"] == by
    for played in attempt["stacks"]:
        if played["outcome"] == "same":
            assert played["ending"]["alert"] == alert and played["ending"]["by"] == by
            assert played["healthy"] is None or not played["healthy"]["refused"]


@pytest.mark.parametrize("case", HEALTHY)
def test_what_did_not_fail_is_not_reproduced(captures, run_folder, case):
    done = tlsmatrix("reproduce", captures[case], "-o", run_folder)
    assert "none of its 1 TLS connections failed" in complaint(done)
    done = tlsmatrix("reproduce", captures[case], "--connection", 1, "-o", run_folder)
    assert "connection 1 did not fail" in complaint(done)
    assert not run_folder.exists()


# What no stack would say, to a server and to a client: refused for a fault of its own.
ODD = {
    "raw-openssl/tls1.2-1.3/any/any/rsa2048/server/off/hello-sslv3": "server",
    "openssl-raw/tls1.2/any/any/rsa2048/server/off/sh-extension-unsolicited": None,
    "openssl-raw/tls1.2-1.3/any/any/rsa2048/server/off/sh-version-0x0305": "client",
    "gnutls-raw/tls1.2/any/any/rsa2048/server/off/sh-length-extensions-minus-1": "client",
}
SH13 = ("suite-0x0a0a", "key-share-zero", "session-id-other", "extension-status_request")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """{case: its capture}: servers that say odd things to the clients, in TLS 1.2 and 1.3."""
    folder = tmp_path_factory.mktemp("odd")
    listed = tlsmatrix("list", "hellos", "--select", "{*-raw/*/sh13-*,*-raw/*/sh-*,raw-*/hello-*}")
    wanted = [case for case in listed.out.split() if case in ODD or
              any(case.endswith("/sh13-" + name) for name in SH13)]
    assert len(wanted) >= len(ODD) + len(SH13) * len(stack_names())
    ids = write_ids(folder / "ids", wanted)
    done = tlsmatrix("run", "--ids", ids, "--capture", "all", "--quiet", "-o", folder / "run")
    assert done.status == OK, done
    return {case: folder / "run" / "captures" / (case.replace("/", "_") + ".pcapng")
            for case in wanted}


def test_odd_hellos_are_refused_again_for_what_they_are(odd, tmp_path):
    num_refused = 0
    for number, (case, capture) in enumerate(odd.items()):
        stack = case.split("/")[0].replace("raw", "").strip("-")
        done = tlsmatrix("reproduce", capture, "--json", "-o", tmp_path / str(number),
                         "--stacks", stack)
        if done.status == USAGE:
            assert ODD.get(case, "client") is None, done.err  # the client took it
            continue
        assert done.status == OK, (case, done.out)
        assert any(outcomes(attempt)[stack] == "same" for attempt in done.json["attempts"]), case
        num_refused += 1
    assert num_refused >= len(SH13) * len(stack_names())


def test_the_recorded_hello_goes_out_byte_for_byte(captures, run_folder):
    status, told = reproduce(captures[SUITE], "-o", run_folder, "--stacks", "openssl")
    (attempt,) = told["attempts"]
    case = json.loads((run_folder / "no-common-suite.json").read_text())
    hello = bytes.fromhex(case["bytes"])
    assert status == OK and hello[0] == 22 and hello[5] == 1
    (played,) = attempt["stacks"]
    with open(played["capture"], "rb") as file:
        assert hello in file.read()
    assert hello in captures[SUITE].read_bytes()


def test_new_captures_explain_themselves_the_same_way(captures, run_folder):
    case = "boringssl-openssl/tls1.3/any/any/rsa2048/server/off/expired-leaf"
    _, told = reproduce(captures[case], "-o", run_folder, "--stacks", "openssl,boringssl")
    for played in told["attempts"][0]["stacks"]:
        explained = tlsmatrix("explain", "--json", played["capture"])
        (connection,) = explained.json["connections"]
        assert connection["cause"]["id"] == told["recorded"]["cause"]
        assert explained.json["totals"]["secrets"] > 0


def test_the_printed_command_repeats_it(captures, run_folder, tmp_path):
    done = tlsmatrix("reproduce", captures[EXPIRED], "-o", run_folder)
    assert done.status == OK
    (again,) = [line.split("tlsmatrix ")[1] for line in done.out.splitlines()
                if line.startswith("  again ")]
    rerun = tlsmatrix(*again.split(), "-o", tmp_path / "again")
    assert rerun.status == OK
    assert rerun.out.splitlines()[0] == done.out.splitlines()[0]
    assert list((tmp_path / "again" / "captures").iterdir())
    alone = tlsmatrix(*again.split(), "-o", tmp_path / "alone", "--stacks", "gnutls")
    assert alone.status == RED
    assert alone.out.startswith(
        "Same cause, but ended otherwise (recorded: certificate_expired from the client at "
        "server-flight): gnutls: bad_certificate from the client at server-flight.\n")


def test_two_in_one_second_have_folders_of_their_own(captures, tmp_path):
    start = [PROGRAM, "reproduce", captures[EXPIRED], "--stacks", "openssl"]
    runs = [subprocess.Popen(start, cwd=tmp_path, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [run.wait(timeout=60) for run in runs] == [OK] * 3
    assert len(list(tmp_path.glob("reproduced-*"))) == 3


def test_a_folder_that_is_named_is_the_only_one(captures, tmp_path):
    done = subprocess.run([PROGRAM, "reproduce", captures[EXPIRED], "--stacks", "openssl",
                           "-o", "made"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == OK, done
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_the_case_file_can_be_carried_elsewhere(captures, run_folder, tmp_path):
    reproduce(captures[EXPIRED], "-o", run_folder, "--stacks", "openssl")
    run_folder.rename(tmp_path / "moved")
    rerun = tlsmatrix("rerun", tmp_path / "moved" / "server-certificate.json", "--json",
                      "--stacks", "openssl", "-o", tmp_path / "again")
    assert rerun.status == OK and rerun.json["reproduced"]


def without_right_to_record(folder):
    """An environment in which tcpdump says what it says to somebody who may not record."""
    program = folder / "tcpdump"
    program.write_text("#!/bin/sh\necho 'lo: no permission to capture' >&2\nexit 1\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.parametrize("case", list(FAILURES))
def test_nothing_depends_on_the_right_to_record(captures, tmp_path, case):
    _, recorded = reproduce(captures[case], "-o", tmp_path / "recorded")
    done = tlsmatrix("reproduce", "--json", captures[case], "-o", tmp_path / "tapped",
                     env=without_right_to_record(tmp_path))
    tapped = done.json
    assert "no permission" in tapped["not_recorded"] and recorded["not_recorded"] == ""
    assert tapped["result"] == recorded["result"] == "same"
    for a, b in zip(recorded["attempts"], tapped["attempts"], strict=True):
        for one, other in zip(a["stacks"], b["stacks"], strict=True):
            for key in ("stack", "outcome", "ending", "healthy", "partner"):
                assert one[key] == other[key]


def test_what_a_tap_notes_is_a_capture_like_any_other(captures, run_folder, tmp_path):
    done = tlsmatrix("reproduce", captures[EXPIRED], "-o", run_folder, "--stacks", "openssl",
                     env=without_right_to_record(tmp_path))
    assert "not recorded: lo: no permission to capture\n" in done.out
    capture = run_folder / "captures" / "server-certificate-openssl.pcapng"
    (connection,) = tlsmatrix("explain", "--json", capture).json["connections"]
    assert connection["cause"]["id"] == "server-certificate-expired"
    if shutil.which("tshark"):
        fields = ("tcp.analysis.flags", "tls.alert_message.desc", "tcp.checksum.status",
                  "ip.checksum.status")
        told = subprocess.run(
            ["tshark", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o",
             "ip.check_checksum:TRUE", "-T", "fields", *(w for f in fields for w in ("-e", f))],
            capture_output=True, text=True, check=True).stdout
        rows = [line.split("\t") for line in told.splitlines()]
        assert {row[0] for row in rows} == {""}
        assert "45" in {row[1] for row in rows}
        assert {(row[2], row[3]) for row in rows} == {("1", "1")}


def test_the_verdict_says_on_what_it_rests(captures, run_folder):
    done = tlsmatrix("reproduce", captures[EXPIRED], "-o", run_folder)
    assert done.out.splitlines()[1] == (
        "This rests on the assumption that the client knows the anchor of the server's chain, and "
        "verifies it at the capture's time for the name that it asked for (server-certificate).")


def test_an_ambiguous_failure_rests_on_one_of_several(captures, run_folder):
    case = "gnutls-boringssl/tls1.2/any/any/rsa2048/server/off/wrong-host"
    hello = captures["openssl-gnutls/tls1.3/any/x25519:p256/ecdsa-p256/server/off"]
    assert "either" not in tlsmatrix("reproduce", captures[case], "-o", run_folder).out
    done = tlsmatrix("reproduce", "--json", hello, "-o", run_folder.with_name("group"))
    names = [a["name"] for a in done.json["attempts"]
             if any(s["outcome"] == "same" for s in a["stacks"])]
    again = tlsmatrix("reproduce", hello, "-o", run_folder.with_name("again"))
    told = again.out.splitlines()[1]
    assert all(f"({name})" in told for name in names)
    assert ("either" in told and told.endswith("does not tell which.")) == (len(names) > 1)


@pytest.mark.parametrize("stack, outcome, result", [
    ("openssl", "same", "same"), ("boringssl", "same", "same"), ("gnutls", "same-cause",
                                                                 "same-cause"),
])
def test_another_alert_for_the_same_cause_is_told_apart(captures, run_folder, stack, outcome,
                                                        result):
    if stack not in stack_names():
        pytest.skip(f"no {stack}")
    _, told = reproduce(captures[EXPIRED], "-o", run_folder, "--stacks", stack)
    (played,) = told["attempts"][0]["stacks"]
    assert (played["outcome"], told["result"]) == (outcome, result)
    assert told["reproduced"] == (result == "same")
    assert not played["healthy"]["refused"]


def test_what_is_refused_without_the_fault_too_is_no_same_cause(captures, run_folder):
    reproduce(captures[EXPIRED], "-o", run_folder, "--stacks", "gnutls")
    path = run_folder / "server-certificate.json"
    case = json.loads(path.read_text())
    case["healthy_client"], case["healthy_server"] = case["client"], case["server"]
    path.write_text(json.dumps(case))
    done = tlsmatrix("rerun", path, "--json", "--stacks", "gnutls", "-o", run_folder / "again")
    assert outcomes(done.json["attempts"][0]) == {"gnutls": "other"}
    assert done.json["result"] == "not"


def test_standard_input_is_taken(captures, run_folder, tmp_path):
    script = 'exec "$0" reproduce - --json -o "$1" --stacks openssl < "$2"'
    done = tlsmatrix("-c", script, PROGRAM, run_folder, captures[EXPIRED], program="sh")
    assert done.status == OK, done
    _, told = reproduce(captures[EXPIRED], "-o", tmp_path / "file", "--stacks", "openssl")
    assert done.json["capture"] == "standard input"
    assert done.json["recorded"] == told["recorded"]
    assert outcomes(done.json["attempts"][0]) == outcomes(told["attempts"][0])


def with_liar(capture, folder, lie):
    status, told = reproduce(capture, "-o", folder, "--stacks", "openssl", "--stack", LIAR,
                             "--fault", f"liar={lie}")
    return status, outcomes(told["attempts"][0])


def test_a_stack_that_does_otherwise_is_said_to_do_otherwise(captures, run_folder):
    status, found = with_liar(captures[EXPIRED], run_folder, "no-verification")
    assert status == OK
    assert found == {"openssl": "same", "liar": "accepted"}


@pytest.mark.parametrize("lie", ["accepted-when-refused", "wrong-alert", "no-alert-report"])
def test_the_wire_is_believed_not_the_words(captures, run_folder, lie):
    _, found = with_liar(captures[EXPIRED], run_folder, lie)
    assert found == {"openssl": "same", "liar": "same"}


@pytest.mark.parametrize("lie", ["crash", "garbage", "exit"])
def test_a_stack_that_breaks_is_no_reproduction(captures, run_folder, lie):
    done = tlsmatrix("reproduce", captures[EXPIRED], "-o", run_folder, "--json", "--stack", LIAR,
                     "--fault", f"liar={lie}")
    assert done.status == HARNESS
    assert outcomes(done.json["attempts"][0]) == {"liar": "broken"}


def test_a_refusal_that_comes_without_the_fault_too_is_unclear(captures, run_folder):
    """Whoever refuses everybody shows nothing: its healthy twin is refused as well."""
    reproduce(captures[EXPIRED], "-o", run_folder, "--stacks", "openssl")
    path = run_folder / "server-certificate.json"
    case = json.loads(path.read_text())
    case["healthy_client"], case["healthy_server"] = case["client"], case["server"]
    path.write_text(json.dumps(case))
    done = tlsmatrix("rerun", path, "--json", "--stacks", "openssl", "-o", run_folder / "again")
    assert done.status == RED
    assert outcomes(done.json["attempts"][0]) == {"openssl": "unclear"}


def test_the_users_anchor_lets_the_recorded_chain_itself_be_shown(captures, run_folder):
    root = captures[EXPIRED].parents[1] / "pki" / "ecdsa-p256" / "root.pem"
    status, told = reproduce(captures[EXPIRED], "-o", run_folder, "--ca", root)
    assert status == OK
    assert outcomes(told["attempts"][0])["openssl"] == "same"
    client = json.loads((run_folder / "server-certificate.json").read_text())["server"]
    assert client["wrong_key"]


def test_every_stack_is_played(captures, run_folder):
    _, told = reproduce(captures[SUITE], "-o", run_folder)
    assert sorted(outcomes(told["attempts"][0])) == stack_names()


def broken_case(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


@pytest.mark.parametrize("changes, words", [
    ({"tlsmatrix_case": 9}, "no case file of format"),
    ({"judged": "nobody"}, "'judged'"),
    ({"bytes": "16030"}, "'bytes'"),
    ({"bytes": ""}, "'bytes' is empty"),
    ({"client": {}}, "'client'"),
    ({"name": "../../etc"}, "'name'"),
    ({"attack": "none-such", "partner": "stack"}, "'attack'"),
    ({"avoided_suites": [70000]}, "'avoided_suites'"),
    ({"recorded": {}}, "'recorded'"),
])
def test_a_case_file_with_a_fault_is_told(captures, run_folder, changes, words):
    reproduce(captures[SUITE], "-o", run_folder, "--stacks", "openssl")
    path = broken_case(run_folder / "no-common-suite.json", **changes)
    told = complaint(tlsmatrix("rerun", path))
    assert told.startswith(f"{path}: ") and words in told


def test_mistakes_are_told_in_a_line(captures, tmp_path):
    capture = captures[EXPIRED]
    assert "one capture" in complaint(tlsmatrix("reproduce"))
    assert "no-such" in complaint(tlsmatrix("reproduce", tmp_path / "no-such.pcap"))
    assert "no connection 7" in complaint(tlsmatrix("reproduce", capture, "--connection", 7))
    assert "standard input: it is empty" in complaint(tlsmatrix("reproduce", "-"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "not empty" in complaint(tlsmatrix("reproduce", capture, "-o", tmp_path / "full"))
    done = tlsmatrix("reproduce", capture, "-o", tmp_path / "out", "--ca", tmp_path / "none.pem")
    assert "none.pem" in complaint(done)
    (tmp_path / "text.json").write_text("{\n no json")
    assert "text.json:2" in complaint(tlsmatrix("rerun", tmp_path / "text.json"))
