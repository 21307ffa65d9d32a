"""How long a simulation takes and how much memory it needs, from a thousand to five million annotations.

    python benchmarks/simulate_speed.py [--sizes 1000 100000 5000000]

Each size runs in a process of its own; imports are counted apart. `texts` is the time to write the prompts and both
responses of 1,000 items that are asked for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SIZES = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)

ONE = """
import resource, sys, time
t0 = time.perf_counter()
from workbench.simulation.simulate import simulate
import numpy as np
t1 = time.perf_counter()
n = int(sys.argv[1])
made = simulate(n, annotators=max(20, n // 2_500), seed=1)
t2 = time.perf_counter()
made.data.texts.frame(np.linspace(0, len(made.data.items) - 1, 1_000).astype(int) % len(made.data.items))
t3 = time.perf_counter()
key = made.data.key
t4 = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(f"{len(made.data.annotations):>12,} {len(made.data.items):>10,} {t2 - t1:>10.2f} {t3 - t2:>10.3f} {t4 - t3:>10.2f} {peak:>10.2f} {t1 - t0:>10.2f}")
"""  # noqa: E501


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    print(
        f"{'annotations':>12} {'items':>10} {'simulate s':>10} {'texts s':>10} {'key s':>10} {'peak GB':>10}"
        f" {'import s':>10}"
    )
    for size in sizes:
        subprocess.run([sys.executable, "-c", ONE, str(size)], cwd=Path(__file__).resolve().parents[1], check=True)


if __name__ == "__main__":
    main()
