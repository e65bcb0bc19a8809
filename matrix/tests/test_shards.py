"""Runs in parts: four shards put together are one whole run, case for case."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from e2e import LIAR, OK, RED, cases_of, complaint, tlsmatrix, verdicts_of, write_profile

STACKS = ["--stacks", "openssl,boringssl", "--stack", LIAR, "--fault", "liar=wrong-group"]
NUM_SHARDS = 4


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """Passes, failures, inconclusive refusals and unsupported cases."""
    return write_profile(
        tmp_path_factory.mktemp("profile") / "mixed.yaml",
        version=["tls1.2", "tls1.3", "tls1.2:tls1.3"],
        group=["x25519"],
        credential=["ecdsa-p256", "rsapss2048"],
        auth=["server", "mutual", "mutual-none-sent"],
        pin=["off", "leaf", "leaf-wrong"],
    )


@pytest.fixture(scope="module")
def whole(profile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    done = tlsmatrix("run", profile, *STACKS, "--out", folder, "--json", "--quiet")
    return folder, done


@pytest.fixture(scope="module")
def shards(profile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    shards = [folder / str(i) for i in range(1, NUM_SHARDS + 1)]
    for i, shard in enumerate(shards, 1):
        words = [*STACKS, "--shard", f"{i}/{NUM_SHARDS}", "--quiet"]
        tlsmatrix("run", profile, *words, "--out", shard)
    return shards


def test_the_profile_has_every_kind_of_verdict(whole):
    verdicts = {case.verdict for case in cases_of(whole[0]).values()}
    assert {"pass", "fail", "inconclusive", "unsupported"} <= verdicts
    assert whole[1].status == RED


def test_each_case_is_in_one_shard(whole, shards):
    parts = [set(verdicts_of(shard)) for shard in shards]
    assert all(parts)
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set().union(*parts) == set(verdicts_of(whole[0]))


def test_merged_shards_are_the_whole_run(whole, shards, tmp_path):
    folder, done = whole
    merged = tlsmatrix("merge", tmp_path / "merged", *shards, "--json")
    assert merged.status == done.status
    assert verdicts_of(tmp_path / "merged") == verdicts_of(folder)
    assert merged.json["verdicts"] == done.json["verdicts"]
    assert merged.json["failures"] == done.json["failures"]


def test_merged_facts_are_those_of_the_shards(shards, tmp_path):
    tlsmatrix("merge", tmp_path / "merged", *shards)
    merged = cases_of(tmp_path / "merged")
    for shard in shards:
        for case in cases_of(shard).values():
            assert merged[case.id] == case


def test_the_order_of_the_shards_does_not_matter(shards, tmp_path):
    tlsmatrix("merge", tmp_path / "forth", *shards)
    tlsmatrix("merge", tmp_path / "back", *reversed(shards))
    assert cases_of(tmp_path / "forth") == cases_of(tmp_path / "back")


def test_a_shard_may_come_twice(shards, tmp_path):
    tlsmatrix("merge", tmp_path / "once", *shards)
    tlsmatrix("merge", tmp_path / "twice", *shards, shards[0])
    assert verdicts_of(tmp_path / "once") == verdicts_of(tmp_path / "twice")


def refused(shards, other, folder, reason):
    said = complaint(tlsmatrix("merge", folder / "merged", shards[0], other))
    assert said.startswith(f"{other}/results.db: cannot be merged: ") and reason in said
    assert not (folder / "merged").exists()


def test_another_profile_is_not_merged(shards, tmp_path):
    other = write_profile(tmp_path / "other.yaml", version=["tls1.2"])
    tlsmatrix("run", other, *STACKS, "--out", tmp_path / "other", "--quiet")
    refused(shards, tmp_path / "other", tmp_path, "profile")


def test_another_library_of_the_same_name_is_not_merged(profile, shards, tmp_path):
    other = LIAR.replace("liar=", "boringssl=", 1)
    stacks = ["--stacks", "openssl", "--stack", other, "--stack", LIAR]
    tlsmatrix("run", profile, *stacks, "--shard", "2/4", "--out", tmp_path / "other", "--quiet")
    refused(shards, tmp_path / "other", tmp_path, "boringssl")


def test_the_same_cases_with_other_verdicts_are_not_merged(profile, shards, tmp_path):
    honest = tlsmatrix(
        "run", profile, *STACKS[:4], "--shard", "1/4", "--out", tmp_path / "honest", "--quiet"
    )
    assert honest.status == OK
    refused(shards, tmp_path / "honest", tmp_path, "the verdict of")


def test_a_folder_that_holds_results_is_not_merged_into(shards, tmp_path):
    tlsmatrix("merge", tmp_path / "merged", *shards)
    before = verdicts_of(tmp_path / "merged")
    said = complaint(tlsmatrix("merge", tmp_path / "merged", *shards))
    assert said.startswith(f"{tmp_path}/merged/results.db: there already")
    assert verdicts_of(tmp_path / "merged") == before


def captures_of(*folders):
    """By name; of a twin that several shards had to run the first counts."""
    files = (path for folder in reversed(folders) for path in (folder / "captures").iterdir())
    return {path.name: path.read_bytes() for path in files}


def test_the_whole_has_the_captures_of_its_shards(shards, tmp_path):
    tlsmatrix("merge", tmp_path / "merged", *shards)
    assert sum(bool(captures_of(shard)) for shard in shards) > 1
    assert captures_of(tmp_path / "merged") == captures_of(*shards)


def test_captures_are_copied_from_another_file_system(shards, tmp_path):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert os.stat(elsewhere).st_dev != os.stat(shards[0]).st_dev
        tlsmatrix("merge", f"{elsewhere}/merged", *shards)
        merged = captures_of(Path(elsewhere) / "merged")
    assert merged == captures_of(*shards)


def test_captures_that_cannot_be_read_stop_the_merge(shards, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(shards[1], broken)
    shutil.rmtree(broken / "captures")
    (broken / "captures").write_text("no folder")
    said = complaint(tlsmatrix("merge", tmp_path / "merged", shards[0], broken))
    assert said.startswith(f"{broken}/captures: Not a directory")
    assert not (tmp_path / "merged").exists()
