"""The outputs for other programs, read by other programs; the schema's queries; the run that they
tell of has every kind of verdict that a peer can bring about."""

import json
import re
import sqlite3
import subprocess
from xml.etree import ElementTree

import pytest
from e2e import LIAR, OK, RED, TREE, USAGE, cases_of, complaint, tlsmatrix, write_ids, write_profile
from junitparser import Error, Failure, JUnitXml, Skipped

LIE = "wrong-alert"
STACKS = "boringssl", "gnutls", "openssl"
GREEN = [
    "tls1.2/any/any/rsa2048/server/off", "tls1.2/any/any/rsa2048/mutual-none-sent/off",
    "tls1.3/any/any/ecdsa-p256/mutual/off", "tls1.2:tls1.3/any/any/rsa2048/server/off",
]
ONE_PAIR = [
    "gnutls-openssl/tls1.3/any/any/rsa2048/server/off/retry-twice",  # a HelloRetryRequest
    "openssl-boringssl/tls1.3/any/any/ed448/server/off",  # which BoringSSL does not have
    "openssl-gnutls/tls1.2/any/any/rsa2048/mutual-none-sent/off/product",  # a known deviation
]
SCHEMA = TREE / "matrix" / "report" / "SCHEMA.md"


@pytest.fixture(scope="module")
def green(tmp_path_factory):
    folder = tmp_path_factory.mktemp("green")
    cases = [f"{client}-{server}/{rest}" for client in STACKS for server in STACKS for rest in GREEN]
    ids = write_ids(folder / "ids", cases + ONE_PAIR)
    done = tlsmatrix("run", "--ids", ids, "--out", folder / "run", "--quiet")
    assert done.status == OK, done
    return folder / "run"


@pytest.fixture(scope="module")
def red(tmp_path_factory):
    """Failures of one cause, more than are listed one by one, and an error."""
    folder = tmp_path_factory.mktemp("red")
    profile = write_profile(
        folder / "profile.yaml", auth=["mutual-none-sent", "server"], pin=["off", "leaf", "spki"],
        credential=["rsa2048", "rsa3072", "ecdsa-p256", "ecdsa-p384"],
    )
    done = tlsmatrix("run", profile, "--stacks", "openssl", "--stack", LIAR, "--select",
                     "openssl-liar/*", "--fault", f"liar={LIE}", "--out", folder / "run", "--quiet")
    assert done.status == RED, done
    return folder / "run"


def report(folder, form):
    done = tlsmatrix("report", folder, "--format", form)
    assert done.status == OK, done
    return done.out


# ---- JUnit ----


def suites_of(text):
    """{suite: [test case]} as another program reads them; the numbers must be right."""
    suites = {}
    for suite in JUnitXml.fromstring(text.encode()):
        tests = list(suite)
        kinds = [type(result) for test in tests for result in test.result]
        assert suite.tests == len(tests)
        assert suite.failures == kinds.count(Failure)
        assert suite.errors == kinds.count(Error)
        assert suite.skipped == kinds.count(Skipped)
        suites[suite.name] = tests
    return suites


# Jenkins's schema (junit-10.xsd): what an element may hold, and which attributes.
ALLOWED = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "disabled", "errors"}),
    "testsuite": ({"testcase", "properties", "system-out", "system-err"},
                  {"name", "tests", "failures", "errors", "time", "disabled", "skipped",
                   "timestamp", "hostname", "id", "package"}),
    "testcase": ({"skipped", "error", "failure", "system-out", "system-err"},
                 {"name", "classname", "time", "assertions", "status"}),
    "failure": (set(), {"type", "message"}),
    "error": (set(), {"type", "message"}),
    "skipped": (set(), {"message"}),
}


def assert_schema(element):
    children, attributes = ALLOWED[element.tag]
    assert set(element.attrib) <= attributes
    if element.tag == "testsuite":
        assert {"name", "tests", "failures", "errors"} <= set(element.attrib)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", element.get("timestamp"))
    if element.tag == "testcase":
        assert element.get("name") and element.get("classname")
    for child in element:
        assert child.tag in children
        assert_schema(child)


