"""Somebody who is not root gets the same run: in a network namespace of its own, with a capture;
where user namespaces are forbidden, without one, or with what the relay writes down."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from e2e import BUILD, OK, USAGE, cases_of, complaint, tlsmatrix, write_profile

NOBODY = 65534

# In a user namespace that allows none below it, with no capability left.
LOCKED = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--keep-caps", "sh", "-c",
          'echo 0 > /proc/sys/user/max_user_namespaces && '
          'exec setpriv --ambient-caps=-all --inh-caps=-all "$@"', "sh"]

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


def as_nobody(folder, *words, lock=()):
    done = tlsmatrix(
        f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *lock, "env", f"HOME={folder}",
        f"TLSMATRIX_CACHE={folder}/cache", folder / "installed/bin/tlsmatrix", *words,
        program="setpriv", cwd=folder,
    )
    if "unshare: " in done.err or (not lock and "no network namespace" in done.err):
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


def run_locked(folder, *words):
    return as_nobody(folder, "run", "smoke", "--stacks", "openssl", "--out", folder / "run", "--json",
                     *words, lock=LOCKED)


def test_without_the_right_to_anything_it_is_said_and_run_without(their_folder):
    done = run_locked(their_folder)
    assert done.status == OK, done.err
    shared, unrecorded = done.err.splitlines()[:2]
    assert shared.endswith("user namespaces are not allowed here; the run shares the machine's "
                           "loopback")
    assert "cannot capture" in unrecorded and unrecorded.endswith("the run is not recorded")
    assert {case.verdict for case in cases_of(their_folder / "run").values()} == {"pass"}
    assert done.json["packets_captured"] == 0


def test_without_the_right_to_anything_the_relay_records(their_folder):
    done = run_locked(their_folder, "--capture", "all", "--capture-from", "relay")
    assert done.status == OK, done.err
    assert "user namespaces are not allowed here" in done.err.splitlines()[0]
    assert {case.verdict for case in cases_of(their_folder / "run").values()} == {"pass"}
    counts = done.json
    assert counts["captures_kept"] == counts["captures_whole"] == counts["captures_decrypted"] > 10


def test_without_the_right_to_anything_who_insists_on_the_network_is_refused(their_folder):
    done = run_locked(their_folder, "--capture", "all")
    assert done.status == USAGE and "cannot capture" in done.err
