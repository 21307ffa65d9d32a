"""Prompts with several candidate responses each, read from the files that generation leaves: JSON lines, JSON, CSV or
Parquet; texts, or lists of messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError, first_five
from workbench.formats.records.conversations import content_of, turns_of
from workbench.reward.chat import Words

_PROMPTS = ("prompt", "question", "instruction", "query", "input", "messages")
_LISTS = ("responses", "candidates", "completions", "outputs", "generations", "samples")
_SINGLE = ("response", "candidate", "completion", "output", "answer", "text")
_IDS = ("id", "item_id", "prompt_id", "question_id", "uid", "uuid", "key")
_GROUPS = ("prompt_id", "question_id")

_NO_TEXT = "a response has no text"


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """What is to be ranked.

    Attributes
    ----------
    prompts : one for each list of candidates, '' where there is none; a text or messages.
    responses : the candidates of each prompt that have a text, in the order of the file.
    places : of each of them, its position (from 0) in the row's list, those without a text counted in; where a row
        holds one response, its position among the rows of the prompt.
    rows : of each of them, the row of the file it comes from, the first row being 1 (of JSON lines, the line).
    ids : of each of them, the id its row has, or None.
    listed : how many candidates each prompt has in the file.
    set_aside : reason -> rows, or responses.
    """

    prompts: tuple[Words, ...]
    responses: tuple[tuple[Words, ...], ...]
    places: tuple[tuple[int, ...], ...] = ()
    rows: tuple[tuple[int, ...], ...] = ()
    ids: tuple[tuple[Any, ...], ...] = ()
    listed: tuple[int, ...] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Prompt:
    """A prompt while the file is read."""

    words: Words
    responses: list[tuple[int, int, Any, Words]] = field(default_factory=list)
    listed: int = 0


def read_candidates(path: Path | str) -> Candidates:
    """The prompts of a file with their candidates.

    A row holds a prompt and a list of responses, or a prompt and one response; rows of the same prompt (of the same
    `prompt_id` where there is one) are put together then. Prompts and responses are texts, messages with role and
    content, or lists of these.

    Parameters
    ----------
    path : .jsonl, .json, .csv, .tsv or .parquet.

    Raises
    ------
    WorkbenchError
        There is no such file, it cannot be read, or no column holds responses.
    """
    place = Path(path)
    rows = _rows(place)
    if not rows:
        raise WorkbenchError(f"{place.name}: there is no row.", "Write a prompt and its responses in each row.")
    known = {str(key) for _, row in rows for key in row}
    prompt, several, single, name, group = (
        next((name for name in names if name in known), None) for names in (_PROMPTS, _LISTS, _SINGLE, _IDS, _GROUPS)
    )
    if several is None and single is None:
        raise WorkbenchError(
            f"{place.name}: no column holds responses; there is {first_five(sorted(known))}.",
            f"Name it {_LISTS[0]} (a list) or {_SINGLE[0]} (one a row).",
        )
    found: dict[Any, _Prompt] = {}
    aside: dict[str, int] = {}
    for number, row in rows:
        asked = _words(row.get(prompt)) if prompt else None
        value = _parsed(row.get(several) if several else row.get(single or ""))
        listed = list(value) if several and isinstance(value, list) else [value]
        texts = [_words(each) for each in listed]
        if all(text is None for text in texts):
            aside["no response in the row"] = aside.get("no response in the row", 0) + 1
            continue
        if empty := sum(text is None for text in texts):
            aside[_NO_TEXT] = aside.get(_NO_TEXT, 0) + empty
        mark = number if several else row.get(group or "", json.dumps(asked))
        here = found.setdefault(mark, _Prompt(asked or ""))
        here.responses += [
            (here.listed + k, number, row.get(name) if name else None, text)
            for k, text in enumerate(texts)
            if text is not None
        ]
        here.listed += len(texts)
    columns = [tuple(zip(*each.responses, strict=True)) for each in found.values()]
    places, of_rows, ids, responses = (tuple(column[k] for column in columns) for k in range(4))
    return Candidates(
        prompts=tuple(each.words for each in found.values()),
        responses=responses,
        places=places,
        rows=of_rows,
        ids=ids,
        listed=tuple(each.listed for each in found.values()),
        set_aside=aside,
    )


def _words(value: Any) -> Words | None:
    """A prompt or a response: its text, its messages where it has several or their roles matter, None where empty."""
    value = _parsed(value)
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, list) and value:
        turns = turns_of(value)
        if turns is None:
            return content_of(value)
        return [{"role": role, "content": text} for role, text in turns]
    return value if isinstance(value, str) and value else None


def _parsed(value: Any) -> Any:
    """Arrays as lists, and JSON text of messages or of a list as what it holds."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_parsed(each) for each in value]
    if isinstance(value, str) and value.lstrip()[:2] in ("[{", '["', "[[") and value.rstrip().endswith("]"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _rows(place: Path) -> list[tuple[int, dict[str, Any]]]:
    """Number and content of each row."""
    if not place.is_file():
        raise WorkbenchError(f"There is no file {place.name!r}.", "Give a .jsonl, .json, .csv, .tsv or .parquet file.")
    numbers: list[int] = []
    try:
        if place.suffix in (".jsonl", ".ndjson"):
            lines = list(enumerate(place.read_text("utf-8-sig").split("\n"), 1))
            numbers = [i for i, line in lines if line.strip()]
            content = [json.loads(line) for _, line in lines if line.strip()]
        elif place.suffix == ".json":
            content = json.loads(place.read_text("utf-8-sig"))
        elif place.suffix in (".csv", ".tsv"):
            table = pd.read_csv(place, sep="\t" if place.suffix == ".tsv" else ",", dtype=str, keep_default_na=False)
            content = table.to_dict("records")
        elif place.suffix == ".parquet":
            content = pd.read_parquet(place).to_dict("records")
        else:
            raise WorkbenchError(
                f"{place.name}: candidates cannot be read from a file with that ending.",
                "Use .jsonl, .json, .csv, .tsv or .parquet.",
            )
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise WorkbenchError(
            f"{place.name} cannot be read ({type(error).__name__}).", "Check that the file is whole and in UTF-8."
        ) from error
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise WorkbenchError(
            f"{place.name}: a list of objects is expected.",
            "Write one object with prompt and responses for each prompt.",
        )
    return list(zip(numbers or range(1, len(content) + 1), content, strict=True))
