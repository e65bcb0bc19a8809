"""A run's folder: one run at a time, and nothing in it lost to the next."""

import signal
from collections import Counter

import pytest
from e2e import OK, Running, cases_of, complaint, tlsmatrix, write_profile

STACKS = ["--stacks", "openssl"]


@pytest.fixture
def profile(tmp_path):
    return write_profile(tmp_path / "many.yaml", pin=["off", "tofu-first", "tofu-known"])


def begin(profile, folder, *words):
    return Running("run", profile, *STACKS, "--repeat", 200, "--out", folder, *words)


def test_two_runs_do_not_share_a_folder(profile, run_folder):
    with begin(profile, run_folder) as run:
        run.until_percent(10)
        second = tlsmatrix("run", "--resume", run_folder, *STACKS, "--quiet")
        done = run.wait()
    assert complaint(second) == f"{run_folder}: another run is at work there"
    assert done.status == OK
    assert Counter(case.verdict for case in cases_of(run_folder).values()) == {"pass": 600}
    assert tlsmatrix("run", "--resume", run_folder, *STACKS, "--quiet").status == OK


def test_a_resumed_run_keeps_what_was_recorded_before(profile, run_folder):
    with begin(profile, run_folder, "--capture", "all") as run:
        run.until_percent(30)
        run.signal(signal.SIGINT)
        run.wait()
    before = (run_folder / "run.pcap").read_bytes()
    done = tlsmatrix("run", "--resume", run_folder, *STACKS, "--capture", "all")
    assert done.status == OK
    assert (run_folder / "run.pcap").read_bytes() == before
    assert f"{run_folder}/run-2.pcap" in done.out
    assert (run_folder / "run-2.pcap").stat().st_size > len(before) / 2
