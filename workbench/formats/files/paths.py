"""Which files a path, a folder or a pattern means, and whether they may be read."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding

DATA_EXTENSIONS = (
    *("json", "jsonl", "ndjson", "csv", "tsv", "txt", "parquet"),
    *("xml", "xlsx", "xlsm", "xls", "ods", "zip", "gz"),
)
"""Files of a folder or an archive that are opened; others are named in a finding."""
OWN_SUFFIX = ".pwb"
"""A folder that ends in this holds one annotation set in the workbench's own form."""

SHARDED = "shards.json"
"""A folder with this file holds many sets, one a bucket (`workbench.scale`)."""

_LINK = " ->"
"""Stands behind the name of a link to a folder, or to nothing."""

Root = Path | Sequence[Path] | None


@dataclass(frozen=True)
class Places:
    """The files that some paths mean, each with the name it has in messages."""

    files: list[tuple[str, Path]]
    findings: tuple[Finding, ...] = field(default=())


TRUTH = ("truth.parquet", "truth.json")
"""What the command `simulate` writes beside its data."""

JUDGED = ("verdicts.csv", "result.json")
"""What the command `judge` writes into a folder: an export, and the account of its run."""


def find_files(paths: Sequence[str | Path], root: Root = None) -> Places:
    """The files behind paths, folders and patterns such as `exports/*.xml`, in the order given, sorted within a folder.

    Parameters
    ----------
    paths : files, folders (all data files in them and below) or patterns.
    root : folder or folders that all files must lie in, links resolved; None allows any place.

    Raises
    ------
    WorkbenchError
        Nothing is there, it is not a file, or it lies outside the allowed folders.
    """
    files: list[Path] = []
    bases: list[Path | None] = []
    ignored: list[str] = []
    if not paths:
        raise WorkbenchError("No file was named.", "Give the path of an export.")
    for each in paths:
        if (Path(each) / SHARDED).is_file():
            raise WorkbenchError(
                f"{each} is a sharded set, and this needs single rows.",
                "Use it with audit, check, aggregate or report, open it on the Start page, or open a folder in its"
                " buckets.",
            )
        refuse_outside(Path(each), root)
        listed, base, left = _files_of(Path(each))
        for path in listed:
            refuse_outside(path, root)
        files += listed
        bases += [base] * len(listed)
        ignored += left
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        names = [str(path.relative_to(base)) if base else str(path) for path, base in zip(files, bases, strict=True)]
    notes: tuple[Finding, ...] = ()
    if ignored:
        notes = left_alone("", ignored)
    return Places(list(zip(names, files, strict=True)), notes)


def is_own_form(path: Path) -> bool:
    """Whether this is an annotation set in the workbench's own form: a folder `NAME.pwb`, or the same zipped."""
    return path.name.endswith((OWN_SUFFIX, OWN_SUFFIX + ".zip")) or (
        path.is_dir() and (path / "meta.json").is_file() and (path / "items.parquet").is_file()
    )


def set_in(path: str | Path) -> str | Path:
    """The annotation set that a folder holds beside nothing but its truth, as `simulate` writes them; any other path
    as it is.
    """
    place = Path(path)
    if not place.is_dir() or is_own_form(place):
        return path
    inside = [p for p in place.iterdir() if not is_hidden(p.name) and p.name not in TRUTH]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and is_own_form(inside[0]) else path


def extension_of(name: str) -> str:
    """Extension in lower case, that of the packed file for `.gz`.

    >>> extension_of("Export.JSONL.gz")
    'jsonl'
    """
    lower = name.lower()
    return Path(lower[:-3] if lower.endswith(".gz") else lower).suffix.lstrip(".")


def is_data_file(name: str) -> bool:
    """Whether a file found in a folder or an archive is worth opening."""
    return Path(name.lower()).suffix.lstrip(".") in DATA_EXTENSIONS


def is_hidden(name: str) -> bool:
    """Whether any part of a relative path is hidden, or put there by the system that packed it."""
    return any(part.startswith(".") or part == "__MACOSX" for part in Path(name).parts)


