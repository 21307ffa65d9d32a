"""One bucket reduced to sums: the first of the three steps `map`, `add` and `finish`.

What is counted is counted by the functions that the workbench uses in memory; only what they return is turned into
tables that add up.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from workbench.agreement import Choice, Tally, tally
from workbench.agreement.choice import week_of_items
from workbench.agreement.pairs import pair_counts
from workbench.annotators.activity import chose_first, labels_and_times
from workbench.annotators.gold import answers_on_gold
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.reversals import cycles, pair_judgements
from workbench.reversals.judgements import PairJudgements
from workbench.reversals.order import both_orders
from workbench.reversals.rates import Clustered, Occasions, OccasionSums
from workbench.reversals.within import repeated_judgements, successive
from workbench.scale.keyed import Keyed, Sums
from workbench.scale.moments import binned
from workbench.scale.shards import Bucket, Shards
from workbench.scale.tally_sums import WHOLE, tally_sums

SLICES_CHECKED = 100
"""Slice columns with more values than this are ids, not slices, and are left out."""
MOST_PAIRS = 8_000_000
"""Pairs of annotators counted; of more, none, which is said."""
FULL, DIRECTION = "full", "direction"
COUNTS = ("rows", "annotations", "items", "overlapping", "repeats", "skips", "pairs_left_out", "batches", "alike")
"""What the table `counts` holds, in order."""
PEOPLE = ("annotations", "repeats", "skips", "first_chosen", "first_known", "again", "again_alike")
"""What the table `people` holds for each annotator, in order."""


def word(text: str) -> int:
    """The number that stands for a name in keys: the same everywhere, and never that of the whole.

    >>> word("week 2026-01-05") == word("week 2026-01-05"), word("a") > 0
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest()) + 1


def map_bucket(shards: Shards, bucket: Bucket) -> Sums:
    """Everything an audit says of a bucket, as tables that add up over buckets."""
    return sums_of(shards.open(bucket), bucket.number + bucket.delivery * 100_000, bucket.key)


def sums_of(data: AnnotationSet, number: int = 0, key: str = "") -> Sums:
    """The same of any annotation set, which then is one bucket."""
    along = tally(data, Choice(direction=True))
    full = tally(data) if data.scale.directional() != data.scale else along
    judgements = pair_judgements(data)
    parts, words = parts_of_items(data, along)
    tables = tally_sums(along, DIRECTION, parts, data.shared_groups, number)
    if full is not along:
        tables |= tally_sums(full, FULL, {WHOLE: None}, data.shared_groups, number)
    pairs = pair_counts(full)
    left_out = int(len(pairs[0]) > MOST_PAIRS)
    tables["pairs"] = Keyed.nothing(2) if left_out else Keyed.of(np.column_stack(pairs[:2]), pairs[2])
    tables |= _people(data, judgements) | _gold(data) | _reversals(data, judgements)
    rows = data.annotations
    tables["seconds"] = binned(rows["annotator"].to_numpy(), rows["seconds"].to_numpy())
    label = rows["label"].to_numpy()
    tables["labels"] = Keyed.of(label[label != NULL])
    tables["counts"] = Keyed.total(
        len(rows),
        int((label != NULL).sum()),
        len(data.items),
        int((np.diff(data.codes.starts) >= 2).sum()),
        int((rows["repeat"].to_numpy() > 0).sum()),
        int((label == NULL).sum()),
        left_out,
        *_batches(data),
    )
    return Sums(tables, words, (key,) if key else ())


def parts_of_items(data: AnnotationSet, t: Tally) -> tuple[dict[int, np.ndarray | None], dict[int, str]]:
    """Weeks and slices: the items of each by the number of its name, and the names."""
    parts: dict[int, np.ndarray | None] = {WHOLE: None}
    words: dict[int, str] = {}

    def add(name: str, items: np.ndarray) -> None:
        words[word(name)] = name
        parts[word(name)] = items

    if len(data.codes):
        weeks, mondays = pd.factorize(week_of_items(data, t.judgements.kept), sort=True)
        for i, monday in enumerate(mondays):
            add(f"week {np.datetime64(monday, 'D')}", np.flatnonzero(weeks == i))
    for column in data.slices:
        codes, values = pd.factorize(data.items[column], sort=True)
        if len(values) > SLICES_CHECKED:
            words[word(f"left out {column}")] = f"left out {column}"
            continue
        for i, value in enumerate(values):
            add(f"{column} {value}", np.flatnonzero(codes == i))
    return parts, words


