r"""Do annotators fall into two schools that judge by different rules, on everything or on one slice; and is one file's
A another file's B?

Each pair of labels on an item is alike (1) or not (0), less the chance of it among all labels, $e = [l = l'] - \sum_l
f_l^2$. One truth, however well or badly each sees it, never makes two groups agree less with each other than both agree
within. So annotators are parted by the eigenvectors of the mean e of each pair of annotators, on one half of the items,
and on the other half the mean e within either school must exceed that between them, each by a one-sided test over
items; the larger p-value times the number of places looked at is held to one in a thousand. Only schools that agree
between them at most half as much as within are named.

Files are compared item by item: a file whose directions on shared items go against those of the others has A and B
exchanged. Which of two files it is, gold says, or nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL
from workbench.findings import Finding, finding

LEVEL = 0.001
"""Chance to name schools where there are none, over all slices of a data set together."""

LEAST_MEMBERS, LEAST_SHARE = 3, 0.1
"""A school has so many annotators, and this share of those who can be told; fewer are a matter between a few."""

LEAST_ITEMS = 40
"""Items with two labels or more from which on a slice is looked at."""

_MOST_SLICES, _MOST_PAIRS, _MOST_ANNOTATORS = 40, 2_000_000, 3_000
_TELLING = 0.1
_ROUNDS = 8
_FILE_ITEMS, _FILE_LEVEL, _AGAINST = 10, 1e-4, -0.2


class Votes(NamedTuple):
    """Pairs of votes on the same item.

    Attributes
    ----------
    one, two : int32 (n,): whose they are.
    item, unit : int (n,): the item, and its prompt.
    alike : bool (n,): whether they have the same direction.
    """

    one: np.ndarray
    two: np.ndarray
    item: np.ndarray
    unit: np.ndarray
    alike: np.ndarray


@dataclass(frozen=True)
class Schools:
    """Two groups of annotators that judge by different rules.

    Attributes
    ----------
    place : "" = everywhere, else the slice as "name = value".
    first, second : positions of the annotators of the larger and of the smaller one.
    within, between : how much oftener than by chance two labels of one school, and of both, are alike.
    p_value : corrected for all places looked at.
    """

    place: str
    first: tuple[int, ...]
    second: tuple[int, ...]
    within: float
    between: float
    p_value: float

    @property
    def said(self) -> str:
        """What is the matter, in a sentence."""
        where = f" where {self.place}" if self.place else ""
        opposed = self.between < -0.3 * self.within
        return (
            f"Annotators fall into two schools{where}: {len(self.first):,} and {len(self.second):,} who agree among"
            f" themselves ({self.within:+.2f} beyond chance) and {'contradict' if opposed else 'hardly agree with'} the"
            f" others ({self.between:+.2f})."
        ).replace("(-", "(−")


@dataclass(frozen=True)
class SwappedFile:
    """A file whose labels go against those of the others on the same items.

    Attributes
    ----------
    files : its name; both names where neither gold nor a third file tells which of two it is.
    items : shared with the others, with a direction in both; or with gold, where files share no items.
    against : of these, how many go the other way.
    on_gold : whether it goes against the gold, which the other files follow, and not against the labels of others.
    """

    files: tuple[str, ...]
    items: int
    against: int
    on_gold: bool = False

    @property
    def said(self) -> str:
        """What is the matter, in a sentence."""
        share = f"{self.against:,} of {self.items:,}"
        if self.on_gold:
            return (
                f"A and B are exchanged in {self.files[0]}: its labels go against the gold on {share} gold items, where"
                " those of the other files follow it."
            )
        if len(self.files) == 1:
            return (
                f"A and B are exchanged in {self.files[0]}: its labels go against those of the other files on {share}"
                " shared items."
            )
        return (
            f"A and B are exchanged in one of {' or '.join(self.files)}, and nothing tells in which: their labels go"
            f" against each other on {share} shared items."
        )


@dataclass(frozen=True, eq=False)
class Camps:
    """Who is to be held against whom.

    Attributes
    ----------
    schools : those found.
    swapped : the file with A and B exchanged; None where there is none.
    camp : int8 (n,) in the order of `data.codes`, for `others`; None where all are of one.
    items : bool (n_items,): where camps disagree; gold there speaks for one of them only.
    """

    schools: tuple[Schools, ...]
    swapped: SwappedFile | None
    camp: np.ndarray | None
    items: np.ndarray

    def findings(self, names: list[str]) -> tuple[Finding, ...]:
        """What to say about them; `names` are the annotators'."""
        made = []
        if self.swapped is not None:
            apart = "" if self.swapped.on_gold else " Nobody is held against labels of another file."
            made.append(
                finding(
                    "warning",
                    "swapped-file",
                    f"{self.swapped.said}{apart}",
                    "Look at which response each file calls A, exchange A and B in the wrong one, and open them again.",
                    self.swapped.files,
                )
            )
        for school in self.schools:
            made.append(
                finding(
                    "warning",
                    "schools",
                    f"{school.said} Each is held against its own school only, and not against gold there.",
                    "Ask both schools how they read the guidelines (the smaller is listed), and decide which is meant.",
                    [names[k] for k in school.second],
                )
            )
        return tuple(made)


