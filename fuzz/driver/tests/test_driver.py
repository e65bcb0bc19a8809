"""What ci/fuzz makes of a report, of its tables and of the tree, without fuzzing anything."""

import argparse
import pathlib
import re
import subprocess
import sys
import threading
import time

import pytest

DRIVER = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(DRIVER))

import common  # noqa: E402
import corpora  # noqa: E402
import coverage  # noqa: E402
import crashes  # noqa: E402
import differential  # noqa: E402
import engine  # noqa: E402
import lines  # noqa: E402
import main  # noqa: E402
import plants  # noqa: E402
import rates  # noqa: E402

ROOT = common.ROOT

OVERREAD = f"""==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1
READ of size 4 at 0x1 thread T0
    #0 0x55 in __asan_memcpy (/x+0x1)
    #1 0x56 in hello_read {ROOT}/harness/wire/hello.c:92:9
    #2 0x57 in run {ROOT}/fuzz/targets/hello.c:100:9
"""
PROPERTY = f"""{ROOT}/fuzz/targets/tls_flow.c:108: run: does not hold: same(&whole, &cut)
==1== ERROR: libFuzzer: deadly signal
    #7 0x57 in fuzz_assert_failed {ROOT}/fuzz/common/fuzz.c:12:5
    #8 0x57 in run {ROOT}/fuzz/targets/tls_flow.c:108:9
"""
MEMORY = f"""134 bytes of heap are in use, 130 of them by this allocation; 100 allowed
{ROOT}/fuzz/common/allocations.c:53: taken: does not hold: !"memory stays below"
    #8 0x57 in taken {ROOT}/fuzz/common/allocations.c:53:5
    #9 0x57 in make_room {ROOT}/captures/pcapng_read.c:356:22
"""
LOOP = f"""==1== ERROR: libFuzzer: timeout after 30 seconds
    #4 0x57 in take_alerts {ROOT}/captures/tls_content.c:170:5
"""
IN_A_STACK = """==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1
    #0 0x55 in __asan_memcpy (/x+0x1)
    #1 0x56 in bssl::tls_open_record(ssl_st*, bssl::Span<unsigned char>*) """ + \
    f"""/cache/fuzz/instrumented/boringssl/build/../source/src/ssl/tls_record.cc:92:9
    #2 0x57 in play {ROOT}/fuzz/stacks/play.c:100:9
"""
LEAK = """==1==ERROR: LeakSanitizer: detected memory leaks
Direct leak of 32 byte(s) in 1 object(s) allocated from:
    #0 0x55 in __interceptor_malloc (/x+0x1)
    #1 0x56 in CRYPTO_malloc /cache/instrumented-source-1/openssl/build/../source/crypto/mem.c:203:9
    #2 0x56 in CRYPTO_memdup /cache/instrumented-source-1/openssl/build/../source/crypto/o_str.c:9:9
    #3 0x57 in tls_parse_ctos_alpn /cache/instrumented-source-1/openssl/build/../source/ssl/ext.c:5:9
"""
STALL = f"""{ROOT}/fuzz/stacks/target.c:28: play_script: does not hold: waits, and leaves what is there
==1== ERROR: libFuzzer: deadly signal
    #7 0x57 in fuzz_assert_failed {ROOT}/fuzz/common/fuzz.c:12:5
"""


@pytest.mark.parametrize("report, name", [
    (IN_A_STACK, "heap-buffer-overflow-tls_open_record"),
    (LEAK, "leak-tls_parse_ctos_alpn"),
    (STALL, "assert-waits-and-leaves-what-is-there"),
    (OVERREAD, "heap-buffer-overflow-hello_read"),
    (PROPERTY, "assert-tls_flow-run-108"),
    (MEMORY, "assert-make_room"),
    (LOOP, "timeout-take_alerts"),
])
def test_a_failure_is_named_by_what_and_where(report, name):
    assert crashes.name_of(report) == name


