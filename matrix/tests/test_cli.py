"""The command line: every command, its help, its exit codes, its output for programs."""

import hashlib
import html
import os
import re
import shlex
import ssl
from pathlib import Path

import pytest
from e2e import (
    HARNESS,
    LIAR,
    OK,
    PEERS,
    RED,
    USAGE,
    VERDICTS,
    cases_of,
    complaint,
    stack_names,
    tlsmatrix,
    write_ids,
    write_profile,
)

COMMANDS = [
    "run", "plan", "list", "show", "rerun", "merge", "stacks", "pki", "scenario", "explain", "observe",
    "reproduce", "report", "diff", "compare", "doctor", "probe",
]
CASE = "openssl-openssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/leaf"
IMPOSSIBLE = CASE.replace("mutual", "psk")
REFUSED = "openssl-openssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual-none-sent/off"
LYING = "openssl-liar/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/leaf"
OPENSSL = ["--stacks", "openssl"]
CARELESS = f"careless={PEERS}/tlspeer-careless"
WITH_LIAR = [*OPENSSL, "--stack", LIAR]


@pytest.fixture
def small(tmp_path):
    return write_profile(
        tmp_path / "small.yaml", credential=["ecdsa-p256"], auth=["server", "mutual"]
    )


# ---- help ----


def test_help_names_every_command_and_the_exit_codes():
    done = tlsmatrix("--help")
    assert done.status == OK and done.err == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", done.out, re.MULTILINE)
    assert "Exit codes: 0 all as expected; 1 " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command):
    done = tlsmatrix(command, "--help")
    assert done.status == OK and done.err == ""
    assert done.out.startswith(f"Usage: tlsmatrix {command}")
    assert f"\n  tlsmatrix {command} " in done.out.split("Example")[1]
    assert all(len(line) <= 100 for line in done.out.splitlines())


def test_help_offers_what_makes_sense():
    assert "Options:" not in tlsmatrix("pki", "--help").out
    assert "Options:" in tlsmatrix("stacks", "--help").out
    assert "--hellos" not in tlsmatrix("stacks", "--help").out
    listing = tlsmatrix("list", "--help").out
    assert "--hellos" in listing and "--acceptance [ROW] " in listing
    for what in "profiles", "rules", "requirements", "deviations", "scenarios", "acceptance":
        assert what in listing.split("Options:")[0] and f"--{what}" in listing


def test_without_a_command_the_help_goes_to_standard_error():
    done = tlsmatrix()
    assert done.status == USAGE
    assert done.out == "" and done.err.startswith("Usage: ")


def test_version():
    done = tlsmatrix("--version")
    assert done.status == OK
    assert re.fullmatch(r"tlsmatrix \d+\.\d+\.\d+\n", done.out)


# ---- words that are wrong ----


@pytest.mark.parametrize(
    "words, meant",
    [
        (["rnu"], "run"),
        (["list", "--selct", "x"], "--select"),
        (["run", "--deadlin-ms", "5"], "--deadline-ms"),
        (["stacks", "--featurs"], "--features"),
        (["plan", "smok"], "smoke"),
        (["plan", "smoke", "--stacks", "opensl"], "openssl"),
        (["show", CASE.replace("aes128gcm", "aes128gmc")], "aes128gcm"),
        (["show", CASE.replace("tls1.3", "tls13")], "tls1.3"),
        (["show", CASE.replace("x25519", "x2551")], "x25519"),
        (["show", CASE.replace("ecdsa-p256", "ecdsap256")], "ecdsa-p256"),
        (["show", CASE.replace("mutual", "mutal")], "mutual"),
        (["show", CASE.replace("/leaf", "/lief")], "leaf"),
        (["show", CASE.replace("openssl-", "opensl-")], "openssl"),
        (["rerun", CASE.replace("x25519", "x2551")], "x25519"),
    ],
)
def test_a_misspelt_word_gets_the_one_that_was_meant(words, meant):
    assert f"did you mean '{meant}'?" in complaint(tlsmatrix(*words))


