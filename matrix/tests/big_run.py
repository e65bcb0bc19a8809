"""A run folder of any size for tests of what has to cope with one: the rows of a real run, each many
times under ids of repeats, with times, bytes and lengths that differ as those of real repeats do.

    python3 matrix/tests/big_run.py RUN OUT 500000
"""

import random
import sqlite3
import sys
from pathlib import Path

COLUMNS = (
    "id planned verdict kind reason deviation sequence expectation client_facts server_facts"
    " client_exporter server_exporter client_us server_us check_name client_bytes server_bytes"
    " client_packets server_packets handshake_us ladder lengths server_ladder server_lengths"
).split()
TIMES = ("client_us", "server_us", "handshake_us")
BYTES = ("client_bytes", "server_bytes")
LENGTHS = ("lengths", "server_lengths")


def other_lengths(text, dice):
    """An ECDSA signature has a byte more or less, and with it the message that holds it."""
    def other(number):
        return number + dice.choice((-1, 0, 0, 1)) if 70 <= number <= 400 else number

    return ",".join(str(other(int(word))) for word in text.split(","))


def repeat_of(row, number, sequence, dice):
    """The row as the case's repeat: `#number`."""
    new = dict(row, id=f"{row['id'].split('#')[0]}#{number}")
    if row["sequence"]:
        new["sequence"] = sequence
    for name in TIMES:
        if row[name]:
            new[name] = max(1, round(row[name] * dice.lognormvariate(0, 0.25)))
    for name in BYTES:
        if row[name]:
            new[name] = row[name] + dice.randint(-2, 2)
    for name in LENGTHS:
        if row[name]:
            new[name] = other_lengths(row[name], dice)
    for name in ("client_exporter", "server_exporter"):
        if row[name] is not None:
            new[name] = number.to_bytes(4, "big") + row[name][4:]
    return new


def multiply(run, out, num_cases):
    """Writes OUT/results.db with at least num_cases cases, planned and twins."""
    out = Path(out)
    out.mkdir()
    source = sqlite3.connect(f"file:{run}/results.db?mode=ro", uri=True)
    target = sqlite3.connect(out / "results.db")
    source.backup(target)
    source.close()
    target.execute("PRAGMA synchronous = OFF")
    target.row_factory = sqlite3.Row
    rows = target.execute(f"SELECT {', '.join(COLUMNS)} FROM cases").fetchall()
    dice = random.Random(1)
    marks = ", ".join("?" * len(COLUMNS))
    repeats = -(-num_cases // len(rows))
    for number in range(1, repeats):
        new = (repeat_of(row, number, number * len(rows) + at, dice) for at, row in enumerate(rows))
        target.executemany(f"INSERT INTO cases({', '.join(COLUMNS)}) VALUES({marks})",
                           ([row[name] for name in COLUMNS] for row in new))
    target.commit()
    target.close()
    return out


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    multiply(sys.argv[1], sys.argv[2], int(sys.argv[3]))
