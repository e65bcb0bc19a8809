"""The golden captures of captures/samples: what explain says of each is what stands beside it."""

import shutil
import subprocess

import pytest
from e2e import OK, tlsmatrix
from made_captures import SAMPLES, sample_rows

ROWS = {row[0]: row for row in sample_rows()}
BYTES_MAX = 500_000


@pytest.mark.parametrize("name", list(ROWS))
def test_what_is_said_stands_beside_it(name):
    done = tlsmatrix("explain", SAMPLES / f"{name}.pcapng")
    assert done.status == OK
    assert done.out == (SAMPLES / f"{name}.txt").read_text()
    assert done.err == ""


@pytest.mark.parametrize("name", list(ROWS))
def test_the_cause_is_the_one_that_the_list_names(name):
    _, has_keys, cause, _ = ROWS[name]
    done = tlsmatrix("explain", "--json", SAMPLES / f"{name}.pcapng").json
    (connection,) = done["connections"]
    found = connection["cause"]
    assert (found and found["id"]) == cause
    assert (done["totals"]["secrets"] > 0) == has_keys


def test_the_list_names_every_file_and_they_are_small():
    files = {path.stem for path in SAMPLES.glob("*.pcapng")}
    assert files == set(ROWS) == {path.stem for path in SAMPLES.glob("*.txt")}
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < BYTES_MAX


@pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap")
def test_they_can_be_made_anew(tmp_path):
    names = ["good-12", "expired-12", "expired-13-keys"]
    done = subprocess.run([SAMPLES / "make", "--into", tmp_path, *names],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in names:
        (connection,) = tlsmatrix("explain", "--json", tmp_path / f"{name}.pcapng").json[
            "connections"]
        assert (connection["cause"] and connection["cause"]["id"]) == ROWS[name][2]
        assert connection["time"].startswith("2026-01-01 00:00:00")
        assert (tmp_path / f"{name}.txt").read_text().startswith("#1 ")
        assert f"{name}: made\n" in done.stdout


def make(folder, *words):
    done = subprocess.run([SAMPLES / "make", "--into", folder, *words],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def copies(tmp_path):
    for path in SAMPLES.glob("*.[pt]*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap")
def test_what_tells_the_same_story_is_left_alone(copies):
    before = contents(copies)
    names = ["good-12-cbc", "expired-12", "pin-12"]
    assert make(copies, *names) == (0, "".join(f"{name}: unchanged\n" for name in names), "")
    assert contents(copies) == before


@pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap")
def test_what_tells_another_story_is_made_anew(copies):
    names = ["good-12", "expired-12", "pin-12"]
    shutil.copy(copies / "good-13.pcapng", copies / "good-12.pcapng")
    (copies / "expired-12.txt").write_text("other words\n")
    before = contents(copies)
    status, out, _ = make(copies, *names)
    assert status == 0
    other, words, same = out.splitlines()
    assert other.startswith("good-12: made anew: not as before: ") and "version" in other
    assert words == "expired-12: the same capture, explained in other words"
    assert same == "pin-12: unchanged"
    changed = {name for name, text in contents(copies).items() if text != before[name]}
    assert changed == {"good-12.pcapng", "good-12.txt", "expired-12.txt"}


def test_texts_alone_can_be_written(copies):
    shutil.copy(copies / "good-13.pcapng", copies / "good-12.pcapng")
    before = contents(copies)
    assert make(copies, "--texts", "good-12", "pin-12") == (
        0, "good-12: the same capture, explained in other words\npin-12: unchanged\n", "")
    changed = {name for name, text in contents(copies).items() if text != before[name]}
    assert changed == {"good-12.txt"}


@pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap")
def test_all_are_made_anew_on_demand(copies):
    before = contents(copies)
    assert make(copies, "--all", "pin-12") == (0, "pin-12: made anew\n", "")
    changed = {name for name, text in contents(copies).items() if text != before[name]}
    assert changed == {"pin-12.pcapng", "pin-12.txt"}


def test_a_sample_that_is_not_in_the_list(tmp_path):
    status, out, err = make(tmp_path, "nosuch")
    assert (status, out) == (2, "")
    assert "nosuch" in err
