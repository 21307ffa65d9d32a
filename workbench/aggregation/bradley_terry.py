r"""Bradley-Terry: one strength for each response or model, from all pairs it appears in.

For item i with entities a and b, seen by annotator k,

$$P(l) \propto \exp\left( x_l \, (r_k (s_a - s_b + e_i) + f_{ki} h_k) + c_{|l|} \right)$$

with the label's place $x_l$ on the scale from 1/2 (strongest for A) to -1/2, $r_k$ the annotator's reliability (around
1; 0 = random, negative = contrary), $e_i$ what the pair's own judgements show beyond the two strengths, $f = 1$ where A
was shown first, -1 where B was, and $h_k$ the annotator's pull to the first side. On two labels this is Bradley & Terry
(1952), with a tie it is Davidson (1970) with $\nu = e^{c_0}$, on more labels the adjacent-categories model of Agresti
(1992, *Analysis of ordinal paired comparison data*). The reliability follows Crowd-BT (Chen, Bennett, Collins-Thompson
& Horvitz 2013), here as a slope, which leaves ties in place. Each entity also meets a virtual one of strength 0 and
wins and loses (`regulariser` times each): without that, an entity that always wins has no finite strength, and parts of
the data that share no entity cannot be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.aggregation.ascent import climb
from workbench.aggregation.contract import Fit
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch

TITLE = "Bradley-Terry"

_KNOWN = 3.0
"""Reliability of the gold label of a clamped item, which joins the comparisons as one more judgement."""


def fit(
    votes: Votes,
    *,
    by: str = "response",
    departure: float = 1.0,
    reliability: float = 0.5,
    side_pull: float = 0.5,
    regulariser: float = 0.1,
    max_iterations: int = 500,
    tolerance: float = 1e-7,
    watch: Watch = UNWATCHED,
) -> Fit:
    """Which response or model is stronger, and what would a typical unbiased annotator say of each item?

    Parameters
    ----------
    votes : the judgements; the gold of known items joins them.
    by : `response` = one strength for each response to a prompt; `model` = one for each model.
    departure : standard deviation of $e_i$, how far a pair may depart from the strengths of its sides; 0 = not at all,
        the plain model, in which a pair's own judgements may be overruled by those of other pairs.
    reliability : standard deviation of the Gaussian prior of reliabilities around 1; 0 = everyone the same.
    side_pull : the same for each annotator's pull to the first side around the common one; 0 = the common one only.
    regulariser : judgements' worth of one win and one loss against the virtual entity.
    max_iterations : stop there at the latest.
    tolerance : stop when two steps in a row gain less than this many nats for each judgement.
    watch : is told each step.

    Returns
    -------
    The fit. The posterior is what an annotator of reliability 1 without a pull to a side says; items whose two sides
    are the same entity, or not known, have none. A tie is named only where it is the commonest answer.
    `details["strengths"]` is a frame of the entities; annotators have `reliability` and `first_side_pull`.
    """
    c, scale = votes.codes, votes.scale
    if not scale.has_sides:
        raise WorkbenchError(
            "Bradley-Terry compares two sides, and these labels are categories without sides.",
            "Use another method, or map the labels to a preference scale.",
        )
    if by not in ("response", "model"):
        raise WorkbenchError(f"Bradley-Terry cannot go by {by!r}.", "Choose response or model.")
    one, other, names = _entities(votes, by)
    usable = (one >= 0) & (other >= 0) & (one != other)
    rows = np.flatnonzero(usable[c.item])
    if len(rows) == 0:
        unknown = np.full(c.n_annotators, np.nan)
        return Fit(
            posterior=votes.clamped_rows(np.full((c.n_items, len(scale)), np.nan)),
            annotators={"accuracy": unknown, "weight": unknown},
        )
    gold = np.flatnonzero(usable & (votes.clamp != NULL))
    shown = (
        votes.data.annotations["shown_first"].to_numpy()[c.row[rows]]
        if "shown_first" in votes.data.annotations
        else np.full(len(rows), NULL)
    )
    first = np.where(shown == NULL, 0.0, 1.0 - 2.0 * shown)
    n_annotators = c.n_annotators + 1  # the last one is the gold
    model = Model(
        item=np.concatenate([c.item[rows], gold]).astype(np.int64),
        a=np.concatenate([one[c.item[rows]], one[gold]]),
        b=np.concatenate([other[c.item[rows]], other[gold]]),
        annotator=np.concatenate([c.annotator[rows], np.full(len(gold), c.n_annotators)]).astype(np.int64),
        label=np.concatenate([c.label[rows], votes.clamp[gold]]).astype(np.int64),
        first=np.concatenate([first, np.zeros(len(gold))]),
        n_entities=len(names),
        n_items=c.n_items,
        n_annotators=n_annotators,
        place=_places(scale.strengths),
        level=_levels(scale.strengths),
        departure=departure,
        reliability=reliability,
        side_pull=side_pull,
        regulariser=regulariser,
    )
    reached = climb(
        model, model.start(), max_iterations, tolerance * len(rows), scale=1 / model.curvature(), watch=watch
    )
    s, r, h, common, cuts, own = model.parts(reached.at)
    posterior = np.full((c.n_items, len(scale)), np.nan)
    items = np.flatnonzero(usable & (votes.per_item > 0))
    posterior[items] = model.probabilities(s[one[items]] - s[other[items]] + own[items], cuts)

    judged = np.bincount(c.annotator[rows], minlength=c.n_annotators)
    here = judged > 0
    signed = np.abs(s[one[c.item[rows]]] - s[other[c.item[rows]]] + own[c.item[rows]]) * r[c.annotator[rows]]
    chance = 1 / (1 + np.exp(-signed * np.abs(model.place).max() * 2))
    accuracy = np.divide(
        np.bincount(c.annotator[rows], weights=chance, minlength=c.n_annotators),
        judged,
        out=np.full(len(judged), np.nan),
        where=here,
    )
    annotators = {
        "accuracy": accuracy,
        "weight": log_odds_weight(accuracy, 2),
        "reliability": np.where(here, r[:-1], np.nan),
        "first_side_pull": np.where(here, common + h[:-1], np.nan),
    }
    wins = np.bincount(model.a, minlength=len(names)) + np.bincount(model.b, minlength=len(names))
    strengths = pd.DataFrame({by: names, "strength": s, "judgements": wins})
    details = {
        "strengths": strengths,
        "first_side_pull": common,
        "tie": float(np.exp(cuts[model.level[scale.tie]])) if scale.tie is not None else None,
        "items_without_entities": int((~usable).sum()),
    }
    values = np.array(reached.values or [reached.value])
    return Fit(
        posterior=votes.clamped_rows(posterior),
        annotators=annotators,
        confusion=None,
        prior=None,
        objective=values,
        objective_name="log-posterior",
        iterations=len(reached.values),
        converged=reached.converged,
        details=details,
    )


def _entities(votes: Votes, by: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entity of side A and of side B of each item (-1 = unknown), and the names of the entities."""
    items = votes.data.items
    if by == "model":
        if "model_a" not in items or "model_b" not in items:
            raise WorkbenchError(
                "Bradley-Terry by model needs to know which model wrote each response.",
                "Map the columns of the models, or go by response.",
            )
        code, found = pd.factorize(pd.concat([items["model_a"], items["model_b"]], ignore_index=True))
        names = np.asarray(found, object)
    elif {"prompt_key", "key_a", "key_b"} <= set(items.columns):
        prompt, key = (
            np.tile(items["prompt_key"].to_numpy(), 2),
            np.concatenate([items["key_a"].to_numpy(), items["key_b"].to_numpy()]),
        )
        with np.errstate(over="ignore"):
            mixed = np.where(key == 0, np.uint64(0), key ^ (prompt * np.uint64(0x9E3779B97F4A7C15)))
        code, hashes = pd.factorize(mixed)
        # Hash 0 is an unknown response: its code becomes -1, and the codes above it move down.
        unknown = np.flatnonzero(hashes == 0)
        if len(unknown):
            code = np.where(code == unknown[0], -1, code - (code > unknown[0]))
        names = np.array([f"{int(h):016x}" for h in hashes if h], object)
    else:
        n = len(items)
        code, names = np.full(2 * n, -1), np.empty(0, object)
    if len(names) == 0 and len(items):
        raise WorkbenchError(
            "Bradley-Terry needs to know what is on the two sides, and this export names neither responses nor models.",
            "Use another method.",
        )
    return code[: len(items)], code[len(items) :], names