@pytest.mark.parametrize(
    "words, reason",
    [
        (["list", "--profile", "--shard"], "'--shard' needs an argument"),
        (["stacks", "openssl"], "stacks 'openssl': it must be add, check, list, remove or renew"),
        (["plan", "smoke", "full"], "one profile at a time"),
        (["run", "smoke", "--lanes", "0"], "--lanes: '0' is not a whole number from 1 to "),
        (["run", "smoke", "--lanes", "2x"], "--lanes: '2x' is not a whole number"),
        (["run", "smoke", "--deadline-ms", "-1"], "--deadline-ms: '-1' is not a whole number"),
        (["run", "smoke", "--capture", "some"], "--capture: unknown POLICY 'some', did you mean 'none'?"),
        (["run", "smoke", "--fault", "crash"], "--fault 'crash': it must be STACK=LIE"),
        (["plan", "--shard", "0/4"], "--shard '0/4': it must be I/N with I from 1 to N"),
        (["plan", "--shard", "5/4"], "--shard '5/4': it must be I/N with I from 1 to N"),
        (["plan", "--shard", "1/4x"], "--shard '1/4x': it must be I/N"),
        (["plan", "--repeat", "0"], "--repeat: '0' is not a whole number"),
        (["plan", "--stack", "openssl"], "--stack 'openssl': it must be NAME=COMMAND"),
        (["plan", "--stack", "a=/nosuch"], "stack 'a': /nosuch: No such file or directory"),
        (["plan", "--stack", "a=/bin/true"], "stack 'a': /bin/true"),
        (["plan", "--stack", "A-b=/bin/true"], "'A-b' is no stack name"),
        (["plan", "--stacks", "openssl,openssl"], "stack 'openssl' is named twice"),
        (["plan", "--stacks", ","], "--stacks names no stack"),
        (["show"], "show needs the id of one case"),
        (["rerun"], "rerun needs the id of a case"),
        (["merge", "out"], "merge needs a folder to write and those to join"),
        (["pki"], "pki needs the folder to write to"),
        (["show", "openssl-openssl"], "case 'openssl-openssl': "),
        (["show", CASE + "/off"], f"case '{CASE}/off': "),
        (["show", IMPOSSIBLE], IMPOSSIBLE + ": not a possible case: "),
    ],
)
def test_what_cannot_be_asked_for_is_said(words, reason):
    status = HARNESS if "/bin/true" in words[-1] and words[-1].startswith("a=") else USAGE
    assert complaint(tlsmatrix(*words), status).startswith(reason)


@pytest.mark.parametrize(
    "words, spec, meant",
    [
        (["run", "smoke", "--stack", LIAR], "liar=wrong-alrt", "wrong-alert"),
        (["rerun", LYING, *WITH_LIAR], "liar=nosuch", None),
        (["run", "smoke", "--stack", CARELESS], "careless=no-hostname", "no-host-name"),
        (["scenario", "tofu", "--stack", LIAR], "liar=no-pni", "no-pin"),
    ],
)
def test_a_fault_that_a_peer_does_not_know_runs_nothing(words, spec, meant, tmp_path):
    peer, fault = spec.split("=")
    said = complaint(tlsmatrix(*words, "--fault", spec, cwd=tmp_path))
    assert said == f"--fault '{spec}': {peer} has no fault '{fault}'" + (
        f", did you mean '{meant}'?" if meant else "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [["run", "smoke"], ["rerun", CASE], ["scenario", "tofu"], ["scenario", "starttls"]]
)
def test_a_stack_has_no_faults(words, tmp_path):
    said = complaint(tlsmatrix(*words, *OPENSSL, "--fault", "openssl=wrong-alert", cwd=tmp_path))
    assert said.startswith("--fault 'openssl=wrong-alert': openssl has no faults; ")
    assert not list(tmp_path.iterdir())


# ---- plan, list, show, stacks ----


def test_plan_counts_what_list_lists():
    plan, listed = tlsmatrix("plan", "smoke", "--json"), tlsmatrix("list", "smoke", "--json")
    assert plan.status == listed.status == OK
    supported = [line["supported"] for line in listed.json_lines]
    assert plan.json["cases"] == supported.count(True) > 0
    assert plan.json["unsupported"] == supported.count(False)


def test_plan_says_how_many_are_left_out_and_by_which_rule(tmp_path):
    """A TLS 1.3 suite and an older one that needs no group, in both versions, with and without."""
    profile = write_profile(
        tmp_path / "left-out.yaml",
        version=["tls1.2", "tls1.3"],
        suite=["aes128gcm", "rsa-aes128gcm"],
        group=["any", "none"],
    )
    plan = tlsmatrix("plan", profile, *OPENSSL, "--json").json
    assert (plan["cases"], plan["excluded"]) == (2, 6)
    excluded = {rule["name"]: rule["excluded"] for rule in plan["rules"] if rule["excluded"]}
    assert excluded == {"suite-version": 4, "group-suite": 2}
    known = {rule["name"] for rule in tlsmatrix("list", "--rules", "--json").json}
    assert {rule["name"] for rule in plan["rules"]} == known


