"""What the commands of ci/fuzz share: where things are, which targets there are, what is said."""

import difflib
import os
import pathlib
import re
import shutil
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
STACKS = ("openssl", "boringssl", "gnutls")
OWN = {path.stem for path in (FUZZ / "targets").glob("*.c")}  # targets of our own parsers
TARGETS = sorted(OWN | {f"{stack}-{role}" for stack in (*STACKS, "careless", "differential")
                        for role in ("client", "server")})


class Usage(Exception):
    """The command is wrong: exit code 2."""


def no_such(what, name, known, where):
    """A Usage that names the nearest of `known`; where there is none, `where` they are."""
    near = difflib.get_close_matches(name, known, 1)
    return Usage(f"no {what} '{name}'" + (f"; did you mean '{near[0]}'?" if near else f": {where}"))


class Broken(Exception):
    """The harness itself failed: exit code 3."""


def say(*words):
    seconds = int(time.monotonic() - STARTED)
    print(f"[{seconds // 60:3}:{seconds % 60:02}]", *words, flush=True)


def seconds_of(text):
    """30, 30s, 5m, 1h: what libFuzzer takes for a limit, an int that is not 0."""
    match = re.fullmatch(r"([0-9]+)([smh]?)", text)
    seconds = int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]] if match else 0
    if not 0 < seconds < 2**31:
        raise Usage(f"'{text}' is no time to fuzz for: 30s, 5m, 1h")
    return seconds


def stack_and_role(target):
    """Of a target that plays scripts (fuzz/stacks); (None, None) of one of our own parsers. Stacks
    here are also `careless` and, all of them at once, `differential`."""
    match = re.fullmatch(r"(\w+)-(client|server)", target)
    return match.groups() if match else (None, None)


def target_names(build=BUILD):
    """Those that are built, by name."""
    return [name for name in TARGETS if os.access(program(name, build), os.X_OK)]


def check_targets(names):
    for name in names:
        if name not in TARGETS:
            raise no_such("target", name, TARGETS, "`ci/fuzz list` has them")
    return names


def built_for(targets):
    """What ci/fuzz has to build before these can run: a preset, and the stacks' libraries."""
    named = {stack_and_role(target)[0] for target in targets}
    return ["fuzz", *(s for s in STACKS if s in named or "differential" in named)]


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


def environment_of(target, **more):
    """A leak is for the stack's own target to find, not for the one that compares them."""
    if stack_and_role(target)[0] == "differential":
        more["ASAN_OPTIONS"] = "detect_leaks=0:allocator_may_return_null=1:exitcode=77"
    return environment(**more)


def corpora_of(target):
    """Where its committed inputs are: what compares the stacks plays what each of them plays."""
    stack, role = stack_and_role(target)
    others = STACKS if stack == "differential" else ()
    names = [target, *(f"{s}-{role}" for s in others)]
    return [CORPORA / name for name in names] + [REGRESSIONS / name for name in names]


def split_at_table(name, readme):
    """The text before the lines that `ci/fuzz NAME --write` writes, they, and the text behind."""
    marks = f"<!-- {name}: written by ci/fuzz {name} --write -->\n", f"<!-- end of {name} -->"
    before, rest = readme.read_text().split(marks[0])
    table, after = rest.split(marks[1])
    return before + marks[0], table, marks[1] + after


def read_table(name, readme=FUZZ / "README.md"):
    return split_at_table(name, readme)[1].splitlines()


def write_table(name, lines, readme=FUZZ / "README.md"):
    before, _, after = split_at_table(name, readme)
    readme.write_text(before + "\n".join([*lines, ""]) + after)


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
         "raw_hellos", "keylog", "credentials"}


def seeds(target):
    """The folder of first inputs of a target, made once: by fuzz-script of what a script can say,
    by fuzz/seeds.py from what is in the tree."""
    folder = WORK / "seeds" / target
    if folder.exists():
        return folder
    stack, role = stack_and_role(target)
    if stack is None:
        made = [sys.executable, FUZZ / "seeds.py", WORK / "seeds"]
    else:
        victim = "openssl" if stack == "differential" else stack
        made = [BUILD / "fuzz" / "fuzz-script", "seeds", victim, role, folder]
    done = subprocess.run(made, capture_output=True, text=True, errors="replace",
                          env=environment())
    if done.returncode != 0:
        raise Broken(f"{target}: no first inputs: {(done.stdout + done.stderr)[-1000:]}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def check_recorded(corpus):
    if not (corpus / "flights.list").is_file():
        raise Usage(f"--seeds {corpus}: no folder that `tlsmatrix run … --corpus` wrote")


def recorded_seeds(corpus):
    """Inputs of every target from what `tlsmatrix run --corpus` recorded; the folder that has a
    folder for each."""
    check_recorded(corpus)
    folder = WORK / "recorded"
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([sys.executable, FUZZ / "seeds.py", folder, corpus],
                          capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise Broken(f"--seeds {corpus}: {done.stderr[-1000:]}")
    return folder
