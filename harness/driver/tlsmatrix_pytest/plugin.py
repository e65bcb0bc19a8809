"""The hooks, and the session's cases: what is listed, selected and run."""

import tempfile
from pathlib import Path

import pytest

from .command import CommandFailed, Tlsmatrix, add_options
from .items import Case, ProfileCases, case_of_nodeid
from .results import read_results
from .sharing import make_scheduler, num_workers, share_of

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_collection_modifyitems",
    "pytest_collection_finish",
    "pytest_runtest_makereport",
    "pytest_report_header",
    "pytest_terminal_summary",
]

INPUT = "tlsmatrix_input"  # what the controller of xdist tells its workers


class Suite:
    """The cases of this session: their ids, and the runs that were made of those selected."""

    def __init__(self, config, ids, directory):
        self.config = config
        self.tlsmatrix = Tlsmatrix(config)
        self.ids = ids
        self.directory = directory
        self.num_shares = num_workers(config)
        self.selected = []
        self.results = {}  # share -> {id: Result}, or the exception of a run that failed

    def mark(self, word):
        """A mark of that name; it is made known first, as --strict-markers wants."""
        if word not in self.config.stash.setdefault(KNOWN_WORDS, set()):
            self.config.stash[KNOWN_WORDS].add(word)
            self.config.addinivalue_line("markers", f"{word}: cases of this value")
        return getattr(pytest.mark, word)

    def share_directory(self, share):
        if self.num_shares == 1:
            return self.directory
        worker = self.config.workerinput["workerid"]
        return self.directory / f"share-{share + 1}-of-{self.num_shares}-{worker}"

    def directory_of(self, case_id):
        return self.share_directory(share_of(case_id, self.num_shares))

    def run(self, share):
        directory = self.share_directory(share)
        ids = [case_id for case_id in self.selected if share_of(case_id, self.num_shares) == share]
        with tempfile.NamedTemporaryFile("w", prefix="tlsmatrix-ids-") as id_file:
            id_file.write("\n".join(ids) + "\n")
            id_file.flush()
            self.tlsmatrix.run(id_file.name, directory)
        return read_results(directory)

    def result_of(self, item):
        share = share_of(item.name, self.num_shares)
        if share not in self.results:
            try:
                self.results[share] = self.run(share)
            except CommandFailed as error:
                self.results[share] = error
        results = self.results[share]
        if isinstance(results, CommandFailed):
            pytest.fail(str(results), pytrace=False)
        if item.name not in results:
            pytest.fail(f"no verdict in {self.directory_of(item.name)}", pytrace=False)
        return results[item.name]


SUITE = pytest.StashKey[Suite]()
KNOWN_WORDS = pytest.StashKey[set]()


def pytest_addoption(parser):
    group = parser.getgroup("tlsmatrix", "TLS stacks against each other")
    group.addoption(
        "--tlsmatrix-profile",
        metavar="PROFILE",
        help="run the cases of this profile (a name or a YAML file) instead of, or besides, the "
        "test files that are named",
    )
    group.addoption("--tlsmatrix-program", metavar="PATH", help="the tlsmatrix to use")
    group.addoption(
        "--tlsmatrix-out",
        metavar="DIR",
        help="the run's folder, which must not hold a run (default: a new one in the temporary "
        "directory)",
    )
    add_options(group)


def make_directory(config):
    given = config.getoption("tlsmatrix_out")
    if given is None:
        return Path(tempfile.mkdtemp(prefix="tlsmatrix-pytest-"))
    directory = Path(given).absolute()
    if (directory / "results.db").exists():
        raise pytest.UsageError(f"--tlsmatrix-out {given}: holds a run already")
    return directory


def list_cases(config):
    try:
        return Tlsmatrix(config).list(config.getoption("tlsmatrix_profile"))
    except CommandFailed as error:
        raise pytest.UsageError(str(error)) from None


def named_no_files(config):
    return config.args_source is not config.ArgsSource.ARGS


class Sharing:
    """Hooks of pytest-xdist; registered only where it is there."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        suite = node.config.stash[SUITE]
        node.workerinput[INPUT] = (suite.ids, str(suite.directory))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config, log):
        if config.getvalue("dist") != "load":
            return None  # the user's own choice
        return make_scheduler(config, log, case_of_nodeid)


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if config.getoption("tlsmatrix_profile") is None:
        return
    if named_no_files(config):
        config.args = []
    if hasattr(config, "workerinput"):
        ids, directory = config.workerinput[INPUT]
        config.stash[SUITE] = Suite(config, ids, Path(directory))
        return
    config.stash[SUITE] = Suite(config, list_cases(config), make_directory(config))
    config.pluginmanager.register(Sharing())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session, config, items):
    """Adds the cases, before -k and -m are applied to them."""
    suite = config.stash.get(SUITE, None)
    if suite is not None:
        cases = ProfileCases.of(session, config.getoption("tlsmatrix_profile"), suite)
        items += session.genitems(cases)


def pytest_collection_finish(session):
    suite = session.config.stash.get(SUITE, None)
    if suite is not None:
        suite.selected = [item.name for item in session.items if isinstance(item, Case)]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The time that a test took is the time that its handshake took."""
    outcome = yield
    if isinstance(item, Case) and item.result is not None:
        outcome.get_result().duration = item.result.duration_s if call.when == "call" else 0.0


def pytest_report_header(config):
    suite = config.stash.get(SUITE, None)
    return None if suite is None else f"tlsmatrix: {suite.tlsmatrix.program}"


def pytest_terminal_summary(terminalreporter, config):
    suite = config.stash.get(SUITE, None)
    if suite is not None and any(suite.directory.glob("**/results.db")):
        terminalreporter.write_line(f"tlsmatrix results: {suite.directory}")
