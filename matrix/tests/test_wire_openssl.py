"""What the matrix does not do yet and captures hold all the same: key updates, renegotiation,
resumption, early data, HelloRetryRequest, IPv6, cooked captures; recorded anew from the `openssl`
program by tcpdump."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from e2e import BUILD, OK, tlsmatrix
from record_openssl import CASES

TOOLS = ("openssl", "tcpdump", "unshare", "ip", "tshark")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"not all of {TOOLS} are there"
)

Expected = namedtuple("Expected", "version to_server to_client resumed retried early", defaults=(False, False, 0))
LINE = 6  # "hello\n"
EXPECTED = {  # of each connection
    "plain13": [Expected("tls1.3", LINE, LINE)],
    "plain12": [Expected("tls1.2", LINE, LINE)],
    "cooked": [Expected("tls1.3", LINE, LINE)],
    "cooked2": [Expected("tls1.3", LINE, LINE)],
    "ipv6": [Expected("tls1.3", LINE, LINE)],
    "retry": [Expected("tls1.3", LINE, LINE, retried=True)],
    "key-update": [Expected("tls1.3", 17, 17)],
    "renegotiation-aead": [Expected("tls1.2", 12, 12)],
    "renegotiation-cbc": [Expected("tls1.2", 12, 12)],
    "resumed12": [Expected("tls1.2", LINE, LINE), Expected("tls1.2", LINE, LINE, resumed=True)],
    "resumed13": [Expected("tls1.3", LINE, LINE), Expected("tls1.3", LINE, LINE, resumed=True)],
    "early": [Expected("tls1.3", LINE, LINE), Expected("tls1.3", 11, 0, resumed=True, early=11)],
    "early-refused": [Expected("tls1.3", 11 + LINE, LINE, early=11)],
    "early-lost": [Expected("tls1.3", 11, 0, early=11)],
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openssl")
    inside = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-cn", "--keep-caps"]
    script = Path(__file__).parent / "record_openssl.py"
    subprocess.run([*inside, sys.executable, script, folder], check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.mark.parametrize("name", CASES)
def test_every_record_opens(recorded, name):
    done = tlsmatrix(recorded / f"{name}.pcap", recorded / f"{name}.keys",
                     program=BUILD / "capture_facts")
    assert (done.status, done.err) == (OK, "")
    assert len(done.json_lines) == len(EXPECTED[name])
    for facts, expected in zip(done.json_lines, EXPECTED[name], strict=True):
        assert facts["complete"] and facts["decrypted"], facts["why_not_decrypted"]
        seen = Expected(
            facts["version"], facts["client"]["application_bytes"],
            facts["server"]["application_bytes"], facts["resumed"], facts["retried"],
            facts["client"]["early_bytes"],
        )
        assert seen == expected
        assert facts["early_accepted"] == (name == "early" and facts["connection"] == 2)
        assert (facts["closed"]["by"], facts["closed"]["how"]) == ("client", "close_notify")
        assert facts["server"]["certificate"] == ("unseen" if expected.resumed else "sent")
        assert facts["client"]["address"].startswith("[::1]:" if name == "ipv6" else "127.0.0.1:")


@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_explain_blames_nobody(recorded, name, with_keys):
    """Early data that the server took is data; what it did not take has come to nothing."""
    keys = ["--keys", recorded / f"{name}.keys"] if with_keys else []
    done = tlsmatrix("explain", "--json", recorded / f"{name}.pcap", *keys)
    assert (done.status, done.err) == (OK, "")
    last = done.json["connections"][-1]
    assert [c["keys_fit"] for c in done.json["connections"]] == [with_keys] * len(EXPECTED[name])
    if name == "early-lost":
        assert (last["outcome"], last["cause"]["confidence"]) == ("unused", "possible")
        refused = "early data that the server did not take" in last["cause"]["sentence"]
        assert refused or with_keys  # which show the server's certificate, and that is self-signed
        return
    assert {c["outcome"] for c in done.json["connections"]} == {"completed"}
    assert ("early data" in (last["note"] or "")) == (name == "early")


@pytest.mark.parametrize("name", CASES)
def test_the_close_is_in_the_packet_where_tshark_sees_it(recorded, name):
    """tshark 4.0 does not follow everything: what it says of a close_notify must be ours."""
    text = subprocess.run(
        ["tshark", "-r", recorded / f"{name}.pcap", "-d", "tcp.port==1-65535,tls",
         "-o", f"tls.keylog_file:{recorded / f'{name}.keys'}", "-T", "fields",
         "-e", "tcp.stream", "-e", "frame.number", "-Y", "tls.alert_message.desc == 0"],
        capture_output=True, text=True, check=True,
    ).stdout
    theirs = {}
    for line in text.splitlines():
        stream, number = map(int, line.split())
        theirs.setdefault(stream, number)
    facts = tlsmatrix(recorded / f"{name}.pcap", recorded / f"{name}.keys",
                      program=BUILD / "capture_facts").json_lines
    ours = {row["connection"] - 1: row["closed"]["at"]["packet"] for row in facts}
    assert theirs == ours
