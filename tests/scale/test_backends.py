from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.scale.backends import backend
from workbench.scale.keyed import Sums, added
from workbench.scale.mapping import map_bucket
from workbench.scale.shards import Bucket, Shards
from workbench.scale.simulated import simulate_shards
from workbench.scale.tallying import figures, place, refuse_uncounted, tally_part


def files(shards: Shards) -> dict[str, bytes]:
    """The sums of each bucket, as they lie on disk."""
    return {b.name: place(shards, b).read_bytes() for b in shards.buckets}


def fresh(shards: Shards) -> None:
    """Forgets what was counted."""
    for path in (shards.folder / "sums").glob("*"):
        path.unlink()


def tables(sums: Sums) -> dict[str, bytes]:
    return {name: table.keys.tobytes() + table.values.tobytes() for name, table in sums.tables.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    return simulate_shards(tmp_path_factory.mktemp("jobs") / "set", 1_200, buckets=4, annotators=12, seed=6)


@pytest.fixture(scope="module")
def serial(small: Shards) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What one process counts."""
    found = figures(small)
    return tables(found.sums), tables(found.fine)


def test_threads_have_the_bits_of_one(small: Shards, serial: tuple) -> None:
    fresh(small)
    with backend("threads:2") as here:
        found = figures(small, here)
    assert (tables(found.sums), tables(found.fine)) == serial


def _dies_once(bucket: Bucket, shards: Shards, mark: str) -> Sums:
    """Counts a bucket; the first process that has the second one is killed in the middle."""
    path = Path(mark)
    if bucket.number == 1 and not path.exists():
        path.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return map_bucket(shards, bucket)


def test_processes_have_the_bits_of_one_also_where_one_is_killed(small: Shards, serial: tuple, tmp_path: Path) -> None:
    with backend("processes:2") as here:
        found = list(here.over(_dies_once, list(small.buckets), small, str(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()
    assert [f.made_of for f in found] == [(b.key,) for b in small.buckets]
    assert tables(added(found)) == serial[0]


def test_workers_of_dask_have_the_bits_of_one_also_where_one_is_killed(small: Shards, serial: tuple) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra [scale] is not installed")
    fresh(small)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0, scheduler_port=0
        ) as cluster,
        distributed.Client(cluster) as client,
        backend(cluster.scheduler_address) as here,
    ):
        victim = next(iter(client.run(os.getpid).values()))
        watched = here.over(_slowly, list(small.buckets), small)
        first = next(watched)
        os.kill(victim, signal.SIGKILL)
        rest = list(watched)
        assert [first, *rest] == [b.key for b in small.buckets]
        found = figures(small, here)
    assert (tables(found.sums), tables(found.fine)) == serial


def _slowly(bucket: Bucket, shards: Shards) -> str:
    """Counts a bucket as `figures` does, with time to be killed in."""
    from workbench.scale.tallying import _count

    _count(bucket, shards)
    time.sleep(0.3)
    return bucket.key


def test_jobs_that_know_nothing_of_each_other(small: Shards, serial: tuple) -> None:
    fresh(small)
    for part in (1, 3, 3, 2):  # one runs twice, one is missing
        tally_part(small, part, 4)
    with pytest.raises(WorkbenchError, match=r"1 of 4 buckets are not counted: 0003\.pwb \(number 4\)"):
        refuse_uncounted(small)
    tally_part(small, 4, 4)
    refuse_uncounted(small)
    found = figures(small)
    assert (tables(found.sums), tables(found.fine)) == serial
    with pytest.raises(WorkbenchError, match="no part 5 of 4"):
        tally_part(small, 5, 4)


def test_a_job_that_is_killed_leaves_nothing_half_done(small: Shards) -> None:
    fresh(small)
    code = (
        "import os, signal, sys\n"
        "from workbench.scale import tallying\n"
        "from workbench.scale.shards import open_shards\n"
        "import workbench.drafts as drafts\n"
        "real = os.replace\n"
        "os.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "tallying.tally_part(open_shards(sys.argv[1]), 1, 4)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(small.folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not place(small, small.buckets[0]).exists()
    tally_part(small, 1, 4)
    assert place(small, small.buckets[0]).exists()


def test_what_is_no_scheduler_is_said() -> None:
    with pytest.raises(WorkbenchError, match="no scheduler 'cloud'"), backend("cloud"):
        pass
    with pytest.raises(WorkbenchError, match="no number of workers"), backend("processes:none"):
        pass


def test_results_come_in_the_order_of_the_buckets() -> None:
    with backend("threads:3") as here:
        found = list(here.over(_waits, list(range(6))))
    assert found == list(range(6))


def _waits(n: int) -> int:
    time.sleep(0.02 * (6 - n))
    return int(np.int64(n))
