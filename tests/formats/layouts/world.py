"""An invented crew that judges invented pairs, and the table that some tool would have written of it."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Row = Mapping[str, Any]
Truth = tuple[str, "str | None", str]

_THINGS = ("river", "bread", "metal", "winter", "garden", "clock", "bridge", "violin", "harbour", "candle", "engine")
_SAID = ("short", "plain", "warm", "exact", "careful", "lively", "dry", "honest", "broad", "quick", "gentle", "blunt")
NAMES = ("Ana", "Ben", "Cleo", "Dev", "Ema")


@dataclass(frozen=True)
class Pair:
    """Two answers to one question, the models that gave them, and which is better in truth."""

    key: str
    prompt: str
    a: str
    b: str
    model_a: str
    model_b: str
    gold: str

    def named(self, pick: str, by: str) -> str:
        """A verdict by the text or the model that wins, or by its side."""
        if pick not in ("A", "B") or by == "side":
            return pick
        if by == "text":
            return self.a if pick == "A" else self.b
        return self.model_a if pick == "A" else self.model_b


@dataclass(frozen=True)
class Vote:
    """One person's verdict on one pair: A, B or =."""

    pair: Pair
    who: str
    pick: str
    start: datetime
    seconds: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def said(self, a: str, b: str, tie: str = "") -> str:
        """The verdict in the words of a tool."""
        return {"A": a, "B": b, "=": tie}[self.pick]

    def graded(self, random_state: random.Random, most: int = 3) -> int:
        """How much A is better, -most to most."""
        return {"A": 1, "B": -1, "=": 0}[self.pick] * random_state.randint(1, most)


class World:
    """Pairs and votes drawn from a seed that is the layout's name."""

    def __init__(self, name: str, pairs: int = 12, crew: Sequence[str] = ("w07", "w11", "w23"), ties: bool = True):
        self.random = random.Random(name)
        self.crew = tuple(crew)
        self.pairs = [self._pair(i) for i in range(pairs)]
        moment = datetime(2024, 3, 14, 9, 2, 11)
        self.votes: list[Vote] = []
        for pair in self.pairs:
            for who in self.crew:
                seconds = self.random.randint(6, 180)
                self.votes.append(Vote(pair, who, self._pick(pair, ties), moment, seconds))
                moment += timedelta(seconds=seconds + self.random.randint(2, 90), hours=self.random.randint(0, 7))

    def _pair(self, i: int) -> Pair:
        thing = f"{_THINGS[i % len(_THINGS)]} {i + 3}"
        one, two = self.random.sample(_SAID, 2)
        models = self.random.sample(["aurora-7b", "birch-13b", "cedar-chat"], 2)
        return Pair(
            f"q{i + 1:02d}",
            f"Describe the {thing} to a visitor.",
            f"It is a {one} thing, said of the {thing}, and that is all.",
            f"People call the {thing} rather {two}, most days at least.",
            *models,
            self.random.choice("AAB"),
        )

    def _pick(self, pair: Pair, ties: bool) -> str:
        chance = self.random.random()
        if ties and chance < 0.15:
            return "="
        return pair.gold if chance < 0.8 else {"A": "B", "B": "A"}[pair.gold]

    def truth(self, by: str = "text", who: bool = True, but: str = "") -> list[Truth]:
        """(item, annotator, verdict) of every vote; without those whose pick is in `but`."""
        return [(v.pair.key, v.who if who else None, v.pair.named(v.pick, by)) for v in self.votes if v.pick not in but]

    def gold(self, by: str = "text") -> dict[str, str]:
        """The better side of each pair."""
        return {pair.key: pair.named(pair.gold, by) for pair in self.pairs}

    def of(self, pair: Pair) -> list[Vote]:
        """The votes on one pair, in the order of the crew."""
        return [v for v in self.votes if v.pair is pair]

    def by_person(self) -> list[list[Vote]]:
        """The votes of each person, in the order of the pairs."""
        return [[v for v in self.votes if v.who == who] for who in self.crew]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file of some layout and what it says.

    Attributes
    ----------
    content : file name -> bytes.
    truth : (item, annotator or None, verdict) of every judgement with a label.
    by : what a verdict is: the winner's "text" or "model", its "side", or a "value" (a rating, a category).
    mapping, labels : the columns, and label values, a user who knows the tool would name.
    gold : item -> verdict, where the file has it. seconds : the durations, where the file has them.
    ambiguous : nothing in the file tells how it is meant, so that reading it without a question is luck.
    """

    content: dict[str, bytes]
    truth: list[Truth]
    by: str = "text"
    mapping: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    gold: dict[str, str] | None = None
    seconds: list[float] | None = None
    ambiguous: bool = False


LAYOUTS: dict[str, Callable[[], Table]] = {}
"""Name -> what makes the table."""


def layout(name: str, **world: Any) -> Callable[[Callable[[World], Table]], Callable[[World], Table]]:
    """Adds a layout under its name; options are those of its `World`."""

    def add(make: Callable[[World], Table]) -> Callable[[World], Table]:
        assert name not in LAYOUTS, name
        LAYOUTS[name] = lambda: make(World(name, **world))
        return make

    return add


def csv_file(rows: Iterable[Row], name: str = "export.csv", **dialect: Any) -> dict[str, bytes]:
    """Rows as a delimited file."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return grid([columns, *([_cell(row.get(c, "")) for c in columns] for row in rows)], name, **dialect)


def grid(lines: Iterable[Sequence[Any]], name: str = "export.csv", encoding: str = "utf-8", **dialect: Any) -> Any:
    """Lines of cells as a delimited file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **dialect).writerows(lines)
    return {name: out.getvalue().encode(encoding)}


def json_lines(rows: Iterable[Row], name: str = "export.jsonl") -> dict[str, bytes]:
    """Rows as JSON lines."""
    return {name: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()}


def json_file(value: Any, name: str = "export.json") -> dict[str, bytes]:
    """One JSON document."""
    return {name: json.dumps(value, ensure_ascii=False, indent=1).encode()}


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
