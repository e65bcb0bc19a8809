"""Which lines of our parsers the corpora reach: llvm-cov, as text and HTML."""

import os
import subprocess

from common import CORPORA, REGRESSIONS, ROOT, Broken, say

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
NOT = r"(/tests/|tcpdump\.c|pcapng_write\.c|captures/splitter\.c|raw/player\.c|raw/end\.c|relay/path\.c)"


def run_corpora():
    profiles = []
    for replay in sorted((BUILD / "fuzz").glob("fuzz-*-replay")):
        name = replay.name[len("fuzz-"):-len("-replay")]
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
                           f"-instr-profile={OUT}/all.profdata", f"-ignore-filename-regex={NOT}",
                           *more, *(ROOT / p for p in PARSERS)], check=True, capture_output=True,
                          text=True).stdout


def command_coverage(options):
    OUT.mkdir(parents=True, exist_ok=True)
    profiles = run_corpora()
    subprocess.run(["llvm-profdata", "merge", "-o", OUT / "all.profdata",
                    *(profile for _, profile in profiles)], check=True)
    report = llvm_cov("report", profiles, "-show-region-summary=0", "-show-branch-summary=0")
    (OUT / "coverage.txt").write_text(report)
    llvm_cov("show", profiles, "-format=html", f"-output-dir={OUT}/html")
    print(report)
    say(f"{OUT}/coverage.txt, {OUT}/html/index.html")
    return 0
