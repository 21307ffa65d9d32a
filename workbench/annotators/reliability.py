r"""How likely is a label of this annotator right, all evidence together?

Each kind of evidence e gives an estimate $x_e$ of the log-odds that a label has the right direction, with a standard
error $s_e$. They are joined with what is known of the crew, $N(\mu, \tau^2)$, by their precision: $x = \mu + \sum_e
c_e$ with $c_e = \frac{w_e (x_e - \mu) / s_e^2}{1 / \tau^2 + \sum_e w_e / s_e^2}$. So the parts $c_e$ add up to the
whole, a weight of 0 leaves evidence out, and 1 counts it as what it is.

Evidence is kept apart: gold is counted on gold items, agreement with others on the other ones, on the scale of the gold
(`workbench.annotators.gold_calibration`). Repeats, side, speed and drift say less about being right; their standard
errors say how much less, and their weights are the user's to move. The error that the scale has in common for everybody
is added to the interval, as far as one's own gold answers leave room for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit, logit

from workbench.annotators.estimated import told_log_odds
from workbench.annotators.gold_calibration import crew_spread
from workbench.annotators.peers import agreement_with_others
from workbench.annotators.survey import Survey, survey
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL

PARTS = ("gold", "peers", "consistency", "side", "speed", "drift")
"""Kinds of evidence, in the order of the columns."""

_LOOSE = {"consistency": 1.0, "side": 0.5, "speed": 1.5, "drift": 0.5}
"""Standard deviation, in log-odds, with which accuracy scatters around what each of these suggests. A worker's speed
hardly predicts accuracy."""

_CLEAR = 0.05

UNKNOWN = "no gold answer, and nobody else labelled the same items"
"""Why nothing is known about an annotator."""


@dataclass(frozen=True)
class Weights:
    """How much each kind of evidence counts: 1 = as its standard error says, 0 = not at all.

    Attributes
    ----------
    gold : direction right on gold items.
    peers : direction by what others say of the same items (Dawid-Skene, own vote left out), items without gold.
    consistency : the same again when a pair is judged again; it bounds accuracy from above, so only low consistency
        says much.
    side : choices taken by a side are right half of the time.
    speed : judgements too fast to have read are right by chance.
    drift : where somebody became worse, accuracy since then.
    """

    gold: float = 1.0
    peers: float = 1.0
    consistency: float = 0.5
    side: float = 1.0
    speed: float = 1.0
    drift: float = 1.0


Evidence = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Kind of evidence -> log-odds it suggests for each annotator, and their standard errors; NaN where there is none."""


