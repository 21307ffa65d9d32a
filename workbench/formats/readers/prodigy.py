"""Prodigy datasets (`prodigy db-out`): the choice interface, and `compare` with its `accept` and `reject` sides.

https://prodi.gy/docs/api-interfaces. `answer` is accept, reject or ignore; `_timestamp` is when it was given, so a
judgement's time is the gap since the same annotator's answer before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.answers import AnsweredHarvest, reads_as_preference
from workbench.formats.records.nested import dict_of, first_of, head_of, list_of, text_of
from workbench.formats.records.orderings import best_of, pair_name
from workbench.formats.records.roles import Roles, find_roles, shown_text
from workbench.formats.records.times import seconds_between, to_moment

NAME = "prodigy"
TITLE = "Prodigy"

LONGEST_GAP = 900.0
"""Seconds between two answers above which the annotator was away: the time of the judgement is then unknown."""
_ANSWERS = {"accept", "reject", "ignore"}
_PLATFORM = {
    "options",
    "accept",
    "reject",
    "answer",
    "mapping",
    "meta",
    "config",
    "html",
    "style",
    "spans",
    "tokens",
    "label",
    "priority",
    "score",
}


def recognise(document: Document) -> float:
    """Knows answers beside options or hashes."""
    score = 0.0
    for row in head_of(document):
        if text_of(row.get("answer")) not in _ANSWERS:
            continue
        if list_of(row.get("options")) or (dict_of(row.get("mapping")) and "accept" in row):
            return 1.0 if "_input_hash" in row or "_task_hash" in row or "_timestamp" in row else 0.9
        if "_task_hash" in row or "_input_hash" in row:
            score = 0.7
    return score


def read(document: Document) -> Export:
    """One judgement an answer: of a pair, of all pairs that a choice among several responses decides, or a category."""
    harvest = AnsweredHarvest(document, NAME)
    records = list(harvest.records())
    roles = _roles([row for _, row in records])
    as_labels = _options_are_labels([row for _, row in records], roles)
    times = _Times([row for _, row in records])
    notes: Counter[str] = Counter()
    paired = False
    for position, (number, row) in enumerate(records):
        answer = (text_of(row.get("answer")) or "").strip().lower()
        notes[answer if answer in _ANSWERS else "unknown"] += 1
        columns = {"annotator": text_of(first_of(row, ("_annotator_id", "_session_id"))), **times.at(position)}
        if dict_of(row.get("mapping")) and "accept" in row and not list_of(row.get("options")):
            paired |= _compare(harvest, number, row, answer, columns)
        elif list_of(row.get("options")):
            paired |= _choice(harvest, roles, number, row, answer, columns, as_labels, notes)
        elif text_of(row.get("label")) is not None and answer in _ANSWERS:
            item = harvest.item(item_id=_name(row, number), **roles.item(_fields(row)))
            harvest.answered(
                item, None if answer == "ignore" else f"{answer} {text_of(row.get('label'))}", number, **columns
            )
        else:
            harvest.set_aside("neither options nor two sides to compare", number)
    _notes(harvest, notes, times)
    return harvest.decided(sides=paired)


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """The task's own fields, those of `meta` among them."""
    own = {key: value for key, value in row.items() if not key.startswith("_") and key not in _PLATFORM}
    return {**dict_of(row.get("meta")), **own}


def _roles(rows: Sequence[Mapping[str, Any]]) -> Roles:
    return find_roles(dict.fromkeys(key for row in rows for key in _fields(row)))


def _name(row: Mapping[str, Any], number: int) -> str:
    return text_of(first_of(row, ("_task_hash", "_input_hash"))) or f"row {number}"


