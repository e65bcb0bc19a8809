"""A recording without the right to record: the relay writes down what it moves, says in every file
that it was the relay, and finds what the network's recording finds."""

import json
import os
import shutil
import subprocess

import pytest
from e2e import BUILD, LIAR, OK, RED, cases_of, complaint, tlsmatrix, verdicts_of, write_ids

LABEL = "written by the relay, not recorded from a network"
CASE = "tls1.3/aes128gcm/x25519/rsa2048/server/off"
RESET = f"openssl-openssl/{CASE}/rst-at-client-finished"

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("capinfos") is None, reason="no tshark"
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """An environment that has no tcpdump."""
    return {**os.environ, "PATH": str(tmp_path_factory.mktemp("bin"))}


@pytest.fixture(scope="module")
def relayed(tmp_path_factory, bare):
    folder = tmp_path_factory.mktemp("relayed") / "run"
    done = tlsmatrix("run", "smoke", "--capture", "all", "--capture-from", "relay", "--out", folder,
                     "--json", env=bare)
    assert done.status == OK, done.err
    return done, folder


def files(folder):
    return sorted((folder / "captures").iterdir())


def test_every_case_is_recorded_without_tcpdump(relayed):
    done, folder = relayed
    cases = [case for case in cases_of(folder, planned_only=False).values()
             if case.verdict != "unsupported"]
    counts = done.json
    assert counts["capture_from"] == "relay"
    assert len(cases) == len(files(folder)) == counts["captures_kept"] == counts["captures_whole"]
    assert counts["captures_decrypted"] == len(cases) and counts["captures_incomplete"] == 0


def test_who_recorded_is_said_at_the_start_at_the_end_and_in_every_file(relayed, run_folder, bare):
    done, folder = relayed
    assert "recorded by the relay, not from the network" in done.err.splitlines()[0]
    for path in files(folder):
        head = path.read_bytes()[:4000]
        # In the section's comment, and as what the interface is.
        assert head.count(LABEL.encode()) == 2, path
    ids = write_ids(run_folder.parent / "ids", [f"openssl-openssl/{CASE}"])
    done = tlsmatrix("run", "--ids", ids, "--stacks", "openssl", "--capture-from", "relay", "--out",
                     run_folder, env=bare)
    assert "capture: by the relay, not from the network: " in done.out


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="no tcpdump")
def test_the_networks_own_recording_says_nothing_of_a_relay(run_folder):
    ids = write_ids(run_folder.parent / "ids", [f"openssl-openssl/{CASE}"])
    done = tlsmatrix("run", "--ids", ids, "--stacks", "openssl", "--capture", "all", "--out",
                     run_folder, "--json")
    assert done.json["capture_from"] == "network" and "relay" not in done.err
    (path,) = files(run_folder)
    assert b"relay" not in path.read_bytes()


def test_verdicts_are_those_of_a_run_without_it(relayed, tmp_path):
    _, folder = relayed
    done = tlsmatrix("run", "smoke", "--out", tmp_path / "run", "--json", "--quiet")
    assert done.status == OK
    assert verdicts_of(folder) == verdicts_of(tmp_path / "run")


@needs_tshark
def test_another_program_opens_it_and_finds_no_fault_in_its_tcp(relayed, tmp_path):
    """Checksums, sequence numbers, acknowledgements."""
    _, folder = relayed
    merged = tmp_path / "merged.pcapng"
    subprocess.run(["mergecap", "-w", merged, *files(folder)], check=True)
    options = [word for name in ("ip.check_checksum", "tcp.check_checksum")
               for word in ("-o", f"{name}:TRUE")]

    def count(condition):
        done = subprocess.run(["tshark", "-r", merged, *options, "-d", "tcp.port==1-65535,tls",
                               "-Y", condition, "-T", "fields", "-e", "frame.number"],
                              capture_output=True, text=True, check=True)
        return len(done.stdout.splitlines())

    assert count("ip.checksum.status == Bad || tcp.checksum.status == Bad") == 0
    assert count("tcp.analysis.flags") == 0
    assert count("tls.handshake.type == 20") > 300  # Finished: read with nothing else at hand
    assert count("tcp.checksum.status == Good") == count("tcp")


def test_a_lie_is_found_by_what_passed_the_relay(tmp_path, bare):
    ids = write_ids(tmp_path / "ids", [f"openssl-liar/{CASE}", f"openssl-openssl/{CASE}"])
    words = ["--ids", ids, "--stacks", "openssl", "--stack", LIAR, "--fault", "liar=wrong-group",
             "--quiet"]
    done = tlsmatrix("run", *words, "--capture-from", "relay", "--out", tmp_path / "run", env=bare)
    assert done.status == RED
    cases = cases_of(tmp_path / "run")
    assert cases[f"openssl-openssl/{CASE}"].verdict == "pass"
    lied = cases[f"openssl-liar/{CASE}"]
    assert (lied.verdict, lied.check) == ("fail", "wire.group")
    assert len(files(tmp_path / "run")) == 1


def facts_of(path):
    done = tlsmatrix(path, program=BUILD / "capture_facts")
    assert done.status == OK
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_reset_is_recorded_as_one_at_both_ends(tmp_path, bare):
    ids = write_ids(tmp_path / "ids", [RESET, f"openssl-openssl/{CASE}"])
    done = tlsmatrix("run", "--ids", ids, "--stacks", "openssl", "--capture", "all",
                     "--capture-from", "relay", "--out", tmp_path / "run", "--quiet", env=bare)
    assert done.status == OK, done.out
    kept = {len(path.name): [facts["closed"]["how"] for facts in facts_of(path)]
            for path in files(tmp_path / "run")}
    assert [kept[length] for length in sorted(kept)] == [["close_notify"] * 2, ["rst"] * 2]


def test_a_raw_end_is_judged_and_not_recorded(tmp_path, bare):
    words = ["hellos", "--select", "*openssl*/base-tls12-only", "--stacks", "openssl", "--json",
             "--capture", "all", "--capture-from", "relay"]
    done = tlsmatrix("run", *words, "--out", tmp_path / "run", env=bare)
    assert done.status == OK, done.err
    cases = cases_of(tmp_path / "run")
    assert cases and {case.verdict for case in cases.values()} == {"pass"}
    assert done.json["captures_incomplete"] == len(cases)


@pytest.mark.parametrize("words, why", [
    (["--capture", "whole", "--capture-from", "relay"], "not from the relay"),
    (["--capture", "none", "--capture-from", "relay"], "--capture none records nothing"),
    (["--capture-from", "tap"], "--capture-from: unknown SOURCE 'tap'; there is: network relay"),
])
def test_what_makes_no_sense_is_refused(run_folder, words, why):
    assert why in complaint(tlsmatrix("run", "smoke", "--out", run_folder, *words))
    assert not run_folder.exists()
