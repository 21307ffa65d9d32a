"""How often the agreement intervals contain what they are about, by simulation.

Run `python benchmarks/interval_coverage.py` (some minutes on one core); it prints as it goes and writes
`benchmarks/AGREEMENT_COVERAGE.md`.

Each run draws a crew, items and labels, and asks for each coefficient whether

- the same-crew interval contains the value this crew would have on endless new items,
- the new-crew interval contains the value that crews drawn like this one would have.

Three classes (45, 45 and 10% of items); an annotator is right with a probability drawn from a normal distribution
around .8 with the given standard deviation, cut to 1/3 to .99, and otherwise picks one of the other labels; three
labels an item.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.agreement.coefficients import Coefficient, gwet, krippendorff, percent
from workbench.agreement.intervals import Spread, estimate, interval_around, item_spread
from workbench.agreement.resampling import Sums, sums
from workbench.agreement.tally import Tally, tally_of

CLASSES = np.array([0.45, 0.45, 0.10])
LABELS = ("A", "=", "B")
SAME, NEW = (0.93, 0.97), (0.92, 0.99)
COEFFICIENTS: tuple[Coefficient, ...] = (
    krippendorff("ordinal", np.arange(3.0)),
    gwet("identity", np.arange(3.0)),
    percent(),
)
NAMES = {"krippendorff_alpha.ordinal": "alpha ordinal", "gwet_ac1": "AC1", "percent_agreement": "percent"}


@dataclass
class Cell:
    """One design: so many items, annotators with such skills and loads."""

    items: int
    annotators: int
    spread: float
    labels: int = 3
    skewed: bool = False
    mean: float = 0.8

    @property
    def loads(self) -> np.ndarray:
        """How likely an annotator is drawn, up to a factor: equal, or as 1, 1/2, 1/3, ..."""
        return 1 / np.arange(1, self.annotators + 1) if self.skewed else np.ones(self.annotators)

    def skills(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Probabilities of being right, (n,)."""
        return np.clip(rng.normal(self.mean, self.spread, n), 1 / 3 if self.spread else 0, 0.99)

    def who(self, items: int, rng: np.random.Generator) -> np.ndarray:
        """Annotators of each item, (items, labels), drawn without replacement by their loads."""
        key = rng.gumbel(size=(items, self.annotators)) + np.log(self.loads)
        return (
            np.argpartition(-key, self.labels - 1, axis=1)[:, : self.labels]
            if self.labels < self.annotators
            else np.tile(np.arange(self.annotators), (items, 1))
        )


def confusion(skill: np.ndarray) -> np.ndarray:
    """Probability of each label given each class, (annotators, class, label)."""
    k = len(CLASSES)
    table = np.repeat((1 - skill)[:, None, None] / (k - 1), k, 1).repeat(k, 2)
    table[:, np.arange(k), np.arange(k)] = skill[:, None]
    return table


def drawn(cell: Cell, theta: np.ndarray, rng: np.random.Generator) -> Tally:
    """The tally of one simulated data set."""
    truth = rng.choice(len(CLASSES), cell.items, p=CLASSES)
    who = cell.who(cell.items, rng)
    label = (rng.random(who.shape)[..., None] > theta.cumsum(2)[who, truth[:, None]]).sum(2).clip(0, 2)
    return tally_of(np.repeat(np.arange(cell.items), who.shape[1]), who.ravel(), label.ravel(), LABELS)


def value_of_pairs(coefficient: Coefficient, joint: np.ndarray) -> float:
    """The coefficient on endless items whose pairs of labels have this joint distribution, (K, K)."""
    k = len(joint)
    counts = (np.eye(k, dtype=int)[:, None] + np.eye(k, dtype=int)).reshape(k * k, k)
    return float(coefficient.value(1e9 * joint.ravel() @ coefficient.statistic(counts)))


