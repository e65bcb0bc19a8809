"""Every capture that a run keeps opens in tshark, which sees in it what we do: the whole of smoke,
and what the default policy keeps of a run with a liar in it."""

import shutil
import sqlite3

import pytest
from e2e import LIAR, OK, RED, cases_of, tlsmatrix
from tshark_agrees import compare

TOOLS = ("tcpdump", "tshark", "mergecap")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"not all of {TOOLS} are there"
)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke") / "run"
    done = tlsmatrix("run", "smoke", "--capture", "all", "--out", folder, "--json", "--quiet")
    assert done.status == OK
    return done.json, folder


@pytest.fixture(scope="module")
def with_liar(tmp_path_factory):
    folder = tmp_path_factory.mktemp("liar") / "run"
    done = tlsmatrix("run", "smoke", "--stacks", "openssl", "--stack", LIAR, "--fault",
                     "liar=wrong-group", "--out", folder, "--json", "--quiet")
    assert done.status == RED
    return done.json, folder


def test_all_of_smoke_is_as_tshark_sees_it(smoke):
    counts, folder = smoke
    compared = compare(folder)
    assert compared.disagreements == []
    assert counts["packets_dropped"] == 0
    assert compared.counts["files"] == counts["captures_kept"] == counts["captures_decrypted"] > 150
    assert compared.counts["opens (Finished)"] == compared.counts["files"]
    accepted = [case for case in cases_of(folder, planned_only=False).values()
                if case.client and case.client["result"] == case.server["result"] == "accepted"]
    for end in ("client", "server"):
        assert compared.counts[f"suite that the {end} reports"] > 100
        assert compared.counts[f"acceptance that the {end} reports"] == len(accepted) > 100
    assert compared.counts["alert that the server reports"] > 20


def test_what_is_kept_of_failures_is_as_tshark_sees_it(with_liar):
    counts, folder = with_liar
    compared = compare(folder)
    assert compared.disagreements == [] and counts["packets_dropped"] == 0
    # What is inconclusive because its healthy twin failed has the twin's file.
    kept = [case for case in cases_of(folder, planned_only=False).values()
            if case.verdict not in ("pass", "xfail", "unsupported", "inconclusive")]
    assert compared.counts["files"] == counts["captures_kept"] == len(kept) > 24
    assert compared.counts["group that an end reports wrongly"] > 12


@pytest.fixture
def altered(smoke, tmp_path):
    """A copy of a part of the run, for something wrong to be put into it."""
    _, folder = smoke
    copy = tmp_path / "run"
    (copy / "captures").mkdir(parents=True)
    shutil.copy(folder / "results.db", copy)
    for path in (folder / "captures").glob("openssl-openssl_*"):
        shutil.copy(path, copy / "captures")
    assert compare(copy).disagreements == []
    return copy


def reasons(folder):
    return {text.split(":")[0] for _, text in compare(folder).disagreements}


def test_an_end_that_reports_another_suite_would_be_seen(altered):
    with sqlite3.connect(altered / "results.db") as database:
        database.execute("UPDATE documents SET json = replace(json, 'TLS_AES_128_GCM_SHA256',"
                         " 'TLS_AES_256_GCM_SHA384') WHERE json LIKE '{\"result\"%'")
    assert reasons(altered) == {"suite that the client reports", "suite that the server reports"}


def test_a_file_without_its_keys_would_be_seen(altered):
    path = sorted((altered / "captures").glob("openssl-openssl_tls1.3*_mutual_off.*"))[0]
    data = path.read_bytes()
    assert b"CLIENT_" in data and b"SERVER_" in data
    path.write_bytes(data.replace(b"CLIENT_", b"KLIENT_").replace(b"SERVER_", b"ZERVER_"))
    blind = compare(altered)
    assert {name for name, _ in blind.disagreements} == {path.name}
    assert any("Finished" in text or "acceptance" in text for _, text in blind.disagreements)


def test_a_file_of_another_case_would_be_seen(altered):
    first, second = sorted((altered / "captures").iterdir())[:2]
    first.write_bytes(second.read_bytes())
    assert "tshark finds no packet of the case" in reasons(altered)
