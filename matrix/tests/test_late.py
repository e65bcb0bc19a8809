"""What a peer does after it has given its facts still belongs to the case: whether the other end
is still busy with it, the peer's next case follows, or no case follows at all."""

import pytest
from e2e import HARNESS, LIAR, OK, RED, cases_of, tlsmatrix, write_ids

CASE = "tls1.3/aes128gcm/x25519/rsa2048/server/off"
SLOW = LIAR.replace("liar=", "other=", 1)

LATE = {
    "late-crash": ("crash", RED, "killed by signal 11 (Segmentation fault)"),
    "twice": ("harness-error", HARNESS, "sent facts twice"),
}


def run(folder, ids, *words):
    ids = write_ids(folder.parent / "ids", ids)
    done = tlsmatrix(
        "run", "--ids", ids, "--out", folder, "--stacks", "openssl", "--stack", LIAR, "--stack",
        SLOW, "--lanes", 1, "--quiet", *words,
    )
    return done, cases_of(folder)


@pytest.mark.parametrize("lie", LATE)
@pytest.mark.parametrize("pair", ["liar-other", "other-liar"])
@pytest.mark.parametrize("other", ["honest", "slow"])
def test_what_follows_the_facts_of_the_last_case_is_seen(lie, pair, other, run_folder):
    faults = ["--fault", f"liar={lie}", *(["--fault", "other=slow"] if other == "slow" else [])]
    done, cases = run(run_folder, [f"{pair}/{CASE}"], *faults)
    verdict, status, why = LATE[lie]
    (case,) = cases.values()
    assert case.verdict == verdict
    assert "after its facts" in case.reason and case.reason.endswith(why)
    assert done.status == status


@pytest.mark.parametrize("lie", LATE)
def test_what_follows_the_facts_is_not_taken_for_the_next_case(lie, run_folder):
    ids = [f"liar-other/{CASE}", f"other-other/{CASE}", f"openssl-openssl/{CASE}"]
    _, cases = run(run_folder, ids, "--fault", f"liar={lie}", "--fault", "other=slow")
    assert [cases[case_id].verdict for case_id in ids] == [LATE[lie][0], "pass", "pass"]


def test_the_same_cases_with_honest_peers_pass(run_folder):
    done, cases = run(run_folder, [f"liar-other/{CASE}", f"other-liar/{CASE}#2"],
                      "--fault", "other=slow")
    assert {case.verdict for case in cases.values()} == {"pass"}
    assert done.status == OK
