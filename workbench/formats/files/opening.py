"""Opens files of any kind we know: path, folder, pattern, gzip, zip or workbook in, `Document` out; the content
decides, not the name.

Nothing partial is ever shown as whole: a file that is broken anywhere raises a `WorkbenchError` that names the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.decoding import decoded, refuse_binary
from workbench.formats.files.delimited import parse_table
from workbench.formats.files.document import Document
from workbench.formats.files.json_records import looks_like_json, parse_records
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.files.paths import Root, extension_of, find_files
from workbench.formats.files.safe_xml import parse_xml
from workbench.formats.files.unpacking import UNPACKED_LIMIT, gunzip, unzip
from workbench.formats.files.workbook import is_workbook, sheet_as_csv

_JSON = ("json", "jsonl", "ndjson")
_GZIP_DEPTH = 3
"""Times a file may be packed, and one more: each layer can hide the size of the next."""


def open_documents(paths: Sequence[str | Path], root: Root = None) -> list[Document]:
    """Opens all files behind some paths, folders, patterns and archives.

    Parameters
    ----------
    paths : files, folders, patterns.
    root : folder or folders that all of them must lie in, links resolved.

    Raises
    ------
    WorkbenchError
        A file is missing, outside `root`, empty, broken, or of no kind we know.
    """
    places = find_files(paths, root)
    before = [_stamp(path) for _, path in places.files]
    documents = [document for name, path in places.files for document in _open_file(path, name)]
    changed = [name for (name, path), then in zip(places.files, before, strict=True) if _stamp(path) != then]
    found = [*places.findings, *([_changed(changed)] if changed else [])]
    if found:
        documents[0] = documents[0].with_findings(*found)
    return documents


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change; None where the file is gone."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_size, now.st_mtime_ns


def _changed(names: Sequence[str]) -> Finding:
    return finding(
        "warning",
        "changed-while-read",
        f"{first_five(names)} changed while it was read, so that a part may be missing.",
        "Open it again once it is written.",
        list(names),
    )


def open_document(path: str | Path, root: Root = None) -> Document:
    """Opens one file.

    Raises
    ------
    WorkbenchError
        As `open_documents`, or there are several files behind the path.
    """
    documents = open_documents([path], root)
    if len(documents) > 1:
        raise WorkbenchError(f"{path}: there are {len(documents):,} files behind this path.", "Name one of them.")
    return documents[0]


def open_bytes(data: bytes, name: str) -> list[Document]:
    """Opens a file that is already in memory, such as an upload; an archive gives several documents."""
    for _ in range(_GZIP_DEPTH):
        if not data.startswith(b"\x1f\x8b"):
            break
        data, name = gunzip(data, name), name[:-3] if name.lower().endswith(".gz") else name
    else:
        raise WorkbenchError(
            f"{name}: gzip within gzip within gzip is no export.", "Unpack it, and open what is inside."
        )
    extension = extension_of(name)
    if data.startswith(b"PK\x03\x04") and extension == "zip" and not is_workbook(data, extension):
        unpacked = unzip(data, name)
        found = [
            document for member, content in unpacked.members for document in open_bytes(content, f"{name}/{member}")
        ]
        return [found[0].with_findings(*unpacked.findings), *found[1:]]
    return [_document(data, name, extension)]


def _open_file(path: Path, name: str) -> list[Document]:
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
            if start == b"PAR1":
                return [
                    Document(name=name, shape="table", content=ParquetTable(path, name), extension="parquet", path=path)
                ]
            if path.stat().st_size > UNPACKED_LIMIT:
                raise WorkbenchError(
                    f"{name}: the file is larger than {UNPACKED_LIMIT >> 30} GiB.", "Open it in parts, or as Parquet."
                )
            found = open_bytes(start + stream.read(), name)
            return found if start == b"PK\x03\x04" else [replace(found[0], path=path)]
    except OSError as error:
        raise WorkbenchError(
            f"{name}: the file cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error


def _document(data: bytes, name: str, extension: str) -> Document:
    if not data or data.isspace():
        raise WorkbenchError(f"{name}: the file is empty.", "Check that the right file was exported.")
    if is_workbook(data, extension):
        text, told, numbers = sheet_as_csv(data, name)
        frame, found = parse_table(text, name, "csv")
        findings = (*told, *found)
        return Document(
            name=name, shape="table", content=frame, extension="csv", findings=findings, row_numbers=numbers
        )
    if data.startswith(b"PAR1"):
        return Document(name=name, shape="table", content=ParquetTable(data, name), extension="parquet")
    if extension == "parquet":
        raise WorkbenchError(
            f"{name}: this is no Parquet file (it does not begin with PAR1).", "Check that the right file was exported."
        )
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if (
        start.startswith(b"<?xml")
        or (extension == "xml" and data[:2] in (b"\xff\xfe", b"\xfe\xff"))
        or (extension == "xml" and start.startswith(b"<"))
    ):
        refuse_binary(data, name)
        return Document(name=name, shape="xml", content=parse_xml(data, name), extension="xml")
    text, notes = decoded(data, name)
    if extension == "xml":
        raise WorkbenchError(
            f"{name}: this is not XML (it starts with {text[:40]!r}).", "Check that the right file was exported."
        )
    if extension in _JSON or looks_like_json(text):
        records, found = parse_records(text, name)
        return Document(
            name=name,
            shape="records",
            content=records,
            extension=extension if extension in _JSON else "json",
            findings=(*notes, *found),
        )
    frame, found = parse_table(text, name, extension)
    return Document(
        name=name,
        shape="table",
        content=frame,
        extension=extension if extension in ("csv", "tsv") else "csv",
        findings=(*notes, *found),
    )
