"""Which cases are run: what pytest selects, and nothing else."""

import sqlite3

import pytest
from driven import LIAR


def planned(run):
    database = sqlite3.connect(run / "results.db")
    return {row[0] for row in database.execute("SELECT id FROM cases WHERE planned")}


def test_only_the_selected_cases_are_run(driven):
    result = driven("-k", "boringssl and mutual", "-m", "rsa2048", "--tlsmatrix-out", "kept")
    assert result.outcomes == {"passed": 6, "skipped": 3, "deselected": 31}
    ids = planned(driven.kept)
    assert len(ids) == 9
    assert all("boringssl" in case_id and "mutual" in case_id for case_id in ids)


def test_marks_match_whole_words(driven):
    result = driven("-m", "mutual and client.openssl and server.boringssl and rsa2048")
    assert result.outcomes == {"passed": 2, "deselected": 38}


def test_marks_are_known_under_strict_markers(driven):
    assert driven("--strict-markers", "-W", "error", stacks="openssl").status == 0


def test_collecting_runs_nothing(driven):
    result = driven("--collect-only", "-q", "--tlsmatrix-out", "kept")
    result.says("*openssl-openssl/*/server/off", "40 tests collected*")
    assert not driven.kept.exists()


def test_without_a_selection_nothing_is_run(driven):
    result = driven("-k", "nosuchword", "--tlsmatrix-out", "kept")
    assert result.status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not driven.kept.exists()


def test_the_last_failures_are_rerun_alone(driven):
    lying = ["--tlsmatrix-stack", LIAR, "--tlsmatrix-fault", "liar=wrong-version"]
    words = [*lying, "-k", "mutual-none-sent or (openssl-openssl and mutual)"]
    first = driven(*words, stacks="openssl").outcomes
    assert first["failed"] > 0 and first["passed"] > 0
    again = driven(*words, "--lf", stacks="openssl").outcomes
    assert again["failed"] == first["failed"] and "passed" not in again


def test_test_files_run_only_where_they_are_named(driven):
    (driven.folder / "test_ours.py").write_text("def test_ours(): pass\n")
    unnamed = driven("-m", "mutual", stacks="openssl")
    assert unnamed.outcomes == {"passed": 4, "deselected": 6}
    named = driven("test_ours.py", "-k", "ours", stacks="openssl")
    assert named.outcomes == {"passed": 1, "deselected": 10}


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--tlsmatrix-select", "nosuch/*"], "nothing selected"),
        (["--tlsmatrix-stacks", "opensl"], "opensl"),
        (["--tlsmatrix-profile", "smokey"], "smoke"),
        (["--tlsmatrix-program", "./nosuch"], "./nosuch: No such file or directory"),
    ],
)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_usage_error_is_one_line(driven, words, complaint, workers):
    result = driven(*words, "-n", workers, stacks=None)
    assert result.status == pytest.ExitCode.USAGE_ERROR
    (line,) = filter(None, result.errors)
    assert line.startswith("ERROR: ") and complaint in line


def test_a_folder_with_a_run_is_not_written_to(driven):
    words = ["--tlsmatrix-out", "kept", "-k", "server/off"]
    assert driven(*words, stacks="openssl").status == 0
    before = (driven.kept / "results.db").read_bytes()
    result = driven(*words, stacks="openssl")
    assert result.status == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --tlsmatrix-out kept: holds a run already" in result.errors
    assert (driven.kept / "results.db").read_bytes() == before