def test_the_trace_has_our_frames_only():
    trace = crashes.trace_of(OVERREAD)
    assert any("harness/wire/hello.c:92:9" in line for line in trace)
    assert not any("asan_memcpy" in line for line in trace)


def test_the_trace_names_a_stack_s_source_whoever_has_the_cache():
    trace = crashes.trace_of(IN_A_STACK)
    assert any(line.endswith("boringssl:src/ssl/tls_record.cc:92:9") for line in trace)
    assert any(line.endswith("fuzz/stacks/play.c:100:9") for line in trace)
    assert "/cache" not in "".join(trace)


def test_a_stack_s_targets_get_more_of_a_smoke_run_and_all_keep_to_its_time():
    share = main.shares(["records", "hello", "openssl-client", "differential-server"], 300)
    assert share["openssl-client"] == share["differential-server"] > 3 * share["records"] > 0
    assert 300 - 4 * (main.START_SECONDS + 1) <= sum(share.values()) <= 300


def test_programs_beside_the_targets_are_none(tmp_path):
    for name in ("records", "openssl-client", "script", "dictionary", "differential"):
        path = tmp_path / "fuzz" / f"fuzz-{name}"
        path.parent.mkdir(exist_ok=True)
        path.touch(0o755)
    assert common.target_names(tmp_path) == ["openssl-client", "records"]


@pytest.mark.parametrize("text, seconds", [("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600)])
def test_times(text, seconds):
    assert common.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["soon", "5x", "-5s", "0", "0h", "2147483648", "600000h"])
def test_what_is_no_time_or_no_limit_to_libfuzzer_is_refused(text):
    with pytest.raises(common.Usage) as said:
        main.parse(["hello", "--time", text])
    assert str(said.value) == f"'{text}' is no time to fuzz for: 30s, 5m, 1h"


def test_half_of_the_shortest_time_is_no_run_without_end(tmp_path, monkeypatch):
    given = []

    def fuzz(target, folders, artifacts, seconds, *_, **__):
        given.append(seconds)
        return engine.Result(target, [], seconds)

    for name in ("WORK", "BUILD"):
        monkeypatch.setattr(differential, name, tmp_path)
    for role in ("server", "client"):
        (tmp_path / "fuzz" / f"fuzz-differential-{role}").mkdir(parents=True)
    monkeypatch.setattr(differential, "seeds", lambda target: tmp_path)
    monkeypatch.setattr(engine, "fuzz", fuzz)
    assert differential.command_differential(argparse.Namespace(time=1, jobs=1)) == 0
    assert given == [1, 1]


@pytest.mark.parametrize("does, code", [
    ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))", 3),
    ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", -9),
])
def test_a_job_that_is_locked_in_itself_is_ended_too(monkeypatch, does, code):
    monkeypatch.setattr(engine, "STOP_SECONDS", 1)
    text = f"import signal, sys, time; {does}; print('ready', file=sys.stderr); time.sleep(60)"
    job = engine.Job([sys.executable, "-uc", text], None)
    while not job.log:
        time.sleep(0.01)
    job.stop()
    assert job.process.wait() == code
    job.join()


def test_ctrl_c_lets_a_smoke_run_begin_no_more_targets(tmp_path, monkeypatch):
    begun, ended = [], threading.Event()

    def fuzz(target, *_, **__):
        begun.append(target)
        ended.wait()
        return engine.Result(target, [], 1)

    def sleep(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "WORK", tmp_path)
    monkeypatch.setattr(main, "target_names", lambda: ["records", "hello", "flow"])
    monkeypatch.setattr(main, "time", argparse.Namespace(sleep=sleep))
    monkeypatch.setattr(engine, "fuzz", fuzz)
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        main.command_smoke(argparse.Namespace(time=30, jobs=1))
    ended.set()
    for worker in set(threading.enumerate()) - before:
        worker.join()
    assert len(begun) <= 1


