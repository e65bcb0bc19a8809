"""ci/gate: what a CI job publishes, and when it is red; the examples for CI systems."""

import os
import re
import subprocess

import junitparser
import pytest
import yaml
from e2e import LIAR, OK, RED, TREE, tlsmatrix, write_profile

WRONG_WORDS = 2
EXAMPLES = TREE / "ci/examples"


def gate(*words):
    done = subprocess.run(
        [TREE / "ci/gate", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    return done.returncode, done.stdout + done.stderr


def run(folder, profile, *words):
    tlsmatrix("run", profile, "--stacks", "openssl", "--stack", LIAR, *words, "-q", "-o", folder)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A green run, a red one, and the red one's parts."""
    folder = tmp_path_factory.mktemp("gate")
    profile = write_profile(folder / "small.yaml", version=["tls1.3"], credential=["ecdsa-p256"],
                            auth=["server", "mutual", "mutual-none-sent"])
    lie = ["--fault", "liar=wrong-group"]
    run(folder / "green", profile)
    run(folder / "red", profile, *lie)
    for i in "12":
        run(folder / f"part-{i}", profile, *lie, "--shard", f"{i}/2")
    return folder


def test_a_green_run_may_pass(runs, tmp_path):
    status, said = gate(runs / "green", "--out", tmp_path)
    assert status == OK, said
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "junit.xml", "summary.md"}
    assert junitparser.JUnitXml.fromfile(tmp_path / "junit.xml").failures == 0


def test_a_red_run_may_not(runs, tmp_path):
    status, _ = gate(runs / "red", "--out", tmp_path)
    assert status == RED
    assert junitparser.JUnitXml.fromfile(tmp_path / "junit.xml").failures > 0


def test_what_failed_on_the_main_line_too_may_pass(runs, tmp_path):
    status, said = gate(runs / "red", "--baseline", runs / "red", "--out", tmp_path)
    assert status == OK, said
    assert (tmp_path / "diff.html").exists() and (tmp_path / "diff.md").exists()


def test_what_is_newly_red_may_not(runs, tmp_path):
    status, said = gate(runs / "red", "--baseline", runs / "green", "--out", tmp_path)
    assert status == RED and "new-failures" in said.lower().replace(" ", "-")


def test_a_main_line_without_results_is_told_and_the_run_stands_for_itself(runs, tmp_path):
    for folder, expected in (("green", OK), ("red", RED)):
        words = ["--baseline", tmp_path / "nothing", "--out", tmp_path / folder]
        status, said = gate(runs / folder, *words)
        assert status == expected and "no baseline" in said


def test_parts_are_put_together_first(runs, tmp_path):
    parts = [runs / "part-1", runs / "part-2"]
    words = [tmp_path / "whole", "--merge", *parts, "--baseline", runs / "red"]
    status, said = gate(*words)
    assert status == OK, said
    assert (tmp_path / "whole/report.html").exists()


def test_a_whole_that_lacks_a_part_never_passes(runs, tmp_path):
    words = [tmp_path / "whole", "--merge", runs / "part-1", "--baseline", runs / "red"]
    status, said = gate(*words)
    assert status == RED and "lacks 1 of its parts" in said


@pytest.mark.parametrize(
    "words, reason",
    [
        ([], "needs the run"),
        (["/nowhere"], "/nowhere: holds no results"),
        (["/nowhere", "/nowhere"], "only one run"),
        (["/nowhere", "--baseline"], "--baseline needs a value"),
        (["/nowhere", "--bseline", "x"], "unknown option '--bseline'"),
    ],
)
def test_wrong_words_are_refused(words, reason):
    status, said = gate(*words)
    assert status == WRONG_WORDS and reason in said


def test_a_baseline_that_is_no_run_is_refused(runs, tmp_path):
    status, said = gate(runs / "green", "--baseline", tmp_path, "--out", tmp_path / "out")
    assert status == WRONG_WORDS and f"{tmp_path}: holds no results" in said


def scripts_of(example):
    """What an example's jobs hand to a shell."""
    jobs = yaml.safe_load((EXAMPLES / example).read_text())
    if example == "github.yml":
        steps = [step for job in jobs["jobs"].values() for step in job["steps"]]
        return [step["run"] for step in steps if "run" in step]
    scripts = [jobs["default"]["before_script"], jobs["part"]["script"], jobs["whole"]["script"]]
    return ["\n".join(script) for script in scripts]


@pytest.mark.parametrize("example", ["github.yml", "gitlab.yml"])
def test_an_example_calls_what_there_is(example):
    scripts = scripts_of(example)
    for script in scripts:
        # ${{ … }} is put in by the CI system before a shell sees it.
        text = re.sub(r"\$\{\{.*?\}\}", "1", script)
        assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0
    called = set(re.findall(r"\bci/\w+", "\n".join(scripts)))
    assert called == {"ci/shard", "ci/gate"}
    assert all((TREE / command).stat().st_mode & 0o111 for command in called)


def test_the_steps_of_an_example_do_what_they_say(tmp_path):
    """Those of GitLab's, with its variables; parts and whole lie elsewhere."""
    def step(script, **variables):
        script = script.replace("parts/", f"{tmp_path}/parts/")
        script = script.replace("ci/gate whole", f"ci/gate {tmp_path}/whole")
        done = subprocess.run(["bash", "-ec", script], cwd=TREE, env={**os.environ, **variables},
                              check=False, capture_output=True, text=True)
        assert done.returncode == OK, done.stdout + done.stderr
        return done.stdout

    _, part, whole = scripts_of("gitlab.yml")
    part = part.replace('"$PROFILE"', "smoke --select '*/tls1.3/*' --stacks openssl")
    for i in "12":
        step(part, CI_NODE_INDEX=i, CI_NODE_TOTAL="2")
    assert "no baseline" in step(whole[whole.index("ci/gate"):])
    assert (tmp_path / "whole/report.html").exists()
