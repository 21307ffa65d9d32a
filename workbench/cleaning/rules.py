"""What to set aside: thresholds for annotators, judgements and items, and annotators named by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields

from workbench.errors import WorkbenchError

_SHARES = (
    "least_reliability",
    "least_agreement",
    "least_gold",
    "most_rapid",
    "largest_fall",
    "least_confidence",
    "most_contested",
)
_LISTS = ("flags", "without", "keep")
_WORDS = {
    "least_reliability": "annotators with a reliability below {:.4g}%",
    "least_agreement": "annotators who agree with others on less than {:.4g}%",
    "least_gold": "annotators right on less than {:.4g}% of the gold",
    "gold_answers": "who gave {:g} gold answers or more",
    "most_rapid": "annotators with more than {:.4g}% rapid judgements",
    "largest_fall": "annotators whose accuracy fell by more than {:.4g} points",
    "flags": "annotators flagged for",
    "assured": "each only where the whole interval speaks against the annotator",
    "without": "by name",
    "keep": "kept by name",
    "min_seconds": "judgements faster than {:g} seconds",
    "max_words_per_minute": "judgements read faster than {:g} words a minute",
    "skips": "judgements without a label",
    "least_confidence": "items whose label is less than {:.4g}% sure",
    "most_contested": "items with more than {:.4g}% of the pairs of labels on different sides",
    "min_labels_left": "items with fewer than {:g} labels left",
}


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """Rules by which annotators, judgements and items are set aside; the default sets nothing aside.

    An annotator or item whose figure is unknown (no gold, no times, nobody else on its items) is never set aside by
    that figure.

    Attributes
    ----------
    least_reliability : annotators whose reliability (estimated accuracy, all evidence joined) is lower go.
    least_agreement : annotators who agree less often than this with others on the same item go.
    least_gold, gold_answers : annotators whose estimated accuracy on gold is lower go, if they gave so many gold
        answers.
    most_rapid : annotators with a larger share of rapid judgements go.
    largest_fall : annotators who became less accurate at some date, by a larger share than this, go; where no fall is
        clear, nobody does.
    flags : annotators with one of these flags go.
    assured : go by the end of the 95% interval that speaks for the annotator, so that one about whom little is known
        stays.
    without, keep : ids of annotators who go, and who stay whatever the thresholds say.
    min_seconds : faster judgements go. A judgement without a time stays: unknown is not fast.
    max_words_per_minute : judgements given at a higher reading speed go; 0 = off.
    skips : judgements without a label go.
    least_confidence : items whose label has a lower posterior probability go.
    most_contested : items on which a larger share of pairs of labels name different sides go.
    min_labels_left : items with fewer labels left, after all else, go.

    >>> Cleaning(least_reliability=0.6).chosen
    {'least_reliability': 0.6}
    """

    least_reliability: float = 0.0
    least_agreement: float = 0.0
    least_gold: float = 0.0
    gold_answers: int = 10
    most_rapid: float = 1.0
    largest_fall: float = 1.0
    flags: tuple[str, ...] = ()
    assured: bool = False
    without: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    min_seconds: float = 0.0
    max_words_per_minute: float = 0.0
    skips: bool = False
    least_confidence: float = 0.0
    most_contested: float = 1.0
    min_labels_left: int = 1

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise WorkbenchError(f"{name} is {getattr(self, name):g}.", "Give a share between 0 and 1.")
        for name in ("min_seconds", "max_words_per_minute", "gold_answers", "min_labels_left"):
            if not getattr(self, name) >= 0:
                raise WorkbenchError(f"{name} is {getattr(self, name):g}.", "Give a number from 0 up.")
        for name in _LISTS:
            object.__setattr__(self, name, tuple(sorted({str(v) for v in getattr(self, name)})))
        both = sorted(set(self.without) & set(self.keep))
        if both:
            raise WorkbenchError(
                f"{both[0]!r} is named both to go and to stay.", "Name an annotator in one of the two."
            )

    @property
    def chosen(self) -> dict[str, object]:
        """The rules that differ from the default; `gold_answers` and `assured` only where they decide something."""
        plain = Cleaning()
        found = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)}
        if self.least_gold == 0:
            found.pop("gold_answers", None)
        if not any((self.least_reliability, self.least_agreement, self.least_gold)):
            found.pop("assured", None)
        if not set(found) - {"keep"}:
            return {}
        return found

    @property
    def by_agreement(self) -> bool:
        """Whether a rule looks at how labels agree, so that agreement rises by construction."""
        return bool(
            self.least_agreement
            or self.least_reliability
            or self.largest_fall < 1
            or self.least_confidence
            or self.most_contested < 1
            or self.flags
        )

    @property
    def by_gold(self) -> bool:
        """Whether a rule looks at the gold, so that accuracy on the same gold rises by construction."""
        return bool(self.least_gold or self.least_reliability or self.largest_fall < 1 or self.flags)

    @property
    def in_words(self) -> str:
        """What goes, as one would tell a colleague.

        >>> Cleaning(least_reliability=0.62, min_seconds=3, skips=True).in_words
        'annotators with a reliability below 62%; judgements faster than 3 seconds; judgements without a label'
        """
        told = []
        for name, value in self.chosen.items():
            if isinstance(value, tuple):
                told.append(f"{_WORDS[name]} {', '.join(value)}")
            elif isinstance(value, bool):
                told.append(_WORDS[name])
            else:
                told.append(_WORDS[name].format(100 * value if name in _SHARES else value))  # type: ignore[operator]
        return "; ".join(told)

    def to_python(self) -> str:
        """The rules as the Python that makes them.

        >>> Cleaning(min_seconds=3).to_python()
        'Cleaning(min_seconds=3)'
        """
        return f"Cleaning({', '.join(f'{name}={value!r}' for name, value in self.chosen.items())})"


USUAL = Cleaning(flags=("random", "side", "speeding"))
"""What a report tries: annotators go whose labels do not follow the content. Copies and drift concern a part of
somebody's work, so they are left to a person."""