SEEN = "#{}\t{} cov: 7866 ft: 23874 corp: 200/1779b exec/s: 42 rss: 332Mb\n"


@pytest.mark.parametrize("said, outcome", [
    ([], "still reading"),
    ([SEEN.format(256, "pulse ")], "still reading"),
    ([SEEN.format(570, "INITED"), SEEN.format(570, "DONE  ")], "nothing new tried"),
    ([SEEN.format(570, "INITED"), SEEN.format(580, "DONE  ")], "nothing found"),
])
def test_what_was_not_tried_is_not_told_as_if_nothing_were_found(said, outcome):
    job = engine.Job([sys.executable, "-c", f"import sys; sys.stderr.write({''.join(said)!r})"],
                     None)
    job.process.wait()
    job.join()
    assert f"  {outcome}" in engine.Result("records", [job], 1).line()
    assert "runs" in engine.Result("records", [job], 1).line("3 disagreements")


def test_what_stacks_disagree_on_shows_itself(tmp_path):
    """A finding that does not rest on a release, played by the ordinary build's stacks."""
    finding = differential.FINDINGS / "alert-level-server-tls12.script"
    built = ROOT / "build"
    assert differential.shows(finding, built)
    healthy = tmp_path / "healthy.script"
    healthy.write_text(f"# signature: {differential.signature(finding)}\nvictim server\n")
    assert not differential.shows(healthy, built)
    healthy.write_text(healthy.read_text() + "no step\n")
    with pytest.raises(common.Broken):
        differential.shows(healthy, built)


def test_a_disagreement_is_the_plants_where_it_is_not_there_without(tmp_path, monkeypatch):
    known = set()

    def shows(path, build=common.BUILD):
        return path in known if build == common.BUILD else build == plants.BUILT

    def write(name, text):
        path = seen.folder / f"{name}.script"
        path.write_text(text)
        return path

    monkeypatch.setattr(differential, "shows", shows)
    seen = plants.Disagreements(tmp_path / "found")
    known.add(write("with-and-without", "# signature: old\n"))
    write("not-written-yet", "")
    assert [seen.enough() for _ in range(3)] == [False] * 3
    write("with-it-alone", "# signature: new\n")
    assert [seen.enough() for _ in range(2)] == [False, True]  # once it does not grow
    assert seen.found == "new"


def test_what_does_not_come_again_with_the_plant_is_not_the_plants(tmp_path, monkeypatch):
    monkeypatch.setattr(differential, "shows", lambda *_: False)
    seen = plants.Disagreements(tmp_path / "found")
    (seen.folder / "once.script").write_text("# signature: once\n")
    assert [seen.enough() for _ in range(3)] == [False] * 3


def test_plants_are_hunted_from_the_corpora_without_the_regressions():
    assert plants.committed("gnutls-client") == [common.CORPORA / "gnutls-client"]
    assert plants.committed("differential-server") == [
        common.CORPORA / f"{name}-server" for name in ("differential", *common.STACKS)]


def test_a_table_keeps_the_rows_of_plants_that_were_not_planted_again():
    row = "| `{}` | t | what | {} | as |".format
    first, second, third = [r.name for r in plants.rows()[:3]]
    before = ["| plant | …", "|---|", row(second, "old"), row("gone-from-the-lists", "old"),
              row(third, "old")]
    assert plants.table_of(before, {third: row(third, "new"), first: row(first, "new")}) == [
        *plants.HEADER, row(first, "new"), row(second, "old"), row(third, "new")]


