"""What the captures say is what both ends say, and what tshark says: field by field, over a run with
every suite; and it stays the same however the packets were recorded."""

import json
import random
import shutil
import subprocess
from collections import Counter, defaultdict, namedtuple

import pcap
import pytest
from e2e import BUILD, OK, cases_of, tlsmatrix

TOOLS = ("tshark", "tcpdump", "capinfos")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"not all of {TOOLS} are there"
)

SAMPLE = """\
title: every suite and group, and refusals of many kinds
blocks:
  - name: parameters
    coverage: pairwise
    version: [each]
    suite: [any, all]
    group: [any, none, x25519, p256, p384, ffdhe2048, ffdhe3072]
    credential: [rsa2048, rsapss2048, ecdsa-p256, ed25519, none]
    auth: [none, server, mutual, psk]
    pin: ["off"]
  - name: refusals
    coverage: pairwise
    version: [tls1.1, tls1.2, tls1.3, "tls1.2:tls1.3", "tls1.3:tls1.2"]
    suite: [any, aes128gcm, ecdhe-rsa-aes128gcm, "ecdhe-rsa-aes128gcm:ecdhe-rsa-aes256gcm"]
    group: [any, x25519, "x25519:p256", "p256:p384"]
    credential: [rsa2048, ecdsa-p256]
    auth: [server, mutual, mutual-none-sent]
    pin: ["off", leaf-wrong]
  - name: identities
    coverage: pairwise
    version: [tls1.2, tls1.3]
    suite: [any]
    group: [any]
    credential: [rsa2048, ecdsa-p256]
    auth: [server, mutual]
    pin: ["off"]
    identity: [expired-leaf, client-expired-leaf]
"""

Sample = namedtuple("Sample", "folder cases facts addresses")


def capture_facts(*words):
    """{(client address, server address): facts}; every address pair of a run is one case's."""
    done = tlsmatrix(*words, program=BUILD / "capture_facts")
    assert done.status == OK, done.err
    facts = {}
    for row in done.json_lines:
        ends = tuple(row[end]["address"].rpartition(":")[0].strip("[]") for end in ("client", "server"))
        assert ends not in facts
        facts[ends] = row
    return facts


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wire")
    (folder / "sample.yaml").write_text(SAMPLE)
    words = ["--capture", "whole", "--out", folder / "run", "--json", "--quiet"]
    done = tlsmatrix("run", folder / "sample.yaml", *words)
    assert done.json["packets_captured"] > 0 and done.json["packets_dropped"] == 0, done.err
    cases, addresses = [], {}
    for case in cases_of(folder / "run", planned_only=False).values():
        if case.verdict == "unsupported":
            continue
        shown = tlsmatrix("show", case.id, "--run", folder / "run", "--json").json["addresses"]
        cases.append(case)
        addresses[case.id] = (shown["client"], shown["server"])
    run = folder / "run"
    return Sample(run, cases, capture_facts(run / "run.pcap", run / "keys.log"), addresses)


def each(sample, wanted=lambda case: True):
    for case in sample.cases:
        if wanted(case):
            yield case, sample.facts[sample.addresses[case.id]]


def is_accepted(case):
    return case.client["result"] == case.server["result"] == "accepted"


# ---- what both ends say ----


def test_every_connection_is_whole_and_opens(sample):
    # Behind a refusal comes a connection more, of the next good client.
    assert set(sample.facts) >= set(sample.addresses.values())
    assert len(sample.addresses) > 400
    for facts in sample.facts.values():
        assert facts["tls"] and facts["complete"], facts
        assert facts["decrypted"], (facts["suite"], facts["why_not_decrypted"])


def test_parameters_are_those_of_both_ends(sample):
    seen = defaultdict(set)
    for case, facts in each(sample, is_accepted):
        for name in ("version", "suite", "group", "signature_scheme"):
            for end in (case.client, case.server):
                if name in end:
                    assert facts[name] == end[name], (case.id, name)
                    seen[name].add(end[name])
    assert len(seen["suite"]) > 150
    assert seen["version"] == {"tls1.0", "tls1.1", "tls1.2", "tls1.3"}
    assert seen["group"] >= {"x25519", "secp256r1", "secp384r1", "ffdhe2048", "ffdhe3072"}
    assert len(seen["signature_scheme"]) > 3


