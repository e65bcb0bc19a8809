"""Whatever is wrong with a file or the disk: exit 2 or 3, one line that says what and where, and
nothing half-written."""

import os
import random
import sqlite3
import subprocess

import pytest
from e2e import (
    HARNESS,
    OK,
    PROGRAM,
    cases_of,
    complaint,
    tlsmatrix,
    verdicts_of,
    write_ids,
)

OPENSSL = ["--stacks", "openssl"]
CASE = "openssl-openssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off"
NOISE = random.Random(2026).randbytes(8192)

PROFILE = """\
title: made for a test
blocks:
  - name: only
    coverage: full
    version: [tls1.3]
    suite: [aes128gcm]
    group: [x25519]
    credential: [ecdsa-p256]
    auth: [server]
    pin: ["off"]
"""


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE)
    return path


# ---- profiles ----


@pytest.mark.parametrize(
    "right, wrong, line, reason",
    [
        ("[aes128gcm]", "[aes128gmc]", 6, "unknown suite 'aes128gmc', did you mean 'aes128gcm'?"),
        ("[tls1.3]", "[tls1.4]", 5, "'tls1.4'"),
        ("[x25519]", "[x2551]", 7, "unknown group 'x2551', did you mean 'x25519'?"),
        ("[ecdsa-p256]", "[ecdsa]", 8, "unknown credential 'ecdsa'"),
        ("[server]", "[servr]", 9, "unknown auth 'servr', did you mean 'server'?"),
        ('["off"]', "[offf]", 10, "'offf'"),
        ("[aes128gcm]", '["nosuch-*"]', 6, "no suite matches 'nosuch-*'"),
        ("[aes128gcm]", "[]", 6, "no suite in the list"),
        ("[aes128gcm]", "{a: b}", 6, "list"),
        ("[aes128gcm]", "[[aes128gcm]]", 6, "this must be a single value, not a list"),
        ("    version:", "    versoin:", 5, "unknown key 'versoin', did you mean 'version'?"),
        ("title:", "titel:", 1, "unknown key 'titel', did you mean 'title'?"),
        ("coverage: full", "coverage: ful", 4, "'ful'"),
        ("coverage: full", "coverage: [full]", 4, "coverage"),
        ("    group: [x25519]\n", "", 3, "group"),
        ("title: made for a test\n", "", 1, "title"),
        ("[tls1.3]", "[tls1.3", 6, ""),
        ("    suite:", "    version:", 6, "version"),
        ("[tls1.3]", "&a [tls1.3]", 5, ""),
        ("    auth", "\tauth", 9, ""),
    ],
)
def test_a_wrong_profile_is_told_with_its_line(profile, run_folder, right, wrong, line, reason):
    assert PROFILE.count(right) == 1
    profile.write_text(PROFILE.replace(right, wrong))
    for words in (["plan", profile], ["list", profile], ["run", profile, "--out", run_folder]):
        said = complaint(tlsmatrix(*words, *OPENSSL))
        assert said.startswith(f"{profile}:{line}: ") and reason in said
    assert not run_folder.exists()


UNUSED = ("[aes128gcm]", "[aes128gcm, ecdhe-ecdsa-aes128gcm]")  # no suite of TLS 1.3


def test_a_value_that_no_case_uses_is_told_with_its_line(profile, run_folder):
    profile.write_text(PROFILE.replace(*UNUSED))
    for words in (["plan"], ["run", "--out", run_folder]):
        said = complaint(tlsmatrix(*words, profile))
        assert said == f"{profile}:6: no case uses suite 'ecdhe-ecdsa-aes128gcm'"
    assert not run_folder.exists()


def test_a_value_that_one_case_uses_is_right(profile, run_folder):
    profile.write_text(PROFILE.replace(*UNUSED).replace("[tls1.3]", "[tls1.2, tls1.3]"))
    assert tlsmatrix("plan", profile).status == OK
    assert tlsmatrix("run", profile, "--quiet", "--out", run_folder).status == OK
    used = {case_id.split("/")[2] for case_id in verdicts_of(run_folder)}
    assert used == {"aes128gcm", "ecdhe-ecdsa-aes128gcm"}


def test_a_value_may_be_for_stacks_that_are_not_chosen(profile, run_folder):
    profile.write_text(PROFILE.replace(*UNUSED))
    words = [*OPENSSL, "--quiet"]
    assert tlsmatrix("run", profile, *words, "--out", run_folder).status == OK
    assert tlsmatrix("run", "--resume", run_folder, *words).status == OK
    assert set(verdicts_of(run_folder)) == {CASE}


def test_the_same_profile_without_a_mistake_runs(profile, run_folder):
    assert tlsmatrix("run", profile, *OPENSSL, "--out", run_folder).status == OK
    assert len(verdicts_of(run_folder)) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"- a\n", b"blocks\n", NOISE, b"\0" * 100, b"\xff\xfe\n"],
    ids=["empty", "blank", "a list", "a word", "noise", "zeros", "no UTF-8"],
)
def test_what_is_no_profile_is_refused(profile, content):
    profile.write_bytes(content)
    assert complaint(tlsmatrix("plan", profile, *OPENSSL)).startswith(str(profile))


