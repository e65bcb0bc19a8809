"""What explain and reproduce say of the captures that a run of ours keeps: the case is named, with
what was expected of it and how it was judged; and certificates are judged by the time at which they
were verified, whatever the packets' clock says."""

import re
import shutil
import subprocess

import pytest
from e2e import LIAR, OK, RED, complaint, tlsmatrix, write_ids

HEALTHY = "openssl-openssl/tls1.2/any/any/rsa2048/server/off"
MISNAMED = "openssl-openssl/tls1.2/any/any/ecdsa-p256/server/off/wrong-host"
LIED = "openssl-liar/tls1.2-1.3/any/any/ecdsa-p256/server/off"
# Not yet valid: the case, the end that refuses, whose certificate.
EARLY = {
    "boringssl-openssl/tls1.2/any/any/ecdsa-p256/server/off/not-yet-valid-leaf":
        ("client", "The server's certificate "),
    "boringssl-openssl/tls1.3/any/any/ecdsa-p256/server/off/not-yet-valid-intermediate":
        ("client", "A certificate above the server's own "),
    "openssl-openssl/tls1.2/any/any/ecdsa-p256/server/off/not-yet-valid-intermediate":
        ("client", "A certificate above the server's own "),
    "openssl-boringssl/tls1.2/any/any/ecdsa-p256/mutual/off/client-not-yet-valid-leaf":
        ("server", "The client's certificate "),
    "openssl-boringssl/tls1.3/any/any/ecdsa-p256/mutual/off/client-not-yet-valid-intermediate":
        ("server", "A certificate above the client's own "),
}
FROZEN_S = 1767225600  # harness/pki/forge.h: 2026-01-01 00:00 UTC
YEARS_S = 5 * 366 * 86400

needs_editcap = pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap")


def capture_of(folder, case):
    return folder / "captures" / (case.replace("/", "_") + ".pcapng")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """{case: its capture}: what is accepted, what is refused, and one whose server lies."""
    place = tmp_path_factory.mktemp("cases")
    good = [HEALTHY, MISNAMED, *EARLY]
    ids = write_ids(place / "ids", good)
    done = tlsmatrix("run", "--ids", ids, "--capture", "all", "--quiet", "-o", place / "good")
    assert done.status == OK, done
    ids = write_ids(place / "ids", [LIED])
    done = tlsmatrix("run", "--ids", ids, "--stacks", "openssl", "--stack", LIAR, "--fault",
                     "liar=wrong-suite", "--quiet", "-o", place / "red")
    assert done.status == RED, done
    return {case: capture_of(place / ("red" if case == LIED else "good"), case)
            for case in (*good, LIED)}


def explained(capture, *words):
    done = tlsmatrix("explain", capture, *words)
    assert done.status == OK and done.err == "", done
    return done.out


def connections(capture, *words):
    done = tlsmatrix("explain", "--json", capture, *words)
    assert done.status == OK and done.err == "", done
    return done.json["connections"]


def test_a_red_case_is_told_as_one(kept):
    said = explained(kept[LIED])
    assert said.startswith(f"case {LIED}\n    verdict    fail ends-disagree: ")
    assert f"tlsmatrix rerun -v '{LIED}'" in said
    assert re.search(r"  completed; the case is judged fail ends-disagree$", said, re.MULTILINE)


def test_a_green_case_is_told_without_alarm(kept):
    said = explained(kept[HEALTHY])
    assert said.startswith(f"case {HEALTHY}\n    verdict    pass\n    expected   accepted\n")
    assert re.search(r"^    client     OpenSSL ", said, re.MULTILINE)
    assert "is judged" not in said


def test_the_case_stands_in_the_json(kept):
    for case, red in ((HEALTHY, False), (LIED, True)):
        (connection,) = connections(kept[case])
        told = connection["case"]
        assert (told["id"], told["red"], told["verified_at"]) == (case, red, FROZEN_S)
        assert told["expected"] == "accepted"
        assert told["verdict"].startswith("fail ends-disagree: " if red else "pass")
        assert told["client"].startswith("OpenSSL ")


def test_what_is_red_counts_among_the_failed(kept):
    assert len(connections(kept[LIED], "--failed")) == 1
    assert connections(kept[HEALTHY], "--failed") == []


@needs_editcap
def test_years_do_not_age_a_capture_of_ours(kept, tmp_path):
    for case in (MISNAMED, HEALTHY):
        later, bare = tmp_path / "later.pcapng", tmp_path / "bare.pcapng"
        subprocess.run(["editcap", "-t", str(YEARS_S), kept[case], later], check=True)
        subprocess.run(["editcap", "--discard-capture-comment", later, bare], check=True)
        (aged,), (forgotten,) = connections(later), connections(bare)
        assert not aged["server_certificate"]["expired"]
        assert forgotten["server_certificate"]["expired"] and forgotten["case"] is None
        if case == MISNAMED:
            assert aged["cause"]["id"] == "server-certificate-wrong-name"
            assert forgotten["cause"]["id"] == "server-certificate-expired"


def test_reproduce_hands_back_to_rerun_what_did_not_fail(kept, tmp_path):
    for case, judged, options in ((HEALTHY, "pass", ""),
                                  (LIED, "fail ends-disagree", "--fault liar=wrong-suite")):
        for words in ((), ("--connection", 1)):
            done = tlsmatrix("reproduce", kept[case], *words, "-o", tmp_path / "made")
            said = complaint(done)
            assert f"judged {judged}: tlsmatrix rerun -v '{case}'" in said
            assert said.endswith(f"{options} repeats it")


@needs_editcap
def test_years_later_it_is_reproduced_at_the_time_of_its_verifiers(kept, tmp_path):
    later = tmp_path / "later.pcapng"
    subprocess.run(["editcap", "-t", str(YEARS_S), kept[MISNAMED], later], check=True)
    done = tlsmatrix("reproduce", "--json", later, "--stacks", "openssl", "-o", tmp_path / "made")
    assert done.status == OK, done
    assert done.json["reproduced"]
    (again,) = (tmp_path / "made" / "captures").glob("*openssl.pcapng")
    assert b"verified at: 2026-01-01T00:00:00Z\n" in again.read_bytes()
    (connection,) = connections(again)
    assert connection["cause"]["id"] == "server-certificate-wrong-name"


@pytest.mark.parametrize("case", EARLY)
def test_what_has_not_begun_has_not_expired(kept, case):
    by, begins = EARLY[case]
    (connection,) = connections(kept[case])
    cause = connection["cause"]
    whose = "server" if by == "client" else "client"
    assert (cause["id"], cause["by"]) == (f"{whose}-certificate-not-yet-valid", by)
    assert cause["sentence"].startswith(begins)
    assert "is not valid before 2026-01-02" in cause["sentence"]
    assert "expired on" not in cause["sentence"]


@needs_editcap
def test_reproduce_says_nothing_of_cases_where_there_is_none(kept, tmp_path):
    bare = tmp_path / "bare.pcapng"
    subprocess.run(["editcap", "--discard-capture-comment", kept[LIED], bare], check=True)
    said = complaint(tlsmatrix("reproduce", bare, "-o", tmp_path / "made"))
    assert said.endswith("nothing to reproduce")