def test_application_bytes_are_those_of_both_ends(sample):
    crossed = 0
    for case, facts in each(sample, is_accepted):
        for sender, receiver in (("client", "server"), ("server", "client")):
            numbers = facts[sender]["application_bytes"]
            assert getattr(case, sender).get("bytes_out", 0) == numbers, case.id
            assert getattr(case, receiver).get("bytes_in", 0) == numbers, case.id
            crossed += numbers
    assert crossed > 0


def test_certificates_are_those_the_other_end_saw(sample):
    seen = Counter()
    for case, facts in each(sample):
        for sender, receiver in (("client", case.server), ("server", case.client)):
            if "peer_leaf_sha256" in receiver:
                assert facts[sender]["certificate_sha256"] == receiver["peer_leaf_sha256"], case.id
                seen[sender] += 1
            seen[sender, facts[sender]["certificate"]] += 1
    assert seen["client"] > 10 and seen["server"] > 100
    # A client that has none says so; a server that is not asked for one shows none.
    assert seen["client", "empty"] > 0 and seen["client", "unseen"] > 0


def reported(sender, receiver):
    """The alert that one end says it sent, or that the other says it got; [] if neither does."""
    keys = ((sender, "alert_sent"), (receiver, "alert_received"))
    return sorted({facts[key] for facts, key in keys if key in facts})


def alert_of(facts, end):
    return [facts[end]["alert"]["alert"]] if facts[end]["alert"] else []


def test_alerts_are_those_of_both_ends(sample):
    kinds = set()
    for case, facts in each(sample):
        assert reported(case.client, case.server) == alert_of(facts, "client"), case.id
        assert reported(case.server, case.client) == alert_of(facts, "server"), case.id
        kinds.update(("client", number) for number in alert_of(facts, "client"))
        kinds.update(("server", number) for number in alert_of(facts, "server"))
    assert kinds >= {("server", 70), ("server", 40), ("server", 116), ("client", 45)}


def test_a_refused_client_sends_no_application_byte_that_was_not_accepted(sample):
    """Who is accepted closes with close_notify; who refuses does so by alert, or (a pin) likewise."""
    ways = Counter()
    for case, facts in each(sample):
        closed = facts["closed"]
        ways[closed["how"]] += 1
        if is_accepted(case):
            assert (closed["by"], closed["how"]) == ("client", "close_notify"), case.id
    assert ways["close_notify"] > 100 and ways["alert"] > 20


# ---- what tshark says ----

FIELDS = (
    "frame.number", "ip.src", "ip.dst", "tcp.flags.syn", "tcp.flags.fin", "tcp.flags.reset",
    "tls.alert_message.desc", "tls.handshake.type",
)


def tshark_rows(capture, *options):
    words = ["tshark", "-r", capture, "-d", "tcp.port==1-65535,tls", "-T", "fields"]
    words += ["-E", "aggregator=,", *options]
    for field in FIELDS:
        words += ["-e", field]
    text = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout
    Row = namedtuple("Row", "number source destination syn fin reset alerts messages")
    for line in text.splitlines():
        row = Row(*line.split("\t"))
        yield row._replace(
            number=int(row.number),
            alerts=[int(word) for word in row.alerts.split(",") if word],
            messages=[int(word) for word in row.messages.split(",") if word],
        )


def seen_by_tshark(capture, *options):
    """{(sender, receiver): {what: packet number of the first}}"""
    seen = defaultdict(dict)
    for row in tshark_rows(capture, *options):
        what = seen[row.source, row.destination]
        for flag in ("syn", "fin", "reset"):
            if getattr(row, flag) in ("1", "True"):
                what.setdefault(flag, row.number)
        for number in row.alerts:
            what.setdefault("close_notify" if number == 0 else f"alert {number}", row.number)
        for number in row.messages:
            what.setdefault(f"message {number}", row.number)
    return seen


def packet_of(thing):
    return thing and thing.get("at", thing)["packet"]