def camps(data: AnnotationSet) -> Camps:
    """Do annotators or files fall into camps that contradict each other?

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = camps(simulate(3_000, annotators=12, seed=2, texts=False).data)
    >>> found.schools, found.swapped, found.camp is None
    ((), None, True)
    """
    codes = data.codes
    nowhere = np.zeros(codes.n_items, bool)
    swapped = swapped_file(data)
    if swapped is not None:
        source = data.annotations["source"].astype(str).to_numpy()[codes.row]
        return Camps((), swapped, np.where(source == swapped.files[0], 2, 1).astype(np.int8), ~nowhere)
    found = schools(data)
    if not found:
        return Camps((), None, None, nowhere)
    camp = np.zeros(len(codes), np.int8)
    items = nowhere.copy()
    for school in found:
        here = _places(data)[school.place]
        side = np.zeros(codes.n_annotators, np.int8)
        side[list(school.first)], side[list(school.second)] = 1, 2
        camp = np.where(here[codes.item], side[codes.annotator], camp).astype(np.int8)
        items |= here
    return Camps(found, None, camp, items)


def schools(data: AnnotationSet) -> tuple[Schools, ...]:
    """Two schools of annotators everywhere, or else in single slices."""
    codes = data.codes
    if not 2 * LEAST_MEMBERS <= codes.n_annotators <= _MOST_ANNOTATORS or codes.n_labels < 2:
        return ()
    one, two = _pairs_of_votes(codes)
    if len(one) == 0:
        return ()
    item = codes.item[one]
    several = np.zeros(codes.n_items, bool)
    several[item] = True
    places = {name: here for name, here in _places(data).items() if (here & several).sum() >= LEAST_ITEMS}
    direction = data.scale.direction_table().astype(np.int64)
    ways = int(direction.max()) + 1
    given = np.bincount(codes.item.astype(np.int64) * ways + direction[codes.label], minlength=codes.n_items * ways)
    given = np.ascontiguousarray(given.reshape(-1, ways).T)
    groups = data.group_codes
    unit = item if groups is None else groups[item]
    parts = np.random.default_rng(0).random(int(unit.max()) + 1) < 0.5
    votes = Votes(
        codes.annotator[one],
        codes.annotator[two],
        item,
        unit,
        direction[codes.label[one]] == direction[codes.label[two]],
    )
    found = []
    for name, here in places.items():
        share = np.array([way[here].sum() for way in given])
        share = share / max(share.sum(), 1)
        parted = _parted(votes, here, parts, float((share**2).sum()), codes.n_annotators)
        if parted is None:
            continue
        side, within, between, p = parted
        if p * len(places) <= LEVEL:
            first, second = (tuple(np.flatnonzero(side == s).tolist()) for s in (1, -1))
            larger, smaller = (first, second) if len(first) >= len(second) else (second, first)
            found.append(Schools(name, larger, smaller, within, between, min(p * len(places), 1.0)))
            if not name and between <= 0:
                break
    # Who agree a little over everything may disagree in one slice alone.
    return tuple(found[1:] if len(found) > 1 and not found[0].place else found)


