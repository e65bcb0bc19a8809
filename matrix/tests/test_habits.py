"""A person's habits: help, man pages, completion, colours, words that were nearly right, doctor."""

import os
import re
import shutil
import subprocess

import pytest
from e2e import BUILD, LIAR, OK, PEERS, PROGRAM, RED, USAGE, complaint, stack_names, tlsmatrix
from terminal import Terminal, on_terminal

PROGRAMS = [PROGRAM, *(PEERS / f"tlspeer-{stack}" for stack in stack_names())]
ID = "openssl-gnutls/tls1.3/aes128gcm/x25519/rsa2048/mutual/leaf"
COLOUR = "\x1b["


def by_name(program):
    return program.name


programs = pytest.mark.parametrize("program", PROGRAMS, ids=by_name)


def commands_of(program):
    """From the help: the table itself is not to be read here."""
    said = tlsmatrix("--help", program=program).out.split("Commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in said.splitlines() if re.match(r"  \S", line)]


def options_of(program, command):
    said = tlsmatrix("help", command, program=program).out
    return set(re.findall(r"^  (?:-\w, |    )(--[\w-]+)", said, re.MULTILINE))


def candidates(*words, program=PROGRAM):
    done = tlsmatrix("--complete", *words, program=program)
    assert done.status == OK and done.err == ""
    return [line.split("\t")[0] for line in done.out.splitlines()]


def installed(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")


# ---- help ----


@programs
def test_help_has_no_line_beyond_the_screen(program):
    asked = [["--help"], ["help"], *(["help", command] for command in commands_of(program)[:-1])]
    for words in asked:
        done = tlsmatrix(*words, program=program)
        assert done.status == OK and done.err == ""
        assert [line for line in done.out.splitlines() if len(line) > 100] == []
        assert [line for line in done.out.splitlines() if line.endswith(" ")] == []


def test_help_and_dashes_say_the_same():
    assert tlsmatrix("help").out == tlsmatrix("--help").out == tlsmatrix("-h").out
    assert tlsmatrix("help", "run").out == tlsmatrix("run", "--help").out
    assert "help takes one command" in complaint(tlsmatrix("help", "run", "plan"))


def test_every_example_begins_with_something_that_there_is():
    commands = commands_of(PROGRAM)
    for command in commands[:-1]:
        lines = tlsmatrix("help", command).out.split("Example")[1].splitlines()[1:]
        assert lines
        for line in lines:
            words = line.split("tlsmatrix ")[1].split()
            assert words[0] in commands
            given = {word.split("=")[0] for word in words if word.startswith("--")}
            assert given <= options_of(PROGRAM, words[0]), line


# ---- man pages ----


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    for program in PROGRAMS:
        assert tlsmatrix("--man", folder, program=program).status == OK
    return folder


@programs
def test_every_command_and_option_has_its_man_page(program, pages):
    overview = (pages / f"{program.name}.1").read_text().replace("\\-", "-")
    for command in commands_of(program)[:-1]:
        page = (pages / f"{program.name}-{command}.1").read_text().replace("\\-", "-")
        assert f"\\fB{command}\\fR" in overview
        for option in options_of(program, command):
            assert f"{option}\\fR" in page or f"{option} \\fR" in page, (command, option)


def test_man_reads_the_pages_without_a_warning(pages):
    installed("man")
    for page in pages.iterdir():
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        assert done.returncode == 0 and done.stderr == "", page.name


def test_mandoc_finds_nothing_but_the_date_that_is_left_out(pages):
    installed("mandoc")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *sorted(pages.iterdir())],
                          capture_output=True, text=True, check=False)
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


def test_a_page_shows_what_the_help_shows(pages):
    installed("mandoc")
    shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", pages / "tlsmatrix-list.1"],
                           capture_output=True, text=True, check=True).stdout
    shown = re.sub(".\b", "", shown)
    for line in tlsmatrix("help", "list").out.split("Examples:\n")[1].splitlines():
        assert line.strip() in shown
    assert "tlsmatrix list [PROFILE]" in shown


def test_pages_go_only_into_a_folder(tmp_path):
    assert "No such file" in complaint(tlsmatrix("--man", tmp_path / "not-there"))
    assert "--man needs the folder" in complaint(tlsmatrix("--man"))


# ---- completion ----