def test_tshark_sees_the_same_in_the_same_packets(sample):
    run = sample.folder
    seen = seen_by_tshark(run / "run.pcap", "-o", f"tls.keylog_file:{run / 'keys.log'}")
    alerts, closed_to_tshark = 0, set()
    for (client, server), facts in sample.facts.items():
        for end, ends in (("client", (client, server)), ("server", (server, client))):
            ours, theirs = facts[end], seen[ends]
            if ours["sent_finished"] and "message 20" not in theirs:
                closed_to_tshark.add(facts["suite"])
                continue
            assert packet_of(ours["tcp"]["syn"]) == theirs.get("syn"), ends
            assert packet_of(ours["tcp"]["fin"]) == theirs.get("fin"), ends
            assert packet_of(ours["tcp"]["rst"]) == theirs.get("reset"), ends
            assert packet_of(ours["close_notify"]) == theirs.get("close_notify"), ends
            assert ours["sent_hello"] == ("message 1" in theirs or "message 2" in theirs), ends
            assert ours["sent_finished"] == ("message 20" in theirs), ends
            named = {name: at for name, at in theirs.items() if name.startswith("alert ")}
            if ours["alert"]:
                assert named == {f"alert {ours['alert']['alert']}": packet_of(ours["alert"])}, ends
                alerts += 1
            else:
                assert named == {}, ends
    assert alerts > 20
    assert all("_ARIA_" in suite for suite in closed_to_tshark)  # no ARIA in tshark 4.0


# ---- written by us ----


def test_our_pcapng_opens_decrypted_with_nothing_else_at_hand(sample, tmp_path):
    run, copy = sample.folder, tmp_path / "copy.pcapng"
    done = tlsmatrix(run / "run.pcap", run / "keys.log", copy, program=BUILD / "capture_copy")
    assert (done.status, done.err) == (OK, "")
    with_keys = seen_by_tshark(run / "run.pcap", "-o", f"tls.keylog_file:{run / 'keys.log'}")
    assert seen_by_tshark(copy) == with_keys
    assert seen_by_tshark(run / "run.pcap") != with_keys  # the keys are what does it
    assert capture_facts(copy) == sample.facts
    info = subprocess.run(["capinfos", copy], capture_output=True, text=True, check=True).stdout
    assert "copied" in info and "capture_copy" in info
    commented = subprocess.run(
        ["tshark", "-r", copy, "-Y", "frame.comment == \"a tenth\"", "-T", "fields", "-e",
         "frame.number"],
        capture_output=True, text=True, check=True,
    ).stdout.split()
    packets = tlsmatrix("show", "--run", run, "--json", sample.cases[0].id).status == OK
    assert packets and commented[:3] == ["10", "20", "30"]
    assert not list(tmp_path.glob("*.part"))


def test_without_keys_the_reason_is_named(sample):
    kinds = Counter()
    for facts in capture_facts(sample.folder / "run.pcap").values():
        kinds[facts["decrypted"], facts["why_not_decrypted"]] += 1
    assert set(kinds) == {(True, None), (False, "the key log has no secret of it")}
    assert kinds[True, None] > 0  # refused before anything was under protection


def test_a_record_that_was_changed_does_not_open_in_any_suite(sample, tmp_path):
    """The last bit of each client's close_notify: tag, MAC or padding of every suite there is."""
    packets = pcap.read(sample.folder / "run.pcap")
    changed = {}
    for ends, facts in sample.facts.items():
        notify = facts["client"]["close_notify"]
        if notify and notify["under_protection"]:
            at = notify["at"]["packet"] - 1
            seconds, micros, data = packets[at]
            packets[at] = (seconds, micros, data[:-1] + bytes([data[-1] ^ 1]))
            changed[ends] = facts["suite"]
    path = pcap.write(tmp_path / "changed.pcap", packets)
    for ends, facts in capture_facts(path, sample.folder / "keys.log").items():
        assert facts["decrypted"] == (ends not in changed), facts["suite"]
        if ends in changed:
            assert facts["why_not_decrypted"].startswith("the record does not authenticate")
            assert facts["client"]["opaque_records"] == 1
            assert facts["client"]["close_notify"] is None
    assert len(set(changed.values())) > 150


# ---- the same however it was recorded ----

ORDER_OF_ARRIVAL = ("retransmitted", "reordered", "syn", "fin", "rst")


def lasting(facts):
    """What does not depend on the packets' numbers, times and order."""

    def strip(value):
        if isinstance(value, dict):
            return {
                key: strip(inner)
                for key, inner in value.items()
                if key not in ("at", "first", "last", "packets", "connection", "address",
                               "first_application", *ORDER_OF_ARRIVAL)
            }
        return value

    return sorted(json.dumps(strip(row), sort_keys=True) for row in facts.values())


