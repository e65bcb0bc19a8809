#!/usr/bin/python3
"""fuzz/seeds.py OUT [CORPUS]: first inputs of every target of our own parsers, from what is in the
tree: samples, hellos, profiles, scenarios, lists; and, of the stacks' targets too, from a folder
that `tlsmatrix run --corpus` wrote. One folder a target below OUT. ci/fuzz merges them into the
committed corpora."""

import base64
import hashlib
import json
import pathlib
import pickle
import re
import struct
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent
INPUT_MAX = 128 * 1024
PIECE_MAX = 4096


class Seeds:
    """Writes each input once, named by its hash."""

    def __init__(self, out):
        self.out = pathlib.Path(out)

    def add(self, target, data):
        if len(data) > INPUT_MAX:
            return
        folder = self.out / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def blocks(capture):
    """The blocks of a little-endian pcapng: (type, body)."""
    at = 0
    while at + 12 <= len(capture):
        kind, length = struct.unpack_from("<II", capture, at)
        if length < 12:
            return
        yield kind, capture[at + 8 : at + length - 4]
        at += length


def packets(capture):
    for kind, body in blocks(capture):
        if kind == 6:
            length = struct.unpack_from("<I", body, 12)[0]
            yield body[20 : 20 + length]


def secrets(capture):
    for kind, body in blocks(capture):
        if kind == 10:
            length = struct.unpack_from("<I", body, 4)[0]
            yield body[8 : 8 + length]


def link_type(capture):
    for kind, body in blocks(capture):
        if kind == 1:
            return struct.unpack_from("<H", body, 0)[0]
    return 1


LINKS = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276]  # as in targets/packets.c


def payloads(capture):
    """(from server, bytes) of each segment with a payload, in order; Ethernet and IPv4 only."""
    if link_type(capture) != 1:
        return
    for packet in packets(capture):
        if packet[12:14] != b"\x08\x00" or packet[23] != 6:
            continue
        ip = packet[14:]
        header = (ip[0] & 15) * 4
        total = struct.unpack_from(">H", ip, 2)[0]
        tcp = ip[header:total]
        data = tcp[(tcp[12] >> 4) * 4 :]
        if data:
            source, destination = struct.unpack_from(">HH", tcp)
            yield source < destination, data


def records(stream):
    """(type, fragment) of whole records."""
    at = 0
    while at + 5 <= len(stream):
        length = struct.unpack_from(">H", stream, at + 3)[0]
        if stream[at + 1] != 3 or at + 5 + length > len(stream):
            return
        yield stream[at], stream[at + 5 : at + 5 + length]
        at += 5 + length


def messages(stream):
    """(type, body) of the handshake messages in clear at the start of a stream."""
    handshake = b""
    for kind, fragment in records(stream):
        if kind != 22:
            break
        handshake += fragment
    at = 0
    while at + 4 <= len(handshake):
        length = int.from_bytes(handshake[at + 1 : at + 4], "big")
        if at + 4 + length > len(handshake):
            return
        yield handshake[at], handshake[at + 4 : at + 4 + length]
        at += 4 + length


def from_stream(seeds, stream):
    """One direction's bytes."""
    seeds.add("records", b"\x40" + stream[:16384])
    seeds.add("handshake", b"\x20" + b"".join(f for k, f in records(stream) if k == 22)[:16384])
    for kind, body in messages(stream):
        if kind in (1, 2):
            seeds.add("hello", bytes([kind - 1, 0, 43]) + body)
        if kind == 11:
            seeds.add("credentials", b"\1" + as_pem(body))
            for flags in (0, 1, 2, 4, 5):
                seeds.add("certificates", bytes([flags]) + body)
                # TLS 1.2's list as TLS 1.3 has it
                if flags & 1:
                    seeds.add("certificates", bytes([flags, 0]) + as_tls13(body))


def as_pem(body):
    """A Certificate message of before TLS 1.3 as the forge keeps a chain."""
    out, at = b"", 3
    while at + 3 < len(body):
        size = int.from_bytes(body[at : at + 3], "big")
        out += pem("CERTIFICATE", body[at + 3 : at + 3 + size])
        at += 3 + size
    return out


def pem(label, der):
    text = base64.encodebytes(der).decode().replace("\n", "")
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def as_tls13(body):
    out, at = b"", 3
    while at + 3 <= len(body):
        length = int.from_bytes(body[at : at + 3], "big")
        out += body[at : at + 3 + length] + b"\0\0"
        at += 3 + length
    return len(out).to_bytes(3, "big") + out


