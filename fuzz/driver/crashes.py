"""From an input that fails to its stack trace, to its smallest form, to fuzz/regressions."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import differential
from common import (BUILD, CORPORA, OWN, REGRESSIONS, ROOT, WORK, Broken, Usage, built_for,
                    check_targets, environment, environment_of, program, say, stack_and_role)

FRAME = re.compile(r"#\d+ 0x[0-9a-f]+ in (.+) (/\S+?)((?::\d+)*)$", re.MULTILINE)
# Where fuzz/stacks/build has a stack's source; as the compiler says it, from the build's folder.
STACK_SOURCE = re.compile(r".*/(openssl|boringssl|gnutls)/source/(.*)")
# Who asks for memory on behalf of others tells nothing of what failed.
ALLOCATORS = re.compile(r"(\w+_)?((m|c|z|re)alloc\w*|memdup|str(n?)dup|free|clear_free|New|Malloc)"
                        r"|operator new.*")
MINIMISE_SECONDS = 30


def report_of(target, path, build=None):
    """Runs one input: (exit code, what was said)."""
    where = {} if build is None else {"build": build}
    done = subprocess.run([program(target, **where), "-timeout=30", "-rss_limit_mb=2560", path],
                          env=environment_of(target), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout + done.stderr


def kind_of(report):
    if "ERROR: LeakSanitizer" in report:
        return "leak"
    found = re.search(r"ERROR: AddressSanitizer: ([\w-]+)", report)
    if "does not hold" in report:
        return "assert"
    if "runtime error" in report:
        return "undefined"
    if "libFuzzer: timeout" in report:
        return "timeout"
    if "libFuzzer: out-of-memory" in report:
        return "memory"
    return found[1] if found else "crash"


def known_path(path):
    """As a person wants it, of our tree or of a stack's source; None: of the system."""
    path = os.path.normpath(path)
    found = STACK_SOURCE.match(path)
    if found:
        return f"{found[1]}:{found[2]}"
    return path[len(str(ROOT)) + 1:] if path.startswith(f"{ROOT}/") else None


def frames_of(report):
    """(function, path) of the frames of ours and of the stacks', the innermost first."""
    for function, path, _ in FRAME.findall(report):
        function = re.sub(r"\(.*", "", function).split("::")[-1]
        if known_path(path) and not ALLOCATORS.fullmatch(function):
            yield function, known_path(path)


def place_of(report):
    """The innermost function that no target is to blame for; else the line that does not hold."""
    for function, path in frames_of(report):
        if not path.startswith("fuzz/"):
            return function
    found = re.search(r"(\w+)\.c:(\d+): (\w+): does not hold", report)
    if found:
        return f"{found[1]}-{found[3]}-{found[2]}"
    for function, path in frames_of(report):
        if not path.startswith("fuzz/common/"):
            return function
    return hashlib.sha1(report.encode()).hexdigest()[:8]


def name_of(report):
    # A property that does not hold is named by the property, whoever stands above it.
    found = re.search(r"/fuzz/(?:stacks|differential)/\w+\.c:\d+: \w+: does not hold: (.*)", report)
    if found:
        return re.sub(r"[^\w]+", "-", f"assert-{found[1]}"[:60]).strip("-")
    found = re.search(r"/fuzz/targets/(\w+)\.c:(\d+): (\w+): does not hold", report)
    if found:
        return f"assert-{found[1]}-{found[3]}-{found[2]}"
    return re.sub(r"[^\w-]", "_", f"{kind_of(report)}-{place_of(report)}")


def trace_of(report):
    """The lines a person wants: what happened, and the frames of ours."""
    lines = []
    for line in report.splitlines():
        if re.search(r"does not hold|runtime error|ERROR: |SUMMARY|allowed$", line):
            lines.append(line.strip())
            continue
        frame = FRAME.search(line)
        if frame and known_path(frame[2]):
            number = line.strip().split(" ")[0]
            lines.append(f"    {number} {frame[1]} {known_path(frame[2])}{frame[3]}")
    return lines[:30]


def minimise(target, path):
    """The smallest input that still fails with the same name, beside the first."""
    code, report = report_of(target, path)
    if code == 0:
        return path
    name = name_of(report)
    smallest = path
    for _ in range(2):
        out = path.with_name(path.name + ".small")
        subprocess.run([program(target), "-minimize_crash=1",
                        f"-max_total_time={MINIMISE_SECONDS}", f"-exact_artifact_path={out}",
                        smallest], env=environment_of(target), stdin=subprocess.DEVNULL,
                       capture_output=True)
        if not out.exists() or name_of(report_of(target, out)[1]) != name:
            break
        smaller = path.with_name(path.name + ".smallest")
        shutil.move(out, smaller)
        smallest = smaller
    return smallest


