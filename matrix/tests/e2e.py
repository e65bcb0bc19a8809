"""What the end-to-end tests share: the command, its results, profiles made for one test."""

import json
import os
import re
import sqlite3
import subprocess
from collections import namedtuple
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TLSMATRIX_BUILD", TREE / "build"))
PROGRAM = BUILD / "tlsmatrix"
PEERS = BUILD / "peers"
LIAR = f"liar={PEERS}/tlspeer-liar"

VERDICTS = {
    "pass", "fail", "inconclusive", "xfail", "xpass", "unsupported", "timeout", "crash",
    "harness-error",
}

OK, RED, USAGE, HARNESS, INTERRUPTED = 0, 1, 2, 3, 130


def stack_names():
    """The stacks that this build has."""
    names = (path.name.removeprefix("tlspeer-") for path in PEERS.glob("tlspeer-*"))
    return sorted(name for name in names if name not in ("liar", "null", "careless"))


class Done(namedtuple("Done", "status out err")):
    """A command that has ended."""

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


def tlsmatrix(*words, program=PROGRAM, **options):
    """Runs the command to its end; whatever it exits with, it must not die of a signal."""
    completed = subprocess.run(
        [str(word) for word in (program, *words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert completed.returncode >= 0, f"killed by signal {-completed.returncode}"
    return Done(completed.returncode, completed.stdout, completed.stderr)


class Running:
    """A command under way. Its progress is known by what it says, never by the clock."""

    def __init__(self, *words, **options):
        self.process = subprocess.Popen(
            [str(word) for word in (PROGRAM, *words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self.err = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def until_percent(self, percent):
        """Returns as soon as the command reports so much progress (it does so every 10 %)."""
        for line in self.process.stderr:
            self.err += line
            done = re.search(r" cases  (\d+) %", line)
            if done and percent <= int(done[1]) < 100:
                return
        raise AssertionError(f"ended before it said that it was at {percent} %: {self.err}")

    def children(self):
        """Process ids of what the command has started."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        out, err = self.process.communicate()
        return Done(self.process.returncode, out, self.err + err)


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def complaint(done, status=USAGE):
    """The one line on standard error of a command that refuses; nothing may be on the other."""
    assert done.status == status, done
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert line.startswith("tlsmatrix: ")
    return line.removeprefix("tlsmatrix: ")


Case = namedtuple("Case", "id planned verdict kind reason deviation sequence check client server")


def cases_of(folder, planned_only=True):
    """{id: Case} of a run, the facts of both ends parsed. The run may still be going on."""
    database = sqlite3.connect(f"file:{folder}/results.db?mode=ro", uri=True, timeout=10)
    try:
        rows = database.execute(
            "SELECT c.id, planned, verdict, kind, reason, deviation, sequence, check_name,"
            " f.json, g.json"
            " FROM cases c LEFT JOIN documents f ON f.id = c.client_facts"
            " LEFT JOIN documents g ON g.id = c.server_facts"
        )
        cases = [Case(*row[:8], *(text and json.loads(text) for text in row[8:])) for row in rows]
    finally:
        database.close()
    return {case.id: case for case in cases if case.planned or not planned_only}


def verdicts_of(folder):
    """{id: (verdict, kind, reason)}: what two runs of the same cases must agree on."""
    return {case.id: case[2:5] for case in cases_of(folder).values()}


def write_ids(path, ids):
    path.write_text("".join(case_id + "\n" for case_id in ids))
    return path


def write_profile(path, **axes):
    """A profile of one block with full coverage; axes that are not given have one plain value."""
    plain = {
        "version": ["tls1.3"], "suite": ["any"], "group": ["any"], "credential": ["rsa2048"],
        "auth": ["server"], "pin": ["off"],
    }
    values = {**plain, **axes}
    lines = ["title: made for a test", "blocks:", "  - name: only", "    coverage: full"]
    lines += [f"    {axis}: {json.dumps(words)}" for axis, words in values.items()]
    path.write_text("\n".join(lines) + "\n")
    return path
