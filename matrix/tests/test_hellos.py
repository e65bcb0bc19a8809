"""Raw hellos: all of them to every stack, the harness sees through a stack that lies about them, and
hellos of one's own are read, run and shown."""

import re

import pytest
from e2e import (HARNESS, LIAR, OK, PEERS, RED, TREE, cases_of, complaint, stack_names, tlsmatrix,
                 write_ids)

SERVER = "raw-liar/tls1.2-1.3/any/any/rsa2048/server/off/"
CLIENT = "liar-raw/tls1.2-1.3/any/any/rsa2048/server/off/"
HONEST = "raw-openssl/tls1.2-1.3/any/any/rsa2048/server/off/base-tls13"
CARELESS = f"careless={PEERS}/tlspeer-careless"
ACCEPTED, DISAGREE = "accepted-what-must-be-refused", "ends-disagree"

# RFC 8446 section 5.4: every record of TLS 1.3 as long as a multiple of 512 bytes.
PADDED = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = padded
[padded]
RecordPadding = 512
"""

OWN = """\
title: hellos of one's own
hellos:
  - name: found-by-a-fuzzer
    text: Bytes that once were found.
    base: base-tls13
    bytes:
      - 16 0301 0004 # a record
      - 01 000000    # a ClientHello without a byte
    expect: {answer: refused, alerts: [decode_error]}
    references: RFC 8446 section 6.2
