from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.scale.alike import differences
from workbench.auditing.audit import audit
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.writers.native import write_own
from workbench.scale import sharding
from workbench.scale.audited import audit_shards
from workbench.scale.sharding import Options, shard
from workbench.scale.shards import BUCKETS, MANIFEST, open_shards
from workbench.scale.together import whole

MAPPING = {
    "item": "pair",
    "prompt": "question",
    "response_a": "a",
    "response_b": "b",
    "annotator": "who",
    "label": "choice",
    "seconds": "took",
}
GIVEN = Options(mapping=MAPPING, buckets=5, rows_at_once=200)


def same_figures(folder: Path, paths: list[Path]) -> list[str]:
    """Where the audit of a sharded set differs from that of its exports."""
    ours = audit_shards(open_shards(folder), close_look=False).to_dict()
    theirs = audit(load(paths, mapping=MAPPING), close_look=False).to_dict()
    for found in (ours, theirs):
        found.pop("key")
        found.pop("findings")
        found.pop("aggregation")
        found.pop("verdict")
        found["reversals"].pop("cycles")
    return differences(json.loads(json.dumps(ours)), json.loads(json.dumps(theirs)))


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_buckets_hold_what_the_export_holds(votes: Path, tmp_path: Path, form: str) -> None:
    table = pd.read_csv(votes)
    path = tmp_path / f"export.{form}"
    if form == "csv":
        table.to_csv(path, index=False)
    elif form == "parquet":
        table.to_parquet(path, row_group_size=150)
    else:
        table.to_json(path, orient="records", lines=True)
    made = shard(path, tmp_path / "set", GIVEN)
    read = load(path, mapping=MAPPING)
    assert (made.n_items, made.n_annotations) == (len(read.items), len(read.annotations))
    assert made.ledger == read.ledger
    assert made.ledger.set_aside.get("duplicate rows", 0) == 0
    assert made.route == "prompt"
    assert same_figures(tmp_path / "set", [path]) == []
    together = whole(made)
    ours, theirs = (d.item_texts([d.item_position("p7")]).iloc[0].to_dict() for d in (together, read))
    assert ours == theirs