def test_every_plant_is_a_patch_that_applies_and_every_patch_a_plant():
    rows = plants.rows()
    assert {r.name for r in rows} == {p.stem for p in (common.FUZZ / "plants").glob("*.patch")}
    assert {r.where for r in rows} == {"own", "openssl", "boringssl", "gnutls"}
    for row in rows:
        assert row.what and all(folder.is_dir() for folder in plants.committed(row.target)), row.name
        if row.where != plants.OWN:  # its source is not here: ci/fuzz plants applies it
            assert row.name.startswith(row.where)
            assert common.stack_and_role(row.target)[0] in (row.where, "differential")
            continue
        done = subprocess.run(["patch", "-p1", "--dry-run", "--forward", "-i", row.patch],
                              cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"{row.name}: {done.stdout}"


def test_the_committed_corpora_are_small():
    assert corpora.size_of(common.CORPORA) < corpora.TOTAL_MAX


def test_what_compares_the_stacks_plays_what_each_of_them_plays():
    folders = common.corpora_of("differential-client")
    corpora_played = [path.name for path in folders if path.parent == common.CORPORA]
    assert corpora_played == ["differential-client", "openssl-client", "boringssl-client",
                              "gnutls-client"]
    assert [path.name for path in common.corpora_of("openssl-client")] == ["openssl-client"] * 2


def test_every_target_of_ours_has_first_inputs(tmp_path):
    subprocess.run([sys.executable, common.FUZZ / "seeds.py", tmp_path], check=True)
    targets = {p.stem for p in (common.FUZZ / "targets").glob("*.c")}
    assert {p.name for p in tmp_path.iterdir()} == targets


def test_disagreements_are_listed_the_worst_first(tmp_path):
    for name, text in (("a", "client tls1.3 alert openssl=x"), ("b", "server tls1.2 accepted a=b"),
                       ("c", "client tls1.2 broken a=b"), ("d", "client tls1.3 accepted a=b")):
        (tmp_path / f"{name}.script").write_text(f"# title: ?\n# signature: {text}: skip:finished\n")
    assert [path.stem for _, path in differential.listed(tmp_path)] == ["c", "d", "b", "a"]
    (tmp_path / "e.script").write_text("# title: ?\n")
    with pytest.raises(common.Broken):
        differential.listed(tmp_path)


def test_severities_are_those_of_the_target():
    header = (ROOT / "fuzz/differential/compare.h").read_text()
    words = re.findall(r"^    DIFFERENCE_([A-Z]+), ", header, re.M)
    assert tuple(word.lower() for word in words) == differential.SEVERITY


def test_rates_are_of_processor_time():
    """A target that had half of a processor is as fast as one that had all of it."""
    table = rates.rows_of([("records", 1000, 2.0), ("hello", 0, 0.0)])
    assert table[2:] == ["| records | 1000 | 2.0 | 500 |", "| hello | 0 | 0.0 | 0 |"]


def test_a_table_is_written_between_its_marks_only(tmp_path):
    readme = tmp_path / "README.md"
    marks = "<!-- rates: written by ci/fuzz rates --write -->", "<!-- end of rates -->"
    readme.write_text(f"before\n{marks[0]}\nold\n{marks[1]}\nbehind\n")
    assert common.read_table("rates", readme) == ["old"]
    common.write_table("rates", ["new"], readme)
    assert readme.read_text() == f"before\n{marks[0]}\nnew\n{marks[1]}\nbehind\n"
    with pytest.raises(ValueError):
        common.write_table("plants", ["new"], readme)


LCOV = f"""SF:{ROOT}/build-coverage/../harness/wire/reader.c
LF:10
LH:9
end_of_record
SF:{ROOT}/matrix/oracle.c
LF:100
LH:0
end_of_record
SF:{ROOT}/harness/wire/tests/reader_test.c
LF:7
LH:7
end_of_record
"""


def test_coverage_is_of_the_parsers_alone_whatever_the_compiler_calls_them():
    found = lines.counts(LCOV)
    assert found[ROOT / "harness/wire/reader.c"][1:] == (10, 9)
    own = {path: count for path, count in found.items() if coverage.is_parser(path)}
    assert list(own) == [ROOT / "harness/wire/reader.c"]
    assert coverage.report_of(own).splitlines()[-1].split() == "90.0 % 9 of 10 our parsers".split()
