"""How long each judgement took, in words a minute and beside what is usual, and who is above a floor of one's own
choosing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.annotators.speed import READING, SKIM, Speed
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.dataset.usable_times import timed_units, words_to_read

FLOORS = tuple(range(250, 2_050, 50))
"""Words a minute that a floor can stand at."""

USUAL_FLOOR = round(READING * SKIM / 50) * 50
"""Three times the usual reading speed, to the nearest fifty."""

_LISTED = 1_000
_OCTAVES = np.arange(-5.0, 2.0 + 1e-9, 0.125)
_LEAST_FOR_INTERVAL = 6


@dataclass(frozen=True, eq=False)
class Reading:
    """Words a minute of every judgement.

    Attributes
    ----------
    words_a_minute : float32 (n_annotations,): words of prompt and responses over the time; NaN without a time, a text
        or a label. Where the judgements of a batch share one time, of the whole batch.
    annotator : int64 (n_annotations,).
    n_annotators : how many there are.
    """

    words_a_minute: np.ndarray
    annotator: np.ndarray
    n_annotators: int

    @cached_property
    def above(self) -> np.ndarray:
        """int64 (n_annotators, len(FLOORS)): judgements faster than each floor."""
        known = np.flatnonzero(np.isfinite(self.words_a_minute))
        passed = np.searchsorted(np.asarray(FLOORS, float), self.words_a_minute[known], side="left")
        flat = self.annotator[known] * (len(FLOORS) + 1) + passed
        counts = np.bincount(flat, minlength=self.n_annotators * (len(FLOORS) + 1)).reshape(self.n_annotators, -1)
        above: np.ndarray = counts[:, ::-1].cumsum(1)[:, ::-1][:, 1:]
        return above

    @cached_property
    def held(self) -> np.ndarray:
        """int64 (n_annotators,): judgements whose speed is known."""
        return np.bincount(self.annotator[np.isfinite(self.words_a_minute)], minlength=self.n_annotators)

    @cached_property
    def median(self) -> float | None:
        """Words a minute of the middle judgement; None where no speed is known."""
        known = self.words_a_minute[np.isfinite(self.words_a_minute)]
        return float(np.median(known)) if len(known) else None

    @cached_property
    def medians(self) -> np.ndarray:
        """Words a minute of each annotator's middle judgement, float64 (n_annotators,); NaN where no speed is known."""
        of_each = pd.Series(self.words_a_minute.astype(float)).groupby(self.annotator).median()
        return of_each.reindex(range(self.n_annotators)).to_numpy(float)

    def faster(self, floor: int) -> tuple[int, int, int]:
        """Judgements faster than one of `FLOORS`, judgements with a known speed, and annotators of whom it is a quarter
        or more.
        """
        above = self.above[:, FLOORS.index(floor)]
        with np.errstate(invalid="ignore"):
            often = int((above / self.held >= 0.25).sum())
        return int(above.sum()), int(self.held.sum()), often


def reading(data: AnnotationSet) -> Reading:
    """How fast would each judgement's texts have been read?

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = reading(simulate(1_000, seed=1).data)
    >>> found.faster(1_000)[0] <= found.faster(500)[0]
    True
    """
    rows = data.annotations
    seconds = rows["seconds"].to_numpy(float)
    words = words_to_read(data)[rows["item"].to_numpy()].astype(float)
    unit, of, stands = timed_units(data, seconds)
    known = np.isfinite(seconds) & (seconds > 0) & (rows["label"].to_numpy() != NULL) & (words > 0)
    if unit == "batch":
        whole = np.bincount(of, weights=words < 0)[of] == 0
        words = np.bincount(of, weights=np.maximum(words, 0.0))[of]
        known &= whole & stands
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(known, 60.0 * words / seconds, np.nan)
    return Reading(speed.astype(np.float32), rows["annotator"].to_numpy().astype(np.int64), len(data.annotators))


