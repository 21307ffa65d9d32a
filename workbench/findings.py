"""What is wrong with the data, or was assumed about it, as data.

A finding never stops the work: it is carried with the annotation set, counted, shown on the pages with the rows behind
it, and printed by the command line. What stops the work is a `WorkbenchError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from workbench.messages import Message, Words, in_python
from workbench.messages import message as sentence

Level = Literal["info", "warning", "error"]

ROWS_KEPT = 1_000
"""Row references carried by one finding; `count` always says how many there are."""

FILES_NAMED = 5
"""Files named where one thing is found in several."""


class Fact(StrEnum):
    """What a reader found out about the data that measures have to know: kinds of finding that more hangs on than what
    people are told. A finding's code is one of them, or the name of a kind that is only told.
    """

    NO_ANNOTATOR_IDS = "anonymous-annotators"
    """Judgements carry no id of who gave them; numbered slots of their items stand in for annotators."""

    GOLD_FROM_JUDGEMENTS = "derived-gold"
    """The gold was made from these same judgements."""

    METHODS_DISAGREE = "methods-disagree"
    """Structurally different methods give different labels to more items than chance allows."""


@dataclass(frozen=True)
class Finding:
    """One thing to know about the data before trusting a number computed from it.

    Attributes
    ----------
    level : `info` (an assumption worth checking), `warning` (some rows are affected), `error` (the result would be
        wrong or incomplete without mending it).
    code : a stable short name for the kind of finding, such as `identical-responses`.
    message : one sentence: what is the matter and how much of it.
    remedy : one sentence: what to do about it; a `Message` where it names a choice of the reader's.
    rows : references to the rows behind it, at most `ROWS_KEPT`: `file:row` of an export, or an item or annotator id.
    count : how many rows there are.
    """

    level: Level
    code: str
    message: str
    remedy: str | Message = ""
    rows: tuple[str, ...] = ()
    count: int = 0

    def advice(self, words: Words = in_python) -> str:
        """The remedy in somebody's words."""
        return sentence(self.remedy).say(words)

    def to_dict(self, words: Words = in_python) -> dict[str, object]:
        """The finding for programs; the command line gives its own words."""
        return {
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "rows": list(self.rows[:100]),
            "count": self.count,
            "remedy": self.advice(words),
        }


def known(fact: Fact, findings: Iterable[Finding]) -> bool:
    """Whether one of the findings states the fact.

    >>> known(Fact.GOLD_FROM_JUDGEMENTS, [finding("info", Fact.GOLD_FROM_JUDGEMENTS, "9 gold labels were derived.")])
    True
    """
    return any(each.code == fact for each in findings)


def finding(
    level: Level,
    code: str,
    message: str,
    remedy: str | Message = "",
    rows: Iterable[object] = (),
    count: int | None = None,
) -> Finding:
    """Makes a finding, keeping the first `ROWS_KEPT` row references and the count of all of them.

    >>> finding("warning", "null-labels", "2 labels are empty", rows=["a.csv:3", "a.csv:9"]).count
    2
    """
    listed = [str(row) for row in rows]
    return Finding(
        level, str(code), message, remedy, tuple(listed[:ROWS_KEPT]), len(listed) if count is None else count
    )


def told_once(by_file: Iterable[tuple[str, Iterable[Finding]]]) -> list[Finding]:
    """Findings of several files; what is said alike of more than one of them is said once, with the files named.

    Parameters
    ----------
    by_file : name of a file, and what was found in it.

    >>> alike = [(name, [finding("info", "header", f"{name}: a line is left out.")]) for name in ("a.csv", "b.csv")]
    >>> told_once(alike)[0].message
    'a.csv, b.csv: a line is left out.'
    """
    same: dict[tuple[str, str, str, str], list[tuple[str, Finding]]] = {}
    for name, findings in by_file:
        for each in findings:
            said = each.message.removeprefix(f"{name}: ")
            same.setdefault((each.level, each.code, said, each.advice()), []).append((name, each))
    return [_of_files(said, told) for (_, _, said, _), told in same.items()]


def _of_files(said: str, told: Sequence[tuple[str, Finding]]) -> Finding:
    names, first = list(dict.fromkeys(name for name, _ in told)), told[0][1]
    if len(told) == 1:
        return first
    files = ", ".join(names[:FILES_NAMED]) + (f" and {len(names) - FILES_NAMED:,} more" * (len(names) > FILES_NAMED))
    rows = tuple(row for _, each in told for row in each.rows)[:ROWS_KEPT]
    count = sum(each.count for _, each in told)
    return replace(first, message=f"{files}: {said}", rows=rows, count=count)
