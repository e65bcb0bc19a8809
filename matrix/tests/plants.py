"""What the harness is known to notice: every carelessness of peers/careless and every lie of
peers/liar, planted one at a time, with real stacks at the other end.

A plant is caught if each of its cases comes out with the verdict and the kind of failure that its
row names, and if the very same cases are green where nothing is planted. ci/plants runs this;
test_plants.py tests it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import namedtuple
from fnmatch import fnmatchcase
from pathlib import Path

from e2e import HARNESS, LIAR, OK, PEERS, PROGRAM, RED, TREE, cases_of, write_ids
from test_liar import LIES, WRONG_PSK

CARELESS = PEERS / "tlspeer-careless"
TABLE = TREE / "matrix" / "PLANTS.md"
STACKS = "openssl,boringssl,gnutls"
DEADLINE_MS = 4000  # what a case costs whose ends wait for each other

Plant = namedtuple("Plant", "peer name text references catches")
Catch = namedtuple("Catch", "case verdict kind reason")  # reason: a glob


class Broken(Exception):
    """The harness itself failed: no word about plants."""


def plants():
    """The table of peers/careless (plants.c), which names its cases itself."""
    listed = subprocess.run([CARELESS, "plants", "--json"], capture_output=True, check=True)
    return [
        Plant("careless", row["name"], row["text"], row["references"],
              [Catch(case, "fail", row["kind"], "*") for case in row["cases"]])
        for row in json.loads(listed.stdout)
    ]


def lies():
    """The table of peers/liar (lies.c), with the cases of test_liar.py."""
    listed = subprocess.run([PEERS / "tlspeer-liar", "lies"], capture_output=True, text=True,
                            check=True)
    texts = dict(line.split(maxsplit=1) for line in listed.stdout.splitlines())
    # Where OpenSSL has the wrong alert, the liar, which is OpenSSL, has no green twin.
    told = [lie for lie in LIES if lie.case != WRONG_PSK]
    names = dict.fromkeys(lie.name for lie in told)
    return [
        Plant("liar", name, texts[name], "",
              [Catch(f"{lie.pair}/{lie.case}", lie.verdict, lie.kind, lie.reason)
               for lie in told if lie.name == name])
        for name in names
    ]


def run(folder, ids, peer, plant=None):
    """{id: case} of a run with this planted into the peer; nothing if None."""
    folder.mkdir()
    words = ["--fault", f"{peer}={plant}"] if plant else []
    stack = LIAR if peer == "liar" else f"careless={CARELESS}"
    done = subprocess.run(
        [PROGRAM, "run", "--ids", write_ids(folder / "ids", ids), "--out", folder / "run",
         "--stacks", STACKS, "--stack", stack, "--deadline-ms", str(DEADLINE_MS), "--quiet",
         *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if not (folder / "run" / "results.db").exists():
        raise Broken(f"{plant or 'nothing planted'}: {done.stderr.strip() or done.stdout.strip()}")
    return cases_of(folder / "run")


def misses(plant, cases):
    """Why it is not caught, line by line; nothing where it is."""
    if not plant.catches:
        yield "no case would show it"
    for catch in plant.catches:
        case = cases.get(catch.case)
        if case is None:
            yield f"{catch.case}: was not run"
        elif (case.verdict, case.kind) != (catch.verdict, catch.kind) or not fnmatchcase(
                case.reason, catch.reason):
            yield (f"{catch.case}: {case.verdict} {case.kind} ({case.reason});"
                   f" expected: {catch.verdict} {catch.kind}")


def survey(chosen, folder, out=sys.stdout, checks=None, brief=False):
    """Runs them all; how many were missed, the careful twin counted as one. `checks` receives the
    judge's check for each (peer, plant, case). `brief`: nothing is told of what was caught."""
    missed = 0
    for peer in dict.fromkeys(plant.peer for plant in chosen):
        ids = sorted({catch.case for p in chosen if p.peer == peer for catch in p.catches})
        twins = run(folder / f"{peer}-careful", ids, peer)
        red = [case for case in twins.values() if case.verdict != "pass"]
        missed += bool(red or len(twins) != len(ids))
        print(f"{peer}, nothing planted: {len(ids) - len(red)} of {len(ids)} cases green", file=out)
        for case in red:
            print(f"  RED {case.id}: {case.verdict} {case.kind} ({case.reason})", file=out)
        for plant in (p for p in chosen if p.peer == peer):
            missed += not show(plant, folder, out, {} if checks is None else checks, brief)
    return missed


