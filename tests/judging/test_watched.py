"""Bounds that may be looked at, shares corrected, panels and drift: planted truth comes back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.judging.conftest import marked_pairs
from tests.judging.test_trust import PANDALM
from workbench.cli import main
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.anchors import drift_in_data
from workbench.judging.panels import effective_number
from workbench.judging.several import several
from workbench.judging.watched import agreement_watched, corrected_share, gold_watched


def with_judges(n: int, chances: dict[str, np.ndarray], *, alike: bool = False, seed: int = 0) -> AnnotationSet:
    """Pairs that three people judged, and AI judges right with these chances an item (and a time an item)."""
    data = marked_pairs(n, seed)
    rng = np.random.default_rng([seed, 1])
    good = data.item_texts()["response_a"].str.contains("good").to_numpy()
    draws = rng.random(n)
    rows, names = [], [*data.annotators["annotator"]]
    for name, chance in chances.items():
        right = (draws if alike else rng.random(n)) < chance
        label = np.where(right == good, data.scale.labels.index("A"), data.scale.labels.index("B"))
        rows.append(
            pd.DataFrame(
                {
                    "item": np.arange(n, dtype=np.int32),
                    "annotator": np.int32(len(names)),
                    "label": label.astype(np.int8),
                    "shown_first": np.int8(-1),
                    "seconds": np.float32("nan"),
                    "ended_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), "min"),
                    "repeat": 0,
                }
            )
        )
        names.append(name)
    people = data.annotations
    extra = [r.astype({c: t for c, t in people.dtypes.items() if c in r}) for r in rows]
    who = pd.DataFrame({"annotator": list(chances), "kind": ["ai"] * len(chances)}).astype("str")
    return replace(
        data,
        annotators=pd.concat([data.annotators, who], ignore_index=True),
        annotations=pd.concat([people, *extra], ignore_index=True),
    )


def test_the_bounds_hold_the_share_and_are_wider_than_at_one_look() -> None:
    found = agreement_watched(with_judges(600, {"j": np.full(600, 0.85)}), "j")
    expected = 0.85 * 0.9 + 0.15 * 0.1
    assert found.by_time
    assert not found.changed
    assert found.lower[-1] < expected < found.upper[-1]
    assert found.upper[-1] - found.lower[-1] > 2 * 1.96 * (0.2 * 0.8 / 600 / 3) ** 0.5


def test_a_judge_that_got_worse_is_seen() -> None:
    n = 2_000
    found = agreement_watched(with_judges(n, {"j": np.where(np.arange(n) < 1_000, 0.98, 0.5)}), "j")
    assert found.changed
    assert found.upper[-1] < 0.85 or found.lower[999] > 0.8


def test_gold_of_a_person_is_watched() -> None:
    data = with_judges(400, {"j": np.full(400, 0.7)})
    good = data.item_texts()["response_a"].str.contains("good").to_numpy()
    gold = np.where(good, data.scale.labels.index("A"), data.scale.labels.index("B")).astype(data.gold.dtype)
    found = gold_watched(replace(data, gold=gold), "ann")
    assert len(found) == 400
    assert found.lower[-1] < 0.9 < found.upper[-1]
    assert gold_watched(data, "ann").reason == "0 answers that can be held against others; it takes 10"
    with pytest.raises(WorkbenchError, match="no annotator"):
        gold_watched(data, "nobody")


def test_a_share_is_corrected_by_the_judges_errors() -> None:
    data = with_judges(3_000, {"j": np.full(3_000, 0.8)})
    found = corrected_share(data, "j")
    good = data.item_texts()["response_a"].str.contains("good").mean()
    assert found.value == pytest.approx(good, abs=0.04)
    assert found.sensitivity == pytest.approx(0.8, abs=0.05)


def test_judges_that_share_errors_are_worth_fewer() -> None:
    chances = {f"j{k}": np.full(1_500, 0.75) for k in range(3)}
    apart = several(with_judges(1_500, chances), list(chances))
    alike = several(with_judges(1_500, chances, alike=True), list(chances))
    assert apart.independence.effective == pytest.approx(3.0, abs=0.5)
    assert alike.independence.effective == pytest.approx(1.0, abs=0.2)
    assert effective_number(9, 0.4375) == pytest.approx(2.0)
    assert apart.right is not None
    assert alike.right is not None
    assert apart.right > alike.right + 0.05
    kept = several(with_judges(1_500, chances), list(chances), least_votes=3).filtered
    assert kept.accuracy_kept is not None
    assert kept.accuracy_all is not None
    assert kept.accuracy_kept > kept.accuracy_all
    assert kept.set_aside["not consistent"] == len(kept.kept) - int(kept.kept.sum())


def test_two_versions_of_a_judge_on_unchanged_pairs() -> None:
    chances = {"old": np.full(400, 0.9), "new": np.full(400, 0.6)}
    assert drift_in_data(with_judges(400, chances), "old", "new").changed
    same = with_judges(400, {"old": np.full(400, 0.9), "new": np.full(400, 0.9)}, alike=True)
    assert not drift_in_data(same, "old", "new").changed
    with pytest.raises(WorkbenchError, match="no annotator older"):
        drift_in_data(same, "older", "new")


@pytest.mark.skipif(not PANDALM.exists(), reason="the real files are not here")
def test_the_command_says_all_of_it_of_real_judges(capsys) -> None:
    files = [str(PANDALM / f) for f in ("testset-v1.json", "gpt-3.5-turbo-testset-v1.json")]
    assert main(["trust", *files, "--stands-for", "expert", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["judges"][0]
    assert found["alternative_annotator_test"]["passes"] is False
    assert 0.4 < found["rogan_gladen"]["value"] < 0.6
    assert found["watched"]["n"] == 974
    assert main(["trust", files[0]]) == 2
    assert "No AI judge stands in these data" in capsys.readouterr().err
