"""What explain and observe answer beside connections: files that are cut or packed, keys of another
day, numbers of connections, datagrams; and connections of which little is there."""

import bz2
import gzip
import lzma
import shutil
import struct
import subprocess

import pytest
from e2e import OK, complaint, tlsmatrix
from made_captures import (ACK, CLIENT, FROZEN_NS, RST, SAMPLES, SERVER, Conversation, client_hello,
                           datagram, packets_of, said_in, write_pcap)

readers = pytest.mark.parametrize("command", ["explain", "observe"])
PCAPNG = SAMPLES / "expired-12.pcapng"
ALERT, DATA, DECODE_ERROR = 21, 23, 50


def explained(tmp_path, *conversations):
    packets = sorted(packet for talk in conversations for packet in talk.packets)
    done = tlsmatrix("explain", "--json", write_pcap(tmp_path / "made.pcap", packets))
    assert (done.status, done.err) == (OK, "")
    return done.json


def only(tmp_path, conversation):
    (connection,) = explained(tmp_path, conversation)["connections"]
    return connection


# ---- files ----


@readers
@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_file_that_is_cut_before_its_first_packet(tmp_path, command, kind):
    whole = PCAPNG if kind == "pcapng" else write_pcap(tmp_path / "whole", packets_of("expired-12"))
    path = tmp_path / "cut"
    for length in (3, 20, 30 if kind == "pcap" else 200):
        path.write_bytes(whole.read_bytes()[:length])
        for words in [], ["--json"]:
            said = complaint(tlsmatrix(command, *words, path))
            assert said.startswith(f"{path}: it ends in the middle, ")
            assert "nothing of it can be read" in said


@readers
def test_a_file_that_is_cut_behind_a_connection(tmp_path, command):
    path = tmp_path / "cut"
    path.write_bytes(PCAPNG.read_bytes()[:-10])
    done = tlsmatrix(command, path)
    assert done.status == OK
    assert "127.128.0" in done.out
    last = len(packets_of("expired-12")) - 1
    assert "it ends in the middle" in done.err and f"packet {last} is the last" in done.err
    done = tlsmatrix(command, "--json", path)
    assert "it ends in the middle" in done.json["totals"]["warning"]


@readers
def test_an_empty_capture_is_no_error(tmp_path, command):
    done = tlsmatrix(command, write_pcap(tmp_path / "none.pcap", []))
    assert (done.status, done.err) == (OK, "")
    assert done.out.startswith("0 TCP connections")


@readers
@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd", "lz4"])
def test_a_packed_capture_comes_with_what_unpacks_it(tmp_path, command, name):
    pack = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}.get(name)
    if pack is None and shutil.which(name) is None:
        pytest.skip(f"no {name}")
    path = tmp_path / "x.pcapng.packed"
    path.write_bytes(
        pack(PCAPNG.read_bytes()) if pack is not None else
        subprocess.run([name, "-c", PCAPNG], capture_output=True, check=True).stdout)
    said = complaint(tlsmatrix(command, path))
    assert said == f"{path}: it is packed with {name}: unpack it with '{name} -dc {path} >FILE'"
    if shutil.which(name) is not None:  # and that is true
        unpacked = subprocess.run([name, "-dc"], input=path.read_bytes(), capture_output=True,
                                  check=True).stdout
        assert unpacked == PCAPNG.read_bytes()


# ---- keys ----


def keys_in(name):
    """The key log in a sample."""
    data = (SAMPLES / f"{name}.pcapng").read_bytes()
    at = data.index(b"KSLT")
    length = struct.unpack_from("<I", data, at + 4)[0]
    return data[at + 8 : at + 8 + length]


def two_connections(tmp_path):
    """good-13-keys and good-12-cbc in one capture, without their keys."""
    later = [(time + 10**9, frame) for time, frame in packets_of("good-12-cbc")]
    return write_pcap(tmp_path / "two.pcap", packets_of("good-13-keys") + later)


