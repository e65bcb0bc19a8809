"""Runs the plugin in a pytest of its own, over real stacks."""

import os
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TREE = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("TLSMATRIX_BUILD", TREE / "build"))
# Not the home directory that pytester makes: its keys would have to be made anew for every test.
os.environ.setdefault("TLSMATRIX_CACHE", str(Path.home() / ".cache" / "tlsmatrix"))
LIAR = f"liar={BUILD}/peers/tlspeer-liar"

PROFILE = """\
title: a few cases of several kinds
blocks:
  - name: few
    coverage: full
    version: [tls1.3]
    suite: [aes128gcm]
    group: [x25519]
    credential: [rsa2048, rsapss2048]
    auth: [server, mutual, mutual-none-sent]
    pin: ["off", leaf-wrong]
"""

# A lie that tlspeer-liar can tell, written down as if it were known.
DEVIATIONS = """\
stack: liar
deviations:
  - id: liar.other-suite
    release: "*"
    select: "openssl-liar/*/server/off"
    kind: ends-disagree
    observed: "suite 0x1301, server: 0x1302"
    reason: it says another suite than the ServerHello
    link: RFC 8446 section 4.1.3
"""


@pytest.fixture
def driven(pytester, monkeypatch):
    """driven("-k", …) runs the profile above and returns pytester's result."""
    monkeypatch.setenv("PYTHONPATH", str(TREE / "harness" / "driver"))
    monkeypatch.setenv("TLSMATRIX_BUILD", str(BUILD))
    profile = pytester.path / "few.yaml"
    profile.write_text(PROFILE)

    def run(*arguments, stacks="openssl,boringssl"):
        words = ["-p", "tlsmatrix_pytest", "--tlsmatrix-profile", str(profile)]
        if stacks is not None:
            words += ["--tlsmatrix-stacks", stacks]
        return pytester.runpytest_subprocess(*words, *arguments)

    return run


@pytest.fixture
def known_deviation(tmp_path, monkeypatch):
    """tlsmatrix reads its data from a copy in which the deviation above is known."""
    (tmp_path / "matrix" / "deviations").mkdir(parents=True)
    (tmp_path / "matrix" / "deviations" / "liar.yaml").write_text(DEVIATIONS)
    (tmp_path / "peers").symlink_to(TREE / "peers")
    monkeypatch.setenv("TLSMATRIX_DATA", str(tmp_path))


@pytest.fixture
def junit(pytester):
    """The test cases of a JUnit file by name."""

    def read(path):
        return {case.get("name"): case for case in xml.parse(path).iter("testcase")}

    return read
