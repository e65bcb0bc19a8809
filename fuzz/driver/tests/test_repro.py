"""From an input that fails to what a person needs of it; and its way into fuzz/regressions."""

import argparse
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402
import crashes  # noqa: E402
import differential  # noqa: E402

ROOT = common.ROOT


def folder_built_with(program):
    built = [b for b in (ROOT / "build", ROOT / "build-fuzz") if (b / "fuzz" / program).exists()]
    assert built, f"{program} is not built"
    return built[0]


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Makes an input of a text."""
    build = folder_built_with("fuzz-script")
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


def repro(path):
    return crashes.command_repro(argparse.Namespace(names=[str(path)], target=None))


@pytest.fixture
def compared(tmp_path, monkeypatch):
    """The name of a file for scripts' text, with something to play them."""
    monkeypatch.setattr(crashes, "BUILD", folder_built_with("fuzz-differential"))
    return tmp_path / "text"


def test_a_finding_is_played_to_all_stacks_and_known(compared, capsys):
    name = "alert-level-server-tls12"
    assert repro(differential.FINDINGS / f"{name}.script") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(f"{name}.script: a script, to all stacks")
    assert [line.split(":")[0] for line in said[1:] if not line.startswith(" ")][:3] == \
        list(common.STACKS)
    assert said[-1] == f"known: {name}"


def test_a_script_on_which_all_agree_is_no_difference(compared, capsys):
    compared.write_text("victim server\n")
    assert repro(compared) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no difference"


def test_what_is_no_script_is_told_by_its_line(compared):
    compared.write_text("victim server\nno step\n")
    with pytest.raises(common.Usage, match=f"^{compared}: line 2: no option and no step"):
        repro(compared)


@pytest.mark.parametrize("does, code, said", [
    ("echo not known", 1, "not known"),
    ("echo known: it", 0, "known: it"),
    (f"echo '#0 0x1 in hello_read {ROOT}/a.c:1:2' >&2; exit 77", 1, "crash-hello_read"),
])
def test_what_nobody_knows_and_a_stack_that_fails_are_found(
        tmp_path, monkeypatch, capsys, does, code, said):
    program = tmp_path / "fuzz" / "fuzz-differential"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(crashes, "BUILD", tmp_path)
    (tmp_path / "new.script").write_text("# title: ?\nvictim client\n")
    assert repro(tmp_path / "new.script") == code
    assert said in capsys.readouterr().out
