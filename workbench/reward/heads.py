r"""Linear reward heads on difference features: Bradley-Terry and the symmetric cumulative logit, fitted exactly by
Newton's method.

A head scores a response by $r = \beta^\top\varphi$, so the margin of a pair is $\Delta = \beta^\top(\varphi_A -
\varphi_B)$: linear in what it is fed, without an intercept, so that exchanging A and B changes the sign and nothing
else. Arrays in, arrays out; neither torch nor any text is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from workbench.errors import WorkbenchError
from workbench.reward.losses import preference_loss
from workbench.reward.newton import Objective, minimise


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearHead:
    r"""What a fit found, and how sure it is.

    Attributes
    ----------
    coefficients : float64 (d,).
    covariance : float64 (d, d): inverse of the penalised Hessian at the optimum (Laplace's approximation of the
        posterior).
    cutpoints : float64 (levels - 1,): descending and antisymmetric, of a cumulative logit; empty for Bradley-Terry.
    penalty : weight of $\tfrac12\|\beta\|^2$ in the loss.
    n : pairs it was fitted on.
    loss : mean negative log-likelihood of these.
    iterations, converged : Newton steps, and whether they ended by themselves.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    cutpoints: np.ndarray = field(default_factory=lambda: np.empty(0))
    penalty: float = 1.0
    n: int = 0
    loss: float = float("nan")
    iterations: int = 0
    converged: bool = True

    def margin(self, x: np.ndarray) -> np.ndarray:
        """Score of A minus score of B, float64 (n,); positive where A is better."""
        return np.asarray(x @ self.coefficients.astype(x.dtype), float)

    def variance(self, x: np.ndarray) -> np.ndarray:
        r"""How unsure is each margin? $v = x^\top H^{-1} x$, float64 (n,)."""
        return np.einsum("nd,nd->n", x @ self.covariance.astype(x.dtype), x).astype(float)

    def probability(self, x: np.ndarray, *, moderated: bool = False) -> np.ndarray:
        r"""Probability that A is preferred, half of a tie counted in, float64 (n,).

        Parameters
        ----------
        x : (n, d), difference features.
        moderated : let the uncertainty of the coefficients draw it towards one half, $\sigma(\Delta / \sqrt{1 + \pi v /
            8})$ (MacKay 1992, *The evidence framework applied to classification networks*).
        """
        margin = self.margin(x)
        if moderated:
            margin = margin / np.sqrt(1 + np.pi * self.variance(x) / 8)
        return preference_of_margin(margin, self.cutpoints)


def level_probabilities(margin: np.ndarray, cutpoints: np.ndarray) -> np.ndarray:
    r"""Probability of each level, $P(\text{level} \le c) = \sigma(\Delta - t_c)$; A and B alone where there are no
    cutpoints.

    >>> level_probabilities(np.zeros(1), np.array([1.0, -1.0])).round(3).tolist()
    [[0.269, 0.462, 0.269]]
    """
    cuts = cutpoints if len(cutpoints) else np.zeros(1)
    reached = expit(np.asarray(margin, float)[:, None] - cuts)
    edges = np.zeros((len(margin), 1))
    return np.diff(np.hstack([edges, reached, edges + 1]), axis=1)


def preference_of_margin(margin: np.ndarray, cutpoints: np.ndarray) -> np.ndarray:
    """Probability that A is preferred: the levels above the middle, and half of the middle one where there is one."""
    if len(cutpoints) == 0:
        return expit(margin)
    p = level_probabilities(margin, cutpoints)
    half = p.shape[1] // 2
    return p[:, :half].sum(1) + (0.5 * p[:, half] if p.shape[1] % 2 else 0.0)


def fit_bradley_terry(
    x: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    penalty: float = 1.0,
    *,
    push: np.ndarray | float = 0.0,
    start: LinearHead | None = None,
    hessian: np.ndarray | None = None,
    draft: bool = False,
) -> LinearHead:
    r"""Which linear score explains these preferences best?

    Minimises $\sum_i w_i\,[\ln(1 + e^{\Delta_i}) - q_i\Delta_i] + \tfrac\lambda2\|\beta\|^2$ (Bradley & Terry 1952,
    with soft targets): the same as scikit-learn's logistic regression on differences with `C = 1 / penalty` and no
    intercept.

    Parameters
    ----------
    x : (n, d): features of A minus features of B.
    target : (n,): probability q that A is preferred, 0.5 for a tie; smoothed or corrected for noise by
        `workbench.reward.losses`.
    weight : (n,): how much each pair counts; all the same by default.
    penalty : $\lambda$, at least 0.
    push : how far apart the scores of each pair should be (Llama 2's margin), (n,) or one number.
    start : a head fitted to much the same pairs, to begin from: fewer steps, the same result.
    hessian : (d, d): of the loss without the penalty, roughly, to begin with: fewer passes, the same result.
    draft : for choosing between many fits: less exact (a millionth of the loss), and without covariance.

    Examples
    --------
    Three of four prefer A, and the feature favours A by one: the coefficient is the log-odds, ln 3.

    >>> head = fit_bradley_terry(np.ones((4, 1)), np.array([1.0, 1, 1, 0]), penalty=0.0)
    >>> float(head.coefficients[0].round(4)), float(head.probability(np.ones((1, 1)))[0].round(4))
    (1.0986, 0.75)
    """
    x, target, weight = _checked(x, target, weight, penalty)

    def at(parameters: np.ndarray, margin: np.ndarray) -> Objective:  # noqa: ARG001
        loss = preference_loss(margin, target, push)
        return Objective(float(weight @ loss.value), weight * loss.slope, weight * loss.curvature)

    found = minimise(x, at, penalty, begin=None if start is None else start.coefficients, hessian=hessian, draft=draft)
    return LinearHead(
        coefficients=found.coefficients,
        covariance=found.covariance,
        penalty=penalty,
        n=len(x),
        loss=found.data_loss / max(float(weight.sum()), 1e-300),
        iterations=found.iterations,
        converged=found.converged,
    )


