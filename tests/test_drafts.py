"""A file is written whole or not at all, and what was there before stays until then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.drafts import drafted, drafted_folder, write_all
from workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parents[1]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_an_error_in_between_leaves_the_old_file(tmp_path: Path) -> None:
    place = tmp_path / "labels.csv"
    place.write_text("old")

    def half() -> None:
        with drafted(place) as draft:
            draft.write_text("half of the new")
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        half()
    assert (place.read_text(), names(tmp_path)) == ("old", ["labels.csv"])


def test_a_link_stays_a_link_and_rights_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    with drafted(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("new", 0o640)


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with drafted(pipe) as draft:
        draft.write_text("through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert names(tmp_path) == ["pipe"]


@pytest.mark.parametrize("name", ["gone/labels.csv", "folder"])
def test_the_message_names_the_place_a_person_gave(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorkbenchError, match=name), drafted(tmp_path / name) as draft:
        draft.write_text("x")
    assert names(tmp_path) == ["folder"]


def test_files_that_belong_together_change_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    with pytest.raises(WorkbenchError, match="b"):
        write_all({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert ((tmp_path / "a").read_text(), names(tmp_path)) == ("old", ["a", "b"])
    assert [p.name for p in write_all({tmp_path / "a": "new", tmp_path / "c": b"new"})] == ["a", "c"]
    assert (tmp_path / "c").read_text() == (tmp_path / "a").read_text() == "new"


def test_a_folder_appears_whole_and_an_old_one_is_never_taken_for_the_new(tmp_path: Path) -> None:
    place = tmp_path / "model"

    def half() -> None:
        with drafted_folder(place, last=("about.json",)) as draft:
            (draft / "weights").write_text("1")
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        half()
    assert names(tmp_path) == []
    for version in ("1", "2"):
        with drafted_folder(place, last=("about.json",)) as draft:
            (draft / "about.json").write_text(version)
            (draft / "weights").write_text(version)
            (draft / "inner").mkdir()
            (draft / "inner" / "more").write_text(version)
            if version == "2":
                assert (place / "about.json").read_text() == "1"
    assert names(place) == ["about.json", "inner", "weights"]
    assert [(place / n).read_text() for n in ("about.json", "weights", "inner/more")] == ["2", "2", "2"]
    (place / "mine.txt").write_text("kept")
    with drafted_folder(place, last=("about.json",)) as draft:
        (draft / "about.json").write_text("3")
    assert (place / "mine.txt").read_text() == "kept"


_FULL = """
import io, json, resource, signal, sys
from contextlib import redirect_stderr, redirect_stdout
from workbench.cli import main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
told = {}
for name, command in json.loads(sys.argv[1]).items():
    shown = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(shown):
        main([*command[:-1], command[-1].replace("/out/", "/before/")])  # what is compiled is kept on disk, too
        shown.seek(shown.truncate(0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
        code = main(command)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    told[name] = [code, shown.getvalue()]
print(json.dumps(told))
"""
WRITTEN = {
    "audit.json": ["audit", "VOTES", "--json", "--out"],
    "labels.csv": ["aggregate", "VOTES", "--out"],
    "labels.parquet": ["aggregate", "VOTES", "--out"],
    "table.csv": ["convert", "VOTES", "--to", "annotations", "--out"],
    "rows.jsonl": ["convert", "VOTES", "--to", "trl", "--out"],
    "report.html": ["report", "VOTES", "--no-close-look", "--out"],
}
"""File -> the command that writes it."""


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list]]:
    """Each command in a process whose files may hold 512 bytes, which stands for the full disk: a folder with one of
    what was there before for each, and how each command ended with what it said."""
    place = tmp_path_factory.mktemp("full")
    rows = [f"i{i},w{w},{'AB'[(i + w // 2) % 2]},left {i},right {i}" for i in range(40) for w in range(3)]
    votes = place / "votes.csv"
    votes.write_text("item,annotator,label,response_a,response_b\n" + "\n".join(rows) + "\n", "utf-8")
    given = {}
    for name, command in WRITTEN.items():
        for folder in ("out", "before"):
            (place / name / folder).mkdir(parents=True)
        (place / name / "out" / name).write_text("what was there", "utf-8")
        given[name] = [*(str(votes) if each == "VOTES" else each for each in command), str(place / name / "out" / name)]
    done = subprocess.run(
        [sys.executable, "-c", _FULL, json.dumps(given)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return place, json.loads(done.stdout)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_full_disk_leaves_the_old_file(full_disk: tuple[Path, dict[str, list]], name: str) -> None:
    place, told = full_disk
    out, (code, said) = place / name / "out" / name, told[name]
    assert code == 2, said
    assert str(out.with_suffix("")) in said
    assert "Traceback" not in said
    assert (place / name / "before" / name).stat().st_size > 512, "it would have been written, and was too large"
    assert out.read_text("utf-8") == "what was there"
    assert names(out.parent) == [name]
