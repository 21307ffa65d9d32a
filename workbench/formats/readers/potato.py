"""Potato: what it keeps of each user (`user_state.json`) and the lines it writes of them (`annotated_instances.jsonl`).

https://potatoannotator.readthedocs.io. A pairwise question answers with `selection` (A, B, tie) or, on a slider, with
`scale_value` (negative = the left one); other questions are kept beside it. Texts stand in `displayed_text` where the
items are shown as a list; a user's state has none, so open it together with the items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.side_words import clean, side_and_level
from workbench.formats.files.document import Document
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest
from workbench.formats.records.nested import dict_of, first_of, list_of, number_of, text_of

NAME = "potato"
TITLE = "Potato"

_SIDES = re.compile(
    r"^\s*(?:<b>)?\s*A\s*[.)]\s*(?:</b>)?\s*(?P<a>.*?)\s*<br\s*/?>\s*(?:<b>)?\s*B\s*[.)]\s*(?:</b>)?\s*(?P<b>.*?)\s*$",
    re.DOTALL,
)
_SPENT = re.compile(r"(\d+)\s*d\s*(\d+)\s*h\s*(\d+)\s*m\s*(\d+)\s*s")
_STRENGTHS = 3
_PAGE = ".html"
"""How names of the survey's own pages end."""
_STATE = "instance_id_to_label_to_value"


def recognise(document: Document) -> float:
    """Knows a user's state, and lines of labels beside what was displayed or how the user behaved."""
    if {"user_id", _STATE} <= document.keys:
        return 0.99
    beside = {"displayed_text", "span_annotations", "behavioral_data"} & document.keys
    return 0.95 if "label_annotations" in document.keys and beside else 0.0


def read(document: Document) -> Export:
    """One judgement a labelled instance of a user."""
    harvest = AnsweredHarvest(document, NAME)
    found = [(ref, *each) for ref, record in harvest.records() for each in _labelled(record, _folder(document))]
    sliders = [value for _, _, _, answers, _ in found for value in _sliders(answers)]
    strengths = bool(sliders) and max(map(abs, sliders)) <= _STRENGTHS
    if sliders:
        lost = "" if strengths else " Its steps go beyond three, so only the side was taken."
        harvest.note("info", "slider-direction", f"Sliders were read with negative values for the left response.{lost}")
    said_sides: list[str] = []
    for ref, name, columns, answers, behaviour in found:
        if name is not None and name.endswith(_PAGE):
            harvest.set_aside("a page of the survey, such as consent", ref, expected=True)
            continue
        plain = {question: said for question, held in answers.items() if (said := _said(held, strengths)) is not None}
        if not plain:
            harvest.set_aside("an instance without a label", ref, expected=True)
            continue
        said_sides += plain.values()
        harvest.answered(
            harvest.item(item_id=name, **_texts(columns)),
            UNDECIDED,
            ref,
            plain,
            annotator=columns["annotator"],
            **_times(behaviour),
        )
    paired = bool(sliders) or any("response_a" in _texts(columns) for _, _, columns, _, _ in found)
    return harvest.decided(sides=True if paired or _choose(said_sides) else None)


def _choose(answers: list[str]) -> bool:
    """Whether answers choose between two responses, as far as any of them names a side."""
    sides = {read[0] for said in answers if (read := side_and_level(clean(said))) is not None}
    return bool(sides - {0})


def _labelled(
    record: Mapping[str, Any], folder: str | None
) -> Iterator[tuple[str | None, dict[str, Any], Mapping[str, Mapping[str, Any]], Mapping[str, Any]]]:
    """Name, text and user, answers and behaviour of each instance in a record."""
    user = text_of(first_of(record, ("user_id", "user", "username"))) or folder
    if _STATE in record:
        of_item = dict_of(record.get("instance_id_to_behavioral_data"))
        for name, pairs in dict_of(record[_STATE]).items():
            yield str(name), {"annotator": user}, _from_pairs(pairs), dict_of(of_item.get(name))
        return
    shown = text_of(record.get("displayed_text"))
    answers = {str(question): dict_of(held) for question, held in dict_of(record.get("label_annotations")).items()}
    yield (
        text_of(first_of(record, ("instance_id", "id"))),
        {"annotator": user, "shown": shown},
        answers,
        dict_of(record.get("behavioral_data")),
    )


def _from_pairs(pairs: Any) -> dict[str, dict[str, Any]]:
    """Question -> label -> value, from the list of `[{"schema", "name"}, value]` that a state holds."""
    found: dict[str, dict[str, Any]] = {}
    for pair in list_of(pairs):
        parts = list_of(pair)
        label = dict_of(parts[0]) if len(parts) == 2 else {}
        question, name = text_of(label.get("schema")), text_of(label.get("name"))
        if question is not None and name is not None:
            found.setdefault(question, {})[name] = parts[1]
    return found


def _said(held: Mapping[str, Any], strengths: bool) -> str | None:
    """An answer in words: the selection, the slider's side, the one label that is ticked, or what was written."""
    if "selection" in held:
        return text_of(held["selection"])
    if "scale_value" in held:
        return _on_slider(number_of(held["scale_value"]), strengths)
    ticked = [name for name, value in held.items() if _is_ticked(name, value)]
    if ticked:
        return ", ".join(ticked)
    return "\n".join(text for value in held.values() if (text := text_of(value)) and not _is_off(text)) or None


def _on_slider(value: float, strengths: bool) -> str | None:
    if value != value:
        return None
    if value == 0:
        return "="
    side = "A" if value < 0 else "B"
    return side + ">" * round(abs(value)) if strengths else side


def _is_ticked(name: str, value: Any) -> bool:
    """Whether an option is chosen. `1` beside `scale_1` is a point of a scale, beside a word it is a tick."""
    if value is True:
        return True
    text = (text_of(value) or "").strip()
    return text in ("true", "True", "on", name) or (text == "1" and not name[-1:].isdigit())


def _is_off(text: str) -> bool:
    return text.strip().lower() in ("false", "")


def _sliders(answers: Mapping[str, Mapping[str, Any]]) -> list[float]:
    values = [number_of(held["scale_value"]) for held in answers.values() if "scale_value" in held]
    return [value for value in values if value == value]


def _texts(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Both responses where the displayed text lists them as A and B, else the text as the prompt."""
    shown = columns.get("shown")
    if shown is None:
        return {}
    sides = _SIDES.match(shown)
    return {"response_a": sides["a"], "response_b": sides["b"]} if sides else {"prompt": shown}


def _times(behaviour: Mapping[str, Any]) -> dict[str, Any]:
    seconds = number_of(behaviour.get("total_time_ms")) / 1000
    spent = _SPENT.search(text_of(behaviour.get("time_string")) or "")
    if spent:
        days, hours, minutes, rest = (int(part) for part in spent.groups())
        seconds = ((days * 24 + hours) * 60 + minutes) * 60.0 + rest
    if seconds != seconds:
        seconds = number_of(behaviour.get("time_spent"))
    ended = number_of(behaviour.get("session_end"))
    return {"seconds": seconds, **({"ended_at": ended} if ended == ended else {})}


def _folder(document: Document) -> str | None:
    """The folder of a file, which early versions name by its user."""
    early = document.path is not None and document.path.name.startswith("annotated_instances")
    return document.path.parent.name if early and document.path is not None else None