def is_outside(name: str) -> bool:
    """Whether the name of a member of an archive leads out of it."""
    return name.startswith(("/", "\\")) or ".." in Path(name.replace("\\", "/")).parts


def left_alone(archive: str, names: Sequence[str]) -> tuple[Finding, ...]:
    """One finding about the files of a folder or an archive that are not opened, by why.

    >>> left_alone("a.zip", ["../x.csv", ".y.csv", "z.docx"])[0].message
    'a.zip: 3 files were not opened: 1 outside the archive (../x.csv), 1 hidden (.y.csv), 1 of another kind (z.docx).'
    """
    kinds: dict[str, list[str]] = {}
    for name in names:
        if is_outside(name):
            kinds.setdefault("outside the archive", []).append(name)
        elif is_hidden(name):
            kinds.setdefault("hidden", []).append(name)
        elif name.endswith(_LINK):
            kinds.setdefault("a link that leads to no file", []).append(name.removesuffix(_LINK))
        else:
            kinds.setdefault("of another kind", []).append(name)
    if not kinds:
        return ()
    listed = ", ".join(f"{len(each):,} {kind} ({first_five(each)})" for kind, each in kinds.items())
    serious = any(is_data_file(name) and Path(name).name != JUDGED[1] for name in names)
    return (
        finding(
            "warning" if serious else "info",
            "files-not-opened",
            f"{archive}{': ' if archive else ''}{counted(len(names), 'file was', 'files were')} not opened: {listed}.",
            "Name a file by its own path if it is an export that belongs to the others.",
            [name for each in kinds.values() for name in each],
        ),
    )


def _files_of(path: Path) -> tuple[list[Path], Path | None, list[str]]:
    if path.is_dir() and not is_own_form(path):
        own = sorted(str(p) for p in path.rglob(f"*{OWN_SUFFIX}*") if is_own_form(p))
        if own:
            raise WorkbenchError(
                f"{path}: the folder holds a whole annotation set, {own[0]}.", "Open that one by its own path."
            )
        inside = {p: str(p.relative_to(path)) for p in sorted(path.rglob("*"))}
        seen = {p for p, name in inside.items() if not is_hidden(name) and is_data_file(name)}
        data = [p for p in inside if p in seen and p.is_file() and not _tells_of_a_judge(p)]
        left = [
            f"{name}{_LINK}" if p.is_symlink() and not p.is_file() else name
            for p, name in inside.items()
            if (p.is_symlink() or p.is_file()) and p not in data and "__MACOSX" not in name
        ]
        if not data:
            raise WorkbenchError(
                f"{path}: there is no export in this folder.",
                f"Name a folder with {', '.join(DATA_EXTENSIONS[:7])} files in it.",
            )
        return data, path, left
    if path.exists():
        if not path.is_file() and not path.is_dir():
            raise WorkbenchError(f"{path} is not a regular file.", "Name a file or a folder.")
        return [path], None, []
    if glob.has_magic(str(path)):
        found = sorted(Path(p) for p in glob.glob(str(path), recursive=True) if os.path.isfile(p))
        if not found:
            raise WorkbenchError(
                f"{path}: no file matches this pattern.",
                "Check the pattern, and quote it so that the shell leaves it alone.",
            )
        return found, None, []
    raise WorkbenchError(f"{path}: there is no such file.", "Check the path.")


def _tells_of_a_judge(path: Path) -> bool:
    """Whether this is the account of an AI judge's run beside its verdicts, and no export."""
    return path.name == JUDGED[1] and path.with_name(JUDGED[0]).is_file()


def refuse_outside(path: Path, root: Root) -> None:
    """Raises WorkbenchError where a path, links resolved, lies outside the allowed folders."""
    if root is None:
        return
    allowed = [Path(r).resolve() for r in ([root] if isinstance(root, (str, Path)) else root)]
    real = path.resolve()
    if not any(real == folder or folder in real.parents for folder in allowed):
        raise WorkbenchError(
            f"{path}: this path lies outside the folders that may be read.",
            f"Put the file into {' or '.join(str(folder) for folder in allowed[:5])}.",
        )