def from_flights(seeds, flights):
    """(from server, bytes) of one connection, in order."""
    pieces = [(server, data[i : i + PIECE_MAX]) for server, data in flights
              for i in range(0, len(data), PIECE_MAX)]
    def framed(prefix, limit):
        out = prefix
        for server, data in pieces:
            out += bytes([server]) + struct.pack(">H", len(data)) + data
        return out[:limit]
    seeds.add("tls_flow", framed(b"\x3f", 16384))
    for number, delivery in ((0, 0), (0, 1), (0, 2), (1, 0), (9, 0), (40, 0), (80, 0)):
        seeds.add("relay", framed(struct.pack(">BB", number, delivery), 16384))
    seeds.add("flow", b"\0\0\0\1\xff\xff\xff\xf0" + b"".join(
        bytes([server]) + struct.pack(">HH", i * 700, len(data[:1400])) + data[:1400]
        for i, (server, data) in enumerate(pieces))[:16384])
    # Segments of the target's own pattern, in order, then backwards.
    order = [(4, at, 1400) for at in range(0, 9800, 700)]
    for turns in (order, order[::-1]):
        seeds.add("flow", b"\0" * 8 + b"".join(
            bytes([flags]) + struct.pack(">HH", at, length) for flags, at, length in turns))
    for server in (False, True):
        from_stream(seeds, b"".join(data for s, data in flights if s == server))


def from_capture(seeds, capture):
    seeds.add("capture", capture)
    seeds.add("explain", capture)
    seeds.add("observe", capture)
    link = LINKS.index(link_type(capture)) if link_type(capture) in LINKS else 1
    seeds.add("packets", b"".join(bytes([link]) + struct.pack(">H", min(len(p), PIECE_MAX)) +
                                  p[:PIECE_MAX] for p in packets(capture)))
    for text in secrets(capture):
        seeds.add("keylog", text)
    from_flights(seeds, list(payloads(capture)))


def from_pcap(seeds, capture):
    """The same packets in the older format, both byte orders."""
    for order in "<>":
        out = struct.pack(order + "IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type(capture))
        for i, packet in enumerate(packets(capture)):
            out += struct.pack(order + "IIII", i, 0, len(packet), len(packet)) + packet
        seeds.add("capture", out)
        seeds.add("explain", out)


def from_yaml(seeds):
    matrix = ROOT / "matrix"
    for target, files in {
        "profile": matrix.glob("profiles/*.yaml"),
        "story": matrix.glob("stories/*.yaml"),
        "deviations": matrix.glob("deviations/*.yaml"),
        "acceptance": [matrix / "acceptance.yaml"],
    }.items():
        for path in files:
            text = path.read_text()
            seeds.add("yaml", path.read_bytes()[:16384])
            if target == "deviations":
                text = re.sub(r"(?m)^stack: .*", "stack: openssl", text)
                text = re.sub(r"(?m)id: (gnutls|boringssl)\.", "id: openssl.", text)
            for part in parts(text, 1024):
                seeds.add(target, part.encode())
    for path in matrix.glob("hellos/*.yaml"):
        seeds.add("yaml", path.read_bytes()[:16384])
        for part in hello_parts(path.read_text()):
            seeds.add("raw_hellos", part.encode())


def parts(text, limit):
    """A text, or where it is long what stands before its list with each item of the list."""
    if len(text) <= limit:
        return [text]
    lines = text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if re.match(r" *- ", line)]
    indent = min(len(lines[i]) - len(lines[i].lstrip()) for i in starts)
    starts = [i for i in starts if len(lines[i]) - len(lines[i].lstrip()) == indent]
    head = "".join(lines[: starts[0]])
    return [head + "".join(lines[a:b]) for a, b in zip(starts, starts[1:] + [len(lines)])]


def hello_parts(text):
    return parts(text, 1024)


