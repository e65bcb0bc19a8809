"""What a person types: what is wrong with it is said before anything is installed or built, and what
is built is what it needs."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402
import differential  # noqa: E402
import main  # noqa: E402

ROOT = common.ROOT
ALL = ["fuzz", *common.STACKS]


@pytest.fixture
def ci_fuzz(tmp_path):
    """Runs ci/fuzz where all packages are installed and nothing can be built: (exit code, what it
    said)."""
    for name, text in (("cmake", "echo cannot build; exit 1"),
                       ("dpkg-query", 'for name; do echo "$name installed"; done')):
        tmp_path.joinpath(name).write_text(f"#!/bin/sh\n{text}\n")
        tmp_path.joinpath(name).chmod(0o755)

    def run(*words):
        done = subprocess.run([ROOT / "ci/fuzz", *words], cwd=tmp_path, capture_output=True,
                              text=True, env=dict(os.environ,
                                                  PATH=f"{tmp_path}:{os.environ['PATH']}"))
        return done.returncode, done.stdout + done.stderr
    return run


def needed(*words):
    return subprocess.run([sys.executable, common.FUZZ / "driver/main.py", "--needs", *words],
                          check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("words, said", [
    ("helo", "no target or command 'helo'; did you mean 'hello'?"),
    ("gnutls-servr", "no target or command 'gnutls-servr'; did you mean 'gnutls-server'?"),
    ("smok", "no target or command 'smok'; did you mean 'smoke'?"),
    ("nothing-like-it", "no target or command 'nothing-like-it': `ci/fuzz list` has"),
    ("hello keylo", "no target 'keylo'; did you mean 'keylog'?"),
    ("hello --time 5s keylo", "no target 'keylo'; did you mean 'keylog'?"),
    ("--minimize", "no option '--minimize'; did you mean '--minimise'?"),
    ("hello --tim 5s", "no option '--tim'; did you mean '--time'?"),
    ("hello --jobs some", "--jobs"),
    ("--stack openssl --minimize", "did you mean '--minimise'?"),
    (f"repro {ROOT}/README.md --target helo", "no target 'helo'; did you mean 'hello'?"),
    ("hello --time 5x", "'5x' is no time"),
    ("hello --time -5s", "'-5s' is no time"),
    ("hello --seeds /dev", "--seeds /dev"),
    ("--time 5s", "no target and no command"),
    ("smoke hello", "smoke takes no 'hello'"),
    ("repro", "repro FILE…"),
    ("repro no-such-file", "no-such-file: no such file"),
    ("coverage opensl", "no coverage of 'opensl'; did you mean 'openssl'?"),
    ("coverage nothing", "no coverage of 'nothing': own, openssl, boringssl, gnutls"),
    ("plants nosuch-plant", "no plant 'nosuch-plant': fuzz/plants/*.list have them"),
    ("plants own-record-lenght", "did you mean 'own-record-length'?"),
    ("rates helo", "no target 'helo'; did you mean 'hello'?"),
    ("--minimise helo", "no target 'helo'; did you mean 'hello'?"),
])
def test_wrong_words_are_told_in_a_line_before_anything_is_built(ci_fuzz, words, said):
    code, text = ci_fuzz(*words.split())
    assert code == 2 and said in text
    assert text.startswith("ci/fuzz: ") and text.count("\n") == 1


def test_right_words_are_built_for(ci_fuzz):
    assert "cannot build" in ci_fuzz("hello")[1]


def test_help_begins_with_what_there_is_to_do_and_needs_no_build(ci_fuzz):
    for words in (["--help"], ["hello", "-h"]):
        code, text = ci_fuzz(*words)
        assert code == 0
        assert text.startswith("usage: ci/fuzz TARGET…|COMMAND [NAME…|FILE…] [OPTION]…\n\nFuzzes this")
        assert "COMMANDS" not in text
        assert all(f"ci/fuzz {name} " in text for name in main.COMMANDS)
        assert all(f"{name} " in text or f"{name}]" in text for name in main.OPTIONS)


def test_the_list_needs_no_build_and_has_every_target(ci_fuzz):
    code, text = ci_fuzz("list")
    assert code == 0
    listed = [line.split()[0] for line in text.splitlines()]
    assert listed == common.TARGETS and {"hello", "gnutls-client", "careless-server"} < set(listed)


def test_the_targets_are_those_that_are_built_and_those_with_corpora():
    assert set(common.TARGETS) == {path.name for path in common.CORPORA.iterdir()}
    cmake = (common.FUZZ / "CMakeLists.txt").read_text()
    assert all(name in cmake for name in common.OWN)


@pytest.mark.parametrize("words, needs", [
    ("hello", ["fuzz"]),
    ("careless-client", ["fuzz"]),
    ("hello gnutls-client openssl-server", ["fuzz", "openssl", "gnutls"]),
    ("--time 5s differential-client", ALL),
    ("--time 5s smoke", ALL),
    ("differential", ALL),
    ("rates", ALL),
    ("rates hello", ["fuzz"]),
    ("--minimise", ALL),
    ("--minimise gnutls-client", ["fuzz", "gnutls"]),
    ("plants", ALL),
    ("plants own-record-length", ["fuzz"]),
    ("plants own-record-length boringssl-key-update", ["fuzz", "boringssl"]),
    ("plants boringssl-wrong-alert", ALL),
    ("coverage", ["coverage"]),
    ("coverage own openssl", ["coverage"]),
    ("coverage openssl", ["packages"]),
    ("list", []),
])
def test_what_is_needed_is_built_and_no_more(words, needs):
    assert needed(*words.split()) == needs


def test_an_input_says_by_its_folder_what_it_needs():
    path = next((common.CORPORA / "boringssl-client").iterdir())
    assert needed("repro", path) == ["fuzz", "boringssl"]
    assert needed("repro", path, "--target", "hello") == ["fuzz"]


def test_a_script_s_text_needs_all_stacks_whatever_it_is_called(tmp_path):
    assert needed("repro", next(differential.FINDINGS.glob("*.script"))) == ALL
    text = tmp_path / "text"
    text.write_text("# title: one\n\n# rfc: none\nvictim server\nskip 1\n")
    assert needed("repro", text) == needed("repro", text, "--target", "gnutls-server") == ALL
    assert needed("repro", text, "--target", "yaml") == ["fuzz"]
    for other in ("no script\nvictim server\n", "victim servers\n", "\n" * 9999):
        text.write_text(other)
        assert needed("repro", text, "--target", "gnutls-server") == ["fuzz", "gnutls"]