def faster_items(data: AnnotationSet, found: Reading, floor: float, annotator: str | None = None) -> np.ndarray:
    """Items of the judgements faster than so many words a minute, by position; of one annotator or of all."""
    return np.unique(data.annotations["item"].to_numpy()[_faster(data, found, floor, annotator)])


def fastest(
    data: AnnotationSet, found: Reading, times: Speed, floor: float, annotator: str | None = None
) -> pd.DataFrame:
    """The judgements faster than so many words a minute, the fastest first, a thousand at most; columns of
    `judgement_times`.
    """
    rows = _faster(data, found, floor, annotator)
    return _judgements(data, found, times, rows[np.argsort(-found.words_a_minute[rows], kind="stable")][:_LISTED])


def likeliest_rapid(data: AnnotationSet, found: Reading, times: Speed) -> pd.DataFrame:
    """The judgements more likely rapid than not, the likeliest first, a thousand at most; columns of
    `judgement_times`.
    """
    rows = np.flatnonzero(np.nan_to_num(times.rapid) > 0.5)
    return _judgements(data, found, times, rows[np.lexsort((times.residual[rows], -times.rapid[rows]))][:_LISTED])


def judgement_times(data: AnnotationSet, found: Reading, times: Speed) -> pd.DataFrame:
    """Every judgement whose time is used, in the order of the export.

    Returns
    -------
    Frame with `item_id`, `annotator`, `label`, `seconds`, `words_a_minute` (NaN without texts), `residual` (log-time
    beyond what is usual for the length of the texts: below 0 = faster) and `rapid` (chance that the judgement is of the
    rapid kind; 0 where there is only one kind, NaN where that is not known).
    """
    return _judgements(data, found, times, np.flatnonzero(np.isfinite(times.residual)))


def _judgements(data: AnnotationSet, found: Reading, times: Speed, rows: np.ndarray) -> pd.DataFrame:
    table = data.rows(rows)[["item_id", "annotator", "label", "seconds"]]
    return table.assign(
        words_a_minute=found.words_a_minute[rows], residual=times.residual[rows], rapid=times.rapid[rows]
    )


def used_times(data: AnnotationSet, times: Speed) -> tuple[int, dict[str, int]]:
    """How many judgements' times are used, and why the others are not: reason -> judgements."""
    rows = data.annotations
    seconds, skipped = rows["seconds"].to_numpy(float), rows["label"].to_numpy() == NULL
    ai = (data.annotators["kind"].to_numpy() == "ai")[rows["annotator"].to_numpy()]
    without, blank = ~np.isfinite(seconds), seconds <= 0
    reasons = {
        "skips": skipped,
        "by AI judges, who do not read": ai & ~skipped,
        "without a time": without & ~skipped & ~ai,
        "with a time of zero or less": blank & ~skipped & ~ai,
    }
    return int(np.isfinite(times.residual).sum()), {name: int(left.sum()) for name, left in reasons.items()}


def _faster(data: AnnotationSet, found: Reading, floor: float, annotator: str | None) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        hit = found.words_a_minute > floor
    if annotator is not None:
        hit &= data.annotators["annotator"].to_numpy()[found.annotator] == annotator
    return np.flatnonzero(hit)


def time_bars(found: Speed, data: AnnotationSet, annotator: int | None = None) -> pd.DataFrame:
    """How many judgements (or batches, where those of one share a time) took which multiple of the usual time, in steps
    of an eighth of an octave.

    Parameters
    ----------
    annotator : position of one annotator; all by default.

    Returns
    -------
    Frame with `from`, `to` (multiples of the usual time for the length of the texts; from 0 to a 32nd, and from 4 to
    infinity at the ends), `rapid` and `ordinary` (each time split by its chance to have been rapid; they need not be
    whole numbers). All of them together are `timed` in `pace_table`.
    """
    octaves = found.residual.astype(float) / np.log(2.0)
    used = np.isfinite(octaves) & found.stands
    if annotator is not None:
        used &= data.annotations["annotator"].to_numpy() == annotator
    edges = np.concatenate([[0.0], 2.0**_OCTAVES, [np.inf]])
    place = np.searchsorted(_OCTAVES, octaves[used], side="right")
    share = np.nan_to_num(found.rapid[used].astype(float))
    whole = np.bincount(place, minlength=len(edges) - 1)
    rapid = np.bincount(place, weights=share, minlength=len(edges) - 1)
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rapid": rapid, "ordinary": whole - rapid})


