import os
import sys
from pathlib import Path

import pytest

# The plugin and the helpers, wherever pytest was started.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

# What somebody has added on this machine is not what is tested.
os.environ["TLSMATRIX_STACKS"] = ""

from driven import Driver  # noqa: E402


@pytest.fixture
def driven(tmp_path):
    """driven("-k", …) runs pytest with the plugin; see driven.py."""
    return Driver(tmp_path)