def test_list_can_be_narrowed():
    chosen = tlsmatrix("list", "smoke", "--select", "openssl-*", "--select", "*/psk/*", "--json")
    ids = [line["id"] for line in chosen.json_lines]
    everything = [line["id"] for line in tlsmatrix("list", "smoke", "--json").json_lines]
    assert ids == [
        case_id for case_id in everything if case_id.startswith("openssl-") or "/psk/" in case_id
    ]


def test_an_id_stands_for_the_same_case_wherever_it_comes_from():
    for line in tlsmatrix("list", "smoke", "--json").json_lines:
        if line["supported"]:
            shown = tlsmatrix("show", line["id"], "--json")
            assert shown.status == OK and shown.json["id"] == line["id"]
            break


@pytest.mark.parametrize("what", ["profiles", "rules", "requirements", "deviations"])
def test_lists_for_programs_hold_what_lists_for_people_do(what):
    text, objects = tlsmatrix("list", "--" + what), tlsmatrix("list", "--" + what, "--json")
    assert text.status == objects.status == OK
    assert objects.json
    for entry in objects.json:
        assert entry["name"] in text.out


def test_show_tells_what_must_happen_and_by_which_rfc():
    shown = tlsmatrix("show", REFUSED)
    assert shown.status == OK
    for words in ("refused: ", "alert certificate_required", "RFC 8446 section", "healthy twin"):
        assert words in shown.out
    assert REFUSED.replace("mutual-none-sent", "mutual") in shown.out
    expectation = tlsmatrix("show", REFUSED, "--json").json
    assert expectation["accepted"] is False
    assert expectation["server"]["alerts"] == ["certificate_required"]
    assert tlsmatrix("show", CASE, "--json").json["accepted"] is True


@pytest.mark.parametrize("stack", stack_names())
@pytest.mark.parametrize("profile", ["smoke", "pairwise", "threewise", "attacks", "hellos"])
def test_each_profile_serves_a_stack_alone(profile, stack):
    """What the stack lacks leaves words of the profile without a case, which is no mistake then."""
    done = tlsmatrix("plan", profile, "--stacks", stack, "--json")
    assert done.status == OK, done.err
    assert done.json["cases"] > 0


def test_stacks_are_those_of_the_build():
    objects = tlsmatrix("stacks", "--json")
    assert objects.status == OK
    assert [stack["stack"] for stack in objects.json] == stack_names()
    text = tlsmatrix("stacks", "--features").out
    for stack in objects.json:
        assert stack["library"] in text
    assert "TLS_AES_128_GCM_SHA256" in text


# ---- run, rerun ----


def test_a_green_run_ends_with_0_and_its_counts(small, run_folder):
    done = tlsmatrix("run", small, *OPENSSL, "--out", run_folder, "--json")
    assert done.status == OK
    last = done.json_lines[-1]
    assert set(last["verdicts"]) == VERDICTS
    assert last["verdicts"]["pass"] == sum(last["verdicts"].values()) == 2
    assert last["run"] == str(run_folder)
    assert last["failures"] == [] and last["exit_code"] == OK
    assert len(cases_of(run_folder)) == 2


def test_a_red_run_ends_with_1_and_says_why_and_how_to_see_it_again(small, run_folder):
    words = [small, *WITH_LIAR, "--fault", "liar=wrong-suite", "--select", "openssl-*", "--out"]
    done = tlsmatrix("run", *words, run_folder)
    assert done.status == RED
    assert "fail ends-disagree: 2 cases\n  server: reports suite 0x130" in done.out
    assert "tlsmatrix rerun -v 'openssl-liar/" in done.out
    assert "2 pass, 2 fail" in done.out
    (failure,) = tlsmatrix("run", *words, f"{run_folder}-2", "--json").json["failures"]
    assert (failure["verdict"], failure["kind"], failure["cases"]) == ("fail", "ends-disagree", 2)
    assert failure["example"] in cases_of(run_folder)


