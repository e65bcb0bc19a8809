"""Under pytest-xdist each case is run once, by the worker that reports it."""

from driven import LIAR
from test_selecting import planned

from tlsmatrix_pytest.sharing import share_of


def runs(driven):
    return sorted(path.parent for path in driven.kept.glob("share-*/results.db"))


def test_two_workers_run_each_case_once(driven):
    result = driven("-n", "2", "--tlsmatrix-out", "kept")
    assert result.outcomes == {"passed": 20, "skipped": 20}
    first, second = (planned(run) for run in runs(driven))
    assert len(first | second) == 40 and not first & second
    assert {share_of(case_id, 2) for case_id in first} == {0}


def test_workers_report_what_one_process_reports(driven):
    words = ["--tlsmatrix-stack", LIAR, "--tlsmatrix-fault", "liar=no-pin"]
    alone = driven(*words, "--junitxml=alone.xml", stacks="openssl")
    shared = driven(*words, "--junitxml=shared.xml", "-n", "2", stacks="openssl")
    assert alone.outcomes == shared.outcomes
    assert alone.outcomes["failed"] > 0

    def verdicts(name):
        cases = driven.junit(name).items()
        return {case_id: case.find("failure") is None for case_id, case in cases}

    assert verdicts("alone.xml") == verdicts("shared.xml")


def test_a_share_without_a_case_makes_no_run(driven):
    driven("-n", "2", "--tlsmatrix-out", "kept", "-k", "openssl-openssl and rsa2048/server/off")
    assert len(runs(driven)) == 1
