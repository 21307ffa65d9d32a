"""Annotators as a page lists them: counts beside shares, intervals in words, whole per cents, and no column without a
value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.annotators.flags import Flags
from workbench.annotators.suspect_gold import DOUBTFUL, SuspectGold
from workbench.figures.tables import of_counts, small_p, spans, whole_percents

GROUPS = {
    "Right or wrong": (
        "annotations",
        "on_gold",
        "on_gold_exact",
        "gold_interval",
        "gold_chance",
        "agreement_with_others",
    ),
    "Habits": ("annotations", "self_consistency", "first_position_rate", "pace", "rapid_share", "skips"),
}
"""Columns that stand together: all of them at once do not fit beside the reliability."""

_FIRST = ("annotator", "flags", "reliability", "interval")
_ALWAYS = ("annotator", "reliability", "interval", "annotations")
_SHARES = (
    "reliability",
    "gold_chance",
    "agreement_with_others",
    "self_consistency",
    "first_position_rate",
    "pace",
    "rapid_share",
)


def worst_first(table: pd.DataFrame) -> pd.DataFrame:
    """`annotator_table` with flagged annotators first, then the least reliable; those of unknown reliability last."""
    return table.sort_values(["flagged", "reliability"], ascending=[False, True], kind="stable")


def annotator_rows(table: pd.DataFrame, group: str, beside: pd.DataFrame | None = None) -> pd.DataFrame:
    """The annotators with the columns of one of `GROUPS`.

    Parameters
    ----------
    table : of `workbench.annotators.annotator_table`.
    beside : columns to put right after the reliability, with the table's index.

    Returns
    -------
    Frame in the order of `table`: `annotator`, `flags`, `reliability`, `interval`, those of `beside` and those of the
    group; columns without any value are left out, and so is the exact label on gold where it says the same as the
    direction.
    """
    hits, n = table["gold_direction_correct"].to_numpy(), table["gold_n"].to_numpy()
    exact = np.nan_to_num(table["gold_exact_accuracy"].to_numpy(float)) * n
    made = table.assign(
        interval=spans(table["reliability_low"], table["reliability_high"]),
        on_gold=of_counts(hits, n),
        on_gold_exact=of_counts(exact, n) if (np.round(exact) != hits).any() else of_counts(exact * 0, n * 0),
        gold_interval=spans(table["gold_low"], table["gold_high"]),
    )
    columns = [*_FIRST, *GROUPS[group]]
    shown = whole_percents(made, _SHARES)[
        [c for c in columns if c in _ALWAYS or made[c].replace("", None).notna().any()]
    ]
    if beside is None:
        return shown
    at = shown.columns.tolist().index("interval") + 1
    return pd.concat([shown.iloc[:, :at], beside.loc[shown.index], shown.iloc[:, at:]], axis=1)


def decision_rows(table: pd.DataFrame, flags: Flags) -> pd.DataFrame:
    """Decisions of the sequential test with what each annotator is flagged for on all evidence.

    Parameters
    ----------
    table : of `workbench.annotators.close_up.decisions`.

    Returns
    -------
    Frame in the order of `table`: `annotator`, `decision`, `answers` (used of all), `evidence`, `flags`.
    """
    return pd.DataFrame(
        {
            "annotator": table["annotator"],
            "decision": table["decision"],
            "answers": of_counts(table["used"], table["answers"]),
            "evidence": table["evidence"],
            "flags": [kinds(flags, name) for name in table["annotator"]],
        }
    )


def kinds(flags: Flags, annotator: str) -> str:
    """What somebody is flagged for, or nothing; a note on few labels is no flag."""
    return ", ".join(flag.kind for flag in flags.by_annotator.get(annotator, ()) if flag.kind != "few-labels")


def suspect_rows(gold: SuspectGold, below: int = 20) -> pd.DataFrame:
    """Gold that is held to be wrong, and the likeliest below that line.

    Parameters
    ----------
    below : how many of those below the line; only gold that somebody contradicts.

    Returns
    -------
    Frame, the likeliest wrong first: `item_id`, `gold`, `instead`, `against` (votes against of all), `chance_wrong`,
    `set_aside`, `item` (position).
    """
    items = gold.items
    over = (items["chance_wrong"] > DOUBTFUL).to_numpy(bool)
    near = np.flatnonzero(~over & (items["against"] > 0).to_numpy(bool))[:below]
    shown = items.iloc[np.sort(np.concatenate([np.flatnonzero(over), near]))]
    return pd.DataFrame(
        {
            "item_id": shown["item_id"],
            "gold": shown["gold"],
            "instead": shown["instead"],
            "against": of_counts(shown["against"], shown["votes"]),
            "chance_wrong": shown["chance_wrong"],
            "set_aside": shown["chance_wrong"] > DOUBTFUL,
            "item": shown["item"],
        }
    ).reset_index(drop=True)


def pair_rows(pairs: pd.DataFrame, names: Sequence[str], limit: int = 200) -> pd.DataFrame:
    """Pairs of annotators with their names, the most alike first.

    Parameters
    ----------
    pairs : of `workbench.annotators.collusion`.
    names : of the annotators, by position.
    """
    listed = pairs.head(limit)
    who = np.array([*names, None], object)
    first, second = (who[listed[c].to_numpy(int)] for c in ("first", "second"))
    return listed.assign(first=first, second=second, p=small_p(listed["adjusted"]))
