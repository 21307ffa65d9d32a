"""With --hash-annotators no annotator's id leaves: not in what is printed, nor in any file, log or finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cli import main

SECRETS = ("w-quokka1", "slot quokka2", "quokka3@example.org", "<b>quokka4</b>", "QUOKKA5")


def long_table(folder: Path) -> Path:
    """Five people with ids that are easy to miss; one hurries; there is gold, a repeat and an odd label."""
    path = folder / "votes.csv"
    rows = ["item,annotator,label,seconds,gold"]
    for i in range(30):
        for k, who in enumerate(SECRETS):
            label = "left" if (i * 7 + k * 3) % 5 else "right"
            rows.append(f'{i},"{who}",{label},{1 if k == 0 else 20 + i + k},{"left" if i % 3 == 0 else ""}')
    rows += [f'0,"{SECRETS[0]}",right,9,left', f'1,"{SECRETS[1]}",???,9,']
    path.write_text("\n".join(rows) + "\n")
    return path


def wide_table(folder: Path) -> Path:
    """The same people as columns."""
    path = folder / "wide.csv"
    lines = [",".join(["item", *SECRETS])]
    lines += [f"{i}," + ",".join("left" if (i + k) % 3 else "right" for k in range(5)) for i in range(12)]
    path.write_text("\n".join(lines) + "\n")
    return path


def commands(source: list[str], out: Path) -> list[list[str]]:
    hashed = [*source, "--hash-annotators"]
    return [
        ["audit", *hashed],
        ["audit", *hashed, "--json"],
        ["check", *hashed, "--json"],
        ["aggregate", *hashed, "--out", str(out / "labels.csv")],
        ["convert", *hashed, "--to", "annotations", "--out", str(out / "rows.csv")],
        ["report", *hashed, "--out", str(out / "report.html")],
    ]


@pytest.mark.parametrize("form", ["long", "wide"])
def test_no_id_is_printed_or_written(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place, out = tmp_path / "in", tmp_path / "out"
    place.mkdir(), out.mkdir()
    source = [str(long_table(place))] if form == "long" else [str(wide_table(place)), "--map", "item=item"]
    if form == "wide":
        source += ["--map", "label=" + ",".join(SECRETS)]
    for command in commands(source, out):
        assert main(command) in (0, 1), command[0]
    said = capfd.readouterr()
    files = {path.name: path.read_bytes().decode("utf-8", "replace") for path in out.rglob("*") if path.is_file()}
    assert len(files) >= 3
    for name, text in {"stdout": said.out, "stderr": said.err, **files}.items():
        assert "quokka" not in text.casefold(), name
    assert "w-" in files["rows.csv"]