def reliability(
    data: AnnotationSet | Survey,
    weights: Weights | None = None,
    level: float = 0.95,
    *,
    evidence: Evidence | None = None,
) -> pd.DataFrame:
    """How likely is a label of each annotator right?

    Parameters
    ----------
    data : the annotations, or what `survey` found in them.
    weights : of the kinds of evidence.
    level : probability that the interval covers, if each kind of evidence is what it says.
    evidence : of `evidence_of(found)`, where it is at hand already: then only the weights are applied.

    Returns
    -------
    Frame with one row an annotator: `reliability`, `reliability_low`, `reliability_high` (chances), `log_odds`,
    `standard_error`, `crew` (log-odds of the crew, the same in all rows), and a part of the log-odds for each of
    `PARTS`: `part_gold`, ...; `crew` and the parts add up to `log_odds`. Where an annotator has no gold answer and
    nobody else labelled the same items, nothing is known: these are NaN, `reliability_reason` says why (None
    elsewhere), and the parts are 0.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = reliability(simulate(2_000, annotators=10, spammers=1, colluders=0, seed=1, texts=False).data)
    >>> parts = found[[f"part_{name}" for name in PARTS]].sum(axis=1)
    >>> bool(np.allclose(found["crew"] + parts, found["log_odds"]))
    True
    """
    found = data if isinstance(data, Survey) else survey(data)
    w = weights or Weights()
    told = evidence if evidence is not None else evidence_of(found)
    every = found.accuracy["estimated_accuracy"].to_numpy()
    known = every[np.isfinite(every)]
    centre = logit(np.clip(known, 0.01, 0.99)) if len(known) else np.array([0.0])
    mu = float(np.median(centre))
    # Estimates lie closer together than what they estimate, so the crew's spread is at least what its levels of skill
    # say.
    tau = (
        max(1.4826 * float(np.median(np.abs(centre - mu))), crew_spread(found.others, found.others.scale.accuracy)[1])
        if len(centre) > 2
        else 1.0
    )
    a = len(found.data.annotators)
    precision = np.full(a, 1 / tau**2)
    pulls, exact = {}, np.zeros(a)
    for name in PARTS:
        x, error = told[name]
        usable = np.isfinite(x) & np.isfinite(error)
        strength = np.where(usable, getattr(w, name) / np.where(usable, error, 1.0) ** 2, 0.0)
        pulls[name] = strength * np.where(usable, x - mu, 0.0)
        precision = precision + strength
        exact = strength if name == "gold" else exact
    parts = {f"part_{name}": pull / precision for name, pull in pulls.items()}
    log_odds = mu + np.sum(list(parts.values()), axis=0)
    error = np.sqrt(1 / precision + found.others.scale.common_error(mu, exact / precision) ** 2)
    nothing = found.accuracy["estimated_n"].to_numpy() == 0
    log_odds, error = np.where(nothing, np.nan, log_odds), np.where(nothing, np.nan, error)
    parts = {name: np.where(nothing, 0.0, part) for name, part in parts.items()}
    reason = np.array([*(UNKNOWN if none else None for none in nothing), None], object)[:-1]
    z = stats.norm.ppf((1 + level) / 2)
    return pd.DataFrame(
        {
            "reliability": expit(log_odds),
            "reliability_low": expit(log_odds - z * error),
            "reliability_high": expit(log_odds + z * error),
            "log_odds": log_odds,
            "standard_error": error,
            "crew": mu,
            **parts,
            "reliability_reason": pd.Series(reason, dtype="object"),
        }
    )


def evidence_of(found: Survey) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Log-odds and standard error that each kind of evidence gives for each annotator; NaN where there is none."""
    held, a = found.others, len(found.data.annotators)
    on_gold = held.gold[held.codes.item] != NULL
    every = found.accuracy["estimated_accuracy"].to_numpy()
    crew = float(np.nanmedian(every)) if np.isfinite(every).any() else 0.5
    crew, chance = float(np.clip(crew, 0.05, 0.99)), float(np.clip(held.scale.chance, 0.05, 0.95))
    parts = {"gold": told_log_odds(held, on_gold), "peers": told_log_odds(held, ~on_gold)}

    again = found.consistency
    n, same = again["repeated"].to_numpy(float), again["self_consistency"].to_numpy(float)
    drawn = (np.nan_to_num(same) * n + 2 * _agrees_with_self(crew)) / (n + 2)
    # Two answers of accuracy p agree with chance p^2 + (1 - p)^2.
    implied = np.minimum((1 + np.sqrt(np.maximum(2 * drawn - 1, 0.0))) / 2, crew)
    slope = np.maximum(np.abs(4 * implied - 2), 0.4)
    parts["consistency"] = _scattered(
        "consistency", np.where(n > 0, implied, np.nan), np.sqrt(drawn * (1 - drawn) / (n + 2)) / slope
    )

    position = found.position
    m = position["first_position_n"].to_numpy(float)
    lean = 2 * np.abs(position["first_position_rate"].to_numpy() - position["first_position_expected"].to_numpy())
    clear = position["first_position_p"].to_numpy() < _CLEAR
    parts["side"] = _scattered(
        "side", np.where((m > 0) & clear, (1 - lean) * crew + lean / 2, np.nan), 1 / np.sqrt(m + 2)
    )

    table = found.speed.annotators
    share = table["under_floor_share"].fillna(table["rapid_share"]).to_numpy(float)
    timed = table["timed"].to_numpy(float)
    blind = share > 0.1
    parts["speed"] = _scattered(
        "speed", np.where((timed > 0) & blind, (1 - share) * crew + share * chance, np.nan), 0.5 / np.sqrt(timed + 2)
    )

    drifted = found.drift["drift_adjusted"].to_numpy() < _CLEAR
    after = found.drift["labels_after"].to_numpy(float)
    parts["drift"] = _scattered(
        "drift", np.where(drifted, found.drift["accuracy_after"], np.nan), 0.5 / np.sqrt(after + 2)
    )
    assert all(len(x) == a for x, _ in parts.values())
    return parts


def _agrees_with_self(accuracy: float) -> float:
    return accuracy**2 + (1 - accuracy) ** 2


def _scattered(name: str, accuracy: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An accuracy with its standard error as log-odds, with the scatter of this kind of evidence added."""
    p = np.clip(accuracy, 0.02, 0.98)
    return logit(p), np.hypot(error / (p * (1 - p)), _LOOSE[name])


