r"""Who judges faster than the texts can be read?

The time of a judgement is held against its length: $\ln t = a + b \ln(\text{words})$, fitted robustly over the crew;
the residual is how much slower (above 0) or faster (below) than usual it was. Two kinds of judgement are told apart by
a mixture of two normal distributions of the residuals, rapid and ordinary (Schnipke & Scrams 1997, *Modeling item
response times with a two-state mixture model*), which gives each judgement a chance to have been rapid. They are two
kinds only where two bells explain the times clearly better than one, be it lopsided, and lie well apart; else there is
one hump and nothing is rapid. Beside it stands a floor: the time to skim the words at `skim` times the usual reading
speed of 238 words a minute (Brysbaert 2019, *How many words do we read per minute?*).

Long pauses say nothing about care: times are capped before anything is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.dataset.usable_times import Times, timed_units, usable_times, words_to_read

READING = 238.0
"""Words of non-fiction that most adults read in a minute."""

SKIM = 3.0
"""Nobody reads this many times as fast and takes anything in."""

_IDLE = 3.0
_LEAST_PAIR = 20
_FIT_SAMPLE = 50_000
_ROUNDS = 60
_LEAST_SPREAD = 0.15
_LEAST_APART = 0.7
_LEAST_SEPARATION = 2.5
_BINS = 400
_CLEAR_GAIN = 5.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Speed:
    """How fast each judgement and each annotator was.

    Attributes
    ----------
    times : whether times could be used; where not, the other fields are empty or NaN.
    unit : what a time belongs to: `judgement`, or `batch` where those of a batch share theirs.
    residual : float32 (n_annotations,): log-time beyond what the length explains, NaN where unknown.
    rapid : float32 (n_annotations,): chance that the judgement was a rapid one.
    under_floor : int8 (n_annotations,): 1 = faster than skimming, 0 = not, -1 = unknown (no time or no text).
    slope, spread : b, and the standard deviation of the ordinary residuals.
    capped : times whose idle part was cut.
    stands : bool (n_annotations,): one judgement for each time, where those of a batch share one; all of them
        elsewhere.
    kinds : 2 where rapid judgements stand apart, 1 where there is one hump, 0 where times cannot be used.
    annotators : one row an annotator: `timed` (judgements, or batches, with a time), `pace` (median residual, as a
        factor: 0.5 = half the usual time), `under_floor_share`, `rapid_share` (NaN where there is one hump), `speed_p`
        (chance of so low a pace in this crew).
    """

    times: Times
    unit: str
    residual: np.ndarray
    rapid: np.ndarray
    under_floor: np.ndarray
    slope: float
    spread: float
    capped: int
    stands: np.ndarray
    kinds: int
    annotators: pd.DataFrame

    @property
    def flagged_annotations(self) -> int | None:
        """Judgements faster than skimming, or without a text more likely rapid than not; None where times cannot be
        used.
        """
        return int(self.too_fast.sum()) if self.times.usable else None

    @property
    def too_fast(self) -> np.ndarray:
        """Which these are; bool (n_annotations,)."""
        fast: np.ndarray = np.where(self.under_floor >= 0, self.under_floor == 1, self.rapid > 0.5)
        return fast


def floor_seconds(words: np.ndarray, skim: float = SKIM) -> np.ndarray:
    r"""Time below which nobody can have read: $60 \cdot \text{words} / (238 k)$ seconds.

    >>> floor_seconds(np.array([450])).round(1).tolist()
    [37.8]
    """
    return 60.0 * np.asarray(words, float) / (skim * READING)


def speed(data: AnnotationSet, *, skim: float = SKIM) -> Speed:
    """Who judges faster than the texts can be read?

    Parameters
    ----------
    data : the annotations, repeats included; AI judges, who do not read, are left out.
    skim : how many times the usual reading speed is impossible.
    """
    rows, a = data.annotations, len(data.annotators)
    times = usable_times(data)
    n = len(rows)
    nothing = pd.DataFrame(
        {
            "timed": np.zeros(a, int),
            "pace": np.nan,
            "under_floor_share": np.nan,
            "rapid_share": np.nan,
            "speed_p": np.nan,
        }
    )
    blank = np.full(n, np.nan, np.float32)
    if not times.usable:
        return Speed(
            times=times,
            unit="judgement",
            residual=blank,
            rapid=blank,
            under_floor=np.full(n, -1, np.int8),
            slope=np.nan,
            spread=np.nan,
            capped=0,
            stands=np.ones(n, bool),
            kinds=0,
            annotators=nothing,
        )
    who, seconds = rows["annotator"].to_numpy(), rows["seconds"].to_numpy(float)
    of_item = words_to_read(data).astype(float)
    words, log_words = of_item[rows["item"].to_numpy()], np.log(np.maximum(of_item, 1.0))[rows["item"].to_numpy()]
    unit, of, weight = timed_units(data, seconds)
    if unit == "batch":
        # One time for the whole batch: it is held against all the words of the batch.
        words = np.where(words >= 0, words, np.nan)
        words = np.bincount(of, weights=np.nan_to_num(words))[of]
        words[np.bincount(of, weights=~np.isfinite(of_item[rows["item"].to_numpy()]))[of] > 0] = -1
        log_words = np.log(np.maximum(words, 1.0))
    used = (
        np.isfinite(seconds)
        & (seconds > 0)
        & (rows["label"].to_numpy() != NULL)
        & (data.annotators["kind"].to_numpy() != "ai")[who]
    )
    if not used.any():
        known = replace(times, usable=False, reason="only AI judges have times", median_seconds=None)
        return Speed(
            times=known,
            unit="judgement",
            residual=blank,
            rapid=blank,
            under_floor=np.full(n, -1, np.int8),
            slope=np.nan,
            spread=np.nan,
            capped=0,
            stands=np.ones(n, bool),
            kinds=0,
            annotators=nothing,
        )
    log_time = np.log(np.where(used, seconds, 1.0))
    has_text = used & (words > 0)
    slope, level = _line(log_words[has_text], log_time[has_text])
    usual = level + slope * log_words
    if (used & ~has_text).any():
        usual = np.where(words > 0, usual, np.median(log_time[used]))
    residual = np.where(used, log_time - usual, np.nan)
    held = residual[used]
    middle = np.median(held)
    residual, held = residual - middle, held - middle
    scale = max(1.4826 * float(np.median(np.abs(held, out=held), overwrite_input=True)), _LEAST_SPREAD)
    cap = _IDLE * scale
    one = used & weight
    capped = int((residual[one] > cap).sum())
    residual = np.minimum(residual, cap)
    rapid, spread, kinds = _rapid(residual, one)
    floor = np.full(n, -1, np.int8)
    floor[has_text] = seconds[has_text] < floor_seconds(words[has_text], skim)
    table = _by_annotator(who, a, residual, rapid, floor, one)
    if kinds == 1:
        table["rapid_share"] = np.nan
    return Speed(
        times=times,
        unit=unit,
        residual=residual.astype(np.float32),
        rapid=rapid.astype(np.float32),
        under_floor=floor,
        slope=slope,
        spread=spread,
        capped=capped,
        stands=weight,
        kinds=kinds,
        annotators=table,
    )


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and level of a robust line: medians of y in twenty equal groups of x, and the median of the slopes between
    them (Theil-Sen).
    """
    if len(x) < _LEAST_PAIR or np.ptp(x) == 0:
        return 0.0, float(np.median(y)) if len(y) else 0.0
    if len(x) > _FIT_SAMPLE:
        step = len(x) // _FIT_SAMPLE
        x, y = x[::step], y[::step]
    order = np.argsort(x, kind="stable")
    groups = np.array_split(order, min(20, len(x) // 5))
    mx, my = np.array([np.median(x[g]) for g in groups]), np.array([np.median(y[g]) for g in groups])
    i, j = np.triu_indices(len(mx), 1)
    apart = mx[j] - mx[i] > 1e-9
    if not apart.any():
        return 0.0, float(np.median(y))
    slope = float(np.clip(np.median((my[j] - my[i])[apart] / (mx[j] - mx[i])[apart]), 0.0, 1.5))
    return slope, float(np.median(y - slope * x))


def _rapid(residual: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, float, int]:
    """Chance of each judgement to be rapid, by a mixture of two normals fitted to a histogram, the spread of the
    ordinary ones, and how many kinds there are.

    There is one kind, and nothing is rapid, where the two would lie closer together than a factor of two in time or
    than `_LEAST_SEPARATION` of their spreads (more than a tenth of each would then lie on the other's side), or where
    one bell, even or lopsided, explains the times as well.
    """
    values = residual[used]
    edges = np.linspace(values.min() - 1e-6, values.max() + 1e-6, _BINS + 1)
    # By their range and not by their edges: numpy then need not sort the values to count them.
    count = np.histogram(values, _BINS, (edges[0], edges[-1]))[0].astype(float)
    x = (edges[:-1] + edges[1:]) / 2
    mean, sd, share = np.array([-1.5, 0.0]), np.array([0.5, 0.5]), np.array([0.1, 0.9])
    for _ in range(_ROUNDS):
        density = share * np.exp(-0.5 * ((x[:, None] - mean) / sd) ** 2) / sd
        part = count[:, None] * density / np.maximum(density.sum(1, keepdims=True), 1e-300)
        total = np.maximum(part.sum(0), 1e-9)
        share = total / total.sum()
        mean = (part * x[:, None]).sum(0) / total
        sd = np.maximum(np.sqrt((part * (x[:, None] - mean) ** 2).sum(0) / total), _LEAST_SPREAD)
    ordinary = float(sd[1])
    total = count.sum()
    two = float(
        (count * np.log(np.maximum((share * np.exp(-0.5 * ((x[:, None] - mean) / sd) ** 2) / sd).sum(1), 1e-300))).sum()
    )
    # Schwarz's criterion: two kinds have three numbers more than an even bell, and two more than a lopsided one.
    gain = two - _one_bell(x, count, lopsided=False) - 1.5 * np.log(total)
    over_lopsided = two - _one_bell(x, count, lopsided=True) - 1.0 * np.log(total)
    separation = (mean[1] - mean[0]) / np.sqrt((sd**2).mean())
    if (
        mean[1] - mean[0] < _LEAST_APART
        or separation < _LEAST_SEPARATION
        or share[0] > 0.6
        or min(gain, over_lopsided) < _CLEAR_GAIN
    ):
        whole = max(1.4826 * float(np.median(np.abs(values - np.median(values)))), _LEAST_SPREAD)
        return np.where(np.isfinite(residual), 0.0, np.nan), whole, 1
    density = share * np.exp(-0.5 * ((x[:, None] - mean) / sd) ** 2) / sd
    chance = density[:, 0] / np.maximum(density.sum(1), 1e-300)
    # Far above the mean a wide rapid component would win again.
    chance = np.where(x > mean[0] + 0.5 * (mean[1] - mean[0]), np.minimum(chance, 0.5), chance)
    place = np.clip(np.nan_to_num((residual - edges[0]) / (edges[1] - edges[0])), 0, _BINS - 1).astype(np.int64)
    return np.where(np.isfinite(residual), chance[place], np.nan), ordinary, 2


def _one_bell(x: np.ndarray, count: np.ndarray, *, lopsided: bool) -> float:
    """Highest log-likelihood of one normal distribution, or of one with a spread of its own on each side of its peak
    (John 1982).

    Up to a constant that is the same as for two, (2 pi)^(-n/2).
    """
    total = count.sum()
    mean = float((count * x).sum() / total)
    if not lopsided:
        spread = max(float((count * (x - mean) ** 2).sum() / total), _LEAST_SPREAD**2)
        return float((count * (-0.5 * (x - mean) ** 2 / spread)).sum() - 0.5 * total * np.log(spread))
    best = -np.inf
    for peak in x[::4]:
        square = count * (x - peak) ** 2
        left, right = float(square[x < peak].sum()), float(square[x >= peak].sum())
        below = max((left + np.cbrt(left**2 * right)) / total, _LEAST_SPREAD**2)
        above = max((right + np.cbrt(right**2 * left)) / total, _LEAST_SPREAD**2)
        fit = -0.5 * (left / below + right / above) + total * np.log(2 / (np.sqrt(below) + np.sqrt(above)))
        best = max(best, float(fit))
    return best


def _by_annotator(
    who: np.ndarray, a: int, residual: np.ndarray, rapid: np.ndarray, floor: np.ndarray, used: np.ndarray
) -> pd.DataFrame:
    timed = np.bincount(who[used], minlength=a)
    median = pd.Series(residual[used]).groupby(who[used]).median().reindex(range(a)).to_numpy(float)
    held = used & (floor >= 0)
    n_held = np.bincount(who[held], minlength=a)
    under = np.divide(
        np.bincount(who[held], weights=floor[held], minlength=a), n_held, out=np.full(a, np.nan), where=n_held > 0
    )
    share = np.divide(
        np.bincount(who[used], weights=rapid[used], minlength=a), timed, out=np.full(a, np.nan), where=timed > 0
    )
    known = timed > 0
    if known.sum() >= 3:
        centre = np.median(median[known])
        between = max(1.4826 * float(np.median(np.abs(median[known] - centre))), _LEAST_SPREAD)
    else:
        centre, between = 0.0, 3 * _LEAST_SPREAD
    within = np.nanstd(residual[used]) * np.sqrt(np.pi / 2) / np.sqrt(np.maximum(timed, 1))
    with np.errstate(invalid="ignore"):
        # Paces have heavier tails than a normal distribution; Student's t with 20 degrees of freedom allows for that.
        p = stats.t.cdf((median - centre) / np.hypot(between, within), 20)
    return pd.DataFrame(
        {
            "timed": timed,
            "pace": np.exp(median),
            "under_floor_share": under,
            "rapid_share": share,
            "speed_p": np.where(known, p, np.nan),
        }
    )