def rapid_share(bars: pd.DataFrame) -> float | None:
    """Share of the times of `time_bars` that look rapid, 0 where no rapid kind stands apart; None where there are
    none.
    """
    whole = float(bars["rapid"].sum() + bars["ordinary"].sum())
    return float(bars["rapid"].sum()) / whole if whole else None


def pace_table(data: AnnotationSet, found: Speed, read: Reading, floor: int, level: float = 0.05) -> pd.DataFrame:
    """One row an annotator with times, in order of the evidence for being fast: one quick judgement is less than fifty.

    Returns
    -------
    Frame with `annotator`, `timed`, `median_seconds`, `pace` (share of the usual time), `pace_low`, `pace_high` (95%
    interval; NaN with fewer than six times), `rapid_share`, `under_floor`, `under_floor_share` (faster than `floor`
    words a minute), `adjusted_p` (chance of so low a pace in this crew, corrected for all annotators) and `fast`
    (adjusted_p at most `level`).
    """
    from workbench.statistics.multiplicity import false_discovery_adjusted

    table = found.annotators.copy()
    table.insert(0, "annotator", data.annotators["annotator"].to_numpy())
    times = data.annotations.loc[found.stands, ["annotator", "seconds"]].astype(float)
    seconds = times.groupby("annotator")["seconds"].median()
    table["median_seconds"] = seconds.reindex(range(len(table))).to_numpy(float)
    table["pace_low"], table["pace_high"] = _pace_interval(data, found)
    table["under_floor"] = read.above[:, FLOORS.index(floor)]
    with np.errstate(invalid="ignore"):
        table["under_floor_share"] = table["under_floor"] / read.held
    table["adjusted_p"] = false_discovery_adjusted(table["speed_p"].to_numpy(float))
    table["fast"] = table["adjusted_p"] <= level
    columns = [
        "annotator",
        "timed",
        "median_seconds",
        "pace",
        "pace_low",
        "pace_high",
        "rapid_share",
        "under_floor",
        "under_floor_share",
        "adjusted_p",
        "fast",
    ]
    known = table[table["timed"] > 0].sort_values(["speed_p", "pace"], kind="stable")
    return known[columns].reset_index(drop=True)


def _pace_interval(data: AnnotationSet, found: Speed, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Interval of each annotator's median pace from its own times alone, whatever their distribution.

    The median lies between the j-th smallest time and the j-th largest with chance 1 - 2 P(Binomial(n, 1/2) < j) (David
    & Nagaraja 2003, *Order Statistics*, 7.1); j is the largest for which that is `level` or more, which takes six
    times.
    """
    from scipy import stats

    rows = data.annotations
    used = np.flatnonzero(np.isfinite(found.residual) & found.stands)
    who, a = rows["annotator"].to_numpy()[used].astype(np.int64), len(data.annotators)
    ordered = found.residual[used][np.lexsort((found.residual[used], who))].astype(float)
    n = np.bincount(who, minlength=a)
    first = np.cumsum(n) - n
    rank = stats.binom.ppf((1 - level) / 2, np.maximum(n, 1), 0.5).astype(np.int64)
    low, high = np.full(a, np.nan), np.full(a, np.nan)
    known = n >= _LEAST_FOR_INTERVAL
    low[known] = ordered[(first + rank - 1)[known]]
    high[known] = ordered[(first + n - rank)[known]]
    return np.exp(low), np.exp(high)