def test_an_endless_profile_is_refused():
    assert complaint(tlsmatrix("plan", "./zero.yaml/../../dev/zero", *OPENSSL, cwd="/proc/self"))
    assert complaint(tlsmatrix("plan", "/dev/zero", *OPENSSL)).startswith("/dev/zero: ")


def test_a_folder_is_no_profile(tmp_path):
    said = complaint(tlsmatrix("plan", f"{tmp_path}/", *OPENSSL))
    assert said == f"{tmp_path}/: Is a directory"


def test_a_profile_that_is_not_there():
    said = complaint(tlsmatrix("plan", "./nosuch.yaml", *OPENSSL))
    assert said == "./nosuch.yaml: No such file or directory"


@pytest.mark.parametrize("words", [["--select", "nosuch-*"], ["--select", ""]])
def test_a_selection_of_nothing_is_refused(profile, run_folder, words):
    for command in (["plan"], ["list"], ["run", "--out", run_folder]):
        assert "nothing selected" in complaint(tlsmatrix(*command, profile, *OPENSSL, *words))
    assert not run_folder.exists()


def test_an_empty_shard_is_no_mistake(profile, tmp_path):
    """One case in two shards leaves one of them empty; the two are the whole run still."""
    shards = [tmp_path / "1", tmp_path / "2"]
    for i, shard in enumerate(shards, 1):
        done = tlsmatrix("run", profile, *OPENSSL, "--shard", f"{i}/2", "--out", shard)
        assert done.status == OK
    assert sorted(len(verdicts_of(shard)) for shard in shards) == [0, 1]
    assert tlsmatrix("merge", tmp_path / "merged", *shards).status == OK
    assert set(verdicts_of(tmp_path / "merged")) == {CASE}


# ---- results ----


