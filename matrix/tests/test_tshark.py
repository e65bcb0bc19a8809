"""A second opinion: what tshark reads in the capture of a run is what both ends reported."""

import csv
import shutil
import subprocess
from collections import defaultdict, namedtuple

import pytest
from e2e import cases_of, tlsmatrix

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("tcpdump") is None, reason="no tshark or tcpdump"
)

SAMPLE = """\
title: what another program must see in the capture
blocks:
  - name: parameters
    coverage: pairwise
    version: [each, tls1.0-1.3]
    suite: [any, all]
    group: [any, none, x25519, p256, p384, ffdhe2048]
    credential: [rsa2048, rsapss2048, ecdsa-p256, ed25519, none]
    auth: [none, server, mutual, psk]
    pin: ["off"]
  - name: refusals
    coverage: pairwise
    version: [tls1.1, tls1.2, tls1.3, "tls1.2:tls1.3", "tls1.3:tls1.2"]
    suite: [any, aes128gcm, ecdhe-rsa-aes128gcm, "ecdhe-rsa-aes128gcm:ecdhe-rsa-aes256gcm"]
    group: [any, x25519, "x25519:p256"]
    credential: [rsa2048, ecdsa-p256]
    auth: [server, mutual, mutual-none-sent]
    pin: ["off", leaf-wrong]
"""

FIELDS = {
    "source": "ip.src",
    "destination": "ip.dst",
    "types": "tls.handshake.type",
    "suite": "tls.handshake.ciphersuite",
    "legacy_version": "tls.handshake.version",
    "version": "tls.handshake.extensions.supported_version",
    "share": "tls.handshake.extensions_key_share_group",
    "curve": "tls.handshake.server_named_curve",
    "alert": "tls.alert_message.desc",
}

VERSIONS = {0x0301: "tls1.0", 0x0302: "tls1.1", 0x0303: "tls1.2", 0x0304: "tls1.3"}
SERVER_HELLO, SERVER_KEY_EXCHANGE, CLOSE_NOTIFY = "2", "12", 0


def tshark(*words):
    return subprocess.run(
        ["tshark", *map(str, words)], capture_output=True, text=True, check=True
    ).stdout


def names(field):
    """tshark's own names of a field's values."""
    rows = (line.split("\t") for line in tshark("-G", "values").splitlines())
    return {int(row[2], 0): row[3] for row in rows if row[:2] == ["V", field]}


class Seen:
    """What tshark saw of one case. The last ServerHello counts: one before is a retry request."""

    def __init__(self):
        self.version = self.suite = self.group = None
        self.alerts = defaultdict(list)  # address -> numbers, close_notify left out

    def note(self, packet):
        types = packet.types.split(",")
        if SERVER_HELLO in types:
            self.suite = int(packet.suite, 0)
            # Certificate messages of the same packet carry no version; ServerHello comes first.
            legacy = packet.legacy_version.split(",")[0]
            self.version = VERSIONS[int(packet.version or legacy, 0)]
            self.group = int(packet.share, 0) if packet.share else None
        if SERVER_KEY_EXCHANGE in types and packet.curve:
            self.group = int(packet.curve, 0)
        numbers = (int(word) for word in packet.alert.split(",") if word)
        self.alerts[packet.source] += [number for number in numbers if number != CLOSE_NOTIFY]


Sample = namedtuple("Sample", "folder num_handshakes cases seen addresses suites groups")


