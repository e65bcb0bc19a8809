"""libFuzzer at work on one target: as many processes as jobs, over one growing corpus."""

import os
import re
import subprocess
import threading
import time

from common import (INPUT_MAX, ROOT, Broken, dictionary, environment_of, program, say,
                    stack_and_role)

PULSE_SECONDS = 15
STOP_SECONDS = 10
START_MAX = 600  # for the first inputs, which no time limit cuts short
FOUND_CODES = (77, 70, 71, -6, -11)  # libFuzzer's: crash, timeout, memory; SIGABRT, SIGSEGV
INTERRUPTED = 72  # Ctrl-C goes to the jobs too
STATUS = re.compile(rb"#(\d+)\s+\S+.*?cov: (\d+) ft: (\d+) corp: (\d+)/(\S+).*?exec/s: (\d+)")
LIMITS = ["-timeout=30", "-rss_limit_mb=2560", f"-max_len={INPUT_MAX // 2}", "-len_control=100"]
# Where a library is below, libFuzzer's weighing of inputs by rare features takes more of the time
# (a seventh of it over OpenSSL) than it finds more.
OF_STACKS = ["-entropic=0"]


class Job(threading.Thread):
    """One process; keeps its last status, its last words, and how many runs it had had when all
    that there is was read (None: it still reads)."""

    def __init__(self, command, env):
        super().__init__(daemon=True)
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.status = self.read = None
        self.log = []
        self.start()

    def run(self):
        for line in self.process.stderr:
            found = STATUS.search(line)
            if found:
                self.status = [x.decode() for x in found.groups()]
                if b"\tINITED " in line:
                    self.read = int(self.status[0])
            else:
                self.log = self.log[-2000:] + [line.decode(errors="replace")]

    def stop(self):
        """Ends it: politely, that it says its last words, but it may be locked in itself, where the
        signal comes while it allocates or reports."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Result:
    """What a run of a target came to."""

    def __init__(self, target, jobs, seconds):
        self.target = target
        self.seconds = seconds
        statuses = [j.status for j in jobs if j.status]
        self.executions = sum(int(s[0]) for s in statuses)
        self.coverage = max((int(s[1]) for s in statuses), default=0)
        self.features = max((int(s[2]) for s in statuses), default=0)
        self.corpus = max((int(s[3]) for s in statuses), default=0)
        self.reading = any(j.read is None for j in jobs)
        self.tried = self.executions - sum(j.read or 0 for j in jobs)
        self.failed = [j for j in jobs if j.process.returncode in FOUND_CODES]

    def outcome(self):
        if self.failed:
            return "FOUND something"
        if self.reading:
            return "still reading"
        return "nothing found" if self.tried else "nothing new tried: reading took all the time"

    def line(self, outcome=None):
        rate = self.executions / max(self.seconds, 0.1)
        return (f"{self.target:22} {self.executions:>9} runs {rate:>7.0f}/s  coverage "
                f"{self.coverage:>5}  corpus {self.corpus:>5}  {outcome or self.outcome()}")


def num_files(folders):
    return sum(path.is_file() for folder in folders for path in folder.rglob("*"))


def fuzz(target, folders, artifacts, seconds, jobs=1, quiet=False, build=None, extra=(),
         env=None, grace=START_MAX, enough=lambda: False):
    """Runs until the time is over, a job finds something or there is `enough`. The first folder
    grows. `grace`: what a target may take to read its first inputs beyond its time, in seconds."""
    artifacts.mkdir(parents=True, exist_ok=True)
    folders[0].mkdir(parents=True, exist_ok=True)
    folders = [folder for folder in folders if folder.is_dir()]
    where = {} if build is None else {"build": build}
    of_stack = stack_and_role(target) != (None, None)
    command = [program(target, **where), *LIMITS, *(OF_STACKS if of_stack else []),
               f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/",
               f"-dict={dictionary(target, **where)}",
               "-print_final_stats=1", *extra, *folders]
    if not quiet:
        say(f"{target}: reading {num_files(folders)} inputs first, whatever the time")
    begin = last = time.monotonic()
    running = [Job(command, environment_of(target, **(env or {}))) for _ in range(jobs)]
    try:
        while any(j.process.poll() is None for j in running):
            time.sleep(0.2)
            if any(j.process.poll() not in (None, 0) for j in running) or enough():
                break
            if time.monotonic() - begin > seconds + grace:
                raise Broken(f"{target} does not end by itself")
            if not quiet and time.monotonic() - last > PULSE_SECONDS:
                last = time.monotonic()
                say(Result(target, running, last - begin).line())
    except (Broken, KeyboardInterrupt) as error:
        for job in running:
            job.stop()
        if isinstance(error, KeyboardInterrupt) and not quiet:  # what is quiet begins anew each time
            error.args = (f"what {target} learnt is in {os.path.relpath(folders[0], ROOT)}",)
        raise
    ended = [job for job in running if job.process.poll() is None]
    for job in running:
        if job in ended:
            job.stop()
        job.process.wait()
        job.join()
    result = Result(target, running, time.monotonic() - begin)
    for job in running:  # a job that was ended while it reported may end in any way
        if job.process.returncode not in (0, INTERRUPTED, *FOUND_CODES) and job not in ended and \
                not result.failed:
            raise Broken(f"{target} does not work: {''.join(job.log[-10:])}")
    return result
