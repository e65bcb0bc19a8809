"""Does fuzzing find what it is there to find? Plants faults into a scratch copy, one at a time,
builds the target that should see it, and fuzzes from the committed corpora until it does.

A plant is a patch fuzz/plants/NAME.patch and a row in a table fuzz/plants/*.list:
NAME <tab> TARGET <tab> WHAT. Those of own.list are planted into this project, those of STACK.list
into the source of that stack's library, as fuzz/stacks/build has unpacked it. What is no error of
memory is found by what compares the stacks (TARGET differential-*): they disagree on a script on
which they do not, or not so, without the plant."""

import fcntl
import pathlib
import resource
import shutil
import subprocess
import time
from typing import NamedTuple

import crashes
import differential
import engine
from common import (CORPORA, FUZZ, ROOT, WORK, Broken, Usage, built_for, corpora_of,
                    environment_of, no_such, read_table, say, stack_and_role, write_table)

TREE = WORK / "plants" / "tree"
BUILT = TREE / "build-fuzz"
HEADER = ("| plant | target | what | found after (processor time) | as |", "|---|---|---|---|---|")
OWN = "own"
DEFAULT_SECONDS = 600


class Row(NamedTuple):
    """A plant: where it is planted is this project (OWN) or a stack's library."""
    where: str
    name: str
    target: str
    what: str

    @property
    def patch(self):
        return FUZZ / "plants" / f"{self.name}.patch"


def rows():
    out = []
    for table in sorted((FUZZ / "plants").glob("*.list")):
        for line in table.read_text().splitlines():
            if line and not line.startswith("#"):
                out.append(Row(table.stem, *line.split("\t")))
    return out


def run(what, *command):
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise Broken(f"{what}: {(done.stdout + done.stderr)[-1500:]}")


