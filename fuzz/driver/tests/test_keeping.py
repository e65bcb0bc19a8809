"""What fuzzing finds is kept: minimised, named by its stack trace, in regressions/; and where nothing
is wrong nothing is. With a target that is broken on purpose, and its sound twin."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402
import crashes  # noqa: E402
import engine  # noqa: E402
import main  # noqa: E402

ROOT = common.ROOT
NAME = "heap-buffer-overflow-parse_planted"


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Builds the target, planted or not, as the only one there is; all folders are the test's."""
    if shutil.which("clang") is None:
        pytest.skip("no clang")
    common_sources = [ROOT / "fuzz/common" / name
                      for name in ("fuzz.c", "libfuzzer.c", "allocations.c")]
    folders = {name: tmp_path / name.lower() for name in ("REGRESSIONS", "CORPORA", "WORK")}
    for module in (common, crashes, main):
        for name, folder in folders.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, folder)
    for module in (crashes, engine):
        monkeypatch.setattr(module, "program", lambda target, build=None: tmp_path / "program")
    words = tmp_path / "words.dict"
    words.write_text('"GUB"\n')
    monkeypatch.setattr(engine, "dictionary", lambda target, build=None: words)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "first").write_bytes(b"B" + bytes(40))
    monkeypatch.setattr(main, "seeds", lambda target: seeds)
    monkeypatch.setattr(crashes, "MINIMISE_SECONDS", 3)

    def build(*flags):
        done = subprocess.run(
            ["clang", "-g", "-O1", "-D_GNU_SOURCE", f"-I{ROOT}", "-fsanitize=fuzzer,address", *flags,
             ROOT / "fuzz/driver/tests/planted.c", *common_sources, "-o", tmp_path / "program"],
            capture_output=True, text=True)
        if "libclang_rt" in done.stderr and done.returncode != 0:
            pytest.skip("no libFuzzer: libclang-rt-dev")
        assert done.returncode == 0, done.stderr
        return tmp_path
    return build


@pytest.fixture
def jobs(monkeypatch):
    """The jobs that are begun."""
    begun = []

    class Job(engine.Job):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            begun.append(self)

    monkeypatch.setattr(engine, "Job", Job)
    return begun


def fuzz():
    return main.command_fuzz(argparse.Namespace(names=["planted"], seeds=None, time=10, jobs=1))


def test_what_is_found_is_kept_and_fails_again(target, capsys):
    folder = target("-DPLANTED")
    assert fuzz() == 1
    kept, = (folder / "regressions" / "planted").iterdir()
    assert kept.name == NAME
    assert kept.read_bytes().startswith(b"BUG")
    code, report = crashes.report_of("planted", kept)
    assert code != 0 and crashes.name_of(report) == NAME
    said = capsys.readouterr().out
    assert "kept as" in said and "parse_planted fuzz/driver/tests/planted.c" in said


def test_what_is_kept_is_minimised(target):
    folder = target("-DPLANTED")
    path = folder / "crash"
    path.write_bytes(b"BUG" + bytes(400))
    kept = crashes.keep("planted", path)
    assert kept.name == NAME and kept.read_bytes().startswith(b"BUG")
    assert len(kept.read_bytes()) < 16


def test_a_smaller_input_of_the_same_name_takes_its_place_and_no_larger(target, monkeypatch):
    folder = target("-DPLANTED")
    monkeypatch.setattr(crashes, "minimise", lambda target, path: path)
    kept = folder / "regressions" / "planted" / NAME
    for data, expected in ((b"BUG" + bytes(9), 12), (b"BUG" + bytes(20), 12), (b"BUGx", 4)):
        path = folder / "crash"
        path.write_bytes(data)
        assert crashes.keep("planted", path) == kept
        assert len(kept.read_bytes()) == expected


def test_where_nothing_is_wrong_nothing_is_kept(target, capsys):
    folder = target()
    assert fuzz() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("planted: reading 1 inputs first, whatever the time")
    assert said[-1].endswith("nothing found")
    assert not (folder / "regressions").exists()
    sound = folder / "sound"
    sound.write_bytes(b"BUG" + bytes(9))
    assert crashes.keep("planted", sound) is None
    assert not (folder / "regressions").exists()


def test_ctrl_c_ends_the_jobs_and_tells_where_what_was_learnt_is(target, jobs, monkeypatch, capsys):
    folder = target()

    def sleep(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "time", argparse.Namespace(sleep=sleep, monotonic=time.monotonic))
    for module in (common, main):
        monkeypatch.setattr(module, "TARGETS", ["planted"])
    monkeypatch.setattr(sys, "argv", ["ci/fuzz", "planted", "--jobs", "2"])
    assert main.main() == 130
    corpus = folder / "work/planted/corpus"
    assert corpus.is_dir()
    assert capsys.readouterr().err == \
        f"ci/fuzz: ended; what planted learnt is in {os.path.relpath(corpus, ROOT)}\n"
    assert len(jobs) == 2 and None not in [job.process.returncode for job in jobs]


def test_a_job_that_heard_ctrl_c_too_is_not_broken(target, jobs, tmp_path):
    (tmp_path / "program").write_text("#!/bin/sh\nexit 72\n")
    (tmp_path / "program").chmod(0o755)
    result = engine.fuzz("planted", [tmp_path / "corpus"], tmp_path / "crashes", 5, quiet=True)
    assert jobs[0].process.returncode == engine.INTERRUPTED and not result.failed
