"""ci/stacks: what it refuses, and that an archive out of reach is a failure of its own. What it does
where the archive is there, is a check of .ci/run."""

import os
import subprocess

import pytest
from e2e import HARNESS, TREE, USAGE

COMMAND = TREE / "ci/stacks"
NOBODY = "http://127.0.0.1:9"  # the port of discard, where nobody listens


def stacks(*words, **more):
    return subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, **more})


@pytest.mark.parametrize("words, told", [
    ((), "is no distribution here"),
    (("ubuntu", "noble", "openssl"), "'ubuntu' is no distribution here"),
    (("debian",), "'' is no release's name"),
    (("debian", "Trixie", "openssl"), "'Trixie' is no release's name"),
    (("debian", "trixie"), "which of "),
    (("debian", "trixie", "openssl", "mbedtls"), "no API 'mbedtls'"),
    (("debian", "trixie", "openssl", "--into"), "--into wants a folder"),
    (("debian", "trixie", "openssl", "--int"), "what is '--int'?"),
])
def test_wrong_words_are_told_in_a_line(words, told):
    done = stacks(*words)
    assert done.returncode == USAGE and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("ci/stacks: ") and told in line


def test_an_archive_out_of_reach_is_a_failure(tmp_path):
    folder = tmp_path / "stacks"
    done = stacks("debian", "trixie", "openssl", "--into", tmp_path / "roots",
                  TLSMATRIX_DEBIAN_MIRROR=NOBODY, TLSMATRIX_STACKS=str(folder))
    assert done.returncode == HARNESS, done
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ci/stacks: debian trixie cannot be had from {NOBODY}: E: ")
    assert not folder.exists()
    assert not (tmp_path / "roots/debian-trixie/openssl").exists()
