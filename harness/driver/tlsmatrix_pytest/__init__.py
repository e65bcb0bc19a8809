"""pytest plugin: every case of a tlsmatrix profile is a test.

    pytest -p tlsmatrix_pytest --tlsmatrix-profile smoke -k "boringssl and mutual"

The cases come from `tlsmatrix list`; pytest selects among them (-k, -m, --lf, --deselect); the
selected ones are run by one `tlsmatrix run`, and each is reported from its results.

command.py   the tlsmatrix program: options passed on, list, run, show
results.py   verdicts out of results.db
items.py     a case as a pytest item, and how its verdict is reported
sharing.py   pytest-xdist: which worker runs which cases
plugin.py    the hooks
"""

from .plugin import *  # noqa: F401,F403 -- pytest looks for hooks in the module named by -p
