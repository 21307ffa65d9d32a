"""A simulated year of 26 deliveries: planted changes found within two, causes named right, false alarms.

    python benchmarks/delivery_year.py [--years 200] [--out benchmarks/DELIVERY_YEAR.md]

Every year has one planted change, at a delivery from the 9th to the 21st, which lasts; alarms before it, and alarms
after it was found, are false. The kinds take turns:

- *vendor*: the six people of one of three vendors judge with 2.5 times the noise;
- *guidelines*: ties are called from twice the distance;
- *new people*: a third of the crew is replaced by people with 2.5 times the noise;
- *judge*: the AI judge has three times the noise;
- *harder items*: responses lie half as far apart, and take a sixth longer; gold stays as it was;
- *nothing*: a year without a change, in which every alarm is false.

A delivery has 400 pairs and 50 gold pairs from a pool of 150 that is used all year, three labels each from 18 people,
and one verdict of the judge.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import SCALES
from workbench.dataset.texts import empty_texts
from workbench.deliveries import Delivery
from workbench.deliveries.charts import watch

DELIVERIES, ITEMS, GOLD, POOL, LABELS = 26, 400, 50, 150, 3
KINDS = ("vendor", "guidelines", "new people", "judge", "harder items", "nothing")
VENDORS = ("North", "South", "West")


@dataclass(frozen=True)
class World:
    """How a delivery comes about."""

    names: tuple[str, ...]
    noise: tuple[float, ...]
    vendor: tuple[str, ...]
    judge: float = 0.5
    tie: float = 0.25
    gap: float = 1.0
    pace: float = 1.0


def changed(world: World, kind: str, rng: np.random.Generator) -> World:
    """The world after the change."""
    noise = np.array(world.noise)
    if kind == "vendor":
        hit = np.array(world.vendor) == VENDORS[int(rng.integers(3))]
        return replace(world, noise=tuple(np.where(hit, 2.5 * noise, noise)))
    if kind == "guidelines":
        return replace(world, tie=0.5)
    if kind == "new people":
        out = rng.permutation(len(noise))[: len(noise) // 3]
        names = np.array(world.names, object)
        names[out] = [f"new-{i}" for i in range(len(out))]
        noise[out] *= 2.5
        return replace(world, names=tuple(names), noise=tuple(noise))
    if kind == "judge":
        return replace(world, judge=1.5)
    if kind == "harder items":
        return replace(world, gap=0.5, pace=1.17)
    return world


def delivery(world: World, number: int, pool: np.ndarray, rng: np.random.Generator) -> Delivery:
    """One delivery of that world."""
    n = ITEMS + GOLD
    drawn = rng.permutation(POOL)[:GOLD]
    spread = world.gap * np.exp(rng.normal(0, 0.05))
    gap = np.concatenate([rng.normal(0, spread, ITEMS), pool[drawn]])
    crew = len(world.names)
    who = np.argsort(rng.random((n, crew)), axis=1)[:, :LABELS]
    item = np.repeat(np.arange(n), LABELS + 1)
    person = np.concatenate([who, np.full((n, 1), crew)], axis=1).ravel()
    noise = np.array([*world.noise, world.judge])
    seen = gap[item] + rng.normal(0, 1, len(item)) * noise[person]
    label = np.where(seen > world.tie, 0, np.where(seen < -world.tie, 2, 1)).astype(np.int8)
    ids = [f"d{number}-{i}" for i in range(ITEMS)] + [f"gold-{i}" for i in drawn]
    items = pd.DataFrame({"item_id": pd.array(ids, dtype="str"), "pair_id": pd.array(ids, dtype="str")})
    items["pair_flipped"] = False
    for name in ("prompt_key", "key_a", "key_b"):
        items[name] = np.zeros(n, np.uint64)
    items["slice.category"] = pd.Categorical.from_codes(rng.integers(0, 4, n), pd.Index(list("abcd")))
    rows = pd.DataFrame(
        {
            "item": item.astype(np.int32),
            "annotator": person.astype(np.int32),
            "label": label,
            "shown_first": rng.integers(0, 2, len(item)).astype(np.int8),
            "seconds": world.pace * np.exp(rng.normal(3.4, 0.5, len(item))),
            "ended_at": np.datetime64("2026-01-05") + np.zeros(len(item), "timedelta64[s]"),
            "repeat": np.zeros(len(item), np.int16),
        }
    )
    gold = np.full(n, -1, np.int8)
    gold[ITEMS:] = np.where(pool[drawn] > 0, 0, 2)
    people = pd.DataFrame(
        {
            "annotator": pd.array([*world.names, "judge"], dtype="str"),
            "kind": pd.array(["human"] * crew + ["ai"], dtype="str"),
        }
    )
    data = AnnotationSet(
        items=items, annotators=people, annotations=rows, gold=gold, scale=SCALES["ternary"], texts=empty_texts(n)
    )
    return Delivery(data, str(number), vendors=dict(zip(world.names, world.vendor, strict=True)))


def year(seed: int, kind: str) -> tuple[int, list[Delivery]]:
    """A year and the delivery from which it is another world."""
    rng = np.random.default_rng([7, seed])
    names = tuple(f"p{i:02d}" for i in range(18))
    world = World(names, tuple(rng.uniform(0.4, 0.8, 18)), tuple(VENDORS[i % 3] for i in range(18)))
    pool = rng.choice([-1, 1], POOL) * rng.uniform(0.6, 1.6, POOL)
    when = int(rng.integers(8, 21))
    found = []
    for t in range(DELIVERIES):
        if t == when:
            world = changed(world, kind, rng)
        found.append(delivery(world, t, pool, rng))
    return when, found


def watched(kind: str, when: int, deliveries: list[Delivery]) -> tuple[int, str | None]:
    """What came of watching a year: false alarms, and the cause that was named; None where it was not found in time."""
    false, named = 0, None
    for alarm in watch(deliveries).alarms:
        if kind == "nothing" or named is not None or not when <= alarm.delivery <= when + 1:
            false += 1
        else:
            named = "none clear" if alarm.cause is None else alarm.cause.name
    return false, named


@dataclass
class Tally:
    """What came of the years so far, by kind."""

    years: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, kind: str, false: int, cause: str | None) -> None:
        """Counts a year: its false alarms, and the cause named where the change was found."""
        self.years[kind] += 1
        self.false[kind] += false
        if cause is not None:
            self.found[kind] += 1
            self.right[kind] += cause == kind
            self.named[kind, cause] += 1

    def table(self) -> list[str]:
        """A row a kind, and all together."""
        lines = [
            "| planted | years | found within two | cause right | false alarms a year | causes named |",
            "|---|---|---|---|---|---|",
        ]
        for kind in KINDS:
            causes = ", ".join(f"{c} {m}" for (k, c), m in self.named.most_common() if k == kind)
            lines.append(self._row(kind, [kind], causes))
        return [*lines, self._row("all", list(KINDS), "")]

    def _row(self, name: str, kinds: list[str], causes: str) -> str:
        n = sum(self.years[k] for k in kinds)
        planted = sum(self.years[k] for k in kinds if k != "nothing")
        hits, right = sum(self.found[k] for k in kinds), sum(self.right[k] for k in kinds)
        shares = f"{hits / planted:.0%} | {right / max(hits, 1):.0%}" if planted else "– | –"
        return f"| {name} | {n} | {shares} | {sum(self.false[k] for k in kinds) / max(n, 1):.2f} | {causes} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=Path, help="JSON lines of the years so far: what is there is not run again")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    tally = Tally()
    known = options.rows.read_text("utf-8").splitlines() if options.rows and options.rows.exists() else []
    done = {row[0]: row[1:] for row in map(json.loads, known)}
    for number in range(options.years):
        kind, seed = KINDS[number % len(KINDS)], options.seed + number
        if seed not in done:
            done[seed] = watched(kind, *year(seed, kind))
            if options.rows:
                with options.rows.open("a", encoding="utf-8") as rows:
                    rows.write(json.dumps([seed, *done[seed]]) + "\n")
        tally.add(kind, *done[seed])
        if options.out and (number + 1 == options.years or (number + 1) % len(KINDS) == 0):
            head = (
                f"# A simulated year of deliveries\n\n`python benchmarks/delivery_year.py --years {number + 1} --seed"
                f" {options.seed}`. What is planted, and how, stands in the script.\n\n"
            )
            options.out.write_text(head + "\n".join(tally.table()) + "\n", "utf-8")
    print("\n".join(tally.table()))


if __name__ == "__main__":
    main()