def swapped_file(data: AnnotationSet) -> SwappedFile | None:
    """Which file has A and B exchanged, by the items it shares with the others, or else by gold?"""
    rows = data.annotations
    if "source" not in rows or not data.scale.has_sides:
        return None
    source = rows["source"].astype("category")
    files, of = [str(name) for name in source.cat.categories], source.cat.codes.to_numpy().astype(np.int64)
    label, item = rows["label"].to_numpy().astype(np.int64), rows["item"].to_numpy().astype(np.int64)
    used = (label != NULL) & (of >= 0)
    if len(np.unique(of[used])) < 2:
        return None
    sign = np.sign(np.array(data.scale.strengths))[label[used]]
    cells = item[used] * len(files) + of[used]
    total = np.bincount(cells, sign, len(data.items) * len(files)).reshape(-1, len(files))
    whole = total.sum(1, keepdims=True)
    alike = np.sign(total) * np.sign(whole - total)
    clear, against = (alike != 0).sum(0), (alike < 0).sum(0)
    p = stats.binom.sf(against - 1, clear, 0.5) * len(files)
    mean = np.divide(alike.sum(0), clear, out=np.zeros(len(files)), where=clear > 0)
    suspect = np.flatnonzero((clear >= _FILE_ITEMS) & (p <= _FILE_LEVEL) & (mean <= _AGAINST))
    if len(suspect) == 0:
        return _against_gold(data, np.sign(total), files)
    right = _on_gold(data, sign, item[used], of[used], len(files))
    worst = int(suspect[np.argmin(mean[suspect])])
    if len(suspect) > 1 or len(np.unique(of[used])) == 2:
        told = [f for f in suspect.tolist() if right[f] < 0]
        if len(told) != 1:
            return SwappedFile(tuple(files[f] for f in suspect.tolist()), int(clear[worst]), int(against[worst]))
        worst = told[0]
    return SwappedFile((files[worst],), int(clear[worst]), int(against[worst]))


def _against_gold(data: AnnotationSet, majority: np.ndarray, files: list[str]) -> SwappedFile | None:
    """The file that goes against gold which the others follow; None where no single one does.

    Parameters
    ----------
    majority : (n_items, n_files): the side of most labels of a file on an item, 1 or -1; 0 where there is none.
    """
    gold = np.where(data.gold == NULL, 0.0, np.sign(np.array(data.scale.strengths))[data.gold.astype(int)])
    alike = majority * gold[:, None]
    n, k = (alike != 0).sum(0), (alike > 0).sum(0)
    mean = np.divide(alike.sum(0), n, out=np.zeros(len(files)), where=n > 0)
    against = np.flatnonzero(
        (n >= _FILE_ITEMS) & (stats.binom.cdf(k, n, 0.5) * len(files) <= _FILE_LEVEL) & (mean <= _AGAINST)
    )
    follow = (n >= _FILE_ITEMS) & (stats.binom.sf(k - 1, n, 0.5) * len(files) <= _FILE_LEVEL) & (mean >= -_AGAINST)
    if len(against) != 1 or not follow.any():
        return None
    worst = int(against[0])
    return SwappedFile((files[worst],), int(n[worst]), int(n[worst] - k[worst]), on_gold=True)


def _on_gold(data: AnnotationSet, sign: np.ndarray, item: np.ndarray, of: np.ndarray, files: int) -> np.ndarray:
    """Whether each file goes with gold (1), against it (-1), or neither clearly (0)."""
    gold = np.where(data.gold == NULL, 0.0, np.sign(np.array(data.scale.strengths))[data.gold.astype(int)])
    with_gold = sign * gold[item]
    n, k = (np.bincount(of, weights=part, minlength=files) for part in (with_gold != 0, with_gold > 0))
    p = stats.binom.cdf(k, n, 0.5), stats.binom.sf(k - 1, n, 0.5)
    return np.where(p[0] < 0.01, -1, np.where(p[1] < 0.01, 1, 0))


def _places(data: AnnotationSet) -> dict[str, np.ndarray]:
    """Everywhere, and each value of each slice: bool (n_items,)."""
    found = {"": np.ones(len(data.items), bool)}
    for column in data.slices:
        number, values = pd.factorize(data.items[column])
        often = np.argsort(-np.bincount(number[number >= 0], minlength=len(values)), kind="stable")
        for place in often[:_MOST_SLICES].tolist():
            if len(found) <= _MOST_SLICES:
                found[f"{column.removeprefix('slice.')} = {values[place]}"] = number == place
    return found


