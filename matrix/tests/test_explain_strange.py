"""Captures of strangers: cut, begun late, buried in other traffic, in every format, corrupt. An
answer or a clear error, and nobody accused for what is not there."""

import random
import resource
import struct

import pytest
from e2e import OK, USAGE, complaint, tlsmatrix
from made_captures import (ACK, CLIENT, FIN, FROZEN_NS, PSH, RST, SAMPLES, SERVER, SYN,
                           Conversation, as_ipv6, client_hello, datagram, packets_of,
                           sample_rows, tagged, write_pcap)

CAUSES = {name: cause for name, has_keys, cause, _ in sample_rows() if not has_keys}
GOOD = [name for name, cause in CAUSES.items() if cause is None]
every_sample = pytest.mark.parametrize("name", list(CAUSES))
every_good = pytest.mark.parametrize("name", GOOD)

SEED = 20261121
MEMORY_MAX = 256 << 20  # address space: what some thousand open connections take
OTHER_PACKETS = 200_000
FATAL = 2


def explain(path, **options):
    done = tlsmatrix("explain", "--json", path, **options)
    assert done.status == OK, done
    return done.json


def only(path):
    (connection,) = explain(path)["connections"]
    return connection


def cause_of(connection):
    return connection["cause"] and connection["cause"]["id"]


def made(tmp_path, conversation):
    return only(write_pcap(tmp_path / "made.pcap", conversation.packets))


# ---- formats ----


@every_sample
@pytest.mark.parametrize("order", "<>", ids=["little-endian", "big-endian"])
@pytest.mark.parametrize("nanoseconds", [False, True], ids=["us", "ns"])
def test_every_pcap_says_the_same(tmp_path, name, order, nanoseconds):
    path = write_pcap(tmp_path / "x.pcap", packets_of(name), order, nanoseconds)
    assert tlsmatrix("explain", path).out == (SAMPLES / f"{name}.txt").read_text()


@every_sample
@pytest.mark.parametrize("tags", [[(0x8100, 7)], [(0x88A8, 7), (0x8100, 8)]], ids=["vlan", "qinq"])
def test_tags_change_nothing(tmp_path, name, tags):
    packets = [(time, tagged(frame, *tags)) for time, frame in packets_of(name)]
    said = tlsmatrix("explain", write_pcap(tmp_path / "x.pcap", packets)).out
    assert said == (SAMPLES / f"{name}.txt").read_text()


@every_sample
def test_ipv6(tmp_path, name):
    packets = [(time, as_ipv6(frame)) for time, frame in packets_of(name)]
    connection = only(write_pcap(tmp_path / "x.pcap", packets))
    assert cause_of(connection) == CAUSES[name]
    assert connection["server"].startswith("[fd00::")


# ---- what is not there ----


@every_sample
def test_a_short_snaplen_accuses_nobody_wrongly(tmp_path, name):
    connection = only(write_pcap(tmp_path / "x.pcap", packets_of(name), snaplen=96))
    if CAUSES[name] is None:
        assert connection["cause"] is None, connection["cause"]["sentence"]


def test_alerts_survive_a_short_snaplen(tmp_path):
    for name in ("version-12-13", "expired-12", "unknown-ca-12"):
        connection = only(write_pcap(tmp_path / "x.pcap", packets_of(name), snaplen=96))
        assert cause_of(connection) == CAUSES[name]
        assert connection["cause"]["confidence"] == "certain"


@every_good
def test_whoever_comes_late_accuses_nobody(tmp_path, name):
    packets = packets_of(name)
    for first in range(1, len(packets)):
        path = write_pcap(tmp_path / "x.pcap", packets[first:])
        for connection in explain(path)["connections"]:
            assert connection["cause"] is None, (first, connection["cause"]["sentence"])


@every_good
def test_whoever_leaves_early_accuses_nobody(tmp_path, name):
    packets = packets_of(name)
    for last in range(1, len(packets)):
        path = write_pcap(tmp_path / "x.pcap", packets[:last])
        for connection in explain(path)["connections"]:
            assert connection["cause"] is None, (last, connection["cause"]["sentence"])


def test_a_lost_packet_accuses_nobody(tmp_path):
    for name in GOOD:
        packets = packets_of(name)
        for lost in range(len(packets)):
            path = write_pcap(tmp_path / "x.pcap", packets[:lost] + packets[lost + 1 :])
            for connection in explain(path)["connections"]:
                assert connection["cause"] is None, (name, lost, connection["cause"]["sentence"])


# ---- corrupt files ----


