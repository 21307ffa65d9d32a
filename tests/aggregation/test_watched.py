"""Methods that iterate can be followed and stopped; their labels can be kept and read back as they were."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.aggregation.cases import planted
from workbench.aggregation import METHODS, Aggregation, aggregate
from workbench.aggregation.keeping import keep_aggregation, kept_aggregation
from workbench.aggregation.run import aggregate_run, labels_of_run
from workbench.checkpoints import NoCheckpoints
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import TERNARY
from workbench.errors import WorkbenchError
from workbench.progress import Cancelled, Step, Watch
from workbench.runs.context import RunContext
from workbench.simulation.simulate import simulate
from workbench.studies.bench_building import data_file
from workbench.workspace.dataset_store import Shelf

ITERATIVE = [name for name, method in METHODS.items() if method.iterative and "tolerance" in method.options]


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return planted(seed=1, items=120, annotators=9, per_item=4, k=3, scale=TERNARY)[0]


def same(one: Aggregation, other: Aggregation) -> None:
    for name in ("posterior", "label", "direction", "confidence", "undecided", "strength_tied", "objective", "clamped"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("confusion", "prior"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a, b)
    assert one.annotators.equals(other.annotators)
    assert (one.method, one.iterations, one.converged, one.n_used, one.set_aside) == (
        other.method,
        other.iterations,
        other.converged,
        other.n_used,
        other.set_aside,
    )


def test_which_methods_iterate() -> None:
    assert set(ITERATIVE) == {
        "latent_strength",
        "hard_items",
        "one_coin",
        "dawid_skene",
        "glad",
        "mace",
        "bradley_terry",
    }
    assert METHODS["consensus"].iterative  # the methods it asks are
    assert all("watch" not in method.options for method in METHODS.values())


@pytest.mark.parametrize("method", ITERATIVE)
def test_a_watch_sees_each_iteration_and_changes_nothing(method: str, data: AnnotationSet) -> None:
    seen: list[Step] = []
    found = aggregate(data, method, watch=Watch(on_step=seen.append))
    assert [step.done for step in seen] == list(range(1, found.iterations + 1))
    assert {step.of for step in seen} == {found.options["max_iterations"]}
    same(found, aggregate(data, method))


@pytest.mark.parametrize("method", ITERATIVE)
def test_a_watch_stops_a_method_at_its_next_iteration(method: str, data: AnnotationSet) -> None:
    seen: list[Step] = []
    with pytest.raises(Cancelled):
        aggregate(data, method, tolerance=-1.0, watch=Watch(on_step=seen.append, stop_asked=lambda: len(seen) == 2))
    assert [step.done for step in seen] == [1, 2]


@pytest.mark.parametrize("method", ["majority", *ITERATIVE])
def test_labels_kept_are_the_labels_read_back(method: str, data: AnnotationSet, tmp_path: Path) -> None:
    found = aggregate(data, method, clamp_gold=np.arange(120) < 10)
    keep_aggregation(found, tmp_path)
    again = kept_aggregation(tmp_path, data)
    same(found, again)
    assert set(again.details) == set(found.details)
    assert again.to_dict() == {**found.to_dict(), "options": again.options}
    assert json.dumps(again.options) == json.dumps(found.to_dict()["options"])  # tuples come back as lists


def test_labels_that_cannot_be_read_or_belong_elsewhere(data: AnnotationSet, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no labels that can be read"):
        kept_aggregation(tmp_path, data)
    keep_aggregation(aggregate(data, "majority"), tmp_path)
    with pytest.raises(WorkbenchError, match="other annotations"):
        kept_aggregation(tmp_path, planted(seed=1, items=60, annotators=9, per_item=4, k=3, scale=TERNARY)[0])
    (tmp_path / "labels.safetensors").write_bytes(b"cut")
    with pytest.raises(WorkbenchError, match="no labels that can be read"):
        kept_aggregation(tmp_path, data)


def test_a_run_keeps_the_librarys_labels(tmp_path: Path) -> None:
    data = simulate(1_000, seed=1).data
    path = data_file(data, Shelf(tmp_path / "shelf"))
    result = aggregate_run(
        {"paths": [str(path)], "method": "glad", "gold": "judge"}, RunContext(tmp_path, NoCheckpoints())
    )
    expected = aggregate(data, "glad")
    same(labels_of_run(tmp_path, data), expected)
    assert result["items_decided"] == expected.n_decided
