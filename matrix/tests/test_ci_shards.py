"""ci/shards: parts of a run over GNU parallel make the whole, whatever happens on the way."""

import os
import shutil
import subprocess

import pytest
from e2e import LIAR, OK, RED, TREE, tlsmatrix, verdicts_of

HARNESS_FAILED, WRONG_WORDS = 3, 2
WORDS = ["smoke", "--select", "*/tls1.3/*", "--stacks", "openssl,boringssl"]


def shards(*words, **options):
    done = subprocess.run(
        [TREE / "ci/shards", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    folder = tmp_path_factory.mktemp("four")
    status, said = shards("--shards", "4", "--jobs", "2", "--out", folder, *WORDS)
    assert status == OK, said
    return folder


def test_four_parts_make_the_whole(four, tmp_path):
    tlsmatrix("run", *WORDS, "--quiet", "--out", tmp_path / "run")
    parts = [verdicts_of(four / f"shard-{i}") for i in range(1, 5)]
    assert sum(map(bool, parts)) > 1
    assert verdicts_of(four / "whole") == verdicts_of(tmp_path / "run")


def test_what_was_stopped_goes_on(four, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(four, folder)
    shutil.rmtree(folder / "shard-3")
    kept = (folder / "shard-1/results.db").stat().st_ino
    status, said = shards("--shards", "4", "--out", folder, *WORDS)
    assert status == OK, said
    assert (folder / "shard-1/results.db").stat().st_ino == kept
    assert verdicts_of(folder / "whole") == verdicts_of(four / "whole")


def test_another_run_does_not_go_on_in_the_same_folder(four):
    before = verdicts_of(four / "whole")
    status, said = shards("--shards", "4", "--out", four, "hellos")
    assert status == WRONG_WORDS and "was begun as another run" in said
    assert verdicts_of(four / "whole") == before


def test_a_red_part_makes_the_whole_red_and_stops_no_other(tmp_path):
    liar = ["--stack", LIAR, "--fault", "liar=wrong-group"]
    words = ["smoke", "--select", "*/tls1.3/*", "--stacks", "openssl", *liar]
    status, said = shards("--shards", "2", "--out", tmp_path / "red", *words)
    assert status == RED, said
    assert (tmp_path / "red/shard-2/results.db").exists()


def test_a_part_that_no_host_runs_is_told(tmp_path):
    (tmp_path / "hosts").write_text("1/false nobody\n")
    words = ["--hosts", tmp_path / "hosts", "--shards", "2", "--out", tmp_path / "out", *WORDS]
    status, said = shards(*words)
    assert status == HARNESS_FAILED and "part 1 of 2 has no results" in said


@pytest.mark.parametrize(
    "words, reason",
    [
        ([], "--out DIR is needed"),
        (["--shards", "0", "--out", "x"], "a number from 1 to 9999"),
        (["--out"], "--out needs a value"),
        (["--out", "x", "--shard", "1/2"], "what ci/shards itself gives"),
        (["--out", "x", "--hosts", "/nowhere"], "/nowhere: cannot be read"),
        (["--out", "x", "--slurm", "--hosts", "/dev/null"], "only one of them"),
        (["--out", "/dev/null/x"], "/dev/null/x: cannot be made"),
    ],
)
def test_wrong_words_are_refused(words, reason, tmp_path):
    status, said = shards(*words, cwd=tmp_path, env={**os.environ, "LC_ALL": "C"})
    assert status == WRONG_WORDS and reason in said
    assert said.count("\n") <= 2