def other_database(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE cases(id TEXT, verdict TEXT)")


def other_schema(path):
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA application_id = {0x746C736D}")
        database.execute("PRAGMA user_version = 99")


FOREIGN = {
    "random bytes": lambda path: path.write_bytes(NOISE),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("results\n" * 1000),
    "a database of somebody else": other_database,
    "another schema": other_schema,
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_results_that_are_not_ours_are_refused_and_left_alone(kind, profile, tmp_path):
    folder = tmp_path / "foreign"
    folder.mkdir()
    path = folder / "results.db"
    FOREIGN[kind](path)
    before = path.read_bytes() if path.is_file() else None
    ids = write_ids(tmp_path / "ids", ["openssl-openssl/tls1.3/any/any/rsa2048/server/off"])
    for words in (
        ["show", "some-case", "--run", folder],
        ["run", "--resume", folder, *OPENSSL],
        ["run", "--resume", folder, *OPENSSL, "--ids", ids],
        ["run", profile, *OPENSSL, "--out", folder],
        ["merge", tmp_path / "merged", folder],
    ):
        said = complaint(tlsmatrix(*words))
        assert said.startswith(f"{path}: ")
    if kind == "another schema":
        assert "schema version 99" in complaint(tlsmatrix("show", "x", "--run", folder))
    assert before is None or path.read_bytes() == before


def test_damaged_results_are_an_error_and_no_verdict(profile, run_folder):
    tlsmatrix("run", profile, *OPENSSL, "--out", run_folder, "--repeat", 200, "--quiet")
    path = run_folder / "results.db"
    content = bytearray(path.read_bytes())
    content[8192:] = random.Random(2026).randbytes(len(content) - 8192)
    path.write_bytes(content)
    for words in (
        ["show", CASE, "--run", run_folder],
        ["run", "--resume", run_folder, *OPENSSL],
    ):
        said = complaint(tlsmatrix(*words, "--quiet" if words[0] == "run" else "--json"), HARNESS)
        assert said == f"{path}: database disk image is malformed"


def test_a_run_without_results_cannot_be_shown_resumed_or_merged(tmp_path):
    missing = tmp_path / "missing"
    for words in (
        ["show", "some-case", "--run", missing],
        ["run", "--resume", missing, *OPENSSL],
        ["merge", tmp_path / "merged", missing],
    ):
        said = complaint(tlsmatrix(*words))
        assert said == f"{missing}/results.db: No such file or directory"
    assert not missing.exists()


def test_a_merge_that_fails_leaves_no_results(profile, run_folder, tmp_path):
    tlsmatrix("run", profile, *OPENSSL, "--out", run_folder)
    complaint(tlsmatrix("merge", tmp_path / "merged", run_folder, tmp_path / "missing"))
    assert not (tmp_path / "merged" / "results.db").exists()


# ---- where to write ----


def test_a_file_in_the_way_of_the_folder(profile, tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        done = tlsmatrix("run", profile, *OPENSSL, "--out", out)
        assert str(tmp_path / "file") in complaint(done)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_of_somebody_else_is_not_taken_for_credentials(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    complaint(tlsmatrix("pki", tmp_path / "letters"))
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["dear.txt"]


@pytest.mark.parametrize(
    "words",
    [["list", "smoke"], ["list", "--rules"], ["plan", "smoke"], ["stacks", "--json"], ["--help"]],
)
def test_output_that_cannot_be_written_is_an_error(words):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == HARNESS
    assert done.stderr == "tlsmatrix: standard output: No space left on device\n"


def with_mounts(script, *arguments, **options):
    """Runs a script that may mount file systems; they are gone with it."""
    # Only root has a mount namespace without a user namespace around it.
    namespaces = "-m" if os.geteuid() == 0 else "-rm"
    words = [namespaces, "bash", "-c", script, "with-mounts", *arguments]
    done = tlsmatrix(*words, program="unshare", **options)
    if done.status == 77 or "unshare" in done.err:
        pytest.skip(f"no file system may be mounted here: {done.err}")
    return done


def on_small_disk(folder, size, *words):
    """Runs tlsmatrix where `folder` is a disk of that size; returns it with what is left there."""
    folder.mkdir()
    script = (
        'mount -t tmpfs -o "size=$1" none "$2" || exit 77; folder=$2; list=$3; shift 3; "$@";'
        ' status=$?; find "$folder" -name "results.db*" -o -name "*.pem" >&"$list"; exit $status'
    )
    read, write = os.pipe()
    with os.fdopen(read) as left, os.fdopen(write, "w") as listing:
        number = listing.fileno()
        done = with_mounts(script, size, folder, number, PROGRAM, *words, pass_fds=[number])
        listing.close()
        files = left.read().split()
    return done, files


@pytest.mark.parametrize("size", ["64k", "512k", "1m"])
@pytest.mark.parametrize("capture", ["none", "all"])
def test_a_full_disk_ends_the_run_with_3(profile, tmp_path, size, capture):
    disk = tmp_path / "disk"
    done, _ = on_small_disk(
        disk, size, "run", profile, *OPENSSL, "--repeat", 20000, "--out", disk / "run",
        "--capture", capture, "--quiet",
    )
    said = complaint(done, HARNESS)
    assert "database or disk is full" in said or "No space left on device" in said


@pytest.mark.parametrize("capture", ["none", "all"])
def test_a_run_goes_on_when_there_is_room_again(profile, tmp_path, capture):
    """Nothing that was cut off stays behind: no case is lost, none twice, every capture can be read
    to its end."""
    script = """
        mount -t tmpfs -o size=1m none "$1" || exit 77
        cd "$1" && program=$2 profile=$3 stacks=(--stacks openssl --quiet) capture=$4
        "$program" run "$profile" "${stacks[@]}" --out run --capture $capture --repeat 2000 && exit 9
        mount -o remount,size=64m none "$1"
        "$program" run --resume run "${stacks[@]}" --capture $capture &&
            cp -r run "$5" && for file in run/captures/*; do
                [[ ! -e $file ]] || tcpdump -n -r "$file" >/dev/null || exit 8
            done"""
    (tmp_path / "disk").mkdir()
    kept = tmp_path / "kept"
    done = with_mounts(script, tmp_path / "disk", PROGRAM, profile, capture, kept)
    assert done.status == OK, done
    assert "No space left on device" in done.err or "disk is full" in done.err
    cases = cases_of(kept)
    assert set(cases) == {CASE, *(f"{CASE}#{number}" for number in range(2, 2001))}
    assert {case.verdict for case in cases.values()} == {"pass"}
    if capture == "all":
        assert len(list((kept / "captures").iterdir())) == 2000


def test_a_large_enough_disk_is_not_full(profile, tmp_path):
    disk = tmp_path / "disk"
    done, files = on_small_disk(
        disk, "16m", "run", profile, *OPENSSL, "--repeat", 100, "--out", disk / "run", "--quiet"
    )
    assert done.status == OK
    assert f"{disk}/run/results.db" in files


@pytest.mark.parametrize("size, status", [("100k", HARNESS), ("600k", HARNESS), ("8m", OK)])
def test_a_merge_onto_a_full_disk_leaves_nothing(profile, tmp_path, size, status):
    """Full with the first part, and with the second."""
    shards = [tmp_path / "1", tmp_path / "2"]
    for i, shard in enumerate(shards, 1):
        words = [*OPENSSL, "--shard", f"{i}/2", "--out", shard, "--repeat", 2000, "--quiet"]
        assert tlsmatrix("run", profile, *words).status == OK
    disk = tmp_path / "disk"
    done, files = on_small_disk(disk, size, "merge", disk / "merged", *shards)
    assert done.status == status
    if status == OK:
        assert files == [f"{disk}/merged/results.db"]
    else:
        assert complaint(done, status) == f"{disk}/merged/results.db: database or disk is full"
        assert files == []


def test_no_half_of_the_credentials_stays_on_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    done, files = on_small_disk(disk, "64k", "pki", disk / "pki")
    assert "No space left on device" in complaint(done, HARNESS)
    assert files == []
