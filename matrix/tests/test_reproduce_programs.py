"""`tlsmatrix reproduce` on recordings of programs that are not ours (recorded_table.py): which
failures come again on a live stack with the same end, stage and alert, and which do not, and why."""

import json

import pytest
from e2e import OK, RED, USAGE, complaint, tlsmatrix
from recorded_table import ROWS

BEHIND = "the program judges the certificate behind the handshake, our ends within it"
NAMES = "our servers serve every name"
PROTOCOLS = "our servers negotiate no application protocol"
BROWSER = "Chromium says certificate_unknown where the stacks name what is wrong: other alerts"
NO_STACK = "it was no TLS stack that gave up on the hello, and every stack takes it"

NOT_REPRODUCED = {
    "expired-wget12": BEHIND, "expired-wget13": BEHIND, "expired-node12": BEHIND,
    "name-curl12": BEHIND, "name-curl13": BEHIND,
    "expired-chromium12": BROWSER, "expired-chromium13": BROWSER,
    "name-chromium12": BROWSER, "name-chromium13": BROWSER, "ca-chromium12": BROWSER,
    "sni-nginx": NAMES, "sni-s_server": NAMES,
    "alpn-nginx": PROTOCOLS, "alpn-s_server": PROTOCOLS,
    "weak-dh": "our client takes any prime, and the recorded signature is for another client",
    "haproxy-missing": NO_STACK, "reset-on-hello": NO_STACK,
    "close-on-hello": NO_STACK, "close-in-flight": NO_STACK,
}
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


def test_what_worked_is_not_reproduced(recorded_programs, numbers, run_folder):
    for row in ROWS:
        if row.cause is None and row.name in numbers:
            done = play(recorded_programs, numbers[row.name], run_folder)
            assert "did not fail" in complaint(done), row.name
