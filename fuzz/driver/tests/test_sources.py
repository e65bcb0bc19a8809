"""Where fuzz/stacks/build gets Debian's sources from: the machine's own archives first, the usual
mirror where those cannot serve; and what it takes for a source tree of one's own."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
STACKS = ROOT / "fuzz" / "stacks"

# apt as far as sources.sh asks it: `indextargets` says what the machine is configured for, `update`
# succeeds, and `showsrc` knows a version where the list names the mirror that has sources.
APT = """#!/bin/bash
case " $* " in
*" indextargets "*) cat "$FAKE/targets" ;;
*" showsrc "*) ! grep -q "$(cat "$FAKE/serves")" "$CACHE/apt/sources.list" || echo "Version: 1.2-3" ;;
esac
"""


@pytest.fixture
def lists(tmp_path):
    """Runs update_lists where apt's targets are these and that mirror has sources; what it said,
    its exit code, and the list of sources that it came to."""
    for name in ("apt-get", "apt-cache"):
        tmp_path.joinpath(name).write_text(APT)
        tmp_path.joinpath(name).chmod(0o755)

    def run(targets, serves):
        tmp_path.joinpath("targets").write_text(targets)
        tmp_path.joinpath("serves").write_text(serves)
        cache = tmp_path / "cache"
        done = subprocess.run(
            ["bash", "-c", f"""set -euo pipefail
             source {ROOT}/ci/common.sh; source {STACKS}/sources.sh
             debian_release() {{ echo bookworm; }}
             cache=$CACHE die_code=3; mkdir -p $cache; update_lists"""],
            env=dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}", FAKE=str(tmp_path),
                     CACHE=str(cache)),
            capture_output=True, text=True)
        listed = cache.joinpath("apt/sources.list").read_text()
        return done.stdout + done.stderr, done.returncode, listed

    return run


MIRROR = """Debian|bookworm|http://mirror.example/debian/ bookworm main
Debian|bookworm|http://mirror.example/debian/ bookworm main
Debian|bookworm-security|http://mirror.example/security/ stable-security main
Debian|bookworm-backports|http://mirror.example/debian/ bookworm-backports main
Debian|trixie|http://mirror.example/debian/ trixie main
nodesource|nodistro|https://deb.example/node nodistro main
"""


def test_the_machine_s_own_mirror_is_asked_for_the_release_that_it_runs(lists):
    said, code, listed = lists(MIRROR, "mirror.example")
    assert code == 0, said
    assert [line.split("] ")[1] for line in listed.splitlines()] == [
        "http://mirror.example/debian/ bookworm main",
        "http://mirror.example/security/ stable-security main"]
    assert all(line.startswith("deb-src [signed-by=/") for line in listed.splitlines())
    assert "trying" not in said


def test_a_mirror_without_sources_is_told_and_the_usual_one_asked(lists):
    said, code, listed = lists(MIRROR, "deb.debian.org")
    assert code == 0, said
    assert "the archives that apt is configured for have no sources: trying http://deb.debian.org" \
        in said
    assert "mirror.example" not in listed


def test_where_apt_knows_no_archive_of_debian_s_the_usual_one_is_asked(lists):
    said, code, _ = lists("Ubuntu|jammy|http://archive.example/ubuntu jammy main\n", "deb.debian.org")
    assert code == 0, said
    assert "apt's lists know no archive of Debian's bookworm: trying http://deb.debian.org" in said


def test_where_nobody_has_sources_it_ends_with_3(lists):
    said, code, _ = lists(MIRROR, "nobody")
    assert code == 3
    assert said.splitlines()[-1].startswith("bash: failed: fetching Debian's lists of sources from")


@pytest.mark.parametrize("stack, mark", [
    ("openssl", "ssl/ssl_lib.c"), ("gnutls", "lib/gnutls_int.h"), ("boringssl", "ssl/ssl_lib.cc")])
def test_what_is_no_source_tree_of_the_stack_is_refused_before_anything_is_done(
        stack, mark, tmp_path):
    done = subprocess.run([STACKS / "build", "--stack", stack, "--source", tmp_path],
                          env=dict(os.environ, TLSMATRIX_FUZZ_CACHE=str(tmp_path / "cache")),
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{tmp_path} is no source tree of {stack}: it has no {mark}" in done.stderr
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_told_by_name(tmp_path):
    tmp_path.joinpath("file").touch()
    done = subprocess.run([STACKS / "build", "--stack", "openssl"],
                          env=dict(os.environ, TLSMATRIX_FUZZ_CACHE=str(tmp_path / "file")),
                          capture_output=True, text=True)
    assert done.returncode == 3
    assert f"cannot write to {tmp_path}/file/instrumented" in done.stderr