def read_capture(folder, keys):
    """{(client, server): Seen}."""
    columns = [word for field in FIELDS.values() for word in ("-e", field)]
    text = tshark(
        "-r", folder / "run.pcap", "-o", f"tls.keylog_file:{keys}",
        "-d", "tcp.port==1-65535,tls", "-T", "fields", "-E", "aggregator=,", *columns,
        "-Y", "tcp.len > 0",
    )
    Packet = namedtuple("Packet", FIELDS)
    seen = defaultdict(Seen)
    for row in csv.reader(text.splitlines(), delimiter="\t"):
        packet = Packet(*row)
        # Clients have 127.1 to 127.126, servers what is above (matrix/network.h).
        ends = sorted((packet.source, packet.destination), key=lambda end: int(end.split(".")[1]))
        seen[tuple(ends)].note(packet)
    return seen


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captured")
    (folder / "sample.yaml").write_text(SAMPLE)
    words = ["--capture", "whole", "--out", folder / "run", "--json", "--quiet"]
    done = tlsmatrix("run", folder / "sample.yaml", *words)
    assert done.json["packets_captured"] > 0 and done.json["packets_dropped"] == 0
    cases = [
        case
        for case in cases_of(folder / "run", planned_only=False).values()
        if case.verdict != "unsupported"
    ]
    addresses = {}
    for case in cases:
        shown = tlsmatrix("show", case.id, "--run", folder / "run", "--json").json["addresses"]
        addresses[case.id] = (shown["client"], shown["server"])
    return Sample(
        folder / "run",
        done.json["handshakes"],
        cases,
        read_capture(folder / "run", folder / "run" / "keys.log"),
        addresses,
        names("tls.handshake.ciphersuite"),
        names("tls.handshake.extensions_key_share_group"),
    )


def each(sample, wanted):
    for case in sample.cases:
        if wanted(case):
            yield case, sample.seen[sample.addresses[case.id]]


def is_accepted(case):
    return case.client["result"] == case.server["result"] == "accepted"


def test_the_capture_holds_the_cases_and_nothing_else(sample):
    """But for the twins that were run again to see that a server survived its last refusals."""
    assert set(sample.seen) >= set(sample.addresses.values())
    assert len(sample.seen) == sample.num_handshakes >= len(sample.cases) > 150


def test_versions_are_those_on_the_wire(sample):
    versions = set()
    for case, seen in each(sample, is_accepted):
        assert (case.client["version"], case.server["version"]) == (seen.version,) * 2, case.id
        versions.add(seen.version)
    assert versions == set(VERSIONS.values())


def test_suites_are_those_on_the_wire(sample):
    suites = set()
    for case, seen in each(sample, is_accepted):
        name = sample.suites[seen.suite]
        assert (case.client["suite"], case.server["suite"]) == (name, name), case.id
        suites.add(name)
    assert len(suites) > 100


def test_groups_are_those_on_the_wire(sample):
    """Finite-field groups before TLS 1.3 have no name on the wire."""
    groups = set()
    for case, seen in each(sample, is_accepted):
        if seen.group is None:
            continue
        name = sample.groups[seen.group]
        assert (case.client["group"], case.server["group"]) == (name, name), case.id
        groups.add(name)
    assert groups >= {"x25519", "secp256r1", "secp384r1", "ffdhe2048"}


def reported(sender, receiver):
    """The alert that one end says it sent, or that the other says it got; [] if neither does."""
    numbers = {facts[key] for facts, key in ((sender, "alert_sent"), (receiver, "alert_received"))
               if key in facts}
    return sorted(numbers)


def test_alerts_are_those_on_the_wire_and_from_the_same_end(sample):
    kinds = set()
    for case, seen in each(sample, lambda case: True):
        client, server = sample.addresses[case.id]
        assert reported(case.client, case.server) == sorted(seen.alerts[client]), case.id
        assert reported(case.server, case.client) == sorted(seen.alerts[server]), case.id
        kinds.update(("client", number) for number in seen.alerts[client])
        kinds.update(("server", number) for number in seen.alerts[server])
    # protocol_version and handshake_failure, certificate_required
    assert kinds >= {("server", 70), ("server", 40), ("server", 116)}


def test_an_accepted_case_has_no_alert_on_the_wire(sample):
    for case, seen in each(sample, is_accepted):
        assert not any(seen.alerts.values()), case.id


def test_without_the_keys_what_is_encrypted_stays_hidden(sample, tmp_path):
    """certificate_required, which TLS 1.3 has and encrypts: so it is the keys that open it."""
    (tmp_path / "no-keys.log").write_text("")
    closed = read_capture(sample.folder, tmp_path / "no-keys.log")

    def shows(capture):
        return any(116 in alerts for seen in capture.values() for alerts in seen.alerts.values())

    assert shows(sample.seen) and not shows(closed)
