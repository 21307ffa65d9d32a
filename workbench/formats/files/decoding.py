"""Bytes to text: refuses what is no text, recognises the encoding, and says what it had to assume."""

from __future__ import annotations

import codecs
import re

from workbench.errors import WorkbenchError
from workbench.findings import Finding, finding

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an Office file"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x80\x04\x95", "a Python pickle"),
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_REMEDY = "Export as CSV, JSON, JSON lines or Parquet, in UTF-8."


def refuse_binary(data: bytes, name: str) -> None:
    """Raises WorkbenchError where the first bytes are those of a program, an image, an Office file or another thing
    that is no text.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic) and not (magic == b"MZ" and _is_plain(data)):
            raise WorkbenchError(f"{name} is {what}, not an export.", _REMEDY)
    start = data[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise WorkbenchError(f"{name} is a web page, not an export.", "Download the export again, signed in.")


def _is_plain(data: bytes) -> bool:
    """Two letters alone make no program: a column may be called MZ."""
    head = data[:4096]
    return b"\0" not in head and not re.search(rb"[\x01-\x08\x0e-\x1a\x7f]", head)


def decoded(data: bytes, name: str) -> tuple[str, tuple[Finding, ...]]:
    """The text of a file, and what had to be assumed to read it.

    UTF-8 with or without byte order mark, UTF-16 and UTF-32 with one, UTF-16 without (recognised by its zero bytes),
    GB18030 where that makes Chinese, else Windows-1252, either with a finding. A few bad bytes in a file that is
    otherwise clearly UTF-8 become U+FFFD, counted.

    Raises
    ------
    WorkbenchError
        It is no text, or ends in the middle of a character.
    """
    refuse_binary(data, name)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _wide(data, encoding, name), ()
    if b"\0" in data:
        return _zero_bytes(data, name)
    try:
        return str(data, "utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end >= len(data):
            raise WorkbenchError(
                f"{name}: the file ends in the middle of a character.", "It was cut short: export or copy it again."
            ) from error
        where = data.count(b"\n", 0, error.start) + 1
    tolerant = str(data, "utf-8-sig", "replace")
    bad, wide = tolerant.count("\ufffd"), len(re.findall(r"[^\x00-\x7f\ufffd]", tolerant[: 1 << 20]))
    if wide > 4 * bad:
        note = finding(
            "warning",
            "bad-bytes",
            f"{name}: {bad:,} bytes are not valid UTF-8 and show as \ufffd, the first in line {where:,}.",
            "Export the file again in UTF-8.",
            [f"{name}:{where}"],
            bad,
        )
        return tolerant, (note,)
    if (chinese := _chinese(data)) is not None:
        note = finding(
            "warning",
            "encoding-assumed",
            f"{name}: line {where:,} is not valid UTF-8, so the file was read as GB18030, Chinese it seems.",
            "Check the texts, or export in UTF-8.",
            [f"{name}:{where}"],
        )
        return chinese, (note,)
    try:
        text = str(data, "cp1252")
    except UnicodeDecodeError as error:
        raise WorkbenchError(f"{name} line {where:,}: the text is neither UTF-8 nor Windows-1252.", _REMEDY) from error
    if len(re.findall(r"[\x01-\x08\x0e-\x1a]", text[:8192])) > 8:
        raise WorkbenchError(f"{name} is a binary file, not an export.", _REMEDY)
    note = finding(
        "warning",
        "encoding-assumed",
        f"{name}: line {where:,} is not valid UTF-8, so the file was read as Windows-1252.",
        "Check accents and quotation marks, or export in UTF-8.",
        [f"{name}:{where}"],
    )
    return text, (note,)


def _chinese(data: bytes) -> str | None:
    """The text as GB18030, where nearly all that is not ASCII is Chinese then; accents of Windows-1252 stand alone
    between letters, and make no sentences of ideographs.
    """
    try:
        text = str(data, "gb18030")
    except UnicodeDecodeError:
        return None
    head = text[: 1 << 20]
    foreign = re.findall(r"[^\x00-\x7f]", head)
    in_words = "".join(re.findall(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2018-\u201d]{2,}", head))
    return text if len(in_words) > 0.8 * len(foreign) else None


def _wide(data: bytes, encoding: str, name: str) -> str:
    try:
        return str(data, encoding)
    except UnicodeDecodeError as error:
        raise WorkbenchError(
            f"{name}: the file begins as {encoding.upper()} but byte {error.start:,} is not ({error.reason}).",
            "It was cut short or mixed: export it again in UTF-8.",
        ) from error


def _zero_bytes(data: bytes, name: str) -> tuple[str, tuple[Finding, ...]]:
    """UTF-16 without its mark has a zero in every other byte of plain text; anything else with zeros is no text."""
    head = data[:4096][: len(data) // 2 * 2]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(data) % 2 == 0 and len(head) >= 8 and max(even, odd) > 0.4 * (len(head) // 2) and min(even, odd) == 0:
        encoding = "utf-16-le" if odd else "utf-16-be"
        note = finding(
            "warning",
            "encoding-assumed",
            f"{name}: read as UTF-16 without a byte order mark.",
            "Check the texts, or export in UTF-8.",
        )
        return _wide(data, encoding, name), (note,)
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    raise WorkbenchError(f"{name} line {line:,}: there are zero bytes in the file, so it is no text.", _REMEDY)
