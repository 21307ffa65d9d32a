"""Studies as tables: every figure a chart shows, with its interval, its count and the reason where it is undefined."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from workbench.estimates import with_sign
from workbench.wording.studies import Result, strategy_title


def study_table(result: Result) -> pd.DataFrame:
    """The figures of a study, one row each, ready for a file.

    >>> study_table({"study": "learning-curve", "points": [], "forecasts": []}).columns.tolist()
    ['labels', 'what', 'accuracy', 'accuracy_low', 'accuracy_high', 'note']
    """
    made: dict[str, Callable[[Result], pd.DataFrame]] = {
        "replay": _replay,
        "threshold": _threshold,
        "label-sets": _label_sets,
        "learning-curve": _learning_curve,
        "frontier": _frontier,
    }
    return made[str(result["study"])](result)


_TITLES = {
    "saving": "labels saved, times",
    "along": "the same along the curve",
    "gain": "gain, points",
    "to_match": "labels to match random",
    "over_random": "over random, points",
    "over_all": "over everything, points",
    "over_base": "over the first, points",
    "at_random": "as much at random",
    "training_labels": "training labels",
    "items_set_aside": "items left out",
    "log_loss": "log loss",
    "log_loss_over_base": "log loss over the first",
    "on_line": "on the line",
    "labels_per_item": "labels an item",
    "labels_as": "label set",
    "dollars": "price",
    "to": "step to",
    "dollars_per_point": "price of a point",
    "kept": "judgements kept",
    "items": "items",
}
_POINTS = ("gain", "over_random", "over_all", "over_base")
_MONEY = ("dollars", "dollars_per_point")
_WHOLE = ("labels", "to_match", "judgements", "training_labels", "items_set_aside", "labels_per_item")


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """The same for people: each figure with its interval in one cell, differences in points, headings in words.

    >>> readable(pd.DataFrame({"gain": [0.012], "gain_low": [0.001], "gain_high": [0.023]})).to_dict("records")
    [{'gain, points': '+1.2 [+0.1, +2.3]'}]
    """
    shown = pd.DataFrame(index=table.index)
    for column in map(str, table.columns):
        if column.endswith(("_low", "_high")):
            continue
        title, values = _TITLES.get(column, column.replace("_", " ")), table[column]
        if values.dtype.kind not in "fi":
            shown[title] = (
                values.map({True: "yes", False: "", "": ""}).fillna(values) if values.dtype.kind == "b" else values
            )
            continue
        ends = (f"{column}_low", f"{column}_high")
        bounds = [table[end] if end in table else pd.Series(math.nan, index=table.index) for end in ends]
        form = _form(column, values)
        shown[title] = [_cell(v, low, high, form) for v, low, high in zip(values, *bounds, strict=True)]
    return shown.reset_index(drop=True)


def _form(column: str, values: pd.Series) -> Callable[[float], str]:
    if column in _POINTS:
        return _in_points
    if column in _MONEY:
        return _in_dollars
    whole = column in _WHOLE or (column == "items" and (values > 1).any())
    return _in_whole if whole else _in_thousandths


def _cell(value: float, low: float, high: float, form: Callable[[float], str]) -> str:
    if math.isnan(value):
        return "–"
    between = "" if math.isnan(low) or math.isnan(high) else f" [{form(low)}, {form(high)}]"
    return f"{form(value)}{between}".replace("-", "−")


def _in_points(value: float) -> str:
    return with_sign(100 * value)


def _in_dollars(value: float) -> str:
    return f"${value:,.0f}" if abs(value) >= 100 else f"${value:,.2f}"


def _in_whole(value: float) -> str:
    return f"{value:,.0f}"


def _in_thousandths(value: float) -> str:
    return f"{value:.3f}"


def steps_table(result: Result) -> pd.DataFrame:
    """Of a frontier: each step along the line, what it costs and gains, and dollars a point."""
    rows = [
        {
            "to": s["to"],
            "dollars": s["dollars"],
            **_figure("gain", s["gain"]),
            **_figure("dollars_per_point", s["dollars_per_point"]),
            # Without an upper bound there is no interval, and a price without one looks surer than it is.
            "note": (
                ""
                if s["dollars_per_point"]["interval"]
                else s["dollars_per_point"]["reason"] or s["dollars_per_point"]["note"]
            ),
            "from": s["from"],
        }
        for s in result["steps"]
    ]
    columns = ["to", "dollars", *_columns("gain"), *_columns("dollars_per_point"), "note", "from"]
    return pd.DataFrame(rows, columns=columns)


def curves_table(result: Result) -> pd.DataFrame:
    """Of a replay: accuracy of each strategy at each number of labels."""
    return pd.DataFrame(
        [
            {"strategy": name, "labels": n, **_figure("accuracy", a)}
            for name, s in result["strategies"].items()
            for n, a in zip(result["points"], s["accuracy"], strict=True)
        ],
        columns=["strategy", "labels", "accuracy", "accuracy_low", "accuracy_high"],
    )


def _replay(result: Result) -> pd.DataFrame:
    rows = []
    for name, s in result["strategies"].items():
        saved = s["saving"]
        row: dict[str, Any] = {"strategy": strategy_title(name), **_figure("accuracy", s["accuracy"][-1])}
        if saved:
            row |= {
                **_figure("saving", saved["ratio"]),
                **_figure("along", saved["along"]),
                **_figure("gain", saved["gain"]),
                **_figure("to_match", saved["to_match"]),
            }
            row["note"] = "; ".join(
                dict.fromkeys(r for r in (saved["ratio"]["reason"], saved["to_match"]["reason"]) if r)
            )
        rows.append(row)
    columns = [
        "strategy",
        *_columns("accuracy"),
        *_columns("saving"),
        *_columns("along"),
        *_columns("gain"),
        *_columns("to_match"),
        "note",
    ]
    return pd.DataFrame(rows, columns=columns)


def _threshold(result: Result) -> pd.DataFrame:
    rows = [
        {
            "threshold": t["threshold"],
            "kept": t["kept"],
            "items": t["items"],
            **_figure("accuracy", t["accuracy"]),
            **_figure("at_random", t["at_random"]),
            **_figure("over_random", t["over_random"]),
            **_figure("over_all", t["over_all"]),
            "note": t["accuracy"]["reason"] or "",
        }
        for t in result["thresholds"]
    ]
    return pd.DataFrame(rows)


def _label_sets(result: Result) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "labels": s["name"],
                "training_labels": s["labels"],
                "items_set_aside": s["set_aside"],
                **_figure("accuracy", s["accuracy"]),
                **_figure("over_base", s["over_base"]),
                **_figure("log_loss", s["loss"]),
                **_figure("log_loss_over_base", s["loss_over_base"]),
                **(_figure("policy_accuracy", s["policy"]) if s.get("policy") else {}),
                **(_figure("policy_over_base", s["policy_over_base"]) if s.get("policy_over_base") else {}),
            }
            for s in result["sets"]
        ]
    )


def _learning_curve(result: Result) -> pd.DataFrame:
    rows = [
        {"labels": p["labels"], "what": "measured", **_figure("accuracy", p["accuracy"]), "note": ""}
        for p in result["points"]
    ]
    rows += [
        {"labels": f["labels"], "what": "forecast", **_figure("accuracy", f["accuracy"]), "note": f["warning"]}
        for f in result["forecasts"]
    ]
    return pd.DataFrame(rows, columns=["labels", "what", *_columns("accuracy"), "note"])


def _frontier(result: Result) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "plan": p["name"],
                "dollars": p["dollars"],
                **_figure("accuracy", p["accuracy"]),
                "on_line": p["on_line"],
                "judgements": p["judgements"],
                "items": p["items"],
                "labels_per_item": p["labels_per_item"],
                "labels_as": p["labels_as"],
                "cleaned": p["cleaned"],
                "labellers": p["labellers"],
            }
            for p in result["plans"]
        ]
    )


def _figure(name: str, figure: Result) -> dict[str, float]:
    low, high = figure["interval"] or (math.nan, math.nan)
    return {name: math.nan if figure["value"] is None else figure["value"], f"{name}_low": low, f"{name}_high": high}


def _columns(name: str) -> list[str]:
    return [name, f"{name}_low", f"{name}_high"]
