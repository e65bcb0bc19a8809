"""Runs that end before their time: nothing is lost, doubled or left behind."""

import os
import select
import signal

import pytest
from e2e import (
    INTERRUPTED,
    OK,
    PEERS,
    USAGE,
    Running,
    cases_of,
    complaint,
    tlsmatrix,
    verdicts_of,
    write_ids,
    write_profile,
)

SIGKILLED = -signal.SIGKILL
STACKS = ["--stacks", "openssl,boringssl"]


@pytest.fixture
def profile(tmp_path):
    """Refusals with their twins, acceptances and unsupported cases."""
    return write_profile(
        tmp_path / "many.yaml",
        version=["tls1.2", "tls1.3"],
        group=["x25519"],
        credential=["ecdsa-p256", "rsapss2048"],
        auth=["server", "mutual", "mutual-none-sent"],
        pin=["all"],
    )


def begin(profile, folder, *words, **options):
    return Running("run", profile, *STACKS, "--repeat", 10, "--out", folder, *words, **options)


def kill_midway(profile, folder, *words):
    """Returns the processes that the runner had when it was killed."""
    with begin(profile, folder, *words) as run:
        run.until_percent(30)
        descriptors = [os.pidfd_open(pid) for pid in run.children()]
        run.signal(signal.SIGKILL)
        assert run.wait().status == SIGKILLED
    return descriptors


def ids_of(profile):
    done = tlsmatrix("list", profile, *STACKS, "--repeat", 10, "--json")
    return [line["id"] for line in done.json_lines]


def test_a_killed_run_is_finished_as_if_it_had_not_been(profile, tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    kill_midway(profile, killed)
    before = verdicts_of(killed)
    ids = ids_of(profile)
    assert 0 < len(before) < len(ids)

    resumed = tlsmatrix("run", "--resume", killed, *STACKS, "--json", "--quiet")
    uninterrupted = tlsmatrix("run", profile, *STACKS, "--repeat", 10, "--out", whole, "--json")
    assert resumed.status == uninterrupted.status == OK
    assert verdicts_of(killed) == verdicts_of(whole)
    assert sorted(verdicts_of(killed)) == sorted(ids)
    assert resumed.json["verdicts"] == uninterrupted.json["verdicts"]
    # What was there stayed: the rest is all that was carried out.
    num_before = sum(verdict != "unsupported" for verdict, _, _ in before.values())
    assert resumed.json["handshakes"] <= uninterrupted.json["handshakes"] - num_before


def test_each_case_of_a_resumed_run_has_addresses_of_its_own(profile, tmp_path):
    killed = tmp_path / "killed"
    kill_midway(profile, killed)
    tlsmatrix("run", "--resume", killed, *STACKS, "--quiet")
    sequences = [case.sequence for case in cases_of(killed, planned_only=False).values()]
    sequences = [sequence for sequence in sequences if sequence > 0]
    assert len(set(sequences)) == len(sequences)


@pytest.mark.parametrize("capture", ["none", "all"])
def test_no_process_outlives_a_killed_runner(profile, run_folder, capture):
    descriptors = kill_midway(profile, run_folder, "--capture", capture)
    assert len(descriptors) >= (5 if capture == "all" else 4)  # workers of both stacks, tcpdump
    for descriptor in descriptors:
        assert select.select([descriptor], [], [], 10)[0], "still there ten seconds later"
        os.close(descriptor)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_cleanly_and_says_how_to_go_on(profile, run_folder, number):
    with begin(profile, run_folder) as run:
        run.until_percent(30)
        run.signal(number)
        done = run.wait()
    assert done.status == INTERRUPTED
    assert f"tlsmatrix run --resume '{run_folder}'" in done.out.splitlines()[-1]
    stored = verdicts_of(run_folder)
    assert 0 < len(stored) < len(ids_of(profile))
    assert {verdict for verdict, _, _ in stored.values()} <= {"pass", "unsupported"}

    assert tlsmatrix("run", "--resume", run_folder, *STACKS).status == OK
    assert sorted(verdicts_of(run_folder)) == sorted(ids_of(profile))


def test_resuming_what_is_finished_changes_nothing(profile, run_folder):
    words = ["run", profile, *STACKS, "--out", run_folder, "--json"]
    first = tlsmatrix(*words)
    stored = verdicts_of(run_folder)
    again = tlsmatrix("run", "--resume", run_folder, *STACKS, "--json")
    assert again.status == first.status == OK
    assert again.json["handshakes"] == 0
    assert again.json["verdicts"] == first.json["verdicts"]
    assert verdicts_of(run_folder) == stored


def test_a_run_of_ids_is_resumed_with_its_list(profile, run_folder, tmp_path):
    ids = write_ids(tmp_path / "ids", ids_of(profile))
    words = ["--ids", ids, *STACKS]
    with Running("run", *words, "--out", run_folder) as run:
        run.until_percent(30)
        run.signal(signal.SIGKILL)
        run.wait()
    without = tlsmatrix("run", "--resume", run_folder, *STACKS)
    assert "was begun with --ids" in complaint(without)
    assert tlsmatrix("run", "--resume", run_folder, *words, "--quiet").status == OK
    assert sorted(verdicts_of(run_folder)) == sorted(ids_of(profile))


@pytest.mark.parametrize(
    "stacks, reason",
    [
        (["--stacks", "openssl"],
         "was begun with other stacks; with these: --stacks openssl,boringssl"),
        (["--stacks", "openssl,gnutls"], "was begun with boringssl ("),
        (
            ["--stacks", "openssl", "--stack", f"boringssl={PEERS}/tlspeer-gnutls"],
            "was begun with boringssl (BoringSSL",
        ),
    ],
)
def test_a_run_is_not_resumed_with_other_stacks(profile, run_folder, stacks, reason):
    tlsmatrix("run", profile, *STACKS, "--out", run_folder, "--select", "*/ecdsa-p256/server/off")
    stored = verdicts_of(run_folder)
    assert reason in complaint(tlsmatrix("run", "--resume", run_folder, *stacks, "--quiet"))
    assert verdicts_of(run_folder) == stored


def test_a_run_is_not_resumed_without_its_fault(profile, run_folder):
    stacks = ["--stacks", "openssl", "--stack", f"boringssl={PEERS}/tlspeer-liar"]
    fault = ["--fault", "boringssl=silent"]
    tlsmatrix("run", profile, *stacks, *fault, "--out", run_folder, "--select",
              "openssl-openssl/*/ecdsa-p256/server/off")
    for words in ([], ["--fault", "boringssl=garbage"]):
        done = tlsmatrix("run", "--resume", run_folder, *stacks, *words, "--quiet")
        assert "was begun with --stacks openssl --stack boringssl=" in complaint(done, USAGE)
        assert "--fault boringssl=silent: resume it with the same" in complaint(done, USAGE)
    assert tlsmatrix("run", "--resume", run_folder, *stacks, *fault, "--quiet").status == OK


def test_a_run_is_not_resumed_with_another_selection(profile, run_folder):
    tlsmatrix("run", profile, *STACKS, "--out", run_folder, "--select", "*/ecdsa-p256/server/off")
    for words in (["--select", "*"], ["--shard", "1/2"], ["--repeat", 2], [profile], ["-o", "x"]):
        done = tlsmatrix("run", "--resume", run_folder, *STACKS, *words)
        assert complaint(done, USAGE).startswith("--resume goes on with what the folder says")
