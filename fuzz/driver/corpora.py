"""The committed corpora: merged from what was found, small by construction."""

import shutil
import subprocess

from common import (CORPORA, WORK, Broken, environment_of, program, say, seeds,
                    target_names)

TOTAL_MAX = 3 * 1024 * 1024  # of all committed corpora
TARGET_MAX = 64 * 1024  # of one target: its smallest inputs count, the others are learnt again
INPUT_MAX = 8 * 1024  # of one committed input: what only a longer one reaches is not kept


def size_of(folder):
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def merge(target):
    """Committed, grown and first inputs into the fewest that reach as much."""
    old, new = CORPORA / target, WORK / "merged" / target
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    sources = [f for f in (old, WORK / target / "corpus", seeds(target)) if f.is_dir()]
    done = subprocess.run([program(target), "-merge=1",
                           f"-max_len={INPUT_MAX}", "-timeout=30", "-rss_limit_mb=2560", new,
                           *sources], env=environment_of(target), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise Broken(f"{target}: the merge failed:\n{done.stderr[-2000:]}")
    total = 0
    for path in sorted(new.iterdir(), key=lambda p: (p.stat().st_size, p.name)):
        total += path.stat().st_size
        if total > TARGET_MAX:
            path.unlink()
    shutil.rmtree(old, ignore_errors=True)
    shutil.move(new, old)
    say(f"{target:22} {len(list(old.iterdir())):5} inputs, {size_of(old) / 1024:7.0f} KiB")


def command_minimise(options):
    for target in options.names or target_names():
        merge(target)
    total = size_of(CORPORA)
    say(f"all corpora: {total / 1024:.0f} KiB of {TOTAL_MAX // 1024}")
    return 0 if total < TOTAL_MAX else 1
