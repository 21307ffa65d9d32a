r"""How many independent annotators is the crew worth?

Those who copy are counted out first: a copy is no second opinion. What the labels of the rest have in common beyond
what is right about the items, the error correlation $\rho = \sum e / \sum (1 - (a - e))$ over pairs of votes (a: alike
or not; e: alike beyond what these two, as each labels, would be by what the others say of the item), makes k of them
worth $k / (1 + (k - 1) \rho)$. Its interval is over items: votes on one item are swayed together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from workbench.annotators.collusion import alike_beyond_own, effective_annotators, votes_on_same_item
from workbench.annotators.peer_posterior import Others

_SAMPLE = 100_000


@dataclass(frozen=True)
class Independence:
    """What the crew is worth.

    Attributes
    ----------
    annotators : how many there are.
    copies : those counted out: of each pair that chooses too much alike the one who copied, or where that is not known,
        the one who did less.
    correlation : error correlation that all other pairs have in common, 0 at least; None where no two of them share an
        item.
    low, high : its interval, 0 at least.
    pairs_of_votes : it rests on, of different annotators on the same item.
    """

    annotators: int
    copies: int
    correlation: float | None
    low: float | None
    high: float | None
    pairs_of_votes: int

    @property
    def left(self) -> int:
        """Annotators without the copies."""
        return self.annotators - self.copies

    @property
    def worth(self) -> float | None:
        """Independent annotators; None where the correlation is not known."""
        return None if self.correlation is None else effective_annotators(self.left, self.correlation)

    @property
    def worth_low(self) -> float | None:
        """Lower bound, at the upper bound of the correlation."""
        return None if self.high is None else effective_annotators(self.left, self.high)

    @property
    def worth_high(self) -> float | None:
        """Upper bound, at the lower bound of the correlation."""
        return None if self.low is None else effective_annotators(self.left, self.low)

    def __str__(self) -> str:
        out = {0: "Nobody's answers are another's", 1: "One whose answers are another's is counted out"}.get(
            self.copies, f"{self.copies:,} whose answers are another's are counted out"
        )
        if self.worth is None or self.worth_low is None or self.worth_high is None:
            return (
                f"{out}, which leaves {self.left:,} of {self.annotators:,}; no two of them share an item, so what they"
                " have in common is not known."
            )
        return (
            f"{out}, which leaves {self.left:,} of {self.annotators:,}; errors that these have in common (correlation"
            f" {self.correlation:.3f}) make them worth about {self.worth:.1f} independent ones ({self.worth_low:.1f} to"
            f" {self.worth_high:.1f})."
        )


def independence(found: Others, level: float = 0.95) -> Independence:
    """How many independent annotators is the crew worth?

    Parameters
    ----------
    found : of `others(data)`, with the votes of copiers ignored, as in `survey(data).others`.
    level : probability that the interval covers.

    Examples
    --------
    >>> from workbench.annotators import survey
    >>> from workbench.simulation.simulate import simulate
    >>> found = survey(simulate(4_000, annotators=20, colluders=2, seed=1, texts=False).data)
    >>> found.independence.left
    18
    """
    people, copies = found.codes.n_annotators, int(found.ignored.sum())
    one, two = votes_on_same_item(found)
    kept = ~found.ignored[found.codes.annotator[one]] & ~found.ignored[found.codes.annotator[two]]
    one, two = one[kept], two[kept]
    step = max(len(one) // _SAMPLE, 1)
    one, two = one[::step], two[::step]
    if len(one) == 0:
        return Independence(people, copies, None, None, None, 0)
    beyond = alike_beyond_own(found, one, two).astype(float)
    rest = 1 - ((found.codes.label[one] == found.codes.label[two]) - beyond)
    correlation = float(beyond.sum() / max(rest.sum(), 1e-9))
    # Of a ratio of sums, with what each item adds: the spread of its numerator less the ratio times its denominator.
    item = np.unique(found.codes.item[one], return_inverse=True)[1]
    of_item = np.bincount(item, weights=beyond - correlation * rest)
    items = len(of_item)
    error = float(np.sqrt((of_item**2).sum() * items / max(items - 1, 1)) / max(rest.sum(), 1e-9)) if items > 1 else 1.0
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    # A correlation below 0 is the error of what is expected, which may as well have gone the other way.
    low, high = (
        float(np.clip(bound, 0.0, 1.0)) for bound in (correlation - half, max(correlation + half, -correlation))
    )
    return Independence(people, copies, float(np.clip(correlation, 0.0, 1.0)), low, high, len(one))
