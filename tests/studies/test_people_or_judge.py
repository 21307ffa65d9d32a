"""Which pairs people should label: a judge that is wrong on one kind of pair has its gain there, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.studies.grounds import linear_bench
from workbench.errors import WorkbenchError
from workbench.studies.cells import Cells
from workbench.studies.people_or_judge import WAYS, people_or_judge


def test_the_kind_on_which_the_judge_errs_is_sent_to_people() -> None:
    bench = linear_bench(2_400, d=12)
    rng = np.random.default_rng(3)
    kind = np.where(np.arange(2_400) // 2 % 4 == 0, "hard", "easy")
    right = np.where(kind == "hard", 0.1, 0.9) > rng.random(2_400)
    judge = np.where(right, bench.truth, 1 - bench.truth) * 0.8 + 0.1
    found = people_or_judge(bench, judge, kinds=kind, budget=0.25, seeds=6)
    assert list(found.accuracy) == list(WAYS)
    hard = [v for name, v in found.gains.items() if name.startswith("hard")]
    easy = [v for name, v in found.gains.items() if name.startswith("easy")]
    assert min(hard) > max(easy)
    gain = found.over_random["measured gain"]
    assert gain.low is not None
    assert gain.low > 0
    assert "Send the kinds" in found.verdict()
    people, judged = (found.accuracy[way].value for way in ("people only", "judge only"))
    assert people is not None
    assert judged is not None
    assert people > judged


def test_where_the_judge_errs_everywhere_alike_random_pairs_do_as_well() -> None:
    bench = linear_bench(1_600, d=12)
    rng = np.random.default_rng(4)
    judge = np.where(rng.random(1_600) < 0.8, bench.truth, 1 - bench.truth) * 0.8 + 0.1
    found = people_or_judge(bench, judge, kinds=np.where(np.arange(1_600) // 2 % 2, "x", "y"), seeds=5)
    assert "at random" in found.verdict()
    gain = found.over_random["measured gain"]
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low <= 0 <= gain.high


def test_too_few_pairs_are_told() -> None:
    bench = linear_bench(150)
    with pytest.raises(WorkbenchError, match="takes 200"):
        people_or_judge(replace(bench), bench.truth)


def test_finished_splits_are_kept_and_not_done_again(tmp_path: Path) -> None:
    bench = linear_bench(600, d=6)
    judge = np.where(np.random.default_rng(4).random(600) < 0.8, bench.truth, 1 - bench.truth) * 0.8 + 0.1
    file = tmp_path / "checkpoints" / "cells.jsonl"
    whole = people_or_judge(bench, judge, seeds=3, cells=Cells(file, "r"))
    kept = file.read_text()
    assert len(kept.splitlines()) == 3
    again = people_or_judge(bench, judge, seeds=3, cells=Cells(file, "r"))
    assert file.read_text() == kept
    assert again.to_dict() == whole.to_dict() == people_or_judge(bench, judge, seeds=3).to_dict()
    three = replace(bench, group=np.arange(600) % 3)
    with pytest.raises(WorkbenchError, match="3 prompts alone"):
        people_or_judge(three, judge)
