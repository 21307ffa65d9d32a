"""Files made to break a reader: each is read, with a finding, or refused in one line; nothing is lost in silence."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import workbench
from workbench.agreement import Choice, krippendorff_alpha, tally
from workbench.dataset.scales import MOST_LABELS
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.files import opening
from workbench.formats.files.document import Document

GOOD = "item,annotator,label\n" + "".join(f"i{i},w{w},{'AB'[(i * w) % 2]}\n" for i in range(8) for w in range(3))


def codes(data: workbench.AnnotationSet) -> dict[str, workbench.Finding]:
    return {f.code: f for f in data.findings}


def lines(path: Path, **odd: object) -> Path:
    rows = [{"item": f"i{i // 2}", "annotator": f"w{i % 2}", "label": "A", **odd} for i in range(20)]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("depth", [400, 900, 1_200, 5_000, 100_000])
@pytest.mark.parametrize("half", ["", "\\ud800"])
def test_deep_json_is_refused_or_read(tmp_path: Path, depth: int, half: str) -> None:
    path = tmp_path / "deep.jsonl"
    row = f'{{"item":"i0","annotator":"w{half}","label":"A","meta":{nested(depth)}}}'
    path.write_text("\n".join([row] * 3), "utf-8")
    if depth > 10_000:
        with pytest.raises(WorkbenchError, match="deep"):
            load(path)
    else:
        with suppress(WorkbenchError):  # how deep a record may be depends on the stack that is left
            assert len(load(path).annotations) == 3


@pytest.mark.parametrize("layers", [1, 2, 3, 60, 1_500])
def test_gzip_within_gzip(tmp_path: Path, layers: int) -> None:
    content = GOOD.encode()
    for _ in range(layers):
        content = gzip.compress(content, 1, mtime=0)
    (tmp_path / "votes.csv.gz").write_bytes(content)
    if layers <= 2:
        assert len(load(tmp_path / "votes.csv.gz").annotations) == 24
    else:
        with pytest.raises(WorkbenchError, match="gzip within gzip"):
            load(tmp_path / "votes.csv.gz")


@pytest.mark.parametrize(
    ("field", "code"), [("confidence", "unreadable-confidence"), ("seconds", "negative-times"), ("duration", "")]
)
def test_whole_numbers_of_four_hundred_digits_are_unknown(tmp_path: Path, field: str, code: str) -> None:
    data = load(lines(tmp_path / "huge.jsonl", **{field: int("9" * 400)}))
    assert len(data.annotations) == 20
    assert code == "" or codes(data)[code].count == 20
    assert json.dumps(workbench.audit(data).to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**60] * 9, pa.duration("us")),
        pa.array([datetime(3007, 4, 4)] * 9, pa.timestamp("us")),
        pa.array([2**62] * 9, pa.timestamp("us")),
        pa.array([2**62] * 9, pa.duration("ms")),
        pa.array([1e308] * 9),
        pa.array([b"\xff\x00"] * 9),
        pa.array([2**64 - 1] * 9, pa.uint64()),
        pa.array([[[["x"]]]] * 9),
    ],
    ids=lambda values: str(values.type),
)
@pytest.mark.parametrize("role", ["label", "seconds", "ended_at", "confidence", "annotator", "gold", "item"])
def test_absurd_columns_are_refused_or_read(tmp_path: Path, role: str, values: pa.Array) -> None:
    columns = {
        "item": [f"i{i // 3}" for i in range(9)],
        "annotator": [f"w{i % 3}" for i in range(9)],
        "label": ["A", "B", "A"] * 3,
    }
    pq.write_table(pa.table({**columns, role: values}), tmp_path / "odd.parquet")
    mapping = {name: name for name in dict.fromkeys((*columns, role))}
    audited: list[tuple[str, tuple[workbench.Finding, ...]]] = []
    for given in (mapping, None):
        with suppress(WorkbenchError):
            data = load(tmp_path / "odd.parquet", mapping=given)
            if (data.key, data.findings) in audited:  # guessed, the columns are those that were named
                continue
            audited.append((data.key, data.findings))
            assert json.dumps(workbench.audit(data).to_dict(), allow_nan=False)


def test_names_that_stand_twice_in_a_record_are_told(tmp_path: Path) -> None:
    path = tmp_path / "twice.jsonl"
    path.write_text('{"item":"1","annotator":"a","label":"A","label":"B"}\n{"item":"2","annotator":"a","label":"A"}\n')
    found = codes(load(path))["field-named-twice"]
    assert (found.count, "label" in found.message, found.level) == (1, True, "warning")
    path.write_text('[{"item":"1","annotator":"a","label":"A"},{"item":"2","annotator":"a","label":"B"}]')
    assert "field-named-twice" not in codes(load(path))


@pytest.mark.parametrize("n", [60, 100, 130, 400])
def test_a_label_with_more_values_than_a_scale_has_is_refused(tmp_path: Path, n: int) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(n)
    label = np.concatenate([np.arange(n), rng.integers(0, n, 2 * n)])
    frame = pd.DataFrame({"item": np.tile(np.arange(n), 3), "annotator": np.repeat(["a", "b", "c"], n)})
    frame["label"] = [f"c{value:03d}" for value in label] if n > MOST_LABELS else label
    frame.to_csv(tmp_path / "many.csv", index=False)
    if n > MOST_LABELS:
        with pytest.raises(WorkbenchError, match=f"{n} different values"):
            load(tmp_path / "many.csv")
        return
    data = load(tmp_path / "many.csv")
    right = krippendorff.alpha(label.reshape(3, n).astype(float), level_of_measurement="nominal")
    assert krippendorff_alpha(data, level="nominal").value == pytest.approx(right)
    assert json.dumps(workbench.audit(data).to_dict(), allow_nan=False)


def _zip(folder: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "all.zip"


def _folder(folder: Path, members: dict[str, str]) -> Path:
    for name, content in members.items():
        (folder / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "all" / name).write_text(content)
    return folder / "all"


@pytest.mark.parametrize("pack", [_zip, _folder])
def test_what_is_not_opened_is_named_in_one_finding(tmp_path: Path, pack: Callable[..., Path]) -> None:
    hidden, other = [".part.csv", "x/.h/part.csv"], ["notes.docx", "part", "part.csv.bz2"]
    found = codes(load(pack(tmp_path, dict.fromkeys(("good.csv", *hidden, *other), GOOD))))["files-not-opened"]
    assert (found.level, found.count) == ("warning", 5)
    assert all(name in found.message for name in (*hidden, *other))
    assert "2 hidden" in found.message
    assert "3 of another kind" in found.message


def test_members_outside_the_archive_are_named_and_never_written(tmp_path: Path) -> None:
    data = load(_zip(tmp_path, {"good.csv": GOOD, "../part.csv": GOOD, "/etc/part.csv": GOOD}))
    found = codes(data)["files-not-opened"]
    assert (found.count, "2 outside the archive" in found.message) == (2, True)
    assert len(data.annotations) == 24
    assert not (tmp_path.parent / "part.csv").exists()


def test_links_of_a_folder_that_lead_to_no_file_are_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path, {"good.csv": GOOD})
    (folder / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    (folder / "beside").symlink_to(tmp_path)
    found = codes(load(folder))["files-not-opened"]
    assert "2 a link that leads to no file (beside, gone.csv)" in found.message


def test_somebody_called_slot_1_is_not_merged_with_nobody(tmp_path: Path) -> None:
    path = tmp_path / "slots.csv"
    path.write_text("item,annotator,label\n" + "".join(f"i{i},slot 1,A\ni{i},,B\n" for i in range(20)))
    data = load(path)
    assert data.annotators["annotator"].tolist() == ["slot 1", "slot 1 (no id)"]
    assert (data.annotations["repeat"] == 0).all()
    assert krippendorff_alpha(data, level="nominal").value == pytest.approx(-0.95)


def test_sides_shown_either_way_round_are_told_and_the_symmetric_form_stays(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for i in range(40):
        for w in range(4):
            turned, better = rng.random() < 0.5, rng.random() < 0.8
            sides = (f"right {i}", f"left {i}") if turned else (f"left {i}", f"right {i}")
            rows.append((f"i{i}", *sides, f"w{w}", "=" if rng.random() < 0.2 else "AB"[int(turned != better)]))
    frame = pd.DataFrame(rows, columns=["item", "response_a", "response_b", "annotator", "label"])
    plain, symmetric = [], []
    for order in (np.arange(160), rng.permutation(160)):
        frame.iloc[order].to_csv(tmp_path / "sides.csv", index=False)
        data = load(tmp_path / "sides.csv")
        assert codes(data)["sides-either-way"].count > 20
        plain.append(krippendorff_alpha(data, level="ordinal").value)
        symmetric.append(krippendorff_alpha(tally(data, Choice(symmetric=True)), level="ordinal").value)
    assert plain[0] != pytest.approx(plain[1], abs=1e-9)
    assert symmetric[0] == pytest.approx(symmetric[1], abs=1e-12)
    straight = frame.assign(response_a=[f"left {i}" for i in range(40) for _ in range(4)])
    straight.assign(response_b=straight["response_a"].str.replace("left", "right")).to_csv(
        tmp_path / "one.csv", index=False
    )
    assert "sides-either-way" not in codes(load(tmp_path / "one.csv"))


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("item,annotator,label\n1,ann,A\n1,bob,B\n")

    def growing(opened: Path, name: str) -> list[Document]:
        found = read_it(opened, name)
        with opened.open("a") as stream:
            stream.write("2,ann,A\n")
        return found

    read_it = opening._open_file
    monkeypatch.setattr(opening, "_open_file", growing)
    told = [f for f in load(path).findings if f.code == "changed-while-read"]
    assert [f.level for f in told] == ["warning"]
    monkeypatch.undo()
    assert not [f for f in load(path).findings if f.code == "changed-while-read"]
