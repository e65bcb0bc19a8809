"""Captures as strangers have them: out of a sample's packets, or out of words that two ends say."""

import struct
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "captures" / "samples"
ETHERNET_LEN, IP4_LEN, FROZEN_NS = 14, 20, 1767225600 * 10**9
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = 0, 1


def sample_rows():
    """(name, has keys, cause or None, case) of each sample."""
    for line in (SAMPLES / "samples.list").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, keys, cause, case = line.split()
            yield name, keys == "keys", None if cause == "-" else cause, case


def packets_of(name):
    """[(time in ns, frame)] of a sample: its enhanced packet blocks."""
    data = (SAMPLES / f"{name}.pcapng").read_bytes()
    at, found = 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 6:
            high, low, captured = struct.unpack_from("<III", data, at + 12)
            found.append(((high << 32 | low) * 1000, data[at + 28 : at + 28 + captured]))
        at += length
    return found


def said_in(name):
    """(role, bytes) of each segment of a sample that says something."""
    sample = packets_of(name)
    client = sample[0][1][ETHERNET_LEN + 12 : ETHERNET_LEN + 16]
    for _, frame in sample:
        ip = frame[ETHERNET_LEN:]
        tcp = ip[IP4_LEN : struct.unpack_from(">H", ip, 2)[0]]
        payload = tcp[(tcp[12] >> 4) * 4 :]
        if payload:
            yield CLIENT if ip[12:16] == client else SERVER, payload


def write_pcap(path, packets, order="<", nanoseconds=False, snaplen=262144, link_type=1):
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    unit = 1 if nanoseconds else 1000
    with open(path, "wb") as out:
        out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link_type))
        for time, frame in packets:
            seconds, rest = divmod(time, 10**9)
            kept = frame[:snaplen]
            out.write(struct.pack(order + "IIII", seconds, rest // unit, len(kept), len(frame)))
            out.write(kept)
    return path


def tagged(frame, *tags):
    """With VLAN tags (IEEE 802.1Q), the outer first."""
    inserted = b"".join(struct.pack(">HH", kind, number) for kind, number in tags)
    return frame[:12] + inserted + frame[12:]


def as_ipv6(frame):
    """The same segment over IPv6, between addresses that end in the old ones."""
    ip, segment = frame[ETHERNET_LEN:][:IP4_LEN], frame[ETHERNET_LEN + IP4_LEN :]
    length = struct.unpack_from(">H", ip, 2)[0] - IP4_LEN
    prefix = bytes.fromhex("fd000000000000000000 0000".replace(" ", ""))
    header = struct.pack(">IHBB", 6 << 28, length, ip[9], 64)
    return frame[:12] + b"\x86\xdd" + header + prefix + ip[12:16] + prefix + ip[16:20] + segment


def _frame(protocol, source, destination, body):
    addresses = bytes(source) + bytes(destination)
    header = struct.pack(">BBHHHBBH", 0x45, 0, IP4_LEN + len(body), 0, 0, 64, protocol, 0)
    return bytes(12) + b"\x08\x00" + header + addresses + body


def datagram(ports, payload, source=(10, 0, 0, 1), destination=(10, 0, 0, 2)):
    body = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    return _frame(17, source, destination, body)


class Conversation:
    """A TCP connection, segment by segment."""

    def __init__(self, port, client_port=40000, begin=FROZEN_NS):
        self.ports = (client_port, port)
        self.ends = ((10, 0, 0, 1), (10, 0, 0, 2))
        self.next = [1000, 5000]
        self.time = begin
        self.packets = []

    def segment(self, sender, flags, payload=b"", after_ms=1):
        self.time += after_ms * 10**6
        other = 1 - sender
        body = struct.pack(
            ">HHIIBBHHH", self.ports[sender], self.ports[other], self.next[sender],
            self.next[other] if flags & ACK else 0, 5 << 4, flags, 65535, 0, 0,
        )
        self.packets.append(
            (self.time, _frame(6, self.ends[sender], self.ends[other], body + payload))
        )
        self.next[sender] += len(payload) + bool(flags & (SYN | FIN))
        return self

    def opened(self):
        self.segment(CLIENT, SYN)
        self.segment(SERVER, SYN | ACK)
        return self.segment(CLIENT, ACK)

    def say(self, sender, payload):
        return self.segment(sender, PSH | ACK, payload)

    def closed(self, first=CLIENT):
        self.segment(first, FIN | ACK)
        self.segment(1 - first, FIN | ACK)
        return self.segment(first, ACK)

    def with_sample(self, name):
        """What the ends of a sample say to each other, from the first byte to the close."""
        for role, payload in said_in(name):
            self.say(role, payload)
        return self


def client_hello():
    """Of a sample: its first payload."""
    (_, frame), *_ = [p for p in packets_of("good-12") if p[1][-6:] != b"" and len(p[1]) > 150]
    tcp = frame[ETHERNET_LEN + IP4_LEN :]
    return tcp[(tcp[12] >> 4) * 4 :]
