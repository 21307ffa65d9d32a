"""Bad input: a finding, or one line that names the file, the row and the remedy; nothing partial is shown as whole."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.files import unpacking
from workbench.formats.files.opening import open_document, open_documents

MAPPING = {"item": "item", "annotator": "who", "label": "vote"}
GOOD = "item,who,vote\n1,ann,A\n1,bob,B\n2,ann,tie\n"

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(content: str | bytes, name: str = "votes.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path: Path | list[Path], *parts: str, **options: object) -> None:
    """Opening it ends in one line that holds these parts."""
    with pytest.raises(WorkbenchError) as caught:
        load(path, **{"mapping": MAPPING, **options})  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1_500
    for part in parts:
        assert part in message, message


def codes(data: AnnotationSet) -> set[str]:
    return {f.code for f in data.findings}


# Encodings and newlines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_gives_the_same_annotations(put: Put, encoding: str) -> None:
    text = GOOD.replace("ann", "Ånn")
    assert load(put(text.encode(encoding)), mapping=MAPPING).key == load(put(text, "plain.csv"), mapping=MAPPING).key


def test_windows_1252_is_read_and_said(put: Put) -> None:
    data = load(put(GOOD.replace("ann", "Zoë").encode("cp1252")), mapping=MAPPING)
    assert "Zoë" in set(data.annotators["annotator"])
    note = next(f for f in data.findings if f.code == "encoding-assumed")
    assert "line 2" in note.message


def test_a_few_bad_bytes_in_utf_8_are_counted(put: Put) -> None:
    rows = "".join(f"{i},Зоя,A\n" for i in range(30)).encode()
    data = load(put(b"item,who,vote\n" + rows + b"99,x\xff,A\n"), mapping=MAPPING)
    assert next(f.count for f in data.findings if f.code == "bad-bytes") == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n\n", "\n\r\n"])
def test_all_newlines_are_one(put: Put, newline: str) -> None:
    assert (
        load(put(GOOD.replace("\n", newline)), mapping=MAPPING).key == load(put(GOOD, "plain.csv"), mapping=MAPPING).key
    )


def test_mixed_newlines_and_newlines_in_quotes(put: Put) -> None:
    data = load(
        put('item,who,vote,why\r\n1,ann,A,"two\nlines"\n1,bob,B,"two\r\nlines"\r2,ann,tie,x'),
        mapping={**MAPPING, "reason": "why"},
    )
    assert data.annotations["reason"].tolist() == ["two\nlines", "two\r\nlines", "x"]


def test_a_file_cut_in_the_middle_of_a_character(put: Put) -> None:
    refused(put("item,who,vote\n1,Zoë".encode()[:-1]), "votes.csv", "middle of a character")


# Separators, rows and columns


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_separators_are_recognised(put: Put, separator: str) -> None:
    assert len(load(put(GOOD.replace(",", separator)), mapping=MAPPING).annotations) == 3


def test_the_separator_a_spreadsheet_names(put: Put) -> None:
    assert len(load(put("sep=;\n" + GOOD.replace(",", ";")), mapping=MAPPING).annotations) == 3


def test_a_row_with_a_cell_too_many_names_row_and_line(put: Put) -> None:
    refused(
        put('item,who,vote\n1,"a\nb",A\n2,ann,B,extra\n'),
        "votes.csv row 3 (line 4)",
        "4 cells",
        "header has 3",
        "quote",
    )


def test_a_row_with_a_cell_missing(put: Put) -> None:
    refused(put(GOOD + "3,ann\n"), "row 5", "2 cells")


def test_a_quote_that_is_never_closed(put: Put) -> None:
    refused(put('item,who,vote\n1,ann,A\n2,"bob,B\n3,ann,A\n'), "votes.csv row 3", "never closed")


def test_quotes_that_are_text_in_tab_separated_files(put: Put) -> None:
    data = load(
        put('item\twho\tvote\twhy\n1\tann\tA\t"so he said\n2\tann\tB\tok\n', "votes.tsv"),
        mapping={**MAPPING, "reason": "why"},
    )
    assert data.annotations["reason"].tolist() == ['"so he said', "ok"]
    assert "quotes-are-text" in codes(data)


def test_duplicate_column_names_are_renamed_and_said(put: Put) -> None:
    data = load(put("item,who,vote,vote\n1,ann,A,B\n2,ann,B,B\n"), mapping={**MAPPING, "label": "vote.2"})
    assert data.rows()["label"].tolist() == ["B", "B"]
    assert "duplicate-columns" in codes(data)


def test_a_cell_of_ten_megabytes(put: Put) -> None:
    big = "x" * (10 << 20)
    data = load(
        put(f"item,who,vote,response_a,response_b\n1,ann,A,{big},y\n1,bob,B,{big},y\n"),
        mapping={**MAPPING, "response_a": "response_a", "response_b": "response_b"},
    )
    assert len(data.item_texts()["response_a"][0]) == 10 << 20


# Empty files


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "a.csv"),
        (" \n\n", "a.csv"),
        ("item,who,vote\n", "a.csv"),
        ("[]", "a.json"),
        ("\n", "a.jsonl"),
        ("<list></list>", "a.xml"),
        ('{"data": []}', "a.json"),
    ],
)
def test_files_without_rows(put: Put, content: str, name: str) -> None:
    with pytest.raises(WorkbenchError, match=r"a\.(csv|json|jsonl|xml)"):
        load(put(content, name))


def test_parquet_without_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"item": pa.array([], pa.string())}), tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "a.parquet", "0 rows")


# JSON


@pytest.mark.parametrize("cut", [5, 40, 80, -2])
def test_truncated_json_names_the_line(put: Put, cut: int) -> None:
    text = json.dumps([{"item": i, "who": "ann", "vote": "A"} for i in range(4)], indent=1)
    refused(put(text[:cut], "votes.json"), "votes.json line", "export it again")


def test_truncated_json_says_how_many_records_were_whole(put: Put) -> None:
    text = json.dumps([{"item": i, "who": "ann", "vote": "A"} for i in range(4)])
    refused(put(text[:-10], "votes.json"), "3 whole records")


def test_a_broken_line_names_itself(put: Put) -> None:
    lines = [json.dumps({"item": i, "who": "ann", "vote": "A"}) for i in range(4)]
    refused(put("\n".join([*lines[:2], lines[2][:-4], lines[3]]), "votes.jsonl"), "votes.jsonl line 3")
    refused(put("\n".join([*lines[:3], lines[3][:-4]]), "votes.jsonl"), "votes.jsonl line 4")


def test_bare_nan_is_null(put: Put) -> None:
    data = load(
        put('[{"item": 1, "who": "ann", "vote": NaN}, {"item": 1, "who": "bob", "vote": "A"}]', "votes.json"),
        mapping=MAPPING,
    )
    assert data.annotations["label"].tolist() == [-1, 0]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '[{"item": ' + "[" * 50_000 + "]" * 50_000 + "}]",
    ],
)
def test_bottomless_nesting(put: Put, text: str) -> None:
    refused(put(text, "deep.json"), "deep.json")


@pytest.mark.parametrize(
    "text", ["[1, 2]", '["a"]', "[null]", "[[1, 2], [3]]", '[{"item": 1}, 7]', "{}", '{"a": 1}', "[{}]", '"text"', "7"]
)
def test_nested_junk(put: Put, text: str) -> None:
    refused(put(text, "junk.json"), "junk.json")


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"item": 1, "who": "ann", "vote": "A"}, {"item": 2, "who": "ann", "vote": "B"}]}',
        '{"0": {"item": 1, "who": "ann", "vote": "A"}, "1": {"item": 2, "who": "ann", "vote": "B"}}',
        '{"item": {"0": 1, "1": 2}, "who": {"0": "ann", "1": "ann"}, "vote": {"0": "A", "1": "B"}}',
        '{"item": [1, 2], "who": ["ann", "ann"], "vote": ["A", "B"]}',
        '{"item": 1, "who": "ann", "vote": "A"}{"item": 2, "who": "ann", "vote": "B"}',
        '{"item": 1,\n "who": "ann", "vote": "A"}\n{"item": 2,\n "who": "ann", "vote": "B"}',
        '[{"item": 1, "who": "ann", "vote": "A"}]\n[{"item": 2, "who": "ann", "vote": "B"}]',
        (
            '{"rows": [{"row_idx": 0, "row": {"item": 1, "who": "ann", "vote": "A"}}, {"row_idx": 1, "row": {"item": 2,'
            ' "who": "ann", "vote": "B"}}]}'
        ),
    ],
)
def test_every_way_to_wrap_records(put: Put, text: str) -> None:
    data = load(put(text, "votes.json"), mapping=MAPPING)
    assert data.rows()[["item_id", "annotator", "label"]].values.tolist() == [["1", "ann", "A"], ["2", "ann", "B"]]


def test_line_separators_inside_strings_are_no_newlines(put: Put) -> None:
    rows = [{"item": 1, "who": "a\u2028b", "vote": "A"}, {"item": 2, "who": "a\x85b", "vote": "B"}]
    data = load(put("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "votes.jsonl"), mapping=MAPPING)
    assert data.annotators["annotator"].tolist() == ["a\u2028b", "a\x85b"]


def test_half_characters_are_mended(put: Put) -> None:
    data = load(
        put(
            '[{"item": 1, "who": "\\ud800x", "vote": "A"}, {"item": 2, "who": "\\ud83d\\ude00", "vote": "B"}]',
            "votes.json",
        ),
        mapping=MAPPING,
    )
    assert data.annotators["annotator"].tolist() == ["\ufffdx", "\U0001f600"]


def test_numbers_too_long_to_read(put: Put) -> None:
    refused(put('[{"item": ' + "9" * 5_000 + ', "who": "ann", "vote": "A"}]', "votes.json"), "votes.json")


# XML


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]><x/>',
        '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x>&nbsp;</x>',
    ],
)
def test_xml_entities_are_refused(put: Put, text: str) -> None:
    refused(put(text, "pairs.xml"), "pairs.xml line 1", "entities", mapping=None)


def test_xml_nested_too_deeply_or_cut_short(put: Put) -> None:
    refused(put("<a>" * 100_000, "pairs.xml"), "pairs.xml", "nested", mapping=None)
    refused(put("<list><a>", "pairs.xml"), "pairs.xml line 1", "broken", mapping=None)
    refused(put("hello", "pairs.xml"), "not XML", mapping=None)


# Files that are something else


@pytest.mark.parametrize(
    "start",
    [
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"PK\x03\x04\x14\x00[Content_Types].xml",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n",
        b"SQLite format 3\x00",
        b"\x80\x04\x95pickle",
        b"\xd0\xcf\x11\xe0",
    ],
)
@pytest.mark.parametrize("name", ["votes.csv", "votes.json"])
def test_programs_and_documents_named_as_data(put: Put, start: bytes, name: str) -> None:
    refused(put(start + bytes(range(256)) * 20, name), name, "not an export")


def test_zero_bytes_are_no_text(put: Put) -> None:
    refused(put(b"item,who,vote\n1,a\x00nn,A\n2,ann,B\n"), "votes.csv line 2", "zero bytes")


def test_a_login_page_instead_of_the_export(put: Put) -> None:
    refused(put("<!DOCTYPE html><html><body>Sign in</body></html>"), "web page")


def test_names_do_not_decide(put: Put, tmp_path: Path) -> None:
    rows = [{"item": 1, "who": "ann", "vote": "A"}, {"item": 2, "who": "ann", "vote": "B"}]
    assert len(load(put(json.dumps(rows), "votes.csv"), mapping=MAPPING).annotations) == 2
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "votes.json")
    assert len(load(tmp_path / "votes.json", mapping=MAPPING).annotations) == 2
    assert len(load(put(gzip.compress(GOOD.encode()), "packed.csv"), mapping=MAPPING).annotations) == 3


def test_broken_parquet(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    pq.write_table(pa.Table.from_pylist([{"item": str(i), "who": "ann", "vote": "A"} for i in range(500)]), path)
    whole = path.read_bytes()
    for data in (
        whole[:-4],
        whole[: len(whole) // 2],
        b"PAR1" + whole[4:-8] + b"\xff\xff\xff\x7fPAR1",
        b"PAR1",
        b"text",
    ):
        path.write_bytes(data)
        refused(path, "votes.parquet")


# Archives


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_archives_open_and_what_the_system_added_is_ignored(put: Put) -> None:
    packed = _zip({"a/votes.csv": GOOD.encode(), "__MACOSX/a/._votes.csv": b"junk", ".DS_Store": b"junk"})
    assert len(load(put(packed, "votes.zip"), mapping=MAPPING).annotations) == 3


def test_a_zip_bomb_is_stopped(put: Put) -> None:
    refused(put(_zip({"votes.csv": b"a" * (64 << 20)}), "bomb.zip"), "bomb.zip/votes.csv", "200 times")


def test_a_gzip_bomb_is_stopped_before_it_is_in_memory(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "RATIO_LIMIT", 10**9)
    monkeypatch.setattr(unpacking, "UNPACKED_LIMIT", 8 << 20)
    refused(put(gzip.compress(b"a" * (64 << 20)), "bomb.csv.gz"), "bomb.csv.gz", "larger than")


def test_a_size_that_an_archive_lies_about(put: Put) -> None:
    packed = bytearray(_zip({"votes.csv": b"a" * (64 << 20)}))
    place = packed.rfind(b"PK\x01\x02")
    packed[place + 24 : place + 28] = (100).to_bytes(4, "little")
    refused(put(bytes(packed), "lie.zip"), "lie.zip")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_damaged_archives(put: Put, share: float) -> None:
    rows = "item,who,vote\n" + "".join(f"{i},w{i % 97},{'AB'[i * 7 % 2]}\n" for i in range(2_000))
    packed = _zip({"votes.csv": rows.encode()})
    refused(put(packed[: int(len(packed) * share)], "votes.zip"), "votes.zip")
    pressed = gzip.compress(rows.encode())
    refused(put(pressed[: int(len(pressed) * share)], "votes.csv.gz"), "votes.csv.gz", "ends too early")
    broken = bytearray(pressed)
    broken[len(broken) // 2] ^= 0xFF
    refused(put(bytes(broken), "votes.csv.gz"), "votes.csv.gz")


def test_archives_in_archives_and_archives_of_nothing(put: Put) -> None:
    refused(
        put(_zip({"inner.zip": _zip({"votes.csv": GOOD.encode()})}), "outer.zip"), "inner.zip", "inside the archive"
    )
    refused(put(_zip({"readme.md": b"x"}), "outer.zip"), "no export in this archive", "readme.md")


# Places


def test_paths_outside_the_allowed_folders(put: Put, tmp_path: Path) -> None:
    inside, outside = put(GOOD, "allowed/votes.csv"), put(GOOD, "elsewhere/votes.csv")
    (tmp_path / "allowed" / "link.csv").symlink_to(outside)
    root = tmp_path / "allowed"
    assert len(load(inside, mapping=MAPPING, root=root).annotations) == 3
    for path in (
        outside,
        root / ".." / "elsewhere" / "votes.csv",
        root / "link.csv",
        root / "*.csv",
        root,
        tmp_path / "*" / "votes.csv",
        Path("/etc/passwd"),
    ):
        refused(path, "outside the folders", root=root)
    refused(inside, "outside the folders", root=root, gold=outside)
    refused(put(GOOD, "allowed2/votes.csv"), "outside the folders", root=root)


def test_nothing_there(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", "none.csv", "no such file")
    refused(tmp_path / "*.csv", "no file matches")
    refused(tmp_path, "no export in this folder")
    refused([], "No file was named")


def test_a_device_is_no_file() -> None:
    refused(Path("/dev/zero"), "not a regular file")


def test_folders_and_patterns_open_in_the_order_of_their_names(put: Put, tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv"):
        put(GOOD, f"all/{name}")
    put("notes", "all/readme.md")
    documents = open_documents([tmp_path / "all"])
    assert [d.name for d in documents] == ["a.csv", "b.csv", "c.csv"]
    assert "readme.md" in documents[0].findings[0].message
    assert [d.name for d in open_documents([tmp_path / "all" / "*.csv"])] == ["a.csv", "b.csv"]
    with pytest.raises(WorkbenchError, match="3 files"):
        open_document(tmp_path / "all")


# Data at the edge


def test_one_annotator_one_item_all_ties_and_only_skips(put: Put) -> None:
    assert len(load(put("item,who,vote\n1,ann,A\n"), mapping=MAPPING).annotations) == 1
    ties = load(
        put("item,who,vote,x,y\n1,ann,tie,p,q\n1,bob,tie,p,q\n"),
        mapping={**MAPPING, "response_a": "x", "response_b": "y"},
    )
    assert (ties.scale.labels, ties.annotations["label"].tolist()) == (("A", "=", "B"), [1, 1])
    data = load(put("item,who,vote\n1,ann,\n1,bob,skip\n"), mapping=MAPPING)
    assert (len(data.codes), data.annotations["label"].tolist()) == (0, [-1, -1])


def test_labels_outside_the_scale_are_missing_not_ties(put: Put) -> None:
    data = load(
        put("item,who,vote,response_a,response_b\n1,ann,A,x,y\n1,bob,banana,x,y\n1,eve,,x,y\n"),
        mapping={**MAPPING, "response_a": "response_a", "response_b": "response_b"},
    )
    assert data.annotations["label"].tolist() == [0, -1, -1]
    notes = {f.code: f for f in data.findings}
    assert notes["unreadable-labels"].rows == ("votes.csv:3",)
    assert notes["skips"].rows == ("votes.csv:4",)


def test_rows_without_any_identity_are_set_aside_and_named(put: Put) -> None:
    data = load(put("item,who,vote\n1,ann,A\n,bob,B\n,,\n2,ann,B\n"), mapping=MAPPING)
    assert (data.items["item_id"].tolist(), dict(data.ledger.set_aside), data.ledger.rows_read) == (
        ["1", "2"],
        {"no item": 2},
        4,
    )
    assert next(f.rows for f in data.findings if f.code == "rows-without-item") == ("votes.csv:3", "votes.csv:4")
    refused(put("item,who,vote\n,ann,A\n,bob,B\n"), "neither an id nor two responses", "votes.csv:2")
