"""The plants themselves are planted by ci/plants; here: that it would say so if one survived, and
that the table for people holds every row."""

import io
import re

import pytest
from e2e import tlsmatrix
from plants import Broken, CARELESS, TABLE, Catch, Plant, lies, markdown, misses, plants, survey

ACCEPTED = "accepted-what-must-be-refused"
WRONG_HOST = "careless-openssl/tls1.3/any/any/ecdsa-p256/server/off/wrong-host"
HEALTHY = "careless-openssl/tls1.3/any/any/ecdsa-p256/server/off"


def told(folder, *chosen):
    folder.mkdir()
    out = io.StringIO()
    return survey(chosen, folder, out), out.getvalue()


def plant(name, case, kind=ACCEPTED):
    return Plant("careless", name, "", "", [Catch(case, "fail", kind, "*")])


def test_a_plant_that_shows_is_caught(tmp_path):
    missed, said = told(tmp_path / "run", plant("no-host-name", WRONG_HOST))
    assert missed == 0
    assert "nothing planted: 1 of 1 cases green" in said and "\ncaught" in said
    assert f"fail {ACCEPTED}, by refusal.accepted: {WRONG_HOST}" in said


def test_a_plant_that_shows_in_none_of_its_cases_survives(tmp_path):
    missed, said = told(tmp_path / "run", plant("no-expiry", WRONG_HOST))
    assert missed == 1
    assert f"MISSED {WRONG_HOST}: pass" in said


def test_a_plant_that_is_red_for_another_reason_survives(tmp_path):
    missed, said = told(tmp_path / "run", plant("no-host-name", WRONG_HOST, "wrong-alert"))
    assert missed == 1
    assert f"fail {ACCEPTED}" in said and "expected: fail wrong-alert" in said


def test_a_red_twin_is_a_miss(tmp_path):
    impossible = "careless-openssl/tls1.1/any/any/ecdsa-p256/server/off"
    missed, said = told(tmp_path / "run", plant("no-host-name", impossible))
    assert missed == 2  # the twin, and the plant
    assert f"RED {impossible}: unsupported" in said


def test_a_plant_without_a_case_is_a_miss():
    assert list(misses(Plant("careless", "x", "", "", []), {})) == ["no case would show it"]


def test_every_plant_names_its_cases_and_its_source():
    every = plants()
    assert len(every) > 50 and len({row.name for row in every}) == len(every)
    for row in every:
        assert row.catches and "careless" in row.catches[0].case, row
        assert "RFC " in row.references or "ours: " in row.references, row


def test_the_table_for_people_holds_every_row():
    without_checks = re.sub(r"(?<=`) \([a-z.-]+\)", "", TABLE.read_text())
    assert without_checks.splitlines() == list(markdown(plants() + lies(), {})), (
        "matrix/PLANTS.md is stale: ci/plants --write")


def test_an_unknown_plant_is_refused_with_the_nearest():
    done = tlsmatrix("worker", "--fault", "no-hostname", program=CARELESS)
    assert done.status == 2 and "did you mean 'no-host-name'?" in done.err


def test_an_unknown_plant_is_no_verdict_about_tls(tmp_path):
    with pytest.raises(Broken, match="careless has no fault 'nosuch'"):
        told(tmp_path / "run", plant("nosuch", HEALTHY))
