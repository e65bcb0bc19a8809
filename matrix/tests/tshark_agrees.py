#!/usr/bin/python3
"""Does tshark see in every capture that a run has kept what we see, and what the ends said?

    matrix/tests/tshark_agrees.py RUN [--sample N] [--seed S]

RUN is a run's folder with a `captures/`. Prints every disagreement and what was compared; exit 1 if
there is one, or nothing to compare. For each connection of each file: does it open with the keys
inside (Finished of both ends, as far as we say that they were sent); version, suite, group; alerts
by sender; how it was closed. For each case the verdict: what ends report of themselves is what
tshark sees, or, where the case is red for that, is not.

Only what is in clear is compared where an attacker was in the path (we read a record only with the
tag that it wants, tshark without), and where the ends have different secrets for one client random
(a PSK that only one knows; a transcript that was changed), of which tshark takes one; of a raw end,
which says what is no TLS, versions and suites that tshark has names for, and how it was closed.

The files go to tshark many at a time, because starting it takes longer than reading a case; those
of raw ends, which all say the same random, one at a time.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict, namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from e2e import BUILD, cases_of  # noqa: E402

BATCH = 400  # files of some twenty packets
VERSIONS = {0x0301: "tls1.0", 0x0302: "tls1.1", 0x0303: "tls1.2", 0x0304: "tls1.3"}
SERVER_HELLO, SERVER_KEY_EXCHANGE, FINISHED, CLOSE_NOTIFY = 2, 12, 20, 0
# ServerHello.random of a HelloRetryRequest (RFC 8446 section 4.1.3).
DELIVERIES = {"one-byte-segment", "one-byte-record", "coalesced", "paused"}
SECRET = re.compile(rb"([A-Z][A-Z_0-9]+ [0-9a-f]{64}) ([0-9a-f]{64,})")
RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

FIELDS = {
    "source": "ip.src", "destination": "ip.dst", "fin": "tcp.flags.fin", "reset": "tcp.flags.reset",
    "types": "tls.handshake.type", "random": "tls.handshake.random",
    "suite": "tls.handshake.ciphersuite", "legacy_version": "tls.handshake.version",
    "version": "tls.handshake.extensions.supported_version",
    "share": "tls.handshake.extensions_key_share_group",
    "curve": "tls.handshake.server_named_curve",
    "alerts": "tls.alert_message.desc",
}
Packet = namedtuple("Packet", FIELDS)


def last(numbers):
    """The last of a field that occurs several times; None: of one that does not."""
    word = numbers.split(",")[-1]
    return int(word, 0) if word else None


class Seen:
    """One connection, by tshark."""

    def __init__(self):
        self.version = self.suite = self.group = None
        self.finished = {"client": False, "server": False}
        self.alerts = {"client": [], "server": []}
        self.close_notify = {"client": False, "server": False}
        self.fin = {"client": False, "server": False}
        self.reset = {"client": False, "server": False}

    def note(self, sender, packet):
        types = [int(word) for word in packet.types.split(",") if word]
        if SERVER_HELLO in types and RETRY not in packet.random.split(","):
            legacy = packet.legacy_version.split(",")[0]
            self.suite = last(packet.suite)
            self.version = last(packet.version or legacy)
            self.group = last(packet.share)
        if SERVER_KEY_EXCHANGE in types and packet.curve:
            self.group = int(packet.curve.split(",")[0], 0)
        self.finished[sender] |= FINISHED in types
        self.fin[sender] |= packet.fin in ("1", "True")
        self.reset[sender] |= packet.reset in ("1", "True")
        for number in (int(word) for word in packet.alerts.split(",") if word):
            if number == CLOSE_NOTIFY:
                self.close_notify[sender] = True
            else:
                self.alerts[sender].append(number)


def tshark(*words):
    done = subprocess.run(["tshark", *map(str, words)], capture_output=True, text=True, check=True,
                          env={**os.environ, "SSLKEYLOGFILE": ""})
    return done.stdout


@cache
def names_of(field):
    """tshark's own names of a field's values; GREASE and SCSV are no suites or groups."""
    rows = (line.split("\t") for line in tshark("-G", "values").splitlines())
    return {int(row[2], 0): row[3] for row in rows
            if row[:2] == ["V", field] and "GREASE" not in row[3] and not row[3].endswith("_SCSV")}


def name(names, number):
    """As our facts name it."""
    return names.get(number, number if number is None else f"0x{number:04X}")


def secrets_of(path):
    """{(label and random, secret)} of a file."""
    return set(SECRET.findall(path.read_bytes()))


def is_contested(secrets):
    """Are there two for the same thing?"""
    return len({about for about, _ in secrets}) < len(secrets)


def batches_of(paths):
    """Lists of files that may be read as one: none has secrets that contradict another's."""
    owners = defaultdict(set)
    for path in paths:
        for about in {about for about, _ in secrets_of(path)}:
            owners[about].add(path)
    alone = {path for sharing in owners.values() if len(sharing) > 1 for path in sharing}
    others = [path for path in paths if path not in alone]
    size = min(BATCH, -(-len(others) // (os.cpu_count() or 1))) or 1
    return [others[at:at + size] for at in range(0, len(others), size)] + [
        [path] for path in sorted(alone)]


def addresses(sequence):
    """The (client, server) of a case's connection (matrix/network.h)."""
    block, rest = sequence >> 16, f"{sequence >> 8 & 255}.{sequence & 255}"
    return f"127.{1 + block % 126}.{rest}", f"127.{128 + block % 126}.{rest}"


def read_batch(paths):
    """{(client, server): (Seen, our facts)} of many files: with nothing at hand but the files."""
    seen = defaultdict(Seen)
    with tempfile.TemporaryDirectory() as folder:
        merged = Path(folder) / "merged.pcapng"
        subprocess.run(["mergecap", "-w", merged, *paths], check=True)
        columns = [word for field in FIELDS.values() for word in ("-e", field)]
        rows = tshark("-r", merged, "-d", "tcp.port==1-65535,tls", "-T", "fields", "-E",
                      "aggregator=,", "-Y", "tcp", *columns)
        ours = subprocess.run([BUILD / "capture_facts", merged], capture_output=True, text=True,
                              check=True).stdout
    for row in rows.splitlines():
        packet = Packet(*row.split("\t"))
        from_client = int(packet.source.split(".")[1]) < 128
        ends = (packet.source, packet.destination) if from_client else (
            packet.destination, packet.source)
        seen[ends].note("client" if from_client else "server", packet)
    facts = {}
    for row in map(json.loads, ours.splitlines()):
        ends = tuple(row[end]["address"].rpartition(":")[0] for end in ("client", "server"))
        facts[ends if int(ends[0].split(".")[1]) < 128 else ends[::-1]] = row
    return {ends: (seen[ends], facts.get(ends)) for ends in seen}


class Comparison:
    def __init__(self):
        self.disagreements = []  # (file, text)
        self.counts = Counter()
        self.suites = names_of("tls.handshake.ciphersuite")
        self.groups = names_of("tls.handshake.extensions_key_share_group")

    def check(self, path, what, ours, theirs):
        self.counts[what] += 1
        if ours != theirs:
            self.disagreements.append((path.name, f"{what}: {ours} by us, {theirs} by tshark"))

    def in_clear(self, path, seen, facts):
        if seen.suite in self.suites and facts["suite"] is not None:
            self.check(path, "suite", facts["suite"], self.suites[seen.suite])
        if seen.version in VERSIONS and facts["version"] is not None:
            self.check(path, "version", facts["version"], VERSIONS[seen.version])
        if seen.group in self.groups and facts["group"]:
            self.check(path, "group", facts["group"], self.groups[seen.group])
        for end in ("client", "server"):
            self.check(path, f"FIN, RST of the {end}",
                       [facts[end]["tcp"][flag] is not None for flag in ("fin", "rst")],
                       [seen.fin[end], seen.reset[end]])

    def connection(self, path, seen, facts):
        """False where tshark cannot read what we can."""
        sent = {end: facts[end]["sent_finished"] for end in ("client", "server")}
        suite = facts["suite"] or ""
        if "_ARIA_" in suite and sent != seen.finished:  # tshark 4.0 has no ARIA
            self.counts["suites that tshark does not decrypt"] += 1
            return False
        self.check(path, "opens (Finished)", sent, seen.finished)
        for end in ("client", "server"):
            alert = facts[end]["alert"]
            self.check(path, f"alert of the {end}", [alert["alert"]] if alert else [],
                       seen.alerts[end])
            self.check(path, f"close_notify of the {end}",
                       facts[end]["close_notify"] is not None, seen.close_notify[end])
        return True

    def said(self, case, legs):
        """(what, end, as the end says, as tshark sees it there) of all that can be compared."""
        for end, seen in zip(("client", "server"), legs):
            told = getattr(case, end) or {}
            if "alert_sent" in told:
                yield "alert", end, [told["alert_sent"]], seen.alerts[end]
            if told.get("handshake_done"):
                yield "suite", end, told["suite"], name(self.suites, seen.suite)
                yield "version", end, told["version"], name(VERSIONS, seen.version)
                group = self.groups.get(seen.group)
                if group is not None and "group" in told:
                    yield "group", end, told["group"], group
            if told.get("result") == "accepted":
                yield "acceptance", end, (True, []), (seen.finished[end], seen.alerts[end])

    def verdict(self, path, case, legs):
        """Green: each end's words are what tshark sees. Red, because an end's words are not what
        crossed the wire: tshark says that they are not, either."""
        said = list(self.said(case, legs))
        if case.verdict in ("pass", "xfail"):
            for what, end, told, seen in said:
                self.check(path, f"{what} that the {end} reports", told, seen)
        checked = (case.check or "").removeprefix("wire.")
        about = [told != seen for what, _, told, seen in said if what == checked]
        if case.verdict == "fail" and about:
            self.check(path, f"{checked} that an end reports wrongly", True, any(about))


def file_of(folder, case_id):
    return folder / "captures" / (case_id.replace("/", "_").replace(":", "~") + ".pcapng")


def compare(folder, sample=None, seed=0):
    """A Comparison of the kept files of a run, or of a sample of them."""
    cases = {file_of(folder, case.id): case
             for case in cases_of(folder, planned_only=False).values()}
    sequences = {case.sequence for case in cases.values()}
    paths = sorted((folder / "captures").iterdir())
    if sample is not None and sample < len(paths):
        paths = sorted(random.Random(seed).sample(paths, sample))
    result = Comparison()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        connections = {ends: pair for batch in pool.map(read_batch, batches_of(paths))
                       for ends, pair in batch.items()}
    for path in paths:
        case = cases.get(path)
        if case is None:
            result.disagreements.append((path.name, "no case of the run has this name"))
            continue
        result.counts["files"] += 1
        first = connections.pop(addresses(case.sequence), None)
        # With the relay in the path a case has two numbers, and its id the first.
        behind = case.sequence + 1
        second = None if behind in sequences else connections.pop(addresses(behind), None)
        if first is None:
            result.disagreements.append((path.name, "tshark finds no packet of the case"))
            continue
        legs = [leg for leg in (first, second) if leg and leg[1] and leg[1]["tls"]]
        for leg in legs:
            result.in_clear(path, *leg)
        attacked = second is not None and not DELIVERIES & set(case.id.split("/"))
        is_raw = "raw" in case.id.split("/")[0].split("-")
        if attacked or is_raw or is_contested(secrets_of(path)):
            result.counts["files of which only what is in clear"] += 1
        elif all([result.connection(path, *leg) for leg in legs]) and len(legs) > 0:
            result.verdict(path, case, [legs[0][0], legs[-1][0]])
    for ends in connections:
        result.disagreements.append((" ".join(ends), "a connection of no case"))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run's folder")
    parser.add_argument("--sample", type=int, help="only so many files, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="of the choice (default 1)")
    options = parser.parse_args()
    if not (options.run / "captures").is_dir():
        parser.error(f"{options.run}: holds no captures")
    result = compare(options.run, options.sample, options.seed)
    for name, text in result.disagreements:
        print(f"{name}: {text}")
    for what, count in sorted(result.counts.items()):
        print(f"{count:8} {what}")
    print(f"{len(result.disagreements)} disagreements")
    return 1 if result.disagreements or result.counts["files"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
