"""Tasks handed out come back as judgements of the right pairs, whatever side was shown where and whatever tool they
went through."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.hostile_data import ATTACKS
from workbench.collection.task_files import FORMS, answers, label_studio_config, write_tasks
from workbench.collection.tasks import Tasks, tasks_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import BINARY, FIVE, SCALES, TERNARY, LabelScale
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.writers.annotation_table import write_annotation_table


def pairs(n: int = 12, scale: LabelScale = FIVE) -> AnnotationSet:
    """Pairs whose texts would be formulas, markup or several lines; each is judged once so far."""
    items = pd.DataFrame(
        {
            "item_id": [f"item-{i}" for i in range(n)],
            "prompt": [f"{ATTACKS[i % len(ATTACKS)]} prompt {i}".replace("\x00", "") for i in range(n)],
            "response_a": [
                f"=1+{i}" if i % 3 == 0 else f'first line {i}\n- second, "quoted" <b>{i}</b>' for i in range(n)
            ],
            "response_b": [f"plain answer {i}" for i in range(n)],
        }
    )
    rows = pd.DataFrame(
        {"item_id": items["item_id"], "annotator": "first", "label": [scale.labels[i % len(scale)] for i in range(n)]}
    )
    return assemble([Export(items=items, rows=rows, source="original.csv", format="columns", scale=scale, sides=True)])


def answered(tasks: Tasks, to: str, file: Path, codes: np.ndarray) -> Path:
    """What the tool exports after somebody gave these labels, as each tool writes it."""
    said = [answers(tasks.scale)[c] for c in codes]
    out = file.with_name("answered" + file.suffix)
    if to == "csv":
        frame = pd.read_csv(file, dtype="str", keep_default_na=False)
        frame["annotator"], frame["label"] = "second", said
        frame.to_csv(out, index=False)
        return out
    rows = (
        json.loads(file.read_text("utf-8"))
        if to == "label-studio"
        else [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    )
    done = []
    for i, (row, label) in enumerate(zip(rows, said, strict=True)):
        if to == "label-studio":
            result = {"from_name": "preference", "to_name": "prompt", "type": "choices", "value": {"choices": [label]}}
            annotation = {
                "id": 900 + i,
                "completed_by": 2,
                "result": [result],
                "was_cancelled": False,
                "lead_time": 5.0,
                "created_at": "2026-01-01T00:00:00Z",
            }
            done.append({"id": 500 + i, "data": row["data"], "annotations": [annotation]})
        elif to == "argilla":
            fields = {name: row[name] for name in ("prompt", "response_a", "response_b")}
            response = {"preference": [{"value": label, "user_id": "second", "status": "submitted"}]}
            done.append({"id": row["id"], "fields": fields, "metadata": {}, "suggestions": {}, "responses": response})
        else:
            done.append(
                {
                    **row,
                    "_input_hash": i,
                    "_task_hash": 1000 + i,
                    "accept": [label],
                    "answer": "accept",
                    "_timestamp": 1_700_000_000 + 9 * i,
                    "_annotator_id": "second",
                }
            )
    out.write_text(json.dumps(done) if to == "label-studio" else "\n".join(map(json.dumps, done)), "utf-8")
    return out


@pytest.mark.parametrize("scale", [BINARY, TERNARY, FIVE, SCALES["seven"]], ids=lambda s: s.name)
@pytest.mark.parametrize("to", FORMS)
def test_what_comes_back_is_about_the_right_pair_and_the_right_side(to: str, scale: LabelScale, tmp_path: Path) -> None:
    data = pairs(scale=scale)
    tasks = tasks_of(data, np.arange(12)[::-1], seed=5)
    file = write_tasks(tasks, to, tmp_path / f"batch{FORMS[to].ending}")[0]
    meant = np.random.default_rng(0).integers(0, len(scale), 12)  # of A of the item, in the order of the tasks
    meant[: len(scale)] = np.arange(len(scale))
    turned = tasks.key["left_is"].to_numpy() == "B"
    back = answered(tasks, to, file, np.where(turned, scale.flip(meant), meant))
    original = write_annotation_table(data, tmp_path / "original.parquet")
    assert len(load([back], scale=scale).annotations) == 12
    merged = load([original, back], scale=scale)
    assert len(merged.items) == 12
    second = merged.annotations[merged.annotators["annotator"].to_numpy()[merged.annotations["annotator"]] != "first"]
    got = dict(zip(merged.items["item_id"].to_numpy()[second["item"]], second["label"], strict=True))
    assert got == {f"item-{11 - i}": meant[i] for i in range(12)}


@pytest.mark.parametrize("to", FORMS)
def test_annotators_learn_nothing_from_the_file(to: str, tmp_path: Path) -> None:
    data = pairs()
    tasks = tasks_of(data, np.arange(12), seed=1)
    file = write_tasks(tasks, to, tmp_path / "batch")[0]
    content = file.read_text("utf-8")
    assert "item-" not in content
    assert "left_is" not in content
    assert all(name in content for name in tasks.frame["task_id"])
    key = pd.read_csv(tmp_path / "batch.key.csv", dtype="str")
    assert key["item_id"].tolist() == [f"item-{i}" for i in range(12)]
    assert key["seed"].unique().tolist() == ["1"]


def test_sides_are_balanced_seeded_and_names_are_opaque() -> None:
    data = pairs(12)
    one, again, other = (tasks_of(data, np.arange(12), seed=s) for s in (3, 3, 4))
    assert one.left_is_a == 6
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert one.key["left_is"].tolist() != other.key["left_is"].tolist()
    assert one.frame["task_id"].is_unique
    assert one.frame["task_id"].str.fullmatch(r"t-[0-9a-f]{12}").all()
    texts = data.item_texts()
    for shown, a, b, side in zip(
        one.frame["response_a"], texts["response_a"], texts["response_b"], one.key["left_is"], strict=True
    ):
        assert shown == (a if side == "A" else b)


def test_many_draws_put_each_pair_on_each_side_alike() -> None:
    data = pairs(5)
    left = np.mean(
        [(tasks_of(data, np.arange(5), seed=s).key["left_is"] == "A").to_numpy() for s in range(400)], axis=0
    )
    assert (np.abs(left - 0.5) < 0.12).all()


def test_formulas_are_defused_in_tables() -> None:
    tasks = tasks_of(pairs(), np.arange(12))
    cells = pd.read_csv(io.StringIO(FORMS["csv"].write(tasks)), dtype="str", keep_default_na=False)
    assert not cells.map(lambda v: v.startswith(("=", "+", "-", "@"))).to_numpy().any()


def test_texts_stay_texts_in_the_tools() -> None:
    tasks = tasks_of(pairs(), np.arange(12))
    rows = [json.loads(line) for line in FORMS["prodigy"].write(tasks).splitlines()]
    assert all("html" not in row for row in rows)
    assert rows[0]["options"][0] == {"id": "A is much better", "text": "A is much better"}
    assert not re.search(r"HyperText|html", label_studio_config(tasks))


def test_what_cannot_be_shown_is_set_aside_or_refused(tmp_path: Path) -> None:
    data = pairs(3)
    with pytest.raises(WorkbenchError, match="twice"):
        tasks_of(data, [0, 0])
    with pytest.raises(WorkbenchError, match="no texts"):
        tasks_of(data.without_texts(), [0, 1])
    with pytest.raises(WorkbenchError, match="label-studio"):
        write_tasks(tasks_of(data, [0]), "paper", tmp_path / "x")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write_tasks(tasks_of(data, [0]), "csv", tmp_path / "nowhere" / "x.csv")
