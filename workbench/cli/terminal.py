r"""What reaches a terminal: never a control character of the data, never a character it cannot show.

Labels, ids and column names come from foreign files. Printed as they are, an escape sequence in one of them moves the
cursor, paints over what was said or sets the title of the window. Every command writes through these streams, which
show such characters as escapes (`\u001b`); JSON stays the same JSON, since it knows the same escapes.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from workbench.progress import Step, Watch

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters but tab and line feed, those that turn the direction of writing, and halves of characters."""


def printable(text: str) -> str:
    r"""A text whose control characters are written out.

    >>> printable("red \x1b[31m, bell \x07, tab\t")
    'red \\u001b[31m, bell \\u0007, tab\t'
    """
    return _CONTROLS.sub(lambda found: _escaped(found[0]), text)


def in_encoding(text: str, encoding: str) -> str:
    r"""A text in which what an encoding has no sign for is written out.

    >>> in_encoding("α = 0.4, 😀", "ascii")
    '\\u03b1 = 0.4, \\ud83d\\ude00'
    """
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "".join(c if _encodes(c, encoding) else _escaped(c) for c in text)
    return text


@contextmanager
def plain_streams() -> Iterator[None]:
    """Standard output and standard error write nothing but what a terminal shows, for as long as the block runs."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast("TextIO", _Plain(out)), cast("TextIO", _Plain(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def rewrite_line(text: str, stream: TextIO | None = None) -> None:
    """Writes a line of progress in place of the last one, on a terminal."""
    stream = stream or sys.stderr
    raw = getattr(stream, "raw_stream", stream)
    raw.write("\r\x1b[K" + in_encoding(printable(text.replace("\n", " ")), raw.encoding or "utf-8"))
    raw.flush()


def watch_lines() -> Watch:
    """Tells on standard error how far it is, a plain line every two seconds; what takes less says nothing."""
    last = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal last
        if time.monotonic() - last >= 2.0:
            last = time.monotonic()
            print(f"{step.doing}: {step.done:,}{f' of {step.of:,}' if step.of else ''}", file=sys.stderr)

    return Watch(tell)


class _Plain:
    """A text stream in front of another."""

    def __init__(self, stream: TextIO) -> None:
        self.raw_stream = stream

    def write(self, text: str) -> int:
        encoding = getattr(self.raw_stream, "encoding", None) or "utf-8"
        self.raw_stream.write(in_encoding(printable(text), encoding))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw_stream, name)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return character.isascii()
    return True
