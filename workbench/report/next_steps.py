"""What to do next, right after the verdict: the actions with what each would change."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.actions import Action
from workbench.report.contents import Column, Section, Table
from workbench.wording.actions import NOTHING, effect_sentence


def next_section(actions: Sequence[Action], code: str) -> Section:
    """What should be done first, and what would it change?"""
    head = "from workbench.actions import next_actions\n\n"
    if not actions:
        return Section(name="next", title="What to do next", absent=NOTHING)
    rows = [
        (
            place,
            action.title,
            effect_sentence(action),
            action.addresses,
            action.status,
            *((p.change, p.low, p.high) if (p := action.predicted) else (None, None, None)),
            action.usd,
        )
        for place, action in enumerate(actions, 1)
    ]
    columns = ["place", "action", "effect", "check", "status", "change", "low", "high", "usd"]
    table = Table(
        name="next_actions",
        title="Actions, first things first",
        frame=pd.DataFrame(rows, columns=columns),
        columns=(
            Column("place", "", "count"),
            Column("action", "What to do"),
            Column("effect", "What it would change"),
            Column("check", "Bears on"),
        ),
        python="next_actions(result)",
        note=(
            "Intervals are 95%. What is likeliest to turn the verdict comes first, then what would put most labels"
            " right."
        ),
    )
    return Section(name="next", title="What to do next", code=head + code, tables=(table,))
