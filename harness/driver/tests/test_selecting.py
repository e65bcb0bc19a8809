"""Which cases are run: what pytest selects, and nothing else."""

import sqlite3

import pytest
from conftest import LIAR


def planned(directory):
    database = sqlite3.connect(directory / "results.db")
    return {row[0] for row in database.execute("SELECT id FROM cases WHERE planned")}


def test_only_the_selected_cases_are_run(driven, pytester):
    result = driven("-k", "boringssl and mutual", "-m", "rsa2048", "--tlsmatrix-out", "kept")
    result.assert_outcomes(passed=6, skipped=3, deselected=31)
    ids = planned(pytester.path / "kept")
    assert len(ids) == 9
    assert all("boringssl" in case_id and "mutual" in case_id for case_id in ids)


def test_marks_match_whole_words(driven):
    driven("-m", "mutual and client.openssl and server.boringssl and rsa2048").assert_outcomes(
        passed=2, deselected=38
    )


def test_marks_are_known_under_strict_markers(driven):
    assert driven("--strict-markers", "-W", "error", stacks="openssl").ret == 0


def test_collecting_runs_nothing(driven, pytester):
    result = driven("--collect-only", "-q", "--tlsmatrix-out", "kept")
    result.stdout.fnmatch_lines(["*openssl-openssl/*/server/off", "40 tests collected*"])
    assert not (pytester.path / "kept").exists()


def test_without_a_selection_nothing_is_run(driven, pytester):
    result = driven("-k", "nosuchword", "--tlsmatrix-out", "kept")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (pytester.path / "kept").exists()


def test_the_last_failures_are_rerun_alone(driven):
    lying = ["--tlsmatrix-stack", LIAR, "--tlsmatrix-fault", "liar=wrong-version"]
    words = [*lying, "-k", "mutual-none-sent or (openssl-openssl and mutual)"]
    first = driven(*words, stacks="openssl").parseoutcomes()
    assert first["failed"] > 0 and first["passed"] > 0
    again = driven(*words, "--lf", stacks="openssl").parseoutcomes()
    assert again["failed"] == first["failed"] and "passed" not in again


def test_test_files_run_only_where_they_are_named(driven, pytester):
    pytester.makepyfile(test_ours="def test_ours(): pass")
    driven("-m", "mutual", stacks="openssl").assert_outcomes(passed=4, deselected=6)
    driven("test_ours.py", "-k", "ours", stacks="openssl").assert_outcomes(passed=1, deselected=10)


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--tlsmatrix-select", "nosuch/*"], "*nothing selected*"),
        (["--tlsmatrix-stacks", "opensl"], "*opensl*"),
        (["--tlsmatrix-profile", "smokey"], "*smoke*"),
        (["--tlsmatrix-program", "./nosuch"], "*./nosuch: No such file or directory"),
    ],
)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_usage_error_is_one_line(driven, words, complaint, workers):
    result = driven(*words, "-n", workers, stacks=None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: " + complaint])
    assert len(result.stderr.str().strip().splitlines()) == 1


def test_a_folder_with_a_run_is_not_written_to(driven, pytester):
    words = ["--tlsmatrix-out", "kept", "-k", "server/off"]
    assert driven(*words, stacks="openssl").ret == 0
    before = (pytester.path / "kept" / "results.db").read_bytes()
    result = driven(*words, stacks="openssl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --tlsmatrix-out kept: holds a run already"])
    assert (pytester.path / "kept" / "results.db").read_bytes() == before