def from_json(seeds):
    for path in ROOT.glob("peers/*/expected/*.json"):
        value = json.loads(path.read_text())
        seeds.add("control", b"\2" + json.dumps(value).encode())
        value["suites"] = value["suites"][:3]
        for version in value["versions"].values():
            version["groups"] = version["groups"][:2]
        seeds.add("control", b"\2" + json.dumps(value).encode())
    endpoint = {
        "role": "client", "min_version": "tls1.2", "max_version": "tls1.3",
        "suites": ["TLS_AES_128_GCM_SHA256", "0x1234"], "groups": ["x25519"],
        "chain_file": "a", "key_file": "b", "trust_file": "c", "peer_name": "server.example",
        "verify": "require", "verify_time": 1767225600, "pin": "leaf", "pin_sha256": "ab" * 32,
        "psk_identity": "me", "psk": "00" * 32, "srp_user": "u", "srp_password": "p",
        "exchange": "echo", "request_len": 32, "deadline_ms": 5000, "keylog": True, "fault": "x",
        "crl_file": "d", "staple_file": "e", "check_staple": True, "server_order": True,
        "partial_chain": True, "strict": True, "wrong_key": True, "tofu_store": "f",
    }
    facts = {
        "result": "refused", "stage": "handshake", "handshake_done": True, "version": "tls1.3",
        "suite": "TLS_AES_128_GCM_SHA256", "group": "x25519", "signature_scheme": "ed25519",
        "verify_code": 10, "verify_text": "expired", "alert_sent": 45, "alert_received": 40,
        "peer_leaf_sha256": "cd" * 32, "bytes_in": 1, "bytes_out": 2, "close": "clean",
        "exporter": "ef" * 32, "error_text": "no", "duration_us": 3, "keylog": "CLIENT_RANDOM a b\n",
    }
    for number, whole in ((0, endpoint), (1, facts)):
        seeds.add("control", bytes([number]) + json.dumps(whole).encode())
        for key in whole:
            seeds.add("control", bytes([number]) + json.dumps({key: whole[key]}).encode())
            less = {k: v for k, v in whole.items() if k != key}
            seeds.add("control", bytes([number]) + json.dumps(less).encode())
    ending = {"refused": True, "by": "server", "stage_number": 2, "alert_number": 40,
              "alert_hidden": False, "cause": "no-common-suite"}
    end = {"role": "client", "min_version": "tls1.2", "max_version": "tls1.3", "deadline_ms": 5000}
    recipe = {
        "tlsmatrix_case": 1, "name": "no-common-suite", "theory": "t", "capture": "c",
        "connection": 1, "sentence": "s", "attack": "", "judged": "server", "partner": "stack",
        "recorded": ending, "client": end, "server": dict(end, role="server"),
        "avoided_suites": ["0x1301"], "avoided_groups": [], "bytes": "1603010000", "echo": [0, 1],
        "left_out": ["something"], "healthy_client": end, "healthy_server": dict(end, role="server"),
    }
    for attack in ("", "strip-supported-versions"):
        seeds.add("recipe", json.dumps(dict(recipe, attack=attack), indent=1).encode())


def from_words(seeds):
    ids = [
        "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/leaf",
        "openssl-gnutls/tls1.2:tls1.3/any/any/rsa2048/mutual-none-sent/off#3",
        "gnutls-gnutls/tls1.0-1.2/rsa-aes128cbc-sha:any/none/rsa2048/server/tofu-first",
        "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/off/client-expired-leaf",
        "raw-openssl/any/any/any/rsa2048/server/off",
    ]
    for text in ids:
        for glob in ("*", "{openssl,gnutls}-*/tls1.?/*", "*/{product,get}", "{a,{b,c}}*"):
            seeds.add("case_id", f"{text}\n{glob}".encode())
    for path in (ROOT / "matrix").glob("*.md"):
        for text in re.findall(r"[a-z]+-[a-z]+/(?:tls[^\s`'|]+)", path.read_text()):
            seeds.add("case_id", text.encode())
    for kind in range(8):
        for data in (b"READY", b"\0" * 15 + b"\1", b"U2ltcGxl\n", b"\x10" * 16, b"\0" * 200):
            seeds.add("minihttps", bytes([kind]) + data)
    for ending in range(3):
        for cuts in (b"", b"\2", b"\6\0\1\x05"):
            for stream in (b"", b"\0\0\0\5READY" * 2, b"\0\0\0\0\0\0\1", b"\0\1\0\0" + b"x" * 99,
                           b"\0\1\0\1x"):
                seeds.add("frames", bytes([ending, len(cuts)]) + cuts + stream)
    line = b"0" * 64 + b"  rsa2048/root.pem\n"
    for at in (0, 32, 34, 1023):
        for gone in (0, 1, 66):
            for put in (b"", b"\n", b"2\n", line, b"\x1b[2J\n"):
                seeds.add("credentials", b"\0" + struct.pack(">HB", at, gone) + put)
    ed25519 = bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32))
    seeds.add("credentials", b"\2" + pem("PRIVATE KEY", ed25519))
    for label in ("CERTIFICATE", "PRIVATE KEY"):  # what would have to ask for a password
        sealed = pem(label, ed25519).replace(
            b"-----\n", b"-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%032d\n\n" % 0, 1)
        seeds.add("credentials", (b"\1" if label == "CERTIFICATE" else b"\2") + sealed)
    for flags in range(0, 32, 3):
        seeds.add("pcapng_written", bytes([flags]) + b"\0\4case" + b"\0\1" + (
            b"\0" + struct.pack(">QH", 1767225600 * 10**9 + 1, 6) + b"packet" + b"\0\2\0\4text"
            + b"\1\0\x0fCLIENT_RANDOM 0" + b"\2" + struct.pack(">Q", 7)))
    for kind in range(2):
        for i in range(6):
            seeds.add("decrypt", bytes([kind, 17, i & 1, 20 + i % 5, 3 * i]) +
                      struct.pack(">H", 64) + bytes(range(64)) + bytes([1 - (i & 1), 23, 0, 0, 4]) +
                      b"data" + bytes([2, 21, 0, 0, 2, 2, 40]))
    seeds.add("bank", bank_record())


