"""A delivery that is looked at every day while it comes in: false alarms where nothing changed, and days to an alarm.

    python benchmarks/growing_delivery.py [--deliveries 60] [--out benchmarks/GROWING_DELIVERY.md]

Deliveries are those of `delivery_year.py`, with its planted changes; the one that grows comes in over ten days, in
random order of its items, after eight usual ones. The line: no more false alarms than stated,
0.2 a year of 26 deliveries, which is 0.8% of deliveries, however often one looks.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.delivery_year import KINDS, POOL, VENDORS, World, changed, delivery
from workbench.deliveries import Delivery
from workbench.deliveries.growing import watch_growing

DAYS, BEFORE = 10, 8


def growing(seed: int, kind: str) -> tuple[list[Delivery], Delivery]:
    """Usual deliveries, and one that came in over some days, changed or not."""
    rng = np.random.default_rng([13, seed])
    world = World(
        tuple(f"p{i:02d}" for i in range(18)),
        tuple(rng.uniform(0.4, 0.8, 18)),
        tuple(VENDORS[i % 3] for i in range(18)),
    )
    pool = rng.choice([-1, 1], POOL) * rng.uniform(0.6, 1.6, POOL)
    before = [delivery(world, t, pool, rng) for t in range(BEFORE)]
    whole = delivery(changed(world, kind, rng) if kind != "nothing" else world, BEFORE, pool, rng)
    day = rng.integers(0, DAYS, len(whole.data.items))[whole.data.annotations["item"].to_numpy()]
    rows = whole.data.annotations.assign(ended_at=np.datetime64("2026-02-02") + day.astype("timedelta64[D]"))
    return before, Delivery(replace(whole.data, annotations=rows), whole.name, vendors=whole.vendors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20, help="of each kind; ten times as many without a change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = [
        "| planted | deliveries | alarmed before it was whole | day of the alarm, median |",
        "|---|---|---|---|",
    ]
    for kind in KINDS:
        n = options.deliveries * (10 if kind == "nothing" else 1)
        days = []
        for number in range(n):
            found = watch_growing(*growing(options.seed + number, kind))
            out = [f.out_since for f in found if f.out_since is not None]
            if out:
                days.append((np.datetime64(min(out)) - np.datetime64("2026-02-02")).astype(int) + 1)
        lines.append(f"| {kind} | {n} | {len(days) / n:.1%} | {f'{np.median(days):.0f} of {DAYS}' if days else '–'} |")
    text = "\n".join(lines)
    print(text)
    if options.out:
        head = (
            "# A delivery watched while it comes in\n\n`python benchmarks/growing_delivery.py --deliveries"
            f" {options.deliveries} --seed {options.seed}`. What is planted stands in the scripts.\n\n"
        )
        options.out.write_text(head + text + "\n", "utf-8")


if __name__ == "__main__":
    main()
