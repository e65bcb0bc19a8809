"""The tlsmatrix program: which one, with which options, and what it prints."""

import functools
import json
import os
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

LIST, RUN = "list", "run"

Passed = namedtuple("Passed", "name argument repeated commands help")

# Options of tlsmatrix that --tlsmatrix-NAME hands on, and to which of its commands.
PASSED = (
    Passed("select", "GLOB", True, {LIST}, "only cases whose id matches"),
    Passed("stacks", "A,B,…", False, {LIST, RUN}, "only these stacks"),
    Passed("stack", "NAME=COMMAND", True, {LIST, RUN}, "a stack driven by another worker program"),
    Passed("fault", "STACK=LIE", True, {RUN}, "tell a liar what to lie about"),
    Passed("capture", "POLICY", False, {RUN}, "record the run with tcpdump"),
    Passed("lanes", "N", False, {RUN}, "cases at a time"),
    Passed("deadline-ms", "N", False, {RUN}, "time for a case"),
)

USAGE, HARNESS = 2, 3  # exit codes; 0 and 1 tell of verdicts


class CommandFailed(Exception):
    """tlsmatrix could not do what it was asked; the text is its own line about it."""

    def __init__(self, completed):
        lines = completed.stderr.strip().splitlines()
        super().__init__(lines[-1] if lines else f"tlsmatrix: exit status {completed.returncode}")
        self.returncode = completed.returncode


def option_destination(name):
    return "tlsmatrix_" + name.replace("-", "_")


def add_options(group):
    for option in PASSED:
        group.addoption(
            "--tlsmatrix-" + option.name,
            dest=option_destination(option.name),
            metavar=option.argument,
            action="append" if option.repeated else "store",
            default=[] if option.repeated else None,
            help=option.help + (" (may be repeated)" if option.repeated else ""),
        )


def find_program(config):
    """--tlsmatrix-program, else $TLSMATRIX_BUILD, else the build of this tree, else PATH."""
    given = config.getoption("tlsmatrix_program")
    if given is not None:
        return given
    tree = Path(__file__).resolve().parents[3]
    build = Path(os.environ.get("TLSMATRIX_BUILD", tree / "build"))
    if os.access(build / "tlsmatrix", os.X_OK):
        return str(build / "tlsmatrix")
    found = shutil.which("tlsmatrix")
    if found is None:
        raise pytest.UsageError(
            f"no tlsmatrix in {build} or PATH: build it, or name it with --tlsmatrix-program"
        )
    return found


class Tlsmatrix:
    """The program with the options of this pytest session."""

    def __init__(self, config):
        self.program = find_program(config)
        self.options = {
            option.name: config.getoption(option_destination(option.name)) for option in PASSED
        }

    def arguments(self, command):
        words = []
        for option in PASSED:
            values = self.options[option.name]
            if command not in option.commands or not values:
                continue
            for value in values if option.repeated else [values]:
                words += ["--" + option.name, value]
        return words

    def call(self, *words, stderr=subprocess.PIPE):
        try:
            return subprocess.run(
                [self.program, *words],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise pytest.UsageError(f"{self.program}: {error.strerror}") from None

    def list(self, profile):
        """The ids of the profile's cases, in the profile's order."""
        completed = self.call("list", profile, "--json", *self.arguments(LIST))
        if completed.returncode != 0:
            raise CommandFailed(completed)
        return [json.loads(line)["id"] for line in completed.stdout.splitlines()]

    def run(self, id_file, directory):
        """Runs the cases in the file; returns the summary that `run --json` ends with."""
        completed = self.call(
            "run", "--ids", str(id_file), "--out", str(directory), "--json", "--quiet",
            *self.arguments(RUN),
        )
        if not completed.stdout:
            raise CommandFailed(completed)
        return json.loads(completed.stdout.splitlines()[-1])

    def show(self, directory, case_id):
        """A stored case for people: expectation with its RFC sections, facts of both ends."""
        completed = self.call("show", "--run", str(directory), case_id)
        return completed.stdout if completed.returncode == 0 else completed.stderr

    @functools.cached_property
    def deviations(self):
        """{id: why} of the known deviations."""
        completed = self.call("list", "--deviations", "--json")
        if completed.returncode != 0:
            raise CommandFailed(completed)
        return {entry["name"]: entry["why"] for entry in json.loads(completed.stdout)}

    def rerun_line(self, case_id):
        """What to type to see this case alone, again."""
        words = ["tlsmatrix", "rerun", "-v", case_id, *self.arguments(RUN)]
        return " ".join(quote(word) for word in words)


def quote(word):
    safe = all(char.isalnum() or char in "-./_=,:+" for char in word)
    return word if safe else "'" + word.replace("'", "'\\''") + "'"