def bank_record():
    """A customer as Python pickles one."""
    customer = type("Customer", (), {"__module__": "tlsmatrix.bank"})
    for name in ("tlsmatrix", "tlsmatrix.bank"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["tlsmatrix.bank"].Customer = customer
    one = customer()
    one.__dict__.update(
        id=100124796, name="Ada Winter", email="ada.winter@example.com", account=40718263,
        sort_code=204060, street="7 Orchard Row", district="Northgate", town="Millbrook",
        postcode="ZZ9 9ZZ")
    return pickle.dumps(one, protocol=4)


# Of fuzz/stacks/script.h: inputs name steps by their numbers, so that these never change.
STEP_EDIT, STEP_STOP = 0, 16
OPTION_12, OPTION_MUTUAL, OPTION_CLIENT = 1, 1 << 2, 1 << 7
STEP_BYTES_MAX = 0xFFFF
PLAYED = ["careless", "openssl", "boringssl", "gnutls", "differential"]


def script(options, kind, at, drop, data):
    return struct.pack(">BBBBHHH", options, 0, kind, at, 0, drop, len(data)) + data


def from_recorded(seeds, said, victim_is_client):
    """What an end said, played to the stacks in the other role: all of it instead of the partner's
    words, and each message in clear instead of the partner's own."""
    clear = list(messages(said))
    kinds = [kind for kind, _ in clear]
    options = OPTION_CLIENT if victim_is_client else 0
    if 11 in kinds and not victim_is_client:
        options |= OPTION_MUTUAL
    made = [script(options, STEP_STOP, 0, 0, said[:STEP_BYTES_MAX])]
    for number, (_, body) in enumerate(clear):
        if len(body) <= STEP_BYTES_MAX:
            made += [script(options | version, STEP_EDIT, number, STEP_BYTES_MAX, body)
                     for version in (0, OPTION_12)]
    for stack in PLAYED:
        for data in made:
            seeds.add(f"{stack}-{'client' if victim_is_client else 'server'}", data)


def from_corpus(seeds, folder):
    """What `tlsmatrix run --corpus` wrote: flights.list has the order of who spoke."""
    folder = pathlib.Path(folder)
    for line in (folder / "flights.list").read_text().splitlines():
        shape, _, *turns = line.split()
        left = {"c": (folder / f"{shape}.client").read_bytes(),
                "s": (folder / f"{shape}.server").read_bytes()}
        from_recorded(seeds, left["c"], victim_is_client=False)
        from_recorded(seeds, left["s"], victim_is_client=True)
        flights = []
        for turn in turns:
            who, length = turn[0], int(turn[1:])
            flights.append((who == "s", left[who][:length]))
            left[who] = left[who][length:]
        from_flights(seeds, flights)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(f"usage: {sys.argv[0]} OUT [CORPUS]")
    seeds = Seeds(sys.argv[1])
    for path in sorted((ROOT / "captures/samples").glob("*.pcapng")):
        capture = path.read_bytes()
        from_capture(seeds, capture)
        if path.stem in ("good-12", "suite-12", "good-13-keys"):
            from_pcap(seeds, capture)
    from_yaml(seeds)
    from_json(seeds)
    from_words(seeds)
    if len(sys.argv) == 3:
        from_corpus(seeds, sys.argv[2])


if __name__ == "__main__":
    main()
