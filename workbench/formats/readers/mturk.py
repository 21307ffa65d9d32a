"""Amazon Mechanical Turk batch results: `HITId`, `WorkerId`, `Input.<field>` and `Answer.<question>`, one row an
assignment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.errors import WorkbenchError, first_five
from workbench.formats.files.document import Document
from workbench.formats.records.flat import FlatTable
from workbench.formats.records.nested import dict_of, list_of, text_of
from workbench.formats.records.times import elapsed, to_moment, to_seconds

NAME = "mturk"
TITLE = "Amazon Mechanical Turk batch results"

_NEEDED = {"HITId", "WorkerId"}
_TICKED = {"true", "on", "1", "checked", "yes"}
_FORM = "Answer.taskAnswers"


def recognise(document: Document) -> float:
    """Knows the platform's columns, and those of the requester by their prefixes."""
    if document.shape == "xml" or not document.keys >= _NEEDED:
        return 0.0
    return 1.0 if any(key.startswith("Answer.") for key in document.keys) else 0.7


def read(document: Document) -> Export:
    """One judgement an assignment; rejected ones are set aside."""
    flat = FlatTable(document, NAME, "HITId", "WorkerId")
    if "AssignmentStatus" in flat:
        status = flat.texts("AssignmentStatus").str.strip().str.lower()
        flat.drop((status == "rejected").to_numpy(bool), "rejected assignments")
    columns: dict[str, Any] = {"annotator": flat.texts("WorkerId")}
    if "AssignmentId" in flat:
        columns["annotation_id"] = flat.texts("AssignmentId")
    if "SubmitTime" in flat:
        columns["ended_at"] = to_moment(flat["SubmitTime"])
    if "WorkTimeInSeconds" in flat:
        times = to_seconds(flat["WorkTimeInSeconds"])
    elif "AcceptTime" in flat and "ended_at" in columns:
        times = elapsed(to_moment(flat["AcceptTime"]), columns["ended_at"])
    else:
        times = to_seconds([None] * len(flat))
    columns["seconds"] = times.seconds
    flat.harvest.findings += times.findings
    inputs = {c: c.removeprefix("Input.") for c in flat.columns if c.startswith("Input.")}
    answers = _answers(flat)
    if orders := [question for question, given in answers.items() if _is_ordering(given)]:
        raise WorkbenchError(
            f"{document.name}: the answers to {first_five(orders)} are orderings of several things, no choices between"
            " two.",
            "Make a row of each pair in an ordering, with both things and the better one, and open that table.",
        )
    return flat.export(answers, list(inputs), columns, names=inputs)


def _is_ordering(given: pd.Series) -> bool:
    """Whether the answers order the same three or more letters, as `BACD` does.

    >>> _is_ordering(pd.Series(["ABC", "CAB", None])), _is_ordering(pd.Series(["yes", "no"]))
    (True, False)
    """
    said = given.dropna().astype(str).str.strip()
    letters = {"".join(sorted(text)) for text in said}
    alike = len(letters) == 1 and said.nunique() > 1
    return alike and re.fullmatch(r"(?:ABC|123)\w*", each := letters.pop()) is not None and len(set(each)) == len(each)


def _answers(flat: FlatTable) -> dict[str, pd.Series]:
    """Question -> answers: plain columns, columns of one ticked box each, and the JSON of HTML forms."""
    answers: dict[str, pd.Series] = {}
    boxes: dict[str, dict[str, pd.Series]] = {}
    columns = [c for c in flat.columns if c.startswith("Answer.") and c != _FORM]
    for column in columns:
        question, dot, box = column.removeprefix("Answer.").rpartition(".")
        values = flat.texts(column)
        if dot and values.dropna().str.lower().isin({*_TICKED, "false", "off", "0", "no"}).all():
            boxes.setdefault(question, {})[box] = values
        else:
            answers[column.removeprefix("Answer.")] = values
    alone = [question for question, ticked in boxes.items() if list(ticked) == ["on"]]
    if len(alone) > 1:  # the buttons of one choice, each a column of its own
        chosen = {question: boxes[question]["on"].str.lower().isin(_TICKED).to_numpy(bool) for question in alone}
        if (np.sum(list(chosen.values()), axis=0) <= 1).all():
            answers["choice"] = _ticked(chosen)
            boxes = {question: ticked for question, ticked in boxes.items() if question not in alone}
    for question, ticked in boxes.items():
        answers[question] = _ticked(
            {box: values.str.lower().isin(_TICKED).to_numpy(bool) for box, values in ticked.items()}
        )
    if _FORM in flat:
        forms = [_form(value) for value in flat[_FORM]]
        for question in dict.fromkeys(q for form in forms for q in form):
            answers[question] = pd.Series([form.get(question) for form in forms], dtype=object)
    return answers


def _ticked(boxes: Mapping[str, np.ndarray]) -> pd.Series:
    """The name of the ticked box of each row, several with commas, None where none is."""
    names = list(boxes)
    if names == ["on"]:  # a single checkbox has no name of its own
        return pd.Series(np.where(boxes["on"], "true", "false"), dtype=object)
    rows = np.column_stack(list(boxes.values()))
    return pd.Series(
        [", ".join(n for n, on in zip(names, row, strict=True) if on) or None for row in rows], dtype=object
    )


def _form(value: Any) -> dict[str, str | None]:
    """One `taskAnswers` cell: `[{"pref": {"A": true, "B": false}, "why": "shorter"}]`.

    >>> _form('[{"pref": {"A": true, "B": false}, "why": "shorter", "sure": {"on": true}}]')
    {'pref': 'A', 'why': 'shorter', 'sure': 'true'}
    """
    answers: dict[str, str | None] = {}
    for each in list_of(value) or [value]:
        for question, answer in dict_of(each).items():
            choices = dict_of(answer)
            if not choices:
                answers[question] = text_of(answer)
            elif list(choices) == ["on"]:
                answers[question] = "true" if choices["on"] is True else "false"
            else:
                answers[question] = (
                    ", ".join(
                        str(name)
                        for name, on in choices.items()
                        if on is True or re.fullmatch("true|on", str(on), re.I)
                    )
                    or None
                )
    return answers
