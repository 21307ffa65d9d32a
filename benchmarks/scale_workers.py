"""The same bits from dask workers in network namespaces of their own, one of them killed, the scheduler restarted.

    python benchmarks/scale_workers.py [--annotations 1.2e6] [--buckets 12] > benchmarks/SCALE_WORKERS.md

Needs root, `ip` and Linux: each worker has its own network, as on a machine of its own, and reaches the scheduler over
a bridge. Each audit begins with a set that nothing was counted of; given is the hash of what it printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BRIDGE, HOST, PORT = "wbbridge", "10.77.0.1", 28786
WORKERS = ("wbworker1", "wbworker2")
ONE = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, **ONE, "PYTHONPATH": str(ROOT)}
BIN = Path(sys.executable).parent


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def networks() -> Iterator[None]:
    """A bridge, and a namespace for each worker that is tied to it."""
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        ip("addr", "add", f"{HOST}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for k, name in enumerate(WORKERS):
            ip("netns", "add", name)
            ip("link", "add", f"wbv{k}", "type", "veth", "peer", "name", f"wbe{k}", "netns", name)
            ip("link", "set", f"wbv{k}", "master", BRIDGE, "up")
            for line in (f"addr add 10.77.0.{11 + k}/24 dev wbe{k}", f"link set wbe{k} up", "link set lo up"):
                ip("netns", "exec", name, "ip", *line.split())
        yield
    finally:
        for name in WORKERS:
            subprocess.run(["ip", "netns", "del", name], check=False)
        ip("link", "del", BRIDGE)


def begun(*words: str) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, env=ENVIRONMENT, cwd=ROOT, stdout=quiet, stderr=quiet)


def scheduler() -> subprocess.Popen[bytes]:
    started = begun(str(BIN / "dask"), "scheduler", "--host", HOST, "--port", str(PORT), "--no-dashboard")
    time.sleep(6)
    return started


def worker(name: str) -> subprocess.Popen[bytes]:
    alone = ("--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--no-nanny")
    started = begun("ip", "netns", "exec", name, str(BIN / "dask"), "worker", f"tcp://{HOST}:{PORT}", *alone)
    time.sleep(6)
    return started


class Set:
    """A sharded set, copied for each audit."""

    def __init__(self, folder: Path, annotations: int, buckets: int) -> None:
        self.made, self.used = folder / "made", folder / "used"
        size = ("--annotations", str(annotations), "--annotators", "300", "--buckets", str(buckets), "--seed", "5")
        self.command("simulate", *size, "--out", str(self.made)).wait()

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        out, quiet = subprocess.PIPE, subprocess.DEVNULL
        call = [sys.executable, "-m", "workbench", *words]
        return subprocess.Popen(call, env=ENVIRONMENT, cwd=ROOT, stdout=out, stderr=quiet)

    def anew(self) -> None:
        shutil.rmtree(self.used, ignore_errors=True)
        shutil.copytree(self.made, self.used)

    def audit(self, where: str) -> subprocess.Popen[bytes]:
        return self.command("audit", str(self.used), "--scheduler", where, "--json")

    def counted(self) -> int:
        """Buckets whose sums are kept."""
        return sum(1 for _ in (self.used / "sums").glob("*")) if (self.used / "sums").is_dir() else 0


def outcome(process: subprocess.Popen[bytes]) -> str:
    said, _ = process.communicate()
    return f"{process.returncode} | {hashlib.sha256(said).hexdigest()[:16] if process.returncode == 0 else '-'}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=float, default=1.2e6)
    parser.add_argument("--buckets", type=int, default=12)
    options = parser.parse_args()
    address, folder = f"tcp://{HOST}:{PORT}", Path(tempfile.mkdtemp(prefix="workers-"))
    print(f"# {__doc__.strip().splitlines()[0]}\n")
    print(f"{int(options.annotations):,} judgements in {options.buckets} buckets; `{Path(__file__).name}`.\n")
    print("| audit | exit code | SHA-256 of its JSON |\n|---|---|---|")
    try:
        data = Set(folder, int(options.annotations), options.buckets)
        data.anew()
        print(f"| serial, in one process | {outcome(data.audit('serial'))} |", flush=True)
        with networks():
            driver, hands = scheduler(), [worker(name) for name in WORKERS]
            data.anew()
            print(f"| two workers, each in a network of its own | {outcome(data.audit(address))} |", flush=True)
            data.anew()
            running = data.audit(address)
            time.sleep(5)
            hands[0].kill()
            at = f"a worker killed with -9 after {data.counted()} buckets"
            print(f"| {at} | {outcome(running)} |", flush=True)
            hands[0] = worker(WORKERS[0])
            data.anew()
            running = data.audit(address)
            time.sleep(5)
            driver.kill()
            at = f"the scheduler killed with -9 after {data.counted()} buckets"
            print(f"| {at} | {outcome(running)} |", flush=True)
            for hand in hands:
                hand.kill()
            driver, hands = scheduler(), [worker(name) for name in WORKERS]
            print(f"| the same command again, with a new scheduler | {outcome(data.audit(address))} |", flush=True)
            for each in (*hands, driver):
                each.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