def fit_cumulative_logit(
    x: np.ndarray,
    level: np.ndarray,
    levels: int,
    weight: np.ndarray | None = None,
    penalty: float = 1.0,
    *,
    start: LinearHead | None = None,
    hessian: np.ndarray | None = None,
    draft: bool = False,
) -> LinearHead:
    r"""Which linear score explains graded preferences best, ties and strength included?

    $P(\text{level} \le c) = \sigma(\Delta - t_c)$ with descending cutpoints and $t_{K-2-c} = -t_c$, so that exchanging
    A and B reverses the scale and nothing else. With two levels it is Bradley-Terry; with three it is Rao & Kupper's
    (1967) model of ties.

    Parameters
    ----------
    x : (n, d): features of A minus features of B.
    level : (n,): label codes, 0 = "A much better" to `levels - 1` = "B much better".
    levels : how many labels the scale has, at least 2.
    weight, penalty, start, hessian, draft : as in `fit_bradley_terry`; the cutpoints are not penalised, but for a
        hundredth of a pseudo-label.

    Examples
    --------
    Without a difference in features, the cutpoint follows from the share of ties alone: P(A) = 0.25 = sigma(-t).

    >>> head = fit_cumulative_logit(np.zeros((4, 1)), np.array([0, 1, 1, 2]), 3)
    >>> head.cutpoints.round(2).tolist()
    [1.1, -1.1]
    """
    level = np.asarray(level, np.int64)
    if levels < 2 or (len(level) and (level.min() < 0 or level.max() >= levels)):
        raise WorkbenchError(f"Labels must be codes from 0 to {levels - 1}.", "Leave out the pairs that have no label.")
    x, _, weight = _checked(x, level, weight, penalty)
    from workbench.reward.cutpoints import CumulativeLogit

    model = CumulativeLogit(level, levels, weight)
    found = minimise(
        x,
        model.at,
        penalty,
        model.start(),
        begin=None if start is None else start.coefficients,
        hessian=hessian,
        draft=draft,
    )
    return LinearHead(
        coefficients=found.coefficients,
        covariance=found.covariance,
        cutpoints=model.cutpoints(found.parameters),
        penalty=penalty,
        n=len(x),
        loss=found.data_loss / max(float(weight.sum()), 1e-300),
        iterations=found.iterations,
        converged=found.converged,
    )


def curvature(head: LinearHead, margin: np.ndarray, level: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Second derivative of the loss of each pair by its margin, (n,), for a Hessian that a later fit begins with."""
    if len(head.cutpoints) == 0:
        p = expit(margin)
        return weight * p * (1 - p)
    cuts = np.concatenate([[np.inf], head.cutpoints, [-np.inf]])
    upper, lower = expit(margin - cuts[level + 1]), expit(margin - cuts[level])
    return weight * (upper * (1 - upper) + lower * (1 - lower))


def _checked(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, penalty: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y = np.asarray(x), np.asarray(y, float)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(float)
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, float)
    if x.ndim != 2 or len(x) != len(y) or len(weight) != len(y):
        raise ValueError(f"features {x.shape}, labels {y.shape} and weights {weight.shape} do not fit together")
    if len(x) == 0:
        raise WorkbenchError("There is no pair to train on.", "Look at what was set aside, and why.")
    if not (penalty >= 0 and np.isfinite(penalty)):
        raise WorkbenchError(f"The penalty is {penalty}.", "Give a number of at least 0.")
    if not np.isfinite(y).all() or not np.isfinite(weight).all() or (weight < 0).any() or not np.isfinite(x).all():
        raise WorkbenchError("A feature, a label or a weight is not a finite number.", "Leave these pairs out.")
    return x, y, weight
