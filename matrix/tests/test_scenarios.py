"""`tlsmatrix scenario`: every story is green over every pair, and a liar makes it red and is named."""

import shutil

import pytest

from e2e import LIAR, OK, RED, TREE, USAGE, complaint, stack_names, tlsmatrix

NAMES = sorted(path.stem for path in (TREE / "matrix/stories").glob("*.yaml"))


def test_the_list_is_that_of_the_files():
    done = tlsmatrix("list", "--scenarios")
    assert done.status == OK
    assert [line.split()[0] for line in done.out.splitlines()] == NAMES
    assert all(len(line.split(maxsplit=1)[1]) > 5 for line in done.out.splitlines())
    assert [row["name"] for row in tlsmatrix("list", "--scenarios", "--json").json] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_as_stated_over_every_pair(name):
    done = tlsmatrix("scenario", name)
    assert done.status == OK, done.out[-3000:] + done.err
    assert "everything was as stated" in done.out and "WRONG" not in done.out
    if "client-server" in done.out:
        for client in stack_names():
            assert all(f"\n{client}-{server} " in done.out for server in stack_names())


def test_one_pair():
    done = tlsmatrix("scenario", "mutual-get", "--client", "openssl", "--server", "gnutls")
    assert done.status == OK and done.out.count("as the client,") == 1
    assert "openssl as the client, gnutls as the server" in done.out
    # What a student reads: who showed what, who refused with which alert, in whose words.
    assert "The server asks for a client certificate, and the client sends none." in done.out
    assert "sends alert 116 (certificate_required)" in done.out
    assert "a GET of 25 bytes to the server, and a page of 151 back" in done.out


def test_a_key_that_nobody_knows_is_told_with_the_one_that_was_meant():
    done = tlsmatrix("scenario", "configured-pair", "--client", "gnutls", "--server", "gnutls")
    assert done.status == OK and "bad.yaml:2: unknown key 'nmae', did you mean 'name'?'." in done.out


def test_what_a_stack_says_for_itself():
    done = tlsmatrix("scenario", "feature-lists", "--client", "boringssl", "--server", "gnutls")
    assert done.status == OK
    assert "The program exits with 0: 'features: client-auth psk-tls1.2" in done.out


def test_a_program_that_runs_once_is_one_line():
    done = tlsmatrix("scenario", "five-servers")
    assert done.status == OK and done.out.count("  ok") == 1
    assert not any(stack in done.out for stack in stack_names())


@pytest.mark.parametrize("words", [["--client", "gnutls"], ["--server", "openssl"],
                                   ["--stacks", "openssl"], ["--fault", "openssl=x"]])
def test_a_program_of_its_own_takes_no_stack(words):
    said = complaint(tlsmatrix("scenario", "five-servers", *words))
    assert f"{words[0]}: no stack takes part in 'five-servers'" in said


def test_json_has_the_same():
    done = tlsmatrix("scenario", "five-tls-servers", "--stacks", "openssl", "--json")
    told = done.json
    assert done.status == OK and told["as_stated"] and len(told["steps"]) == 7
    assert all(step["why"] for step in told["steps"])
    refused = [row for row in told["told"] if "look-alike" in row["id"]]
    assert len(refused) == 2
    for row in refused:
        assert row["outcome"] == "as stated" and "alert 42 (bad_certificate)" in row["story"]


@pytest.mark.parametrize("name, lie, said", [
    ("five-tls-servers", "no-verification", "accepted-what-must-be-refused"),
    ("bank-record", "no-pin", "the server's certificate does not match the pin"),
    ("tofu", "no-pin", "not the stored one"),
    ("mutual-get", "wrong-suite", "suite"),
    ("downgrade", "accepted-when-refused", "accepted"),
    ("no-common-suite", "wrong-alert", "user_canceled"),
    ("no-common-version", "wrong-alert", "user_canceled"),
    ("product-server", "refused-when-accepted", "without a handshake"),
])
def test_a_liar_is_told(name, lie, said):
    # A lie may be the client's or the server's to tell: the liar is both.
    done = tlsmatrix("scenario", name, "--stacks", "openssl", "--stack", LIAR, "--fault", f"liar={lie}")
    assert done.status == RED, done.out
    wrong = [line for line in done.out.splitlines() if "THAT IS WRONG" in line]
    assert any(said in line for line in wrong), wrong
    assert "NOT everything was as stated" in done.out and "rerun tlsmatrix rerun -v 'liar-" in done.out
    # The honest pair beside it is as stated.
    assert "WRONG" not in next(line for line in done.out.splitlines()
                               if line.startswith("openssl-openssl "))


