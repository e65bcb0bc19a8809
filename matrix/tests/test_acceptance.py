"""The acceptance table: every promised row is there, and what it names exists and can be run."""

import functools
import re

import pytest

from e2e import OK, TREE, USAGE, complaint, stack_names, tlsmatrix

PROMISED = (
    """S0.1 S0.2 S0.3 S0.4 S0.5 S0.6 S0.7 S0.8 S0.9 S0.9b S0.10 S0.11 S0.20 S0.21 S0.22 S0.22b S0.23
    S0.24 S0.25 S0.26 S0.27 S0.30 S0.31 S0.32 S0.33 S0.34 S0.35 S0.36a S0.36b S0.36c S0.36d S0.37
    S0.38 S1.1 S1.2 S1.3 S1.4 S1.5 S1.6 S1.7 S1.7b S1.7c S1.8 S1.8b S1.8c S1.9 S1.10 S1.11 S1.11b
    S1.12 S1.13 S1.14 S1.15 S2.1 S2.2 S2.3 S2.4a S2.4b S2.4c S2.4d S2.4e S2.5 S2.6 S2.7 S2.8 S2.9
    S2.10 S2.11 S2.12 S3.1 S3.2 S3.3 S3.4 S3.5 S3.6 S3.7 S3.8 S3.9 S3.10 S3.11 S3.12 S3.13 S3.14
    S4.1 S4.2 S4.4 S4.5 S4.7 S4.9 S4.10 S4.12 S4.13""".split()
    + [f"V{i}" for i in range(1, 11)] + [f"N{i}" for i in range(1, 4)]
    + [f"H{i}" for i in range(1, 21)] + [f"G{i}" for i in range(1, 11)]
)
TABLE = tlsmatrix("list", "--acceptance", "--json")
ROWS = {row["id"]: row for row in TABLE.json} if TABLE.status == OK else {}


def test_no_row_is_missing_or_there_twice():
    assert TABLE.status == OK, TABLE.err
    assert set(PROMISED) <= set(ROWS) and len(ROWS) == len(TABLE.json)
    rest = set(ROWS) - set(PROMISED)
    assert len(rest) > 20 and all(name.startswith("badssl.") for name in rest)


@functools.lru_cache
def cases_of(profile):
    """The ids of a profile without the pair of stacks, one a line."""
    done = tlsmatrix("list", profile)
    assert done.status == OK, done.err
    return "\n".join(sorted({line.split()[0].split("/", 1)[1] for line in done.out.splitlines()}))


def pattern(glob):
    """As case_id_matches() has it: '*' crosses '/', {a,b} is a choice."""
    text = re.sub(r"[.+()|^$]", r"\\\g<0>", glob).replace("*", ".*").replace("?", ".")
    return text.replace("{", "(?:").replace("}", ")").replace(",", "|")


@pytest.mark.parametrize("name", ROWS)
def test_its_cases_are_in_the_profile(name):
    row = ROWS[name]
    if row["profile"] == "hellos" and not (TREE / "matrix/profiles/hellos.yaml").exists():
        return  # the rows wait for a part that is not in this tree; once it is, they are held to it
    for glob in row["cases"]:
        assert re.search(f"^{pattern(glob)}$", "\n" + cases_of(row["profile"]), re.M) or \
            (glob.startswith("*/") and re.search(f"{pattern(glob[1:])}$", cases_of(row["profile"]),
                                                 re.M)), glob


@pytest.mark.parametrize("name", ROWS)
def test_its_single_cases_are_possible(name):
    """`show` parses an id, and tells one that is excluded or that these stacks cannot."""
    first = stack_names()[0]
    for case in ROWS[name]["cases"]:
        if not set("*?[{") & set(case):
            pairs = [f"{c}-{s}/{case}" for c in stack_names() for s in stack_names()]
            assert any(tlsmatrix("show", pair).status == OK for pair in pairs), (case, first)


@pytest.mark.parametrize("name", ROWS)
def test_its_scenarios_and_tests_exist(name):
    for scenario in ROWS[name]["scenarios"]:
        assert (TREE / f"matrix/stories/{scenario}.yaml").exists(), scenario
    for node in ROWS[name]["tests"]:
        path, test = node.split("::")
        assert re.search(rf"^def {test}\(", (TREE / path).read_text(), re.M), node


def test_one_row_has_its_commands():
    done = tlsmatrix("list", "--acceptance", "S0.22")
    assert done.status == OK and len(done.out.splitlines()) > 3
    case = "tls1.3/any/any/rsa2048/mutual-none-sent/off"
    assert f"tlsmatrix run full --select '*/{case}'" in done.out
    assert "tlsmatrix scenario mutual-get" in done.out
    again = re.search(f"tlsmatrix rerun -v '(.*{case})'", done.out)[1]
    assert tlsmatrix("rerun", again).status == OK


def test_every_row_is_a_line():
    lines = tlsmatrix("list", "--acceptance").out.splitlines()
    assert [line.split()[0] for line in lines] == list(ROWS)


@pytest.mark.parametrize("words, said", [(["S0.222"], "did you mean 'S0.22'?"),
                                         (["weather-report"], "no row 'weather-report'"),
                                         (["S0.1", "S0.2"], "one row at a time")])
def test_usage(words, said):
    assert said in complaint(tlsmatrix("list", "--acceptance", *words))


@pytest.mark.parametrize("row, said", [
    ("  - {id: A, text: b}\n", ":2: A: nothing covers it"),
    ("  - {id: A, cases: [x]}\n", ":2: "),
    ("  - {id: A, text: b, case: x}\n", ":2: unknown key 'case'"),
    ("  - {id: A, text: b, cases: x}\n", ":2: "),
    ("  - {id: A, text: b, tests: [[x]]}\n", ":2: "),
])
def test_a_bad_table_is_told_with_its_line(tmp_path, monkeypatch, row, said):
    (tmp_path / "matrix").mkdir()
    for name in "profiles", "hellos":
        (tmp_path / "matrix" / name).symlink_to(TREE / "matrix" / name)
    (tmp_path / "matrix/acceptance.yaml").write_text("rows:\n" + row)
    monkeypatch.setenv("TLSMATRIX_DATA", str(tmp_path))
    assert f"acceptance.yaml{said}" in complaint(tlsmatrix("list", "--acceptance"), USAGE)
