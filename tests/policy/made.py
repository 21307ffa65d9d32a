"""Tiny models and pairs with a known preference, for every test of policies."""

from __future__ import annotations

from pathlib import Path

from tests.reward.made import planted_pairs
from workbench.policy.tiny import make_tiny_model, read_for_a_moment
from workbench.reward.pairs import Pairs


def texts_of(pairs: Pairs) -> list[str]:
    return [str(text) for column in (pairs.prompt, pairs.response_a, pairs.response_b) for text in column]


def tiny(folder: Path, pairs: Pairs | None = None, *, steps: int = 0, chat: bool = False, width: int = 16) -> str:
    """A tiny model that knows the words of these pairs, and has read their responses for some steps."""
    known = planted_pairs(60) if pairs is None else pairs
    make_tiny_model(folder, texts_of(known), width=width, positions=64, chat=chat)
    if steps:
        read_for_a_moment(folder, known.prompt.tolist(), known.response_a.tolist(), steps=steps)
    return str(folder)