@pytest.mark.parametrize("name", ["expired-12", "expired-13-keys", "good-13"])
def test_a_truncated_file_gives_what_it_has(tmp_path, name):
    data = (SAMPLES / f"{name}.pcapng").read_bytes()
    path = tmp_path / "x.pcapng"
    for length in range(0, len(data), 61):
        path.write_bytes(data[:length])
        done = tlsmatrix("explain", path)
        assert done.status in (OK, USAGE), done
        assert done.status == OK or (str(path) in done.err and done.err.count("\n") == 1)


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_flipped_bytes_do_no_harm(tmp_path, kind):
    rng = random.Random(SEED)
    path = tmp_path / f"x.{kind}"
    for name in CAUSES:
        if kind == "pcap":
            write_pcap(path, packets_of(name))
            data = path.read_bytes()
        else:
            data = (SAMPLES / f"{name}.pcapng").read_bytes()
        for _ in range(8):
            damaged = bytearray(data)
            for _ in range(rng.randrange(1, 16)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            path.write_bytes(damaged)
            done = tlsmatrix("explain", "--json", path)
            assert done.status in (OK, USAGE), (SEED, name, done)
            assert done.status == USAGE or done.json


def test_what_is_no_capture_is_said_to_be_none(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_text("not a capture\n")
    assert str(path) in complaint(tlsmatrix("explain", path))
    assert str(path) in complaint(tlsmatrix("explain", "--json", path))
    assert "nowhere" in complaint(tlsmatrix("explain", tmp_path / "nowhere"))
    assert "one capture" in complaint(tlsmatrix("explain"))


def test_failed_leaves_out_what_worked():
    assert not any(line.startswith("#") for line in
                   tlsmatrix("explain", "--failed", SAMPLES / "good-12.pcapng").out.splitlines())
    assert "#1 " in tlsmatrix("explain", "--failed", SAMPLES / "pin-12.pcapng").out


# ---- buried ----


def other_traffic(num_packets):
    """Datagrams and clear connections, some hundreds of them open at once."""
    rng = random.Random(SEED)
    packets = []
    number = 0
    while len(packets) < num_packets:
        number += 1
        begin = FROZEN_NS + number * 10**6
        talk = Conversation(80, client_port=1024 + number % 60000, begin=begin).opened()
        talk.ends = ((10, 1, number >> 8 & 255, number & 255), (10, 2, 0, 1))
        talk.time += rng.randrange(10**9)
        talk.say(CLIENT, b"GET / HTTP/1.1\r\n\r\n").say(SERVER, b"HTTP/1.1 200 OK\r\n\r\nhello")
        packets += (talk.closed() if number % 10 else talk).packets
        packets += [(begin, datagram((rng.randrange(1024, 65536), 53), rng.randbytes(60)))] * 3
    return sorted(packets, key=lambda packet: packet[0])


def test_one_failure_among_two_hundred_thousand_packets_in_little_memory(tmp_path):
    packets = other_traffic(OTHER_PACKETS)
    middle = len(packets) // 2
    begin = packets[middle][0]
    failed = [(begin + time - FROZEN_NS, frame) for time, frame in packets_of("expired-12")]
    path = write_pcap(tmp_path / "x.pcap", packets[:middle] + failed + packets[middle:])

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))

    found = explain(path, preexec_fn=limit)
    assert [cause_of(c) for c in found["connections"]] == ["server-certificate-expired"]
    assert found["totals"]["packets"]["TCP"] > OTHER_PACKETS // 3


# ---- what the programs at hand do not do ----


def alert(description):
    return struct.pack(">BHHBB", 21, 0x0303, 2, FATAL, description)


def test_a_client_that_nobody_answers(tmp_path):
    talk = Conversation(443)
    for after_ms in (1, 1000, 2000):
        talk.segment(CLIENT, SYN, after_ms=after_ms)
        talk.next[CLIENT] -= 1
    connection = made(tmp_path, talk)
    assert cause_of(connection) == "tcp-unanswered"
    assert connection["cause"]["stage"] == "tcp"


def test_an_sslv2_hello(tmp_path):
    suites = bytes.fromhex("00002f00000a010080")
    body = struct.pack(">BHHHH", 1, 0x0303, len(suites), 0, 16) + suites + bytes(range(16))
    hello = struct.pack(">H", 0x8000 | len(body)) + body
    talk = Conversation(443).opened().say(CLIENT, hello).say(SERVER, alert(40)).closed(SERVER)
    connection = made(tmp_path, talk)
    assert cause_of(connection) == "sslv2-hello"
    assert connection["facts"]["sslv2_hello"]


def test_an_sslv3_hello(tmp_path):
    body = b"\x03\x00" + bytes(range(32)) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00"
    hello = b"\x16\x03\x00" + struct.pack(">H", len(body) + 4) + b"\x01\x00\x00" + bytes(
        [len(body)]) + body
    talk = Conversation(443).opened().say(CLIENT, hello).say(SERVER, alert(70)).closed(SERVER)
    connection = made(tmp_path, talk)
    assert cause_of(connection) == "no-common-version"
    assert "SSL 3.0" in connection["cause"]["sentence"]