def show(plant, folder, out, checks, brief):
    """Runs one; was it caught?"""
    ids = [catch.case for catch in plant.catches]
    cases = run(folder / f"{plant.peer}-{plant.name}", ids, plant.peer, plant.name) if ids else {}
    wrong = list(misses(plant, cases))
    num_red = sum(case.verdict != "pass" for case in cases.values())
    verdict = "SURVIVED" if wrong else "caught"
    if wrong or not brief:
        print(f"{verdict:8} {plant.peer}: {plant.name}: {num_red} red: {plant.text}", file=out)
    for line in wrong:
        print(f"    MISSED {line}", file=out)
    for catch in plant.catches if not wrong else ():
        case = cases[catch.case]
        checks[plant.peer, plant.name, case.id] = case.check
        if not brief:
            print(f"    {case.verdict} {case.kind}, by {case.check}: {case.id}: {case.reason}", file=out)
    return not wrong


def by(check):
    return f" ({check})" if check else ""


def markdown(every, checks):
    """The table for people; test_plants.py holds it against the rows, but for the checks."""
    title = {"careless": "Left out by `peers/careless`", "liar": "Told by `peers/liar`"}
    yield "# Plants: what the harness is known to notice"
    yield ""
    yield "`ci/plants` plants each of these alone, and wants each of the cases red, of this kind;"
    yield "with nothing planted the same cases are green. In brackets the judge's check that saw it."
    yield "Written by `ci/plants --write`."
    for peer in dict.fromkeys(plant.peer for plant in every):
        yield ""
        yield f"## {title[peer]}"
        yield ""
        yield "| plant | what it does | against | caught as | in |"
        yield "| --- | --- | --- | --- | --- |"
        for plant in (p for p in every if p.peer == peer):
            kinds = "<br>".join(dict.fromkeys(c.kind or c.verdict for c in plant.catches))
            cases = "<br>".join(
                f"`{c.case}`{by(checks.get((plant.peer, plant.name, c.case)))}"
                for c in plant.catches)
            yield f"| {plant.name} | {plant.text} | {plant.references} | {kinds} | {cases} |"


def main():
    parser = argparse.ArgumentParser(prog="ci/plants", description="Plants what the harness has"
                                     " to notice, one at a time.")
    parser.add_argument("plant", nargs="*", help="only these; all if none is named")
    parser.add_argument("--write", action="store_true", help="and write what was found into matrix/PLANTS.md")
    parser.add_argument("--brief", action="store_true", help="tell only what is missed, and the number")
    wanted = parser.parse_args()
    every = plants() + lies()
    unknown = sorted(set(wanted.plant) - {plant.name for plant in every})
    if unknown:
        parser.error(f"no such plant: {', '.join(unknown)}")
    if wanted.write and wanted.plant:
        parser.error("--write is for all plants together")
    chosen = [plant for plant in every if not wanted.plant or plant.name in wanted.plant]
    with tempfile.TemporaryDirectory(prefix="tlsmatrix-plants.") as folder:
        checks = {}
        missed = survey(chosen, Path(folder), checks=checks, brief=wanted.brief)
    if wanted.write and not missed:
        TABLE.write_text("\n".join(markdown(every, checks)) + "\n")
    print(f"{len(chosen)} plants, {missed} missed" if missed else f"{len(chosen)} plants, all caught")
    return RED if missed else OK


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Broken, OSError, subprocess.CalledProcessError) as problem:
        print(f"ci/plants: {problem}", file=sys.stderr)
        sys.exit(HARNESS)
