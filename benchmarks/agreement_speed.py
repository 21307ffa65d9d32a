"""How fast agreement is computed at the size of a large preference set, beside the krippendorff package.

Run `python benchmarks/agreement_speed.py`; it prints ratios and writes `benchmarks/AGREEMENT_SPEED.md`. 1.4 million
items, three labels each out of five ordered categories, 500 annotators; one process. The best of several repetitions is
given, since other work on the machine only ever makes a repetition slower.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import krippendorff
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.agreement import (
    all_coefficients,
    bootstrap,
    cohen_kappas,
    krippendorff_alpha,
    leave_one_annotator_out,
    tally_of,
)
from workbench.agreement.choice import Choice
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.agreement.resampling import sums
from workbench.agreement.tally import Tally, _tally

T = TypeVar("T")
LABELS = ("A>>", "A>", "=", "B>", "B>>")
ALPHA = "krippendorff_alpha.ordinal"


def best(work: Callable[[], T], repetitions: int = 5) -> tuple[float, T]:
    """Shortest of several times in seconds, and the result."""
    taken, result = [], work()
    for _ in range(repetitions):
        started = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - started)
    return min(taken), result


def simulated(items: int, annotators: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Item, annotator and label of three judgements an item, sorted by item."""
    truth = rng.integers(0, 5, items)
    first = rng.integers(0, annotators - 3, items)
    who = first[:, None] + np.arange(3)
    near = np.clip(truth[:, None] + rng.integers(-1, 2, (items, 3)), 0, 4)
    label = np.where(rng.random((items, 3)) < 0.7, near, rng.integers(0, 5, (items, 3)))
    return np.repeat(np.arange(items), 3), who.ravel().astype(np.int32), label.ravel().astype(np.int8)


def value_counts(item: np.ndarray, label: np.ndarray, items: int) -> np.ndarray:
    """What the package takes in its fastest form: labels of each category, items x categories."""
    return np.bincount(item * 5 + label, minlength=items * 5).reshape(items, 5)


def main(items: int, annotators: int, replicates: int, path: Path) -> None:
    rng = np.random.default_rng(1)
    item, who, label = simulated(items, annotators, rng)
    data = tally_of(item, who, label, LABELS)
    behind = data.judgements

    def fresh() -> Tally:
        return _tally(behind, data.scale, Choice(), {}, None)

    tally_s, _ = best(fresh)
    point_s, ours = best(lambda: sums(t := fresh(), coefficient(ALPHA, t)).value)
    counts_s, counts = best(lambda: value_counts(item, label, items), 3)
    peer_s, theirs = best(
        lambda: krippendorff.alpha(value_counts=counts, value_domain=np.arange(5), level_of_measurement="ordinal"), 3
    )
    boot_s, draws = best(lambda: bootstrap(data, ALPHA, replicates=replicates, rng=np.random.default_rng(2)))
    several, probe = 5, np.random.default_rng(3)

    def one_replicate() -> float:
        return krippendorff.alpha(
            value_counts=counts[probe.integers(0, items, items)],
            value_domain=np.arange(5),
            level_of_measurement="ordinal",
        )

    peer_draws, taken = [], []
    for _ in range(several):
        started = time.perf_counter()
        peer_draws.append(one_replicate())
        taken.append(time.perf_counter() - started)
    loop_s = min(taken) * replicates
    cells_s, _ = best(lambda: fresh().cells, 3)
    leave_s, table = best(lambda: leave_one_annotator_out(data, ALPHA))
    both_s, _ = best(lambda: krippendorff_alpha(data))
    all_s, _ = best(lambda: all_coefficients(data))
    scratch_s, _ = best(lambda: all_coefficients(fresh()), 3)
    pairs_s, pairs = best(lambda: cohen_kappas(data), 1)
    slow = table.sample(3, random_state=0)
    names = data.judgements.names
    for _, row in slow.iterrows():
        kept = who != int(np.flatnonzero(np.asarray(names) == row["annotator"])[0])
        again = sums(t := tally_of(item[kept], who[kept], label[kept], LABELS), coefficient(ALPHA, t)).value
        assert abs(again - row["without"]) < 1e-10, "leaving an annotator out must equal computing again"
    assert abs(ours - theirs) < 1e-10, "both must give the same alpha"
    assert abs(np.mean(peer_draws) - ours) < 5 * draws.std(), "both must bootstrap the same thing"

    n = len(label)
    lines = [
        "# Speed of agreement at scale",
        "",
        (
            f"Written by `benchmarks/agreement_speed.py`: {items:,} items, {n:,} labels of five categories,"
            f" {annotators} annotators; {platform.machine()}, {os.cpu_count()} cores of which one is used, Python"
            f" {platform.python_version()}, numpy {np.__version__}, krippendorff"
            f" {getattr(krippendorff, '__version__', '0.9')}. Best of several repetitions, warm; the machine did other"
            " work meanwhile."
        ),
        "",
        "| what | seconds | beside the krippendorff package |",
        "|---|---|---|",
        (
            f"| tally from sorted codes ({len(data.frequency)} patterns) | {tally_s:.3f} | its value counts from the"
            f" same codes: {counts_s:.3f} s |"
        ),
        (
            f"| ordinal alpha from codes, tally included | {point_s:.3f} | value-count form {peer_s:.3f} s, counting"
            f" not included: **{peer_s / point_s:.1f}x**; counting included: **{(peer_s + counts_s) / point_s:.1f}x** |"
        ),
        (
            f"| {replicates:,} bootstrap replicates of ordinal alpha, tally not included | {boot_s:.4f} | looping over"
            f" it {loop_s:,.0f} s (the fastest of {several} replicates, scaled): **{loop_s / boot_s:,.0f}x** |"
        ),
        f"| the same, tally included | {boot_s + tally_s:.4f} | **{(loop_s + counts_s) / (boot_s + tally_s):,.0f}x** |",
        f"| count of annotator x pattern x label, tally included | {cells_s:.3f} | |",
        (
            f"| ordinal alpha without each of {len(table)} annotators, count not included | {leave_s:.4f} | equal to"
            " computing three of them again |"
        ),
        f"| the same, tally and count included | {leave_s + cells_s:.3f} | |",
        f"| ordinal alpha with both intervals, from the tally | {both_s:.4f} | |",
        f"| all coefficients with both intervals, from the tally | {all_s:.4f} | |",
        f"| all coefficients with both intervals, from codes | {scratch_s:.3f} | |",
        f"| Cohen's kappas of {len(pairs):,} annotator pairs with intervals | {pairs_s:.2f} | |",
        "",
        (
            f"Both give alpha {ours:.6f}. Standard deviation of the replicates {draws.std():.6f}; the jackknife"
            f" interval is [{estimate(data, coefficient(ALPHA, data)).same_crew.low:.6f},"
            f" {estimate(data, coefficient(ALPHA, data)).same_crew.high:.6f}]."
        ),
        "",
    ]
    print("\n".join(lines))
    path.write_text("\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_400_000)
    parser.add_argument("--annotators", type=int, default=500)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("AGREEMENT_SPEED.md"))
    given = parser.parse_args()
    main(given.items, given.annotators, given.replicates, given.out)
