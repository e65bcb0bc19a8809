"""ci/fuzz differential: the same scripts to every stack, half of the time to their servers and half
to their clients. What they disagree on is minimised by the target and written as it is found; what
fuzz/differential/findings has is not told again."""

import pathlib
import shutil
import subprocess
import threading

import engine
from common import BUILD, ROOT, WORK, Broken, corpora_of, environment_of, say, seeds

FINDINGS = ROOT / "fuzz" / "differential" / "findings"
# enum difference of fuzz/differential/compare.h, the worst first
SEVERITY = ("broken", "accepted", "told", "waited", "ending", "delivered", "alert", "parameters",
            "moment")
SEEDS_SECONDS = 1800  # two thousand scripts to three stacks, each disagreement minimised


def signature(path):
    """What a script found shows, in one line."""
    for line in path.read_text().splitlines():
        if line.startswith("# signature: "):
            return line[len("# signature: "):]
    raise Broken(f"{path} has no signature")


def severity(text):
    """Where "client tls1.3 alert openssl=…" stands among the others."""
    return SEVERITY.index(text.split()[2]), text


def show(path, build):
    """What this build's stacks make of a script's text: the process that has ended."""
    return subprocess.run([build / "fuzz" / "fuzz-differential", "show", path.resolve()], cwd=WORK,
                          env=environment_of("differential-server"), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace")


def shows(path, build=BUILD):
    """Do this build's stacks disagree on the script as it says they did?"""
    done = show(path, build)
    if done.returncode != 0:
        raise Broken(f"{path} cannot be played: {(done.stdout + done.stderr)[-1000:]}")
    return signature(path) in done.stdout.splitlines()


def listed(folder):
    """All that was found, the worst first: (signature, file)."""
    found = [(signature(path), path) for path in folder.glob("*.script")]
    return sorted(found, key=lambda pair: severity(pair[0]))


class Watch(threading.Thread):
    """Says what is found while it is."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.seen, self.over = folder, set(), threading.Event()
        self.start()

    def look(self):
        for path in sorted(self.folder.glob("*.script")):
            if path not in self.seen and "\n# signature: " in path.read_text():
                self.seen.add(path)
                say(signature(path))

    def run(self):
        while not self.over.wait(1):
            self.look()

    def end(self):
        self.over.set()
        self.join()
        self.look()


def command_differential(options):
    found, failed = [], False
    for role in ("server", "client"):
        target = f"differential-{role}"
        if not (BUILD / "fuzz" / f"fuzz-{target}").exists():
            raise Broken("a stack is missing: fuzz/stacks/build makes all three")
        out = WORK / target / "found"
        artifacts = WORK / target / "crashes"
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(artifacts, ignore_errors=True)
        out.mkdir(parents=True)
        watch = Watch(out)
        # What grows; seeds that say each thing that a script can say; what is committed.
        folders = [WORK / target / "corpus", seeds(target), *corpora_of(target)]
        result = engine.fuzz(target, folders, artifacts,
                             max(1, (options.time or 600) // 2), options.jobs,
                             extra=("-detect_leaks=0",), grace=SEEDS_SECONDS,
                             env={"TLSMATRIX_DIFFERENTIAL_OUT": str(out)})
        watch.end()
        say(result.line(f"{len(listed(out))} disagreements" if result.tried else None))
        if result.failed:
            failed = True
            print("".join(result.failed[0].log[-40:]))
        found += listed(out)
    for text, path in sorted(found, key=lambda pair: severity(pair[0])):
        print(f"{text}\n    {pathlib.Path(path).relative_to(ROOT)}")
    say(f"{len(found)} new disagreements beside {len(list(FINDINGS.glob('*.script')))} known")
    return 1 if found or failed else 0
