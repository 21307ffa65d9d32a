"""Files written whole or not at all: a draft beside the place, renamed to it at the end.

What was there before stays until the new file is complete: a full disk, an interruption or an error in between leaves
the old file as it was and no part of the new one.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkbenchError

_REMEDY = "Check the folder, the rights and the free space."


@contextmanager
def drafted(path: str | Path) -> Iterator[Path]:
    r"""A place to write to that becomes `path` where the block ends well, and goes where it does not.

    A link stays a link to the file that is replaced; what is no regular file (a pipe, `/dev/stdout`) is written to
    directly. The draft keeps the ending of the name, by which writers choose the form.

    Raises
    ------
    WorkbenchError
        The file cannot be written; the message names `path`.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "labels.csv"
    >>> with drafted(place) as draft:
    ...     _ = draft.write_text("item,label\n")
    >>> place.read_text(), len(list(place.parent.iterdir()))
    ('item,label\n', 1)
    """
    target = Path(path)
    draft = target
    try:
        if target.is_dir():
            raise WorkbenchError(f"{target} is a folder.", "Name a file.")
        if target.exists() and not target.is_file():
            yield target
            return
        real = Path(os.path.realpath(target))
        draft = real.with_name(f".{secrets.token_hex(4)}.draft{_endings(real)}")
        yield draft
        if real.exists():
            shutil.copymode(real, draft)
        os.replace(draft, real)
    except OSError as error:
        raise cannot_be_written(target, error) from error
    finally:
        if draft != target:
            draft.unlink(missing_ok=True)


@contextmanager
def drafted_folder(path: str | Path, last: Iterable[str] = ()) -> Iterator[Path]:
    """A folder to write to, whose files become those of `path` where the block ends well.

    Where there is no folder yet it appears whole. Into one that is there, the files are moved one by one, each whole;
    those named in `last` (by which a reader knows that the folder is complete) go first from the old folder and come
    last into it, so that a half replaced folder is never taken for a whole one.

    Raises
    ------
    WorkbenchError
        It cannot be written; the message names `path`.
    """
    target = Path(path)
    draft = (target if target.is_dir() else target.parent) / f".{secrets.token_hex(4)}.draft"
    try:
        if target.exists() and not target.is_dir():
            raise WorkbenchError(f"{target} is a file.", "Name a folder.")
        draft.mkdir(parents=True)
        yield draft
        if target.exists():
            _moved_into(target, draft, tuple(last))
        else:
            os.replace(draft, target)
    except OSError as error:
        raise cannot_be_written(target, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def as_readable_as(folder: Path, like: str) -> None:
    """Gives the files of a folder the rights of one of them: some libraries write files that nobody else may read."""
    rights = (folder / like).stat().st_mode & 0o666
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(rights)


def write_all(contents: Mapping[Path, str | bytes]) -> list[Path]:
    """Writes files that belong together: all drafts are complete before the first of them takes its place.

    Raises
    ------
    WorkbenchError
        One of them cannot be written; none is changed.
    """
    drafts: list[tuple[Path, Path]] = []
    place = Path()
    try:
        for place, content in contents.items():
            if place.exists() and not place.is_file():
                raise WorkbenchError(f"{place} exists and is no file.", "Choose another name.")
            real = Path(os.path.realpath(place))
            draft = real.with_name(f".{secrets.token_hex(4)}.draft")
            drafts.append((draft, real))
            draft.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        for draft, real in drafts:
            if real.exists():
                shutil.copymode(real, draft)
            os.replace(draft, real)
    except OSError as error:
        raise cannot_be_written(place, error) from error
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)
    return list(contents)


def cannot_be_written(path: Path, error: OSError) -> WorkbenchError:
    """The error that names the place a person gave, not that of the draft."""
    return WorkbenchError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()}).", _REMEDY)


def _endings(path: Path) -> str:
    """The last two endings of a name, such as `.csv` or `.pwb.zip`."""
    return "".join(path.suffixes[-2:])


def _moved_into(target: Path, draft: Path, last: tuple[str, ...]) -> None:
    for name in last:
        (target / name).unlink(missing_ok=True)
    places = sorted(draft.rglob("*"), key=lambda p: (str(p.relative_to(draft)) in last, str(p)))
    for place in places:
        into = target / place.relative_to(draft)
        if place.is_dir():
            into.mkdir(parents=True, exist_ok=True)
        else:
            os.replace(place, into)