DIALOGUES = {
    "smtp": (25, [(SERVER, "220 mail ESMTP\r\n"), (CLIENT, "EHLO me\r\n"),
                  (SERVER, "250-mail\r\n250 STARTTLS\r\n"), (CLIENT, "STARTTLS\r\n"),
                  (SERVER, "220 go ahead\r\n")], "454 TLS not available\r\n"),
    "imap": (143, [(SERVER, "* OK ready\r\n"), (CLIENT, "a STARTTLS\r\n"),
                   (SERVER, "a OK begin\r\n")], "a NO not today\r\n"),
    "pop3": (110, [(SERVER, "+OK ready\r\n"), (CLIENT, "STLS\r\n"), (SERVER, "+OK begin\r\n")],
             "-ERR no\r\n"),
    "ftp": (21, [(SERVER, "220 FTP ready\r\n"), (CLIENT, "AUTH TLS\r\n"), (SERVER, "234 go\r\n")],
            "502 what?\r\n"),
    "xmpp": (5222, [(CLIENT, "<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"),
                    (SERVER, "<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"
                             "<stream:features><starttls/></stream:features>"),
                    (CLIENT, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                    (SERVER, "<proceed/>")], "<failure/></stream:stream>"),
    "ldap": (389, [(CLIENT, "0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"),
                   (SERVER, "0\x24\x02\x01\x01x\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16"
                            "1.3.6.1.4.1.1466.20037")],
             "0\x24\x02\x01\x01x\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037"),
}
dialogues = pytest.mark.parametrize("protocol", list(DIALOGUES))


def dialogue(protocol, lines):
    talk = Conversation(DIALOGUES[protocol][0]).opened()
    for sender, text in lines:
        talk.say(sender, text.encode("latin-1"))
    return talk


@dialogues
@pytest.mark.parametrize("name", ["good-12", "good-13", "expired-12", "version-12-13"])
def test_tls_behind_a_clear_dialogue(tmp_path, protocol, name):
    talk = dialogue(protocol, DIALOGUES[protocol][1]).with_sample(name).closed()
    assert cause_of(made(tmp_path, talk)) == CAUSES[name]


@dialogues
def test_a_server_that_refuses_to_begin_tls(tmp_path, protocol):
    _, lines, refusal = DIALOGUES[protocol]
    talk = dialogue(protocol, [*lines[:-1], (SERVER, refusal)]).closed()
    connection = made(tmp_path, talk)
    assert cause_of(connection) == "starttls-refused"
    assert connection["cause"]["stage"] == "before-tls"


def test_a_clear_session_is_no_failure_of_tls(tmp_path):
    talk = dialogue("smtp", DIALOGUES["smtp"][1][:3]).say(CLIENT, b"QUIT\r\n")
    talk.say(SERVER, b"221 bye\r\n").closed(SERVER)
    path = write_pcap(tmp_path / "x.pcap", talk.packets)
    assert explain(path)["connections"] == []


def test_other_things_said_in_clear(tmp_path):
    hello = client_hello()
    for port, answer, cause in (
        (22, b"SSH-2.0-OpenSSH_9.2\r\n", "server-not-tls"),
        (8080, b"HTTP/1.0 400 Bad Request\r\n\r\n", "server-speaks-http"),
        (143, b"* OK ready\r\n", "starttls-port"),
    ):
        talk = Conversation(port).opened().say(CLIENT, hello).say(SERVER, answer).closed()
        connection = made(tmp_path, talk)
        assert cause_of(connection) == cause
        assert answer.split(b"\r")[0].decode() in connection["cause"]["sentence"]


def test_clear_bytes_to_a_tls_port(tmp_path):
    for said, cause in ((b"GET / HTTP/1.1\r\n\r\n", "http-to-tls-port"),
                        (b"EHLO me\r\n", "plaintext-to-tls-port")):
        talk = Conversation(443).opened().say(CLIENT, said).say(SERVER, alert(10)).closed(SERVER)
        assert cause_of(made(tmp_path, talk)) == cause


def test_nobody_says_anything_at_a_mail_port(tmp_path):
    talk = Conversation(993).opened()
    talk.segment(CLIENT, FIN | ACK, after_ms=30000).segment(SERVER, FIN | ACK)
    assert cause_of(made(tmp_path, talk)) == "tls-port-greeting-awaited"


def test_fallback_and_a_cut(tmp_path):
    hello = client_hello()
    talk = Conversation(443).opened().say(CLIENT, hello).say(SERVER, alert(86)).closed(SERVER)
    assert cause_of(made(tmp_path, talk)) == "fallback-refused"
    talk = Conversation(443).opened().say(CLIENT, hello).segment(SERVER, RST | ACK)
    connection = made(tmp_path, talk)
    assert (cause_of(connection), connection["cause"]["by"]) == ("cut-by-reset", "server")
    talk = Conversation(443).opened().segment(CLIENT, PSH | ACK, hello)
    talk.segment(CLIENT, RST | ACK, after_ms=100)
    connection = made(tmp_path, talk)
    assert (cause_of(connection), connection["cause"]["by"]) == ("cut-by-reset", "client")
