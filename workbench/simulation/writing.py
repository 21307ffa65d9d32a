"""Simulated prompts and responses, written when they are asked for.

A response of high quality makes the right points; a worse one gets some wrong, stays vague about others or leaves them
out, and pads. All choices are hashes of seed, prompt and response, so nothing is held but the choices' causes, five
million annotations need no text in memory, and the same item reads the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.texts import TEXT_COLUMNS
from workbench.hashing import digest_of_arrays, digest_of_strings
from workbench.simulation.grammar import Grammar, Phrases, grammar
from workbench.simulation.pairs import LANGUAGES
from workbench.simulation.plan import CATEGORIES

MISSING, WRONG, VAGUE, RIGHT = range(4)

_SKILL, _LUCK = 0.8, 0.6
_BORDERS = (-1.6, -1.05, -0.4)
_MOST_PADS = 4
_CHUNK = 200_000
_PLAIN, _NUMBERED, _BULLETS, _LINES = range(4)
_AS_LINES = (CATEGORIES.index("creative writing"), CATEGORIES.index("e-mail drafting"))


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a set of prompts and responses depends on, one row each; see `Pairs` for the meanings."""

    group: np.ndarray
    category: np.ndarray
    language: np.ndarray
    seat: np.ndarray
    quality: np.ndarray
    model: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class GeneratedTexts:
    """Texts of simulated items, by position.

    Attributes
    ----------
    seed : of the simulation.
    group : int32 (n_items,): prompt of each item.
    category, language : int8 (n_groups,).
    seat_a, seat_b : int8 (n_items,): which of its prompt's responses stand on the two sides.
    quality_a, quality_b : float32 (n_items,): latent quality of the responses, of variance 1/2.
    model_a, model_b : int16 (n_items,).
    """

    seed: int
    group: np.ndarray
    category: np.ndarray
    language: np.ndarray
    seat_a: np.ndarray
    seat_b: np.ndarray
    quality_a: np.ndarray
    quality_b: np.ndarray
    model_a: np.ndarray
    model_b: np.ndarray

    def __len__(self) -> int:
        return len(self.group)

    @cached_property
    def digest(self) -> str:
        """Hash of what the texts are made from."""
        arrays = (
            self.group,
            self.category,
            self.language,
            self.seat_a,
            self.seat_b,
            self.quality_a,
            self.quality_b,
            self.model_a,
            self.model_b,
        )
        return digest_of_strings([pd.Series([digest_of_arrays([np.array([self.seed]), *arrays]), grammar().source])])

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Prompt and both responses of these items, in the order asked for."""
        wanted = np.arange(len(self)) if items is None else np.asarray(items, np.int64)
        parts = [self._written(wanted[i : i + _CHUNK]) for i in range(0, len(wanted), _CHUNK)] or [
            self._written(wanted)
        ]
        return pd.concat(parts, ignore_index=True)

    def words(self) -> np.ndarray:
        """Words of prompt, response A and response B, int32 (n_items, 3), counted without writing them."""
        book = grammar()
        counts = np.empty((len(self), 3), np.int32)
        for begin in range(0, len(self), _CHUNK):
            rows = np.arange(begin, min(begin + _CHUNK, len(self)))
            counts[rows, 0] = _Prompts(book, self.seed, self._wanted(rows, "a")).words()
            counts[rows, 1] = _Responses(book, self.seed, self._wanted(rows, "a")).words()
            counts[rows, 2] = _Responses(book, self.seed, self._wanted(rows, "b")).words()
        return counts

    def _wanted(self, rows: np.ndarray, side: str) -> Wanted:
        group = self.group[rows]
        seat, quality, model = (
            (self.seat_a, self.quality_a, self.model_a) if side == "a" else (self.seat_b, self.quality_b, self.model_b)
        )
        return Wanted(group, self.category[group], self.language[group], seat[rows], quality[rows], model[rows])

    def _written(self, rows: np.ndarray) -> pd.DataFrame:
        book = grammar()
        a, b = self._wanted(rows, "a"), self._wanted(rows, "b")
        columns = (
            _Prompts(book, self.seed, a).texts(),
            _Responses(book, self.seed, a).texts(),
            _Responses(book, self.seed, b).texts(),
        )
        return pd.DataFrame(
            {name: pd.array(text, dtype="str") for name, text in zip(TEXT_COLUMNS, columns, strict=True)}
        )


class _Choices:
    """Hash draws for units (prompts or responses): slot k of unit u is the same number wherever it is asked for."""

    def __init__(self, seed: int, unit: np.ndarray) -> None:
        with np.errstate(over="ignore"):
            self._state = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + unit.astype(np.uint64) * np.uint64(
                0x9E3779B97F4A7C15
            )

    def bits(self, slot: int) -> np.ndarray:
        """32 random bits as int64 (splitmix64's finaliser)."""
        with np.errstate(over="ignore"):
            x = self._state + np.uint64(slot) * np.uint64(0x8CB92BA72F3D8DD7)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((x ^ (x >> np.uint64(31))) >> np.uint64(32)).astype(np.int64)

    def below(self, n: np.ndarray | int, slot: int) -> np.ndarray:
        """A whole number from 0 to n - 1."""
        return self.bits(slot) * n >> 32

    def uniform(self, slot: int) -> np.ndarray:
        """A number between 0 and 1."""
        return (self.bits(slot) + 0.5) / 2.0**32

    def normal(self, slot: int) -> np.ndarray:
        """A nearly normal number of variance 1, the sum of three uniform ones; takes three slots."""
        return (self.uniform(slot) + self.uniform(slot + 1) + self.uniform(slot + 2) - 1.5) * 2.0


class _Prompts:
    """Prompts: a way to ask, a topic, and mostly a sentence about the one who asks."""

    def __init__(self, book: Grammar, seed: int, wanted: Wanted) -> None:
        draw = _Choices(seed, wanted.group.astype(np.int64) * 64 + 63)
        of_category = wanted.category.astype(np.int64) * len(LANGUAGES) + wanted.language
        language = wanted.language.astype(np.int64)
        self.book = book
        self.frame, self.topic, self.context = (
            _pick(book.of[kind], of_category, draw, slot) for slot, kind in enumerate(("frame", "topic", "context"), 1)
        )
        self.context = np.where(draw.uniform(4) < 0.9, self.context, -1)
        self.before = draw.uniform(5) < 0.5
        self.name, self.day, self.place = (
            _pick(book.of[kind], language, draw, slot) for slot, kind in enumerate(("name", "day", "place"), 6)
        )
        self.n, self.few, self.hour = 12 + draw.below(48, 9), 3 + draw.below(7, 10), 8 + draw.below(11, 11)

    def words(self) -> np.ndarray:
        of = self.book.of
        context = np.where(self.context >= 0, of["context"].words[self.context], 0)
        return of["frame"].words[self.frame] - 1 + of["topic"].words[self.topic] + context

    def texts(self) -> list[str]:
        of = self.book.of
        written = []
        for i in range(len(self.frame)):
            question = of["frame"].text[self.frame[i]].replace("{ask}", of["topic"].text[self.topic[i]])
            if self.context[i] < 0:
                written.append(question)
                continue
            slots = {
                "name": of["name"].text[self.name[i]],
                "day": of["day"].text[self.day[i]],
                "place": of["place"].text[self.place[i]],
            }
            context = (
                of["context"].text[self.context[i]].format(n=self.n[i], few=self.few[i], hour=self.hour[i], **slots)
            )
            written.append(f"{context} {question}" if self.before[i] else f"{question}\n\n{context}")
        return written


class _Responses:
    """Responses: an opening, the points of the topic in the form their quality allows, padding, a closing."""

    def __init__(self, book: Grammar, seed: int, wanted: Wanted) -> None:
        self.book = book
        language = wanted.language.astype(np.int64)
        of_category = wanted.category.astype(np.int64) * len(LANGUAGES) + language
        prompt = _Prompts(book, seed, wanted)
        shared = _Choices(seed, wanted.group.astype(np.int64) * 64 + 62)
        draw = _Choices(seed, wanted.group.astype(np.int64) * 64 + wanted.seat)

        points = int(book.right.count.max())
        exists = np.arange(points) < book.right.count[prompt.topic][:, None]
        level = _SKILL * np.sqrt(2.0) * wanted.quality[:, None] + _LUCK * np.stack(
            [draw.normal(10 + 3 * j) for j in range(points)], axis=1
        )
        self.form = np.where(exists, np.digitize(level, _BORDERS), MISSING)
        self.point = np.where(exists, book.right.start[prompt.topic][:, None] + np.arange(points), 0)
        self.vague = _nth(book.of["vague"], of_category, draw.bits(1)[:, None] + np.arange(points))
        left_out = ((self.form == MISSING) & exists).sum(axis=1)
        extra = (draw.uniform(2) < 0.45).astype(np.int64) + (draw.uniform(3) < 0.25)
        weak = ((self.form == WRONG) | (self.form == VAGUE)).sum(axis=1)
        self.n_pads = np.minimum(left_out + (weak >= 3) + extra, _MOST_PADS)
        self.pad = _nth(book.of["pad"], language, draw.bits(4)[:, None] + np.arange(_MOST_PADS))
        self.opening = _or_none(book.of["open"], language, shared.bits(5) + wanted.seat)
        self.closing = np.where(draw.uniform(6) < 0.7, _pick(book.of["close"], language, draw, 7), -1)
        favourite = (wanted.model.astype(np.int64) * 7 + 1) % 3
        style = np.where(draw.uniform(8) < 0.6, favourite, draw.below(3, 9))
        self.style = np.where(np.isin(wanted.category, _AS_LINES), _LINES, style)
        self.pad_first = draw.uniform(40) < 0.5

    def words(self) -> np.ndarray:
        of = self.book.of
        body = np.select(
            [self.form == RIGHT, self.form == WRONG, self.form == VAGUE],
            [self.book.right.words[self.point], self.book.wrong.words[self.point], of["vague"].words[self.vague]],
            0,
        )
        marks = np.where(np.isin(self.style, (_NUMBERED, _BULLETS)), (self.form != MISSING).sum(axis=1), 0)
        pads = np.where(np.arange(_MOST_PADS) < self.n_pads[:, None], of["pad"].words[self.pad], 0)
        ends = [
            np.where(index >= 0, of[kind].words[index], 0)
            for kind, index in (("open", self.opening), ("close", self.closing))
        ]
        return body.sum(axis=1) + marks + pads.sum(axis=1) + ends[0] + ends[1]

    def texts(self) -> list[str]:
        return [self._text(i) for i in range(len(self.style))]

    def _text(self, i: int) -> str:
        of = self.book.of
        text = {
            RIGHT: lambda j: self.book.right.text[self.point[i, j]],
            WRONG: lambda j: self.book.wrong.text[self.point[i, j]],
            VAGUE: lambda j: of["vague"].text[self.vague[i, j]],
        }
        points = [text[form](j) for j, form in enumerate(self.form[i].tolist()) if form != MISSING]
        style = self.style[i]
        if style == _NUMBERED:
            body = "\n".join(f"{k}. {point}" for k, point in enumerate(points, 1))
        elif style == _BULLETS:
            body = "\n".join(f"- {point}" for point in points)
        else:
            body = ("\n" if style == _LINES else " ").join(points)
        padding = " ".join(of["pad"].text[p] for p in self.pad[i, : self.n_pads[i]])
        opening = of["open"].text[self.opening[i]] if self.opening[i] >= 0 else ""
        closing = of["close"].text[self.closing[i]] if self.closing[i] >= 0 else ""
        middle = (padding, body) if self.pad_first[i] else (body, padding)
        return "\n\n".join(part for part in (opening, *middle, closing) if part)


def _pick(phrases: Phrases, book: np.ndarray, draw: _Choices, slot: int) -> np.ndarray:
    """A phrase of each unit's book."""
    return phrases.start[book] + draw.below(phrases.count[book], slot)


def _nth(phrases: Phrases, book: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Phrases of each unit's book by number, counted round and round."""
    return phrases.start[book][:, None] + number % phrases.count[book][:, None]


def _or_none(phrases: Phrases, book: np.ndarray, number: np.ndarray) -> np.ndarray:
    """The same for one number a unit, where one more number means no phrase at all (-1)."""
    nth = number % (phrases.count[book] + 1)
    return np.where(nth < phrases.count[book], phrases.start[book] + nth, -1)
