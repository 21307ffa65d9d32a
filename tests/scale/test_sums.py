from __future__ import annotations

import json

import numpy as np
import pytest

from tests.scale.alike import differences
from workbench.auditing.audit import audit
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.scale.audited import audit_shards
from workbench.scale.keyed import Keyed, Sums, added
from workbench.scale.mapping import map_bucket
from workbench.scale.moments import binned, medians, wanted
from workbench.scale.shards import Shards
from workbench.scale.tallying import figures


def test_an_audit_by_sums_is_that_of_all_rows_at_once(shards: Shards, data: AnnotationSet) -> None:
    ours = json.loads(json.dumps(audit_shards(shards).to_dict(), allow_nan=False))
    theirs = json.loads(json.dumps(audit(data).to_dict(), allow_nan=False))
    for found in (ours, theirs):
        found.pop("key")
        found.pop("findings")
        for circles in found["reversals"]["cycles"].values():
            for name in ("expected", "p_value", "modelled"):  # on other prompts
                circles.pop(name)
    assert differences(ours, theirs) == []
    assert ours["reversals"]["between"]["pairs"] > 1_000
    assert ours["verdict"]["checks"]


def test_order_of_adding_and_the_way_to_a_file_and_back_change_no_bit(shards: Shards) -> None:
    parts = [map_bucket(shards, bucket) for bucket in shards.buckets]
    straight, turned = added(parts), added([added(parts[2:][::-1]), parts[1], parts[0]])
    again = Sums.from_bytes(turned.to_bytes())
    for name, table in straight.tables.items():
        for other in (turned[name], again[name]):
            assert np.array_equal(table.keys, other.keys)
            assert np.array_equal(table.values, other.values)


def test_a_bucket_cannot_be_counted_twice(shards: Shards) -> None:
    part = map_bucket(shards, shards.buckets[0])
    with pytest.raises(WorkbenchError, match="counted twice"):
        added([part, part])


def test_sums_that_are_cut_short_are_refused(shards: Shards) -> None:
    whole = map_bucket(shards, shards.buckets[0]).to_bytes()
    with pytest.raises(WorkbenchError, match="no sums"):
        Sums.from_bytes(whole[:200])


def test_medians_are_exact_whatever_the_bins_hold() -> None:
    rng = np.random.default_rng(1)
    who, seconds = rng.integers(0, 4, 1_001), rng.gamma(2.0, 9.0, 1_001).astype(np.float32)
    seconds[::50] = np.nan
    halves = [(who[i::2], seconds[i::2]) for i in (0, 1)]
    bins = Keyed.sum(binned(*half) for half in halves)
    values = Keyed.sum(wanted(bins).look(*half) for half in halves)
    found, everybody, _ = medians(bins, values, 5)
    for person in range(4):
        assert found[person] == np.float32(np.nanmedian(seconds[who == person]))
    assert np.isnan(found[4])
    assert everybody == np.nanmedian(seconds.astype(float))


def test_keys_too_large_for_one_number_are_sorted_all_the_same() -> None:
    keys = np.array([[1 << 61, 5], [3, 9], [1 << 61, 5], [3, 1]])
    found = Keyed.of(keys)
    assert found.keys.tolist() == [[3, 1], [3, 9], [1 << 61, 5]]
    assert found.values.ravel().tolist() == [1, 1, 2]


def test_figures_are_kept_and_not_made_twice(shards: Shards) -> None:
    before = figures(shards)
    kept = {path: path.stat().st_mtime_ns for path in (shards.folder / "sums").iterdir()}
    after = figures(shards)
    assert {path: path.stat().st_mtime_ns for path in (shards.folder / "sums").iterdir()} == kept
    assert after.counts == before.counts