@readers
def test_keys_of_another_day_are_said_to_be(tmp_path, command):
    keys = tmp_path / "keys.log"
    keys.write_bytes(keys_in("expired-13-keys"))
    path = two_connections(tmp_path)
    for words in [], ["--json"]:
        done = tlsmatrix(command, *words, path, "--keys", keys)
        assert done.status == OK
        assert done.err == f"tlsmatrix: {keys} fits none of the 2 connections of TLS\n"
    assert done.json["totals"]["keys"] == {"file": str(keys), "connections": 2, "fitting": 0}


@readers
def test_keys_that_fit_are_counted(tmp_path, command):
    keys = tmp_path / "keys.log"
    keys.write_bytes(keys_in("good-13-keys"))
    path = two_connections(tmp_path)
    done = tlsmatrix(command, path, "--keys", keys)
    assert (done.status, done.err) == (OK, "")
    assert f"{keys} fits 1 of 2 connections of TLS (#1)\n" in done.out
    keys.write_bytes(keys_in("good-13-keys") + keys_in("good-12-cbc"))
    done = tlsmatrix(command, path, "--keys", keys)
    assert f"{keys} fits 2 of 2 connections of TLS\n" in done.out
    assert tlsmatrix(command, "--json", path).json["totals"]["keys"] is None


@readers
def test_keys_of_another_connection_than_the_wanted(tmp_path, command):
    keys = tmp_path / "keys.log"
    keys.write_bytes(keys_in("good-13-keys"))
    path = two_connections(tmp_path)
    for number, said in ("1", ""), ("2", f"tlsmatrix: {keys} fits 1 of 2 connections of TLS (#1)\n"):
        done = tlsmatrix(command, path, "--keys", keys, "--connection", number)
        assert (done.status, done.err) == (OK, said)


@readers
def test_what_is_no_key_log_is_an_error(tmp_path, command):
    keys = tmp_path / "keys.log"
    for content in b"", b"CLIENT_RANDOM 00 11\n", PCAPNG.read_bytes():
        keys.write_bytes(content)
        said = complaint(tlsmatrix(command, PCAPNG, "--keys", keys))
        assert said == f"{keys}: no line of it is a secret of TLS"


# ---- numbers ----


@readers
def test_a_connection_that_is_not_there(command):
    assert "1" in tlsmatrix(command, PCAPNG, "--connection", "1").out.splitlines()[0]
    for number in "0", "2", "18446744073709551615":
        for words in [], ["--json"]:
            said = complaint(tlsmatrix(command, *words, PCAPNG, "--connection", number))
            assert said == (f"{PCAPNG} has no connection {number}: it has 1 TCP connection, "
                            "counted from 1")
    for word in "x", "-1", "1x", "", "18446744073709551616":
        said = complaint(tlsmatrix(command, PCAPNG, "--connection", word))
        assert f"'{word}' is no number of a connection" in said


def test_a_connection_that_is_not_of_tls(tmp_path):
    clear = Conversation(80).opened().say(CLIENT, b"GET / HTTP/1.1\r\n\r\n").closed()
    path = write_pcap(tmp_path / "x.pcap", clear.packets)
    assert complaint(tlsmatrix("observe", path, "--connection", "1")) == (
        f"{path}: connection 1 is not of TLS")
    assert tlsmatrix("explain", path, "--connection", "1").out.startswith("#1 ")


def test_one_is_not_many(tmp_path):
    frames = [datagram((40000, 4433), bytes.fromhex("16fefd00000000000000000010") + bytes(16))]
    path = write_pcap(tmp_path / "x.pcap", [(FROZEN_NS, frame) for frame in frames])
    said = tlsmatrix("explain", path).out
    assert "1 packet from 1 on" in said and "\n1 packet: UDP" in said
    assert "1 TCP connection:" in tlsmatrix("explain", PCAPNG).out
    assert "1 TCP connection, 1 of TLS" in tlsmatrix("observe", PCAPNG).out


@readers
def test_help_has_words_of_its_own(command):
    said = tlsmatrix(command, "--help").out
    assert "of reproduce" not in said and "list of cases" not in said
    assert "\n  tlsmatrix " + command in said.split("Example")[1]
    assert "from 1" in said
    assert "the first that failed" in tlsmatrix("reproduce", "--help").out
    assert "one object a line" in tlsmatrix("list", "--help").out


