"""Reward models as the function that a policy is trained against: TRL's GRPO and RLOO trainers take it as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from workbench.errors import WorkbenchError


class Scores(Protocol):
    """Anything that scores responses to prompts, such as what `workbench.reward.opening.load_model` gives."""

    def score(self, prompt: Sequence[Any], response: Sequence[Any]) -> np.ndarray:
        """Score of each response, float64 (n,)."""


def reward_func(
    models: Path | str | Scores | Sequence[Path | str | Scores],
    *,
    weights: Sequence[float] | None = None,
    clip: float | None = None,
) -> Callable[..., list[float]]:
    r"""A reward for reinforcement learning, $r = \sum_k w_k \min(\max(s_k, -c), c)$, from one model or several.

    Scores of different models lie on scales of their own: weights say how much each counts, and a clip keeps one of
    them from deciding alone, which is also what an over-optimised policy would use first.

    Parameters
    ----------
    models : folders of any reward model that `load_model` opens, or opened models.
    weights : one for each model; the same for all, 1 in sum, by default.
    clip : each model's score is kept within -clip to clip; as it is by default.

    Returns
    -------
    A function of `completions` and `prompts`, texts or lists of messages, that gives one number a completion; all of a
    call are scored in batches, and further columns of the data set are ignored. It is named after the models, as the
    trainers' logs show it.

    Raises
    ------
    WorkbenchError
        There is no model, a folder holds none, or weights or clip are no use.

    Examples
    --------
    >>> class Length:
    ...     def score(self, prompt, response):
    ...         return np.array([float(len(each)) for each in response])
    >>> reward = reward_func([Length(), Length()], weights=[1.0, 0.5], clip=4.0)
    >>> reward(prompts=["p", "p"], completions=["abc", "abcdef"])
    [4.5, 6.0]
    """
    listed: list[Path | str | Scores] = (
        list(models) if isinstance(models, Sequence) and not isinstance(models, str) else [models]
    )
    if not listed:
        raise WorkbenchError("No reward model is named.", "Give the folder of one, or of several.")
    w = np.full(len(listed), 1 / len(listed)) if weights is None else np.asarray(weights, float)
    if w.shape != (len(listed),) or not np.isfinite(w).all():
        raise WorkbenchError(f"{len(listed)} models and {w.size} weights.", "Give one weight for each model.")
    if clip is not None and not 0 < clip < np.inf:
        raise WorkbenchError(f"A clip of {clip}.", "Give a number above 0, or none.")
    opened: list[Scores] = [_opened(each) if isinstance(each, str | Path) else each for each in listed]

    def reward(completions: Sequence[Any], prompts: Sequence[Any] | None = None, **_: Any) -> list[float]:
        asked = [""] * len(completions) if prompts is None else list(prompts)
        scores = np.array([model.score(asked, list(completions)) for model in opened]).reshape(len(opened), -1)
        if not np.isfinite(scores).all():
            raise WorkbenchError(
                f"{int((~np.isfinite(scores)).sum()):,} scores are no numbers.", "Check the reward model with `score`."
            )
        return (w @ (scores if clip is None else np.clip(scores, -clip, clip))).tolist()

    names = [Path(each).name if isinstance(each, str | Path) else type(each).__name__ for each in listed]
    reward.__name__ = reward.__qualname__ = "reward_" + "_".join(dict.fromkeys(names))
    return reward


def _opened(folder: Path | str) -> Scores:
    from workbench.reward.opening import load_model

    return load_model(folder)