"""


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "hellos"
    folder.mkdir()
    (folder / "own.yaml").write_text(OWN)
    return folder


@pytest.fixture(scope="module")
def listed():
    return tlsmatrix("list", "hellos", "--json").json_lines


def run(folder, ids, *words):
    ids = write_ids(folder.parent / "ids", ids)
    done = tlsmatrix("run", "--ids", ids, "--out", folder, "--stacks", "openssl", "--stack", LIAR,
                     "--lanes", 1, "--quiet", *words)
    return done, cases_of(folder)


@pytest.fixture(scope="module")
def played(listed):
    """The names of the hellos that the profile has."""
    return {row["id"].rpartition("/")[2] for row in listed}


def test_every_hello_is_played(played):
    """One of versions that the profile leaves out would never be."""
    named = [name for file in (TREE / "matrix/hellos").glob("*.yaml")
             for name in re.findall(r"^  - name: (\S+)$", file.read_text(), re.M)]
    missing = [name for name in named
               if not any(re.fullmatch(re.escape(name).replace(r"\{\}", ".+"), one)
                          for one in played)]
    assert named and not missing


def test_what_fuzzing_found_in_a_first_flight_is_played(played):
    """The raw hellos that the findings name (fuzz/differential/README.md)."""
    findings = list((TREE / "fuzz/differential/findings").glob("*.script"))
    named = [(file.name, name) for file in findings
             for line in re.findall(r"^# hello: (.*)$", file.read_text(), re.M)
             if not line.startswith("none: ") for name in line.split()]
    assert named and not [pair for pair in named if pair[1] not in played]


def test_every_stack_answers_every_hello_as_expected(run_folder, listed):
    done = tlsmatrix("run", "hellos", "--out", run_folder, "--quiet")
    assert done.status == OK, done
    cases = cases_of(run_folder)
    assert set(cases) == {case["id"] for case in listed}
    assert {case.verdict for case in cases.values()} <= {"pass", "xfail"}


def careless(folder, *words):
    done = tlsmatrix("run", "hellos", "--out", folder, "--quiet", "--stacks", "openssl", "--stack",
                     CARELESS, *words)
    return done, cases_of(folder)


def test_a_stack_of_few_suites_and_groups_is_not_accused(run_folder):
    done, cases = careless(run_folder, "--select", "*careless*")
    assert done.status == OK, done
    by_verdict = {}
    for case_id, case in cases.items():
        by_verdict.setdefault(case.verdict, set()).add(case_id.split("/")[0] + "/" +
                                                       case_id.split("/")[-1])
    assert set(by_verdict) == {"pass", "unsupported"}
    assert not {name for name in by_verdict["unsupported"] if name.startswith("raw")}
    assert {"raw-careless/" + name for name in
            ("key-exchange-rsa-short-tls12", "groups-unknown-tls12-rsa", "tls12-empty-extensions",
             "tls12-no-extensions")} <= by_verdict["pass"]
    assert {"careless-raw/server-retry",
            "careless-raw/retry-group-0019"} <= by_verdict["unsupported"]
    assert {"careless-raw/server-tls12", "careless-raw/sh-session-id-32",
            "careless-raw/server-tls13", "careless-raw/sh13-key-share-other-group",
            "raw-careless/psk-not-last"} <= by_verdict["pass"]


def test_what_a_careless_stack_leaves_out_is_seen(run_folder):
    done, cases = careless(run_folder, "--select", "raw-careless/*/duplicate-key_share",
                           "--fault", "careless=repeated-extension")
    assert done.status == RED
    assert {case.kind for case in cases.values()} == {ACCEPTED}


def test_every_hello_meets_every_stack(listed):
    ends = [case["id"].split("/")[0] for case in listed]
    for stack in stack_names():
        assert ends.count(f"raw-{stack}") > 400
        assert ends.count(f"{stack}-raw") > 80


def test_the_rows_of_the_table_are_named(listed):
    rows = {case["rows"] for case in listed if "rows" in case}
    assert {f"H{i}" for i in range(1, 21)} | {f"G{i}" for i in range(1, 11)} <= rows


@pytest.mark.parametrize(
    "lie, case, verdict, kind, reason",
    [
        ("accepted-when-refused", SERVER + "suites-only-unknown", "fail", ACCEPTED, "completed"),
        ("accepted-when-refused", SERVER + "base-tls13", "fail", ACCEPTED, "completed"),
        ("accepted-when-refused", CLIENT + "sh13-compression", "fail", ACCEPTED, "completed"),
        ("wrong-alert", SERVER + "suites-only-unknown", "fail", DISAGREE,
         "says that it sent user_canceled; expected: handshake_failure"),
        ("wrong-alert", CLIENT + "sh13-compression", "fail", DISAGREE, "says that it sent"),
        ("crash", SERVER + "base-tls13", "crash", "", "killed by signal 11"),
        ("silent", SERVER + "base-tls13", "timeout", "", "the deadline passed"),
        ("garbage", SERVER + "base-tls13", "harness-error", "", "not JSON"),
        ("declined", SERVER + "base-tls13", "harness-error", "", "declined"),
    ],
)
def test_a_lie_about_a_hello_is_seen(run_folder, lie, case, verdict, kind, reason):
    done, cases = run(run_folder, [case, HONEST], "--fault", f"liar={lie}", "--deadline-ms", 2000)
    assert done.status == (HARNESS if verdict == "harness-error" else RED)
    assert (cases[case].verdict, cases[case].kind) == (verdict, kind)
    assert reason in cases[case].reason
    assert cases[HONEST].verdict == "pass"


def test_an_honest_liar_passes(run_folder):
    ids = [SERVER + "suites-only-unknown", SERVER + "base-tls13", SERVER + "sealed-garbage",
           CLIENT + "sh13-compression", CLIENT + "server-tls12-older"]
    done, cases = run(run_folder, ids)
    assert done.status == OK, done
    assert {case.verdict for case in cases.values()} == {"pass"}


def test_an_alert_under_protection_is_read_at_the_wire(run_folder):
    """Nobody but the keys can tell it; the liar does not."""
    case = SERVER + "sealed-garbage"
    lie = ["--fault", "liar=no-alert-report"]
    done, cases = run(run_folder, [case], *lie)
    assert done.status == OK, done
    done, cases = run(run_folder.parent / "unrecorded", [case], *lie, "--capture", "none")
    assert (cases[case].kind, done.status) == ("wrong-alert", RED)
    assert "nobody could read" in cases[case].reason
    case = SERVER + "sealed-garbage"
    done, cases = run(run_folder.parent / "wrong", [case], "--fault", "liar=wrong-alert")
    assert (cases[case].kind, done.status) == (DISAGREE, RED)
    assert "says that it sent user_canceled; expected: bad_record_mac" in cases[case].reason


@pytest.mark.parametrize("capture", ["failures", "none"])
def test_a_stack_that_pads_its_records_is_not_accused(run_folder, tmp_path, monkeypatch, capture):
    (tmp_path / "openssl.cnf").write_text(PADDED)
    monkeypatch.setenv("OPENSSL_CONF", str(tmp_path / "openssl.cnf"))
    done = tlsmatrix("run", "hellos", "--stacks", "openssl", "--out", run_folder, "--quiet",
                     "--capture", capture)
    assert done.status == OK, done
    assert {case.verdict for case in cases_of(run_folder).values()} <= {"pass", "xfail"}


def test_a_server_that_does_not_survive_a_hello_is_seen(run_folder):
    case = SERVER + "suites-only-unknown"
    done, cases = run(run_folder, [case], "--fault", "liar=sulks")
    assert done.status == RED
    assert "did not serve the next client" in cases[case].reason


def test_a_hello_can_be_shown():
    done = tlsmatrix("show", HONEST.replace("base-tls13", "key-share-grease-0x0a0a"))
    assert done.status == OK
    for text in ("legacy_version", "GREASE:00", "x25519", "16030100", "RFC 8701", "40-key-share"):
        assert text in done.out


def test_a_rerun_shows_what_came(tmp_path):
    done = tlsmatrix("rerun", "-v", "--quiet", HONEST, "--out", tmp_path / "run")
    assert done.status == OK
    assert "answered by: server_hello" in done.out


def test_hellos_of_ones_own_are_run_and_shown(run_folder, own):
    case = HONEST.replace("base-tls13", "found-by-a-fuzzer")
    done = tlsmatrix("run", "hellos", "--hellos", own, "--select", "raw-*/found-*", "--out",
                     run_folder, "--quiet")
    assert done.status == OK, done
    assert cases_of(run_folder)[case].verdict == "pass"
    assert "160301000401000000" in tlsmatrix("show", case, "--hellos", own).out
    assert tlsmatrix("show", case, "--run", run_folder, "--hellos", own).status == OK
    assert "found-by-a-fuzzer" in complaint(tlsmatrix("show", case))


@pytest.mark.parametrize(
    "right, wrong, line, reason",
    [
        ("01 000000", "01 00000", 8, "is no sequence of bytes in hexadecimal"),
        ("decode_error", "decode_eror", 9, "unknown alert 'decode_eror'"),
        ("base: base-tls13", "base: base-tls14", 5, "did you mean 'base-tls13'?"),
        ("expect:", "expct:", 9, "unknown key 'expct', did you mean 'expect'?"),
        ("found-by-a-fuzzer", "expired-leaf", 3, "is the name of a value of 'identity' already"),
        ("found-by-a-fuzzer", "Found-by-a-fuzzer", 3, "'Found-by-a-fuzzer' is no name"),
        (OWN[OWN.index("    bytes:"):OWN.index("    expect:")],
         "    edits: [{set: {legacy_version: tls1.2}}]\n", 3, "what its twin 'base-tls13' says"),
        (OWN[OWN.index("    bytes:"):OWN.index("    expect:")],
         "    edits: [{length: {record: +65536}}]\n", 6, "does not fit its 2 bytes"),
        ("found-by-a-fuzzer", "base-tls13", 3, "there is a hello 'base-tls13' already"),
        ("title:", "tilte:", 1, "unknown key 'tilte'"),
        ("    text:", "\ttext:", 4, ""),
    ],
)
def test_a_wrong_file_is_told_with_its_line(run_folder, own, right, wrong, line, reason):
    assert OWN.count(right) == 1
    (own / "own.yaml").write_text(OWN.replace(right, wrong))
    for words in (["list", "hellos"], ["run", "hellos", "--out", run_folder], ["show", HONEST]):
        said = complaint(tlsmatrix(*words, "--hellos", own, "--stacks", "openssl"))
        assert said.startswith(f"{own}/own.yaml:{line}: ") and reason in said
    assert not run_folder.exists()


def test_a_folder_without_hellos_is_refused(tmp_path):
    assert "no *.yaml there" in complaint(tlsmatrix("list", "hellos", "--hellos", tmp_path))
    missing = tmp_path / "missing"
    assert str(missing) in complaint(tlsmatrix("list", "hellos", "--hellos", missing))


def test_raw_is_no_stack(tmp_path):
    said = complaint(tlsmatrix("list", "hellos", "--stack", f"raw={tmp_path}"))
    assert "'raw' is no stack" in said
