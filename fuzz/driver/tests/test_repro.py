"""From an input that fails to what a person needs of it; and its way into fuzz/regressions."""

import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402
import crashes  # noqa: E402

ROOT = common.ROOT


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Makes an input of a text."""
    build = next((b for b in (ROOT / "build", ROOT / "build-fuzz")
                  if (b / "fuzz" / "fuzz-script").exists()), None)
    if build is None:
        pytest.skip("fuzz-script is not built")
    monkeypatch.setattr(crashes, "BUILD", build)
    monkeypatch.setattr(crashes, "WORK", tmp_path)
    monkeypatch.setattr(common, "WORK", tmp_path)

    def make(text):
        (tmp_path / "text").write_text(text)
        subprocess.run([build / "fuzz" / "fuzz-script", "make", tmp_path / "text",
                        tmp_path / "Input_1"], check=True)
        return tmp_path / "Input_1"
    return make


def rows(tmp_path):
    return [path.read_text() for path in (tmp_path / "hellos").glob("*.yaml")]


def test_a_changed_hello_is_told_and_becomes_a_raw_hello(script, tmp_path, capsys):
    crashes.tell_script("openssl-server", script("victim server\nedit 0 drop 2 bytes 0505\n"))
    said = capsys.readouterr().out
    assert "    edit 0 drop 2 bytes 0505" in said and "--select '*/input-1'" in said
    row, = rows(tmp_path)
    sent = bytes.fromhex("".join(re.findall(r'- "([0-9a-f]+)"', row)))
    assert sent[0] == 22 and sent[5] == 1 and sent[9:11] == b"\5\5"  # legacy_version
    assert len(sent) == 5 + int.from_bytes(sent[3:5], "big")  # the first flight, and no more


@pytest.mark.parametrize("text", ["victim server\nedit 1 drop 1 bytes 05\n",
                                  "victim server\nedit 0 bytes 05\nskip 1\n",
                                  "victim client\nedit 0 drop 2 bytes 0505\n",
                                  "victim server\n"])
def test_what_changes_more_or_nothing_is_told_alone(script, tmp_path, capsys, text):
    crashes.tell_script("openssl-client", script(text))
    said = capsys.readouterr().out
    assert text.splitlines()[-1] in said and "raw hello" not in said
    assert rows(tmp_path) == []
