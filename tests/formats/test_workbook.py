"""Workbooks: the largest sheet as a table, cells as a CSV export writes them, and what cannot be opened said."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.files.opening import open_bytes, open_document
from workbench.formats.files.sheet_table import table_of

pytest.importorskip("python_calamine")

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
A_DATE, A_LENGTH = 1, 2
"""Styles of the sheets made here."""


def cell(value: object, style: int = 0) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c s="{style}"><v>{value}</v></c>'
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def workbook(sheets: dict[str, list[list[object]]], styles: dict[int, int] | None = None, hidden: str = "") -> bytes:
    """A workbook of these sheets; `styles` says which column holds dates or lengths of time."""
    named = list(sheets)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{k}.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for k in range(len(named))
    )
    state = [' state="hidden"' if name == hidden else "" for name in named]
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{k + 1}" r:id="r{k}"{state[k]}/>' for k, name in enumerate(named)
    )
    links = "".join(
        f'<Relationship Id="r{k}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{k}.xml"/>'
        for k in range(len(named))
    )
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override'
            ' PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
            f'sheet.main+xml"/>{kinds}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{DOCUMENT}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}">{links}<Relationship Id="s" Type="{DOCUMENT}/styles"'
            ' Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="200" formatCode="[h]:mm:ss"/></numFmts>'
            '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="200"/></cellXfs></styleSheet>'
        ),
    }
    for k, rows in enumerate(sheets.values()):
        body = "".join(
            f"<row>{''.join(cell(v, (styles or {}).get(c, 0)) for c, v in enumerate(row))}</row>" for row in rows
        )
        parts[f"xl/worksheets/sheet{k}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return out.getvalue()


VOTES: list[list[object]] = [
    ["item", "prompt", "response a", "response b", "annotator", "choice", "seconds", "finished", "sure"],
    [1, "Why?", "because", 'since "so"', "ann", "A", 0.001, 46000.5, True],
    [1, "Why?", "because", 'since "so"', "bob", "B", 0.0005, 46000.75, False],
    [2, "How, then?", "like\nthis", "=1+1", "ann", "A", 0.002, 46001, True],
    [2, "How, then?", "like\nthis", "=1+1", "bob", "A", None, 46001.5, None],
]


def test_cells_are_as_a_csv_has_them() -> None:
    (document,) = open_bytes(workbook({"Votes": VOTES}, {6: A_LENGTH, 7: A_DATE}), "votes.xlsx")
    table = document.table
    assert list(table.columns) == VOTES[0]
    assert table["item"].tolist() == ["1", "1", "2", "2"]
    assert table["response b"].tolist() == ['since "so"', 'since "so"', "=1+1", "=1+1"]
    assert table["seconds"].fillna("").tolist() == ["86.4", "43.2", "172.8", ""]
    assert table["finished"].tolist()[:2] == ["2025-12-09T12:00:00", "2025-12-09T18:00:00"]
    assert table["sure"].fillna("").tolist() == ["true", "false", "true", ""]


def test_it_is_read_like_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "votes.xlsx"
    path.write_bytes(workbook({"Votes": VOTES}, {6: A_LENGTH, 7: A_DATE}))
    data = load(path)
    assert (len(data.items), len(data.annotations), list(data.scale.labels)) == (2, 4, ["A", "B"])
    assert data.annotations["seconds"].tolist()[:3] == pytest.approx([86.4, 43.2, 172.8], rel=1e-6)
    assert data.item_texts()["response_a"].tolist() == ["because", "like\nthis"]
    other = tmp_path / "odd-name.csv"
    other.write_bytes(path.read_bytes())
    assert load(other).key == data.key


def test_the_largest_sheet_is_opened_and_the_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook({"Read me": [["notes"], ["x"]], "Votes": VOTES, "Old": VOTES * 3}, hidden="Old"))
    document = open_document(path)
    assert len(document.table) == 4
    (told,) = [f for f in document.findings if f.code == "sheets-not-opened"]
    assert "'Votes' with 4 rows" in told.message
    assert told.message.endswith("not opened: Read me, Old.")


def test_titles_above_the_header_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    rows: list[list[object]] = [
        [f"S{i}", who, "ok" if (i + len(who)) % 3 else "bad"] for i in range(6) for who in ("a", "bb")
    ]
    path.write_bytes(
        workbook({"Batch 3": [["Final check"], ["made by QA"], [], ["Sample", "Rater", "Verdict"], *rows]})
    )
    document = open_document(path)
    assert list(document.table.columns) == ["Sample", "Rater", "Verdict"]
    assert document.row_numbers is not None
    assert document.row_numbers.tolist()[:2] == [5, 6]
    data = load(path)
    assert (len(data.items), len(data.annotators), len(data.annotations)) == (6, 2, 12)


def test_sheets_with_the_same_columns_are_one_table_and_the_sheet_may_be_the_person(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    sheet = [["item", "left", "right", "Preference"], *([i, f"l{i}", f"r{i}", "left"] for i in range(4))]
    path.write_bytes(workbook({"Anna": sheet, "Ben": [*sheet[:-1], [3, "l3", "r3", "right"]], "Notes": [["x"]]}))
    with pytest.raises(WorkbenchError, match="'sheet' may name it"):
        load(path)
    data = load(path, mapping={"annotator": "sheet"})
    assert data.annotators["annotator"].tolist() == ["Anna", "Ben"]
    assert (len(data.items), len(data.annotations)) == (4, 8)
    codes = {f.code for f in data.findings}
    assert {"sheets-joined", "sheets-not-opened"} <= codes


def test_a_header_over_a_header_is_joined() -> None:
    cells = [["Item", "System A", "", "By"], ["", "Fluency", "Adequacy", ""], ["1", "3", "4", "ann"]]
    table = table_of(cells, [((0, 1), (0, 2)), ((0, 0), (1, 0)), ((0, 3), (1, 3))], "book.xlsx")
    assert table.rows == [["Item", "System A: Fluency", "System A: Adequacy", "By"], ["1", "3", "4", "ann"]]
    assert table.numbers == [1, 3]


def test_sums_at_the_end_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"D{i},{'yes' if i % 2 else 'no'},{'yes' if i % 3 else 'no'},yes,yes\n" for i in range(8))
    path.write_text(f"dialogue_id,rater_1,rater_2,rater_3,Majority\n{rows}Total yes,4,5,8,8\nMean,,,,\n")
    data = load(path)
    assert (len(data.items), len(data.annotators), list(data.scale.labels)) == (8, 3, ["no", "yes"])
    assert "the last 2 rows (Total yes, Mean)" in next(f.message for f in data.findings if f.code == "sums-left-out")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (workbook({"Empty": []}), "no sheet holds a table"),
        (workbook({"Votes": VOTES})[:900], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_one_line(data: bytes, says: str) -> None:
    with pytest.raises(WorkbenchError, match=says):
        open_bytes(data, "book.xlsx")


def test_a_workbook_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.extras.find_spec", lambda _: None)
    with pytest.raises(WorkbenchError, match=r"a workbook needs python_calamine.*preference-workbench\[excel\]"):
        open_bytes(workbook({"Votes": VOTES}), "votes.xlsx")
