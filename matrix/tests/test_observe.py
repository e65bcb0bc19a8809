"""What an observer without keys is said to see: held to what the cases are known to be, and to the
credentials that they used. The rows are those of the passive observer: V visible, N not."""

import shutil
import ssl
import struct
import subprocess

import pcap
import pytest
from e2e import OK, USAGE, complaint, tlsmatrix, write_ids

pytestmark = pytest.mark.skipif(
    shutil.which("tcpdump") is None, reason="no tcpdump"
)

NAME = "server.tlsmatrix.example"
REQUEST_LEN = ANSWER_LEN = 32

# id, version, suite, group, mutual, how it is known, what 32 bytes look like from outside
ANSWERED = {
    "openssl-openssl/tls1.3/aes128gcm/x25519/rsa2048/server/off":
        ("tls1.3", "TLS_AES_128_GCM_SHA256", "x25519", "no", "inferred", [32, 32]),
    "openssl-gnutls/tls1.3/aes256gcm/p256/rsa2048/mutual/off":
        ("tls1.3", "TLS_AES_256_GCM_SHA384", "secp256r1", "yes", "inferred", [32, 32]),
    "gnutls-openssl/tls1.3/chacha20poly1305/x25519/ecdsa-p256/mutual/off":
        ("tls1.3", "TLS_CHACHA20_POLY1305_SHA256", "x25519", "yes", "inferred", [32, 32]),
    "boringssl-boringssl/tls1.3/any/x25519/ecdsa-p256/mutual/off":
        ("tls1.3", "TLS_AES_128_GCM_SHA256", "x25519", "yes", "inferred", [32, 32]),
    "boringssl-openssl/tls1.3/any/x25519/ed25519/server/off":
        ("tls1.3", "TLS_AES_128_GCM_SHA256", "x25519", "no", "inferred", [32, 32]),
    "openssl-openssl/tls1.2/ecdhe-rsa-aes128gcm/x25519/rsa2048/mutual/off":
        ("tls1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "x25519", "yes", "in-clear", [32, 32]),
    "gnutls-boringssl/tls1.2/ecdhe-rsa-chacha20poly1305/x25519/rsa2048/server/off":
        ("tls1.2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "x25519", "no", "in-clear",
         [32, 32]),
    "openssl-gnutls/tls1.2/dhe-rsa-aes128gcm/ffdhe2048/rsa2048/server/off":
        ("tls1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "ffdhe2048", "no", "in-clear", [32, 32]),
    "boringssl-boringssl/tls1.2/ecdhe-rsa-aes128cbc-sha/x25519/rsa2048/server/off":
        ("tls1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "x25519", "no", "in-clear", [28, 43]),
    "gnutls-openssl/tls1.2/ecdhe-rsa-aes128cbc-sha/x25519/rsa2048/server/off":
        ("tls1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "x25519", "no", "in-clear", [32, 47]),
    "openssl-openssl/tls1.2/rsa-null-sha256/none/rsa2048/server/off":
        ("tls1.2", "TLS_RSA_WITH_NULL_SHA256", None, "no", "in-clear", [32, 32]),
}
NULL = "openssl-openssl/tls1.2/rsa-null-sha256/none/rsa2048/server/off"
MUTUAL13 = "openssl-gnutls/tls1.3/aes256gcm/p256/rsa2048/mutual/off"
SERVER13 = "openssl-openssl/tls1.3/aes128gcm/x25519/rsa2048/server/off"
MUTUAL12 = "openssl-openssl/tls1.2/ecdhe-rsa-aes128gcm/x25519/rsa2048/mutual/off"
DHE = "openssl-gnutls/tls1.2/dhe-rsa-aes128gcm/ffdhe2048/rsa2048/server/off"

EXPIRED = "openssl-openssl/tls1.3/any/any/rsa2048/server/off/expired-leaf"
HUGE = "openssl-openssl/tls1.3/any/any/rsa2048/server/off/huge-certificate"
NONE_SENT13 = "gnutls-gnutls/tls1.3/any/any/rsa2048/mutual-none-sent/off"
NONE_SENT12 = "openssl-openssl/tls1.2/any/any/rsa2048/mutual-none-sent/off"
NO_VERSION = "openssl-openssl/tls1.2:tls1.3/any/any/rsa2048/server/off"
DOWNGRADED = "openssl-openssl/tls1.2:tls1.0-1.3/any/any/rsa2048/server/off"
PSK12 = "openssl-openssl/tls1.2/psk-aes128gcm/none/none/psk/off"
CUT13 = "openssl-openssl/tls1.3/any/any/rsa2048/server/off/no-close-notify-from-server"
CUT12 = "gnutls-openssl/tls1.2/any/any/rsa2048/server/off/no-close-notify-from-server"
FAULTY = [EXPIRED, HUGE, NONE_SENT13, NONE_SENT12, NO_VERSION, DOWNGRADED, PSK12, CUT13, CUT12]


class Observed:
    """What the command says of each capture of one run."""

    def __init__(self, folder):
        self.folder = folder
        self.seen = {}

    def path(self, case_id):
        name = case_id.replace("/", "_").replace(":", "~") + ".pcapng"
        return self.folder / "captures" / name

    def all(self, case_id):
        if case_id not in self.seen:
            done = tlsmatrix("observe", "--json", self.path(case_id))
            assert done.status == OK and done.err == "", done
            self.seen[case_id] = done.json["connections"]
        return self.seen[case_id]

    def __getitem__(self, case_id):
        return self.all(case_id)[0]

    def chain_len(self, who, credential="rsa2048"):
        """Bytes of each certificate that the end sends."""
        pem = (self.folder / "pki" / credential / f"{who}-chain.pem").read_text()
        end = "-----END CERTIFICATE-----\n"
        return [len(ssl.PEM_cert_to_DER_cert(part + end)) for part in pem.split(end)[:-1]]


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("observed")
    ids = write_ids(folder / "ids", [*ANSWERED, *FAULTY])
    done = tlsmatrix("run", "--ids", ids, "--capture", "all", "--out", folder / "run", "--quiet",
                     "--json")
    assert done.status == OK, done
    assert done.json["verdicts"]["pass"] == len(ANSWERED) + len(FAULTY), done.json
    return Observed(folder / "run")


each = pytest.mark.parametrize("case_id", ANSWERED)


# ---- visible ----


@each
def test_v1_addresses_and_ports(observed, case_id):
    seen = observed[case_id]
    assert seen["client"]["address"].startswith("127.1.")
    assert seen["server"]["address"].startswith("127.128.")
    assert seen["server"]["address"].endswith(":443")
    assert seen["client"]["syn"]["packet"] == 1 and seen["server"]["syn"]["packet"] == 2
    assert seen["complete"]


@each
def test_v2_the_client_hello_and_the_name_in_it(observed, case_id):
    hello = observed[case_id]["client_hello"]
    version, suite, group, *_ = ANSWERED[case_id]
    # GnuTLS puts the lowest version that it offers; the others always the lowest of all.
    lowest = "tls1.2" if case_id.startswith("gnutls-") and version == "tls1.2" else "tls1.0"
    assert (hello["record_version"], hello["legacy_version"]) == (lowest, "tls1.2")
    assert hello["server_name"] == NAME
    assert version in hello["versions"]
    assert suite in hello["suites"]
    if group is not None and group != "ffdhe2048":  # OpenSSL names no DHE group before TLS 1.3
        assert group in hello["groups"]
    assert hello["signature_schemes"]
    assert hello["grease"] == 0 and hello["alpn"] is None


@each
def test_v3_what_the_server_chose(observed, case_id):
    hello = observed[case_id]["server_hello"]
    assert (hello["version"], hello["suite"], hello["group"]) == ANSWERED[case_id][:3]
    assert hello["downgrade_sentinel"] == "none"
    assert len(hello["random"]) == 64


def test_v3_a_server_that_was_brought_down_says_so(observed):
    assert observed[DOWNGRADED]["server_hello"]["downgrade_sentinel"] == "tls1.2"
    assert observed[DOWNGRADED]["server_hello"]["random"].endswith(b"DOWNGRD\x01".hex())


def test_v4_before_tls13_both_chains_are_in_clear(observed):
    seen = observed[MUTUAL12]
    for who in "client", "server":
        chain = seen[who]["chain"]
        assert [one["bytes"] for one in chain["certificates"]] == observed.chain_len(who)
        leaf, issuer = chain["certificates"]
        assert f"CN={who}.tlsmatrix.example" in leaf["subject"]
        assert leaf["issuer"] == issuer["subject"]
        assert leaf["key"] == "RSA 2048"
        assert leaf["not_before"] < "2026-01-01" < leaf["not_after"]
    assert seen["server"]["chain"]["certificates"][0]["names"] == NAME
    assert seen["server_key_exchange"]["message_bytes"] > 0


def test_v4_key_exchange_and_identity_are_in_clear(observed):
    assert observed[DHE]["server_key_exchange"]["prime_bits"] == 2048
    assert observed[MUTUAL12]["server_key_exchange"]["prime_bits"] == 0
    assert observed[PSK12]["psk_identity"]
    assert observed[MUTUAL12]["psk_identity"] is None


def test_v4_in_tls13_a_certificate_has_but_a_length(observed):
    for case_id, who in (SERVER13, "server"), (MUTUAL13, "server"), (MUTUAL13, "client"):
        inferred = observed[case_id][who]["flight"]["certificate_inferred"]
        exact = 4 + 1 + 3 + sum(3 + size + 2 for size in observed.chain_len(who))
        assert inferred == {"message_bytes": exact, "at_most": False}


def test_v4_where_messages_share_a_record_the_length_is_a_bound(observed):
    seen = observed["boringssl-boringssl/tls1.3/any/x25519/ecdsa-p256/mutual/off"]
    for who in "client", "server":
        inferred = seen[who]["flight"]["certificate_inferred"]
        exact = 4 + 1 + 3 + sum(3 + size + 2 for size in observed.chain_len(who, "ecdsa-p256"))
        assert inferred["at_most"] and exact <= inferred["message_bytes"] <= exact + 100


def test_v5_alerts_in_clear_have_names(observed):
    for case_id, sender, name in (
        (NO_VERSION, "server", "protocol_version"),
        (NONE_SENT12, "server", "handshake_failure"),
        (EXPIRED, "client", "certificate_expired"),
        (NULL, "client", "close_notify"),  # nothing is hidden there
    ):
        alerts = [(one["from"], one["name"]) for one in observed[case_id]["alerts"]]
        assert (sender, name) in alerts, case_id


@each
def test_v5_alerts_under_protection_have_but_a_length(observed, case_id):
    seen = observed[case_id]
    assert case_id == NULL or seen["alerts"] == []
    sized = {one["from"] for one in seen["records"] if one["alert_sized"]}
    assert sized == {"client", "server"}


@each
def test_v6_v7_a_request_and_an_answer_and_how_long_they_are(observed, case_id):
    seen = observed[case_id]
    assert [one["from"] for one in seen["bursts"]] == ["client", "server"]
    for burst in seen["bursts"]:
        assert burst["content"] == ANSWERED[case_id][5]
        low, high = burst["content"]
        assert low <= REQUEST_LEN <= high


@each
def test_v8_times_and_who_closed(observed, case_id):
    seen = observed[case_id]
    request, answer = seen["bursts"]
    assert seen["client"]["syn"]["time_ns"] < seen["client_hello"]["at"]["time_ns"]
    assert seen["client_hello"]["at"]["time_ns"] <= seen["server_hello"]["at"]["time_ns"]
    assert request["last"]["time_ns"] <= answer["first"]["time_ns"]
    assert seen["closed"]["how"] in ("alert-sized", "close_notify")
    assert seen["client"]["truncated"] == seen["server"]["truncated"] == "no"


@each
def test_v8_whether_the_client_was_authenticated(observed, case_id):
    mutual = observed[case_id]["mutual"]
    assert (mutual["authentication"], mutual["knowledge"]) == ANSWERED[case_id][3:5]
    assert mutual["request_in_clear"] == (ANSWERED[case_id][3:5] == ("yes", "in-clear"))


@pytest.mark.parametrize("case_id", [NONE_SENT12, NONE_SENT13])
def test_v8_a_client_that_has_no_certificate_shows(observed, case_id):
    assert observed[case_id]["mutual"]["authentication"] == "asked-none-sent"


def test_v9_lengths_tell_one_server_from_another(observed):
    own, other = (observed[case_id]["server"]["flight"] for case_id in (SERVER13, HUGE))
    assert own["certificate_inferred"]["message_bytes"] + 1000 < other["certificate_inferred"][
        "message_bytes"]
    again = observed[MUTUAL13]["server"]["flight"]  # another stack, the same certificate
    assert own["certificate_inferred"] == again["certificate_inferred"]


def dns_query(name, source, port=53):
    """A frame of Ethernet: who asks for a name."""
    labels = b"".join(bytes([len(word)]) + word for word in name.encode().split(b"."))
    dns = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
    udp = struct.pack("!HHHH", 40000, port, 8 + len(dns), 0) + dns
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    address = bytes(int(word) for word in source.split("."))
    return bytes(12) + b"\x08\0" + ip + address + bytes([127, 0, 0, 53]) + udp


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")
@pytest.mark.parametrize(
    "name, port, found",
    [(NAME, 53, True), (NAME.upper(), 53, True), ("other." + NAME, 53, False), (NAME, 54, False)],
)
def test_v10_the_dns_query_that_came_before(observed, tmp_path, name, port, found):
    plain = tmp_path / "plain.pcap"
    without_secrets(observed.path(SERVER13), plain)
    packets = pcap.read(plain)
    client = observed[SERVER13]["client"]["address"].split(":")[0]
    first = (*packets[0][:2], dns_query(name, client, port))
    pcap.write(plain, [first, *packets])
    seen = tlsmatrix("observe", "--json", plain).json["connections"][0]["dns_query"]
    assert (seen is not None and seen["packet"] == 1) == found


@pytest.mark.parametrize("case_id", [CUT12, CUT13])
def test_a_stream_that_was_cut_shows(observed, case_id):
    """The attacker's two connections: what the client gets is cut, what the server sends is not."""
    truncated = [one["server"]["truncated"] for one in observed.all(case_id)]
    assert sorted(truncated) == ["no", "yes"]
    assert all(one["client"]["truncated"] == "no" for one in observed.all(case_id))


def test_a_refusal_under_protection_is_not_taken_for_a_cut(observed):
    assert observed[NONE_SENT13]["client"]["truncated"] == "perhaps"
    assert observed[NONE_SENT12]["client"]["truncated"] == "no"  # the alert is in clear


# ---- not visible ----


@each
def test_n1_no_application_byte_but_without_encryption(observed, case_id):
    hidden = observed[case_id]["hidden"]
    visible = [REQUEST_LEN, ANSWER_LEN] if case_id == NULL else [0, 0]
    assert hidden["readable_bytes"] == visible
    assert hidden["with_keys"]["in_clear"] == visible
    raw = observed.path(case_id).read_bytes()
    assert (bytes(range(32)) in raw) == (case_id == NULL)


def test_n2_no_certificate_of_tls13_no_ticket_no_kind_of_alert(observed):
    for case_id in ANSWERED:
        seen = observed[case_id]
        assert not seen["hidden"]["tls13_certificate_in_clear"]
        if ANSWERED[case_id][0] == "tls1.3":
            assert seen["server"]["chain"] is None and seen["client"]["chain"] is None
            assert seen["ticket_bytes"] is None and seen["alerts"] == []
            assert {one["type"] for one in seen["records"] if one["under_protection"]} == {
                "application_data"}


@each
def test_n3_with_its_keys_the_same_capture_opens(observed, case_id):
    control = observed[case_id]["hidden"]["with_keys"]
    assert control["opened"]
    assert control["application_bytes"] == [REQUEST_LEN, ANSWER_LEN]


def without_secrets(path, out):
    """A copy as plain pcap, which has no room for keys; and the keys."""
    subprocess.run(["tshark", "-r", path, "-F", "pcap", "-w", out], check=True,
                   capture_output=True)
    text = path.read_bytes()
    lines = [line for line in text.split(b"\n") if b"_TRAFFIC_SECRET" in line]
    return b"\n".join(line[max(line.find(b"CLIENT_"), line.find(b"SERVER_")):] for line in lines)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")
def test_n3_keys_may_come_beside(observed, tmp_path):
    plain, keys = tmp_path / "plain.pcap", tmp_path / "keys.log"
    keys.write_bytes(without_secrets(observed.path(SERVER13), plain) + b"\n")
    bare = tlsmatrix("observe", "--json", plain).json["connections"][0]
    assert bare["hidden"]["with_keys"] is None
    opened = tlsmatrix("observe", "--json", plain, "--keys", keys).json["connections"][0]
    assert opened["hidden"]["with_keys"]["application_bytes"] == [REQUEST_LEN, ANSWER_LEN]
    for seen in bare, opened:  # else nothing changes
        del seen["hidden"]["with_keys"]
    assert bare == opened
    wrong = tmp_path / "wrong.log"
    wrong.write_bytes(keys.read_bytes().replace(b"0", b"1"))
    shut = tlsmatrix("observe", "--json", plain, "--keys", wrong).json["connections"][0]
    assert not shut["hidden"]["with_keys"]["opened"]
    assert shut["hidden"]["with_keys"]["application_bytes"] == [0, 0]


# ---- for people ----


def test_the_text_says_the_same(observed):
    text = tlsmatrix("observe", observed.path(SERVER13)).out
    for words in (
        f"server name      {NAME}\n",
        "inferred: no: ",
        "client > 32 bytes in 1 record\n",
        "server < 32 bytes in 1 record, after ",
        "not visible      any application byte; certificates, tickets,",
        "positive control: the same capture opens with its keys: 32 application bytes of the "
        "client, 32 of the server\n",
    ):
        assert words in text
    readable = tlsmatrix("observe", observed.path(NULL)).out
    assert "READABLE         32 application bytes of the client: \\x00\\x01" in readable
    assert "not visible" not in readable


def test_one_connection_of_several(observed):
    both = tlsmatrix("observe", observed.path(CUT13)).out
    second = tlsmatrix("observe", observed.path(CUT13), "--connection", "2").out
    assert second.startswith("connection 2 ") and second in both and len(second) < len(both)


@pytest.mark.parametrize(
    "words, reason",
    [
        ([], "observe needs one capture"),
        (["a", "b"], "observe needs one capture"),
        (["/nosuch.pcap"], "/nosuch.pcap: No such file or directory"),
        ([__file__], "test_observe.py"),
        (["x", "--connection", "x"], "--connection: 'x' is no number of a connection"),
    ],
)
def test_what_cannot_be_observed(words, reason):
    assert reason in complaint(tlsmatrix("observe", *words), USAGE)


def test_a_connection_or_a_key_log_that_is_not_there(observed, tmp_path):
    path = observed.path(SERVER13)
    assert "has no connection 9: it has 1 TCP connection" in complaint(
        tlsmatrix("observe", path, "--connection", "9"))
    assert "nosuch" in complaint(tlsmatrix("observe", path, "--keys", tmp_path / "nosuch"))
