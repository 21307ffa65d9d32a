"""Prompts with several candidate responses each, read from the files that generation leaves: JSON lines, JSON, CSV or
Parquet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import WorkbenchError, first_five

_PROMPTS = ("prompt", "question", "instruction", "query", "input")
_LISTS = ("responses", "candidates", "completions", "outputs", "generations", "samples")
_SINGLE = ("response", "candidate", "completion", "output", "answer", "text")


@dataclass(frozen=True)
class Candidates:
    """What is to be ranked.

    Attributes
    ----------
    prompts : one for each list of candidates, '' where there is none.
    responses : the candidates of each prompt, in the order of the file.
    set_aside : reason -> rows.
    """

    prompts: tuple[str, ...]
    responses: tuple[tuple[str, ...], ...]
    set_aside: Mapping[str, int] = field(default_factory=dict)


def read_candidates(path: Path | str) -> Candidates:
    """The prompts of a file with their candidates.

    A row holds a prompt and a list of responses, or a prompt and one response; rows of the same prompt are put together
    then.

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
    known = {str(key) for row in rows for key in row}
    prompt = next((name for name in _PROMPTS if name in known), None)
    several = next((name for name in _LISTS if name in known), None)
    single = next((name for name in _SINGLE if name in known), None)
    if several is None and single is None:
        raise WorkbenchError(
            f"{place.name}: no column holds responses; there is {first_five(sorted(known))}.",
            f"Name it {_LISTS[0]} (a list) or {_SINGLE[0]} (one a row).",
        )
    found: dict[str, list[str]] = {}
    lists: list[tuple[str, list[str]]] = []
    aside: dict[str, int] = {}
    for row in rows:
        asked = "" if prompt is None or row.get(prompt) is None else str(row[prompt])
        value = row.get(several) if several else row.get(single or "")
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        if not texts:
            aside["no response in the row"] = aside.get("no response in the row", 0) + 1
        elif several:
            lists.append((asked, texts))
        else:
            found.setdefault(asked, []).extend(texts)
    lists = lists or list(found.items())
    return Candidates(tuple(p for p, _ in lists), tuple(tuple(texts) for _, texts in lists), aside)


def _rows(place: Path) -> list[dict[str, Any]]:
    if not place.is_file():
        raise WorkbenchError(f"There is no file {place.name!r}.", "Give a .jsonl, .json, .csv, .tsv or .parquet file.")
    try:
        if place.suffix in (".jsonl", ".ndjson"):
            content = [json.loads(line) for line in place.read_text("utf-8-sig").splitlines() if line.strip()]
        elif place.suffix == ".json":
            content = json.loads(place.read_text("utf-8-sig"))
        elif place.suffix in (".csv", ".tsv"):
            table = pd.read_csv(place, sep="\t" if place.suffix == ".tsv" else ",", dtype=str, keep_default_na=False)
            content = table.to_dict("records")
        elif place.suffix == ".parquet":
            content = [
                {k: v.tolist() if hasattr(v, "tolist") else v for k, v in row.items()}
                for row in pd.read_parquet(place).to_dict("records")
            ]
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
    return content
