"""Going round until nothing moves any more, and what every iterative method does before and after."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.aggregation.ascent import ROUNDS
from workbench.aggregation.contract import Fit
from workbench.aggregation.kernels import expectation, room, vote_shares
from workbench.aggregation.votes import Votes
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch


class Ending:
    """Lets the last E-step fill the posterior, which would otherwise take one more.

    Which step is the last is known only after it; it is foreseen from how fast the gains shrink, and where that was
    wrong one more step is made.

    Attributes
    ----------
    near : whether the step to come is likely to be the last.
    """

    def __init__(self, votes: Votes) -> None:
        self.votes = votes
        self.near = False
        self._posterior: np.ndarray | None = None
        self._filled = False

    def into(self) -> np.ndarray | None:
        """Where the step to come puts its posterior, (n_items, K); None where it need not."""
        self._filled = self.near
        if not self.near:
            return None
        if self._posterior is None:
            self._posterior = room(self.votes.codes, self.votes.codes.n_labels)
        return self._posterior

    def posterior(self, log_p: np.ndarray, log_pi: np.ndarray) -> np.ndarray:
        """The posterior of the last step, made under these parameters; as of `posterior_of`."""
        if self._filled and self._posterior is not None:
            return self.votes.clamped_rows(self._posterior)
        return posterior_of(self.votes, log_p, log_pi)

    def foresee(self, objective: list[float], max_iterations: int, gain: float, window: int) -> None:
        """Looks whether the step after these is likely to end it."""
        self.near = len(objective) + 1 >= max_iterations
        if len(objective) > max(window, 2):
            last, before = objective[-1] - objective[-2], objective[-2] - objective[-3]
            next_ = last * min(last / before, 1.0) if before > 0 else last
            self.near = self.near or objective[-1] - objective[-window] + next_ < 1.2 * window * gain


def iterate(
    steps: Iterator[tuple],
    max_iterations: int,
    gain: float,
    window: int = 1,
    watch: Watch = UNWATCHED,
    ending: Ending | None = None,
) -> tuple[np.ndarray, tuple, bool]:
    """Runs an ascent until the last `window` iterations gained less than `gain` each, on average.

    Returns the objective after each, what the last one gave, and whether it settled. `watch` is told each iteration,
    of as many as there can be: most end before. `ending` is told before each whether it is likely to be the last.
    """
    objective: list[float] = []
    last: tuple = ()
    if ending is not None:
        ending.foresee(objective, max_iterations, gain, window)
    for last in steps:
        objective.append(last[0])
        watch.step(len(objective), max_iterations, ROUNDS)
        if len(objective) > window and objective[-1] - objective[-1 - window] < window * gain:
            return np.array(objective), last, True
        if len(objective) >= max_iterations:
            break
        if ending is not None:
            ending.foresee(objective, max_iterations, gain, window)
    return np.array(objective), last, False


def posterior_of(votes: Votes, log_p: np.ndarray, log_pi: np.ndarray) -> np.ndarray:
    """The posterior under log-prior (K,) and log-confusion (n_annotators, label, truth); NaN where an item has no
    judgement.
    """
    posterior = room(votes.codes, len(log_p))
    expectation(votes.codes, votes.clamp, log_p, log_pi, posterior)
    return votes.clamped_rows(posterior)


def nothing(votes: Votes) -> Fit:
    """Without a judgement, or with a single label on the scale, there is nothing to learn; what is known stays
    known.
    """
    nan = np.full(votes.codes.n_annotators, np.nan)
    return Fit(
        posterior=votes.clamped_rows(vote_shares(votes.codes, votes.clamp)), annotators={"accuracy": nan, "weight": nan}
    )


def shares_learned(scale: LabelScale) -> str:
    """How common labels are where nobody says: `learned`, or `even` on preference scales of three labels or more.

    There errors fall mostly on neighbouring labels, and methods that take them to fall evenly would learn shares
    that make up for it.
    """
    return "even" if scale.has_sides and len(scale) > 2 else "learned"


def fixed_log_shares(class_prior: str | np.ndarray, k: int) -> np.ndarray | None:
    """Log-share of each label that stays as it is: `even`, or as given (K,); None where it is `learned`."""
    if isinstance(class_prior, str):
        if class_prior not in ("even", "learned"):
            raise WorkbenchError(
                f"There is no class prior {class_prior!r}.", "Choose even or learned, or give the share of each label."
            )
        return np.full(k, -np.log(max(k, 1))) if class_prior == "even" else None
    shares = np.asarray(class_prior, float)
    if shares.shape != (k,) or not (shares > 0).all():
        raise WorkbenchError(
            f"The class prior has shape {shares.shape} and smallest value {shares.min(initial=np.inf)}, there are {k}"
            " labels.",
            "Give one positive share for each label.",
        )
    return np.log(shares / shares.sum())
