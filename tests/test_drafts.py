"""A file is written whole or not at all, and what was there before stays until then."""

from __future__ import annotations

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
import resource, signal, sys
from workbench.cli import main

main([*sys.argv[1:-1], sys.argv[-1].replace("/out/", "/before/")])  # what is compiled is kept on disk, too
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["audit", "VOTES", "--json", "--out"], "audit.json"),
        (["aggregate", "VOTES", "--out"], "labels.csv"),
        (["aggregate", "VOTES", "--out"], "labels.parquet"),
        (["convert", "VOTES", "--to", "annotations", "--out"], "table.csv"),
        (["convert", "VOTES", "--to", "trl", "--out"], "rows.jsonl"),
        (["report", "VOTES", "--no-close-look", "--out"], "report.html"),
    ],
)
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, command: list[str], name: str) -> None:
    """A limit on the size of files stands for the full disk."""
    votes, out = tmp_path / "votes.csv", tmp_path / "out" / name
    rows = [f"i{i},w{w},{'AB'[(i + w // 2) % 2]},left {i},right {i}" for i in range(40) for w in range(3)]
    votes.write_text("item,annotator,label,response_a,response_b\n" + "\n".join(rows) + "\n", "utf-8")
    out.parent.mkdir()
    (tmp_path / "before").mkdir()
    out.write_text("what was there", "utf-8")
    given = [str(votes) if each == "VOTES" else each for each in command]
    done = subprocess.run(
        [sys.executable, "-c", _FULL, *given, str(out)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2, done.stderr
    assert str(out.with_suffix("")) in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text("utf-8") == "what was there"
    assert names(out.parent) == [name]
