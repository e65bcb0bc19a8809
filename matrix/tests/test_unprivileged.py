"""Somebody who is not root gets the same run: in a network namespace of its own, with a capture."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from e2e import OK, PROGRAM, cases_of, tlsmatrix

NOBODY = 65534

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="every other test is run by somebody who is not root already"
)


@pytest.fixture
def their_folder():
    """Below the temporary directory itself: nobody may enter what pytest makes for root. Our keys
    are in it, for making them takes longer than everything else."""
    folder = Path(tempfile.mkdtemp(prefix="tlsmatrix-nobody-"))
    tlsmatrix("pki", folder / "ours")
    cache = Path(os.environ.get("TLSMATRIX_CACHE", Path.home() / ".cache" / "tlsmatrix"))
    if cache.exists():
        shutil.copytree(cache, folder / "keys")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def as_nobody(folder, *words):
    done = tlsmatrix(
        f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", f"HOME={folder}",
        f"TLSMATRIX_CACHE={folder}/keys", PROGRAM, *words, program="setpriv", cwd=folder,
    )
    if "Permission denied" in done.err and not (folder / "run").exists():
        pytest.skip(f"nobody may not run {PROGRAM}")
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
