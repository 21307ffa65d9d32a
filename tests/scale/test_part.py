from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.scale.alike import differences
from workbench.agreement import Choice, all_coefficients, by_label_count, by_slice, by_week, cohen_kappas, tally
from workbench.agreement.ranges import ranges
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.report import make_report
from workbench.scale import choosing
from workbench.scale.audited import audit_part, audit_shards
from workbench.scale.part import Part, open_part, parts_of, said_of
from workbench.scale.shards import Shards
from workbench.workspace.dataset_store import Shelf

ALPHA = "krippendorff_alpha.nominal"


@pytest.fixture(scope="module")
def part(shards: Shards) -> Part:
    """The first of the four buckets."""
    return open_part(shards, rows=1_000)


def test_parts_are_whole_buckets_and_together_all(shards: Shards) -> None:
    assert [len(names) for names in parts_of(shards, rows=1_600)] == [2, 2]
    assert sorted(n for names in parts_of(shards, rows=1_000) for n in names) == [b.name for b in shards.buckets]
    halves = [open_part(shards, names) for names in parts_of(shards, rows=1_600)]
    assert sum(len(half.annotations) for half in halves) == shards.n_annotations
    assert not set(halves[0].items["item_id"]) & set(halves[1].items["item_id"])
    assert said_of(open_part(shards)).startswith("all ")


def test_a_set_that_is_made_of_a_part_is_an_ordinary_one(part: Part) -> None:
    cleaned = part.keep_annotations(np.arange(len(part.annotations)) % 2 == 0, "every second")
    assert isinstance(cleaned, Part)
    assert cleaned.shards is None
    assert cleaned.key != part.key
    assert choosing.judgements_of_all(cleaned) == len(cleaned.annotations)


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(direction=True),
        Choice(min_labels_per_item=3),
        Choice(min_labels_per_annotator=200, min_seconds=8, direction=True),
    ],
)
def test_agreement_of_all_is_asked_of_a_part(part: Part, data: AnnotationSet, choice: Choice) -> None:
    ours, theirs = choosing.tally_of_all(part, choice), tally(data, choice)
    assert ours.set_aside == theirs.set_aside
    asked = [
        (all_coefficients(ours), all_coefficients(theirs)),
        (choosing.by_week_of_all(part, ALPHA, choice), by_week(data, ALPHA, choice)),
        (choosing.by_slice_of_all(part, "language", ALPHA, choice), by_slice(data, "language", ALPHA, choice)),
        (choosing.by_label_count_of_all(part, ALPHA, choice), by_label_count(data, ALPHA, choice)),
    ]
    for one, other in asked:
        assert differences({k: e.to_dict() for k, e in one.items()}, {k: e.to_dict() for k, e in other.items()}) == []
        assert other


def test_pairs_and_ranges_of_all(part: Part, data: AnnotationSet) -> None:
    for choice in (Choice(), Choice(direction=True)):
        ours, theirs = (found.to_frame() for found in (choosing.pairs_of_all(part, choice), cohen_kappas(data, choice)))
        assert ours["annotator_1"].tolist() == theirs["annotator_1"].tolist()
        np.testing.assert_allclose(ours.select_dtypes("number"), theirs.select_dtypes("number"))
    with pytest.raises(WorkbenchError, match="Undo the other choices"):
        choosing.pairs_of_all(part, Choice(min_seconds=5))
    assert choosing.ranges_of_all(part) == ranges(data)


def test_a_large_set_that_is_not_counted_is_not_opened(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    assert part.shards is not None
    for name, found in (("AT_ONCE", 10), ("figures_at_hand", lambda _: None)):
        monkeypatch.setattr(choosing, name, found)
    other = open_part(replace(part.shards), part.buckets)
    with pytest.raises(WorkbenchError, match="command audit"):
        choosing.figures_of(other)


def test_an_audit_of_a_part_counts_all_and_looks_at_the_part(shards: Shards, part: Part) -> None:
    found, whole = audit_part(part), audit_shards(shards)
    ours, theirs = (json.loads(json.dumps(each.to_dict(), allow_nan=False)) for each in (found, whole))
    for name in ("key", "counts", "labels", "agreement"):
        assert differences(ours[name], theirs[name]) == []
    assert found.surveyed is not None
    assert found.surveyed.data is part
    assert [f.code for f in found.findings].count("looked-at-in-part") == 1
    assert [f.code for f in whole.findings].count("looked-at-in-part") == 0
    assert found.annotators["annotations"].sum() == whole.annotators["annotations"].sum()
    assert len(found.labelled.results["consensus"].label) == len(part.items)
    report = make_report(found)
    assert "audit_part(data)" in report.section("agreement").code
    assert f"{shards.n_annotations - found.counts['skips']:,} judgements" in report.to_html()


def test_a_part_on_the_shelf_stays_where_it_is(part: Part, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = shelf.keep(part, "big", "here")
    assert kept.buckets == part.buckets
    assert not shelf.path(part.key).exists()
    again = shelf.read(part.key)
    assert isinstance(again, Part)
    assert again.key == part.key
    assert shelf.about(part.key) == kept
