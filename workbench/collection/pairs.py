"""Pairs to label out of responses: which two of a prompt's are set side by side, and whether the batch is a good
one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError

METHODS = {
    "models": "two models' responses to one prompt",
    "temperatures": "two temperatures of one model",
    "best-of-n": "the response a reward model likes best, against another one",
    "rejection": "a response over a threshold of the reward model, against one under it",
    "revision": "a response and its revision by a principle",
}
"""How pairs are made."""
NEAR = 0.8
"""Share of common word triples from which two pairs of one prompt count as near-duplicates."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs to label.

    Attributes
    ----------
    table : a row a pair: `item_id`, `prompt`, `response_a`, `response_b`, `model_a`, `model_b`, `method`, and
        `information` (p (1 - p) by the reward model; NaN without one). Which response is A was drawn.
    set_aside : reason -> pairs not made.
    """

    table: pd.DataFrame
    set_aside: Mapping[str, int]


def make_pairs(
    responses: pd.DataFrame,
    method: str,
    rng: np.random.Generator,
    *,
    scores: np.ndarray | None = None,
    per_prompt: int = 1,
    threshold: float | None = None,
) -> Pairs:
    """Sets responses side by side.

    Parameters
    ----------
    responses : as `write_responses` and `revise_responses` give them, one under the other.
    method : one of `METHODS`.
    rng : draws pairs and sides: who stands left says nothing.
    scores : (n,), of a reward model; needed for best-of-n and rejection, and for the expected information.
    per_prompt : pairs of each prompt at the most.
    threshold : of rejection; the median of the scores by default.

    Raises
    ------
    WorkbenchError : there is no such method, or it needs scores.
    """
    if method not in METHODS:
        raise WorkbenchError(f"There is no way {method!r} to make pairs.", f"Choose one of {', '.join(METHODS)}.")
    if scores is None and method in ("best-of-n", "rejection"):
        raise WorkbenchError(f"{method} needs the scores of a reward model.", "Name one as the scorer.")
    level = float(np.median(scores)) if threshold is None and scores is not None and len(scores) else threshold
    rows: list[dict[str, Any]] = []
    aside = {"identical responses": 0, "no two responses to choose from": 0}
    for prompt, group in responses.reset_index(drop=True).groupby("prompt", sort=False):
        found = _candidates(group, method, scores, level)
        if not found:
            aside["no two responses to choose from"] += 1
        taken = 0
        for place in rng.permutation(len(found)):
            if taken == per_prompt:
                break
            first, second = found[int(place)] if rng.random() < 0.5 else found[int(place)][::-1]
            one, other = responses.iloc[first], responses.iloc[second]
            if one["response"].strip() == other["response"].strip():
                aside["identical responses"] += 1
                continue
            rows.append(_row(str(prompt), len(rows), one, other, method, scores, first, second))
            taken += 1
    columns = ["item_id", "prompt", "response_a", "response_b", "model_a", "model_b", "method", "information"]
    return Pairs(pd.DataFrame(rows, columns=columns), {why: n for why, n in aside.items() if n})


def _candidates(
    group: pd.DataFrame, method: str, scores: np.ndarray | None, level: float | None
) -> list[tuple[int, int]]:
    """Positions of two responses that the method would set side by side."""
    places = group.index.to_numpy()
    model, warm = group["model"].to_numpy(object), group["temperature"].to_numpy(object)
    revised = group["revised_by"].fillna("").to_numpy(object) != ""
    if method == "revision":
        return [(int(i), int(j)) for i in places[~revised] for j in places[revised]]
    if method in ("best-of-n", "rejection"):
        assert scores is not None
        own = scores[places]
        if method == "best-of-n":
            best = int(places[int(np.argmax(own))])
            return [(best, int(j)) for j in places if int(j) != best]
        return [(int(i), int(j)) for i in places[own >= (level or 0.0)] for j in places[own < (level or 0.0)]]
    pairs = [(i, j) for i in range(len(places)) for j in range(i + 1, len(places))]
    if method == "models":
        fits = [(i, j) for i, j in pairs if model[i] != model[j]]
    else:
        fits = [(i, j) for i, j in pairs if model[i] == model[j] and warm[i] != warm[j]]
    return [(int(places[i]), int(places[j])) for i, j in fits]


def _row(
    prompt: str,
    number: int,
    one: pd.Series,
    other: pd.Series,
    method: str,
    scores: np.ndarray | None,
    first: int,
    second: int,
) -> dict[str, Any]:
    p = np.nan if scores is None else 1 / (1 + np.exp(-(scores[first] - scores[second])))
    return {
        "item_id": f"pair-{number + 1:06}",
        "prompt": prompt,
        "response_a": one["response"],
        "response_b": other["response"],
        "model_a": _named(one),
        "model_b": _named(other),
        "method": method,
        "information": float(p * (1 - p)),
    }


def _named(row: pd.Series) -> str:
    warm = "" if pd.isna(row["temperature"]) else f"@{row['temperature']:g}"
    return f"{row['model']}{warm}" + (" revised" if row["revised_by"] else "")


@dataclass(frozen=True)
class BatchCheck:
    """Whether a batch of pairs is a good one.

    Attributes
    ----------
    pairs, prompts : in it.
    first_model_share : of the pairs between each two models, how often the one that comes first by name stands as A;
        worst over them.
    longer_first_share : how often the longer response stands as A.
    near_duplicates : pairs that share most word triples with an earlier pair of the same prompt.
    distinct_words : different words over words, of all responses: low = all say the same.
    models : model -> responses.
    information : mean expected information, 0 to 0.25; None without a reward model.
    """

    pairs: int
    prompts: int
    first_model_share: float | None
    longer_first_share: float | None
    near_duplicates: int
    distinct_words: float
    models: dict[str, int]
    information: float | None


def check_pairs(table: pd.DataFrame) -> BatchCheck:
    """Balance of sides, near-duplicates, diversity: what a batch is asked for before it is handed out."""
    a, b = table["response_a"].astype(str), table["response_b"].astype(str)
    longer = a.str.len() - b.str.len()
    shares = []
    two = pd.DataFrame({"x": table["model_a"], "y": table["model_b"]})
    apart = two[two["x"] != two["y"]]
    names = [tuple(sorted(pair)) for pair in apart.itertuples(index=False)]
    for name, rows in apart.groupby(pd.Series(names, index=apart.index, dtype=object)):
        shares.append(float((rows["x"] == name[0]).mean()))
    triples = [_triples(f"{x} {y}") for x, y in zip(a, b, strict=True)]
    near = 0
    for places in table.reset_index(drop=True).groupby("prompt").indices.values():
        for k, i in enumerate(places):
            near += any(_alike(triples[i], triples[j]) for j in places[:k])
    words = [w for text in (*a, *b) for w in re.findall(r"\w+", text.lower())]
    information = table["information"].mean() if "information" in table and table["information"].notna().any() else None
    return BatchCheck(
        pairs=len(table),
        prompts=int(table["prompt"].nunique()),
        first_model_share=max(shares, key=lambda s: abs(s - 0.5)) if shares else None,
        longer_first_share=float((longer > 0)[longer != 0].mean()) if (longer != 0).any() else None,
        near_duplicates=near,
        distinct_words=len(set(words)) / len(words) if words else 0.0,
        models={str(k): int(v) for k, v in pd.concat([table["model_a"], table["model_b"]]).value_counts().items()},
        information=None if information is None else float(information),
    )


def _triples(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(max(len(words) - 2, 1))}


def _alike(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    return len(one & other) >= NEAR * len(one | other)
