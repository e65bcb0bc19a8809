"""What a run keeps of the wire: a file for each case, that opens by itself and says what it is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from e2e import LIAR, OK, RED, USAGE, cases_of, tlsmatrix, write_ids

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("tcpdump") is None, reason="no tshark or tcpdump"
)

REQUEST, ANSWER = bytes(range(32)), bytes(255 - i for i in range(32))


def tshark(path, *words):
    # Nothing else at hand: no key log, no preference but the port of a run that shares loopback.
    done = subprocess.run(
        ["tshark", "-r", str(path), "-d", "tcp.port==1-65535,tls", *words],
        capture_output=True, text=True, check=True, env={**os.environ, "SSLKEYLOGFILE": ""},
    )
    return done.stdout


def file_of(folder, case):
    return folder / "captures" / (case.id.replace("/", "_").replace(":", "~") + ".pcapng")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "run"
    done = tlsmatrix("run", "smoke", "--capture", "all", "--out", folder, "--json", "--quiet")
    assert done.status == OK
    cases = cases_of(folder, planned_only=False).values()
    return done.json, folder, [case for case in cases if case.verdict != "unsupported"]


def test_every_case_has_its_file(kept):
    counts, folder, cases = kept
    assert sorted(path.name for path in (folder / "captures").iterdir()) == sorted(
        file_of(folder, case).name for case in cases
    )
    assert counts["captures_kept"] == len(cases) == counts["captures_whole"]
    assert counts["captures_incomplete"] == counts["packets_dropped"] == 0
    assert counts["captures_decrypted"] == len(cases)  # smoke has no attacks
    assert counts["bytes_kept"] == sum(file_of(folder, case).stat().st_size for case in cases)


def test_each_file_says_which_case_it_is(kept):
    _, folder, cases = kept
    for case in cases:
        head = file_of(folder, case).read_bytes()[:2000].decode("utf-8", "replace")
        assert f"case: {case.id}\n" in head
        assert f"verdict: {case.verdict}" in head
        assert "capture: complete" in head


def alerts_of(path):
    """{sender: [number]} without close_notify, in clear or under protection."""
    rows = tshark(path, "-T", "fields", "-E", "aggregator=,", "-e", "ip.src", "-e",
                  "tls.alert_message.desc", "-Y", "tls.alert_message")
    seen = {"client": [], "server": []}
    for row in rows.splitlines():
        source, numbers = row.split("\t")
        end = "client" if int(source.split(".")[1]) < 128 else "server"
        seen[end] += [int(word) for word in numbers.split(",") if word not in ("", "0")]
    return seen


def one_of_each(cases, kind):
    """Starting tshark takes half a second: one case for each kind is enough."""
    return list({kind(case): case for case in cases}.values())


def test_another_program_sees_the_same_alerts(kept):
    _, folder, cases = kept
    seen_any = False
    for case in one_of_each(cases, lambda case: (
        case.id.split("/")[0], case.client.get("alert_sent"), case.server.get("alert_sent"),
    )):
        seen = alerts_of(file_of(folder, case))
        for end, other in ("client", "server"), ("server", "client"):
            told = getattr(case, end).get("alert_sent", getattr(case, other).get("alert_received"))
            assert seen[end] == ([] if told is None else [told]), case.id
            seen_any = seen_any or told is not None
    assert seen_any


def test_each_opens_decrypted_with_nothing_else_at_hand(kept):
    """tshark finds the case's application bytes; on the wire itself they are not."""
    _, folder, cases = kept
    hidden = 0
    accepted = [case for case in cases if case.client["result"] == "accepted"]
    for case in one_of_each(accepted, lambda case: (
        case.id.split("/")[0], case.client["version"], case.client["suite"],
    )):
        path = file_of(folder, case)
        data = tshark(path, "-q", "-z", "follow,tls,raw,0").replace("\n", "").replace("\t", "")
        assert REQUEST.hex() in data and ANSWER.hex() in data, case.id
        assert REQUEST not in path.read_bytes()
        hidden += 1
    assert hidden > 20


def test_a_green_run_keeps_none(tmp_path):
    done = tlsmatrix("run", "smoke", "--out", tmp_path / "run", "--json", "--quiet")
    assert done.json["captures_whole"] > 100 and done.json["captures_kept"] == 0
    assert list((tmp_path / "run" / "captures").iterdir()) == []


def test_a_red_case_is_kept(tmp_path):
    lied = "openssl-liar/tls1.3/aes128gcm/x25519/rsa2048/server/off"
    honest = "openssl-openssl/tls1.3/aes128gcm/x25519/rsa2048/server/off"
    ids = write_ids(tmp_path / "ids", [lied, honest])
    done = tlsmatrix("run", "--ids", ids, "--stacks", "openssl", "--stack", LIAR, "--fault",
                     "liar=wrong-group", "--out", tmp_path / "run", "--quiet")
    assert done.status == RED
    (path,) = (tmp_path / "run" / "captures").iterdir()
    assert path.name == lied.replace("/", "_") + ".pcapng"
    head = path.read_bytes()[:2000].decode("utf-8", "replace")
    assert "verdict: fail ends-disagree: server: reports group 0x0017; on the wire" in head