# ---- datagrams ----


def test_relatives_over_udp_are_named(tmp_path):
    dtls = bytes.fromhex("16fefd00000000000000000010") + bytes(16)
    quic = bytes.fromhex("c3000000010808") + bytes(1193)
    frames = [datagram((40000, 4433), dtls), datagram((40001, 443), quic),
              datagram((40000, 4433), dtls), datagram((40002, 53), bytes(40))]
    path = write_pcap(tmp_path / "x.pcap", [(FROZEN_NS, frame) for frame in frames])
    said = tlsmatrix("explain", path).out
    assert "10.0.0.2:4433  DTLS 1.2, 2 packets from 1 on" in said
    assert "10.0.0.2:443  QUIC version 1, 1 packet from 2 on" in said
    found = tlsmatrix("explain", "--json", path).json
    assert found["connections"] == []
    assert [(one["to"], one["protocol"], one["packets"], one["first"], one["last"])
            for one in found["datagrams"]] == [("10.0.0.2:4433", "DTLS 1.2", 2, 1, 3),
                                               ("10.0.0.2:443", "QUIC version 1", 1, 2, 2)]
    assert found["datagrams"][0]["time"].startswith("2026-01-01 00:00:00")


def test_where_there_are_none_the_list_is_empty():
    assert tlsmatrix("explain", "--json", PCAPNG).json["datagrams"] == []


# ---- a hello that is cut ----


HELLO = client_hello()


def test_a_hello_that_is_cut_anywhere_has_a_line(tmp_path):
    for length in range(2, len(HELLO)):
        talk = Conversation(443).opened().say(CLIENT, HELLO[:length]).closed()
        connection = only(tmp_path, talk)
        cause = connection["cause"]
        assert (connection["outcome"], cause["id"]) == ("failed", "hello-cut")
        assert (cause["by"], cause["stage"], cause["confidence"]) == (
            "client", "client-hello", "certain")
        wanted = f"{length} of the {len(HELLO)} bytes" if length >= 5 else f"first {length} bytes"
        assert wanted in cause["sentence"]
        assert not connection["offered"]["whole"]


def test_observe_says_that_a_hello_breaks_off(tmp_path):
    for said, number in (HELLO[:100], 1), (b"hello\r\n", 0):
        talk = Conversation(443).opened().say(CLIENT, said).closed()
        path = write_pcap(tmp_path / "x.pcap", talk.packets)
        done = tlsmatrix("observe", path)
        assert ("1 connection broken off within the client's first record" in done.out) == number
        assert tlsmatrix("observe", "--json", path).json["totals"]["broken_off"] == number


def test_what_there_is_of_a_hello_is_read(tmp_path):
    whole = only(tmp_path, Conversation(443).opened().say(CLIENT, HELLO).closed())["offered"]
    last = {}
    for length in range(5, len(HELLO)):
        cut = only(tmp_path, Conversation(443).opened().say(CLIENT, HELLO[:length]).closed())
        offered = cut["offered"]
        for name in "suites", "groups", "signatures":
            assert offered[name] == whole[name][: len(offered[name])]
            assert len(offered[name]) >= len(last.get(name, []))
        assert offered["sni"] in ("", whole["sni"])
        last = offered
    assert last["suites"] == whole["suites"] and last["sni"] == whole["sni"] != ""
    assert whole["whole"]


