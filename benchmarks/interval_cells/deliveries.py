"""Differences between deliveries of one world: same people or other people of the same sort, so that the truth is 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.delivery_year import POOL, VENDORS, World, delivery
from benchmarks.interval_cells.cells import Drawn, Row
from workbench.deliveries.comparing import changes
from workbench.deliveries.gold_wear import gold_wear


def _world(rng: np.random.Generator, crew: int) -> World:
    names = tuple(f"p{i}-{int(rng.integers(1 << 40))}" for i in range(crew))
    return World(names, tuple(rng.uniform(0.4, 0.8, crew)), tuple(VENDORS[i % 3] for i in range(crew)))


def _two(rng: np.random.Generator, crew: int, other: bool):  # type: ignore[no-untyped-def]
    world = _world(rng, crew)
    pool = rng.choice([-1, 1], POOL) * rng.uniform(0.6, 1.6, POOL)
    then = delivery(replace(world), 0, pool, rng)
    return then, delivery(_world(rng, crew) if other else world, 1, pool, rng)


def same_crew(rng: np.random.Generator) -> Drawn:
    then, now = _two(rng, 18, other=False)
    for change in changes([then], [now], new_crew=False):
        inside = change.difference.same_crew
        if inside is not None and change.measure.name not in ("missing", "labels_per_item"):
            yield inside.low, inside.high, 0.0


def drivers(rng: np.random.Generator) -> Drawn:
    then, now = _two(rng, 18, other=False)
    for change in changes([then], [now], new_crew=False):
        part = change.drivers.get("same_people")
        if (
            part is not None
            and part.same_crew is not None
            and change.measure.name not in ("missing", "labels_per_item")
        ):
            yield part.same_crew.low, part.same_crew.high, 0.0


def new_crew(crew: int):  # type: ignore[no-untyped-def]
    def draw(rng: np.random.Generator) -> Drawn:
        then, now = _two(rng, crew, other=True)
        for change in changes([then], [now]):
            inside = change.difference.new_crew
            if inside is not None and change.measure.name in ("alpha", "percent_agreement", "gold_accuracy", "ties"):
                yield inside.low, inside.high, 0.0

    return draw


def wear(rng: np.random.Generator) -> Drawn:
    world = _world(rng, 9)
    pool = rng.choice([-1, 1], POOL) * rng.uniform(0.6, 1.6, POOL)
    made = [delivery(replace(world), number, pool, rng) for number in range(6)]
    inside = gold_wear(made[:4], made[4:]).advantage.same_crew
    if inside is not None:
        yield inside.low, inside.high, 0.0


def rows() -> list[Row]:
    return [
        Row(
            "difference of a headline figure between two deliveries, same crew; its drivers",
            (
                "statistics.jackknife.jackknife_interval",
                "deliveries.comparing.estimate_of",
                "deliveries.comparing.difference_of",
                "deliveries.comparing._driver_estimates",
                "deliveries.comparison._price",
            ),
            {"450 items, 18 people": same_crew, "what the same people changed": drivers},
            runs=60,
        ),
        Row(
            "difference of a headline figure between two deliveries, new crew",
            ("deliveries.comparing._with_new_crew",),
            {"18 other people": new_crew(18), "9 other people": new_crew(9)},
            runs=40,
        ),
        Row(
            "advantage on gold seen before",
            ("deliveries.gold_wear._advantage",),
            {"six deliveries of 450 items, 9 people": wear},
            runs=150,
        ),
    ]
