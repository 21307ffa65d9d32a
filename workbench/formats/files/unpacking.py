"""Gzip and zip without trusting them: what comes out is counted as it comes, and a bomb is stopped before it fills
memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding
from workbench.formats.files.paths import is_data_file, is_hidden, is_outside, left_alone

UNPACKED_LIMIT = 4 << 30
"""Bytes that one file or archive may hold once unpacked."""
RATIO_LIMIT = 200
"""Times larger than packed that a file may be; real exports reach 10 to 50, a bomb 1,000."""
RATIO_FROM = 16 << 20
"""Bytes unpacked before the ratio is looked at: small files may pack very well."""
MEMBER_LIMIT = 10_000
"""Files that one archive may hold."""

_CHUNK = 1 << 20


def gunzip(data: bytes, name: str) -> bytes:
    """The content of a gzip file.

    Raises
    ------
    WorkbenchError
        It is damaged, cut short, or grows beyond the limits.
    """
    parts: list[bytes] = []
    total = 0
    rest = data
    try:
        while rest:
            machine = zlib.decompressobj(wbits=31)
            while not machine.eof:
                piece = machine.decompress(rest, _CHUNK)
                rest = machine.unconsumed_tail or (machine.unused_data if machine.eof else b"")
                total += len(piece)
                _refuse_bomb(total, len(data), name)
                parts.append(piece)
                if not piece and not machine.eof and not rest:
                    raise WorkbenchError(f"{name}: the compressed file ends too early.", "Download or copy it again.")
            rest = rest.lstrip(b"\0")
    except zlib.error as error:
        raise WorkbenchError(
            f"{name}: the compressed file is damaged ({error}).", "Download or copy it again."
        ) from error
    return b"".join(parts)


@dataclass(frozen=True)
class Unpacked:
    """What an archive holds.

    Attributes
    ----------
    members : name and content of each data file, in the archive's order, unpacked as they are asked for.
    findings : what is in it and is not opened.
    """

    members: Iterator[tuple[str, bytes]]
    findings: tuple[Finding, ...] = ()


def unzip(data: bytes, name: str, also: Sequence[str] = ()) -> Unpacked:
    """The data files of an archive.

    Parameters
    ----------
    also : endings of files that are wanted besides exports, such as `.npy`.

    Raises
    ------
    WorkbenchError
        The archive is damaged, locked, holds no data file, another archive, or grows beyond the limits; some of it only
        when the members are asked for.
    """
    with _damage(name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > MEMBER_LIMIT:
        raise WorkbenchError(
            f"{name}: the archive holds {len(members):,} files, more than {MEMBER_LIMIT:,}.",
            "Unpack it and open the folder's exports in parts.",
        )
    wanted = [
        m
        for m in members
        if (is_data_file(m.filename) or m.filename.endswith(tuple(also)))
        and not is_hidden(m.filename)
        and not is_outside(m.filename)
    ]
    if not wanted:
        raise WorkbenchError(
            f"{name}: no export in this archive ({first_five(m.filename for m in members) or 'it is empty'}).",
            "Pack CSV, JSON, Parquet or XML files.",
        )
    packed_again = next((m.filename for m in wanted if m.filename.lower().endswith(".zip")), None)
    if packed_again is not None:
        raise WorkbenchError(f"{name}: {packed_again} is an archive inside the archive.", "Unpack the outer one first.")
    left = [m.filename for m in members if m not in wanted and not m.filename.startswith("__MACOSX/")]
    return Unpacked(_contents(data, name, wanted), left_alone(name, left))


def _contents(data: bytes, name: str, wanted: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    total = 0
    with _damage(name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in wanted:
            content = _member(archive, member, name, total, len(data))
            total += len(content)
            yield member.filename, content


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """What a library says of a bad archive, as an error for the person who opened it."""
    try:
        yield
    except WorkbenchError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise WorkbenchError(f"{name}: the archive is damaged ({error}).", "Download or copy it again.") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, or an unknown compression
        raise WorkbenchError(
            f"{name}: the archive cannot be unpacked ({error}).",
            "Pack it again without a password, with ordinary compression.",
        ) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, before: int, packed: int) -> bytes:
    """One file of the archive, read in pieces: the sizes an archive claims are not to be believed."""
    parts: list[bytes] = []
    total = before
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            total += len(piece)
            _refuse_bomb(total, packed, f"{name}/{member.filename}")
            parts.append(piece)
    return b"".join(parts)


def _refuse_bomb(unpacked: int, packed: int, name: str) -> None:
    if unpacked > UNPACKED_LIMIT:
        raise WorkbenchError(
            f"{name}: unpacked it is larger than {UNPACKED_LIMIT >> 30} GiB.", "Open it in parts, or as Parquet."
        )
    if unpacked > RATIO_FROM and unpacked > RATIO_LIMIT * max(packed, 1):
        raise WorkbenchError(
            f"{name}: it unpacks to more than {RATIO_LIMIT} times its size, as a zip bomb does.",
            "If it is a real export, unpack it yourself and open the file.",
        )
