"""Which of an annotator's answers is the label, and which are the reason, the confidence or further dimensions.

A task of an annotation tool asks several questions under names of the team's own choice. The label is recognised by its
name and by what it holds; what was taken is said in a finding, and the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import NULL, LabelScale
from workbench.dataset.side_words import SKIP, clean, side_and_level
from workbench.dataset.spellings import read_labels
from workbench.errors import counted, first_five
from workbench.findings import Finding, finding
from workbench.formats.records.nested import number_of
from workbench.formats.records.orderings import named_ranks, pair_labels
from workbench.formats.records.record_collector import Harvest
from workbench.formats.records.remedies import OTHER_LABEL
from workbench.formats.records.roles import side_pairs

Gold = Literal["only", "also"] | None
UNDECIDED = "\0undecided"
"""Label of a judgement that is to be taken from its answers."""

_LABEL_NAMES = (
    r"overall|(?:^|_)pref",
    "winner|better|best",
    r"(?:^|_)choice|chosen|select|verdict",
    "compar|pairwise",
    "label|judg|vote",
    "answer|result|relation|output",
    "likert|rating|strength|score",
)
_REASON = re.compile(r"reason|rationale|(?:^|_)why|justif|comment|expla|feedback|note", re.I)
_CONFIDENCE = re.compile(r"confiden|certain", re.I)
_MOST_LABELS = 20


@dataclass(frozen=True)
class Answers:
    """The questions of a task by what their answers are.

    Attributes
    ----------
    label : the question whose answer is the label, None where none can be.
    reason : questions with free text.
    confidence : the question with a number that says how sure the annotator is.
    dims : all other questions.
    """

    label: str | None
    reason: tuple[str, ...] = ()
    confidence: str | None = None
    dims: tuple[str, ...] = ()

    def finding(self) -> Finding:
        """What was taken as the label."""
        others = [*self.reason, *([self.confidence] if self.confidence else []), *self.dims]
        more = f"; kept beside it: {first_five(others)}" if others else ""
        return finding(
            "info",
            "label-taken",
            f"The label was taken from the question {self.label!r}{more}.",
            OTHER_LABEL,
        )


def sort_questions(answers: Mapping[str, Sequence[Any]], sides: bool) -> Answers:
    """Decides which question is which.

    Parameters
    ----------
    answers : question -> the answers to it, in any order, nulls left out or not.
    sides : whether two responses are compared: a label must then say which is better.

    Examples
    --------
    >>> sort_questions({"why": ["shorter", "true"], "pref": ["A", "tie"], "tone": ["good", "bad"]}, sides=True)
    Answers(label='pref', reason=('why',), confidence=None, dims=('tone',))
    """
    distinct = {name: _distinct(values) for name, values in answers.items()}
    reason = {
        name
        for name, values in distinct.items()
        if _REASON.search(name) or _is_prose(values, sum(v is not None for v in answers[name]))
    }
    confidence = next(
        (
            n
            for n in distinct
            if n not in reason and _CONFIDENCE.search(n) and all(number_of(v) == number_of(v) for v in distinct[n])
        ),
        None,
    )
    candidates = [
        name for name, values in distinct.items() if name not in reason and name != confidence and len(values)
    ]
    if sides:  # scores of one response each are not the comparison itself
        scores = {name for pair in _side_scores(candidates, distinct) for name in pair}
        candidates = [name for name in candidates if name not in scores]
    scored = [((_how_well(name, distinct[name], sides), -i), name) for i, name in enumerate(candidates)]
    label = max(scored)[1] if scored else None
    if label is None and reason and not sides:  # a single question with long or many answers is still the question
        label = max(reason, key=lambda name: (not _REASON.search(name), -len(distinct[name])))
        reason -= {label}
    if (
        label is not None
        and sides
        and not reads_as_preference(distinct[label])
        and _side_scores(list(distinct), distinct)
    ):
        label = None
    dims = tuple(n for n in distinct if n not in reason and n not in (label, confidence) and len(distinct[n]))
    return Answers(label, tuple(n for n in distinct if n in reason), confidence, dims)


def names_reason(question: str) -> bool:
    """Whether a question by its name asks for a reason or a comment.

    >>> names_reason("why_better"), names_reason("better")
    (True, False)
    """
    return _REASON.search(question) is not None


def _distinct(values: Sequence[Any]) -> np.ndarray:
    return np.array(list(dict.fromkeys(str(v) for v in values if v is not None and v == v)), object)


def _how_well(name: str, values: np.ndarray, sides: bool) -> tuple[float, ...]:
    by_name = next(
        (float(len(_LABEL_NAMES) - i) for i, pattern in enumerate(_LABEL_NAMES) if re.search(pattern, name, re.I)), 0.0
    )
    if sides:
        return (_share_of_sides(values), by_name, -float(len(values)))
    return (
        float(len(values) >= 2),
        -1.0 if name.startswith("input") else by_name,
        float(len(values) <= _MOST_LABELS),
        -float(len(values)),
    )


def _is_prose(values: np.ndarray, n: int) -> bool:
    """Whether the answers are sentences, hardly any given twice."""
    return (
        len(values) > max(_MOST_LABELS, n / 2)
        and float(np.mean([len(v) for v in values])) > 25
        and float(np.mean([" " in v for v in values])) > 0.5
    )


def reads_as_preference(values: Sequence[str] | np.ndarray) -> bool:
    """Whether all of these distinct values, skips apart, say which of two responses is better.

    >>> reads_as_preference(["left", "Tie"]), reads_as_preference(["left", "up"]), reads_as_preference(["skip"])
    (True, False, False)
    """
    if len(values) == 0 or len(values) > _MOST_LABELS:
        return False
    read = read_labels(pd.Series(list(values), dtype=object), sides=True)
    return bool((read.codes != NULL).any() and not read.unreadable.any())


def _share_of_sides(values: np.ndarray) -> float:
    """Share of the distinct values, skips apart, that say which of two responses is better."""
    if reads_as_preference(values):
        return 1.0
    words = [clean(v) for v in values[:_MOST_LABELS] if clean(v) not in SKIP]
    return sum(side_and_level(w) is not None for w in words) / max(len(values), 1) if len(words) > 1 else 0.0


def _side_scores(names: Sequence[str], distinct: Mapping[str, np.ndarray]) -> list[tuple[str, str]]:
    """Pairs of questions that score one response each, in the order of the responses."""
    return side_pairs(n for n in names if len(distinct[n]) and all(number_of(v) == number_of(v) for v in distinct[n]))


class AnsweredHarvest(Harvest):
    """Judgements gathered with the answers to all questions of the task; the label is chosen among these at the end."""

    def answered(
        self,
        item: int,
        label: str | None,
        ref: int | str,
        answers: Mapping[str, Any] | None = None,
        gold: Gold = None,
        **columns: Any,
    ) -> None:
        """Adds a judgement.

        Parameters
        ----------
        item : its position, as returned by `item`.
        label : the label where the format says what it is, `UNDECIDED` where it is one of the answers, None for a skip.
        ref : where it stands in the file.
        answers : question -> answer, texts or numbers.
        gold : `only` where its label is the item's gold and no judgement, `also` where it is both.
        columns : as in `Export.rows`.
        """
        self._rows.append(
            {"item_row": item, "label": label, "ref": ref, **columns, "answers": dict(answers or {}), "is_gold": gold}
        )

    def decided(
        self, scale: LabelScale | None = None, spelling: Mapping[str, str] | None = None, *, sides: bool | None = None
    ) -> Export:
        """All of it as an `Export`, with labels, reasons, confidences and dimensions taken from the answers.

        Parameters
        ----------
        scale, spelling, sides : as in `Export`; sides None = items have two responses or models.
        """
        items, rows = pd.DataFrame(self._items), pd.DataFrame(self._rows)
        if len(items) == 0 or len(rows) == 0:
            return self.export(scale, spelling, sides=sides)
        answers: list[dict[str, Any]] = rows.pop("answers").tolist()
        is_gold = rows.pop("is_gold").fillna("").to_numpy(object)
        names = list(dict.fromkeys(name for each in answers for name in each))
        rows, _ = self.decide(items, rows, {name: [each.get(name) for each in answers] for name in names}, sides)
        if (is_gold != "").any():
            items, rows = self._with_gold(items, rows, is_gold)
        return self.export(scale, spelling, sides=sides, frames=(items, rows))

    def decide(
        self, items: pd.DataFrame, rows: pd.DataFrame, answers: Mapping[str, Sequence[Any]], sides: bool | None = None
    ) -> tuple[pd.DataFrame, str | None]:
        """The rows with label, reason, confidence and dimensions, and the question that the label is the answer to.

        Parameters
        ----------
        items, rows : as in `Export`; labels that are `UNDECIDED` are taken from the answers.
        answers : question -> the answer of each row, None where there is none.
        sides : as in `Export`.
        """
        rows = rows.copy()
        label = rows["label"].astype(object).where(rows["label"].notna(), None).to_numpy(object).copy()
        paired = (
            sides
            if sides is not None
            else any(c in items and items[c].notna().any() for c in ("response_b", "model_b"))
        )
        undecided = np.flatnonzero(label == UNDECIDED)
        asked = (
            {name: [values[int(i)] for i in undecided] for name, values in answers.items()}
            if len(undecided)
            else dict(answers)
        )
        chosen = sort_questions(asked, paired)
        if len(undecided):
            label[undecided] = self._labels(chosen, asked, paired, len(undecided))
        elif chosen.label is not None:  # the format itself says what the label is, so all questions are further ones
            chosen = Answers(
                None,
                chosen.reason,
                chosen.confidence,
                tuple(n for n in answers if n not in {*chosen.reason, chosen.confidence}),
            )
        rows["label"] = pd.Series(label, index=rows.index, dtype=object)
        if chosen.reason:
            rows["reason"] = [
                "\n".join(str(answers[n][i]) for n in chosen.reason if answers[n][i] is not None) or None
                for i in range(len(rows))
            ]
        if chosen.confidence is not None and "confidence" not in rows:
            rows["confidence"] = [number_of(v) for v in answers[chosen.confidence]]
        for name in chosen.dims:
            rows[f"dim.{name}"] = _dimension(answers[name])
        if not paired and "shown_first" in rows:
            rows = rows.drop(columns="shown_first")
        return rows, chosen.label

    def _with_gold(
        self, items: pd.DataFrame, rows: pd.DataFrame, is_gold: np.ndarray
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Moves labels marked as gold to their items; two that contradict each other are none."""
        known = items["gold"] if "gold" in items else pd.Series([None] * len(items), dtype=object)
        gold = known.astype(object).where(known.notna(), None).to_numpy(object).copy()
        label = rows["label"].to_numpy(object)
        labelled = rows["label"].notna().to_numpy(bool)
        against: set[int] = set()
        for i in np.flatnonzero(labelled & np.isin(is_gold, ["only", "also"])):
            item = int(rows["item_row"].iloc[i])
            against |= {item} if gold[item] not in (None, label[i]) else set()
            gold[item] = label[i]
        if against:
            gold[list(against)] = None
            self.note(
                "warning",
                "gold-contradicts-itself",
                f"The gold of {counted(len(against), 'item')} contradicts itself and is not used.",
                "Decide which gold label is right.",
                sorted(against),
            )
        only = (is_gold == "only") & labelled
        for ref in rows["ref"].to_numpy()[only]:
            self.set_aside("labels marked as gold, which are no judgements", ref, expected=True)
        return items.assign(gold=gold), rows.loc[~only].reset_index(drop=True)

    def _labels(self, chosen: Answers, asked: Mapping[str, Sequence[Any]], paired: bool, n: int) -> list[Any]:
        if chosen.label is not None:
            self.findings.append(chosen.finding())
            return [None if v is None else str(v) for v in asked[chosen.label]]
        pairs = _side_scores(list(chosen.dims), {name: _distinct(asked[name]) for name in asked}) if paired else []
        if pairs:
            first, second = pairs[0]
            self.note(
                "info",
                "label-derived",
                f"The label was derived from the scores {first!r} and {second!r}: the higher one is better, equal ones"
                " are a tie.",
                OTHER_LABEL,
            )
            return [
                pair_labels(named_ranks({"a": number_of(a), "b": number_of(b)}))[0][2]
                for a, b in zip(asked[first], asked[second], strict=True)
            ]
        return [None] * n


def _dimension(values: Sequence[Any]) -> Any:
    """Numbers where all answers are numbers, texts otherwise."""
    known = [v for v in values if v is not None]
    if known and all(number_of(v) == number_of(v) for v in known):
        return [number_of(v) for v in values]
    return pd.array([None if v is None else str(v) for v in values], dtype="str")