@programs
def test_every_command_and_option_is_completed(program):
    commands = commands_of(program)
    assert set(commands) <= set(candidates("", program=program))
    for command in commands[:-1]:
        assert options_of(program, command) | {"--help"} == set(
            candidates(command, "--", program=program))


@pytest.mark.parametrize("words, expected", [
    (["re"], ["rerun", "reproduce", "report"]),
    (["help", "me"], ["merge"]),
    (["run", "smo"], ["smoke"]),
    (["run", "--capture", ""], ["none", "failures", "all", "whole"]),
    (["run", "--capture=fa"], ["--capture=failures"]),
    (["run", "-o", ""], [":folders"]),
    (["explain", ""], [":files"]),
    (["explain", "--keys", ""], [":files"]),
    (["merge", "a", "b", "c", ""], [":folders"]),
    (["stacks", "--stacks", "openssl,g"], ["openssl,gnutls"]),
    (["scenario", "tof"], ["tofu"]),
    (["scenario", "--client", "gn"], ["gnutls"]),
    (["list", "--deviations", "boringssl.common"], ["boringssl.common-name"]),
    (["show", "openssl-g"], ["openssl-gnutls/"]),
    (["show", "openssl-gnutls/tls1.3/chacha"], ["openssl-gnutls/tls1.3/chacha20poly1305/"]),
    (["show", "*/tls1.3/*/x448"], ["*/tls1.3/*/x448/"]),
    (["rerun", ID[:-4] + "lea"], [ID, ID + "-wrong"]),
    (["rerun", ID + "/expired-l"], [ID + "/expired-leaf"]),
    (["run", "--", "--cap"], []),
    (["pki", "a", ""], []),
    (["nothing-of-ours", ""], []),
    ([], []),
])
def test_what_could_stand_there_is_offered(words, expected):
    offered = candidates(*words)
    if words[-1:] == [ID + "/expired-l"]:
        assert expected[0] in offered
    else:
        assert offered == expected


def test_a_peer_completes_its_own_words():
    peer = PROGRAMS[-1]
    assert candidates("client", "--min-version", "tls1.", program=peer) == [
        "tls1.0", "tls1.1", "tls1.2", "tls1.3"]
    assert candidates("server", "--verify", "req", program=peer) == ["request", "require"]
    assert candidates("describe", "", program=peer) == [":files"]


def test_what_is_offered_is_taken():
    """From the first segment to the last by completion alone: the id is one that `show` knows."""
    word = ""
    for _ in range(8):
        offered = [one for one in candidates("show", word) if "raw" not in one and "any" not in one]
        wanted = [one for one in offered if ID.startswith(one)]
        assert wanted, (word, offered)
        word = max(wanted, key=len)
    assert word == ID and tlsmatrix("show", word).status == OK


@pytest.fixture
def scripts(tmp_path):
    for shell in "bash", "zsh", "fish":
        done = tlsmatrix("--completion", shell)
        assert done.status == OK
        (tmp_path / shell).write_text(done.out)
    return tmp_path


def shell_environment(folder):
    return {"PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "xterm",
            "LC_ALL": "C.UTF-8", "PS1": "ready> "}


TYPED = [
    ("tlsmatrix run smo", "tlsmatrix run smoke "),
    ("tlsmatrix run --capture=fa", "tlsmatrix run --capture=failures "),
    ("tlsmatrix show openssl-g", "tlsmatrix show openssl-gnutls/"),
    ("tlsmatrix explain unlikely-na", "tlsmatrix explain unlikely-name.pcapng "),
    ("tlsmatrix merge unlikely-fo", "tlsmatrix merge unlikely-folder/"),
]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("typed, becomes", TYPED)
def test_a_tab_completes_in_a_real_shell(shell, typed, becomes, scripts):
    installed(shell)
    (scripts / "unlikely-name.pcapng").touch()
    (scripts / "unlikely-folder").mkdir()
    quiet = ["--norc", "--noprofile"] if shell == "bash" else ["-f"]
    with Terminal([shell, *quiet, "-i"], env=shell_environment(scripts), cwd=scripts) as terminal:
        begin = "" if shell == "bash" else "autoload -U compinit; compinit -u -D; "
        terminal.type(f"{begin}source ./{shell}; echo loa''ded\n")
        terminal.until("loaded")
        # The typed line is emptied and said: what the tab made of it stands between the marks.
        terminal.type(f"{typed}\t")
        terminal.type("\x01echo '<\x05>'\n")
        # zsh takes back what it added behind a word when another key than a letter follows.
        terminal.until(f"<{becomes}>" if shell == "bash" else f"<{becomes.rstrip(' /')}")


