"""`tlsmatrix reproduce` on recordings of programs that are not ours (recorded_table.py): which
failures come again on a live stack with the same end, stage and alert, and which do not, and why."""

import json

import pytest
from e2e import OK, RED, USAGE, complaint, stack_names, tlsmatrix
from recorded_table import ROWS

BROWSER = "Chromium says certificate_unknown where the stacks name what is wrong: other alerts"
NO_STACK = "it was no TLS stack that gave up on the hello, and every stack takes it"

NOT_REPRODUCED = {
    "expired-chromium12": BROWSER, "expired-chromium13": BROWSER,
    "name-chromium12": BROWSER, "name-chromium13": BROWSER, "ca-chromium12": BROWSER,
    "weak-dh": "our client takes any prime, and the recorded signature is for another client",
    "mutual-ca-gnutls13": "gnutls-serv says access_denied itself, before the library's alert",
    "haproxy-missing": NO_STACK, "reset-on-hello": NO_STACK, "close-on-hello": NO_STACK,
    "close-in-flight": NO_STACK,
}
# What is not the stacks' own to decide, but told to them: every stack does it.
TOLD = {
    "sni-nginx": "name-not-served", "sni-s_server": "name-not-served",
    "alpn-nginx": "no-common-protocol", "alpn-s_server": "no-common-protocol",
    "schemes12": "no-common-signature-algorithm",
    "expired-wget12": "server-certificate-late", "expired-wget13": "server-certificate-late",
    "expired-node12": "server-certificate-late",
    "name-curl12": "server-certificate-late", "name-curl13": "server-certificate-late",
}
# One of each kind: their new captures and case files are looked at, too.
KINDS = [
    "version-curl", "suite12", "group13", "expired-curl12", "name-python13", "ca-curl13",
    "weak-python12", "mutual-none13", "mutual-expired12", "mutual-ca13", "sni-nginx",
    "alpn-s_server", "name-curl12", "http-server", "starttls-pop3", "pin-curl13",
]
# Nothing that a TLS stack decides: cut, silent, or before any TLS; left without an alert.
NOT_PLAYED = {
    "http-client", "http-client-s_server", "starttls-never", "starttls-broken", "proxy-refuses",
    "no-listener", "silent-curl", "reset-in-flight", "stalled",
    "ca-node13",
}
FAILED = {row.name: row for row in ROWS if row.cause is not None}


@pytest.fixture(scope="module")
def numbers(recorded_programs):
    """{row: number of its connection}."""
    done = tlsmatrix("explain", "--json", recorded_programs / "recorded.pcap")
    ports = json.loads((recorded_programs / "ports.json").read_text())
    by_port = {int(c["server"].rpartition(":")[2]): c["connection"]
               for c in done.json["connections"]}
    return {name: by_port[port] for name, port in ports.items() if port in by_port}


def play(folder, number, out):
    return tlsmatrix("reproduce", "--json", folder / "recorded.pcap", "--keys",
                     folder / "keys.log", "--connection", number, "-o", out)


@pytest.mark.parametrize("name", list(FAILED))
def test_recordings_of_other_programs(recorded_programs, numbers, run_folder, name):
    done = play(recorded_programs, numbers[name], run_folder)
    if name in NOT_PLAYED:
        assert "no TLS stack decided this" in complaint(done, USAGE)
        return
    told = done.json
    assert done.status == (RED if name in NOT_REPRODUCED else OK), told
    assert told["reproduced"] == (name not in NOT_REPRODUCED)
    same = [s for a in told["attempts"] for s in a["stacks"] if s["outcome"] == "same"]
    for stack in same:
        assert stack["ending"]["by"] == told["recorded"]["by"] or name == "http-server"
        assert stack["ending"]["stage"] == told["recorded"]["stage"]
        assert stack["ending"]["alert"] == told["recorded"]["alert"]


@pytest.mark.parametrize("name", list(TOLD))
def test_every_stack_can_be_told_so(recorded_programs, numbers, run_folder, name):
    told = play(recorded_programs, numbers[name], run_folder).json
    (attempt,) = told["attempts"]
    assert attempt["name"] == TOLD[name]
    for stack in attempt["stacks"]:
        assert stack["outcome"] == "same", stack
        assert not stack["healthy"]["refused"]
    assert sorted(stack["stack"] for stack in attempt["stacks"]) == stack_names()


def test_who_answers_a_hello_and_then_refuses_it_has_not_accepted(recorded_programs, numbers,
                                                                  run_folder):
    """BoringSSL sends its hello and its certificate before it looks how to sign."""
    told = play(recorded_programs, numbers["schemes13"], run_folder).json
    (attempt,) = told["attempts"]
    outcomes = {stack["stack"]: stack["outcome"] for stack in attempt["stacks"]}
    assert outcomes == {"boringssl": "same-cause", "gnutls": "same", "openssl": "same"}
    assert not any(stack["healthy"]["refused"] for stack in attempt["stacks"])


@pytest.mark.parametrize("name", KINDS)
def test_new_captures_and_case_files_say_the_same(recorded_programs, numbers, run_folder, name):
    told = play(recorded_programs, numbers[name], run_folder).json
    assert told["result"] == "same"
    for attempt in told["attempts"]:
        for stack in attempt["stacks"]:
            if stack["outcome"] != "same":
                continue
            explained = tlsmatrix("explain", "--json", stack["capture"]).json
            (connection,) = explained["connections"]
            assert connection["cause"]["id"] == told["recorded"]["cause"], stack["stack"]
            told_alert = connection["cause"]["alert"]
            assert stack["ending"]["alert"] is None or not told_alert or (
                not told_alert["hidden"] and told_alert["from"] == stack["ending"]["by"])
        again = tlsmatrix("rerun", attempt["case"], "--json", "-o", run_folder / attempt["name"])
        (repeated,) = again.json["attempts"]
        for one, other in zip(attempt["stacks"], repeated["stacks"], strict=True):
            assert [one[key] for key in ("stack", "outcome", "ending", "healthy")] == [
                other[key] for key in ("stack", "outcome", "ending", "healthy")]


@pytest.mark.parametrize("name, hangs_up", [("http-server", True), ("starttls-pop3", False)])
def test_a_server_that_hangs_up_is_played_as_one(recorded_programs, numbers, run_folder, name,
                                                 hangs_up):
    play(recorded_programs, numbers[name], run_folder)
    case = json.loads((run_folder / "no-tls.json").read_text())
    assert case["hangs_up"] == hangs_up and case["judged"] == "client"


@pytest.mark.parametrize("name, protocols", [
    ("expired-curl13", "h2,http/1.1"), ("expired-python", None),
])
def test_a_live_client_offers_the_recorded_protocols(recorded_programs, numbers, run_folder, name,
                                                     protocols):
    play(recorded_programs, numbers[name], run_folder)
    case = json.loads((run_folder / "server-certificate.json").read_text())
    assert case["client"].get("protocols") == protocols
    if protocols is not None:
        capture = run_folder / "captures" / "server-certificate-openssl.pcapng"
        assert b"\x02h2\x08http/1.1" in capture.read_bytes()


def test_what_worked_is_not_reproduced(recorded_programs, numbers, run_folder):
    for row in ROWS:
        if row.cause is None and row.name in numbers:
            done = play(recorded_programs, numbers[row.name], run_folder)
            assert "did not fail" in complaint(done), row.name
