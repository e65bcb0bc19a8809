"""Stacks of a user's own: added from a prefix, part of every run, broken, renewed, removed. The
prefixes are copies of the system's libraries (own_stacks.py), so that no network is needed."""

import json
import os
import shutil
from pathlib import Path

import pytest
from e2e import OK, PEERS, RED, TREE, cases_of, complaint, tlsmatrix, write_profile
from own_stacks import make_prefix, make_root

NAME = "openssl.own"
PEER = PEERS / "tlspeer-openssl"


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory):
    """{API: prefix}, for tests that change nothing there."""
    folder = tmp_path_factory.mktemp("prefixes")
    return {api: make_prefix(folder / api, api) for api in ("openssl", "boringssl", "gnutls")}


class Stacks:
    """The command, with a folder of stacks of its own."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *words, **more):
        environment = {**os.environ, "TLSMATRIX_STACKS": str(self.folder), **more}
        return tlsmatrix(*words, env=environment)

    def add(self, name, api, prefix, **more):
        return self("stacks", "add", name, "--api", api, "--prefix", prefix, **more)

    def refused(self, *words, **more):
        """Why; nothing may be left behind."""
        before = sorted(self.folder.rglob("*"))
        told = complaint(self(*words, **more))
        assert sorted(self.folder.rglob("*")) == before
        return told

    def not_added(self, name, api, prefix, **more):
        return self.refused("stacks", "add", name, "--api", api, "--prefix", prefix, **more)


@pytest.fixture
def stacks(tmp_path):
    (tmp_path / "stacks").mkdir()
    return Stacks(tmp_path / "stacks")


@pytest.fixture(scope="module")
def added(prefixes, tmp_path_factory):
    """A folder with one added stack, to be copied."""
    command = Stacks(tmp_path_factory.mktemp("added"))
    done = command.add(NAME, "openssl", prefixes["openssl"])
    assert done.status == OK and done.err == "", done
    return command


@pytest.fixture
def own(added, stacks):
    """The same, for a test to change."""
    shutil.copytree(added.folder, stacks.folder, dirs_exist_ok=True)
    return stacks


def small(path):
    return write_profile(path, auth=["server", "mutual", "mutual-none-sent"])


# ---- what is added is a stack ----


def test_an_added_build_is_in_every_run(own, prefixes, tmp_path):
    run = tmp_path / "run"
    done = own("run", small(tmp_path / "small.yaml"), "--stacks", f"openssl,{NAME}", "--out", run)
    assert done.status == OK, done
    cases = cases_of(run)
    pairs = {case.split("/")[0] for case in cases}
    assert pairs == {f"{a}-{b}" for a in ("openssl", NAME) for b in ("openssl", NAME)}
    assert {case.verdict for case in cases.values()} == {"pass"}
    names = {stack["stack"] for stack in own("stacks", "--json").json}
    assert NAME in names and "openssl" in names
    assert own("stacks", "list", "--json").json == [
        {"name": NAME, "api": "openssl", "prefix": str(prefixes["openssl"])}
    ]
    assert own("stacks", "check").status == OK


def test_without_it_there_is_no_such_stack(stacks):
    assert f"there is no stack '{NAME}'" in complaint(stacks("list", "smoke", "--stacks", NAME))
    assert stacks("stacks", "list").out == ""


def test_what_is_removed_is_gone(own):
    assert own("stacks", "remove", NAME).status == OK
    assert list(own.folder.iterdir()) == []
    told = complaint(own("stacks", "remove", NAME))
    assert told == f"no stack '{NAME}' was added in {own.folder}"


@pytest.mark.parametrize("api", ["boringssl", "gnutls"])
def test_each_api_can_be_added(stacks, prefixes, api):
    assert stacks.add(f"{api}.own", api, prefixes[api]).status == OK
    done = stacks("stacks", "check", f"{api}.own")
    assert done.status == OK and "all is there" in done.out


def test_the_folder_is_the_users_by_default(prefixes, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "TLSMATRIX_STACKS"}
    environment["XDG_DATA_HOME"] = str(tmp_path / "data")
    words = ("stacks", "add", NAME, "--api", "openssl", "--prefix", prefixes["openssl"])
    assert tlsmatrix(*words, env=environment).status == OK
    assert (tmp_path / "data/tlsmatrix/stacks" / NAME / f"tlspeer-{NAME}").exists()
    assert NAME in tlsmatrix("stacks", "list", env=environment).out


def test_a_root_is_run_with_its_own_loader_and_libc(stacks, tmp_path):
    root = make_root(tmp_path / "root", "openssl", PEER)
    assert stacks.add("openssl.root", "openssl", root).status == OK
    record = json.loads((stacks.folder / "openssl.root/stack.json").read_text())
    assert record["loader"].startswith(f"{root}/")
    loader = Path(record["loader"])
    assert loader.exists()
    run = stacks("run", small(tmp_path / "small.yaml"), "--stacks", "openssl,openssl.root",
                 "--out", tmp_path / "run")
    assert run.status == OK, run
    loader.unlink()
    told = complaint(stacks("stacks", "--stacks", "openssl.root"))
    assert told == (f"stack 'openssl.root': its loader is gone: {loader}"
                    " (tlsmatrix stacks remove openssl.root)")


# ---- what is broken is told, and never a stack less ----


def check_is_told(own, told):
    """By every command, in one line; and by `check`, which has seen nothing else."""
    for words in (["stacks"], ["list", "smoke"], ["run", "smoke"], ["stacks", "--stacks", NAME]):
        assert complaint(own(*words)).startswith(told)
    done = own("stacks", "check")
    assert done.status == RED and done.out.startswith(told)
    assert NAME in own("stacks", "list").out
    assert own("stacks", "remove", NAME).status == OK


def test_a_vanished_prefix(stacks, tmp_path):
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    assert stacks.add(NAME, "openssl", prefix).status == OK
    shutil.rmtree(prefix)
    check_is_told(stacks, f"stack '{NAME}': its prefix is gone: {prefix}")


def test_a_vanished_library(stacks, tmp_path):
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    assert stacks.add(NAME, "openssl", prefix).status == OK
    (prefix / "lib/libcrypto.so").unlink()
    check_is_told(stacks, f"stack '{NAME}': its library is gone: {prefix}/lib/libcrypto.so")


def test_the_systems_library_in_place_of_its_own(stacks, tmp_path):
    """The loader falls back on the system's, and nothing but its mappings shows it."""
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    assert stacks.add(NAME, "openssl", prefix).status == OK
    (prefix / "lib/libssl.so.3").rename(prefix / "lib/elsewhere.so")
    (prefix / "lib/libssl.so").unlink()
    (prefix / "lib/libssl.so").symlink_to("elsewhere.so")
    check_is_told(stacks, f"stack '{NAME}': its peer does not run with {prefix}/lib/libssl.so,")


