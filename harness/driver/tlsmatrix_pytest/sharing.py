"""pytest-xdist: each worker runs a share of the cases, in one tlsmatrix run of its own.

A worker of xdist is handed its tests bit by bit, but a run wants to know all its cases at once.
So the cases are cut into as many shares as there are workers, by hash of the id (as `--shard`
does), and the scheduler hands out whole shares.
"""

import zlib


def num_workers(config):
    """1 where xdist is not in use."""
    return getattr(config, "workerinput", {}).get("workercount", 1)


def share_of(case_id, num_shares):
    return zlib.crc32(case_id.encode()) % num_shares


def make_scheduler(config, log, case_of_nodeid):
    """A scheduler by shares. `case_of_nodeid` is None for a test that is no case."""
    from xdist.scheduler import LoadScopeScheduling

    class ShareScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            case_id = case_of_nodeid(nodeid)
            if case_id is None:
                return nodeid
            return f"share-{share_of(case_id, self.numnodes)}"

    return ShareScheduling(config, log)
