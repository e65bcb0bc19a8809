"""Verdicts out of a run's results.db (matrix/results.h describes it)."""

import sqlite3
from collections import namedtuple

SCHEMA_VERSION = 3

Result = namedtuple("Result", "verdict kind reason deviation duration_s")

RED = {"fail", "xpass", "timeout", "crash", "harness-error"}


def is_red(result):
    """What `tlsmatrix run` exits with 1 or 3 for. A case whose healthy twin has a known deviation
    is inconclusive for a known reason."""
    return result.verdict in RED or (result.verdict == "inconclusive" and not result.deviation)


def read_results(directory):
    """{id: Result} of every planned case."""
    path = directory / "results.db"
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA_VERSION:
            raise ValueError(f"{path}: schema version {version}, not {SCHEMA_VERSION}")
        rows = database.execute(
            "SELECT id, verdict, kind, reason, deviation, max(client_us, server_us) / 1e6"
            " FROM cases WHERE planned"
        )
        return {row[0]: Result(*row[1:]) for row in rows}
    finally:
        database.close()