def test_a_library_that_does_not_load(stacks, tmp_path):
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    assert stacks.add(NAME, "openssl", prefix).status == OK
    (prefix / "lib/libssl.so.3").write_text("no library\n")
    check_is_told(stacks, f"stack '{NAME}': its peer does not start: ")


@pytest.mark.parametrize("text", ["", "{}", '{"api": "openssl"'])
def test_a_broken_record(own, text):
    (own.folder / NAME / "stack.json").write_text(text)
    check_is_told(own, f"stack '{NAME}' is broken: ")


def test_a_vanished_peer(own):
    peer = own.folder / NAME / f"tlspeer-{NAME}"
    peer.unlink()
    check_is_told(own, f"stack '{NAME}': its peer is gone: {peer}")


def test_a_folder_that_was_named_has_to_be_there(tmp_path):
    environment = {**os.environ, "TLSMATRIX_STACKS": str(tmp_path / "nowhere")}
    told = complaint(tlsmatrix("list", "smoke", env=environment))
    assert told.startswith(f"the folder of added stacks, {tmp_path}/nowhere: ")


def test_an_ability_that_is_gone_makes_check_red(own):
    expected = own.folder / NAME / "expected.json"
    lists = json.loads(expected.read_text())
    assert own("stacks", "check", NAME).status == OK
    lists["versions"]["tls1.3"]["groups"].append("X25519MLKEM768")
    expected.write_text(json.dumps(lists))
    done = own("stacks", "check", NAME)
    assert done.status == RED
    assert f"{NAME}: - group X25519MLKEM768 (tls1.3): expected, not there\n" in done.out
    assert f"{NAME}: 1 of what is expected of it is missing\n" in done.out


def test_other_sources_want_it_renewed(own, tmp_path):
    for folder in ("peers", "harness", "matrix"):
        shutil.copytree(TREE / folder, tmp_path / "tree" / folder,
                        ignore=shutil.ignore_patterns("tests", "__pycache__"))
    elsewhere = {"TLSMATRIX_DATA": str(tmp_path / "tree")}
    assert own("stacks", "check", **elsewhere).status == OK
    with open(tmp_path / "tree/peers/common/main.c", "a", encoding="utf-8") as source:
        source.write("/* changed */\n")
    expected = (own.folder / NAME / "expected.json").read_text()
    told = complaint(own("stacks", **elsewhere))
    assert told == (f"stack '{NAME}': its peer was built from other sources than this tlsmatrix has:"
                    f" tlsmatrix stacks renew {NAME}")
    assert own("stacks", "renew", NAME, **elsewhere).status == OK
    assert own("stacks", "check", **elsewhere).status == OK
    assert (own.folder / NAME / "expected.json").read_text() == expected
    assert complaint(own("stacks")).endswith(f"tlsmatrix stacks renew {NAME}")


# ---- what cannot be added ----


