"""Somebody who is not root gets the same run: in a network namespace of its own, with a capture."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from e2e import BUILD, OK, USAGE, cases_of, complaint, tlsmatrix, write_profile

NOBODY = 65534

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="every other test is run by somebody who is not root already"
)


@pytest.fixture
def their_folder():
    """Below the temporary directory itself: nobody may enter what pytest makes for root, nor the home
    in which root's checkout may be. The command is installed in it, and our keys are copied, for
    making them takes longer than everything else."""
    cache = Path(os.environ.get("TLSMATRIX_CACHE", Path.home() / ".cache" / "tlsmatrix"))
    with tempfile.TemporaryDirectory(prefix="tlsmatrix-nobody-") as name:
        folder = Path(name)
        tlsmatrix("--install", BUILD, "--prefix", folder / "installed", program="cmake")
        tlsmatrix("pki", folder / "ours")
        shutil.copytree(cache / "keys", folder / "cache" / "keys")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        yield folder


def as_nobody(folder, *words):
    done = tlsmatrix(
        f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", f"HOME={folder}",
        f"TLSMATRIX_CACHE={folder}/cache", folder / "installed/bin/tlsmatrix", *words,
        program="setpriv", cwd=folder,
    )
    if "no network namespace" in done.err:
        pytest.skip("this kernel lets nobody have a user namespace")
    return done


@pytest.mark.parametrize("capture", ["none", "all"])
def test_a_run_needs_no_root(their_folder, capture):
    words = ["smoke", "--stacks", "openssl", "--out", their_folder / "run", "--json"]
    done = as_nobody(their_folder, "run", *words, "--capture", capture)
    assert done.status == OK, done.err
    assert {case.verdict for case in cases_of(their_folder / "run").values()} == {"pass"}
    assert (done.json["packets_captured"] > 0) == (capture == "all")


def test_a_file_that_may_not_be_read_is_told(their_folder):
    profile = write_profile(their_folder / "profile.yaml")
    words = [profile, "--stacks", "openssl"]
    assert as_nobody(their_folder, "plan", *words).status == OK
    profile.chmod(0)
    for command in (["plan"], ["run", "--out", their_folder / "run"]):
        said = complaint(as_nobody(their_folder, *command, *words), USAGE)
        assert said == f"{profile}: Permission denied"
    assert not (their_folder / "run").exists()


def test_a_folder_that_may_not_be_written_is_told(their_folder):
    (their_folder / "theirs").mkdir(mode=0o755)  # root's
    out = their_folder / "theirs" / "run"
    done = as_nobody(their_folder, "run", "smoke", "--stacks", "openssl", "--quiet", "--out", out)
    assert complaint(done, USAGE) == f"{out}: Permission denied"
