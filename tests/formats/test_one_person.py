"""One person whom an export calls by an id in one task and by an address in another; text in GB18030."""

from __future__ import annotations

import json
from pathlib import Path

import workbench
from workbench.formats.files.decoding import decoded


def test_an_id_and_an_address_of_one_person_are_one_annotator(tmp_path: Path) -> None:
    def task(number: int, by: object) -> dict[str, object]:
        choice = {"from_name": "better", "to_name": "pair", "type": "pairwise", "value": {"selected": "left"}}
        return {
            "id": number,
            "data": {"prompt": f"p{number}", "answer1": f"one {number}", "answer2": f"two {number}"},
            "annotations": [{"id": number, "completed_by": by, "result": [choice]}],
        }

    ana = {"id": 7, "email": "ana@example.org", "first_name": "Ana"}
    export = [task(1, ana), task(2, 7), task(3, "ana@example.org"), task(4, 8)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(export))
    data = workbench.load(path)
    assert sorted(data.annotators["annotator"]) == ["8", "ana@example.org"]
    assert data.codes.annotator.tolist().count(data.annotators["annotator"].tolist().index("ana@example.org")) == 3


def test_chinese_in_gb18030_is_read_as_such_and_accents_are_not() -> None:
    text, (note,) = decoded("编号,标注员,标签\n1,王芳,左边更好\n".encode("gb18030"), "votes.csv")
    assert text.startswith("编号,标注员,标签")
    assert "GB18030" in note.message
    latin, (note,) = decoded("id,notiz\n1,größer und schöner, déjà vu, señor\n".encode("cp1252"), "votes.csv")
    assert "größer und schöner" in latin
    assert "Windows-1252" in note.message