def test_fish_completes(scripts):
    installed("fish")
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source ./fish; complete -C 'tlsmatrix run --capture f'"],
        capture_output=True, text=True, check=True, cwd=scripts, env=shell_environment(scripts))
    assert done.stdout.split("\t")[0].strip() == "failures"


def test_another_shell_is_refused_with_those_that_there_are():
    assert "did you mean 'bash'?; there is bash, zsh and fish" in complaint(
        tlsmatrix("--completion", "bsh"))


# ---- colours ----


@pytest.mark.parametrize("more, coloured", [
    ({"TERM": "xterm"}, True),
    ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    ({"TERM": "dumb"}, False),
    ({}, False),
])
def test_colours_are_for_terminals_that_want_them(more, coloured):
    env = {"PATH": os.environ["PATH"], **more}
    for words in ["--help"], ["help", "run"], ["doctor"], ["nonsense"]:
        assert (COLOUR in on_terminal([PROGRAM, *words], env=env)) == coloured, words


def test_no_colour_goes_into_a_pipe():
    env = {**os.environ, "TERM": "xterm"}
    for words in ["--help"], ["help", "run"], ["doctor"], ["nonsense"]:
        done = tlsmatrix(*words, env=env)
        assert COLOUR not in done.out + done.err


# ---- words that are nearly right ----


@pytest.mark.parametrize("words, said", [
    (["rnu"], "unknown command 'rnu', did you mean 'run'?"),
    (["help", "explian"], "unknown command 'explian', did you mean 'explain'?"),
    (["run", "--slect", "x"], "unknown option '--slect', did you mean '--select'?"),
    (["run", "smoek"], "no profile 'smoek' in"),
    (["run", "smoek"], "did you mean 'smoke'?"),
    (["run", "--capture", "failure"], "--capture: unknown POLICY 'failure', did you mean 'failures'?"),
    (["run", "--capture-from", "relais"], "--capture-from: unknown SOURCE 'relais', did you mean 'relay'?"),
    (["plan", "--stacks", "opensl"], "did you mean 'openssl'?"),
    (["scenario", "mutual-gte"], "did you mean 'mutual-get'?"),
    (["scenario", "tofu", "--server", "gnults"], "did you mean 'gnutls'?"),
    (["list", "--deviations", "boringssl.comon-name"], "unknown deviation 'boringssl.comon-name', did you mean 'boringssl.common-name'?"),
    (["list", "--rules", "nothing-like-it-at-all"], "unknown rule 'nothing-like-it-at-all'"),
    (["list", "--requirements", "client-certificate.mising"], "did you mean 'client-certificate.missing'?"),
    (["show", ID.replace("aes128gcm", "aes128gmc")], "unknown suite 'aes128gmc', did you mean 'aes128gcm'?"),
    (["show", ID.replace("mutual", "mutaul")], "did you mean 'mutual'?"),
    (["show", ID + "/expired-laef"], "did you mean 'expired-leaf'?"),
    (["list", "smoke", "--select", "opensl-*/*"], "'opensl' is no value of any axis, did you mean 'openssl'?"),
    (["plan", "smoke", "--select", "*/tls1.3/chacha20poly1304/*"], "did you mean 'chacha20poly1305'?"),
    (["rerun", ID, "--stacks", "openssl,gnutls", "--stack", LIAR, "--fault", "lier=x"],
     "no stack 'lier' in this run, did you mean 'liar'?"),
])
def test_the_word_that_was_meant_is_named(words, said):
    assert said in complaint(tlsmatrix(*words))


def test_right_words_are_no_reason_for_a_hint():
    said = complaint(tlsmatrix("list", "smoke", "--select", "openssl-*/tls1.0/aes128gcm/*"))
    assert "no value" not in said and "did you mean" not in said
    assert "no value" not in complaint(tlsmatrix("list", "smoke", "--select", "{opensl,x}-*/*"))


