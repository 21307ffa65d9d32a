"""How often does an annotator give the known right answer, and how often would one who guesses?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL, LabelScale

PRIOR_STRENGTH = 4.0
"""Gold answers that the crew's mean accuracy counts for, in the estimate of one annotator."""


def gold_accuracy(data: AnnotationSet, level: float = 0.95) -> pd.DataFrame:
    r"""How often does each annotator agree with the gold?

    *Direction* counts A, tie and B; *exact* the label itself; *ordinal* gives part credit, one less the distance on the
    scale over its length. First judgements count. Accuracy is estimated with a Beta prior whose mean is the crew's,
    worth `PRIOR_STRENGTH` answers, so that an annotator with two answers is neither perfect nor hopeless; without any
    gold answer it is unknown, not one half. The interval is that of the posterior $\text{Beta}(\kappa \mu + k, \kappa
    (1 - \mu) + n - k)$; where gold items share prompts, n answers count as n / (1 + (m - 1) ICC), with m the number an
    annotator gave to a prompt and ICC how alike answers to one prompt are, over all annotators
    (`effective_answers`).

    Parameters
    ----------
    level : probability that the interval covers.

    Returns
    -------
    Frame with one row an annotator, in the order of `data.annotators`: `n` (gold answers), `direction_correct`,
    `direction_accuracy`, `exact_accuracy`, `ordinal_accuracy` (NaN where n = 0), `estimate`, `low`, `high` (posterior
    of direction accuracy, NaN where n = 0) and `chance`: direction accuracy of guessing evenly among the labels of the
    scale, given these gold labels.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame({"item_id": list("1234"), "gold": ["A", "A", "B", "B"]})
    >>> rows = pd.DataFrame({"annotator": "ann", "label": ["A", "B", "B", "B"]})
    >>> gold_accuracy(assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)]))[
    ...     "direction_accuracy"
    ... ].tolist()
    [0.75]
    """
    return accuracy_of(answers_on_gold(data), data.scale, level)


@dataclass(frozen=True, eq=False)
class GoldAnswers:
    """Answers on gold items, as whole numbers that add up over parts of the data.

    Attributes
    ----------
    table : int64 (n_annotators, label, gold): how often each was given to which gold.
    in_prompts : int64 (n_annotators, 4): over an annotator's prompts, with m answers of which r name the right
        direction, how many there are, and the sums of $r^2$, $r m$ and $m^2$.
    """

    table: np.ndarray
    in_prompts: np.ndarray


def answers_on_gold(data: AnnotationSet) -> GoldAnswers:
    """Counts what was answered on gold items; first judgements count."""
    codes, gold, k = data.codes, data.gold, data.codes.n_labels
    on_gold = np.flatnonzero(gold[codes.item] != NULL)
    who, label = codes.annotator[on_gold].astype(np.int64), codes.label[on_gold].astype(np.int64)
    truth = gold[codes.item[on_gold]].astype(np.int64)
    cell = (who * k + label) * k + truth
    table = np.bincount(cell, minlength=codes.n_annotators * k * k).reshape(codes.n_annotators, k, k)
    prompt = codes.item if data.group_codes is None else data.group_codes[codes.item]
    direction = data.scale.direction_table()
    right = direction[label] == direction[truth]
    return GoldAnswers(table, _in_prompts(right, who, prompt[on_gold], codes.n_annotators))


