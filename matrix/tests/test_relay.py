"""The relay between real stacks: what it hands on, what it changes, what it sees."""

import os
import re
import subprocess

import pytest
from e2e import BUILD, OK, cases_of, tlsmatrix, write_ids

PROBE = BUILD / "relay_probe"
TLS12 = "tls1.2/any/any/ecdsa-p256/mutual/off"
TLS13 = "tls1.3/any/any/ecdsa-p256/mutual/off"

pytestmark = pytest.mark.skipif(not os.access(PROBE, os.X_OK), reason=f"{PROBE}: not built")


def probe(*words):
    """The lines of a probe, each an attack on a pair, and its exit status."""
    done = subprocess.run([str(PROBE), "-v", *words], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    *lines, last = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ run, \d+ not as expected", last)
    return lines, done.returncode


CASES = [TLS12, TLS13]


@pytest.mark.parametrize(
    "delivery", ["one-byte-segment", "one-byte-record", "coalesced", "paused"]
)
def test_every_pair_bears_every_delivery(delivery):
    lines, status = probe("-d", delivery, *CASES)
    assert lines and status == 0, "\n".join(lines)


def test_hellos_of_every_stack_are_written_back_byte_for_byte():
    lines, status = probe("-r", *CASES)
    assert lines and status == 0, "\n".join(lines)


@pytest.mark.parametrize(
    "attack",
    [
        "flip-client-hello",
        "flip-server-hello",
        "flip-server-finished",
        "flip-client-finished",
        "flip-protected-certificate",
        "flip-protected-certificate-verify",
        "flip-protected-finished",
        "flip-request",
        "flip-answer",
        "flip-certificate",
        "swap-certificate",
        "flip-server-key-exchange",
        "replay-client-finished",
        "shorten-answer",
        "fin-at-answer",
        "rst-at-server-hello",
        "no-close-notify-from-client",
        "no-close-notify-from-server",
    ],
)
def test_every_pair_refuses_for_the_right_reason(attack):
    lines, status = probe("-a", attack, *CASES)
    assert lines and status == 0, "\n".join(lines)


def test_a_downgrade_is_found_by_the_sentinel():
    lines, status = probe("-a", "lower-offered-version", "tls1.2-1.3/any/any/rsa2048/server/off")
    assert lines and status == 0, "\n".join(lines)


def test_no_attack_leaves_the_wire_as_it_was():
    """Whatever the stacks make of them: every attack that applies must happen."""
    lines, _ = probe(TLS12, TLS13)
    assert len(lines) > 1000
    unchanged = [line for line in lines if line.startswith("NOTHING CHANGED")]
    assert not unchanged, "\n".join(unchanged)


# No profile has these: an end that answers as some RFC lets it is not accused.
FREE = [
    # The server has a better version, to which a fallback is one (RFC 7507 section 3).
    "tls1.2:tls1.2-1.3/any/any/rsa2048/server/off/add-fallback-scsv",
    # For the lower version it has no suite (RFC 5246 section 7.4.1.3).
    "tls1.1-1.2/any/any/ed25519/server/off/lower-offered-version",
    # The client looks at the hash of its PSK (RFC 8446 section 4.2.11).
    "tls1.3/any/any/none/psk/off/choose-other-suite",
    # The byte is one of the identity (RFC 4279 section 2).
    "tls1.2/psk-aes128cbc-sha/none/none/psk/off/flip-client-key-exchange",
    # supported_versions is there, and the server need not know it.
    "tls1.2-1.3:tls1.2/any/any/rsa2048/server/off/offer-unknown-version",
]


def test_who_answers_as_some_text_allows_is_not_accused(run_folder):
    ids = write_ids(run_folder.parent / "ids", ["openssl-openssl/" + one for one in FREE])
    done = tlsmatrix("run", "--ids", ids, "--out", run_folder, "--quiet")
    assert done.status == OK, done
    assert [case.verdict for case in cases_of(run_folder).values()] == ["pass"] * len(FREE)
