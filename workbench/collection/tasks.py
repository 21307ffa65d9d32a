"""Pairs to judge as tasks: sides in random order, names that say nothing, and a key that says which pair each task was.

Annotators see the task alone. The key stays with whoever hands the tasks out: which pair it is, which of its responses
stands left, and the seed that decided it. What comes back is opened with the original export beside it: pairs are
recognised by their texts, whatever side they were shown on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, LabelScale
from workbench.errors import WorkbenchError
from workbench.messages import RESPONSES, by, message


@dataclass(frozen=True, eq=False)
class Tasks:
    """Tasks to hand out.

    Attributes
    ----------
    frame : one row a task, in the order to be judged: `task_id`, `prompt`, `response_a` (left), `response_b` (right).
    key : one row a task: `task_id`, `item_id`, `place` (rank among the picks, from 1), `left_is` (A or B of the item),
        `seed`.
    scale : what can be answered, A being the left one.
    seed : decided sides and names.
    set_aside : reason -> items that are no task.
    """

    frame: pd.DataFrame
    key: pd.DataFrame
    scale: LabelScale
    seed: int
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def left_is_a(self) -> int:
        """Tasks whose left response is A of the item."""
        return int((self.key["left_is"] == "A").sum())


def tasks_of(
    data: AnnotationSet, items: Sequence[int] | np.ndarray, seed: int = 0, scale: LabelScale | None = None
) -> Tasks:
    """Which tasks are these items?

    Parameters
    ----------
    data : annotations of response pairs, with their texts.
    items : positions of the items, in the order to be judged.
    seed : decides sides and names; half of the items, or one more or less, stand the other way round.
    scale : what can be answered; that of the data by default, A or B where that has no sides.

    Raises
    ------
    WorkbenchError
        An item is named twice, or no item has the texts of both responses.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame(
    ...     {"item_id": ["1", "2"], "prompt": ["p", "q"], "response_a": ["x", "y"], "response_b": ["u", "v"]}
    ... )
    >>> data = assemble(
    ...     [
    ...         Export(
    ...             items=items,
    ...             rows=pd.DataFrame({"item_id": ["1", "2"], "annotator": ["k"] * 2, "label": ["A", "B"]}),
    ...             source="t",
    ...             format="t",
    ...             sides=True,
    ...         )
    ...     ]
    ... )
    >>> made = tasks_of(data, [1, 0])
    >>> made.left_is_a, made.key["item_id"].tolist()
    (1, ['2', '1'])
    """
    wanted = np.asarray(items, np.int64)
    if len(np.unique(wanted)) != len(wanted):
        raise WorkbenchError(
            "An item is to be judged twice in one batch.", "Name each item once; repeats belong into another batch."
        )
    texts = data.item_texts(wanted).astype(object)
    missing = texts[["response_a", "response_b"]].isna().any(axis=1).to_numpy()
    if len(wanted) and missing.all():
        raise WorkbenchError(
            "These items have no texts to show.",
            message("Open the export that holds them, or name their columns ", by("mapping", RESPONSES)),
        )
    texts, wanted = texts.loc[~missing].reset_index(drop=True), wanted[~missing]
    rng, n = np.random.default_rng(seed), len(wanted)
    turned = rng.permutation(np.arange(n) % 2 == int(rng.integers(2)))
    names = [f"t-{rng.bytes(6).hex()}" for _ in range(n)]
    a, b = texts["response_a"].to_numpy(object), texts["response_b"].to_numpy(object)
    prompt = texts["prompt"].where(texts["prompt"].notna(), "").to_numpy(object)
    frame = pd.DataFrame(
        {"task_id": names, "prompt": prompt, "response_a": np.where(turned, b, a), "response_b": np.where(turned, a, b)}
    )
    key = pd.DataFrame(
        {
            "task_id": names,
            "item_id": data.items["item_id"].to_numpy()[wanted],
            "place": np.flatnonzero(~missing) + 1,
            "left_is": np.where(turned, "B", "A"),
            "seed": seed,
        }
    )
    used = scale or (data.scale if data.scale.has_sides else BINARY)
    return Tasks(frame, key, used, seed, {"a response has no text": int(missing.sum())} if missing.any() else {})
