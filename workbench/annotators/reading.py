"""How many words a minute a judgement would have taken to read, and who is above a floor of one's own choosing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.annotations import AnnotationSet
from workbench.annotators.speed import READING, SKIM, Speed
from workbench.annotators.times import timed_units, words_to_read
from workbench.labels import NULL

FLOORS = tuple(range(250, 2_050, 50))
"""Words a minute that a floor can stand at."""

USUAL_FLOOR = round(READING * SKIM / 50) * 50
"""Three times the usual reading speed, to the nearest fifty."""

_LISTED = 1_000
_OCTAVES = np.arange(-5.0, 2.0 + 1e-9, 0.125)


@dataclass(frozen=True, eq=False)
class Reading:
    """Words a minute of every judgement.

    Attributes
    ----------
    words_a_minute : float32 (n_annotations,): words of prompt and responses over the time; NaN without a time, a text or a label. Where the
        judgements of a batch share one time, of the whole batch.
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

    def faster(self, floor: int) -> tuple[int, int, int]:
        """Judgements faster than one of `FLOORS`, judgements with a known speed, and annotators of whom it is a quarter or more."""
        above = self.above[:, FLOORS.index(floor)]
        with np.errstate(invalid="ignore"):
            often = int((above / self.held >= 0.25).sum())
        return int(above.sum()), int(self.held.sum()), often


def reading(data: AnnotationSet) -> Reading:
    """How fast would each judgement's texts have been read?

    Examples
    --------
    >>> from workbench.simulate import simulate
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


def fastest(data: AnnotationSet, found: Reading, floor: float, annotator: str | None = None) -> pd.DataFrame:
    """The judgements faster than so many words a minute, the fastest first: item, annotator, label, seconds, words a minute; a thousand at most."""
    rows = _faster(data, found, floor, annotator)
    rows = rows[np.argsort(-found.words_a_minute[rows], kind="stable")][:_LISTED]
    table = data.rows(rows)[["item_id", "annotator", "label", "seconds"]]
    return table.assign(words_a_minute=found.words_a_minute[rows])


def _faster(data: AnnotationSet, found: Reading, floor: float, annotator: str | None) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        hit = found.words_a_minute > floor
    if annotator is not None:
        hit &= data.annotators["annotator"].to_numpy()[found.annotator] == annotator
    return np.flatnonzero(hit)


def time_bars(found: Speed, data: AnnotationSet, annotator: int | None = None) -> pd.DataFrame:
    """How many judgements took which multiple of the usual time, in steps of an eighth of an octave.

    Parameters
    ----------
    annotator : position of one annotator; all by default.

    Returns
    -------
    Frame with `from`, `to` (multiples of the usual time for the length of the texts), `rapid` and `ordinary` (judgements, each split by its chance to
    have been rapid; they need not be whole numbers).
    """
    octaves = found.residual.astype(float) / np.log(2.0)
    used = np.isfinite(octaves)
    if annotator is not None:
        used &= data.annotations["annotator"].to_numpy() == annotator
    place = np.clip(np.searchsorted(_OCTAVES, octaves[used], side="right") - 1, 0, len(_OCTAVES) - 2)
    share = np.nan_to_num(found.rapid[used].astype(float))
    whole = np.bincount(place, minlength=len(_OCTAVES) - 1)
    rapid = np.bincount(place, weights=share, minlength=len(_OCTAVES) - 1)
    return pd.DataFrame({"from": 2.0 ** _OCTAVES[:-1], "to": 2.0 ** _OCTAVES[1:], "rapid": rapid, "ordinary": whole - rapid})


def rapid_share(bars: pd.DataFrame) -> float | None:
    """Share of the judgements of `time_bars` that look rapid; None where there are none."""
    whole = float(bars["rapid"].sum() + bars["ordinary"].sum())
    return float(bars["rapid"].sum()) / whole if whole else None


def pace_table(data: AnnotationSet, found: Speed, read: Reading, floor: int, level: float = 0.05) -> pd.DataFrame:
    """One row an annotator with times, the quickest first.

    Returns
    -------
    Frame with `annotator`, `timed`, `median_seconds`, `pace` (share of the usual time), `rapid_share`, `under_floor`, `under_floor_share` (faster than
    `floor` words a minute), `adjusted_p` (chance of so low a pace in this crew, corrected for all annotators) and `fast` (adjusted_p at most
    `level`).
    """
    from workbench.annotators.multiplicity import false_discovery_adjusted

    table = found.annotators.copy()
    table.insert(0, "annotator", data.annotators["annotator"].to_numpy())
    seconds = pd.Series(data.annotations["seconds"].to_numpy(float)).groupby(data.annotations["annotator"].to_numpy()).median()
    table["median_seconds"] = seconds.reindex(range(len(table))).to_numpy(float)
    table["under_floor"] = read.above[:, FLOORS.index(floor)]
    with np.errstate(invalid="ignore"):
        table["under_floor_share"] = table["under_floor"] / read.held
    table["adjusted_p"] = false_discovery_adjusted(table["speed_p"].to_numpy(float))
    table["fast"] = table["adjusted_p"] <= level
    columns = ["annotator", "timed", "median_seconds", "pace", "rapid_share", "under_floor", "under_floor_share", "adjusted_p", "fast"]
    return table.loc[table["timed"] > 0, columns].sort_values("pace", kind="stable").reset_index(drop=True)
