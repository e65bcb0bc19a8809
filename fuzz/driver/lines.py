"""Lines reached, from what `llvm-cov export -format=lcov` says. Its own reports can be narrowed to
files only by the names that the compiler was told, which are relative ones here."""

import os
import pathlib


def counts(lcov):
    """{path: (name that llvm-cov knows it by, lines, reached)} of what was compiled."""
    found, name, lines = {}, None, 0
    for line in lcov.splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            name = value
        elif key == "LF":
            lines = int(value)
        elif key == "LH":
            found[pathlib.Path(os.path.normpath(name)).resolve()] = (name, lines, int(value))
    return found


def percent(lines, reached):
    return f"{100 * reached / lines:5.1f} %" if lines else "    -  "