@pytest.mark.parametrize("place", pcap.ELSEWHERE)
def test_facts_do_not_depend_on_the_link(sample, tmp_path, place):
    link, change = pcap.ELSEWHERE[place]
    packets = [(s, us, change(data)) for s, us, data in pcap.read(sample.folder / "run.pcap")]
    path = pcap.write(tmp_path / "other.pcap", packets, link=link)
    assert lasting(capture_facts(path, sample.folder / "keys.log")) == lasting(sample.facts)


@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_facts_do_not_depend_on_the_format(sample, tmp_path, order, nano):
    packets = pcap.read(sample.folder / "run.pcap")
    path = pcap.write(tmp_path / "other.pcap", packets, order=order, nano=nano)
    assert capture_facts(path, sample.folder / "keys.log") == sample.facts


@pytest.mark.parametrize("seed", range(5))
def test_facts_do_not_depend_on_order_and_repetition(sample, tmp_path, seed):
    """Neighbours change places, and some come twice: also a server's packet and a client's."""
    packets = pcap.read(sample.folder / "run.pcap")
    chance = random.Random(seed)
    for at in range(0, len(packets) - 1, 2):
        if chance.random() < 0.5:
            packets[at : at + 2] = packets[at + 1], packets[at]
    packets = [packet for packet in packets for _ in range(chance.choice((1, 1, 2)))]
    path = pcap.write(tmp_path / "other.pcap", packets)
    ours = {
        key: {**row, "closed": sample.facts[key]["closed"]}  # this is about order
        for key, row in capture_facts(path, sample.folder / "keys.log").items()
    }
    assert lasting(ours) == lasting(sample.facts)


def test_cut_packets_make_incomplete_connections_and_nothing_worse(sample, tmp_path):
    packets = pcap.read(sample.folder / "run.pcap")
    path = pcap.write(tmp_path / "cut.pcap", packets, snaplen=96)
    facts = capture_facts(path, sample.folder / "keys.log")
    assert set(facts) == set(sample.facts)
    assert all(row["tls"] and not row["complete"] for row in facts.values())
    assert all(row["client"]["tcp"]["cut"] > 0 for row in facts.values())


def test_a_lost_packet_is_noticed(sample, tmp_path):
    """Each data packet of a connection in turn: the connection is never called complete."""
    packets = pcap.read(sample.folder / "run.pcap")
    ends = sample.addresses[sample.cases[0].id]
    own = [packet for packet in packets if {address(packet[2][26:30]), address(packet[2][30:34])} == set(ends)]
    lost = 0
    for at, packet in enumerate(own):
        header = 14 + 20 + (packet[2][46] >> 4) * 4
        if len(packet[2]) == header:
            continue
        path = pcap.write(tmp_path / "lost.pcap", own[:at] + own[at + 1 :])
        (facts,) = capture_facts(path, sample.folder / "keys.log").values()
        assert not facts["complete"], at
        lost += 1
    assert lost > 3
    path = pcap.write(tmp_path / "whole.pcap", own)
    (facts,) = capture_facts(path, sample.folder / "keys.log").values()
    assert facts["complete"]


def address(data):
    return ".".join(map(str, data))


def test_a_capture_that_is_cut_off_gives_what_was_there(sample, tmp_path):
    data = (sample.folder / "run.pcap").read_bytes()
    path = tmp_path / "cut.pcap"
    path.write_bytes(data[: len(data) // 2 + 1])
    done = tlsmatrix(path, sample.folder / "keys.log", program=BUILD / "capture_facts")
    assert done.status == OK
    assert done.err.startswith(f"warning: {path}: it ends in the middle, within what begins at byte ")
    assert 0 < len(done.json_lines) < len(sample.facts)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "it is empty"), (b"GET / HTTP/1.1\r\n" * 9, "neither pcap nor pcapng")],
)
def test_what_is_no_capture_is_an_error_of_one_line(tmp_path, content, message):
    path = tmp_path / "no.pcap"
    path.write_bytes(content)
    done = tlsmatrix(path, program=BUILD / "capture_facts")
    assert done.status == 2 and message in done.err and done.err.count("\n") == 1