def accuracy_of(answers: GoldAnswers, scale: LabelScale, level: float = 0.95) -> pd.DataFrame:
    """The frame of `gold_accuracy`, from counts."""
    table, k = answers.table, len(scale)
    direction = scale.direction_table()[:-1]
    position = np.arange(k)
    alike = direction[:, None] == direction[None, :]
    n, right = table.sum((1, 2)), (table * alike).sum((1, 2))

    def mean(score: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return (table * score).sum((1, 2)) / n

    # Guessing evenly among K labels hits a direction as often as that direction has labels.
    share = np.bincount(direction, minlength=3) / max(k, 1)
    frame = pd.DataFrame(
        {
            "n": n,
            "direction_correct": right,
            "direction_accuracy": mean(alike),
            "exact_accuracy": mean(np.eye(k, dtype=bool)),
        }
    )
    apart = np.abs(position[:, None] - position[None, :])
    frame["ordinal_accuracy"] = mean(1 - apart / max(k - 1, 1)) if scale.has_sides else np.nan
    if n.sum() == 0:
        return frame.assign(estimate=np.nan, low=np.nan, high=np.nan, chance=np.nan)
    crew = right.sum() / n.sum()
    known = n > 0
    worth = _worth(n, right, answers.in_prompts, level)
    a, b = PRIOR_STRENGTH * crew + worth * right, PRIOR_STRENGTH * (1 - crew) + worth * (n - right)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    a, b = np.maximum(a, 1e-6), np.maximum(b, 1e-6)
    prior = PRIOR_STRENGTH * crew
    frame["estimate"] = np.where(known, (prior + right) / (PRIOR_STRENGTH + n), np.nan)
    frame["low"], frame["high"] = (np.where(known, stats.beta.ppf(t, a, b), np.nan) for t in tails)
    frame["chance"] = mean(share[direction][None, :])
    return frame


def effective_answers(
    right: np.ndarray, who: np.ndarray, prompt: np.ndarray, people: int, level: float = 0.95
) -> np.ndarray:
    r"""What one answer of each annotator counts where answers to one prompt are alike: float (people,), at most 1.

    The design effect of annotator a with $m_c$ answers to prompt c is $1 + (\sum m_c^2 / n - 1) \rho$. The intraclass
    correlation $\rho$ is estimated from all annotators together, from how much the sums over prompts vary beyond what
    single answers would; as it is itself uncertain, the count is lowered further as Student's t is wider than the
    normal.

    Parameters
    ----------
    right : float (n,): whether each answer is right.
    who, prompt : int (n,): whose it is, and to which prompt.

    Examples
    --------
    One annotator gives 20 answers to each of 25 prompts, on each all right or all wrong: 500 answers count as 25,
    and a little less.

    >>> prompt = np.repeat(np.arange(25), 20)
    >>> worth = effective_answers((prompt % 5 > 0) * 1.0, np.zeros(500, int), prompt, 1)
    >>> 20 < 500 * float(worth[0]) < 25
    True
    """
    right = np.asarray(right, bool)
    n, hits = np.bincount(who, minlength=people), np.bincount(who[right], minlength=people)
    return _worth(n, hits, _in_prompts(right, who, prompt, people), level)


def _in_prompts(right: np.ndarray, who: np.ndarray, prompt: np.ndarray, people: int) -> np.ndarray:
    """`GoldAnswers.in_prompts` of these answers."""
    prompts_numbered = int(prompt.max(initial=0)) + 1
    pair, cell = np.unique(who.astype(np.int64) * prompts_numbered + prompt, return_inverse=True)
    cell, of = cell.ravel(), pair // prompts_numbered
    m = np.bincount(cell, minlength=len(pair))
    r = np.bincount(cell[right], minlength=len(pair))
    sums = np.zeros((people, 4), np.int64)
    for column, values in enumerate((np.ones_like(m), r * r, r * m, m * m)):
        np.add.at(sums[:, column], of, values)
    return sums


def _worth(n: np.ndarray, hits: np.ndarray, in_prompts: np.ndarray, level: float) -> np.ndarray:
    """What one of n answers of each annotator counts; see `effective_answers`."""
    prompts, events, products, load = in_prompts.T
    share = hits / np.maximum(n, 1)
    squares = events - 2 * share * products + share**2 * load
    used = (prompts >= 2) & (share > 0) & (share < 1)
    alone = float((n * share * (1 - share))[used].sum())
    doubled = float((load - n)[used].sum())
    if alone <= 0 or doubled <= 0:
        # Nobody answered a prompt twice, or nobody was ever wrong: of the latter nothing is known, and a prompt counts
        # once.
        return np.where(load > n, prompts / np.maximum(n, 1), 1.0)
    varied = float((squares * prompts / np.maximum(prompts - 1, 1))[used].sum())
    mean_load = float(load[used].sum() / n[used].sum())
    correlation = min(max((varied / alone - 1) / (mean_load - 1), 0.0), 1.0)
    df = float((prompts - 1)[used].sum())
    wider = (special.ndtri((1 + level) / 2) / special.stdtrit(df, (1 + level) / 2)) ** 2
    effect = 1 + np.maximum(load / np.maximum(n, 1) - 1, 0.0) * correlation
    return np.where(effect > 1, wider / effect, 1.0)
