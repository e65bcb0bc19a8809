"""The command `report`: what it writes, and what it says to what cannot be written."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import sqlite3

import pytest
from e2e import OK, PROGRAM, USAGE, cases_of, complaint, tlsmatrix, write_profile

OPENSSL = ["--stacks", "openssl"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    profile = write_profile(folder / "few.yaml", auth=["server", "mutual"])
    done = tlsmatrix("run", profile, *OPENSSL, "--out", folder / "run", "--quiet")
    assert done.status == OK
    return folder / "run", done


@pytest.fixture
def copied(run, tmp_path):
    return shutil.copytree(run[0], tmp_path / "copy")


def chunk(page, name):
    found = re.search(rf'<script type="application/gzip" id="{name}">([A-Za-z0-9+/=]+)</script>', page)
    return gzip.decompress(base64.b64decode(found[1], validate=True))


def test_a_run_ends_with_the_offer_of_a_report(run):
    assert run[1].out.endswith(f"report: {PROGRAM} report {run[0]}\n")


def test_the_report_stands_in_the_folder_of_the_run(copied):
    done = tlsmatrix("report", copied)
    assert (done.status, done.out, done.err) == (OK, f"report: {copied}/report.html\n", "")
    assert (copied / "report.html").stat().st_size > 10000


def test_the_report_may_stand_elsewhere(run, tmp_path):
    assert tlsmatrix("report", run[0], "-o", tmp_path / "x.html").out == f"report: {tmp_path}/x.html\n"
    assert (tmp_path / "x.html").exists()


def test_the_same_run_makes_the_same_report(run, tmp_path):
    for name in "one.html", "two.html":
        tlsmatrix("report", run[0], "--out", tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_every_case_is_in_it(run, tmp_path):
    tlsmatrix("report", run[0], "--out", tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text()
    head = json.loads(chunk(page, "head"))
    cases = cases_of(run[0], planned_only=False)
    assert head["rows"] == len(cases)
    widths = sum(column["width"] for column in head["columns"] if column["part"] == "cases")
    assert len(chunk(page, "cases")) == widths * len(cases)
    assert head["counts"]["pass"] == sum(case.verdict == "pass" for case in cases_of(run[0]).values())


def test_nothing_is_loaded_and_nothing_runs_but_what_the_policy_names(run, tmp_path):
    tlsmatrix("report", run[0], "--out", tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    for element in "script", "style":
        named = re.findall(r"'sha256-([^']+)'", re.search(f"{element}-src([^;]*)", policy)[1])
        texts = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert named == hashes and texts
    assert not re.search(r"\b(?:src|srcset|action|data)=\"|@import|url\(", page)


def test_without_javascript_the_counts_are_told(run, tmp_path):
    tlsmatrix("report", run[0], "--out", tmp_path / "x.html")
    told = re.search("<noscript>(.*?)</noscript>", (tmp_path / "x.html").read_text())[1]
    assert re.search(r" \d+ pass\.", told)


# ---- what cannot be ----


@pytest.mark.parametrize(
    "words, reason",
    [
        ([], "report needs the folder of one run"),
        (["a", "b"], "report needs the folder of one run"),
        (["{run}", "--format", "htm"], "--format: unknown FORMAT 'htm'"),
        (["{empty}"], "{empty}/results.db: No such file or directory"),
        (["{run}", "--against", "{empty}"], "{empty}/results.db: No such file or directory"),
        (["{run}", "--out", "{empty}/no/where.html"], "{empty}/no/where.html.part: No such file"),
        (["{foreign}"], "{foreign}/results.db: not a tlsmatrix results file"),
    ],
)
def test_what_cannot_be_reported_gets_a_line(run, tmp_path, words, reason):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "results.db").write_text("no database")
    names = {"run": run[0], "empty": tmp_path, "foreign": foreign}
    said = complaint(tlsmatrix("report", *(word.format(**names) for word in words)), USAGE)
    assert said.startswith(reason.format(**names))


def test_a_report_that_fails_leaves_the_old_one(copied):
    tlsmatrix("report", copied)
    before = (copied / "report.html").read_bytes()
    with sqlite3.connect(copied / "results.db") as database:
        database.execute("UPDATE documents SET json = 'no JSON'")
    said = complaint(tlsmatrix("report", copied), USAGE)
    assert said == f"{copied}/results.db: holds facts that are no JSON"
    assert (copied / "report.html").read_bytes() == before
    assert not (copied / "report.html.part").exists()
