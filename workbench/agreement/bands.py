"""Readings of a coefficient: bands that people have named, how sure the data make one, and what humans reach elsewhere.

Bands are one reading among others, and none of them is a gate for preference data. With two labels equally common,
kappa is 2a - 1 for a share a of agreeing pairs, so Landis and Koch's "substantial" (.61) asks for agreement on 80% of
pairs, while the published preference sets lie between 63 and 81%. Compare with those, and look at the interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from workbench.estimates import Estimate


@dataclass(frozen=True)
class Band:
    """A stretch of a coefficient's scale that somebody gave a name.

    Attributes
    ----------
    low, high : where it begins (included) and ends.
    name : what it is called.
    source : by whom.
    """

    low: float
    high: float
    name: str
    source: str


def _bands(source: str, *edges: tuple[float, str]) -> tuple[Band, ...]:
    highs = [low for low, _ in edges[1:]] + [1.0]
    return tuple(Band(low, high, name, source) for (low, name), high in zip(edges, highs, strict=True))


LANDIS_KOCH = _bands(
    "Landis & Koch (1977), Biometrics 33, 159-174; the authors call the divisions arbitrary",
    (-1.0, "poor"),
    (0.0, "slight"),
    (0.21, "fair"),
    (0.41, "moderate"),
    (0.61, "substantial"),
    (0.81, "almost perfect"),
)
"""For kappa of two raters. No gate for preference data, see above."""

KRIPPENDORFF = _bands(
    "Krippendorff (2004), Content Analysis, 2nd ed., p. 241; for conclusions drawn from the labels of content",
    (-1.0, "discard"),
    (0.667, "tentative conclusions only"),
    (0.8, "reliable"),
)
"""For alpha of coded content, where one true answer exists; of human preferences no published set comes near."""


@dataclass(frozen=True)
class Ceiling:
    """What annotators reached on a published preference set.

    Attributes
    ----------
    low, high : the published figure, or its range.
    measure : `percent_agreement` or a coefficient.
    name, source, note : which set, from where, and what to keep in mind.
    """

    low: float
    high: float
    measure: str
    name: str
    source: str
    note: str = ""


CEILINGS: tuple[Ceiling, ...] = (
    Ceiling(
        0.711,
        0.741,
        "percent_agreement",
        "InstructGPT, training labelers",
        "Ouyang et al. (2022), arXiv 2203.02155",
        "72.6 +- 1.5%; held-out labelers 77.3 +- 1.3%",
    ),
    Ceiling(
        0.69,
        0.77,
        "percent_agreement",
        "Summaries, researchers among themselves",
        "Stiennon et al. (2020), arXiv 2009.01325",
        "73 +- 4%",
    ),
    Ceiling(
        0.63,
        0.63,
        "percent_agreement",
        "Helpful and harmless, researchers with crowd workers",
        "Bai et al. (2022), arXiv 2204.05862",
        "about 63%",
    ),
    Ceiling(
        0.37,
        0.55,
        "gwet_ac2",
        "Llama 2, helpfulness reviews",
        "Touvron et al. (2023), arXiv 2307.09288",
        "AC2, by batch and model",
    ),
    Ceiling(
        0.81,
        0.81,
        "percent_agreement",
        "MT-bench, humans among themselves",
        "Zheng et al. (2023), arXiv 2306.05685",
        "without ties",
    ),
    Ceiling(
        0.657,
        0.657,
        "percent_agreement",
        "AlpacaFarm, one human against the mode of the others",
        "Dubois et al. (2023), arXiv 2305.14387",
        "four annotators an item",
    ),
)
"""Agreement of humans on preferences as published: where a good set can be expected to lie."""


def membership(estimate: Estimate, bands: tuple[Band, ...]) -> dict[str, float]:
    """Probability that the coefficient lies in each band, given its same-crew interval, best band first.

    The estimate is taken as normal around its value, within -1 and 1, with the standard error its interval stands for.
    Empty where the estimate has no interval.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 6.
    """
    error = _standard_error(estimate)
    if estimate.value is None or error is None:
        return {}
    value = estimate.value

    def below(x: float) -> float:
        return float(special.ndtr((x - value) / error))

    whole = below(1.0) - below(-1.0)
    return {b.name: (below(b.high) - below(b.low)) / whole for b in reversed(bands)}


def assured_band(estimate: Estimate, bands: tuple[Band, ...], probability: float = 0.95) -> Band | None:
    """The best band that the coefficient reaches at least, with this probability; None without an interval.

    A value of .775 with a standard error of .143 is "substantial" as a number, and only "moderate" as an estimate.

    References
    ----------
    Gwet, K. L. (2014), as for `membership`.
    """
    reached = 0.0
    inside = membership(estimate, bands)
    for band in reversed(bands):
        if not inside:
            return None
        reached += inside[band.name]
        if reached >= probability:
            return band
    return bands[0] if inside else None


def _standard_error(estimate: Estimate) -> float | None:
    interval = estimate.same_crew
    if interval is None:
        return None
    return max(interval.width / (2 * float(special.ndtri((1 + interval.level) / 2))), math.ulp(1.0))
