r"""What an accuracy means: levels of skill put on the scale of the gold.

What others say of an item tells the order of annotators well, but how often each is right only as well as the model of
the crew fits: which share of the items are ties or contested is not seen in the labels alone. Gold tells it. So the
accuracy of each level of skill (`workbench.annotators.crew`) is

1. taken over the mix of labels the gold has, $a_T = \sum_l \pi_l \, P(\text{right} \mid l, T)$, $\pi$ drawn to the
   model's own by a few items;
2. stretched from the accuracy c of labels given blindly by a slope b, $\text{logit}\, a' = \text{logit}\, c + b
   (\text{logit}\, a - \text{logit}\, c)$, which makes the gold answers of all annotators likeliest, given what the
   *others* (own vote and gold left out) say of the same items. Before gold is seen b puts the crew half way between
   what the model says and the accuracy p of step 3 behind its agreement, were every item as hard: the one counts errors
   on close items that look like agreement, the other does not, and either may be;
3. carried to the items without gold. Gold is often made of clear items. Two labels of an item have the same direction
   in a share $A_g$ of the items with gold and $A_o$ of the others. Were all equally accurate, such shares would come of
   an accuracy p with $A = p^2 + (1 - p)^2 / (D - 1)$ among D directions; accuracy elsewhere has the log-odds
   $\text{logit}\, a' + \text{logit}\, p_o - \text{logit}\, p_g$, this difference being drawn to 0 as far as it may be
   chance.

Over all labels it is the mean of the two, by how many labels are on items with gold. Without gold all three steps
change nothing, and the error is the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats
from scipy.special import expit, gammaln, logit, logsumexp

from workbench.annotators.crew import Crew
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL
from workbench.findings import Fact, known

_DRAWN_ITEMS = 20.0
_SLOPE_SPREAD = 0.1
_BETWEEN = 0.4
_LEAST_REACH = 0.5
_ELSEWHERE = 0.1
_UNLIKE = 0.2
_SHIFT_SPREAD = 0.6
_CLEARER = -0.2
_OWN_VOTES = 0.2
_SLOPES = np.exp(np.linspace(-1.0, 1.0, 25))
_SCATTERS = (0.0005, 0.002, 0.005, 0.01, 0.02)
_USUAL_SCATTER = 0.003
_MOST_GOLD = 5_000
_MOST_ANNOTATORS = 200
_GRID = (np.arange(40) + 0.5) / 40
_EDGE = 0.005


class Heard(Protocol):
    """What others say, as far as gold is held against it; `workbench.annotators.peer_posterior.Others` has it."""

    @property
    def data(self) -> AnnotationSet: ...  # noqa: D102
    @property
    def codes(self) -> Codes: ...  # noqa: D102
    @property
    def crew(self) -> Crew: ...  # noqa: D102
    @property
    def gold(self) -> np.ndarray: ...  # noqa: D102
    @property
    def wrong_gold(self) -> float: ...  # noqa: D102
    @property
    def log_tables(self) -> np.ndarray: ...  # noqa: D102
    @property
    def bounds(self) -> np.ndarray: ...  # noqa: D102

    def labels_of(self, items: np.ndarray) -> tuple[Codes, np.ndarray]: ...  # noqa: D102
    def by_skill_without_gold(self, kept: Codes, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...  # noqa: D102


@dataclass(frozen=True, eq=False, kw_only=True)
class GoldScale:
    """Accuracy of each level of skill, as gold tells it.

    Attributes
    ----------
    accuracy : float64 (T,): chance of the right direction over all items, of each of `crew.every_table`; rising.
    on_gold : float64 (T,): the same over the items with gold.
    chance : by giving labels as often as all do, but blindly.
    base : c: by giving them blindly as often as the least skilled do; where one label is common these give it less
        often than the others, so it is lower than `chance`.
    slope, slope_error : b, and the standard error of its logarithm.
    scatter : intra-class correlation of one annotator's answers beyond what the level says: an n-th label tells only 1
        / (1 + n scatter) of the first.
    covered : share of the labels that are on items with (believed) gold.
    shift, shift_error : log-odds of being right on items without gold less those on items with gold, and its standard
        error over items; 0 = they are as clear.
    wrong : share of the believed gold that is probably wrong.
    directions : how many there are.
    derived : the gold was made from these same judgements.
    agree_on_gold, agree_elsewhere : how often two labels of an item have the same direction; NaN where no item has two.
    """

    accuracy: np.ndarray
    on_gold: np.ndarray
    chance: float
    base: float
    slope: float
    slope_error: float
    scatter: float
    covered: float
    shift: float
    shift_error: float
    wrong: float
    directions: int
    derived: bool
    agree_on_gold: float
    agree_elsewhere: float

    def common_error(self, log_odds: np.ndarray | float, own: np.ndarray) -> np.ndarray:
        """Standard error, in log-odds, that accuracies have in common.

        Parameters
        ----------
        own : how much of what is known of an annotator its gold answers tell, 0..1; they need no slope.
        """
        x = np.asarray(log_odds, float)
        reach = x - logit(np.clip(self.base, _EDGE, 1 - _EDGE))
        own_votes = _OWN_VOTES if self.derived else 0.0
        error: np.ndarray = np.sqrt(((1 - own) * self.slope_error * reach) ** 2 + self._elsewhere**2 + own_votes**2)
        return error

    @property
    def _elsewhere(self) -> float:
        """Standard error of what is carried to items without gold: the less they are like those with gold, the
        larger.
        """
        return float((1 - self.covered) * np.sqrt(_ELSEWHERE**2 + (_UNLIKE * self.shift) ** 2 + self.shift_error**2))

    def answers_right(self, accuracy: np.ndarray) -> np.ndarray:
        """Chance of an answer that the gold calls right, from one who has the right direction in these shares of all
        items.
        """
        x = logit(np.clip(accuracy, 1e-4, 1 - 1e-4))
        whole, gold = logit(np.clip(self.accuracy, _EDGE, 1 - _EDGE)), logit(np.clip(self.on_gold, _EDGE, 1 - _EDGE))
        # Beyond the levels there are, the distance between the two stays what it is at the last one.
        beyond = np.minimum(x - whole[0], 0.0) + np.maximum(x - whole[-1], 0.0)
        p = expit(np.interp(x, whole, gold) + beyond)
        right: np.ndarray = p * (1 - self.wrong) + (1 - p) * self.wrong / max(self.directions - 1, 1)
        return right

    @property
    def note(self) -> str | None:
        """What to know of the scale, as a sentence or two; None where gold tells all there is to know."""
        if self.covered == 0:
            return (
                "There is no gold, so how often labels are right follows from agreement alone, as well as a model of"
                " the crew tells it; intervals allow for that."
            )
        said = []
        if self.covered < 0.9:
            said.append(f"Gold covers {self.covered:.0%} of the labels.")
            if self.shift < _CLEARER:
                said.append(
                    f"Its items are clearer than the others: two labels go the same way in {self.agree_on_gold:.0%} of"
                    f" them, and in {self.agree_elsewhere:.0%} of the others. So a reliability, which is over all"
                    " items, is lower than accuracy on gold."
                )
        if self.wrong >= 0.01:
            said.append(f"About {self.wrong:.0%} of the gold is probably wrong, which is allowed for.")
        if self.derived:
            said.append(
                "The gold was made from these same judgements, so it counts own votes and common errors as right;"
                " intervals are wider for that."
            )
        return " ".join(said) or None


def gold_scale(found: Heard) -> GoldScale:
    """What the accuracy of each level of skill is by the gold there is."""
    codes, crew, data = found.codes, found.crew, found.data
    direction = data.scale.direction_table()
    gold_items = found.gold != NULL
    on_gold = gold_items[codes.item]
    covered = float(on_gold.mean()) if len(codes) else 0.0
    own = np.bincount(crew.truth, weights=crew.prior, minlength=codes.n_labels)
    judged = gold_items & (np.diff(codes.starts) > 0)
    told = np.bincount(found.gold[judged].astype(int), minlength=codes.n_labels).astype(float)
    mix = (told + _DRAWN_ITEMS * own) / (told.sum() + _DRAWN_ITEMS)
    levels, chance, blind = _over(found, mix)
    derived = known(Fact.GOLD_FROM_JUDGEMENTS, data.findings)
    directions = len(np.unique(direction[:-1]))
    slope, error, scatter = *_before_gold(found, direction, blind), _USUAL_SCATTER
    if told.sum() and codes.n_labels > 1:
        slope, error, scatter = _slope(found, judged, levels, blind, (slope, error))
    base = logit(np.clip(blind, _EDGE, 1 - _EDGE))
    stretched = expit(base + slope * (logit(np.clip(levels, _EDGE, 1 - _EDGE)) - base)) if slope != 1 else levels
    shift, shift_error, here, elsewhere = _shift_elsewhere(found, direction, gold_items)
    carried = expit(logit(np.clip(stretched, 1e-4, 1 - 1e-4)) + shift)
    accuracy = covered * stretched + (1 - covered) * carried
    return GoldScale(
        accuracy=_rising(accuracy),
        on_gold=_rising(stretched),
        chance=chance,
        base=blind,
        slope=slope,
        slope_error=error,
        scatter=scatter,
        covered=covered,
        shift=shift,
        shift_error=shift_error,
        wrong=found.wrong_gold if told.sum() else 0.0,
        directions=directions,
        derived=derived and bool(told.sum()),
        agree_on_gold=here,
        agree_elsewhere=elsewhere,
    )


def _over(found: Heard, mix: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Chance of the right direction of each table, of blind labels given as often as all give them, and as often as the
    least skilled do, over items whose right labels are mixed like this.
    """
    crew = found.crew
    own = np.bincount(crew.truth, weights=crew.prior, minlength=len(mix))
    weight = crew.prior * np.divide(mix, own, out=np.zeros_like(mix), where=own > 0)[crew.truth]
    weight = weight / weight.sum() if weight.sum() > 0 else crew.prior
    accuracy = np.einsum("z,gzl,zl->g", weight, crew.every_table, crew.right)
    by_label = weight @ crew.right
    return _rising(accuracy), float(by_label @ crew.habit), float(by_label @ (crew.prior @ crew.tables[0]))