def test_a_rerun_that_is_green_leaves_nothing_behind(tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    assert tlsmatrix("rerun", CASE, env=env).status == OK
    assert list(tmp_path.iterdir()) == []
    done = tlsmatrix("rerun", LYING, *WITH_LIAR, "--fault", "liar=wrong-suite", env=env)
    (left,) = tmp_path.iterdir()
    assert done.status == RED and done.out.endswith(f"results: {left}\n")
    assert (left / "results.db").exists()


def told_command(text):
    """The words of the first rerun command that is told."""
    return shlex.split(re.search(r"rerun:? .*tlsmatrix (rerun -v .*)", html.unescape(text))[1])


def test_the_command_that_is_told_runs_the_same_program_again(small, run_folder):
    """Also where it stands in for a stack of the same name, which by itself would do right."""
    lying = ["--stacks", "gnutls", "--stack", f"openssl={PEERS}/tlspeer-liar",
             "--fault", "openssl=wrong-suite"]
    done = tlsmatrix("run", small, *lying, "--select", "*-openssl/*", "--out", run_folder)
    told = told_command(done.out)
    assert done.status == RED and told[3:] == lying
    again = tlsmatrix(*told)
    assert again.status == RED and "ends-disagree" in again.out
    assert tlsmatrix(*told[:3]).status == OK
    for style in "markdown", "junit":
        text = tlsmatrix("report", run_folder, "--format", style).out
        assert told_command(re.sub("</(code|failure)>", "", text))[3:] == lying, style
    (cause, *_) = tlsmatrix("report", run_folder, "--format", "json").json["causes"]
    assert shlex.split(cause["rerun"])[1:] == told


def test_the_id_alone_is_told_of_stacks_as_they_are(small, run_folder):
    tlsmatrix("run", small, *OPENSSL, "--out", run_folder)
    assert tlsmatrix("report", run_folder, "--format", "json").json["run"]["rerun_options"] == ""


def test_the_last_word_on_progress_counts_all_twins(run_folder):
    done = tlsmatrix("run", "smoke", *OPENSSL, "--out", run_folder)
    planned = cases_of(run_folder)
    twins = len(cases_of(run_folder, planned_only=False)) - len(planned)
    carried_out = sum(case.verdict != "unsupported" for case in planned.values())
    assert twins > 1
    assert done.err.splitlines()[-1] == (
        f"{carried_out} cases done; healthy twins of refusals: {twins}")
    assert done.err.count("twins") == 1


def test_a_peer_that_cannot_be_spoken_with_ends_with_3(small, run_folder):
    done = tlsmatrix(
        "run", small, *WITH_LIAR, "--fault", "liar=garbage", "--out", run_folder, "--json"
    )
    assert done.status == HARNESS == done.json["exit_code"]
    assert done.json["verdicts"]["harness-error"] == 6


def test_a_folder_that_holds_a_run_is_not_written_over(small, run_folder):
    tlsmatrix("run", small, *OPENSSL, "--out", run_folder)
    before = (run_folder / "results.db").read_bytes()
    done = tlsmatrix("run", small, *OPENSSL, "--out", run_folder)
    assert complaint(done) == f"{run_folder}/results.db: there already; --resume goes on with it"
    assert (run_folder / "results.db").read_bytes() == before


def test_quiet_says_nothing_on_standard_error(small, run_folder):
    assert tlsmatrix("run", small, *OPENSSL, "--out", run_folder, "--quiet").err == ""


def test_without_a_folder_a_run_makes_one(small, tmp_path):
    done = tlsmatrix("run", small, *OPENSSL, "--json", cwd=tmp_path)
    assert re.fullmatch(r"runs/small-\d{8}-\d{6}", done.json["run"])
    assert len(cases_of(tmp_path / done.json["run"])) == 2


def test_repetitions_are_cases_of_their_own(small, run_folder):
    done = tlsmatrix("run", small, *OPENSSL, "--repeat", 3, "--out", run_folder, "--json")
    assert done.json["verdicts"]["pass"] == 6
    plain = [case_id for case_id in cases_of(run_folder) if "#" not in case_id]
    assert sorted(cases_of(run_folder)) == sorted(
        case_id + number for case_id in plain for number in ("", "#2", "#3")
    )


def test_isolation_can_be_forgone(small, run_folder):
    done = tlsmatrix("run", small, *OPENSSL, "--no-isolation", "--out", run_folder, "--json")
    assert done.json["verdicts"]["pass"] == 2


def test_chosen_ids_are_run_and_no_others(run_folder, tmp_path):
    ids = write_ids(tmp_path / "ids", [CASE, REFUSED])
    assert tlsmatrix("run", "--ids", ids, *OPENSSL, "--out", run_folder).status == OK
    assert set(cases_of(run_folder)) == {CASE, REFUSED}


@pytest.mark.parametrize(
    "content, reason",
    [
        ("", "holds no id"),
        ("\n\n", "holds no id"),
        (f"{CASE}\nnonsense\n", "/ids:2: case 'nonsense'"),
        (f"\n\n{CASE.replace('x25519', 'x2551')}\n", "/ids:3: case '"),
        (IMPOSSIBLE + "\n", f"/ids:1: {IMPOSSIBLE}: not a possible case"),
    ],
)
def test_wrong_ids_are_refused_before_anything_is_written(content, reason, run_folder, tmp_path):
    (tmp_path / "ids").write_text(content)
    done = tlsmatrix("run", "--ids", tmp_path / "ids", *OPENSSL, "--out", run_folder)
    assert reason in complaint(done)
    assert not run_folder.exists()


def test_a_rerun_shows_the_facts_of_both_ends(run_folder):
    done = tlsmatrix("rerun", "-v", CASE, *OPENSSL, "--out", run_folder)
    assert done.status == OK
    for words in (CASE, "expected", "facts", "client", "server", "equal at both ends", run_folder):
        assert str(words) in done.out
    shown = tlsmatrix("rerun", CASE, *OPENSSL, "--json").json
    assert (shown["verdict"], shown["id"]) == ("pass", CASE)
    for facts in (shown["client_facts"], shown["server_facts"]):
        assert facts["suite"] == "TLS_AES_128_GCM_SHA256"


def test_a_failing_rerun_fails(run_folder):
    words = [LYING, *WITH_LIAR, "--fault", "liar=wrong-group", "--out", run_folder]
    assert tlsmatrix("rerun", *words).status == RED


def test_a_stored_case_is_shown_as_it_was(run_folder):
    tlsmatrix("rerun", LYING, *WITH_LIAR, "--fault", "liar=wrong-suite", "--out", run_folder)
    shown = tlsmatrix("show", LYING, "--run", run_folder)
    assert shown.status == OK
    assert "fail ends-disagree" in shown.out and "TLS_AES_256_GCM_SHA384" in shown.out
    assert tlsmatrix("show", LYING, "--run", run_folder, "--json").json["kind"] == "ends-disagree"
    assert complaint(tlsmatrix("show", CASE, "--run", run_folder)).startswith(CASE)


# ---- pki ----


def test_pki_writes_credentials_that_others_can_read(tmp_path):
    done = tlsmatrix("pki", tmp_path / "pki")
    assert done.status == OK
    for path in re.findall(r"(/\S+\.pem)$", done.out, re.MULTILINE):
        assert Path(path).read_text().startswith("-----BEGIN ")
    text = re.search(r"^rsa2048\n((?:  .*\n)*)", done.out, re.MULTILINE)[1]
    leaf = re.search(r"^  server leaf +([0-9a-f]{64})$", text, re.MULTILINE)[1]
    chain = (tmp_path / "pki/rsa2048/server-chain.pem").read_text()
    first = chain[: chain.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")]
    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest() == leaf


def test_pki_made_twice_is_the_same(tmp_path):
    first, second = (tlsmatrix("pki", tmp_path / "pki") for _ in range(2))
    assert first.status == second.status == OK and first.out == second.out


# ---- two stacks side by side ----


def test_two_stacks_are_compared_side_by_side():
    rows = tlsmatrix("stacks", "--compare", "openssl", "boringssl", "--json").json
    lists = {stack["stack"]: stack for stack in tlsmatrix("stacks", "--json").json}
    said = {row["name"]: (row["openssl"], row["boringssl"]) for row in rows if row["kind"] == "suite"}
    first, second = (set(lists[stack]["suites"]) for stack in ("openssl", "boringssl"))
    assert said == {name: (name in first, name in second) for name in first ^ second}
    groups = {(row["version"], row["name"]): row["openssl"] for row in rows if row["kind"] == "group"}
    for version, name in groups:
        has = [name in lists[stack]["versions"][version]["groups"] for stack in ("openssl", "boringssl")]
        assert has[0] != has[1] and groups[version, name] == has[0]
    everything = tlsmatrix("stacks", "--compare", "openssl", "boringssl", "--features", "--json").json
    both = {row["name"] for row in everything if row["openssl"] and row["boringssl"]}
    assert first & second <= both and len(everything) > len(rows)


def test_a_stack_differs_from_itself_in_nothing(tmp_path):
    twin = f"{PEERS}/tlspeer-openssl"
    done = tlsmatrix("stacks", "--compare", "openssl", f"twin={twin}")
    assert done.status == OK and done.out.splitlines()[-1].startswith("0 differences between openssl")
    assert len(done.out.splitlines()) == 2
    assert "--compare needs two stacks" in complaint(tlsmatrix("stacks", "--compare", "openssl"))
    assert "did you mean 'gnutls'?" in complaint(tlsmatrix("stacks", "--compare", "openssl", "gnuls"))
    assert "it must be add, check" in complaint(tlsmatrix("stacks", "openssl"))
