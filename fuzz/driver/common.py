"""What the commands of ci/fuzz share: where things are, which targets there are, what is said."""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
CORPORA = FUZZ / "corpora"
REGRESSIONS = FUZZ / "regressions"
BUILD = ROOT / "build-fuzz"
WORK = BUILD / "work"  # what is no one's to commit: grown corpora, seeds, crashes
INPUT_MAX = 128 * 1024  # FUZZ_INPUT_MAX in common/fuzz.h
STARTED = time.monotonic()
TOOLS = {"fuzz-dictionary", "fuzz-script"}  # programs beside the targets


class Usage(Exception):
    """The command is wrong: exit code 2."""


class Broken(Exception):
    """The harness itself failed: exit code 3."""


def say(*words):
    seconds = int(time.monotonic() - STARTED)
    print(f"[{seconds // 60:3}:{seconds % 60:02}]", *words, flush=True)


def seconds_of(text):
    """30, 30s, 5m, 1h."""
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if match is None:
        raise Usage(f"'{text}' is no time: 30s, 5m, 1h")
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def target_names(build=BUILD):
    """Those that are built, by name."""
    programs = sorted((build / "fuzz").glob("fuzz-*"))
    return [p.name[len("fuzz-"):] for p in programs
            if p.is_file() and os.access(p, os.X_OK) and p.name not in TOOLS]


def check_targets(names, build=BUILD):
    known = target_names(build)
    for name in names:
        if name not in known:
            raise Usage(f"there is no target '{name}'; `ci/fuzz list` has them")
    return names


def program(target, build=BUILD):
    return build / "fuzz" / f"fuzz-{target}"


def environment(**more):
    """Sanitizers stop at the first finding, with a stack trace that names functions."""
    WORK.joinpath("tmp").mkdir(parents=True, exist_ok=True)
    given = dict(os.environ)
    given.update(
        TMPDIR=str(WORK / "tmp"),
        ASAN_SYMBOLIZER_PATH="/usr/bin/llvm-symbolizer",
        ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1:exitcode=77",
        UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:exitcode=77",
        LLVM_PROFILE_FILE=os.devnull,
    )
    given.update(more)
    return given


def dictionary(target, build=BUILD):
    """Made by fuzz-dictionary: bytes for what reads the wire, words for what reads text."""
    text = (FUZZ / "dictionaries" / f"{target}.dict").exists()
    path = WORK / ("words.dict" if target in TEXTS else "wire.dict")
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        command = [build / "fuzz" / "fuzz-dictionary"] + (["--text"] if target in TEXTS else [])
        path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return FUZZ / "dictionaries" / f"{target}.dict" if text else path


# Targets whose input is text: their dictionary is of names.
TEXTS = {"control", "recipe", "yaml", "profile", "story", "deviations", "acceptance", "case_id",
         "raw_hellos", "keylog"}


def seeds(target):
    """The folder of first inputs of a target, made from what is in the tree (fuzz/seeds.py)."""
    folder = WORK / "seeds"
    if not folder.exists():
        subprocess.run([sys.executable, FUZZ / "seeds.py", folder], check=True)
    (folder / target).mkdir(parents=True, exist_ok=True)
    return folder / target
