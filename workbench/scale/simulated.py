"""Simulated annotations straight into buckets: of any number, judged by one and the same crew."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.errors import WorkbenchError
from workbench.formats.writers.native import write_own
from workbench.progress import UNWATCHED, Watch
from workbench.scale.content_key import summed_hash
from workbench.scale.shards import BUCKETS, Bucket, Shards, is_sharded
from workbench.simulation.plan import Plan
from workbench.simulation.simulate import carry_out, crew_of


def simulate_shards(
    folder: str | Path, annotations: int, *, buckets: int = 16, watch: Watch = UNWATCHED, **settings: Any
) -> Shards:
    """Simulates into a new sharded set, bucket by bucket; no more than one is in memory.

    Each bucket has prompts and items of its own, and all are judged by the same annotators.

    Parameters
    ----------
    folder : to be made.
    annotations : judgements in all.
    buckets : how many.
    settings : as `workbench.simulate` takes them; without texts by default.

    Raises
    ------
    WorkbenchError
        The folder holds a set already, or the settings contradict each other.

    Examples
    --------
    >>> import tempfile
    >>> made = simulate_shards(tempfile.mkdtemp(), 2_000, buckets=4, annotators=12, seed=3)
    >>> len(made.buckets), made.n_annotations
    (4, 2000)
    """
    target = Path(folder)
    if is_sharded(target):
        raise WorkbenchError(f"{target}: there is a sharded set already.", "Name another folder.")
    known = {f.name for f in fields(Plan)}
    if unknown := sorted(set(settings) - known):
        raise WorkbenchError(f"A simulation has no setting {unknown[0]!r}.", f"Its settings are {', '.join(known)}.")
    whole = Plan(**{"texts": False, **settings, "annotations": annotations // buckets}).checked()
    crew = crew_of(whole)
    made: list[Bucket] = []
    for number in range(buckets):
        watch.step(number, buckets, "Simulating buckets")
        share = annotations * (number + 1) // buckets - annotations * number // buckets
        plan = replace(whole, annotations=share, seed=_seed(whole.seed, number))
        data = _of_its_own(carry_out(plan, crew).data, number, buckets)
        name = f"{number:04d}.pwb"
        write_own(data, target / BUCKETS / name)
        made.append(
            Bucket(
                name=name,
                number=number,
                delivery=0,
                version=0,
                items=len(data.items),
                annotations=len(data.annotations),
                hashes=summed_hash(data),
            )
        )
    watch.step(buckets, buckets, "Simulating buckets")
    done = Shards(
        folder=target,
        buckets=tuple(made),
        annotators=data.annotators,
        scale=data.scale,
        ledger=Ledger(sum(b.annotations for b in made)),
        findings=(),
        sources=(f"simulated, seed {whole.seed}",),
        format="simulated",
        prompts_bind=True,
        route="prompt",
        numbers=buckets,
    )
    done.write()
    return done


def _seed(seed: int, number: int) -> int:
    return seed if number == 0 else int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _of_its_own(data: AnnotationSet, number: int, buckets: int) -> AnnotationSet:
    """The same data with ids, prompts and responses that no other bucket has."""
    mark = f"{number:0{len(str(buckets - 1))}d}-"
    items = data.items.copy()
    for column in ("item_id", "group"):
        items[column] = (mark + items[column].astype("str")).array
    items["pair_id"] = (f"{number:04x}" + items["pair_id"].str[4:]).array
    for column in ("prompt_key", "key_a", "key_b"):
        items[column] = items[column].to_numpy(np.uint64) + np.uint64(number << 44)
    rows = data.annotations
    batch = rows["batch"].cat.rename_categories(lambda name: mark + str(name))
    return replace(data, items=items, annotations=rows.assign(batch=batch))
