"""Runs pytest with the plugin over a small profile and real stacks, and reads what it says."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from fnmatch import fnmatchcase
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("TLSMATRIX_BUILD", TREE / "build"))
LIAR = f"liar={BUILD}/peers/tlspeer-liar"

# Each stack with itself has 10 cases, of which 5 with RSA-PSS, which BoringSSL does not have.
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
    observed: "reports suite 0x1302; on the wire it was 0x1301"
    reason: it says another suite than the ServerHello
    link: RFC 8446 section 4.1.3
"""


OUTCOMES = "passed|failed|error|skipped|xfailed|deselected"


class Driven:
    """What a pytest run came to: exit status, lines, and {outcome: number} of its last line."""

    def __init__(self, completed):
        self.status = completed.returncode
        self.lines = completed.stdout.splitlines()
        self.errors = completed.stderr.splitlines()
        counts = re.findall(rf"(\d+) ({OUTCOMES})", self.lines[-1] if self.lines else "")
        self.outcomes = {outcome: int(number) for number, outcome in counts}

    def says(self, *patterns):
        """Asserts that lines match the patterns, in this order, others between them."""
        lines = iter(self.lines)
        for pattern in patterns:
            assert any(fnmatchcase(line, pattern) for line in lines), (
                f"no line (further down) matches {pattern!r}:\n" + "\n".join(self.lines)
            )


class Driver:
    """Runs pytest in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.kept = folder / "kept"
        self.environment = dict(
            os.environ, PYTHONPATH=str(TREE / "harness" / "driver"), TLSMATRIX_BUILD=str(BUILD)
        )
        self.environment.pop("PYTEST_ADDOPTS", None)
        (folder / "few.yaml").write_text(PROFILE)
        (folder / "pytest.ini").write_text("[pytest]\n")

    def know_deviation(self):
        """tlsmatrix reads its data from a folder in which the deviation above is known."""
        data = self.folder / "data"
        (data / "matrix" / "deviations").mkdir(parents=True)
        (data / "matrix" / "deviations" / "liar.yaml").write_text(DEVIATIONS)
        (data / "matrix" / "hellos").symlink_to(TREE / "matrix" / "hellos")
        (data / "peers").symlink_to(TREE / "peers")
        self.environment["TLSMATRIX_DATA"] = str(data)

    def __call__(self, *arguments, stacks="openssl,boringssl"):
        words = [sys.executable, "-m", "pytest", "-p", "tlsmatrix_pytest"]
        words += ["--tlsmatrix-profile", "few.yaml"]
        if stacks is not None:
            words += ["--tlsmatrix-stacks", stacks]
        return Driven(
            subprocess.run(
                [*words, *arguments],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        )

    def junit(self, name):
        """The test cases of a JUnit file, by name."""
        return {case.get("name"): case for case in xml.parse(self.folder / name).iter("testcase")}