def test_how_a_hello_that_is_cut_ends(tmp_path):
    cut = HELLO[:100]
    alert = struct.pack(">BHHBB", ALERT, 0x0303, 2, 2, DECODE_ERROR)
    for talk, by, said in (
        (Conversation(443).opened().say(CLIENT, cut).closed(SERVER), "server", "server closed"),
        (Conversation(443).opened().say(CLIENT, cut).segment(SERVER, RST | ACK), "server", "a RST"),
        (Conversation(443).opened().say(CLIENT, cut).say(SERVER, alert).closed(SERVER), "server",
         "gave up with decode_error"),
        (Conversation(25).opened().say(SERVER, b"220 a ESMTP\r\n").say(CLIENT, b"STARTTLS\r\n")
         .say(SERVER, b"220 go\r\n").say(CLIENT, cut).closed(), "client", "client closed"),
        (Conversation(443).opened().say(CLIENT, cut).segment(SERVER, ACK, after_ms=3000), None,
         "nothing more came for 3.0 s"),
    ):
        cause = only(tmp_path, talk)["cause"]
        assert cause["id"] == "hello-cut"
        assert by in (None, cause["by"])
        assert "100 of the" in cause["sentence"] and said in cause["sentence"]


def test_a_hello_whose_second_record_does_not_come(tmp_path):
    body = HELLO[5:]
    first = HELLO[:3] + struct.pack(">H", 80) + body[:80]
    cause = only(tmp_path, Conversation(443).opened().say(CLIENT, first).closed(SERVER))["cause"]
    assert cause["id"] == "hello-cut"
    assert "its first record is whole, and announces more" in cause["sentence"]


def test_a_capture_that_ends_in_the_hello_blames_nobody(tmp_path):
    connection = only(tmp_path, Conversation(443).opened().say(CLIENT, HELLO[:100]))
    assert (connection["outcome"], connection["cause"]) == ("unfinished", None)
    assert "within the client's hello" in connection["note"]


def test_what_only_looks_like_a_hello_is_none(tmp_path):
    for head, is_cut in (("16 0301 0100 01 0000fc 0303", True),
                         ("16 0301 7fff 01 0000fc 0303", False),   # longer than a record may be
                         ("16 0301 0100 02 0000fc 0303", False),   # no client_hello
                         ("16 0301 0100 01 0100fc 0303", False),   # of 64 KiB
                         ("16 0301 0100 01 0000fc 0403", False)):  # no version of TLS
        said = bytes.fromhex(head.replace(" ", "")) + bytes(40)
        found = explained(tmp_path, Conversation(443).opened().say(CLIENT, said).closed())
        causes = [c["cause"] and c["cause"]["id"] for c in found["connections"]]
        assert ("hello-cut" in causes) == is_cut, head


# ---- one-way senders ----


def one_way(name, sender):
    """A sample in which only one end sends data, and which ends with a FIN of the server."""
    talk = Conversation(6514)
    talk.opened()
    for role, payload in said_in(name):
        if payload[0] != ALERT and (payload[0] != DATA or role == sender):
            talk.say(role, payload)
    return talk


@pytest.mark.parametrize("sender", [CLIENT, SERVER])
@pytest.mark.parametrize("first", [CLIENT, SERVER])
def test_a_one_way_sender_has_not_failed(tmp_path, sender, first):
    connection = only(tmp_path, one_way("good-12", sender).closed(first))
    assert (connection["outcome"], connection["cause"]) == ("completed", None)
    unanswered = "sent no data: an answer is missing, or the client wants none"
    assert (unanswered in connection["note"]) == ((sender, first) == (CLIENT, SERVER))


def test_a_one_way_sender_that_is_reset(tmp_path):
    connection = only(tmp_path, one_way("good-12", CLIENT).segment(CLIENT, RST | ACK))
    assert connection["outcome"] == "completed" and "RST" in connection["note"]
    connection = only(tmp_path, one_way("good-12", CLIENT).segment(SERVER, RST | ACK))
    assert (connection["outcome"], connection["cause"]["id"]) == ("failed", "cut-in-session")


# ---- what is shown ----


def test_nobody_gives_up_what_only_went_unused(tmp_path):
    said = tlsmatrix("explain", SAMPLES / "pin-12.pcapng").out
    assert "    closed     the client" in said and "gave up" not in said
    assert "    gave up    the client" in tlsmatrix("explain", PCAPNG).out
    stalled = Conversation(443).opened().say(CLIENT, HELLO).segment(SERVER, ACK, after_ms=3000)
    said = tlsmatrix("explain", write_pcap(tmp_path / "x.pcap", stalled.packets)).out
    assert "    gave up    nobody: still open" in said