def _people(data: AnnotationSet, judgements: PairJudgements) -> dict[str, Keyed]:
    """What each annotator did: `PEOPLE`."""
    n, who = len(data.annotators), data.annotations["annotator"].to_numpy()
    plain = labels_and_times(data, times=False)
    first, known = chose_first(data)
    steps = successive(judgements)
    columns = [plain[c].to_numpy() for c in ("annotations", "repeats", "skips")]
    columns += [np.bincount(who[mask], minlength=n) for mask in (first, known)]
    columns += [np.bincount(steps.annotator, minlength=n)]
    columns += [np.bincount(steps.annotator[steps.sign == steps.next_sign], minlength=n)]
    table = np.column_stack(columns).astype(np.int64)
    there = np.flatnonzero(table.any(1))
    return {"people": Keyed.of(there, table[there])}


def _gold(data: AnnotationSet) -> dict[str, Keyed]:
    answers = answers_on_gold(data)
    there = np.flatnonzero(answers.in_prompts.any(1))
    of_prompts = Keyed.of(there, answers.in_prompts[there]) if len(there) else Keyed.nothing(1, 4)
    return {"gold": Keyed.dense(answers.table), "gold in prompts": of_prompts}


def _reversals(data: AnnotationSet, judgements: PairJudgements) -> dict[str, Keyed]:
    again = repeated_judgements(judgements)
    counted = (judgements.sign != 0) & (judgements.first != 0)
    chosen = Occasions(
        (judgements.sign == judgements.first)[counted],
        judgements.prompt[counted],
        judgements.annotator[counted],
        judgements.unit,
    )
    circles = cycles(data, judgements=judgements, replicates=0)
    tables = {
        "within": Keyed.total(again.groups, again.decisive, again.contradictory, again.changed),
        "order": Keyed.total(*both_orders(successive(judgements))),
        "cycles": Keyed.total(
            circles.within_annotator.triads,
            circles.within_annotator.cyclic,
            circles.majority.triads,
            circles.majority.cyclic,
            int(not (circles.majority.reason or "").startswith("no prompt")),
        ),
        "units": Keyed.total(int(judgements.unit == "prompt")),
    }
    for name, sums in {**again.rates, "first": chosen.sums}.items():
        tables |= _occasions(name, sums)
    return tables


def _occasions(name: str, sums: OccasionSums) -> dict[str, Keyed]:
    def row(c: Clustered) -> tuple[int, int, int, int]:
        return c.number, c.sizes, c.products, c.events

    there = np.flatnonzero(sums.people_n)
    people = np.column_stack([sums.people_n[there], sums.people_h[there]])
    return {
        f"{name} occasions": Keyed.total(sums.n, sums.h, *row(sums.prompts), *row(sums.both)),
        f"{name} people": Keyed.of(there, people) if len(there) else Keyed.nothing(1, 2),
    }


def _batches(data: AnnotationSet) -> tuple[int, int]:
    """Batches of an annotator with several times, and those whose times are all one and the same."""
    rows = data.annotations
    if "batch" not in rows:
        return 0, 0
    batch = pd.factorize(rows["batch"])[0].astype(np.int64)
    seconds = rows["seconds"].to_numpy(float)
    known = np.isfinite(seconds) & (batch >= 0)
    key = batch[known] * len(data.annotators) + rows["annotator"].to_numpy()[known]
    table = pd.DataFrame({"key": key, "seconds": seconds[known]}).groupby("key")["seconds"].agg(["size", "min", "max"])
    several = table[table["size"] > 1]
    return len(several), int((several["min"] == several["max"]).sum())
