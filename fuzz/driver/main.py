"""Fuzzes this project's parsers and the TLS stacks: random bytes under sanitizers, guided by coverage.
What is found is kept in fuzz/regressions, minimised; then the exit code is 1.

  ci/fuzz smoke [--time 5m]                every target for its share of the time, from the
                                           committed corpora
  ci/fuzz TARGET… [--time 10m] [--jobs 2] [--seeds DIR]
                                           fuzzes these; what it learns stays in build-fuzz/work;
                                           DIR is what `tlsmatrix run … --corpus DIR` recorded
  ci/fuzz repro FILE… [--target NAME]      runs inputs once: the stack trace of those that fail,
                                           what a script says, and as a raw hello for the matrix
                                           where it changes the first flight alone; a script's
                                           text is played to all stacks
  ci/fuzz --minimise [TARGET…]             what was learnt into the committed corpora, few and small
  ci/fuzz coverage [own|STACK…]            the lines of our parsers, and of the stacks' record and
                                           handshake sources, that the corpora reach
  ci/fuzz plants [NAME…] [--time 10m] [--write]
                                           plants faults one by one and wants each found; --write
                                           puts their rows into the table of fuzz/README.md
  ci/fuzz differential [--time 10m] [--jobs 2]
                                           the same scripts to every stack: what they disagree on
                                           and no rule or finding covers
  ci/fuzz rates [TARGET…] [--time 10s] [--write]
                                           executions per second of processor time; --write puts
                                           the table into fuzz/README.md
  ci/fuzz list                             the targets

  --time 30|30s|5m|1h                      counts from the start of a target, but what there is is
                                           read first and to its end, which over a stack may take
                                           all of a short time and more
  --stack NAME [--source DIR]              with any of these: that stack's library from a source
                                           tree of your own; alone: both targets of the stack
"""
# The text above is what --help says. Each command is a function in a module of its own; a new one is
# a row in COMMANDS.

import argparse
import os
import pathlib
import shutil
import sys
import threading
import time
from typing import Callable, NamedTuple

import crashes
import corpora
import coverage
import differential
import engine
import plants
import rates
from common import (CORPORA, REGRESSIONS, ROOT, TARGETS, WORK, Broken, Usage, built_for,
                    check_recorded, check_targets, corpora_of, no_such, recorded_seeds, say,
                    seconds_of, seeds, stack_and_role, target_names)


def report(result, artifacts):
    """Keeps what failed, smallest form, and shows it. Returns 1 if something did."""
    found = 0
    for path in sorted(artifacts.glob("*")):
        if path.suffix in (".small", ".smallest"):
            continue
        kept = crashes.keep(result.target, path)
        if kept is not None:
            found = 1
            say(f"{result.target}: kept as {os.path.relpath(kept, ROOT)}")
            crashes.tell(result.target, kept)
        else:
            say(f"{result.target}: {path.name} did not fail again")
    if result.failed and not found:
        print("".join(result.failed[0].log[-40:]))
        found = 1
    return found


def command_fuzz(options):
    """Targets one after the other, each with all jobs."""
    found = 0
    if options.seeds:
        options.recorded = recorded_seeds(options.seeds)
    for target in options.names:
        artifacts = WORK / target / "crashes"
        shutil.rmtree(artifacts, ignore_errors=True)
        folders = [WORK / target / "corpus", *corpora_of(target), seeds(target)]
        if options.seeds:
            folders.append(options.recorded / target)
        result = engine.fuzz(target, folders, artifacts, options.time or 600, options.jobs)
        say(result.line())
        found |= report(result, artifacts)
    return found


STACK_WEIGHT = 4  # shares of a target with a library below: slower, and with more to reach
# A gate tries the same inputs in the same order, as far as its speed brings it: what somebody else's
# library does with new ones is for longer runs to find.
SMOKE_ALWAYS = ["-seed=1"]
START_SECONDS = 2  # what a target takes beside its share


def shares(targets, seconds):
    """Processor time dealt out: {target: seconds}."""
    weights = {t: STACK_WEIGHT if stack_and_role(t) != (None, None) else 1 for t in targets}
    unit = seconds / max(1, sum(weights.values()))
    return {t: max(1, int(weights[t] * unit) - START_SECONDS) for t in targets}