def test_junit_is_of_the_usual_schema(green, red):
    for folder in (green, red):
        assert_schema(ElementTree.fromstring(report(folder, "junit")))


def test_junit_of_a_green_run_is_short_and_has_no_failure(green):
    suites = suites_of(report(green, "junit"))
    pairs = {case_id.split("/")[0] for case_id in cases_of(green)}
    assert set(suites) == pairs | {"run"}
    assert not any(isinstance(result, (Failure, Error))
                   for tests in suites.values() for test in tests for result in test.result)
    for pair in pairs:
        passed = sum(case.verdict == "pass" for case in cases_of(green).values()
                     if case.id.startswith(pair + "/"))
        assert suites[pair][0].name == f"pass: {passed} case{'s' if passed > 1 else ''}"
        assert len(suites[pair]) < 10


def test_junit_tells_failures_with_reason_and_rerun_the_rest_together(red):
    failed = {case.id: case for case in cases_of(red).values() if case.verdict == "fail"}
    tests = suites_of(report(red, "junit"))["openssl-liar"]
    single = [test for test in tests if test.name in failed]
    assert 0 < len(single) < len(failed)
    for test in single:
        (failure,) = test.result
        assert failure.type == failed[test.name].kind
        assert failure.message == failed[test.name].reason
        assert f"rerun -v '{test.name}'" in failure.text
    (rest,) = [test for test in tests if " more: " in test.name]
    assert f" {len(failed) - len(single)} more: " in rest.name
    assert "\nin: openssl-liar/" in rest.result[0].text


def test_junit_is_xml_whatever_a_peer_says(red, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "results.db").write_bytes((red / "results.db").read_bytes())
    database = sqlite3.connect(folder / "results.db")
    database.execute("UPDATE cases SET reason = CAST(x'3c612022263e1b5b6dff0a' AS TEXT)"
                     " WHERE verdict = 'fail'")
    database.commit()
    database.close()
    text = report(folder, "junit")
    reasons = {result.message for test in suites_of(text)["openssl-liar"] for result in test.result
               if isinstance(result, Failure)}
    assert {reason.replace("\n", " ") for reason in reasons} == {'<a "&>\ufffd[m\ufffd '}


# ---- JSON, JSON Lines, Markdown ----


def test_json_has_verdict_counts_and_causes(green, red):
    told = json.loads(report(green, "json"))
    assert (told["verdict"], told["exit_code"], told["causes"]) == ("green", OK, [])
    assert {stack["name"] for stack in told["stacks"]} >= {"openssl", "gnutls", "boringssl"}
    told = json.loads(report(red, "json"))
    failed = [case for case in cases_of(red).values() if case.verdict == "fail"]
    assert (told["verdict"], told["exit_code"]) == ("red", RED)
    assert told["counts"]["fail"] == len(failed) == sum(one["cases"] for one in told["causes"])
    assert told["causes"][0]["reason"] == failed[0].reason
    assert told["run"]["state"] == "finished"


def test_of_a_kind_the_cause_of_the_most_cases_comes_first(red, tmp_path):
    folder = tmp_path / "causes"
    folder.mkdir()
    (folder / "results.db").write_bytes((red / "results.db").read_bytes())
    failed = [case.id for case in cases_of(red).values() if case.verdict == "fail"]
    assert len(failed) >= 3
    with sqlite3.connect(folder / "results.db") as database:
        database.execute("UPDATE cases SET kind = 'no-alert', reason = 'b' WHERE verdict = 'fail'")
        database.execute("UPDATE cases SET reason = 'a' WHERE id = ?", failed[:1])
    causes = json.loads(report(folder, "json"))["causes"]
    assert [(one["reason"], one["cases"]) for one in causes] == [("b", len(failed) - 1), ("a", 1)]
    text = report(folder, "markdown")
    assert text.index(f"{len(failed) - 1} cases") < text.index("1 case")


