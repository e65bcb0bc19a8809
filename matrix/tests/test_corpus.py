"""`run --corpus`: what both ends said, each shape once, whole and in its order."""

import pytest
from e2e import OK, USAGE, complaint, tlsmatrix, write_profile

RECORDS = range(20, 25)


@pytest.fixture
def profile(tmp_path):
    return write_profile(tmp_path / "few.yaml", pin=["off", "leaf"])


def shapes_of(folder):
    """{shape: (id, [(who, length)])}"""
    lines = (folder / "flights.list").read_text().splitlines()
    return {line.split()[0]: (line.split()[1], [(t[0], int(t[1:])) for t in line.split()[2:]])
            for line in lines}


def run(profile, run_folder, corpus, *words):
    return tlsmatrix("run", profile, "--stacks", "openssl", "--out", run_folder, "--corpus", corpus,
                     "--quiet", *words)


def records(stream):
    at = 0
    while at < len(stream):
        assert stream[at] in RECORDS and stream[at + 1] == 3
        at += 5 + int.from_bytes(stream[at + 3 : at + 5], "big")
    return at == len(stream)


def test_each_shape_is_there_once_with_both_ends_whole(profile, run_folder, tmp_path):
    assert run(profile, run_folder, tmp_path / "corpus").status == OK
    shapes = shapes_of(tmp_path / "corpus")
    assert len(shapes) == 1  # a pin changes nothing that crosses the wire
    for shape, (case, turns) in shapes.items():
        assert case.startswith("openssl-openssl/")
        client = (tmp_path / "corpus" / f"{shape}.client").read_bytes()
        server = (tmp_path / "corpus" / f"{shape}.server").read_bytes()
        assert client[0] == 22 and client[5] == 1 and server[5] == 2  # the hellos
        assert records(client) and records(server)
        assert sum(n for who, n in turns if who == "c") == len(client)
        assert sum(n for who, n in turns if who == "s") == len(server)
        assert turns[0][0] == "c" and turns[1][0] == "s"


def test_another_suite_is_another_shape(tmp_path, run_folder):
    profile = write_profile(tmp_path / "two.yaml", suite=["aes128gcm", "chacha20poly1305"])
    done = run(profile, run_folder, tmp_path / "corpus")
    assert done.status == OK and "corpus: 2 shapes" in done.out
    assert len(shapes_of(tmp_path / "corpus")) == 2


def test_what_is_there_is_not_written_again(profile, tmp_path):
    assert run(profile, tmp_path / "first", tmp_path / "corpus").status == OK
    done = run(profile, tmp_path / "second", tmp_path / "corpus")
    assert done.status == OK and "corpus:" not in done.out
    assert len(shapes_of(tmp_path / "corpus")) == 1


def test_it_needs_a_recording(profile, run_folder, tmp_path):
    done = run(profile, run_folder, tmp_path / "corpus", "--capture", "none")
    assert done.status == USAGE
    assert complaint(done) == "--corpus needs what --capture failures or all records"
    assert not (tmp_path / "corpus").exists()
