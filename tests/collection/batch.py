"""Pools, stores and people for the tests of collecting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.collection.batches import Link, Settings, add_people, make_batch
from workbench.collection.handing_out import Task, next_task
from workbench.collection.saving import answer_from, save
from workbench.collection.schedule import Shares
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble

PLAIN = Shares(gold=0.0, repeat=0.0)


def pool(items: int, gold: int = 0) -> AnnotationSet:
    """Pairs whose texts name them; the first `gold` of them have a known answer, A and B in turn."""
    names = [f"q{i}" for i in range(items)]
    frame = pd.DataFrame(
        {
            "item_id": names,
            "prompt": [f"prompt of {n}" for n in names],
            "response_a": [f"first of {n}" for n in names],
            "response_b": [f"second of {n}" for n in names],
            "gold": [("A>" if i % 2 == 0 else "B>") if i < gold else None for i in range(items)],
        }
    )
    rows = pd.DataFrame({"annotator": ["nobody"] * items, "label": ["A>"] * items})
    return assemble([Export(items=frame, rows=rows, source="pool.csv", format="table")])


def batch_of(
    store: Store, items: int = 10, people: int = 3, gold: int = 0, **settings: object
) -> tuple[str, list[Link]]:
    """A batch and a link for each of its people."""
    given = {"shares": PLAIN, **settings}
    made = make_batch(store, pool(items, gold), "test", Settings(**given))  # type: ignore[arg-type]
    return made, add_people(store, made, [f"person-{i}" for i in range(people)])


def answer(task: Task, choice: str, made: str, **more: object):
    """An answer to a task under an id."""
    return answer_from({"id": made, "lease": task.lease, "choice": choice, **more})


def identity(rng: np.random.Generator) -> str:
    """A UUID that depends on nothing but the seed."""
    h = rng.bytes(16).hex()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:]}"


def label_all(store: Store, links: list[Link], rng: np.random.Generator, choose=lambda task, link: "left>") -> int:
    """Everybody in turn labels one task, until nothing is left; the number of labels."""
    n, working = 0, list(links)
    while working:
        for link in list(working):
            task = next_task(store, link.annotator)
            if task is None:
                working.remove(link)
                continue
            save(store, link.annotator, answer(task, choose(task, link), identity(rng)))
            n += 1
    return n