def take_lock():
    TREE.parent.mkdir(parents=True, exist_ok=True)
    lock = open(TREE.parent / "lock", "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Usage("plants are being planted by another process here") from None
    return lock


def copy_tree():
    """What git knows of, changed or not; the build folder stays from last time."""
    TREE.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, TREE / name
        if not source.is_file() or "/corpora/" in name:
            continue
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    run("cmake", "cmake", "--preset", "fuzz")


def compares(target):
    return stack_and_role(target)[0] == "differential"


def build(target):
    run(f"building {target}", "ninja", "-C", str(BUILT), f"fuzz-{target}", "fuzz-dictionary",
        *(["fuzz-differential"] if compares(target) else []))


def check_healthy(row):
    """What fails with nothing done to it is no plant: whatever a target does before its first
    input, and the empty input, go well."""
    program = BUILT / "fuzz" / f"fuzz-{row.target}"
    done = subprocess.run([program, "-runs=0"], cwd=WORK, env=environment_of(row.target),
                          capture_output=True, stdin=subprocess.DEVNULL, text=True,
                          errors="replace")
    if done.returncode != 0:
        raise Broken(f"{row.name}: {row.target} fails without any input: {done.stderr[-1500:]}")


class Disagreements:
    """What a target that compares the stacks writes into a folder, and what of it is the plant's:
    on which the stacks disagree so with it, and do not without."""

    def __init__(self, folder):
        self.folder, self.sizes, self.judged, self.found = folder, {}, set(), None
        folder.mkdir(parents=True)

    def written(self):
        """Those that have not grown since they were looked at last."""
        for path in sorted(self.folder.glob("*.script")):
            size = path.stat().st_size
            if path not in self.judged and self.sizes.get(path) == size > 0:
                yield path
            self.sizes[path] = size

    def enough(self):
        for path in self.written():
            self.judged.add(path)
            if not differential.shows(path) and differential.shows(path, BUILT):
                self.found = differential.signature(path)
                return True
        return False


def committed(target):
    """The corpora alone: an input that failed once finds what is like it, and too easily."""
    return [folder for folder in corpora_of(target) if folder.parent == CORPORA]


def hunt_crash(target, work, seconds, jobs):
    """What was found, by name; None."""
    result = engine.fuzz(target, [work / "corpus", *committed(target)], work / "crashes", seconds,
                         jobs, quiet=True, build=BUILT)
    if not result.failed:
        return None
    for path in sorted((work / "crashes").iterdir()):
        code, found = crashes.report_of(target, path, BUILT)
        if code == 0 or crashes.report_of(target, path)[0] != 0:
            continue  # not this plant: it does not fail again, or fails without it
        return crashes.name_of(found.replace(str(TREE), str(ROOT)))
    raise Broken(f"{work.name}: what failed does not fail with the plant alone")


def hunt_disagreement(target, work, seconds, jobs):
    seen = Disagreements(work / "found")
    result = engine.fuzz(target, [work / "corpus", *committed(target)], work / "crashes", seconds,
                         jobs, quiet=True, build=BUILT, extra=("-detect_leaks=0",),
                         env={"TLSMATRIX_DIFFERENTIAL_OUT": str(seen.folder)},
                         grace=differential.SEEDS_SECONDS, enough=seen.enough)
    if result.failed:
        raise Broken(f"{work.name}: {''.join(result.failed[0].log[-10:])}")
    if seen.found is None:  # what came last, looked at twice
        seen.enough() or seen.enough()
    return seen.found


def processor_seconds():
    """Of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hunt(name, target, seconds, jobs):
    """(how long it took, in words, or None: it survived; what was found)."""
    work = WORK / "plants" / name
    shutil.rmtree(work, ignore_errors=True)
    begin, used = time.monotonic(), processor_seconds()
    found = (hunt_disagreement if compares(target) else hunt_crash)(target, work, seconds, jobs)
    if found is None:
        return None, ""
    return f"{time.monotonic() - begin:.0f} s ({processor_seconds() - used:.0f} s)", found


def plant_own(row, hunting):
    run(f"{row.name} does not apply", "patch", "-p1", "--forward", "-i", str(row.patch))
    try:
        return hunting()
    finally:
        run(f"{row.name} does not come off", "patch", "-p1", "-R", "-i", str(row.patch))


def take_libraries(*what):
    """The tree's stacks are linked with these libraries from now on; returns their folder."""
    done = subprocess.run([ROOT / "fuzz" / "stacks" / "build", *what], stdout=subprocess.PIPE,
                          text=True)
    if done.returncode != 0:
        raise Broken(f"fuzz/stacks/build {' '.join(map(str, what))} fails")
    folder = done.stdout.splitlines()[-1]
    run("taking the libraries", "cmake", "--preset", "fuzz", f"-DTLSMATRIX_FUZZ_STACKS={folder}")
    return pathlib.Path(folder)


def plant_in_stack(row, hunting):
    folder = take_libraries("--stack", row.where, "--patch", row.patch)
    try:
        return hunting()
    finally:
        take_libraries("--stack", row.where)
        shutil.rmtree(folder)


def plant(row, options):
    def hunting():
        build(row.target)
        check_healthy(row)
        return hunt(row.name, row.target, options.time or DEFAULT_SECONDS, options.jobs)

    return (plant_own if row.where == OWN else plant_in_stack)(row, hunting)


def control(targets):
    """What is not planted must not be found: the committed corpora hold. Of a disagreement that is
    asked when it is found."""
    for target in targets:
        build(target)
        if compares(target):
            continue
        done = subprocess.run([BUILT / "fuzz" / f"fuzz-{target}", "-runs=0", CORPORA / target],
                              env=environment_of(target), capture_output=True,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Broken(f"{target}: fails on its corpus without a plant")


def table_of(before, fresh):
    """The table's lines: those of `before`, with the rows of `fresh` ({plant: line}) instead of
    theirs or beside them, in the order of the lists."""
    known = {line.split("`")[1]: line for line in before if line.startswith("| `")}
    known.update(fresh)
    return [*HEADER, *(known[row.name] for row in rows() if row.name in known)]


def chosen_rows(names):
    """Those of the names, or all."""
    all_rows = rows()
    known = [r.name for r in all_rows]
    for name in names:
        if name not in known:
            raise no_such("plant", name, known, "fuzz/plants/*.list have them")
    return [r for r in all_rows if not names or r.name in names]


def needs(options):
    return built_for({r.target for r in chosen_rows(options.names)})


def command_plants(options):
    chosen = chosen_rows(options.names)
    lock = take_lock()  # released with the process
    copy_tree()
    for stack in sorted({r.where for r in chosen} - {OWN}):
        take_libraries("--stack", stack)
    control(sorted({r.target for r in chosen}))
    say(f"{len(chosen)} plants, each for at most {options.time or DEFAULT_SECONDS} s")
    fresh, survived = {}, []
    for row in chosen:
        after, found = plant(row, options)
        if after is None:
            survived.append(row.name)
        after = after or "NOT FOUND"
        say(f"{row.name:36} {row.target:20} {after:>14}  {found}")
        fresh[row.name] = f"| `{row.name}` | {row.target} | {row.what} | {after} | {found} |"
    if options.write:
        write_table("plants", table_of(read_table("plants"), fresh))
    lock.close()
    say(f"survived: {', '.join(survived)}" if survived else f"all {len(chosen)} found")
    return 1 if survived else 0
