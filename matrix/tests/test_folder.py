"""A run's folder: one run at a time, nothing in it lost to the next, and merged only when whole."""

import os
import re
import signal
from collections import Counter

import pytest
from e2e import INTERRUPTED, OK, Running, cases_of, complaint, tlsmatrix, write_profile

STACKS = ["--stacks", "openssl"]


@pytest.fixture
def profile(tmp_path):
    return write_profile(tmp_path / "many.yaml", pin=["off", "tofu-first", "tofu-known"])


def begin(profile, folder, *words, **options):
    return Running("run", profile, *STACKS, "--repeat", 200, "--out", folder, *words, **options)


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
    with begin(profile, run_folder, "--capture", "whole") as run:
        run.until_percent(30)
        run.signal(signal.SIGINT)
        run.wait()
    before = (run_folder / "run.pcap").read_bytes()
    done = tlsmatrix("run", "--resume", run_folder, *STACKS, "--capture", "whole")
    assert done.status == OK
    assert (run_folder / "run.pcap").read_bytes() == before
    assert f"{run_folder}/run-2.pcap" in done.out
    assert (run_folder / "run-2.pcap").stat().st_size > len(before) / 2


KEY = re.compile("([A-Z_0-9]+) ([0-9a-f]{64}) (?:[0-9a-f]{2})+")


@pytest.mark.parametrize(
    "half", ["", "CLIENT", "CLIENT_TRAFFIC_SECRET_0 00ff", "X" * 10000],
    ids=["nothing", "a word", "half a key", "much"],
)
def test_a_key_that_was_cut_off_does_not_cost_the_next_one(half, profile, run_folder):
    with begin(profile, run_folder, "--capture", "whole") as run:
        run.until_percent(30)
        run.signal(signal.SIGKILL)
        run.wait()
    keys = run_folder / "keys.log"
    before = "".join(line for line in keys.read_text().splitlines(True) if line.endswith("\n"))
    keys.write_text(before + half)
    assert tlsmatrix("run", "--resume", run_folder, *STACKS, "--capture", "whole").status == OK
    after = keys.read_text()
    assert before and after.startswith(before)
    found = [KEY.fullmatch(line) for line in after.splitlines()]
    assert all(found)
    assert {key[1] for key in found} == {line.split()[0] for line in before.splitlines()}
    assert len({key[2] for key in found}) >= len(cases_of(run_folder))


SLOW_TCPDUMP = """#!/bin/sh
trap 'sleep 0.3; echo "5 packets captured" >&2; echo "0 packets dropped by kernel" >&2; exit' INT
echo "listening on lo" >&2
while :; do sleep 0.05; done
"""


def test_an_impatient_user_does_not_lose_the_capture(profile, run_folder, tmp_path):
    program = tmp_path / "tcpdump"
    program.write_text(SLOW_TCPDUMP)
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with begin(profile, run_folder, "--capture", "whole", env=environment) as run:
        run.until_percent(10)
        while run.process.poll() is None:
            run.signal(signal.SIGINT)
        done = run.wait()
    assert done.status == INTERRUPTED, done.err
    assert "capture: 5 packets, 0 dropped" in done.out


def test_a_run_that_was_interrupted_is_merged_only_when_it_has_ended(profile, run_folder, tmp_path):
    with begin(profile, run_folder) as run:
        run.until_percent(10)
        run.signal(signal.SIGINT)
        run.wait()
    early = tlsmatrix("merge", tmp_path / "early", run_folder)
    assert "its run has not ended; first: tlsmatrix run --resume" in complaint(early)
    assert tlsmatrix("run", "--resume", run_folder, *STACKS, "--quiet").status == OK
    assert tlsmatrix("merge", tmp_path / "whole", run_folder).status == OK
    assert len(cases_of(tmp_path / "whole")) == 600


def test_a_run_with_a_long_selection_can_be_resumed(profile, run_folder):
    globs = ["*/off", *(f"*/{'x' * 200}{number}" for number in range(31))]
    words = [word for glob in globs for word in ("--select", glob)]
    first = tlsmatrix("run", profile, *STACKS, "--out", run_folder, "--json", *words)
    again = tlsmatrix("run", "--resume", run_folder, *STACKS, "--json")
    assert first.status == again.status == OK
    assert again.json["verdicts"] == first.json["verdicts"]


def test_a_selection_beyond_all_bounds_is_refused_before_the_run(profile, run_folder):
    words = ["--select", "*/off", "--select", "x" * 70000]
    done = tlsmatrix("run", profile, *STACKS, "--out", run_folder, "--quiet", *words)
    assert complaint(done).startswith("--select: more than ")
    assert not (run_folder / "results.db").exists()