def _places(strengths: tuple[float, ...]) -> np.ndarray:
    """Place of each label between 1/2 and -1/2."""
    return np.asarray(strengths) / (2 * max(strengths, default=1.0))


def _levels(strengths: tuple[float, ...]) -> np.ndarray:
    """Which labels share an intercept: those of equal strength for either side. Level 0 is the strongest, whose
    intercept is 0.
    """
    return np.unique(-np.abs(np.asarray(strengths)), return_inverse=True)[1]


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """The log-posterior of (strengths, reliabilities, own pulls, common pull, intercepts, departures) and its gradient.

    Attributes
    ----------
    item, a, b, annotator, label : int64 (n,): item, entities, annotator and label of each judgement.
    first : float64 (n,): 1 where A was shown first, -1 where B was, 0 where that is not known.
    place, level : (K,): x of each label, and which intercept it has.
    """

    item: np.ndarray
    a: np.ndarray
    b: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    first: np.ndarray
    n_entities: int
    n_items: int
    n_annotators: int
    place: np.ndarray
    level: np.ndarray
    departure: float
    reliability: float
    side_pull: float
    regulariser: float

    @property
    def n_levels(self) -> int:
        """Number of intercepts, the fixed one among them."""
        return int(self.level.max(initial=0)) + 1

    def start(self) -> np.ndarray:
        """All entities equal, everyone reliable, no pull, all labels as likely."""
        e, n = self.n_entities, self.n_annotators
        x = np.zeros(e + 2 * n + self.n_levels + self.n_items)
        x[e : e + n] = 1.0
        x[e + n - 1] = _KNOWN
        return x

    def parts(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, np.ndarray, np.ndarray]:
        """Strengths, reliabilities, own pulls, common pull, intercepts by level, and departures."""
        e, n = self.n_entities, self.n_annotators
        return (
            x[:e],
            x[e : e + n],
            x[e + n : e + 2 * n],
            float(x[e + 2 * n]),
            np.append(0.0, x[e + 2 * n + 1 : len(x) - self.n_items]),
            x[len(x) - self.n_items :],
        )

    def probabilities(self, apart: np.ndarray, cuts: np.ndarray) -> np.ndarray:
        """Probability of each label (n, K) at differences `apart` (n,)."""
        logits = apart[:, None] * self.place[None] + cuts[self.level][None]
        weight = np.exp(logits - logits.max(1, initial=-np.inf, keepdims=True))
        return weight / weight.sum(1, keepdims=True)

    def curvature(self) -> np.ndarray:
        """About how fast the slope changes with each parameter: what scales the steps."""
        met = np.bincount(self.a, minlength=self.n_entities) + np.bincount(self.b, minlength=self.n_entities)
        judged = np.bincount(self.annotator, minlength=self.n_annotators)
        on_item = np.bincount(self.item, minlength=self.n_items)
        n = len(self.label)
        return np.concatenate(
            [
                0.15 * met + 0.5 * self.regulariser + 1e-3,
                0.2 * judged + 1 / max(self.reliability, 1e-3) ** 2,
                0.15 * judged + 1 / max(self.side_pull, 1e-3) ** 2,
                [0.15 * n + 1.0],
                np.full(self.n_levels - 1, 0.2 * n + 1.0),
                0.15 * on_item + 1 / max(self.departure, 1e-3) ** 2,
            ]
        )

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        s, r, h, common, cuts, own = self.parts(x)
        if np.abs(x).max(initial=0.0) > 500:
            return -np.inf, x
        e, n = self.n_entities, self.n_annotators
        apart = s[self.a] - s[self.b] + own[self.item]
        pull = self.first * (common + h[self.annotator])
        p = self.probabilities(r[self.annotator] * apart + pull, cuts)
        rows = np.arange(len(self.label))
        value = np.log(np.maximum(p[rows, self.label], 1e-300)).sum()
        toward = self.place[self.label] - p @ self.place  # towards the logit's slope
        by_strength = toward * r[self.annotator]
        to_s = np.bincount(self.a, weights=by_strength, minlength=e) - np.bincount(
            self.b, weights=by_strength, minlength=e
        )
        to_r = np.bincount(self.annotator, weights=toward * apart, minlength=n)
        to_h = np.bincount(self.annotator, weights=toward * self.first, minlength=n)
        to_common = to_h.sum()
        seen = np.bincount(self.level[self.label], minlength=self.n_levels)
        to_cuts = (seen - np.bincount(self.level, weights=p.sum(0), minlength=self.n_levels))[1:]

        virtual = 1 / (1 + np.exp(-s))
        value += self.regulariser * float((s - 2 * np.logaddexp(0, s)).sum())
        to_s += self.regulariser * (1 - 2 * virtual)
        centre = np.append(np.ones(n - 1), _KNOWN)
        value_r, to_r = _gaussian(r - centre, to_r, np.append(np.full(n - 1, self.reliability), 0.0))
        value_h, to_h = _gaussian(h, to_h, np.append(np.full(n - 1, self.side_pull), 0.0))
        value_own, to_own = _gaussian(
            own,
            np.bincount(self.item, weights=by_strength, minlength=self.n_items),
            np.full(self.n_items, self.departure),
        )
        value += value_r + value_h + value_own - common**2 / 2 - float((cuts[1:] ** 2).sum()) / 50
        return float(value), np.concatenate([to_s, to_r, to_h, [to_common - common], to_cuts - cuts[1:] / 25, to_own])


def _gaussian(away: np.ndarray, slope: np.ndarray, deviation: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-density and slope under Gaussian priors; a deviation of 0 holds the parameter where it is."""
    free = deviation > 0
    d = np.where(free, deviation, 1.0)
    return -float((np.where(free, away / d, 0.0) ** 2).sum()) / 2, np.where(free, slope - away / d**2, 0.0)
