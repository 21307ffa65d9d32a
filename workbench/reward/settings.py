"""How a reward head is trained: every choice with its default, checked before anything begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from workbench.errors import WorkbenchError, first_five
from workbench.messages import message, name_of
from workbench.reward.windows import LongTexts

LOSSES = ("auto", "bradley-terry", "cumulative-logit")
"""`auto` takes the cumulative logit where labels have more than two levels and all pairs have one, otherwise
Bradley-Terry."""

PENALTIES = (30.0, 10.0, 3.0, 1.0, 0.3)
"""What is tried where no penalty is given, strongest first. One unit of it is one pair's worth of doubt about each
block of features."""


@dataclass(frozen=True, kw_only=True)
class HeadSettings:
    """How a reward head on frozen embeddings is trained.

    Attributes
    ----------
    encoder : name or folder; None = all-MiniLM-L6-v2 where it is on this machine, otherwise hashed words.
    loss : one of `LOSSES`.
    smoothing : label smoothing; labels are thought wrong this often at most.
    flips : corrects the loss for labels that name the wrong side this often.
    margins : Llama 2's pushes by strength, `small` or `large`; None = none.
    surface : whether the head is told what texts look like (length, punctuation, layout).
    views : whether the encoder's inner layer and the interaction with the prompt are tried beside its sentence vector,
        and what predicts held-out groups of the training pairs best is taken; otherwise the encoder as named, with what
        `prompt` says.
    prompt : whether the interaction with the prompt is used; None = tried where `views` is on, otherwise not.
    penalty : weight of half the squared coefficients; None = chosen on held-out groups of the training pairs.
    annotator_aware : for raw votes: learns on the way whom to believe.
    members : heads on resampled groups beside the main one, whose disagreement measures doubt.
    long_texts : how texts are read that are longer than the encoder reads at once: in `windows` to their end, or `cut`.
    folds : parts that the groups are dealt into for choices and for the temperature.
    seed : of folds and resampling.
    """

    encoder: str | None = None
    loss: str = "auto"
    smoothing: float = 0.0
    flips: float = 0.0
    margins: str | None = None
    surface: bool = True
    views: bool = True
    prompt: bool | None = None
    penalty: float | None = None
    annotator_aware: bool = False
    members: int = 0
    long_texts: LongTexts = "windows"
    folds: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise WorkbenchError(f"There is no loss {self.loss!r}.", f"Choose one of {', '.join(LOSSES)}.")
        if self.long_texts not in ("windows", "cut"):
            raise WorkbenchError(f"Long texts cannot be read as {self.long_texts!r}.", "Choose `windows` or `cut`.")
        wrong = [
            ("label smoothing", self.smoothing, 0 <= self.smoothing < 0.5),
            ("flip rate", self.flips, 0 <= self.flips < 0.5),
            ("penalty", self.penalty, self.penalty is None or 0 <= self.penalty < 1e12),
            ("number of members", self.members, 0 <= self.members <= 1_000),
            ("number of folds", self.folds, 2 <= self.folds <= 50),
        ]
        for name, value, fine in wrong:
            if not fine:
                raise WorkbenchError(
                    f"A {name} of {value} cannot be used.", message("See ", name_of("train_help"), ".")
                )
        if self.loss == "cumulative-logit" and (self.smoothing or self.flips or self.margins or self.annotator_aware):
            raise WorkbenchError(
                "The cumulative logit takes levels as they are: smoothing, noise correction, margins and"
                " annotator-aware training are for Bradley-Terry.",
                "Choose the loss bradley-terry, or leave these out.",
            )

    @property
    def needs_sides(self) -> bool:
        """Whether only Bradley-Terry can do what is asked."""
        return bool(self.smoothing or self.flips or self.margins or self.annotator_aware)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> HeadSettings:
        """The settings in a run's configuration.

        Raises
        ------
        WorkbenchError
            There is a setting of another name.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(content) - known):
            raise WorkbenchError(
                f"There is no setting {first_five(unknown)}.", f"Settings are {', '.join(sorted(known))}."
            )
        return cls(**content)
