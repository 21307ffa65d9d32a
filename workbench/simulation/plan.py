"""What to simulate: the settings, checked once, with shares turned into counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workbench.dataset.scales import SCALES, LabelScale
from workbench.errors import WorkbenchError, first_five

CATEGORIES = (
    "cooking",
    "code help",
    "maths",
    "e-mail drafting",
    "history",
    "travel",
    "health information",
    "translation",
    "summarising",
    "product comparison",
    "science explanation",
    "creative writing",
)
"""Kinds of tasks that there are phrases for."""

TROUBLE = ("spammer", "speeder", "left-clicker", "drifter", "colluder")
"""The ways an annotator can go wrong, besides being honest."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All settings of a simulation; `workbench.simulate` says what each of them means."""

    annotations: int = 20_000
    seed: int = 0
    annotators: int = 40
    labels_per_item: int = 3
    scale: str = "five"
    spammers: float = 0.05
    speeders: float = 0.05
    left_clickers: float = 0.05
    drifters: float = 0.05
    colluders: float = 0.05
    experts: int = 0
    expert_share: float = 0.1
    judges: int = 0
    skill: tuple[float, float] = (0.65, 0.95)
    ambiguous_share: float = 0.1
    categories: tuple[str, ...] = CATEGORIES
    contested_category: str | None = "creative writing"
    tie_share: float = 0.12
    taste_share: float = 0.5
    side_bias: float = 0.0
    repeat_share: float = 0.05
    gold_share: float = 0.1
    wrong_gold: float = 0.0
    skip_share: float = 0.0
    ranked_share: float = 0.2
    ranking_size: int = 4
    models: int = 6
    weeks: int = 6
    confused_weeks: tuple[int, ...] = ()
    confusion: float = 3.0
    uneven: float = 0.0
    batch_size: int = 0
    fixed_sides: bool = False
    start: str = "2026-01-05"
    texts: bool = True

    @property
    def label_scale(self) -> LabelScale:
        """The scale of the labels."""
        return SCALES[self.scale]

    @property
    def crew(self) -> dict[str, int]:
        """How many annotators of each kind of trouble there are."""
        given = (self.spammers, self.speeders, self.left_clickers, self.drifters, self.colluders)
        return {kind: _count(value, self.annotators) for kind, value in zip(TROUBLE, given, strict=True)}

    @property
    def load(self) -> float:
        """Judgements an item gets on average, repeats among them."""
        once = self.labels_per_item + self.experts * self.expert_share
        return once * (1 + self.repeat_share) + 2 * self.judges

    def checked(self) -> Plan:
        """The same plan, if it can be carried out.

        Raises
        ------
        WorkbenchError
            A share is outside 0 to 1, the scale is unknown, or the crew is too small for what is asked of it.
        """
        if self.scale not in SCALES:
            raise WorkbenchError(
                f"There is no scale {self.scale!r} to simulate.", f"Choose one of {', '.join(SCALES)}."
            )
        for name in (
            "ambiguous_share",
            "tie_share",
            "taste_share",
            "repeat_share",
            "gold_share",
            "wrong_gold",
            "skip_share",
            "ranked_share",
            "expert_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise WorkbenchError(
                    f"{name} is {getattr(self, name)}, and a share lies between 0 and 1.",
                    f"Give {name} as a fraction, such as 0.1.",
                )
        for name in ("annotations", "annotators", "labels_per_item", "weeks"):
            if getattr(self, name) < 1:
                raise WorkbenchError(
                    f"{name} is {getattr(self, name)}; at least 1 is needed.", f"Give {name} as a whole number."
                )
        if not 0 < self.skill[0] <= self.skill[1] < 1:
            raise WorkbenchError(
                f"skill is {self.skill}; it is the lowest and the highest accuracy of an honest annotator.",
                "Give two numbers between 0 and 1, such as (0.65, 0.95).",
            )
        if self.ranking_size < 3 or self.models < max(2, self.ranking_size):
            raise WorkbenchError(
                f"{self.models} models cannot fill rankings of {self.ranking_size}.",
                "Ask for rankings of at least 3 and as many models.",
            )
        if self.tie_share and self.label_scale.tie is None:
            return replace(self, tie_share=0.0).checked()
        unknown = [name for name in self.categories if name not in CATEGORIES]
        if unknown or not self.categories:
            raise WorkbenchError(
                f"There are no texts for the categories {first_five(unknown)}.",
                f"Choose among {', '.join(CATEGORIES)}.",
            )
        planted, colluders = sum(self.crew.values()), self.crew["colluder"]
        if planted > self.annotators:
            raise WorkbenchError(
                f"{planted} troubled annotators are planted among {self.annotators}.",
                "Ask for fewer, or for more annotators.",
            )
        if colluders and (self.labels_per_item < 2 or planted == self.annotators):
            raise WorkbenchError(
                "A colluder copies from an honest annotator who judges the same items.",
                "Use colluders=0, or at least 2 labels an item and one honest annotator.",
            )
        if self.labels_per_item > self.annotators - colluders:
            raise WorkbenchError(
                f"{self.labels_per_item} labels an item need as many annotators besides the {colluders} colluders;"
                f" there are {self.annotators - colluders}.",
                "Ask for more annotators or fewer labels an item.",
            )
        return self


def _count(value: float, of: int) -> int:
    """A count as it is; a share (a fraction below 1) as a count."""
    if value < 0:
        raise WorkbenchError(f"{value} annotators of one kind is negative.", "Give a count, or a share below 1.")
    return int(value) if value >= 1 or isinstance(value, int) else round(value * of)
