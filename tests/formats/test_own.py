"""The workbench's own form: everything back, the same key, texts left on disk, nothing accepted that was changed."""

from __future__ import annotations

import json
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE
from workbench.dataset.texts import HeldTexts, StoredTexts
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.writers.native import read_own, write_own


@pytest.fixture
def data() -> AnnotationSet:
    n = 5_000
    items = pd.DataFrame(
        {
            "item_id": [f"t{i}" for i in range(n)],
            "prompt": [f"prompt {i // 2}" for i in range(n)],
            "response_a": [f"left {i}" for i in range(n)],
            "response_b": [None if i == 7 else f"right {i}\nÅ" for i in range(n)],
            "group": [f"g{i // 2}" for i in range(n)],
            "model_a": "m",
            "model_b": ["n", "o"] * (n // 2),
            "gold": [FIVE.labels[i % 5] if i % 3 == 0 else None for i in range(n)],
            "slice.language": ["en", "de"] * (n // 2),
        }
    )
    rows = pd.DataFrame(
        {
            "item_row": np.arange(2 * n) // 2,
            "annotator": [f"w{i % 7}" for i in range(2 * n)],
            "label": [FIVE.labels[i % 5] if i % 11 else None for i in range(2 * n)],
            "seconds": np.arange(2 * n) / 3,
            "ended_at": np.datetime64("2026-01-01", "ms") + np.arange(2 * n).astype("timedelta64[s]"),
            "shown_first": ["a", "b"] * n,
            "confidence": [0.5, None] * n,
            "reason": ["because", None] * n,
            "dim.helpful": ["A", 3] * n,
            "annotator_kind": ["ai" if i % 7 == 3 else "human" for i in range(2 * n)],
        }
    )
    return assemble(
        [Export(items=items, rows=rows, source="made <b>.json", format="made", scale=FIVE, set_aside={"broken": 2})]
    ).keep_annotations(np.arange(2 * n) > 3, "speeders")


@pytest.mark.parametrize("name", ["set.pwb", "set.pwb.zip", "set", "set.zip"])
def test_everything_comes_back(tmp_path: Path, data: AnnotationSet, name: str) -> None:
    path = write_own(data, tmp_path / name)
    assert path.name in ("set.pwb", "set.pwb.zip")
    back = load(path)
    assert back.key == data.key
    assert (back.ledger, back.findings, back.sources, back.format, back.scale) == (
        data.ledger,
        data.findings,
        data.sources,
        data.format,
        data.scale,
    )
    pd.testing.assert_frame_equal(back.items, data.items)
    pd.testing.assert_frame_equal(back.annotators, data.annotators)
    pd.testing.assert_frame_equal(
        back.annotations.drop(columns="dim.helpful"), data.annotations.drop(columns="dim.helpful")
    )
    assert back.gold.tolist() == data.gold.tolist()
    wanted = [4_999, 7, 0, 2_000, 1_999, 7]
    assert isinstance(back.texts, StoredTexts)
    pd.testing.assert_frame_equal(back.item_texts(wanted), data.item_texts(wanted))
    assert len(back.item_texts([])) == 0
    pd.testing.assert_frame_equal(back.item_texts(), data.item_texts())


def test_only_the_row_groups_that_are_shown_are_read(
    tmp_path: Path, data: AnnotationSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    back = read_own(write_own(data, tmp_path / "set.pwb"))
    asked: list[int] = []
    read = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda self, i, **more: (asked.append(i), read(self, i, **more))[1]
    )
    back.item_texts([4_999, 1])
    assert asked == [0, 2]


def test_an_audit_reads_no_texts(tmp_path: Path, data: AnnotationSet, monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench

    back = read_own(write_own(data, tmp_path / "set.pwb"))
    monkeypatch.setattr(StoredTexts, "frame", lambda *_: pytest.fail("the texts were read"))
    workbench.audit(back)


def test_an_earlier_one_is_replaced_and_other_things_are_not(tmp_path: Path, data: AnnotationSet) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    fewer = data.keep_annotations(data.annotations["annotator"].to_numpy() == 1, "others")
    assert read_own(write_own(fewer, path)).key == fewer.key
    assert [p.name for p in tmp_path.iterdir()] == ["set.pwb"]
    (tmp_path / "mine.pwb").mkdir()
    (tmp_path / "mine.pwb" / "notes.txt").write_text("keep me")
    with pytest.raises(WorkbenchError, match="something else"):
        write_own(data, tmp_path / "mine.pwb")


def test_written_again_from_disk(tmp_path: Path, data: AnnotationSet) -> None:
    once = read_own(write_own(data, tmp_path / "one.pwb.zip"))
    assert read_own(write_own(once, tmp_path / "two.pwb")).key == data.key


def test_annotators_can_be_hashed_when_it_is_read(tmp_path: Path, data: AnnotationSet) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    assert load(path, hash_annotators=True).annotators["annotator"].str.match(r"w-[0-9a-f]{12}$").all()


@pytest.mark.parametrize(
    "part", ["meta.json", "items.parquet", "annotators.parquet", "annotations.parquet", "texts.parquet"]
)
@pytest.mark.parametrize("zipped", [False, True])
def test_missing_cut_and_changed_parts_are_named(tmp_path: Path, data: AnnotationSet, part: str, zipped: bool) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    whole = (path / part).read_bytes()

    def refused(match: str) -> None:
        target = path
        if zipped:
            target = tmp_path / "set.pwb.zip"
            with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
                for file in sorted(path.iterdir()):
                    archive.write(file, file.name)
        with pytest.raises(WorkbenchError, match=match):
            read_own(target)

    (path / part).unlink()
    refused(part)
    (path / part).write_bytes(whole[: len(whole) // 2])
    refused(part)
    (path / part).write_bytes(b"\x80\x04\x95 a pickle")
    refused(part)
    (path / part).write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    refused(r"set\.pwb")


def test_texts_damaged_in_the_middle_are_found_when_they_are_shown(tmp_path: Path, data: AnnotationSet) -> None:
    long = data.item_texts().assign(response_a=[sha256(str(i).encode()).hexdigest() for i in range(len(data.items))])
    path = write_own(data.with_texts(HeldTexts(long)), tmp_path / "set.pwb")
    whole = bytearray((path / "texts.parquet").read_bytes())
    assert len(whole) > 2 * 65_536
    whole[5_000] ^= 1
    (path / "texts.parquet").write_bytes(whole)
    back = read_own(path)
    with pytest.raises(WorkbenchError, match="texts cannot be read"):
        back.item_texts([0])


def test_numbers_changed_with_everything_else_in_order_show_in_the_key(tmp_path: Path, data: AnnotationSet) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    other = write_own(data.keep_annotations(np.arange(len(data.annotations)) > 0, "one"), tmp_path / "other.pwb")
    shutil.copy(other / "annotations.parquet", path / "annotations.parquet")
    meta = json.loads((path / "meta.json").read_text())
    meta["parts"]["annotations"] = json.loads((other / "meta.json").read_text())["parts"]["annotations"]
    (path / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(WorkbenchError, match="content is not what was written"):
        read_own(path)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"version": 99}, "version 99"),
        ({"form": "other"}, "not what the workbench writes"),
        ({"scale": {"name": "binary", "labels": ["A"], "strengths": []}}, "do not fit together"),
        ({"findings": [1]}, "do not fit"),
        ({"ledger": None}, "do not fit"),
    ],
)
def test_meta_of_another_kind(tmp_path: Path, data: AnnotationSet, change: dict, match: str) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    meta = json.loads((path / "meta.json").read_text())
    (path / "meta.json").write_text(json.dumps(meta | change))
    with pytest.raises(WorkbenchError, match=match):
        read_own(path)


def test_a_folder_around_it_opens_it_or_names_it(tmp_path: Path, data: AnnotationSet) -> None:
    write_own(data, tmp_path / "set.pwb")
    (tmp_path / "truth.json").write_text("{}")
    assert load(tmp_path).key == data.key
    (tmp_path / "more.csv").write_text("item,annotator,label\n")
    with pytest.raises(WorkbenchError, match=r"holds a whole annotation set, .*set\.pwb"):
        load(tmp_path)


def test_gold_joins_by_id_and_other_choices_are_refused(tmp_path: Path, data: AnnotationSet) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    gold = tmp_path / "gold.csv"
    gold.write_text(
        'item,label,response_a,response_b\nt1,A>,left 1,right 1\nt2,A>,"right 2\nÅ",left 2\nt4,B>,left 4,x\nt4,A>,left'
        " 4,x\nt999999,A>,q,r\nt5,banana,left 5,x\n"
    )
    back = load(path, gold=gold)
    assert [FIVE.labels[g] if g >= 0 else None for g in back.gold[[1, 2, 4]]] == ["A>", "B>", None]
    assert back.gold[[0, 3]].tolist() == data.gold[[0, 3]].tolist()
    assert {"gold-for-unknown-items", "gold-contradicts-itself", "unreadable-gold"} <= {f.code for f in back.findings}
    with pytest.raises(WorkbenchError, match="scale cannot change"):
        load(path, scale=FIVE)


def test_it_is_opened_alone_and_only_inside_the_allowed_folders(tmp_path: Path, data: AnnotationSet) -> None:
    path = write_own(data, tmp_path / "set.pwb")
    with pytest.raises(WorkbenchError, match="opened alone"):
        load([path, path])
    with pytest.raises(WorkbenchError, match="outside the folders"):
        load(path, root=tmp_path / "data")
    with pytest.raises(WorkbenchError, match="no such file"):
        load(tmp_path / "none.pwb")


def test_a_set_without_texts(tmp_path: Path) -> None:
    made = assemble(
        [
            Export(
                items=pd.DataFrame({"item_id": ["1"]}),
                rows=pd.DataFrame({"annotator": ["ann"], "label": ["x"]}),
                source="f",
                format="made",
                sides=False,
            )
        ]
    )
    back = read_own(write_own(made, tmp_path / "set.pwb"))
    assert (back.key, back.scale, back.item_texts([0]).isna().all(axis=None)) == (made.key, made.scale, True)
