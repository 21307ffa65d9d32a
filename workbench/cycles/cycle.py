"""One cycle of generate, judge, train: what it left to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.deliveries.delivery import Delivery
from workbench.errors import WorkbenchError


@dataclass(frozen=True, eq=False)
class Generated:
    """Texts that a policy wrote in a cycle.

    Attributes
    ----------
    prompt : object (n,): what each was written for, an id or the text itself.
    score : float (n,): the reward model's score; NaN where there is none.
    vectors : float (n, d): embeddings, of any length; None where there are none.
    text : object (n,): the texts; None where they are not at hand.

    Raises
    ------
    WorkbenchError
        They are not as many as each other, or a vector is not finite.
    """

    prompt: np.ndarray
    score: np.ndarray
    vectors: np.ndarray | None = None
    text: np.ndarray | None = None

    def __post_init__(self) -> None:
        given = {"scores": self.score, "vectors": self.vectors, "texts": self.text}
        for name, values in given.items():
            if values is not None and len(values) != len(self.prompt):
                raise WorkbenchError(
                    f"There are {len(self.prompt):,} prompts and {len(values):,} {name}.",
                    "Give one of each for every text, in the same order.",
                )
        if self.vectors is not None and (self.vectors.ndim != 2 or not np.isfinite(self.vectors).all()):
            raise WorkbenchError("The vectors are not a table of finite numbers.", "Give one row of numbers a text.")


@dataclass(frozen=True, eq=False)
class Cycle:
    """What is known of one cycle; whatever is missing is not compared.

    Attributes
    ----------
    name : what it is called.
    delivery : its annotations: judges' verdicts, and people's where some items were given to them.
    generated : what the policy wrote.
    anchors : frozen text -> score of this cycle's reward model; the same texts in every cycle.
    held_out : pair of a held-out set that people judged -> score of the chosen response less that of the rejected one,
        by this cycle's reward model; the same pairs in every cycle.
    """

    name: str
    delivery: Delivery | None = None
    generated: Generated | None = None
    anchors: Mapping[str, float] = field(default_factory=dict)
    held_out: Mapping[str, float] = field(default_factory=dict)
