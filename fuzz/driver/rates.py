"""ci/fuzz rates: how fast each target is. Executions are counted against the processor time of the
target's own process, so that the figure is the same on a machine that others use too."""

import resource
import shutil

import engine
from common import WORK, corpora_of, say, target_names, write_table

MARK = "rates"
DEFAULT_SECONDS = 10  # of each target, behind its committed inputs


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(target, seconds):
    """(executions, processor seconds) of one process, its start and its first inputs included."""
    base = WORK / "rates" / target
    shutil.rmtree(base, ignore_errors=True)
    before = processor_seconds()
    result = engine.fuzz(target, [base / "corpus", *corpora_of(target)], base / "crashes", seconds,
                         quiet=True, grace=engine.START_MAX)
    return result.executions, processor_seconds() - before


def rows_of(measured):
    """The table, the targets as they are listed."""
    lines = ["| target | executions | processor s | executions/s |", "|---|---|---|---|"]
    return lines + [f"| {target} | {executions} | {seconds:.1f} | "
                    f"{executions / max(seconds, 0.1):.0f} |"
                    for target, executions, seconds in measured]


def command_rates(options):
    """All targets, or those that are named; --write puts the table of all into fuzz/README.md."""
    measured = []
    for target in options.names or target_names():
        measured.append((target, *measure(target, options.time or DEFAULT_SECONDS)))
        say(rows_of(measured)[-1])
    if options.write and not options.names:
        write_table(MARK, rows_of(measured))
    return 0
