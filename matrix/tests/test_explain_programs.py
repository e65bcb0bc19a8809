"""Captures that we did not make: programs of Debian's failing against each other, recorded anew
with tcpdump, and what `tlsmatrix explain` says of each (recorded_table.py has the rows)."""

import json
from collections import namedtuple

import pytest
from e2e import OK, tlsmatrix
from recorded_pki import EXPIRED_ON
from recorded_table import ANY, ROWS

BY_NAME = {row.name: row for row in ROWS}

rows = pytest.mark.parametrize("name", list(BY_NAME))


class Explained(namedtuple("Explained", "plain keyed ports")):
    """{server's port: connection} without and with keys."""

    def connection(self, name, with_keys=False):
        return (self.keyed if with_keys else self.plain)[self.ports[name]]


def explain(*words):
    done = tlsmatrix("explain", "--json", *words)
    assert done.status == OK, done
    assert done.err == ""
    return {int(c["server"].rpartition(":")[2]): c for c in done.json["connections"]}


@pytest.fixture(scope="session")
def explained(recorded_programs):
    folder = recorded_programs
    capture = folder / "recorded.pcap"
    return Explained(explain(capture), explain(capture, "--keys", folder / "keys.log"),
                     json.loads((folder / "ports.json").read_text()))


def held_to(connection, cause, row):
    assert connection["cause"] is not None, f"{row.name}: {connection['outcome']}"
    found = connection["cause"]
    assert found["id"] == cause, found["sentence"]
    assert row.by in (None, found["by"]), found["sentence"]
    assert "{" not in found["sentence"] + found["why"]
    return found


@rows
def test_what_is_said_without_keys(explained, name):
    row = BY_NAME[name]
    connection = explained.connection(name)
    if row.cause is None:
        assert connection["cause"] is None, connection["cause"]["sentence"]
        assert connection["outcome"] == "completed"
        return
    found = held_to(connection, row.cause, row)
    alert = found["alert"]
    if row.alert == ANY:
        return
    if row.alert is None:
        assert alert is None or alert["hidden"], found
    else:
        assert (alert["description"], alert["from"]) == (row.alert, row.by)


@rows
def test_keys_only_deepen(explained, name):
    row = BY_NAME[name]
    connection = explained.connection(name, with_keys=True)
    if row.cause is None:
        assert connection["cause"] is None, connection["cause"]["sentence"]
        assert connection["outcome"] == "completed"
    else:
        held_to(connection, row.keyed or row.cause, row)


def test_the_sentence_names_the_day_of_expiry(explained):
    for name in ("expired-curl12", "expired-gnutls12", "expired-wget12"):
        assert EXPIRED_ON in explained.connection(name)["cause"]["sentence"]


def test_the_sentence_names_both_names(explained):
    sentence = explained.connection("name-python12")["cause"]["sentence"]
    assert "good.example" in sentence and "elsewhere.example" in sentence


def test_what_was_inferred_is_marked(explained):
    for name in ("mutual-none13", "expired-gnutls13"):
        cause = explained.connection(name)["cause"]
        assert cause["confidence"] != "certain"
        assert cause["alert"]["hidden"]
        # The second where the packets' times, which are the machine's, leave a doubt more.
        assert cause["why"].startswith(("Inferred", "A guess by size"))
        assert not explained.connection(name, with_keys=True)["cause"]["alert"]["hidden"]


def test_a_request_for_one_kind_of_key_is_told(explained):
    one, many = (explained.connection(name)["cause"]["sentence"]
                 for name in ("mutual-schemes12", "mutual-none12"))
    assert "keys of one kind only (ed25519)" in one
    assert "one kind" not in many


def test_who_left_without_an_alert_is_not_known_for_certain(explained):
    plain = explained.connection("ca-node13")["cause"]
    keyed = explained.connection("ca-node13", with_keys=True)["cause"]
    assert (plain["confidence"], keyed["confidence"]) == ("possible", "possible")
    assert "--keys" in plain["why"] and "--keys" not in keyed["why"]
    assert "Some Other CA" in keyed["sentence"]
