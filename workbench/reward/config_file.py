"""A training described in a TOML file: every setting the Python API has, checked by name and by kind.

model = "finetune"
labels = "consensus-soft"

[finetune]
base = "models/base"
lora_rank = 16
evaluate_every = 50
patience = 3

[eval]
rewardbench = "bench.parquet"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, first_five
from workbench.reward.finetune import FineTuning
from workbench.reward.settings import HeadSettings

WORDS: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "labels": str,
    "slice": str,
    "judge": str,
    "share": (int, float),
    "seed": int,
    "plain": bool,
    "sources": bool,
    "quantise": bool,
    "portable": bool,
}
"""What stands at the top of the file, and its kind."""

_TABLES = {"head": HeadSettings, "finetune": FineTuning}


def read_config(path: Path) -> dict[str, Any]:
    """The configuration in a file, as a training run takes it; `eval` becomes `evaluations`, its paths beside the file.

    Raises
    ------
    WorkbenchError
        It cannot be read, or holds a word nobody knows, or a value of another kind.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{path} cannot be read.", "Name a TOML file in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise WorkbenchError(f"{path.name} is no TOML: {error}.", "Write it as NAME = VALUE.") from error
    tables = {name: content.pop(name) for name in (*_TABLES, "eval") if name in content}
    if unknown := sorted(set(content) - set(WORDS)):
        raise WorkbenchError(
            f"{path.name}: there is no setting {first_five(unknown)}.",
            f"At the top stand {', '.join(WORDS)}; below, the tables head, finetune and eval.",
        )
    for name, value in content.items():
        kind = WORDS[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise WorkbenchError(f"{path.name}: {name} = {value!r} is of another kind.", "See the example in the docs.")
    for name, settings in _TABLES.items():
        if name in tables:
            tables[name] = _checked(path.name, name, tables[name], settings)
    sets = tables.pop("eval", {})
    if not isinstance(sets, dict) or not all(isinstance(v, str | list) for v in sets.values()):
        raise WorkbenchError(f"{path.name}: [eval] holds names of sets with their paths.", 'Write name = "path".')
    named = {
        name: [str((path.parent / each).resolve()) for each in ([paths] if isinstance(paths, str) else paths)]
        for name, paths in sets.items()
    }
    return {**content, **tables, **({"evaluations": named} if named else {})}


def _checked(file: str, table: str, given: Any, settings: type) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise WorkbenchError(f"{file}: {table} is a table.", f"Write [{table}] and its settings below.")
    known = {field.name: str(field.type) for field in fields(settings)}
    if unknown := sorted(set(given) - set(known)):
        raise WorkbenchError(
            f"{file}: [{table}] has no setting {first_five(unknown)}.", f"Settings are {', '.join(known)}."
        )
    for name, value in given.items():
        if not _fits(value, known[name]):
            raise WorkbenchError(
                f"{file}: {table}.{name} = {value!r} is of another kind.", f"It is {known[name].replace('|', 'or')}."
            )
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _fits(value: object, kind: str) -> bool:
    """Whether a TOML value is of the kind a setting is declared with.

    >>> _fits(3, "float | None"), _fits("x", "int"), _fits(True, "int"), _fits(["a"], "str | tuple[str, ...]")
    (True, False, False, True)
    """
    if isinstance(value, bool):
        return "bool" in kind
    if isinstance(value, int):
        return "int" in kind or "float" in kind
    if isinstance(value, float):
        return "float" in kind
    if isinstance(value, list):
        return "tuple" in kind and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and any(word in kind for word in ("str", "OverLength", "LongTexts"))
