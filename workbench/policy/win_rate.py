"""How often a judge that took no part in the training prefers what the policy says to what the reference says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import assemble
from workbench.dataset.export import Export
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.hashing import digest_of_arrays
from workbench.judging.judged import Options
from workbench.judging.run import ask_judge
from workbench.judging.spec import JudgeSpec, parse_judge
from workbench.progress import UNWATCHED, Watch
from workbench.reward.ranking import clustered_share


@dataclass(frozen=True, kw_only=True)
class WinRate:
    """The policy's responses against the reference's, one of each to the same prompt.

    Attributes
    ----------
    rate : share the judge prefers, a tie as half; interval over prompt groups.
    judge : who judged.
    orders : 2 where every pair was shown both ways round.
    ties : pairs that the judge called equal, identical responses with them.
    flipped, both_orders : pairs whose verdict changes with the order, of those answered in both.
    usd : what the judge cost.
    """

    rate: Estimate
    judge: str
    orders: int
    ties: int
    flipped: int
    both_orders: int
    usd: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "rate": self.rate.to_dict()}


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Pair by pair.

    Attributes
    ----------
    value : float64 (n,): 1 where ours is preferred, 0.5 for a tie, NaN where the judge did not answer.
    flipped, both_orders : pairs whose verdict changes with the order, of those answered in both.
    usd : what the judge cost.
    """

    value: np.ndarray
    flipped: int = 0
    both_orders: int = 0
    usd: float = 0.0


def win_rate(
    judge: str,
    prompts: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    group: np.ndarray,
    folder: Path,
    *,
    options: Options | None = None,
    local_only: bool = True,
    watch: Watch = UNWATCHED,
) -> WinRate:
    """How often does the judge prefer ours? `verdicts` says what counts as half a win.

    Parameters
    ----------
    judge : as `judge` takes it: `model:FOLDER`, `rule:longer`, `openai:MODEL@URL`, ...
    prompts, ours, theirs, group : (n,) each.
    folder : where the ledger of a judge that is a server lies.
    local_only : refuse a judge that would send texts to another machine.

    Raises
    ------
    WorkbenchError
        The judge is none, or cannot be asked.
    """
    asked = options or Options()
    spec = checked_judge(judge, local_only=local_only)
    found = verdicts(spec, prompts, ours, theirs, folder, asked, watch)
    return WinRate(
        rate=clustered_share(found.value, group, "Win rate"),
        judge=spec.name,
        orders=asked.orders,
        ties=int((found.value == 0.5).sum()),
        flipped=found.flipped,
        both_orders=found.both_orders,
        usd=found.usd,
    )


def verdicts(
    spec: JudgeSpec,
    prompts: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    folder: Path,
    options: Options | None = None,
    watch: Watch = UNWATCHED,
) -> Verdicts:
    """Which of the two does the judge prefer, pair by pair?

    A verdict that turns round with the order counts as half a win: the judge followed the order. It is not asked about
    identical responses (half a win) or about an empty one, which loses.
    """
    same = np.array([a == b for a, b in zip(ours, theirs, strict=True)], bool)
    empty, other_empty = (np.array([not text for text in texts], bool) for texts in (ours, theirs))
    value = np.select([same, empty, other_empty], [0.5, 0.0, 1.0], np.nan)
    if not np.isnan(value).any():
        return Verdicts(value)
    data = _as_items(prompts, ours, theirs, np.isnan(value))
    judged = ask_judge(data, spec, folder, options=options, watch=watch)
    table = judged.verdicts.table
    value[table["item_id"].astype(int).to_numpy()] = [_value(row) for row in table.itertuples()]
    return Verdicts(value, judged.verdicts.flips, judged.verdicts.both_orders, judged.usd)


def checked_judge(judge: str, *, local_only: bool = True) -> JudgeSpec:
    """The judge that is meant.

    Raises
    ------
    WorkbenchError
        There is no such judge, or it is elsewhere and only local ones are allowed.
    """
    spec = parse_judge(judge)
    if local_only and not spec.local:
        raise WorkbenchError(
            f"This judge would send prompts and responses to {spec.host}.",
            "Use a judge on this machine, or allow judges elsewhere if the texts may leave it.",
        )
    return spec


def weights_of(folder: Path) -> str:
    """What a model folder holds, as a hash of its weights: two folders with the same are the same model."""
    parts = [_ends_of(path) for path in sorted(folder.rglob("*.safetensors"))]
    return digest_of_arrays(parts) if parts else ""


def _ends_of(path: Path, size: int = 1 << 20) -> np.ndarray:
    """The first and the last megabyte of a file, and how long it is: weights that were trained differ in all parts."""
    length = path.stat().st_size
    with path.open("rb") as stream:
        begin = stream.read(size)
        stream.seek(max(length - size, 0))
        return np.frombuffer(begin + stream.read() + length.to_bytes(8, "little"), np.uint8)


def _value(row: object) -> float:
    """A win is 1, a tie or a verdict that follows the order one half, NaN where nothing was answered."""
    label, score = getattr(row, "label", None), float(getattr(row, "score", np.nan))
    if np.isnan(score):
        return np.nan
    if label is None or label == "=":
        return 0.5
    return 1.0 if str(label).startswith("A") else 0.0


def _as_items(prompts: Sequence[str], ours: Sequence[str], theirs: Sequence[str], which: np.ndarray) -> AnnotationSet:
    place = np.flatnonzero(which).tolist()
    items = pd.DataFrame(
        {
            "item_id": [str(i) for i in place],
            "prompt": [prompts[i] for i in place],
            "response_a": [ours[i] for i in place],
            "response_b": [theirs[i] for i in place],
        }
    )
    nobody = pd.DataFrame({"annotator": ["-"] * len(place), "label": [None] * len(place)})
    return assemble([Export(items=items, rows=nobody, source="samples", format="samples", sides=True)])