def _rising(accuracy: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(accuracy) + 1e-9 * np.arange(len(accuracy))


def _slope(
    found: Heard, judged: np.ndarray, levels: np.ndarray, blind: float, before: tuple[float, float]
) -> tuple[float, float, float]:
    """The slope, the standard error of its logarithm, and the scatter, by all annotators' gold answers; `before` these
    are seen, the first two are.
    """
    kept, rows = found.labels_of(np.flatnonzero(judged)[:: -(-int(judged.sum()) // _MOST_GOLD)])
    totals, used = found.by_skill_without_gold(kept, rows)
    direction = found.data.scale.direction_table()
    right = direction[found.codes.label[rows]] == direction[found.gold[found.codes.item[rows]].astype(int)]
    who = found.codes.annotator[rows]
    n = np.bincount(who[used], minlength=found.codes.n_annotators)
    k = np.bincount(who[used & right], minlength=found.codes.n_annotators)
    most = np.argsort(-n, kind="stable")[:_MOST_ANNOTATORS]
    most = most[n[most] > 0]
    if len(most) == 0:
        return *before, _USUAL_SCATTER
    x = logit(_GRID)
    centre, spread = _moments(found, levels)
    spread = float(np.clip(2 * spread, 0.6, 1.0))  # wide: the slope is to follow the gold, not the crew
    at = np.stack([np.interp(_GRID, levels, row) for row in totals[most]])
    held = at + stats.norm.logpdf(x, centre, spread) - np.log(_GRID * (1 - _GRID))
    held -= logsumexp(held, axis=1, keepdims=True)
    base = logit(np.clip(blind, _EDGE, 1 - _EDGE))
    fit = np.empty((len(_SLOPES), len(_SCATTERS)))
    for i, slope in enumerate(_SLOPES):
        p = np.clip(expit(base + slope * (x - base)), _EDGE, 1 - _EDGE)
        p = p * (1 - found.wrong_gold) + (1 - p) * found.wrong_gold / max(len(np.unique(direction[:-1])) - 1, 1)
        for j, scatter in enumerate(_SCATTERS):
            fit[i, j] = logsumexp(held + _beta_binomial(k[most, None], n[most, None], p, 1 / scatter), axis=1).sum()
    prior = stats.norm.logpdf(np.log(_SLOPES), np.log(before[0]), before[1])
    joint = np.exp(fit + prior[:, None] - (fit + prior[:, None]).max())
    over = joint.sum(1) / joint.sum()
    mean = float(over @ np.log(_SLOPES))
    error = float(np.sqrt(over @ (np.log(_SLOPES) - mean) ** 2))
    return float(np.exp(mean)), max(error, 0.02), float(_SCATTERS[int(joint.sum(0).argmax())])


def _beta_binomial(k: np.ndarray, n: np.ndarray, p: np.ndarray, strength: float) -> np.ndarray:
    """Log-chance of k right answers in one order, p being drawn from a beta distribution of this strength around its
    mean.
    """
    a, b = p * strength, (1 - p) * strength
    chance: np.ndarray = (
        gammaln(k + a) - gammaln(a) + gammaln(n - k + b) - gammaln(b) - gammaln(n + strength) + gammaln(strength)
    )
    return chance


def crew_spread(found: Heard, levels: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the log-odds of being right in the crew, where tables have these accuracies.

    The deviation is a little larger than that of the levels, whose shares are smoothed over a coarse grid of few.
    """
    centre, spread = _moments(found, levels)
    return centre, float(np.clip(1.2 * spread, 0.35, 1.0))


def _moments(found: Heard, levels: np.ndarray) -> tuple[float, float]:
    weights = found.crew.weights
    x = logit(np.clip(levels[-len(weights) :], 0.01, 0.99))
    centre = float((weights * x).sum())
    return centre, float(np.sqrt((weights * (x - centre) ** 2).sum()))


def _before_gold(found: Heard, direction: np.ndarray, blind: float) -> tuple[float, float]:
    """The slope without gold, and the standard error of its logarithm."""
    codes, crew = found.codes, found.crew
    ways = int(direction.max(initial=0)) + 1
    alike, _ = _agreement_by_item(codes, direction)
    if ways < 2 or len(alike) == 0:
        return 1.0, _SLOPE_SPREAD
    tables = np.exp(found.log_tables)
    each = np.einsum("z,alz,zl->a", crew.prior, tables, crew.right)
    votes = np.diff(found.bounds)
    model = logit(np.clip(float(each @ votes / votes.sum()), _EDGE, 1 - _EDGE))
    even = logit(_behind_agreement(float(alike.mean()), ways))
    reach = max(model - logit(np.clip(blind, _EDGE, 1 - _EDGE)), _LEAST_REACH)
    slope = float(np.clip(1 + (even - model) / 2 / reach, _SLOPES[0], _SLOPES[-1]))
    return slope, float(np.hypot(_SLOPE_SPREAD, (even - model) * _BETWEEN / (reach * slope)))


def _agreement_by_item(codes: Codes, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the pairs of labels of the same direction, of each item with two labels or more, and which these are."""
    ways = int(direction.max(initial=0)) + 1
    counts = np.bincount(codes.item.astype(np.int64) * ways + direction[codes.label], minlength=codes.n_items * ways)
    counts = counts.reshape(-1, ways)
    m = np.diff(codes.starts)
    alike = np.zeros(codes.n_items, np.int64)
    for way in counts.T:
        alike += way * (way - 1)
    several = np.flatnonzero(m > 1)
    m = m[several]
    return alike[several] / (m * (m - 1)), several


def _shift_elsewhere(found: Heard, direction: np.ndarray, gold_items: np.ndarray) -> tuple[float, float, float, float]:
    """How much less likely a label is right where there is no gold, in log-odds, and the standard error of that; and
    how often two labels of an item have the same direction where there is gold, and elsewhere.
    """
    codes = found.codes
    if len(codes) == 0:
        return 0.0, 0.0, np.nan, np.nan
    ways = int(direction.max()) + 1
    alike, items = _agreement_by_item(codes, direction)
    here, there = alike[gold_items[items]], alike[~gold_items[items]]
    agree = [float(part.mean()) if len(part) else np.nan for part in (here, there)]
    if len(here) == 0 or len(there) == 0 or min(agree) < 1 / max(ways, 2) + 0.02:
        return 0.0, 0.0, agree[0], agree[1]
    at, error = np.empty(2), np.empty(2)
    for i, part in enumerate((here, there)):
        # One item more that agrees, and one that does not, so that nothing is certain.
        share, n = (part.sum() + 1) / (len(part) + 2), len(part) + 2
        p = _behind_agreement(share, ways)
        rises = 2 * p - 2 * (1 - p) / max(ways - 1, 1)
        at[i], error[i] = logit(p), np.sqrt(share * (1 - share) / n) / (rises * p * (1 - p))
    variance = float(error @ error)
    kept = _SHIFT_SPREAD**2 / (_SHIFT_SPREAD**2 + variance)
    return float(kept * (at[1] - at[0])), float(np.sqrt(kept * variance)), agree[0], agree[1]


def _behind_agreement(share: float, ways: int) -> float:
    """How often each of two equally accurate ones is right whose labels agree in this share.

    >>> round(_behind_agreement(0.82, 2), 2), round(_behind_agreement(0.66, 3), 2)
    (0.9, 0.8)
    """
    d = max(ways, 2) - 1
    p = (1 + np.sqrt(max(1 - (d + 1) * (1 - d * share), 0.0))) / (d + 1)
    return float(np.clip(p, 1 / (d + 1) + 0.01, 0.995))
