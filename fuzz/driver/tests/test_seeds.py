"""What ci/fuzz makes first inputs of."""

import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402

ROOT = common.ROOT


def handshake(*messages):
    body = b"".join(bytes([kind]) + len(data).to_bytes(3, "big") + data for kind, data in messages)
    return b"\x16\x03\x03" + len(body).to_bytes(2, "big") + body


@pytest.fixture
def recorded(tmp_path):
    """As `tlsmatrix run --corpus` writes one TLS 1.2 handshake, in clear, with a client's
    certificate."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    client = handshake((1, b"hello")) + handshake((11, b"chain"), (16, b"key"))
    server = handshake((2, b"HELLO"), (14, b""))
    (folder / "aa.client").write_bytes(client)
    (folder / "aa.server").write_bytes(server)
    (folder / "flights.list").write_text(
        f"aa some/case c{len(handshake((1, b'hello')))} s{len(server)} "
        f"c{len(handshake((11, b'chain'), (16, b'key')))}\n")
    return folder


def shown(path):
    programs = [ROOT / folder / "fuzz" / "fuzz-script" for folder in ("build", "build-fuzz")]
    program = next((p for p in programs if p.exists()), None)
    if program is None:
        pytest.skip("fuzz-script is not built")
    return subprocess.run([program, "show", path], check=True, capture_output=True,
                          text=True).stdout


def test_what_was_recorded_becomes_scripts_for_the_stacks(recorded, tmp_path):
    subprocess.run([sys.executable, common.FUZZ / "seeds.py", tmp_path / "out", recorded],
                   check=True)
    texts = {target: [shown(p) for p in (tmp_path / "out" / target).iterdir()]
             for target in ("openssl-server", "openssl-client", "differential-server")}
    servers, clients = texts["openssl-server"], texts["openssl-client"]
    assert sorted(texts["differential-server"]) == sorted(servers)
    assert all("victim server" in t and "authentication mutual" in t for t in servers)
    assert all("victim client" in t and "authentication server" in t for t in clients)
    whole = (recorded / "aa.server").read_bytes().hex()
    assert sum(f"stop 0 bytes {whole}" in t for t in clients) == 1
    for versions in ("both", "1.2"):  # each message in the place of the partner's own
        chain = f"edit 1 drop 65535 bytes {b'chain'.hex()}"
        assert sum(f"versions {versions}" in t and chain in t for t in servers) == 1


def test_a_folder_that_no_run_wrote_gives_no_seeds(tmp_path):
    with pytest.raises(common.Usage, match="--corpus"):
        common.recorded_seeds(tmp_path)


def test_a_recorded_folder_gives_seeds_of_every_kind(recorded, tmp_path, monkeypatch):
    monkeypatch.setattr(common, "WORK", tmp_path / "work")
    folder = common.recorded_seeds(recorded)
    for target in ("records", "tls_flow", "openssl-server", "gnutls-client"):
        assert list((folder / target).iterdir()), target
