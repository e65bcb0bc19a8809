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