def command_smoke(options):
    """Every target, as many at once as there are jobs, the long ones first."""
    share = shares(target_names(), (options.time or 300) * options.jobs)
    say(f"{len(share)} targets, {min(share.values(), default=0)} to "
        f"{max(share.values(), default=0)} s each, {options.jobs} at once")
    waiting, found, lock = sorted(share, key=share.get, reverse=True), [], threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                target = waiting.pop(0)
            base = WORK / "smoke" / target
            shutil.rmtree(base, ignore_errors=True)
            result = engine.fuzz(target, [base / "corpus", *corpora_of(target)],
                                 base / "crashes", share[target], quiet=True,
                                 extra=SMOKE_ALWAYS, grace=engine.START_MAX)
            say(result.line())
            if result.failed and report(result, base / "crashes"):
                found.append(target)

    workers = [threading.Thread(target=work) for _ in range(options.jobs)]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.2)  # Ctrl-C in join() lets Python lose the thread
    except KeyboardInterrupt:
        waiting.clear()
        raise
    say(f"found something: {', '.join(found)}" if found else "nothing found")
    return 1 if found else 0


def command_list(_options):
    for target in TARGETS:
        print(f"{target:22} {len(list((CORPORA / target).glob('*'))):5} inputs, "
              f"{len(list((REGRESSIONS / target).glob('*'))):3} regressions")
    return 0


def no_names(options):
    if options.names:
        raise Usage(f"{options.first} takes no '{options.names[0]}'")


def needs_all(options):
    no_names(options)
    return built_for(TARGETS)


def needs_targets(options):
    """Of what is named, or of all."""
    if options.seeds:
        check_recorded(options.seeds)
    return built_for(check_targets(options.names) or TARGETS)


class Command(NamedTuple):
    """What it does, and what has to be built before: a preset and stacks' libraries. The latter
    checks what is asked for first."""
    run: Callable
    needs: Callable


COMMANDS = {
    "smoke": Command(command_smoke, needs_all),
    "repro": Command(crashes.command_repro, crashes.needs),
    "coverage": Command(coverage.command_coverage, coverage.needs),
    "plants": Command(plants.command_plants, plants.needs),
    "differential": Command(differential.command_differential, needs_all),
    "rates": Command(rates.command_rates, needs_targets),
    "list": Command(command_list, no_names),
}


OPTIONS = {  # --stack and --source are ci/fuzz's own
    "--time": {"type": seconds_of},
    "--jobs": {"type": int, "default": os.cpu_count()},
    "--seeds": {"type": pathlib.Path},
    "--target": {},
    "--write": {"action": "store_true"},
    "--minimise": {"action": "store_true"},
}


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message):
        raise Usage(message)


def parse(arguments):
    parser = Parser(usage="ci/fuzz TARGET…|COMMAND [NAME…|FILE…] [OPTION]…", description=__doc__,
                    allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    for name, how in OPTIONS.items():
        parser.add_argument(name, help=argparse.SUPPRESS, **how)
    for name, value in zip(arguments, arguments[1:]):
        if name == "--time":  # argparse would take -5s for an option
            seconds_of(value)
    options, unknown = parser.parse_known_intermixed_args(arguments)
    for name in unknown:
        raise no_such("option", name, [*OPTIONS, "--stack", "--source"],
                      "`ci/fuzz --help` has them")
    if options.jobs < 1:
        raise Usage("--jobs is at least 1")
    if not arguments:
        parser.print_help()
        raise SystemExit(2)
    if not options.words and not options.minimise:
        raise Usage("no target and no command: `ci/fuzz --help` has them")
    return options


def command_of(options):
    """The command; sets what it is for."""
    options.first, options.names = (options.words or [""])[0], options.words
    if options.minimise:
        return Command(corpora.command_minimise, needs_targets)
    if options.first in COMMANDS:
        options.names = options.words[1:]
        return COMMANDS[options.first]
    if options.first not in TARGETS:
        raise no_such("target or command", options.first, [*COMMANDS, *TARGETS],
                      "`ci/fuzz list` has the targets, `ci/fuzz --help` the commands")
    return Command(command_fuzz, needs_targets)


def main():
    """With --needs first: only checks the words, and prints what they need built."""
    arguments = sys.argv[1:]
    only_needs = arguments[:1] == ["--needs"]
    try:
        options = parse(arguments[only_needs:])
        command = command_of(options)
        needed = command.needs(options)
        if only_needs:
            print(*needed or [])
            return 0
        return command.run(options)
    except Usage as error:
        print(f"ci/fuzz: {error}", file=sys.stderr)
        return 2
    except Broken as error:
        print(f"ci/fuzz: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt as error:
        print("; ".join(["ci/fuzz: ended", *error.args]), file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
