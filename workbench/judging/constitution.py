"""What judges are asked to weigh: principles with weights, in a versioned TOML file whose history is kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from workbench.drafts import drafted
from workbench.errors import WorkbenchError, first_five

DEFAULT_FILE = "default_constitution.toml"
_ID_LENGTH = 40


@dataclass(frozen=True)
class Dimension:
    """One of the few headings that principles stand under.

    Attributes
    ----------
    id, title, text : its short name, its name, and the question it asks.
    """

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Principle:
    """One thing to weigh.

    Attributes
    ----------
    id : short name, as a field of the answer.
    text : what to prefer.
    weight : how much it counts against the others; 0 = shown to nobody.
    dimension : id of the heading it stands under.
    """

    id: str
    text: str
    weight: float = 1.0
    dimension: str = ""


@dataclass(frozen=True)
class Constitution:
    """Principles in order, and what they were before.

    Attributes
    ----------
    name : of the constitution.
    principles, dimensions : what is weighed.
    history : earlier versions, oldest first: `{"version", "saved_at", "text"}`.
    """

    name: str
    principles: tuple[Principle, ...]
    dimensions: tuple[Dimension, ...] = ()
    history: tuple[Mapping[str, str], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        ids = [p.id for p in self.principles]
        if not ids:
            raise WorkbenchError(
                f"{self.name}: the constitution has no principle.", "Add a [[principle]] with id and text."
            )
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise WorkbenchError(
                f"{self.name}: principles share an id: {first_five(twice)}.", "Give each an id of its own."
            )
        bad = [
            i
            for i in ids
            if not i or len(i) > _ID_LENGTH or not all(c.isalnum() or c in "-_" for c in i) or i == "verdict"
        ]
        if bad:
            raise WorkbenchError(
                f"{self.name}: {first_five(bad)} cannot be the id of a principle.", "Use letters, digits, - and _."
            )
        wrong = [p.id for p in self.principles if not 0 <= p.weight < 1e6]
        if wrong:
            raise WorkbenchError(
                f"{self.name}: the weight of {first_five(wrong)} is not possible.", "Weights are 0 or more."
            )
        known = {d.id for d in self.dimensions}
        lost = sorted({p.dimension for p in self.principles if p.dimension and p.dimension not in known})
        if lost:
            raise WorkbenchError(
                f"{self.name}: there is no dimension {first_five(lost)}.", "Add a [[dimension]] with that id."
            )

    @property
    def used(self) -> tuple[Principle, ...]:
        """The principles that judges see: those with a weight."""
        return tuple(p for p in self.principles if p.weight > 0)

    @cached_property
    def version(self) -> str:
        """Hash of what judges are shown: the same content has the same version."""
        content = json.dumps(
            [
                [(p.id, p.text, p.weight, p.dimension) for p in self.used],
                [(d.id, d.title, d.text) for d in self.dimensions],
            ]
        )
        return blake2b(content.encode(), digest_size=6).hexdigest()

    def text(self) -> str:
        """The principles as judges read them: under their dimensions, weights as shares of the whole."""
        total = sum(p.weight for p in self.used)
        lines = []
        for heading in (*self.dimensions, Dimension("", "Further", "")):
            under = [p for p in self.used if p.dimension == heading.id]
            if under:
                lines.append(f"## {heading.title}" + (f": {heading.text}" if heading.text else ""))
                lines += [f"- {p.id} ({p.weight / total:.0%}): {p.text}" for p in under]
        return "\n".join(lines)

    def edited(self, principles: Sequence[Principle], now: datetime, name: str | None = None) -> Constitution:
        """The constitution with other principles; the present version goes into its history."""
        entry = {"version": self.version, "saved_at": now.isoformat(timespec="seconds"), "text": self.text()}
        new = replace(self, name=name or self.name, principles=tuple(principles))
        return new if new.version == self.version else replace(new, history=(*self.history, entry))


def default_constitution() -> Constitution:
    """Twelve principles of this project's own, under the rubric's four dimensions.

    >>> constitution = default_constitution()
    >>> len(constitution.principles), [d.id for d in constitution.dimensions]
    (12, ['helpfulness', 'honesty', 'harmlessness', 'clarity'])
    """
    return parse_constitution(files("workbench.judging").joinpath(DEFAULT_FILE).read_text("utf-8"), DEFAULT_FILE)


def read_constitution(path: str | Path) -> Constitution:
    """Reads a constitution from its TOML file.

    Raises
    ------
    WorkbenchError : the file cannot be read, or is no constitution.
    """
    try:
        return parse_constitution(Path(path).read_text("utf-8"), Path(path).name)
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{path}: cannot be read.", "Check the path; the file is UTF-8 text.") from error


def parse_constitution(text: str, name: str) -> Constitution:
    """A constitution from TOML text.

    Raises
    ------
    WorkbenchError : it is no TOML, or a field is missing or of the wrong kind.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WorkbenchError(f"{name}: this is not TOML ({error}).", "Mend the line it names.") from error
    try:
        principles = tuple(
            Principle(str(p["id"]), _sentence(p["text"]), float(p.get("weight", 1.0)), str(p.get("dimension", "")))
            for p in _tables(read, "principle")
        )
        dimensions = tuple(
            Dimension(str(d["id"]), str(d.get("title", d["id"])), _sentence(d.get("text", "")))
            for d in _tables(read, "dimension")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkbenchError(
            f"{name}: a principle or dimension lacks or misspells a field ({error}).",
            "Each [[principle]] has id and text, and may have weight and dimension.",
        ) from error
    history = tuple({k: str(h.get(k, "")) for k in ("version", "saved_at", "text")} for h in _tables(read, "history"))
    return Constitution(str(read.get("name", name)), principles, dimensions, history)


def write_constitution(constitution: Constitution, path: str | Path) -> Path:
    """Writes the TOML file, history included, replacing it in one step."""
    lines = [f"name = {_quoted(constitution.name)}"]
    for d in constitution.dimensions:
        lines += [
            "",
            "[[dimension]]",
            *(f"{k} = {_quoted(v)}" for k, v in (("id", d.id), ("title", d.title), ("text", d.text))),
        ]
    for p in constitution.principles:
        lines += ["", "[[principle]]", f"id = {_quoted(p.id)}", f"weight = {p.weight!r}"]
        lines += [f"dimension = {_quoted(p.dimension)}"] if p.dimension else []
        lines += [f"text = {_quoted(p.text)}"]
    for h in constitution.history:
        lines += ["", "[[history]]", *(f"{k} = {_quoted(h[k])}" for k in ("version", "saved_at", "text"))]
    target = Path(path)
    with drafted(target) as draft:
        draft.write_text("\n".join(lines) + "\n", "utf-8")
    return target


def _tables(read: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = read.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TypeError(f"{name} is not written as [[{name}]]")
    return found


def _sentence(text: object) -> str:
    return " ".join(str(text).split())


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