@pytest.fixture
def no_tcpdump(tmp_path):
    """A PATH that has nothing."""
    (tmp_path / "bin").mkdir()
    return {**os.environ, "PATH": str(tmp_path / "bin")}


def test_who_cannot_record_is_told_and_runs_without(tmp_path, no_tcpdump):
    done = tlsmatrix("run", "smoke", "--out", tmp_path / "run", env=no_tcpdump)
    assert done.status == OK
    assert "cannot capture" in done.err and "the run is not recorded" in done.err
    assert "capture:" not in done.out
    assert "not recorded: only the ends' own words were judged" in done.out


def test_who_asks_for_a_record_and_cannot_is_refused(tmp_path, no_tcpdump):
    done = tlsmatrix("run", "smoke", "--out", tmp_path / "run", "--capture", "all", env=no_tcpdump)
    assert done.status == USAGE
    assert "cannot capture (--capture-from relay needs no right to, --capture none runs" in done.err
    assert not Path(tmp_path / "run" / "results.db").exists()


def frames_of(path):
    """Each packet as tshark has it: (who sent it, time in s, payload bytes, handshake types)."""
    rows = tshark(path, "-T", "fields", "-E", "aggregator=,", "-e", "ip.src", "-e",
                  "frame.time_epoch", "-e", "tcp.len", "-e", "tls.handshake.type")
    for row in rows.splitlines():
        source, time, length, types = row.split("\t")
        yield ("c" if int(source.split(".")[1]) < 128 else "s", float(time), int(length),
               [int(word) for word in types.split(",") if word])


HANDSHAKE_TYPES = {
    "client_hello": 1, "server_hello": 2, "hello_retry_request": 2, "new_session_ticket": 4,
    "encrypted_extensions": 8, "certificate": 11, "server_key_exchange": 12,
    "certificate_request": 13, "server_hello_done": 14, "certificate_verify": 15,
    "client_key_exchange": 16, "finished": 20,
}


def test_the_results_tell_the_wire_as_another_program_sees_it(kept):
    _, folder, cases = kept
    for case in one_of_each(cases, lambda case: (
        case.id.split("/")[1], case.client and case.client.get("result"))):
        told = tlsmatrix("show", case.id, "--run", folder, "--json").json
        frames = list(frames_of(file_of(folder, case)))
        for who, end in (("c", "client"), ("s", "server")):
            own = [frame for frame in frames if frame[0] == who]
            assert told["wire"][f"{end}_packets"] == len(own)
            assert told["wire"][f"{end}_bytes"] == sum(frame[2] for frame in own)
        assert [
            (step[0], HANDSHAKE_TYPES[step[2]]) for step in told["ladder"] if step[1] == "handshake"
        ] == [(who, kind) for who, _, _, kinds in frames for kind in kinds]
        finished = [time for _, time, _, kinds in frames if 20 in kinds]
        if len(finished) == 2:
            hello = next(time for _, time, _, kinds in frames if 1 in kinds)
            assert abs(told["wire"]["handshake_us"] - 1e6 * (finished[1] - hello)) < 2
        else:
            assert "handshake_us" not in told["wire"]


def test_the_ladder_is_drawn_for_a_person(kept):
    _, folder, cases = kept
    case = next(case for case in cases if case.id.startswith("openssl-openssl/tls1.3/")
                and case.verdict == "pass" and case.client["result"] == "accepted")
    shown = tlsmatrix("show", case.id, "--run", folder).out
    steps = [line.split()[2:] for line in shown.splitlines()
             if line.startswith(("  client > ", "         < server  "))]
    names = [step[1] if step[0] == "*" else step[0] for step in steps]
    assert names[:3] == ["client_hello", "server_hello", "change_cipher_spec"]
    assert names.count("finished") == 2 and names.count("tcp") == 2
    assert ["*", "finished"] in [step[:2] for step in steps]
    assert " bytes in " in shown and "ms from the ClientHello to the last Finished" in shown


def test_what_was_not_recorded_has_no_ladder(tmp_path):
    case = "openssl-openssl/tls1.3/any/any/rsa2048/server/off"
    ids = write_ids(tmp_path / "ids", [case])
    done = tlsmatrix("run", "--ids", ids, "--capture", "none", "--out", tmp_path / "run", "--quiet")
    assert done.status == OK
    told = tlsmatrix("show", case, "--run", tmp_path / "run", "--json").json
    assert "ladder" not in told and "wire" not in told
    assert "messages" not in tlsmatrix("show", case, "--run", tmp_path / "run").out