def test_a_large_text_file_is_read_in_stretches(votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.scale.reading._HEAD", 10_000)
    monkeypatch.setattr("workbench.scale.reading._BLOCK", 8_000)
    lines = tmp_path / "votes.jsonl"
    pd.read_csv(votes).to_json(lines, orient="records", lines=True)
    for path in (votes, lines):
        folder = tmp_path / f"set-{path.suffix[1:]}"
        shard(path, folder, GIVEN)
        assert len(list((folder / "spill").iterdir())) > 3
        assert same_figures(folder, [path]) == []


def test_the_key_depends_neither_on_buckets_nor_on_the_order_of_rows(votes: Path, tmp_path: Path) -> None:
    table = pd.read_csv(votes)
    turned = tmp_path / "turned.csv"
    # The first row of each item says which side is A; it stays first.
    table.assign(n=table.groupby("pair").cumcount()).sort_values(["n", "took"]).drop(columns="n").to_csv(
        turned, index=False
    )
    keys = {
        shard(votes, tmp_path / "one", GIVEN).key,
        shard(votes, tmp_path / "two", Options(mapping=MAPPING, buckets=2)).key,
    }
    assert len(keys) == 1
    assert shard(turned, tmp_path / "three", GIVEN).n_items == open_shards(tmp_path / "one").n_items
    fewer = tmp_path / "fewer.csv"
    table.iloc[1:].to_csv(fewer, index=False)
    assert shard(fewer, tmp_path / "four", GIVEN).key not in keys


def test_a_later_delivery_adds_buckets_and_makes_only_those_again_that_it_changes(votes: Path, tmp_path: Path) -> None:
    table = pd.read_csv(votes)
    number = table["pair"].str[1:].astype(int)
    late = (number > 120) | ((number == 0) & (table.index > 450))
    parts = [tmp_path / "early.csv", tmp_path / "late.csv"]
    table[~late].to_csv(parts[0], index=False)
    table[late].to_csv(parts[1], index=False)
    early = shard(parts[0], tmp_path / "set", GIVEN)
    both = shard(parts, tmp_path / "set", Options(mapping=MAPPING, rows_at_once=200))
    kept = {b.name for b in early.buckets} & {b.name for b in both.buckets}
    again = [b for b in both.buckets if b.version == 1]
    assert len(kept) == len(early.buckets) - 1
    assert len(again) == 1
    assert any(b.delivery == 1 for b in both.buckets)
    assert both.key == shard(parts, tmp_path / "at once", GIVEN).key
    assert same_figures(tmp_path / "set", parts) == []
    assert shard(parts, tmp_path / "set", Options(mapping=MAPPING)).key == both.key
    names = {p.name for p in (tmp_path / "set" / BUCKETS).iterdir() if p.is_dir()}
    assert names == {b.name for b in both.buckets}


def test_work_that_was_stopped_goes_on(votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_key = shard(votes, tmp_path / "straight", GIVEN).key
    table = pd.read_csv(votes)
    path = tmp_path / "votes.parquet"
    table.to_parquet(path, row_group_size=200)
    written = sharding.write_part
    calls = []

    def stops(folder: Path, *args: object, **more: object) -> None:
        calls.append(folder.name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        written(folder, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sharding, "write_part", stops)
    with pytest.raises(KeyboardInterrupt):
        shard(path, tmp_path / "set", GIVEN)
    assert not (tmp_path / "set" / MANIFEST).exists()
    with pytest.raises(WorkbenchError, match="begun and is not finished"):
        open_shards(tmp_path / "set")
    assert shard(path, tmp_path / "set", GIVEN).key == whole_key
    assert calls == ["00000", "00001", "00002", "00002", "00003", "00004"]


def test_gold_of_a_file_finds_its_items(votes: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.csv"
    pd.DataFrame({"item": ["p1", "p2", "nowhere"], "label": ["A", "B", "A"]}).to_csv(gold, index=False)
    made = shard(votes, tmp_path / "set", Options(mapping=MAPPING, buckets=5, gold=gold))
    together = whole(made)
    named = together.items["item_id"][together.gold >= 0]
    assert set(named) == {"p1", "p2"}
    assert next(f.count for f in made.findings if f.code == "gold-for-unknown-items") == 1


def test_hashed_annotators_are_named_nowhere(votes: Path, tmp_path: Path) -> None:
    made = shard(votes, tmp_path / "set", Options(mapping=MAPPING, buckets=3, hash_annotators=True))
    assert all(name.startswith("w-") for name in made.annotators["annotator"])
    for path in (tmp_path / "set").rglob("*.json"):
        assert '"w3"' not in path.read_text("utf-8")


def test_rows_without_an_annotator_become_slots(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("pair,choice\n" + "".join(f"p{i % 20},{'left' if i % 3 else 'right'}\n" for i in range(60)))
    named = {"item": "pair", "label": "choice"}
    made = shard(path, tmp_path / "set", Options(mapping=named, buckets=3))
    assert made.annotators["annotator"].tolist() == ["slot 1", "slot 2", "slot 3"]
    assert made.anonymous
    agreement = audit_shards(made).agreement["krippendorff_alpha.nominal"]
    assert agreement.value == pytest.approx(
        audit(load(path, mapping=named), close_look=False).agreement["krippendorff_alpha.nominal"].value
    )
    assert agreement.new_crew is None


def test_a_bucket_too_large_for_the_memory_is_refused(votes: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="buckets would take") as caught:
        shard(votes, tmp_path / "set", Options(mapping=MAPPING, buckets=1, memory=400_000))
    assert "Split into 4 buckets" in str(caught.value.remedy)


def test_a_sharded_set_is_no_export(votes: Path, tmp_path: Path) -> None:
    shard(votes, tmp_path / "set", GIVEN)
    with pytest.raises(WorkbenchError, match="sharded set"):
        load(tmp_path / "set")
    shutil.rmtree(tmp_path / "set" / BUCKETS / open_shards(tmp_path / "set").buckets[0].name)
    with pytest.raises(WorkbenchError, match="1 bucket is missing"):
        open_shards(tmp_path / "set")


def test_a_whole_set_is_not_split(tmp_path: Path, data: AnnotationSet) -> None:
    write_own(data, tmp_path / "made" / "annotations.pwb")
    with pytest.raises(WorkbenchError, match=r"not split. Open it as it is"):
        shard(tmp_path / "made", tmp_path / "set")
