"""Agreement of a whole sharded set under a choice of judgements, for somebody who looks at a part of it.

What was chosen by direction alone is in the sums already. Any other choice takes one pass over the buckets, which is
kept beside the sums: whether an annotator's labels count decides what is left of an item, and that no sum knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache

import numpy as np

from workbench.agreement import Choice, CohenPairs, Tally, by_label_count, by_slice, by_week, cohen_kappas, tally
from workbench.agreement.intervals import estimate
from workbench.agreement.kernels import count_given, keep_of
from workbench.agreement.measures import coefficient
from workbench.agreement.pairs import kappas_of
from workbench.agreement.ranges import Ranges, ranges, round_numbers
from workbench.agreement.spread import Spread, spread
from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import write_all
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.messages import message
from workbench.progress import UNWATCHED, Watch
from workbench.scale.backends import Backend, Serial
from workbench.scale.finishing import Figures, read_parts
from workbench.scale.keyed import Keyed, Sums, added
from workbench.scale.mapping import DIRECTION, parts_of_items, word
from workbench.scale.part import Part
from workbench.scale.shards import SUMS, Bucket, Shards
from workbench.scale.tally_sums import WHOLE, SummedTally, summed_tally, tally_sums
from workbench.scale.tallying import figures, figures_at_hand

VERSION = 1
KEPT = 32
"""Passes under a choice that are kept beside the sums; the oldest give way."""
AT_ONCE = 2_000_000
"""Judgements up to which buckets that were not counted yet are counted when a page asks."""


def figures_of(part: Part, watch: Watch = UNWATCHED) -> Figures:
    """What sums say of the set that a part is of.

    Raises
    ------
    WorkbenchError
        It is large, and its buckets are not counted yet.
    """
    return _held(_shards(part), watch)


@lru_cache(maxsize=2)
def _held(shards: Shards, watch: Watch) -> Figures:
    found = figures_at_hand(shards)
    if found is None and shards.n_annotations > AT_ONCE:
        raise WorkbenchError(
            f"{shards.folder}: not all of the {len(shards.buckets):,} buckets are counted yet, and that takes too long"
            " for a page.",
            message("Count them once with the command audit of this folder, then open it here."),
        )
    return figures(shards, Serial(), watch) if found is None else found


def tally_of_all(data: AnnotationSet, choice: Choice | None = None) -> Tally:
    """`workbench.agreement.tally`, of the whole set where the data are a part of a sharded one.

    >>> import tempfile
    >>> from workbench.scale.part import open_part
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> tally_of_all(open_part(made, rows=1_000)).n_labels > 2_500
    True
    """
    part = _seen_in_part(data)
    return tally(data, choice) if part is None else _chosen(part, choice or Choice()).whole


def by_week_of_all(data: AnnotationSet, key: str, choice: Choice | None = None) -> dict[str, Estimate]:
    """`workbench.agreement.by_week` likewise."""
    part = _seen_in_part(data)
    return by_week(data, key, choice) if part is None else _chosen(part, choice or Choice()).by("week", key)


def by_slice_of_all(data: AnnotationSet, column: str, key: str, choice: Choice | None = None) -> dict[str, Estimate]:
    """`workbench.agreement.by_slice` likewise."""
    part = _seen_in_part(data)
    return by_slice(data, column, key, choice) if part is None else _chosen(part, choice or Choice()).by(column, key)


def by_label_count_of_all(
    data: AnnotationSet, key: str, choice: Choice | None = None, at_hand: Tally | None = None
) -> dict[str, Estimate]:
    """`workbench.agreement.by_label_count` likewise; `at_hand` is `tally_of_all` of the same."""
    part = _seen_in_part(data)
    if part is None:
        return by_label_count(data if at_hand is None else at_hand, key, choice)
    found = _chosen(part, choice or Choice(), sizes=True).by(_LABELS, key)
    return dict(sorted(found.items(), key=lambda each: int(each[0])))


def pairs_of_all(data: AnnotationSet, choice: Choice | None = None, at_hand: Tally | None = None) -> CohenPairs:
    """`workbench.agreement.cohen_kappas` likewise; of a sharded set only without a choice, or by direction.

    Parameters
    ----------
    at_hand : `tally_of_all` of the same.

    Raises
    ------
    WorkbenchError
        The choice leaves judgements out, or there are too many pairs.
    """
    part = _seen_in_part(data)
    if part is None:
        return cohen_kappas(data if at_hand is None else at_hand, choice)
    found, asked = figures_of(part), choice or Choice()
    if asked not in (Choice(), Choice(direction=True)):
        raise WorkbenchError(
            "Pairs of annotators are counted once, for all judgements, in a sharded set.", "Undo the other choices."
        )
    if found.pairs_left_out:
        raise WorkbenchError(
            "There are too many pairs of annotators to be counted.", "Open a bucket by itself to see its pairs."
        )
    if not asked.direction or found.full is found.along:
        return found.pairs
    way = found.shards.scale.direction_table()[:-1]
    k = len(found.along.scale)
    onto = np.eye(k, dtype=np.int64)[way]
    full = found.pairs
    table = np.einsum("nij,ia,jb->nab", full.table, onto, onto)
    return kappas_of(found.along, full.first, full.second, table, full.there_are)


def ranges_of_all(data: AnnotationSet) -> Ranges:
    """`workbench.agreement.ranges.ranges` likewise: what can be chosen of the whole."""
    part = _seen_in_part(data)
    seen = ranges(data)
    if part is None:
        return seen
    found = figures_of(part)
    given = np.sort(found.people["annotations"].to_numpy() - found.people["repeats"].to_numpy())
    most = float(given[-2]) if len(given) > 1 else 1.0
    weeks = sorted(found.parts.get("week", {}))
    every = tuple(str(d) for d in np.arange(np.datetime64(weeks[0]), np.datetime64(weeks[-1]) + 1, 7)) if weeks else ()
    sizes = found.along.sizes[found.along.frequency > 0]
    return replace(
        seen,
        labels_per_item=tuple(range(1, max(int(sizes.max(initial=1)), 1) + 1)),
        labels_per_annotator=(1, *(s for s in round_numbers(most) if s > 1)),
        weeks=every,
        items_with_overlap=found.counts["items_with_overlap"],
        not_looked_at={"repeats": found.counts["repeats"], "without a label": found.counts["skips"]},
    )


def spread_of_all(data: AnnotationSet) -> Spread:
    """`workbench.agreement.spread.spread` of the whole; empty for a sharded set, of which one part is at hand."""
    return spread(data, ranges(data)) if _seen_in_part(data) is None else Spread()


def judgements_of_all(data: AnnotationSet) -> int:
    """Judgements, skips included, of the whole set."""
    part = _seen_in_part(data)
    return len(data.annotations) if part is None else _shards(part).n_annotations


def _seen_in_part(data: AnnotationSet) -> Part | None:
    return data if isinstance(data, Part) and data.shards is not None and not data.is_all else None


def _shards(part: Part) -> Shards:
    assert part.shards is not None
    return part.shards


# ---------------------------------------------------------------- a pass under a choice

_LABELS = "labels"
_PREFIX = "chosen"


@dataclass(frozen=True, eq=False)
class Chosen:
    """What is left of a sharded set under a choice, whole and in parts."""

    shards: Shards
    sums: Sums
    choice: Choice
    prefix: str
    set_aside: Mapping[str, int]

    @cached_property
    def whole(self) -> SummedTally:
        """All of it."""
        return self._tally(WHOLE)

    def by(self, column: str, key: str) -> dict[str, Estimate]:
        """The coefficient of each part of one kind: `week`, a slice column, or the number of labels."""
        parts = read_parts(self.sums.words)
        name = column if column in parts or f"slice.{column}" not in parts else f"slice.{column}"
        measure = coefficient(key, self.whole)
        return {value: estimate(self._tally(number), measure) for value, number in parts.get(name, {}).items()}

    def _tally(self, part: int) -> SummedTally:
        scale = self.shards.scale.directional() if self.choice.direction else self.shards.scale
        found = summed_tally(
            self.sums.tables,
            self.prefix,
            scale,
            self.shards.names,
            part=part,
            choice=self.choice,
            anonymous=self.shards.anonymous,
        )
        return replace(found, set_aside=dict(self.set_aside)) if self.set_aside else found


def _chosen(part: Part, choice: Choice, *, sizes: bool = False, backend: Backend | None = None) -> Chosen:
    found, shards = figures_of(part), _shards(part)
    plain = choice == Choice(direction=choice.direction)
    alike = shards.scale.directional() == shards.scale
    if plain and not sizes and (choice.direction or alike):
        return Chosen(shards, found.sums, choice, DIRECTION, {})
    place = shards.folder / SUMS / f"chosen-{_digest(shards, choice)}-{VERSION}.npz"
    if place.is_file():
        sums = Sums.from_bytes(place.read_bytes())
    else:
        here = backend or Serial()
        few = np.zeros(0, bool)
        if choice.min_labels_per_annotator > 1:
            given = sum(here.over(_given, list(shards.buckets), shards, replace(choice, min_labels_per_annotator=1)))
            few = np.asarray(given) < choice.min_labels_per_annotator
        sums = Sums({})
        waiting: list[Sums] = []
        for one in here.over(_count, list(shards.buckets), shards, choice, few):
            waiting.append(one)
            if len(waiting) >= 8:
                sums, waiting = added([sums, *waiting]), []
        sums = added([sums, *waiting])
        write_all({place: sums.to_bytes()})
        for old in sorted(place.parent.glob("chosen-*.npz"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    reasons = {number: text for number, text in sums.words.items() if text.startswith(_ASIDE)}
    aside = sums.get("set aside")
    said = {
        reasons[k].removeprefix(_ASIDE): int(v)
        for k, v in zip(aside.keys[:, 0].tolist(), aside.values[:, 0], strict=True)
    }
    return Chosen(shards, sums, choice, _PREFIX, said)


_ASIDE = "aside: "


@dataclass(frozen=True, kw_only=True)
class _Known(Choice):
    """A choice whose annotators with few labels are known from the whole."""

    few: tuple[bool, ...] = ()

    def kept(self, data: AnnotationSet) -> tuple[np.ndarray, dict[str, int]]:
        plain = Choice(**{f.name: getattr(self, f.name) for f in fields(Choice)})
        kept, aside = replace(plain, min_labels_per_annotator=1).kept(data)
        if not self.few:
            return kept, aside
        enough = keep_of(~np.array(self.few), data.codes.annotator)
        before = len(data.codes) if len(kept) == 0 else int(kept.sum())
        left = enough if len(kept) == 0 else kept & enough
        if before > left.sum():
            aside = {
                **aside,
                f"annotators with fewer than {self.min_labels_per_annotator:,} labels": before - int(left.sum()),
            }
        return left, aside


def _given(bucket: Bucket, shards: Shards, choice: Choice) -> np.ndarray:
    data = shards.open(bucket)
    return np.asarray(count_given(data.codes.annotator, choice.kept(data)[0], data.codes.n_annotators))


def _count(bucket: Bucket, shards: Shards, choice: Choice, few: np.ndarray) -> Sums:
    data = shards.open(bucket)
    plain = {f.name: getattr(choice, f.name) for f in fields(Choice)}
    t = tally(data, _Known(**plain, few=tuple(few.tolist())))
    parts, words = parts_of_items(data, t)
    size = np.full(len(t.pattern), 0)
    size[t.items] = t.sizes[t.pattern[t.items]]
    for n in np.unique(size[size >= 2]).tolist():
        name = f"{_LABELS} {n}"
        words[word(name)], parts[word(name)] = name, np.flatnonzero(size == n)
    tables = tally_sums(t, _PREFIX, parts, data.shared_groups, bucket.number + bucket.delivery * 100_000)
    for reason in t.set_aside:
        words[word(_ASIDE + reason)] = _ASIDE + reason
    if t.set_aside:
        keys = np.array([word(_ASIDE + reason) for reason in t.set_aside])
        tables["set aside"] = Keyed.of(keys, np.array(list(t.set_aside.values())))
    return Sums(tables, words, (bucket.key,))


def _digest(shards: Shards, choice: Choice) -> str:
    return hashlib.blake2b(f"{shards.key} {choice!r}".encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
