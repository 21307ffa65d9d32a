"""Frozen pairs that each run of a judge judges again: kept once, with their texts, and what each run said of them.

A file of pairs (JSON lines) and beside it the rounds, a line a run: what differs between two rounds of one judge is the
judge's own, whatever data the runs were about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.judging.anchors import ANCHORS, JudgeDrift, choose_anchors, drift_of_scores
from workbench.judging.prompt import Question, in_both_orders
from workbench.judging.questions import questions_of
from workbench.judging.reconciling import reconciled
from workbench.locations import judging_folder

PREFIX = "anchor:"
"""Begins the item ids of anchors, so that they are never mixed with data."""
_AGAIN = 1_000_000
"""Sample number of the first round: a round is asked anew, and one that was killed goes on where it was."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What a judge said of the anchors in one run.

    Attributes
    ----------
    judged_at : UTC, ISO 8601.
    judge, version : its name, and the hash of model, parameters and prompt.
    answered : models that its answers name.
    scores : anchor -> how much it is for A, 0 to 1; those without a verdict are left out.
    """

    judged_at: str
    judge: str
    version: str
    answered: tuple[str, ...]
    scores: Mapping[str, float]


def keep_anchors(data: AnnotationSet, path: Path, n: int = ANCHORS, seed: int = 0, *, mask: bool = False) -> int:
    """Freezes pairs of these data, one a prompt group, with their texts; how many there are.

    Raises
    ------
    WorkbenchError : there are anchors already, or no pair has two different texts.
    """
    if path.exists():
        raise WorkbenchError(f"{path}: there are anchors already.", "Name another file; frozen pairs do not change.")
    if n < 1:
        raise WorkbenchError(f"{n} anchors are not possible.", "Keep 1 or more; 30 to 50 are usual.")
    able = questions_of(data, orders=1, mask=mask).items
    one_a_group = able[np.isin(able, choose_anchors(data, len(data.items), seed))]
    drawn = np.sort(np.random.default_rng([seed, 5]).permutation(one_a_group)[:n])
    pairs = [q for q in questions_of(data, drawn, mask=mask).asked if q.order == 0]
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted(path) as draft:
        lines = [json.dumps({"item": q.item, "prompt": q.request, "a": q.first, "b": q.second}) for q in pairs]
        draft.write_text("\n".join(lines) + "\n", "utf-8")
    return len(pairs)


def anchor_questions(path: Path, version: str) -> list[Question]:
    """The anchors in both orders, as questions of the next round of this version of a judge.

    Raises
    ------
    WorkbenchError : the file is none of anchors.
    """
    rows = []
    for line in _lines(path):
        try:
            rows.append((f"{PREFIX}{line['item']}", str(line["prompt"]), str(line["a"]), str(line["b"])))
        except (KeyError, TypeError) as error:
            raise WorkbenchError(f"{path}: this is no file of anchors.", "Name one that a run kept.") from error
    if not rows:
        raise WorkbenchError(f"{path}: there are no anchors in it.", "Delete it, and keep some anew.")
    number = _AGAIN + sum(each.version == version for each in rounds_of(path))
    return [replace(question, sample=number) for question in in_both_orders(rows)]


def keep_round(
    path: Path, judge: str, version: str, calls: Iterable[Mapping[str, Any]], answered: Sequence[str]
) -> Round | None:
    """Adds what a run said of the anchors to their rounds; None where it answered none.

    Runs that end at the same moment add theirs one after the other.
    """
    from filelock import FileLock

    table = reconciled(calls).table.dropna(subset=["score"])
    scores = {str(i).removeprefix(PREFIX): float(s) for i, s in zip(table["item_id"], table["score"], strict=True)}
    if not scores:
        return None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = Round(judged_at=now, judge=judge, version=version, answered=tuple(answered), scores=scores)
    history = rounds_file(path)
    with FileLock(history.with_name(f".{history.name}.lock")), drafted(history) as draft:
        before = [json.dumps(asdict(each)) for each in rounds_of(path)]
        draft.write_text("\n".join([*before, json.dumps(asdict(made))]) + "\n", "utf-8")
    return made


def rounds_of(path: Path, judge: str | None = None) -> list[Round]:
    """Rounds on these anchors, the first one first; of one judge where it is named.

    Raises
    ------
    WorkbenchError : the file beside the anchors is damaged.
    """
    history = rounds_file(path)
    if not history.exists():
        return []
    try:
        found = [Round(**{**line, "answered": tuple(line["answered"])}) for line in _lines(history)]
    except (KeyError, TypeError) as error:
        raise WorkbenchError(f"{history}: this is no file of rounds.", "Delete it to begin them anew.") from error
    return [each for each in found if judge is None or each.judge == judge]


def drift_since_first(rounds: Sequence[Round]) -> list[JudgeDrift | None]:
    """How far each round is from the first one of the same judge; None for the first."""
    return [None if place == 0 else drift_of_scores(rounds[0].scores, each.scores) for place, each in enumerate(rounds)]


def anchors_file(scope: str) -> Path:
    """Where the anchors of a project, or of data in none, lie on the pages."""
    return judging_folder() / "anchors" / f"{blake2b(scope.encode(), digest_size=8).hexdigest()}.jsonl"


def rounds_file(path: Path) -> Path:
    """The file of rounds beside one of anchors."""
    return path.with_name(f"{path.name}.rounds")


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise WorkbenchError(f"{path}: the anchors cannot be read.", "Check the path.") from error
    except ValueError as error:
        raise WorkbenchError(f"{path}: this is no file of anchors.", "Name one that was kept by a run.") from error