def keep(target, path):
    """Minimises, names by the stack trace, keeps. A smaller one of the same name takes its place.
    Returns the path; NULL if it does not fail again."""
    code, _ = report_of(target, path)
    if code == 0:
        return None
    small = minimise(target, path)
    code, report = report_of(target, small)
    out = REGRESSIONS / target / name_of(report)
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists() or out.stat().st_size > small.stat().st_size:
        shutil.copyfile(small, out)
    return out


def tell(target, path):
    code, report = report_of(target, path)
    say(f"{target}: {path}: {name_of(report) if code else 'holds'}")
    for line in trace_of(report) if code else []:
        print("   ", line, flush=True)
    return code


def script_words(*words):
    """What fuzz-script says; None where it says no."""
    done = subprocess.run([BUILD / "fuzz" / "fuzz-script", *words], env=environment(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def tell_script(target, path):
    """What an input says that is a script; and where it changes the client's first flight alone, a
    file for the matrix."""
    stack, _ = stack_and_role(target)
    if stack is None:
        return
    print("\n".join("    " + line for line in (script_words("show", path) or "").splitlines()))
    # Any server hears the same; of the one that fails it may not come so far.
    hello = script_words("hello", "careless", path)
    if hello is not None:
        out = WORK / "hellos" / f"{path.name}.yaml"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(hello)
        name = re.search(r"- name: (\S+)", hello)[1]
        say(f"as a raw hello: tlsmatrix run hellos --hellos {out.parent} --select '*/{name}'")
        say(f"in {out}; keep it in matrix/hellos with what the RFC says")


SCRIPT_TEXT = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*victim (?:client|server)[ \t\r]*$",
                         re.MULTILINE)
SCRIPT_HEAD_MAX = 64 * 1024  # within which a script's text says that it is one


def is_script_text(path):
    """What people read and write (fuzz/stacks/SCRIPTS.md), as fuzz/differential/findings has it."""
    with open(path, "rb") as file:
        return path.suffix == ".script" or SCRIPT_TEXT.match(file.read(SCRIPT_HEAD_MAX)) is not None


def tell_text(path):
    """Plays a script's text to all three stacks: 1 where they disagree and nobody knows, or where
    one of them fails."""
    say(f"{path}: a script, to all stacks")
    done = differential.show(path, BUILD)
    if done.returncode in (2, 3):
        raise (Usage if done.returncode == 2 else Broken)(
            done.stderr.strip().removeprefix("fuzz-differential: "))
    report = done.stdout + done.stderr
    for line in done.stdout.splitlines() if done.returncode == 0 else trace_of(report):
        print(line, flush=True)
    if done.returncode != 0:
        say(f"{path}: {name_of(report)}")
    return done.returncode != 0 or "not known" in done.stdout.splitlines()


def target_of(path, given):
    """What --target gave, else by the folder that the file lies in."""
    if given:
        return given
    name = path.resolve().parent.name
    if path.resolve().parents[1] in (REGRESSIONS, CORPORA) or name in str(path):
        try:
            return check_targets([name])[0]
        except Usage:
            pass
    raise Usage(f"{path}: of which target? --target NAME")


def files(options):
    """What is named, which there is."""
    if not options.names:
        raise Usage("repro FILE…")
    for path in map(pathlib.Path, options.names):
        if not path.is_file():
            raise Usage(f"{path}: no such file")
        yield path


def targets(options):
    """Each file that is named, and its target; None for a script's text, which all stacks play, but
    where --target says that it is an input of one of our own parsers."""
    if options.target:
        check_targets([options.target])
    for path in files(options):
        is_text = options.target not in OWN and is_script_text(path)
        yield path, None if is_text else target_of(path, options.target)


def needs(options):
    return built_for({target or "differential-server" for _, target in targets(options)})


def command_repro(options):
    """From a crash to its stack trace: 1 if it still fails, or the stacks disagree."""
    code = 0
    for path, target in targets(options):
        if target is None:
            code |= tell_text(path)
            continue
        code |= tell(target, path) != 0
        tell_script(target, path)
    return code
