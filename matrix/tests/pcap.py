"""Captures taken apart and made anew, for the tests of the reader: pcap as tcpdump writes it."""

import struct

ETHERNET, RAW, SLL, SLL2, NULL, LOOP = 1, 101, 113, 276, 0, 108
HEADER, PACKET = "IHHiIII", "IIII"


def read(path):
    """[(seconds, microseconds, bytes)] of an Ethernet capture in this machine's byte order."""
    data = path.read_bytes()
    magic, *_, link = struct.unpack_from("=" + HEADER, data)
    assert (magic, link & 0xFFFF) == (0xA1B2C3D4, ETHERNET)
    packets, at = [], 24
    while at < len(data):
        seconds, micros, length, _ = struct.unpack_from("=" + PACKET, data, at)
        packets.append((seconds, micros, data[at + 16 : at + 16 + length]))
        at += 16 + length
    return packets


def write(path, packets, link=ETHERNET, order="=", nano=False, snaplen=65550):
    with path.open("wb") as file:
        magic = 0xA1B23C4D if nano else 0xA1B2C3D4
        file.write(struct.pack(order + HEADER, magic, 2, 4, 0, 0, snaplen, link))
        for seconds, micros, data in packets:
            kept = data[:snaplen]
            fraction = micros * 1000 if nano else micros
            file.write(struct.pack(order + PACKET, seconds, fraction, len(kept), len(data)) + kept)
    return path


def to_ipv6(packet):
    """The same segment over IPv6, behind a hop-by-hop header."""
    header_len = (packet[14] & 15) * 4
    total = struct.unpack_from("!H", packet, 16)[0]
    payload = packet[14 + header_len : 14 + total]
    source, destination = packet[26:30], packet[30:34]
    prefix = bytes.fromhex("20010db8") + bytes(8)
    return (
        packet[:12]
        + b"\x86\xdd"
        + struct.pack("!IHBB", 0x60000000, len(payload) + 8, 0, 64)
        + prefix + source + prefix + destination
        + bytes((6, 0, 1, 4, 0, 0, 0, 0))
        + payload
    )


# How the same packets look elsewhere: link type, and what becomes of a packet.
ELSEWHERE = {
    "vlan": (ETHERNET, lambda p: p[:12] + b"\x81\x00\x00\x05" + p[12:]),
    "qinq": (ETHERNET, lambda p: p[:12] + b"\x88\xa8\x00\x05\x81\x00\x00\x06" + p[12:]),
    "padded": (ETHERNET, lambda p: p + bytes(max(0, 60 - len(p)))),
    "raw": (RAW, lambda p: p[14:]),
    "null": (NULL, lambda p: struct.pack("=I", 2) + p[14:]),
    "loop": (LOOP, lambda p: struct.pack("!I", 2) + p[14:]),
    "cooked": (SLL, lambda p: struct.pack("!HHH8s", 0, 772, 6, b"") + p[12:]),
    "cooked2": (SLL2, lambda p: p[12:14] + struct.pack("!HIHBB8s", 0, 1, 772, 0, 6, b"") + p[14:]),
    "ipv6": (ETHERNET, to_ipv6),
}