COMPOSITE = {"gold": 0.4, "majority": 0.3, "speed": 0.3}
"""Weights of the usual composite score."""

COMPOSITE_CAVEAT = (
    "A weighted mean of three shares is not a chance of anything. Everybody at a normal speed gets its 0.3, so one who"
    " clicks at random between two labels scores 0.4 x 0.5 + 0.3 x 0.5 + 0.3 = 0.65 and passes the usual floor of 0.6,"
    " more where the own vote counts in the majority; one who is always right but quick scores 0.76; an annotator"
    " without gold answers is given 0.5 for them. One mean time hides a hundred clicks behind a pause, and five seconds"
    " are the same for five words and for five hundred. Offered to compare with past decisions; use `reliability`"
    " instead."
)
"""What is wrong with the composite score."""


def composite_preset(data: AnnotationSet, least_seconds: float = 5.0) -> pd.DataFrame:
    """The usual composite score: 0.4 gold accuracy + 0.3 agreement with the majority + 0.3 if the mean time is long
    enough. See `COMPOSITE_CAVEAT`.

    Parameters
    ----------
    least_seconds : mean time from which the full 0.3 are given; below, in proportion.

    Returns
    -------
    Frame with one row an annotator: `composite` (0..1), its parts `composite_gold`, `composite_majority`,
    `composite_speed`, and `passes` (at least 0.6). Gold and majority are 0.5 where unknown, and speed is 1, as usual
    with this score. Agreement leaves the own vote out, ties shared.

    Examples
    --------
    >>> round(sum(w * v for w, v in zip(COMPOSITE.values(), (0.5, 0.5, 1.0))), 2)
    0.65
    """
    from workbench.annotators.gold import gold_accuracy

    rows, a = data.annotations, len(data.annotators)
    gold = gold_accuracy(data)["direction_accuracy"].fillna(0.5).to_numpy()
    majority = agreement_with_others(data)["agreement"].fillna(0.5).to_numpy()
    mean = (
        pd.Series(rows["seconds"].to_numpy(float))
        .groupby(rows["annotator"].to_numpy())
        .mean()
        .reindex(range(a))
        .to_numpy(float)
    )
    speed = np.where(np.isfinite(mean), np.minimum(mean / least_seconds, 1.0), 1.0)
    score = COMPOSITE["gold"] * gold + COMPOSITE["majority"] * majority + COMPOSITE["speed"] * speed
    return pd.DataFrame(
        {
            "composite": score,
            "composite_gold": gold,
            "composite_majority": majority,
            "composite_speed": speed,
            "passes": score >= 0.6,
        }
    )