class Coverage:
    """Hits and widths of the intervals of one cell, by coefficient and kind of interval."""

    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], list[bool]] = {}
        self.widths: dict[tuple[str, str], list[float]] = {}
        self.undefined: dict[tuple[str, str], int] = {}

    def add(self, coefficient: str, kind: str, interval: object, truth: float) -> None:
        if interval is None:
            self.undefined[coefficient, kind] = self.undefined.get((coefficient, kind), 0) + 1
            return
        self.hits.setdefault((coefficient, kind), []).append(interval.low <= truth <= interval.high)  # type: ignore[attr-defined]
        self.widths.setdefault((coefficient, kind), []).append(interval.width)  # type: ignore[attr-defined]

    def share(self, coefficient: str, kind: str) -> float:
        return float(np.mean(self.hits[coefficient, kind]))

    def width(self, coefficient: str, kind: str) -> float:
        return float(np.median(self.widths[coefficient, kind]))


Extra = Callable[[Sums, np.random.Generator], Iterator[tuple[str, object, str]]]


def measured(
    cell: Cell, runs: int, seed: int, extra: Extra | None = None, coefficients: tuple[Coefficient, ...] = COEFFICIENTS
) -> Coverage:
    """Simulates one cell; `extra` yields further intervals as (name, interval, "same" or "new")."""
    rng = np.random.default_rng(seed)
    population = confusion(cell.skills(200_000, rng)).mean(0)
    crews = np.einsum("k,kc,kd->cd", CLASSES, population, population)
    of_population = {c.key: value_of_pairs(c, crews) for c in coefficients}
    meet = meetings(cell, rng)
    found = Coverage()
    for _ in range(runs):
        theta = confusion(cell.skills(cell.annotators, rng))
        t = drawn(cell, theta, rng)
        joint = np.einsum("k,ij,ikc,jkd->cd", CLASSES, meet, theta, theta, optimize=True)
        for c in coefficients:
            e = estimate(t, c)
            if e.value is None:
                found.add(c.key, "same crew", None, 0)
                found.add(c.key, "new crew", None, 0)
                continue
            truth = {"same": value_of_pairs(c, joint), "new": of_population[c.key]}
            found.add(c.key, "same crew", e.same_crew, truth["same"])
            found.add(c.key, "new crew", e.new_crew, truth["new"])
            if extra is not None and e.new_crew is not None:
                for name, interval, crew in extra(sums(t, c), rng):
                    found.add(c.key, name, interval, truth[crew])
    return found


