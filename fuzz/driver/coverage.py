"""Which lines of our parsers and of the stacks' sources the corpora reach: llvm-cov, as text and
HTML. The stacks' part is fuzz/stacks/coverage."""

import os
import re
import subprocess

from common import CORPORA, FUZZ, OWN, REGRESSIONS, ROOT, STACKS, Broken, no_such, say
from lines import counts, percent

BUILD = ROOT / "build-coverage"
OUT = BUILD / "fuzz-coverage"
# The parsers: what of the tree reads bytes that somebody else wrote.
PARSERS = [
    "harness/wire", "harness/control/capabilities.c", "harness/control/endpoint.c",
    "harness/control/facts.c", "harness/control/fields.c", "harness/yaml", "captures",
    "peers/common/bank.c", "peers/minihttps/minihttps.c", "peers/minihttps/primitives.c",
    "peers/minihttps/base64_file.c", "peers/minihttps/certificate.c", "matrix/case.c",
    "matrix/case_value.c", "matrix/profile.c", "matrix/profile_words.c", "matrix/deviations.c",
    "matrix/story.c", "matrix/acceptance.c", "matrix/raw", "matrix/relay",
    "matrix/reproduce/recipe_file.c",
]
# What lies in these folders and reads nothing, or no bytes.
NOT = (r"(/tests/|tcpdump\.c|pcapng_write\.c|captures/splitter\.c|raw/player\.c|raw/end\.c|relay/path\.c"
       r"|relay/attacks|relay/actions\.c|synthetic\.c|segment_write\.c)")


def run_corpora():
    profiles = []
    for name in sorted(OWN):
        replay = BUILD / "fuzz" / f"fuzz-{name}-replay"
        profile = OUT / f"{name}.profraw"
        done = subprocess.run([replay, CORPORA / name, REGRESSIONS / name],
                              env=dict(os.environ, LLVM_PROFILE_FILE=str(profile)),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f"{name}: {done.stderr[-500:]}")
        say(done.stdout.strip())
        profiles.append((replay, profile))
    return profiles


def llvm_cov(command, profiles, *more):
    objects = [x for replay, _ in profiles[1:] for x in ("-object", replay)]
    return subprocess.run(["llvm-cov", command, profiles[0][0], *objects,
                           f"-instr-profile={OUT}/all.profdata", *more], check=True,
                          capture_output=True, text=True).stdout


def is_parser(path):
    """Is it one of PARSERS, or below one?"""
    inside = str(path).startswith(f"{ROOT}/")
    within = inside and any(p in (path, *path.parents) for p in (ROOT / q for q in PARSERS))
    return within and path.suffix == ".c" and not re.search(NOT, str(path))


def report_of(counts):
    """The files, the darkest first, and their sum."""
    rows = sorted(((reached / lines, path.relative_to(ROOT), lines, reached)
                   for path, (_, lines, reached) in counts.items() if lines > 0),
                  key=lambda row: row[:2])
    text = [f"{percent(lines, reached)}  {reached:6} of {lines:6}  {path}"
            for _, path, lines, reached in rows]
    lines, reached = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return "\n".join([*text, f"{percent(lines, reached)}  {reached:6} of {lines:6}  our parsers"])


def own_parsers():
    OUT.mkdir(parents=True, exist_ok=True)
    profiles = run_corpora()
    subprocess.run(["llvm-profdata", "merge", "-o", OUT / "all.profdata",
                    *(profile for _, profile in profiles)], check=True)
    found = {path: count for path, count in
             counts(llvm_cov("export", profiles, "-format=lcov")).items() if is_parser(path)}
    report = report_of(found)
    (OUT / "coverage.txt").write_text(report + "\n")
    llvm_cov("show", profiles, "-format=html", f"-output-dir={OUT}/html",
             *(name for name, _, _ in found.values()))
    print(report)
    say(f"{OUT}/coverage.txt, {OUT}/html/index.html")


def needs(options):
    """Of the stacks fuzz/stacks/coverage builds what it needs."""
    known = ["own", *STACKS]
    for name in options.names:
        if name not in known:
            raise no_such("coverage of", name, known, ", ".join(known))
    return ["coverage"] if "own" in options.names or not options.names else ["packages"]


def command_coverage(options):
    """Of what is named, or of all."""
    chosen = options.names or ["own", *STACKS]
    if "own" in chosen:
        own_parsers()
    words = [word for name in STACKS if name in chosen for word in ("--stack", name)]
    if words and subprocess.run([FUZZ / "stacks" / "coverage", *words],
                                stdin=subprocess.DEVNULL).returncode != 0:
        raise Broken("no coverage of the stacks (the reason is above)")
    return 0