def test_an_honest_liar_is_believed():
    done = tlsmatrix("scenario", "mtls", "--stacks", "openssl", "--stack", LIAR)
    assert done.status == OK, done.out


@pytest.mark.parametrize("words, said", [
    (["prodct-server"], "did you mean 'product-server'?"),
    (["weather"], "list --scenarios"),
    ([], "needs one name"),
    (["tofu", "banner"], "needs one name"),
    (["tofu", "--client", "opensl"], "did you mean 'openssl'?"),
])
def test_usage(words, said):
    assert said in complaint(tlsmatrix("scenario", *words))


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data of the tree with one story of the test's own."""
    shutil.copytree(TREE / "matrix", tmp_path / "matrix",
                    ignore=shutil.ignore_patterns("*.c", "*.h", "*.py", "__pycache__"))
    (tmp_path / "peers").symlink_to(TREE / "peers")
    monkeypatch.setenv("TLSMATRIX_DATA", str(tmp_path))

    def write(steps, words=("--stacks", "openssl")):
        (tmp_path / "matrix/stories/mine.yaml").write_text(
            "title: mine\nstory: of the test\nsteps:\n" + steps)
        return tlsmatrix("scenario", "mine", *words)

    return write


CASE = "  - do: it\n    case: tls1.3/any/any/rsa2048/server/off\n    accepted: {}\n    why: so\n"
HAND = ("  - do: it\n    hand:\n      server: [--cert, '{server-chain}', --key, '{server-key}']\n"
        "      client: [--ca, '{root}', --name, '{name}', --tofu, '{dir}/store']\n%s    why: so\n")


def test_its_twin_is_as_stated(data):
    done = data(CASE.format("true") + HAND % "      says: [Simple]\n      after: {store: 32}\n")
    assert done.status == OK, done


@pytest.mark.parametrize("more, said", [
    ("      exit: 1\n", "it should exit with 1"),
    ("      says: [Complex]\n", "the client should say 'Complex'"),
    ("      not_says: [Simple]\n", "the client says 'Simple'"),
    ("      server_says: [Complex]\n", "the server should say 'Complex'"),
    ("      after: {store: absent}\n", "IS NOT, as it should be, absent"),
    ("      after: {store: 31}\n", "IS NOT, as it should be, 31 bytes"),
    ("      after: {store: unchanged}\n", "IS NOT, as it should be, unchanged"),
])
def test_what_is_not_as_stated_by_hand_is_told(data, more, said):
    done = data(HAND % more)
    assert done.status == RED and said in done.out, done


def test_a_program_that_is_not_as_stated_is_told(data):
    step = "  - do: it\n    run: [sh, -c, 'echo no; exit 3']\n    exit: %d\n    says: [%s]\n    why: so\n"
    assert data(step % (3, "no"), ()).status == OK
    assert "it should exit with 0" in data(step % (0, "no"), ()).out
    done = data(step % (3, "yes"), ())
    assert done.status == RED and "the program should say 'yes'" in done.out


@pytest.mark.parametrize("steps, said", [
    (CASE.format("false"), "mine.yaml:4: openssl-openssl/tls1.3/any/any/rsa2048/server/off: "
                           "the file says refused, the RFCs say accepted"),
    (CASE.format("true").replace("rsa2048", "rsa2047"), "did you mean 'rsa2048'?"),
    (CASE.format("true").replace("tls1.3/any/any", "tls1.3/any/bp256"), "not a possible case"),
    (CASE.format("true").replace("accepted", "acepted"), "unknown key 'acepted'"),
    (CASE.format("true").replace("    accepted: true\n", ""), "needs 'accepted: true'"),
    ("  - do: it\n    why: so\n", "mine.yaml:4: a step is a case, or has hand, run or compare"),
    (HAND % "    run: [true]\n", "not two"),
    (HAND % "      alone: [features]\n", "or 'alone'"),
    (HAND % "      says: ['{nmae}']\n      files: {../x: y}\n", "no plain file name"),
    (HAND.replace("{root}", "{rood}") % "", "unknown '{rood}'"),
    ("  - do: it\n    compare: colours\n    why: so\n", "known are: features"),
    ("  - do: it\n    run: []\n    why: so\n", "no program"),
    ("  []\n", "1 to 32 steps"),
])
def test_a_bad_file_is_told_with_its_line(data, steps, said):
    done = data(steps)
    assert done.status == USAGE and said in done.err and done.err.count("\n") == 1, done


def test_a_story_that_nobody_can_play_is_no_success():
    done = tlsmatrix("scenario", "starttls", "--stack", LIAR)
    assert done.status == USAGE and "no stack of these can" in done.err
