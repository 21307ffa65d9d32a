r"""Gold that good annotators fail: is it the annotators, or the gold?

The votes on a gold item, each weighed by how its annotator labels elsewhere, are so and so likely if the gold has the
right direction, and if it has another one; let b be the ratio. If a share $\varepsilon$ of the gold is wrong, an item's
gold is wrong with the odds $b \, \varepsilon / (1 - \varepsilon)$. The share is learned from all gold items together:
its posterior is $\propto \text{Beta}(\varepsilon; 1, 49) \prod_i (1 - \varepsilon + \varepsilon b_i)$, 2% before
anything is seen, and chances are averaged over it. Three unanimous votes say little of one item where little gold is
wrong, and much where much is; so the list of the likeliest goes on below the line from which gold is not believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workbench.annotators.peer_posterior import Others
from workbench.dataset.scales import NULL
from workbench.findings import Finding, finding

WRONG_SHARE = 0.02
"""Share of gold expected to be wrong before anything is seen."""

PRIOR_ITEMS = 50.0
"""How many gold items that expectation counts as."""

DOUBTFUL = 0.8
"""Gold likelier wrong than this is not held against anybody."""


@dataclass(frozen=True, eq=False)
class SuspectGold:
    """Gold items, with the chance that their gold is wrong.

    Attributes
    ----------
    items : one row a gold item with votes, likeliest wrong first: `item` (position), `item_id`, `gold`, `votes`,
        `against` (votes for another direction), `instead` (label the votes speak for), `chance_wrong`.
    distrusted : bool (n_items,): items whose gold is more likely wrong than `DOUBTFUL`.
    wrong_share : share of the gold that is probably wrong, with its 95% interval; None without gold that anybody voted
        on.
    """

    items: pd.DataFrame
    distrusted: np.ndarray
    wrong_share: tuple[float, float, float] | None = None

    @property
    def left(self) -> float:
        """Share of the gold still believed that is surely wrong too: the lower bound of the share, less what is not
        believed any more.
        """
        if self.wrong_share is None:
            return 0.0
        n, out = len(self.items), int((self.items["chance_wrong"] > DOUBTFUL).sum())
        return max(self.wrong_share[1] * n - out, 0.0) / max(n - out, 1)

    def likeliest(self, limit: int = 20) -> pd.DataFrame:
        """The gold that is likeliest wrong, also where it is still believed: as many rows as gold labels are probably
        wrong, and at least `limit`.

        The columns of `items`, and `believed`.
        """
        most = max(limit, round(float(self.items["chance_wrong"].sum())))
        listed = self.items[self.items["chance_wrong"] > 0].head(most)
        return listed.assign(believed=listed["chance_wrong"] <= DOUBTFUL)

    def finding(self) -> Finding | None:
        """What to say about it; None where no gold is suspect."""
        suspect = self.items[self.items["chance_wrong"] > DOUBTFUL]
        if len(suspect) == 0:
            return self._unsure()
        n, whole = len(suspect), len(self.items)
        return finding(
            "warning",
            "suspect-gold",
            f"{n:,} of {whole:,} gold labels {'is' if n == 1 else 'are'} contradicted by annotators who are right"
            f" elsewhere; {'it is' if n == 1 else 'they are'} not held against anybody.",
            "Have an expert look at these items, and correct the gold or leave it out.",
            rows=suspect["item_id"].tolist(),
        )

    def _unsure(self) -> Finding | None:
        """That much of the gold is wrong, where no single label surely is."""
        if self.wrong_share is None or self.wrong_share[1] < WRONG_SHARE:
            return None
        share, low, high = self.wrong_share
        rows = self.likeliest()
        return finding(
            "warning",
            "suspect-gold",
            f"About {share:.0%} of the {len(self.items):,} gold labels are probably wrong ({low:.0%} to {high:.0%}),"
            " though too few people judged each to say of one that it surely is.",
            "Have an expert look at the likeliest ones, which are listed first.",
            rows=rows["item_id"].tolist(),
        )


def suspect_gold(found: Others, wrong_share: float = WRONG_SHARE) -> SuspectGold:
    """Which gold labels do good annotators fail?

    Parameters
    ----------
    found : of `others(data)`.
    wrong_share : share of gold expected to be wrong before anything is seen; the gold items say more.
    """
    data, codes, crew = found.data, found.codes, found.crew
    gold = data.gold.astype(int)
    items = np.flatnonzero((gold != NULL) & (np.diff(codes.starts) > 0))
    distrusted = np.zeros(codes.n_items, bool)
    if len(items) == 0:
        columns = ("item", "item_id", "gold", "votes", "against", "instead", "chance_wrong")
        return SuspectGold(pd.DataFrame({name: np.empty(0) for name in columns}), distrusted)
    size = np.diff(codes.starts)[items]
    rows = np.repeat(codes.starts[items] - np.concatenate([[0], np.cumsum(size)[:-1]]), size) + np.arange(size.sum())
    of = np.repeat(np.arange(len(items)), size)
    counted = ~found.ignored[codes.annotator[rows]]
    spoken = np.where(counted[:, None], found.log_tables[codes.annotator[rows], codes.label[rows]], 0.0)
    total = np.add.reduceat(spoken, np.concatenate([[0], np.cumsum(size)[:-1]]), axis=0)
    likelihood = np.exp(total - total.max(1, keepdims=True)) * crew.prior
    direction = data.scale.direction_table()
    same = direction[crew.truth][None, :] == direction[gold[items]][:, None]
    prior_same = (same * crew.prior).sum(1)
    agree = (likelihood * same).sum(1) / np.maximum(prior_same, 1e-12)
    differ = (likelihood * ~same).sum(1) / np.maximum(1 - prior_same, 1e-12)
    wrong, learned = _chance_wrong(differ / np.maximum(agree, 1e-300), wrong_share)
    against = np.bincount(of, weights=direction[codes.label[rows]] != direction[gold[items]][of], minlength=len(items))
    by_label = np.where(same, 0.0, likelihood) @ np.eye(codes.n_labels)[crew.truth]
    names = np.array(data.scale.labels, object)
    distrusted[items[wrong > DOUBTFUL]] = True
    frame = pd.DataFrame(
        {
            "item": items,
            "item_id": data.items["item_id"].to_numpy()[items],
            "gold": names[gold[items]],
            "votes": size,
            "against": against.astype(int),
            "instead": names[by_label.argmax(1)],
            "chance_wrong": wrong,
        }
    )
    return SuspectGold(
        frame.sort_values(["chance_wrong", "item"], ascending=[False, True], ignore_index=True), distrusted, learned
    )


def _chance_wrong(ratio: np.ndarray, expected: float) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Chance of each gold label to be wrong, from the likelihood ratios (n,), and the share of wrong gold: mean and 95
    % interval.

    >>> chances, share = _chance_wrong(np.array([20.0] * 30 + [0.05] * 170), 0.02)
    >>> round(share[0], 2), round(float(chances[0]), 2)
    (0.08, 0.63)
    """
    share = np.arange(0.5, 1_000) / 2_000
    # Ratios within a hundredth of each other count as one: many items have the same votes.
    logs, of, times = np.unique(np.log(np.clip(ratio, 1e-12, 1e12)).round(2), return_inverse=True, return_counts=True)
    values = np.exp(logs)
    log = stats.beta.logpdf(share, PRIOR_ITEMS * expected, PRIOR_ITEMS * (1 - expected))
    for value, n in zip(values.tolist(), times.tolist(), strict=True):
        log += n * np.log1p(share * (value - 1))
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = np.array([float(weight @ (share * value / (1 - share + share * value))) for value in values])
    below = np.cumsum(weight)
    low, high = (float(share[min(int((below < t).sum()), len(share) - 1)]) for t in (0.025, 0.975))
    return mean[of], (float(weight @ share), low, high)