def meetings(cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """How often two annotators meet on an item, (A, A), zero on the diagonal, summing to 1."""
    a = cell.annotators
    if not cell.skewed:
        return (1 - np.eye(a)) / (a * (a - 1))
    who = cell.who(200_000, rng)
    given = np.zeros((a, a))
    for i in range(cell.labels):
        for j in range(cell.labels):
            if i != j:
                given += np.bincount(who[:, i] * a + who[:, j], minlength=a * a).reshape(a, a)
    return given / given.sum()


def alternatives(summed: Sums, rng: np.random.Generator) -> Iterator[tuple[str, object, str]]:
    """Other intervals for new annotators, and the same-crew one misread as one."""
    del rng
    items, share = item_spread(summed), summed.coefficient.share

    def jackknife(values: np.ndarray, frequency: np.ndarray) -> float:
        n = frequency.sum()
        return float((n - 1) / n * (frequency @ (values - frequency @ values / n) ** 2))

    without, (labels, times) = summed.without_annotator(), summed.without_label()
    a = len(without)
    people, single = jackknife(without, np.ones(a)), jackknife(labels, times)
    for name, variance in (
        ("annotators only, t(A-1)", people),
        ("items + annotators, t(A-1)", items.variance + people),
        ("two-way, t(A-1)", items.variance + max(people - single, 0.0)),
        ("items only", items.variance),
    ):
        df = items.df if name == "items only" else a - 1
        yield name, interval_around(summed.value, Spread(variance, df), 0.95, "new crew", name, share), "new"


def same_crew_ways(summed: Sums, rng: np.random.Generator) -> Iterator[tuple[str, object, str]]:
    """Bootstrap intervals of alpha, and the pair bootstrap of Hayes and Krippendorff."""
    for method in ("bca", "percentile"):
        yield (
            method,
            estimate(summed.tally, summed.coefficient, method=method, replicates=1_000, rng=rng).same_crew,
            "same",
        )
    yield "pair bootstrap", pair_bootstrap(summed.tally, 1_000, rng), "same"


@dataclass
class Bounds:
    low: float
    high: float
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.width = self.high - self.low


def pair_bootstrap(t: Tally, replicates: int, rng: np.random.Generator) -> Bounds:
    """Hayes & Krippendorff (2007): pairs of labels drawn one by one, expected disagreement held fixed (ordinal alpha, m
    labels an item)."""
    m = int(t.sizes[0])
    o = np.einsum("p,pc,pk->ck", t.frequency / (m - 1), t.counts, t.counts).astype(float)
    o -= np.diag(t.frequency / (m - 1) @ t.counts)
    n_c = o.sum(1)
    n = n_c.sum()
    rank = n_c.cumsum() - n_c / 2
    distance = (rank[:, None] - rank) ** 2
    expected = (np.outer(n_c, n_c) * distance).sum() / (n * (n - 1))
    pairs = round(n * (m - 1) / 2)
    draws = rng.multinomial(pairs, (o / n).ravel(), replicates) / pairs
    low, high = np.quantile(1 - draws @ distance.ravel() / expected, [0.025, 0.975])
    return Bounds(float(low), float(high))


def row(cell: Cell, found: Coverage, runs: int) -> tuple[str, list[str]]:
    """A line of the main table, and the misses in it."""
    cells, misses = [], []
    for key, name in NAMES.items():
        for kind, (least, most) in (("same crew", SAME), ("new crew", NEW)):
            share = found.share(key, kind)
            error = np.sqrt(share * (1 - share) / len(found.hits[key, kind]))
            outside = share < least or share > most
            cells.append(
                f"{'**' if outside else ''}{share:.3f}{'**' if outside else ''} ({found.width(key, kind):.3f})"
            )
            if outside:
                misses.append(
                    f"{name}, {kind}: {cell.items:,} items, {cell.annotators} annotators, SD"
                    f" {cell.spread:g}{', skewed loads' if cell.skewed else ''}: {share:.3f} +- {1.96 * error:.3f},"
                    f" {'too narrow' if share < least else 'too wide'}"
                )
    undefined = found.undefined.get(("krippendorff_alpha.ordinal", "same crew"), 0) / runs
    return (
        f"| {cell.items:,} | {cell.annotators} | {cell.spread:g} | " + " | ".join(cells) + f" | {undefined:.1%} |",
        misses,
    )


HEAD = (
    "| items | annotators | SD of skill | "
    + " | ".join(f"{name}, {kind}" for name in NAMES.values() for kind in ("same", "new"))
    + " | none |\n|"
    + "---|" * (3 + 2 * len(NAMES) + 1)
)


def write(runs: int, seed: int, path: Path) -> None:
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    lines = [
        "# Coverage of the agreement intervals",
        "",
        (
            "Written by `benchmarks/interval_coverage.py`, which says how the data are drawn. Nominal coverage 95%; in"
            " brackets the median width."
        ),
        (
            f"{runs:,} runs a row ({runs // 2:,} at 2,000 items): a coverage of .95 is known to"
            f" +-{1.96 * np.sqrt(0.95 * 0.05 / runs):.3f} (+-{1.96 * np.sqrt(0.95 * 0.05 / (runs // 2)):.3f})."
        ),
        (
            f"Sought: same crew {SAME[0]:.0%} to {SAME[1]:.0%}, new crew {NEW[0]:.0%} to {NEW[1]:.0%}; outside is"
            " **bold**, and listed below. `none` = runs without an interval (no disagreement seen)."
        ),
        "",
        "## Equal loads, three labels an item",
        "",
        HEAD,
    ]
    misses: list[str] = []

    def table(cells: list[Cell]) -> None:
        for cell in cells:
            count = runs if cell.items < 2_000 else runs // 2
            line, outside = row(cell, measured(cell, count, seed), count)
            lines.append(line)
            misses.extend(outside)
            print(line, f"{time.perf_counter() - started:.0f} s", flush=True)

    table([Cell(n, a, sd) for n in (20, 50, 200, 2_000) for a in (10, 20, 50) for sd in (0.0, 0.12)])
    lines += ["", "## Skewed loads: annotator r is drawn in proportion to 1/r", "", HEAD]
    table([Cell(n, a, sd, skewed=True) for n in (50, 200, 2_000) for a in (10, 30, 100) for sd in (0.0, 0.12)])
    lines += ["", "## Few annotators, each labelling every item", "", HEAD]
    table([Cell(n, a, sd, labels=a) for n in (50, 500) for a in (3, 5) for sd in (0.0, 0.12)])
    lines += ["", "## High agreement: right with probability .95", "", HEAD]
    table([Cell(n, 20, 0.03, mean=0.95) for n in (20, 50, 200)])
    short = sum("too narrow" in miss for miss in misses)
    lines += [
        "",
        f"## Outside what was sought: {short} too narrow, {len(misses) - short} too wide",
        "",
        (
            "Few annotators of one and the same skill are where the new-crew interval is too wide: so few people cannot"
            " show that they do not differ."
        ),
        "",
    ]
    lines += [f"- {miss}" for miss in misses] or ["None."]

    ways = ("new crew", "annotators only, t(A-1)", "items + annotators, t(A-1)", "two-way, t(A-1)", "items only")
    heads = (
        "ours",
        "annotators only, t(A-1)",
        "items + annotators, t(A-1)",
        "two-way, t(A-1)",
        "same-crew interval misread",
    )
    lines += [
        "",
        "## Other intervals for new annotators",
        "",
        (
            "Ours adds to the items' variance what the delete-one-annotator jackknife exceeds the delete-one-label one"
            " by, on reduced degrees of freedom."
        ),
        "",
        "| coefficient | items | annotators | SD | loads | " + " | ".join(heads) + " |",
        "|" + "---|" * (5 + len(ways)),
    ]
    for cell in (
        Cell(50, 20, 0.0),
        Cell(200, 10, 0.12),
        Cell(200, 30, 0.12, skewed=True),
        Cell(2_000, 20, 0.12),
        Cell(2_000, 50, 0.0),
    ):
        count = runs // 2
        found = measured(cell, count, seed + 1, alternatives)
        for key in ("krippendorff_alpha.ordinal", "gwet_ac1"):
            shares = " | ".join(f"{found.share(key, way):.3f} ({found.width(key, way):.3f})" for way in ways)
            lines.append(
                f"| {NAMES[key]} | {cell.items:,} | {cell.annotators} | {cell.spread:g} |"
                f" {'skewed' if cell.skewed else 'equal'} | {shares} |"
            )
            print(lines[-1], flush=True)

    ways = ("same crew", "bca", "percentile", "pair bootstrap")
    lines += [
        "",
        "## Other same-crew intervals of ordinal alpha",
        "",
        (
            "The pair bootstrap of Hayes & Krippendorff (2007) draws single pairs of labels: the m(m-1)/2 pairs of an"
            " item are not independent, so it is too narrow for m > 2."
        ),
        "",
        (
            "| items | annotators | SD | jackknife, Fisher z (ours) | BCa bootstrap | percentile bootstrap | pair"
            " bootstrap |"
        ),
        "|" + "---|" * 7,
    ]
    for cell in (Cell(20, 20, 0.12), Cell(50, 20, 0.12), Cell(200, 20, 0.12)):
        found = measured(cell, runs // 2, seed + 2, same_crew_ways, COEFFICIENTS[:1])
        key = "krippendorff_alpha.ordinal"
        shares = " | ".join(f"{found.share(key, way):.3f} ({found.width(key, way):.3f})" for way in ways)
        lines.append(f"| {cell.items:,} | {cell.annotators} | {cell.spread:g} | {shares} |")
        print(lines[-1], flush=True)
    lines += ["", f"Took {(time.perf_counter() - started) / 60:.0f} minutes on one core; seed {seed}.", ""]
    path.write_text("\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("AGREEMENT_COVERAGE.md"))
    given = parser.parse_args()
    write(given.runs, given.seed, given.out)
