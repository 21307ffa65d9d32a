r"""CROWDLAB: the judgements together with the probabilities of any classifier, each trusted as far as it agrees with
the rest.

Goh, Tkachenko & Mueller 2022, *CROWDLAB: Supervised learning to infer consensus labels and quality scores for data with
multiple annotators*. The posterior of item i is the average of the classifier's probabilities $p_M$ and one vector for
each judgement, which puts P on its label and $(1 - P) / (K - 1)$ elsewhere:

$$\frac{w_M \, p_M + \sum_k w_k e_k}{w_M + \sum_k w_k}$$

With E the error of always giving the most common consensus label: $w_k = 1 - (1 - \text{agreement}_k) / E$ and
$w_M = (1 - \text{error}_M / E) \sqrt{\text{mean judgements an item}}$, both at least $10^{-6}$. Items with one
judgement or none are served too.
"""

from __future__ import annotations

import numpy as np

from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import nothing
from workbench.aggregation.votes import Votes
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError

TITLE = "CROWDLAB"

_LEAST = 1e-6


def fit(votes: Votes, *, probabilities: np.ndarray | None = None, rounds: int = 2) -> Fit:
    """What do annotators and a classifier say together?

    Parameters
    ----------
    votes : the judgements. Known items count as their own consensus.
    probabilities : float (n_items, K): the classifier's probability of each label, from items it was not trained on;
        rows of NaN where it has none.
    rounds : in the first round the consensus is the majority, in each further one the label the round before made most
        probable. The authors' software makes two.

    Returns
    -------
    The fit; `accuracy` is the agreement with other annotators, `weight` is $w_k$, and `details` has the weight of the
    classifier. An item with neither judgement nor probabilities has none.
    """
    codes, k = votes.codes, votes.codes.n_labels
    if k < 2:
        return nothing(votes)
    model = _checked(probabilities, (codes.n_items, k))
    has_model = ~np.isnan(model[:, 0])
    safe = np.where(has_model[:, None], model, 1 / k)
    tally, m = votes.tallies(), votes.per_item
    agreement = _agreement(votes) if (m > 1).any() else np.full(codes.n_annotators, np.nan)
    score = tally + 0.5 * safe  # equal votes go to the label the classifier finds likelier
    for _ in range(max(rounds, 1)):
        consensus = np.where(votes.clamp != NULL, votes.clamp, score.argmax(1))
        trust, weight, model_weight, details = _trusted(votes, safe, has_model, tally, consensus, agreement)
        flat = codes.item.astype(np.int64) * k + codes.label
        by_label = np.bincount(flat, weights=weight[codes.annotator], minlength=codes.n_items * k).reshape(
            codes.n_items, k
        )
        total = by_label.sum(1, keepdims=True)
        own = np.where(has_model, model_weight, 0.0)[:, None]
        with np.errstate(invalid="ignore"):
            posterior = (own * safe + by_label * trust + (total - by_label) * (1 - trust) / (k - 1)) / (own + total)
        score = np.nan_to_num(posterior)
    return Fit(
        posterior=votes.clamped_rows(posterior), annotators={"accuracy": agreement, "weight": weight}, details=details
    )


def _trusted(
    votes: Votes,
    safe: np.ndarray,
    has_model: np.ndarray,
    tally: np.ndarray,
    consensus: np.ndarray,
    agreement: np.ndarray,
) -> tuple[float, np.ndarray, float, dict[str, object]]:
    """P, the weight of each annotator, that of the classifier, and what they follow from, given the consensus."""
    codes, k, m = votes.codes, votes.codes.n_labels, votes.per_item
    several = np.flatnonzero(m > 1)
    details: dict[str, object] = {}
    if len(several):
        trust = float((tally[several, consensus[several]] / m[several]).mean())
        baseline = max(
            float((consensus[several] != np.bincount(consensus[several], minlength=k).argmax()).mean()), _LEAST
        )
        weight = np.maximum(1 - (1 - agreement) / baseline, _LEAST)
        both = several[has_model[several]]
        model_error = float((safe[both].argmax(1) != consensus[both]).mean()) if len(both) else np.nan
        model_weight = (
            max(1 - model_error / baseline, _LEAST) * float(np.sqrt(m[m > 0].mean())) if len(both) else _LEAST
        )
        details["most_common_label_error"] = baseline
    else:
        # Nobody overlaps: all anybody can be measured by is the classifier.
        both = np.flatnonzero(has_model[codes.item])
        alike = safe[codes.item[both]].argmax(1) == codes.label[both]
        trust = float((alike.sum() + 3.0) / (len(alike) + 4.0))  # three in four, until there is more to go by
        weight, model_weight, model_error = np.ones(codes.n_annotators), 1.0, 1 - trust
        details["note"] = "no item has two judgements, so annotators and classifier weigh the same"
    return (
        trust,
        weight,
        model_weight,
        details | {"classifier_weight": model_weight, "classifier_error": model_error, "consensus_share": trust},
    )


def _agreement(votes: Votes) -> np.ndarray:
    """Share of all other judgements of its items that agree with each annotator; the average where it is always
    alone.
    """
    codes, tally = votes.codes, votes.tallies()
    others = votes.per_item[codes.item] - 1
    alike = tally[codes.item, codes.label] - 1
    n = np.bincount(codes.annotator, weights=others, minlength=codes.n_annotators)
    agreed = np.bincount(codes.annotator, weights=alike, minlength=codes.n_annotators)
    agreement = np.divide(agreed, n, out=np.full(len(n), np.nan), where=n > 0)
    return np.where(np.isnan(agreement), np.nanmean(agreement), agreement)


def _checked(probabilities: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    p = np.asarray(probabilities, float)
    if p.shape != shape:
        raise WorkbenchError(
            f"The classifier's probabilities have shape {p.shape}, there are {shape[0]:,} items and {shape[1]} labels.",
            "Give one row an item and one column a label, in the order of the scale.",
        )
    known = ~np.isnan(p).any(1)
    wrong = np.flatnonzero(known & ((p < -1e-9).any(1) | (np.abs(p.sum(1) - 1) > 1e-3)))
    if len(wrong):
        raise WorkbenchError(
            f"The classifier's probabilities of {len(wrong):,} items do not sum to 1 (first: item {wrong[0]}).",
            "Give probabilities, not scores.",
        )
    return np.where(known[:, None], p, np.nan)
