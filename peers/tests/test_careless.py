"""`tlspeer-careless worker`: careful, but for what a case tells it to leave out."""

import pytest

from conftest import endpoint, peer, run_pair, tcp_pair


@pytest.fixture
def other(worker):
    return worker(peer("openssl"), "worker")


def strangers(ends, **more):
    """A client that trusts another root than the server's."""
    c, s = ends()
    return {**c, "trust_file": c["trust_file"].replace("rsa2048", "ecdsa-p256"), **more}, s


def test_a_careless_peer_is_careful_until_it_is_told(worker, other, ends):
    client, _ = run_pair(worker(peer("careless"), "worker"), other, strangers(ends))
    assert (client["result"], client["verify_problem"], client["alert_sent"]) == (
        "refused", "chain", 48), client


def test_a_careless_peer_leaves_out_what_it_is_told_and_for_that_case_only(worker, other, ends):
    one = worker(peer("careless"), "worker")
    for fault, result in ("any-issuer", "accepted"), ("no-expiry", "refused"), (None, "refused"):
        more = {"fault": fault} if fault else {}
        assert run_pair(one, other, strangers(ends, **more))[0]["result"] == result


def test_a_careless_peer_declines_what_it_cannot_leave_out(worker):
    client, _ = tcp_pair()
    one = worker(peer("careless"), "worker")
    one.start(endpoint("client", fault="no-manners"), client)
    facts = one.facts()
    assert facts["result"] == "declined" and "no-manners" in facts["error_text"]


@pytest.mark.parametrize("more", [{"served_name": "a.example"}, {"protocols": "h2"},
                                  {"late_verify": True}])
def test_a_careless_peer_declines_what_it_does_not_do(worker, ends, more):
    one = worker(peer("careless"), "worker")
    for wanted, result in (more, "declined"), ({}, "accepted"):
        client, _ = run_pair(one, worker(peer("openssl"), "worker"), ends(client=wanted))
        assert client["result"] == result, client