def test_names_that_are_taken(own, prefixes):
    prefix = prefixes["openssl"]
    assert own.not_added(NAME, "openssl", prefix).startswith(f"there is a stack '{NAME}' already: ")
    assert own.not_added("gnutls", "openssl", prefix).startswith("there is a stack 'gnutls' already")
    for name in ("liar", "null", "careless", "raw"):
        told = own.not_added(name, "openssl", prefix)
        assert told == f"'{name}' is the name of a peer that is no stack"


@pytest.mark.parametrize("name", ["open-ssl", "Open", "../up", ".hidden", "a/b", "", "x" * 64])
def test_names_that_no_stack_may_have(stacks, prefixes, name):
    assert "is no stack name" in stacks.not_added(name, "openssl", prefixes["openssl"])


def test_prefixes_that_are_none(stacks, prefixes, tmp_path):
    assert stacks.not_added("a", "openssl", tmp_path / "no").endswith("No such file or directory")
    (tmp_path / "file").write_text("")
    assert stacks.not_added("a", "openssl", tmp_path / "file").endswith("it is no folder")
    (tmp_path / "a:b").mkdir()
    assert "has a ':' in it" in stacks.not_added("a", "openssl", tmp_path / "a:b")
    told = stacks.not_added("a", "openssl", tmp_path)
    assert told == (f"no headers of OpenSSL in {tmp_path}: no openssl/ssl.h under its include or"
                    " usr/include")
    (tmp_path / "headers").mkdir()
    shutil.copytree(prefixes["openssl"] / "include", tmp_path / "headers/include")
    told = stacks.not_added("a", "openssl", tmp_path / "headers")
    assert told.startswith(f"no libssl.so or libssl.a of OpenSSL in {tmp_path}/headers: ")


def test_another_api_than_the_prefixs(stacks, prefixes):
    assert stacks.not_added("a", "opensl", prefixes["openssl"]) == (
        "--api: unknown API 'opensl', did you mean 'openssl'?")
    assert stacks.not_added("a", "openssl", prefixes["boringssl"]) == (
        f"the headers in {prefixes['boringssl']}/include are those of BoringSSL: --api boringssl?")
    for api, other in (("boringssl", "openssl"), ("openssl", "gnutls"), ("gnutls", "openssl")):
        assert stacks.not_added("a", api, prefixes[other]).endswith(f"--api {other}?")


def test_what_does_not_compile(stacks, tmp_path):
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    (prefix / "include/openssl/ssl.h").write_text("#error this header is broken\n")
    told = stacks.not_added("a", "openssl", prefix)
    assert told.startswith("the peer does not compile: ")
    assert told.endswith("#error this header is broken")


def test_what_does_not_link(stacks, tmp_path):
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    (prefix / "lib/libssl.so").unlink()
    (prefix / "lib/libssl.so").write_text("no library\n")
    told = stacks.not_added("a", "openssl", prefix)
    assert told.startswith("the peer does not link: ") and f"{prefix}/lib/libssl.so" in told


def test_what_runs_with_another_library(stacks, tmp_path):
    """Linked with the prefix's, started with the system's: the test would be of another stack."""
    prefix = make_prefix(tmp_path / "prefix", "openssl")
    for name in ("libssl", "libcrypto"):
        (prefix / f"lib/{name}.so.3").rename(prefix / f"lib/{name}.so.x")
        (prefix / f"lib/{name}.so").unlink()
        (prefix / f"lib/{name}.so").symlink_to(f"{name}.so.x")
    told = stacks.not_added("a", "openssl", prefix)
    assert told == (f"its peer does not run with {prefix}/lib/libssl.so, for which it was made "
                    "(a copy of it under another name, where a link should be?)")


def test_a_root_without_headers_of_libc(stacks, tmp_path, prefixes):
    root = make_root(tmp_path / "root", "openssl", PEER)
    (root / "usr/include").unlink()
    shutil.copytree(prefixes["openssl"] / "include", root / "usr/include")
    assert "but no headers of libc to go with it" in stacks.not_added("a", "openssl", root)


def test_a_compiler_that_is_not_there(stacks, prefixes):
    told = stacks.not_added("a", "openssl", prefixes["openssl"], CC="no-such-compiler")
    assert told.startswith("cannot run the compiler no-such-compiler: ")


def test_words_that_belong_nowhere(own, prefixes):
    assert own.refused("stacks", "add", "a").endswith("needs --api and --prefix")
    assert own.refused("stacks", "add").endswith("takes the name of one stack")
    assert own.refused("stacks", "remove").endswith("takes the name of one stack")
    assert own.refused("stacks", "list", "a").endswith("takes no name")
    assert "did you mean 'check'?" in own.refused("stacks", "chek")
    assert own.refused("stacks", "check", "--api", "openssl") == (
        "--api and --prefix are for stacks add NAME")
    assert own.refused("stacks", "--prefix", prefixes["openssl"]) == (
        "--api and --prefix are for stacks add NAME")
    assert "did you mean 'openssl.own'?" in own.refused("stacks", "remove", "openssl.ownn")
