"""A case as a pytest item, and how its verdict is reported."""

from pathlib import Path

import pytest

from .results import is_red

NODE_PREFIX = "tlsmatrix"


def case_of_nodeid(nodeid):
    """The case's id, or None for a test that is no case."""
    words = nodeid.split("::")
    return words[2] if len(words) == 3 and words[0] == NODE_PREFIX else None


def words_of(case_id):
    """The words that -m matches whole: stacks, client.STACK and server.STACK, and the value on
    each axis; the values of both ends where they differ."""
    pair, *values = case_id.partition("#")[0].split("/")
    client, _, server = pair.partition("-")
    words = {client, server, "client." + client, "server." + server}
    for value in values:
        words.update(value.split(":"))
    return words


class ProfileCases(pytest.Collector):
    """The cases of one profile."""

    @classmethod
    def of(cls, session, profile, suite):
        name = Path(profile).stem
        node = cls.from_parent(session, name=name, nodeid=f"{NODE_PREFIX}::{name}")
        node.suite = suite
        return node

    def collect(self):
        return [Case.from_parent(self, name=case_id) for case_id in self.suite.ids]


class Case(pytest.Item):
    """One case. It is run together with all others, when the first of them is set up.

    A harness error says nothing about TLS: it is an error of the setup, not a failed test."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.result = None
        for word in words_of(self.name):
            self.add_marker(self.parent.suite.mark(word))

    def setup(self):
        suite = self.parent.suite
        self.result = suite.result_of(self)
        self.user_properties += [
            ("verdict", self.result.verdict),
            ("kind", self.result.kind),
            ("run", str(suite.directory_of(self.name))),
        ]
        if self.result.verdict == "harness-error":
            pytest.fail(self.report(), pytrace=False)

    def runtest(self):
        result = self.result
        if is_red(result):
            pytest.fail(self.report(), pytrace=False)
        if result.verdict == "unsupported":
            pytest.skip(result.reason)
        if result.verdict != "pass":
            why = self.parent.suite.tlsmatrix.deviations.get(result.deviation, "")
            pytest.xfail(f"{result.deviation}: {why} ({result.reason})")

    def report(self):
        """The reason first, for pytest's one-line summary."""
        suite, result = self.parent.suite, self.result
        shown = suite.tlsmatrix.show(suite.directory_of(self.name), self.name)
        return (
            f"{result.kind or result.verdict}: {result.reason}\n\n{shown}"
            f"rerun with\n  {suite.tlsmatrix.rerun_line(self.name)}"
        )

    def reportinfo(self):
        return self.path, None, self.name
