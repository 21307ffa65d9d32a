"""Training rows for reward models: prompt, chosen, rejected with margin and soft label, and a sidecar that says where
each came from.

The rows are what TRL's `RewardTrainer` and `DPOTrainer` read (explicit prompt, plain or conversational). The sidecar
has one row for *every* item, also for those that became no row, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats.files.spreadsheet import defused

AT_ONCE = 10_000
"""Items whose texts are in memory together."""
_TURN = re.compile(r"(?:\A|\n\n)(System|User|Assistant|Tool): ")
_SIDES = np.array(["A", "B", None], object)


@dataclass(frozen=True, eq=False)
class Decisions:
    """What each item's training row says.

    Attributes
    ----------
    chosen : int8 (n_items,): 0 = A, 1 = B, -1 = no row.
    p_chosen : float (n_items,): probability that the chosen response is the better one; 0.5 for a tie that was kept.
    margin : float (n_items,): mean strength of the judgements towards the chosen response, in steps of the scale.
    reason : object (n_items,): why there is no row, None where there is one.
    sidecar : one row an item.
    """

    chosen: np.ndarray
    p_chosen: np.ndarray
    margin: np.ndarray
    reason: np.ndarray
    sidecar: pd.DataFrame


def decide(
    data: AnnotationSet,
    *,
    labels: np.ndarray | None = None,
    soft: np.ndarray | None = None,
    ties: Literal["drop", "soft"] = "drop",
) -> Decisions:
    r"""Which response of each item is chosen, how surely, and by how much.

    By default an item's first judgements vote by direction (A, tie, B); the side with more votes than the other and no
    fewer than the tie is chosen, and \(P(A) = (n_A + n_= / 2) / n\).

    Parameters
    ----------
    labels : code of each item's label (n_items,), -1 = none, from an aggregation; decides instead of the vote.
    soft : \(P(A)\) of each item (n_items,), NaN = unknown, from an aggregation; decides where `labels` is not given.
    ties : `drop` leaves tied items out (counted in the sidecar), `soft` keeps them, A as chosen, at one half.

    Raises
    ------
    WorkbenchError
        The labels do not choose between two responses, or an array does not fit the items.
    """
    scale, n = data.scale, len(data.items)
    if not scale.has_sides:
        raise WorkbenchError(
            "The labels are categories; training rows need labels that choose between two responses.",
            "Map response_a and response_b, or name the scale.",
        )
    for name, given in (("labels", labels), ("soft", soft)):
        if given is not None and np.shape(given) != (n,):
            raise WorkbenchError(
                f"{name} has shape {np.shape(given)}, there are {n:,} items.", "Give one value an item."
            )
    codes = data.codes
    votes = np.bincount(codes.item.astype(np.int64) * len(scale) + codes.label, minlength=n * len(scale)).reshape(
        n, len(scale)
    )
    strength = np.asarray(scale.strengths)
    n_votes = votes.sum(1)
    n_a, n_b = votes[:, strength > 0].sum(1), votes[:, strength < 0].sum(1)
    n_tie = n_votes - n_a - n_b
    with np.errstate(invalid="ignore", divide="ignore"):
        p_a = (n_a + n_tie / 2) / n_votes if soft is None else np.asarray(soft, float)
        mean_strength = votes @ strength / n_votes
    if labels is not None:
        code = np.asarray(labels, np.int64)
        towards_a = np.where(code == NULL, np.nan, np.append(np.sign(strength), 0.0)[code])
        p_a = np.where(np.isnan(p_a), (towards_a + 1) / 2, p_a)
        mean_strength = np.where(np.isnan(mean_strength), np.append(strength, 0.0)[code], mean_strength)
    elif soft is not None:
        towards_a = np.sign(p_a - 0.5)
    else:
        towards_a = np.where(
            n_votes == 0,
            np.nan,
            np.where((n_a > n_b) & (n_a >= n_tie), 1.0, np.where((n_b > n_a) & (n_b >= n_tie), -1.0, 0.0)),
        )
    reason = np.full(n, None, object)
    reason[np.isnan(towards_a)] = "no label"
    tied = towards_a == 0
    if ties == "drop":
        reason[tied] = "tie"
    chosen = np.where(pd.isna(reason), np.where(towards_a < 0, 1, 0), -1).astype(np.int8)
    p_chosen = np.where(tied, 0.5, np.where(chosen == 1, 1 - p_a, p_a))
    margin = np.where(tied, 0.0, np.where(chosen == 1, -mean_strength, mean_strength))
    pairs = (votes * (votes - 1)).sum(1) / np.where(n_votes > 1, n_votes * (n_votes - 1), np.nan)
    sidecar = pd.DataFrame({"item_id": data.items["item_id"], "pair_id": data.items["pair_id"]})
    sidecar["used"] = chosen >= 0
    sidecar["reason"] = pd.array(reason, dtype="str")
    sidecar["chosen_side"] = pd.array(_SIDES[chosen], dtype="str")
    sidecar["p_a"], sidecar["agreement"], sidecar["annotators"] = p_a, pairs, n_votes
    sidecar = sidecar.assign(**{f"votes.{label}": votes[:, i] for i, label in enumerate(scale.labels)})
    for column in ("group", "model_a", "model_b"):
        if column in data.items:
            sidecar[column] = data.items[column].to_numpy()
    return Decisions(chosen, p_chosen, margin, reason, sidecar)


def preference_rows(
    data: AnnotationSet, decisions: Decisions, *, conversational: bool = False, margins: bool = False
) -> Iterator[pd.DataFrame]:
    """The training rows, a few thousand items at a time: prompt, chosen, rejected, p_chosen, item_id, and margin where
    it is asked for.

    Items without both texts give no row; `decisions.reason` says so afterwards.
    """
    wanted = np.flatnonzero(decisions.chosen >= 0)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        texts = data.item_texts(part)
        whole = (texts["response_a"].notna() & texts["response_b"].notna()).to_numpy(bool)
        decisions.reason[part[~whole]] = "no texts"
        part, texts = part[whole], texts[whole].reset_index(drop=True)
        first = decisions.chosen[part] == 0
        a, b = texts["response_a"].to_numpy(object), texts["response_b"].to_numpy(object)
        prompt, chosen, rejected = (
            texts["prompt"].fillna("").to_numpy(object),
            np.where(first, a, b),
            np.where(first, b, a),
        )
        if conversational:
            prompt = _messages(prompt, "user")
            chosen, rejected = _messages(chosen, "assistant"), _messages(rejected, "assistant")
        yield pd.DataFrame(
            {
                "prompt": prompt,
                "chosen": chosen,
                "rejected": rejected,
                **({"margin": decisions.margin[part]} if margins else {}),
                "p_chosen": decisions.p_chosen[part],
                "item_id": data.items["item_id"].to_numpy(object)[part],
            }
        )


def write_preference_rows(
    data: AnnotationSet,
    path: str | Path,
    *,
    labels: np.ndarray | None = None,
    soft: np.ndarray | None = None,
    ties: Literal["drop", "soft"] = "drop",
    conversational: bool = False,
    margins: bool = False,
) -> list[Path]:
    """Writes the training rows and, beside them, `NAME.sidecar.parquet`.

    Parameters
    ----------
    path : `.jsonl`, `.parquet` or `.csv` (plain rows only; cells that could run as formulas are defused).
    labels, soft, ties : as in `decide`.
    conversational : prompt, chosen and rejected as message lists.
    margins : write the mean strength towards the chosen response, which TRL's `RewardTrainer` takes off the difference
        of the scores (Touvron et al. 2023, eq. 2); only where judgements differ in strength, since a margin that is the
        same for all pairs says nothing and spoils the loss.

    Returns
    -------
    The files written: the rows, the sidecar.

    Raises
    ------
    WorkbenchError
        No item becomes a row (the reasons are counted), margins are asked for where all would be alike, or the name has
        another ending.
    """
    target = Path(path)
    kind = target.suffix.lower().lstrip(".")
    if kind not in ("jsonl", "parquet", "csv") or (kind == "csv" and conversational):
        raise WorkbenchError(
            f"{target}: training rows are written as .jsonl or .parquet, plain ones also as .csv.",
            "Choose one of these endings.",
        )
    decisions = decide(data, labels=labels, soft=soft, ties=ties)
    strengths = decisions.margin[(decisions.chosen >= 0) & (decisions.p_chosen != 0.5)]
    if margins and len(data.scale) <= 3 and (len(strengths) == 0 or np.ptp(strengths) < 1e-9):
        raise WorkbenchError(
            "The labels have no strengths: every margin would be the same, which tells a model nothing.",
            "Write the rows without margins.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.stem}.sidecar.parquet")
    with drafted(target) as draft, drafted(beside) as draft_beside:
        written = _write_parts(
            preference_rows(data, decisions, conversational=conversational, margins=margins), draft, kind
        )
        without = pd.array(decisions.reason, dtype="str")
        sidecar = decisions.sidecar.assign(used=pd.isna(decisions.reason), reason=without)
        if written == 0:
            counts = ", ".join(f"{r}: {n:,}" for r, n in sidecar["reason"].value_counts().items())
            raise WorkbenchError(
                f"No item becomes a training row ({counts}).",
                "Keep ties with ties=soft, or open the file of texts too.",
            )
        pq.write_table(pa.Table.from_pandas(sidecar, preserve_index=False), draft_beside, compression="zstd")
    return [target, beside]


def _write_parts(parts: Iterator[pd.DataFrame], path: Path, kind: str) -> int:
    written = 0
    writer = None
    try:
        for part in parts:
            if kind == "parquet":
                table = pa.Table.from_pandas(part, preserve_index=False)
                writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
                writer.write_table(table.cast(writer.schema))
            else:
                with path.open("a", encoding="utf-8", newline="") as stream:
                    if kind == "csv":
                        defused(part).to_csv(stream, index=False, header=written == 0)
                    else:
                        stream.writelines(
                            json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in part.to_dict("records")
                        )
            written += len(part)
    finally:
        if writer is not None:
            writer.close()
    return written


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(k): None if isinstance(v, float) and v != v else v for k, v in row.items()}


def _messages(texts: np.ndarray, role: str) -> np.ndarray:
    result = np.empty(len(texts), object)
    result[:] = [messages_of(text, role) for text in texts]
    return result


def messages_of(text: str, role: str) -> list[dict[str, str]]:
    r"""A text as messages: one of this role, or those of a conversation that `conversations.readable` wrote down turn
    by turn.

    >>> messages_of("User: Hi\n\nAssistant: Hello\n\nUser: Bye", "user")
    [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello'}, {'role': 'user', 'content': 'Bye'}]
    >>> messages_of("User: that is how it began", "user")
    [{'role': 'user', 'content': 'User: that is how it began'}]
    """
    pieces = _TURN.split(text)
    if pieces[0] or len(pieces) < 5:  # text before the first role, or fewer than two turns
        return [{"role": role, "content": text}]
    return [{"role": who.lower(), "content": words} for who, words in zip(pieces[1::2], pieces[2::2], strict=True)]