def test_one_of_a_list_is_shown_alone():
    done = tlsmatrix("list", "--deviations", "boringssl.common-name")
    assert done.status == OK and done.out.startswith("boringssl.common-name\n")
    assert len([line for line in done.out.splitlines() if line[0] != " "]) == 1
    assert len(tlsmatrix("list", "--deviations", "boringssl.common-name", "--json").json) == 1


# ---- doctor ----


def doctor(**more):
    env = {**os.environ, **more}
    done = tlsmatrix("doctor", "--json", env=env)
    assert done.err == ""
    return done.status, {row["name"]: row for row in done.json}


def test_the_doctor_finds_nothing_where_nothing_is_missing():
    status, rows = doctor()
    assert status == OK
    for name in (*stack_names(), "data", "loopback", "disk"):
        assert rows[name]["there"] and rows[name]["mend"] == "" and rows[name]["found"], name


def without(program, tmp_path):
    """A PATH of links to everything but one program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "sh", "cc", "cmake", "ip"):
        if name != program and shutil.which(name):
            (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def test_a_missing_program_is_named_with_its_package(tmp_path):
    status, rows = doctor(PATH=without("tshark", tmp_path))
    assert status == OK, "no run needs it"
    assert not rows["tshark"]["there"] and rows["tshark"]["mend"].endswith("install "
        "--no-install-recommends tshark")
    assert rows["cmake"]["there"] == (shutil.which("cmake") is not None)


def test_no_stack_is_no_run(tmp_path):
    status, rows = doctor(TLSMATRIX_PEERS=str(tmp_path))
    assert status == RED and not rows["stacks"]["there"]
    assert rows["stacks"]["mend"].endswith("ci/matrix smoke")


def test_a_folder_of_added_stacks_that_is_not_there_is_no_run(tmp_path):
    """As `run` has it: it would not begin."""
    status, rows = doctor(TLSMATRIX_STACKS=str(tmp_path / "none"))
    assert status == RED and str(tmp_path / "none") in rows["added stacks"]["found"]
    assert rows["added stacks"]["mend"] == "export TLSMATRIX_STACKS=FOLDER"
    status, rows = doctor(TLSMATRIX_STACKS=str(tmp_path))
    assert status == OK and "added stacks" not in rows


def test_a_stack_that_does_not_start_is_named_and_the_others_are_well(tmp_path):
    for name in stack_names():
        shutil.copy(PEERS / f"tlspeer-{name}", tmp_path)
    (tmp_path / "tlspeer-openssl").write_text("#!/bin/sh\nexit 1\n")
    status, rows = doctor(TLSMATRIX_PEERS=str(tmp_path))
    assert status == RED and not rows["openssl"]["there"] and rows["gnutls"]["there"]


def test_an_added_stack_that_is_broken_is_mended_by_its_own_command(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stack.json").write_text("{")
    status, rows = doctor(TLSMATRIX_STACKS=str(tmp_path))
    assert status == RED and not rows["mine"]["there"] and rows["openssl"]["there"]
    assert rows["mine"]["mend"] == "tlsmatrix stacks remove mine"


def test_missing_data_are_no_run(tmp_path):
    status, rows = doctor(TLSMATRIX_DATA=str(tmp_path))
    assert status == RED and "smoke" in rows["data"]["found"]


def test_too_few_descriptors_are_no_run():
    done = subprocess.run(["bash", "-c", f"ulimit -n 100 && exec {PROGRAM} doctor --json"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == RED and '"mend": "ulimit -n 1024"' in done.stdout


def test_a_cache_that_cannot_be_made_is_told_and_no_reason_to_stop(tmp_path):
    (tmp_path / "file").touch()
    assert doctor(TLSMATRIX_CACHE=str(tmp_path / "new"))[1]["key cache"]["there"]
    status, rows = doctor(TLSMATRIX_CACHE=str(tmp_path / "file" / "below"))
    assert status == OK and rows["key cache"]["mend"] == "export TLSMATRIX_CACHE=FOLDER"


def test_the_doctor_tells_people_the_command(tmp_path):
    done = tlsmatrix("doctor", env={**os.environ, "TLSMATRIX_PEERS": str(tmp_path)})
    assert done.status == RED and "A run lacks something" in done.out
    assert "ci/matrix smoke" in done.out
    assert [line for line in done.out.splitlines() if len(line) > 100 and str(tmp_path) not in line
            and "ci/matrix" not in line] == []
    assert USAGE == tlsmatrix("doctor", "operand").status