def _pairs_of_votes(codes: Codes) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of votes on the same item, of neighbours where there are very many; every m-th item in very large data."""
    from workbench.annotators.copying_kernels import vote_pairs

    most, nothing = 12, np.empty(0, np.int32)
    n = vote_pairs(codes.starts, most, 0, codes.n_items, nothing, nothing)
    one, two = np.empty(n, np.int32), np.empty(n, np.int32)
    vote_pairs(codes.starts, most, 0, codes.n_items, one, two)
    if n > _MOST_PAIRS:
        kept = codes.item[one] % -(-n // _MOST_PAIRS) == 0
        one, two = one[kept], two[kept]
    return one, two


def _parted(
    votes: Votes, here: np.ndarray, parts: np.ndarray, chance: float, people: int
) -> tuple[np.ndarray, float, float, float] | None:
    """The likeliest two schools: side of each annotator (1, -1, 0 = neither), mean e within and between them, and the
    p-value on the half of the items that did not part them; None where there are none.

    Parameters
    ----------
    here : bool (n_items,): the place looked at.
    parts : bool (units,): whether a prompt parts annotators, or tests how they are parted.
    chance : that two labels at the place are alike by chance.
    """
    from workbench.annotators.copying_kernels import alike_of_people

    counts, alike = np.zeros((people, people)), np.zeros((people, people))
    alike_of_people(votes, here, parts, counts, alike)
    sums = alike - chance * counts
    load = counts.sum(1)
    active = load >= LEAST_MEMBERS
    # Where all labels are alike there is nothing to part.
    if active.sum() < 2 * LEAST_MEMBERS or np.abs(sums).max() < 1e-9:
        return None
    best = None
    for side in _sides(sums, load, active):
        if min((side > 0).sum(), (side < 0).sum()) < max(LEAST_MEMBERS, LEAST_SHARE * active.sum()):
            continue
        found = _tested(side, votes, here, ~parts, chance)
        if found is not None and (best is None or found[2] < best[3]):
            best = (side, *found)
    # Two ways of parting are tried.
    return None if best is None else (best[0], best[1], best[2], min(2 * best[3], 1.0))


def _sides(sums: np.ndarray, load: np.ndarray, active: np.ndarray) -> list[np.ndarray]:
    """Ways to part annotators: by the signs of two leading eigenvectors, each then moved to where it agrees more."""
    from scipy.sparse.linalg import eigsh

    root = np.sqrt(np.maximum(load, 1.0))
    scaled = sums / root[:, None] / root[None, :]
    start = np.random.default_rng(1).standard_normal(len(load))
    vectors = eigsh(scaled, k=2, which="LA", v0=start)[1][:, ::-1] if len(load) > 2 else np.ones((len(load), 1))
    found = []
    for vector in vectors.T:
        side = np.where(active, np.sign(vector), 0.0)
        for _ in range(_ROUNDS):
            pull = sums @ np.where(side > 0, 1.0 / max((load * (side > 0)).sum(), 1.0), 0.0) - sums @ np.where(
                side < 0, 1.0 / max((load * (side < 0)).sum(), 1.0), 0.0
            )
            moved = np.where(active, np.sign(pull), 0.0)
            if (moved == side).all():
                break
            side = moved
        found.append(side)
    return found


def _tested(
    side: np.ndarray, votes: Votes, here: np.ndarray, tests: np.ndarray, chance: float
) -> tuple[float, float, float] | None:
    """Mean e within the less united school, and between both, and the p-value; None where schools are no matter."""
    from workbench.annotators.copying_kernels import alike_of_schools

    n, alike, squares = alike_of_schools(side.astype(np.int8), votes, here, tests)
    if n.min() < LEAST_ITEMS // 2:
        return None
    means = (alike / n - chance).tolist()
    within, between = min(means[:2]), means[2]
    if within < _TELLING or between > within / 2:
        return None
    p = max(
        float(stats.norm.sf((mean - between) / max(error, 1e-9)))
        for mean, error in zip(means[:2], np.sqrt(squares).tolist(), strict=True)
    )
    return within, between, p
