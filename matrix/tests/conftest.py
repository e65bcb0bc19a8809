import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from e2e import BUILD, PROGRAM  # noqa: E402


# What somebody has added on this machine is not what is tested.
os.environ["TLSMATRIX_STACKS"] = ""


def pytest_report_header():
    return f"tlsmatrix: {PROGRAM}"


def pytest_sessionstart():
    if not os.access(PROGRAM, os.X_OK):
        raise pytest.UsageError(f"{PROGRAM}: build it first, or set TLSMATRIX_BUILD (now {BUILD})")


@pytest.fixture
def run_folder(tmp_path):
    """Where a run may go; it is not there yet."""
    return tmp_path / "run"


PROGRAMS = ("tcpdump", "unshare", "openssl", "curl", "wget", "gnutls-cli", "gnutls-serv", "nginx",
            "node", "chromium-headless-shell", "certutil")


def namespaces():
    """A network for the recording alone, and an /etc/hosts for it."""
    more = [] if os.geteuid() == 0 else ["-U", "--map-current-user", "--keep-caps"]
    return ["unshare", "-nm", *more]


@pytest.fixture(scope="session")
def recorded_programs(tmp_path_factory):
    """A folder with a capture of programs that fail against each other (recorded.py)."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    tried = subprocess.run([*namespaces(), "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no namespaces of one's own here: {tried.stderr.strip()}")
    folder = tmp_path_factory.mktemp("recorded")
    script = Path(__file__).parent / "recorded.py"
    done = subprocess.run([*namespaces(), "/usr/bin/python3", script, folder],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder
