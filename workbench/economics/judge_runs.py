"""Inputs that a finished judge run tells: what one of its judgements cost, how many tokens it took, and how often it is
right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.economics.inputs import INPUTS, Input
from workbench.economics.measured import Measured, inputs_from
from workbench.errors import WorkbenchError
from workbench.judging.beside_people import BesidePeople, beside_people
from workbench.judging.export import RESULT, VERDICTS
from workbench.statistics.clustered import clustered_share

LEAST = 30
"""Judgements below which nothing is measured."""


def judge_result(folder: str | Path) -> tuple[dict[str, Any], Path | None]:
    """What a judge run came to, and the file of its verdicts: from the folder that `judge --out` wrote, or a run's.

    Raises
    ------
    WorkbenchError : no judge run ended there.
    """
    place = Path(folder)
    try:
        found = json.loads((place / RESULT).read_text("utf-8"))
    except FileNotFoundError as error:
        raise WorkbenchError(
            f"{place}: there is no {RESULT}, so no judge run ended there.",
            "Name the folder that the command judge wrote, or a finished run.",
        ) from error
    except (OSError, ValueError) as error:
        raise WorkbenchError(f"{place / RESULT}: cannot be read as JSON.", "Name the folder of a judge run.") from error
    if not isinstance(found, dict) or "judge_version" not in found:
        raise WorkbenchError(f"{place / RESULT}: this is no result of a judge.", "Name the folder of a judge run.")
    verdicts = Path(str(found.get("verdicts") or place / VERDICTS))
    return found, verdicts if verdicts.is_file() else None


def usd_an_item(result: Mapping[str, Any]) -> float | None:
    """$ for each item that a finished judge run was asked about, both orders and repeats included; None without items.

    >>> usd_an_item({"usd": 3.0, "items": 1_500})
    0.002
    """
    return float(result["usd"]) / result["items"] if result["items"] else None


def inputs_of_judge(result: Mapping[str, Any], data: AnnotationSet | None = None) -> Measured:
    """Which inputs of the cost model does a finished judge run tell?

    Accuracy: on gold where there is enough of it, else from how often the judge gives a person's direction: with people
    right in a share p of their labels, a judge right in x agrees with one in xp + (1 - x)(1 - p).

    Parameters
    ----------
    result : what `judge --json` prints, with the judge's `name`.
    data : the people's annotations with this judge among the annotators; without them there is no accuracy.
    """
    name = str(result.get("name", "judge"))
    source = f"measured from the run of {name[:40]}, version {result['judge_version']}"
    found: dict[str, Input] = {}
    missing: dict[str, str] = {}

    def put(kind: str, value: float, note: str, low: float | None = None, high: float | None = None) -> None:
        bounds = INPUTS[kind]

        def inside(v: float) -> float:
            return min(max(v, bounds.low), bounds.high)

        found[kind] = Input(
            name=kind,
            value=inside(value),
            source=source,
            date="",
            low=None if low is None else inside(low),
            high=None if high is None else inside(high),
            measured=True,
            note=note,
        )

    answers = sum(int(result.get(state) or 0) for state in ("answered", "refused", "cut", "unreadable"))
    if answers < LEAST:
        for kind in ("ai_price", "tokens_in", "tokens_out"):
            missing[kind] = f"the judge gave {answers} answers; it takes {LEAST}"
    else:
        put(
            "ai_price",
            float(result["usd"]) / answers,
            f"${result['usd']:,.4f} for {answers:,} answers, repeats included",
        )
        put("retry_share", 0.0, "repeats stand in the measured price")
        each = max(1, round(answers / max(int(result.get("items") or 0), 1)))
        orders = 2 if each % 2 == 0 else 1
        put("ai_orders", orders, f"{each} answers an item")
        put("ai_samples", each / orders, f"{each} answers an item")
        _tokens(result, put, missing)
    if data is None:
        missing["ai_accuracy"] = "the people's labels were not given"
    else:
        _accuracy(data, name, put, missing)
    return Measured(found, missing)


def _tokens(result: Mapping[str, Any], put: Any, missing: dict[str, str]) -> None:
    tokens, sent = result.get("tokens") or {}, sum(int(result.get(s) or 0) for s in ("answered", "refused", "cut"))
    read = sum(int(tokens.get(part) or 0) for part in ("fresh", "cache_read", "cache_write"))
    if not read or not sent:
        missing["tokens_in"] = missing["tokens_out"] = "the server named no tokens"
        return
    put("tokens_in", read / sent, f"{read:,} tokens of {sent:,} answers")
    put("tokens_out", int(tokens.get("out") or 0) / sent, f"{int(tokens.get('out') or 0):,} tokens of {sent:,} answers")


def _accuracy(data: AnnotationSet, name: str, put: Any, missing: dict[str, str]) -> None:
    try:
        beside = beside_people(data, name)
    except WorkbenchError as error:
        missing["ai_accuracy"] = error.what
        return
    known = data.gold[beside.items] >= 0
    truth = np.append(np.sign(data.scale.strengths), 0)[data.gold[beside.items]]
    sided = known & (truth != 0) & (beside.said != 0.5)
    if sided.sum() >= LEAST:
        gold = (np.sign(beside.said[sided] - 0.5) == truth[sided]).astype(float)
        share = clustered_share(gold, beside.group[sided])
        put("ai_accuracy", share.value, f"{int(gold.sum()):,} of {share.n:,} gold items", share.low, share.high)
        return
    people = inputs_from(data).inputs.get("annotator_accuracy")
    agree, group = _with_single_people(beside)
    if len(agree) < LEAST or people is None or people.value < 0.6:
        missing["ai_accuracy"] = "there is too little gold, and what people's own labels are worth cannot be told"
        return
    share = clustered_share(agree, group)
    slope = 2 * people.value - 1
    value, low, high = ((v - 1 + people.value) / slope for v in (share.value, share.low, share.high))
    put(
        "ai_accuracy",
        value,
        f"{share.value:.1%} agreement with {share.n:,} labels of single people, their own errors"
        f" ({1 - people.value:.1%}) taken out",
        low,
        high,
    )


def _with_single_people(found: BesidePeople) -> tuple[np.ndarray, np.ndarray]:
    """Whether the judge's side is that of each person who chose one, and what the items hang together by."""
    row, column = np.nonzero((found.by_person >= 0) & (found.by_person != 1))
    chose = found.said[row] != 0.5
    row, column = row[chose], column[chose]
    return (found.by_person[row, column] == 2 - 2 * found.said[row]).astype(float), found.group[row]
