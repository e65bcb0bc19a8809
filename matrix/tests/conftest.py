import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from e2e import BUILD, PROGRAM  # noqa: E402


def pytest_report_header():
    return f"tlsmatrix: {PROGRAM}"


def pytest_sessionstart():
    if not os.access(PROGRAM, os.X_OK):
        raise pytest.UsageError(f"{PROGRAM}: build it first, or set TLSMATRIX_BUILD (now {BUILD})")


@pytest.fixture
def run_folder(tmp_path):
    """Where a run may go; it is not there yet."""
    return tmp_path / "run"