def _options(row: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Id and text of each option."""
    listed = []
    for i, each in enumerate(list_of(row.get("options"))):
        option = dict_of(each)
        name = text_of(option.get("id")) if option else text_of(each)
        shown = first_of(option, ("text", "html", "image", "label"))
        listed.append((name if name is not None else str(i), shown_text(shown) if option else name))
    return listed


def _options_are_labels(rows: Sequence[Mapping[str, Any]], roles: Roles) -> bool:
    """Whether options are answers such as "A is better", the same for every task, and not the responses themselves."""
    sets = {tuple(_options(row)) for row in rows if list_of(row.get("options"))}
    words = {text or name for options in sets for name, text in options}
    if len(sets) == 1:
        inputs = {shown_text(first_of(row, ("text", "prompt", "input"))) for row in rows}
        return len(inputs) > 1 or reads_as_preference(sorted(words))
    return bool(roles.responses) and reads_as_preference(sorted(words))


def _choice(
    harvest: AnsweredHarvest,
    roles: Roles,
    number: int,
    row: Mapping[str, Any],
    answer: str,
    columns: dict[str, Any],
    as_labels: bool,
    notes: Counter[str],
) -> bool:
    """Adds the judgements of one choice; returns whether they compare responses."""
    options = _options(row)
    accepted = (
        [name for each in list_of(row.get("accept")) if (name := text_of(each)) is not None]
        if answer == "accept"
        else []
    )
    group = text_of(row.get("_input_hash"))
    base = roles.item(_fields(row))
    base["prompt"] = base["prompt"] or shown_text(first_of(row, ("prompt", "text", "input", "html", "image")))
    base["group"] = base.get("group") or group
    if as_labels:
        item = harvest.item(item_id=_name(row, number), **base)
        texts = {name: text or name for name, text in options}
        picked = [
            (
                name
                if reads_as_preference([name]) and not reads_as_preference([texts.get(name, name)])
                else texts.get(name, name)
            )
            for name in accepted
        ]
        harvest.answered(item, ", ".join(picked) or None, number, shown_first="a", **columns)
        return roles.has_pair
    ties = {name for name, text in options if len(options) > 2 and _is_tie(name, text)}
    shown = [(name, text) for name, text in options if name not in ties]
    if len(shown) < 2:
        harvest.set_aside("fewer than two options", number)
        return False
    names = [name for name, _ in shown]
    chosen = [names.index(name) for name in accepted if name in names]
    if answer == "accept" and accepted and not chosen and not ties & set(accepted):
        notes["not an option"] += 1
    k = len(shown)
    if ties & set(accepted) and not chosen:
        decided: list[tuple[int, int, str | None]] = [(i, j, "=") for i in range(k) for j in range(i + 1, k)]
    elif len(chosen) == 1:
        decided = best_of(chosen[0], k)
    elif len(chosen) > 1:
        notes["several"] += 1
        decided = [
            (i, j, label)
            for i in range(k)
            for j in range(i + 1, k)
            if (label := _among(i in chosen, j in chosen)) is not None
        ]
    else:
        decided = [(0, 1, None)]
    for i, j, label in decided:
        pair = {**base, "response_a": shown[i][1], "response_b": shown[j][1]}
        item = harvest.item(
            item_id=pair_name(text_of(first_of(row, ("_task_hash", "_input_hash"))), (i, j), k, pair, number), **pair
        )
        harvest.answered(item, label, number, shown_first="a", **columns)
    return True


def _is_tie(name: str, text: str | None) -> bool:
    """Whether an option says that neither response is better."""
    words = {name.casefold(), (text or "").casefold()}
    return bool(
        words
        & {
            "tie",
            "equal",
            "same",
            "both",
            "neither",
            "draw",
            "=",
            "no preference",
            "both are equally good",
            "equally good",
            "both bad",
        }
    )


def _among(first: bool, second: bool) -> str | None:
    """Label of two options of which each was accepted or not; unknown where neither was."""
    if first == second:
        return "=" if first else None
    return "A" if first else "B"


def _compare(
    harvest: AnsweredHarvest, number: int, row: Mapping[str, Any], answer: str, columns: dict[str, Any]
) -> bool:
    """A task of the compare recipe: the answer is about the side shown as `accept`, `mapping` says which system that
    is.
    """
    mapping = {str(system): text_of(side) for system, side in dict_of(row.get("mapping")).items()}
    systems = [system for system, side in mapping.items() if side in ("accept", "reject")]
    if len(systems) != 2 or mapping[systems[0]] == mapping[systems[1]]:
        harvest.set_aside("a mapping that does not name two sides", number)
        return False
    systems = sorted(systems)
    texts = [_side(row.get(mapping[system] or "")) for system in systems]
    context = _side(row.get("input")) or shown_text(first_of(row, ("prompt", "text")))
    columns_of = {
        "prompt": context,
        "response_a": texts[0],
        "response_b": texts[1],
        "model_a": systems[0],
        "model_b": systems[1],
        "group": text_of(row.get("_input_hash")),
    }
    name = text_of(first_of(row, ("id", "_input_hash", "_task_hash")))
    item = harvest.item(
        item_id=name if name is not None else pair_name(None, (0, 1), 2, columns_of, number), **columns_of
    )
    label = None
    if answer in ("accept", "reject"):
        label = "A" if mapping[systems[0]] == answer else "B"
    harvest.answered(item, label, number, shown_first="a" if mapping[systems[0]] == "accept" else "b", **columns)
    return True


def _side(value: Any) -> str | None:
    side = dict_of(value)
    return shown_text(first_of(side, ("text", "html", "image"))) if side else shown_text(value)


class _Times:
    """When each answer was given, and the gap since the same annotator's answer before it."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.stamps = [row.get("_timestamp") for row in rows]
        moments = to_moment(self.stamps)
        who = pd.Series([text_of(first_of(row, ("_session_id", "_annotator_id"))) for row in rows], dtype=object)
        frame = pd.DataFrame({"who": who.fillna(""), "at": moments}).sort_values(["who", "at"], kind="stable")
        before = frame.groupby("who")["at"].shift().reindex(range(len(rows))).to_numpy("datetime64[ms]")
        gap = seconds_between(before, moments)
        self.away = int((gap > LONGEST_GAP).sum())
        self.seconds = np.where(gap > LONGEST_GAP, np.nan, gap)

    def at(self, position: int) -> dict[str, Any]:
        """Columns of the times of one row."""
        return {"ended_at": self.stamps[position], "seconds": float(self.seconds[position])}


def _notes(harvest: AnsweredHarvest, notes: Counter[str], times: _Times) -> None:
    if np.isfinite(times.seconds).any():
        away = (
            f" {times.away:,} gaps of more than {LONGEST_GAP / 60:.0f} minutes are breaks and count as unknown."
            if times.away
            else ""
        )
        harvest.note(
            "info",
            "times-are-gaps",
            "Prodigy records when an answer was given; a judgement's time is the gap since the same annotator's answer"
            f" before it.{away}",
        )
    else:
        harvest.note(
            "info",
            "no-times",
            "This export holds no response times, so nobody can be judged by speed.",
            "Keep _timestamp in the export if speed matters.",
        )
    if notes["reject"]:
        harvest.note(
            "info",
            "rejected-tasks",
            f"{notes['reject']:,} answers are 'reject'; in a choice they name no better response and count as skips.",
        )
    if notes["unknown"]:
        harvest.note(
            "warning",
            "unknown-answers",
            f"{notes['unknown']:,} answers are neither accept, reject nor ignore; they count as skips.",
        )
    if notes["several"]:
        harvest.note(
            "info",
            "several-accepted",
            f"{notes['several']:,} answers accept several responses: these tie, and each is better than those not"
            " accepted.",
        )
    if notes["not an option"]:
        harvest.note(
            "warning",
            "accepted-not-shown",
            f"{notes['not an option']:,} answers accept an option that the task does not show; they count as skips.",
        )
