"""The most contested items with their texts: only where texts are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from workbench.agreement.contested import contested_items
from workbench.dataset.annotation_set import AnnotationSet
from workbench.report.contents import Column, Section, Table

ITEMS = 12
CHARACTERS = 1_500
"""Items shown, and the most characters of a text."""


def contested_section(data: AnnotationSet, items: int = ITEMS) -> Section:
    """Which items do annotators disagree about most, and what do these say?"""
    found = contested_items(data, limit=items)
    frame = found.frame
    texts = data.item_texts(frame["position"].to_numpy())
    cards = "".join(
        _card(row, text) for row, text in zip(frame.to_dict("records"), texts.to_dict("records"), strict=True)
    )
    columns = (
        Column("item_id", "Item"),
        Column("votes", "Labels"),
        Column("direction", "Pairs of labels that name different sides", "share", n="labels"),
    )
    shown = frame[["item_id", "votes", "labels", "direction", "disagreement"]]
    why = "; ".join(f"{n:,} {reason}" for reason, n in found.set_aside.items())
    says = (
        f"The {len(frame):,} most contested of {found.n_matching:,} items that have two labels or more"
        + (f" ({why})" if why else "")
        + "."
    )
    code = "from workbench.agreement.contested import contested_items"
    table = Table(
        name="contested",
        title="Most contested items",
        frame=shown,
        columns=columns,
        python=f"contested_items(data, limit={items}).frame",
        shown=items,
    )
    return Section(
        name="contested",
        title="Most contested items",
        says=(says,),
        code=code,
        figures=(),
        tables=(table,),
        drawings=(),
        boxes=(cards,),
    )


def _card(row: Mapping[Any, Any], texts: Mapping[Any, Any]) -> str:
    """One item as a box; every text escaped."""
    parts = [f'<h4><bdi>{escape(str(row["item_id"]))}</bdi></h4><p class="quiet">{escape(str(row["votes"]))}</p>']
    for column, title in (("prompt", "Prompt"), ("response_a", "Response A"), ("response_b", "Response B")):
        text = texts.get(column)
        if isinstance(text, str) and text.strip():
            more = (
                f' <span class="quiet">({len(text) - CHARACTERS:,} more characters)</span>'
                if len(text) > CHARACTERS
                else ""
            )
            parts.append(
                f'<p class="label">{title}</p><blockquote dir="auto">{escape(text[:CHARACTERS])}{more}</blockquote>'
            )
    return f'<div class="card item">{"".join(parts)}</div>'