def test_json_lines_has_every_case_as_it_is_stored(red):
    lines = [json.loads(line) for line in report(red, "jsonl").splitlines()]
    cases = cases_of(red, planned_only=False)
    assert [line["id"] for line in lines] == sorted(cases)
    for line in lines:
        case = cases[line["id"]]
        assert (line["verdict"], line["kind"], line["reason"]) == case[2:5]
        assert (line.get("client"), line.get("server")) == (case.client, case.server)
        assert line["planned"] == bool(case.planned)
        if case.sequence:
            assert line["ladder"][0][:3] == ["c", "handshake", "client_hello"]
            assert line["wire"]["client_bytes"] > line["ladder"][0][4]


def test_markdown_is_short_and_says_what_to_do(green, red):
    assert report(green, "markdown").startswith("# tlsmatrix: green\n")
    text = report(red, "markdown")
    assert text.startswith("# tlsmatrix: red\n")
    assert "### fail wrong-alert: " in text or "### fail ends-disagree: " in text
    assert "<code>tlsmatrix rerun -v &#39;openssl-liar/" in text.replace("'", "&#39;")
    assert len(text) < 65536


def test_markdown_stays_short_whatever_happened(red, tmp_path):
    """A reason for each case, each as long as they get, of characters that have to be escaped."""
    folder = tmp_path / "much"
    folder.mkdir()
    (folder / "results.db").write_bytes((red / "results.db").read_bytes())
    database = sqlite3.connect(folder / "results.db")
    database.execute("UPDATE cases SET reason = id || ?, verdict = 'fail'", ("<" * 4000,))
    database.commit()
    database.close()
    assert len(report(folder, "markdown").encode()) < 65536


# ---- the command ----


def test_a_file_is_written_whole_or_not_at_all(green, tmp_path):
    target = tmp_path / "junit.xml"
    assert tlsmatrix("report", green, "--format", "junit", "-o", target).status == OK
    assert suites_of(target.read_text())
    assert "No such file" in complaint(tlsmatrix("report", green, "-o", tmp_path / "no" / "x"))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "results.db").write_bytes(b"x" * 4096)
    words = complaint(tlsmatrix("report", tmp_path / "bad", "--format", "junit", "-o", target))
    assert "not a tlsmatrix results file" in words
    assert suites_of(target.read_text())
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_what_is_no_run_or_no_format_is_refused(green, tmp_path):
    assert "No such file" in complaint(tlsmatrix("report", tmp_path))
    assert "one run" in complaint(tlsmatrix("report"))
    assert "one run" in complaint(tlsmatrix("report", green, green))
    assert tlsmatrix("report", green, "--format", "xml").status == USAGE


# ---- the schema ----


def queries():
    return re.findall(r"```sql\n(.*?)```", SCHEMA.read_text(), re.DOTALL)


def test_there_are_ten_queries():
    assert len(queries()) == 10


@pytest.mark.parametrize("number", range(10))
def test_each_query_works_and_finds_something(number, green, red, tmp_path):
    sql = queries()[number]
    rows = []
    for folder in (green, red):
        # Debian's own command, as somebody would type it.
        done = subprocess.run(["sqlite3", "-json", folder / "results.db", sql], check=False,
                              capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        rows += json.loads(done.stdout or "[]")
    assert rows and all(value is not None for row in rows for value in row.values())


def test_every_table_and_column_is_described(green):
    text = SCHEMA.read_text()
    database = sqlite3.connect(f"file:{green}/results.db?mode=ro", uri=True)
    (version,) = database.execute("PRAGMA user_version").fetchone()
    assert f"schema version {version} " in text
    names = database.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
    for (table,) in names.fetchall():
        assert f"| `{table}` |" in text
        for column in database.execute(f"PRAGMA table_info({table})").fetchall():
            assert f"`{column[1]}`" in text, (table, column[1])
